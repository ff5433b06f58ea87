"""What would follow from an act, exactly: it is done with everything the platform does after it, looked at, and taken back."""

from collections.abc import Callable
from datetime import date

from weineng.accounts.actions import join_accounts
from weineng.assessment.actions import release_reviews
from weineng.evidence.actions import place_submissions
from weineng.insight.queries import Following, difference, picture_of, units_above
from weineng.kernel.actors import Actor, platform
from weineng.kernel.clock import today
from weineng.learning.actions import place_records
from weineng.organisations.queries import Concerned, concerned_after, last_change
from weineng.programmes.actions import take_changes
from weineng.programmes.models import Enrolment
from weineng.progress.actions import recount_these
from weineng.web.shell.trial import trial

MOST = 300  # people counted anew for a look: the recount of everybody else waits meanwhile


def what_follows(by: Actor, act: Callable[[], object], *, on: date | None = None) -> Following:
    """What `act` would bring about for facts, figures, certificates, accounts and reviews; its refusals come through.

    `on`: a past day whose figures are compared besides those of today. What waits to be counted is counted in both
    pictures, so that the act alone makes the difference. Nothing is kept.
    """
    mark, days = last_change(), sorted({today(), *([on] if on is not None and on < today() else [])})
    with trial():
        with trial():
            act()
            concerned = concerned_after(mark)
            units = units_above(by, concerned.people, days)
        units |= units_above(by, concerned.people, days)
        whole = len(concerned.people) <= MOST
        looked_at = concerned.people if whole else frozenset[int]()
        _settle(concerned, whole=whole)
        before = picture_of(by, looked_at, days=days, units=units)
        act()
        _settle(concerned_after(mark, concerned.people), whole=whole)
        after = picture_of(by, looked_at, days=days, units=units)
        return difference(before, after, people=len(concerned.people), whole=whole)


def _settle(concerned: Concerned, *, whole: bool) -> None:
    """What the worker does after a change, for these people only."""
    if not whole:
        return
    me = platform("trial")
    take_changes(by=me, concerning=concerned)
    place_records(by=me, concerning=concerned)
    place_submissions(by=me, concerning=concerned)
    release_reviews(by=me)
    join_accounts(by=me)
    enrolments = Enrolment.objects.filter(person__in=concerned.people).order_by("pk")
    recount_these(by=me, enrolments=list(enrolments.values_list("pk", flat=True)))
