"""What would follow from an act, exactly: it is done with everything the platform does after it, looked at, and taken back."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import OperationalError, connection, transaction

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
from weineng.web.shell.trial import busy, trial

MOST = 300  # people counted anew for a look: the recount of everybody else waits meanwhile
BEGINNINGS = 3  # of a look that others overtook
OVERTAKEN = ("40001", "40P01")  # SQLSTATEs: changed after the snapshot, a deadlock


def what_follows(by: Actor, act: Callable[[], object], *, on: date | None = None) -> Following:
    """What `act` would bring about for facts, figures, certificates, accounts and reviews; its refusals come through.

    `on`: a day whose figures are compared besides those of today; one to come as people stand today. What waits to be counted is
    counted in both pictures, so that the act alone makes the difference: outside a transaction, both are of one instant,
    whatever others do meanwhile. Nothing is kept. Refuses `busy` where others hold for seconds what has to be looked at.
    """
    if connection.in_atomic_block:
        with trial():
            return _look(by, act, {today(), on or today()})
    for _time in range(BEGINNINGS):
        with _overtaken(), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read")
            with trial():
                return _look(by, act, {today(), on or today()})
    raise busy()


@contextmanager
def _overtaken() -> Iterator[None]:
    """Others changed meanwhile what the snapshot shows, or each waited for the other: nothing was done, one can begin again."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") not in OVERTAKEN:
            raise


def _look(by: Actor, act: Callable[[], object], on: Collection[date]) -> Following:
    mark, days = last_change(), sorted(on)
    with trial():
        act()
        concerned = concerned_after(mark)
        units = units_above(by, concerned.people, days)
    units |= units_above(by, concerned.people, days)
    whole = len(concerned.people) <= MOST
    looked_at = concerned.people if whole else frozenset[int]()
    _settle(concerned, whole=whole)
    before = picture_of(by, looked_at, days=days, units=units, counted=whole)
    act()
    _settle(concerned_after(mark, concerned.people), whole=whole)
    after = picture_of(by, looked_at, days=days, units=units, counted=whole)
    ahead = max(days) if max(days) > today() else None
    return difference(before, after, people=len(concerned.people), whole=whole, ahead=ahead)


def _settle(concerned: Concerned, *, whole: bool) -> None:
    """What the worker does after a change, for these people only."""
    if not whole:
        return
    me = platform("trial")
    take_changes(by=me, concerning=concerned)
    place_records(by=me, concerning=concerned)
    place_submissions(by=me, concerning=concerned)
    release_reviews(by=me, concerning=concerned)
    join_accounts(by=me, concerning=concerned)
    enrolments = Enrolment.objects.filter(person__in=concerned.people).order_by("pk")
    recount_these(by=me, enrolments=list(enrolments.values_list("pk", flat=True)))
