"""What would follow from an act, exactly: it is done with everything the platform does after it, looked at, and taken back."""

from collections.abc import Callable, Collection
from datetime import date
from time import sleep

from django.db import IntegrityError, OperationalError, connection, transaction

from weineng.accounts.actions import join_accounts
from weineng.assessment.actions import release_reviews
from weineng.evidence.actions import place_submissions
from weineng.insight.queries import Following, difference, picture_of, units_above
from weineng.kernel.actors import Actor, platform
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.kernel.turns import out_of_turn
from weineng.learning.actions import place_records
from weineng.organisations.queries import Concerned, concerned_after, last_change
from weineng.planning.actions import follow_plans
from weineng.programmes.actions import follow_reorganisations, take_changes
from weineng.programmes.models import Enrolment
from weineng.progress.actions import recount_these
from weineng.web.shell.trial import BUSY, PATIENCE, busy, trial

MOST = 300  # people counted anew for a look: who changes one of them waits meanwhile
BEGINNINGS = 8  # of a look that others overtook, or whose rows they held
BRIEFLY = (
    "50ms"  # that a look waits while it holds rows; well below the second after which a deadlock ends somebody's act
)
PAUSE = 0.3  # seconds between two beginnings, in which it holds nothing
OVERTAKEN = ("40001", "40P01", "23505", "23P01")  # SQLSTATEs: changed after the snapshot, a deadlock, entered after it


def what_follows(by: Actor, act: Callable[[], object], *, on: date | None = None) -> Following:
    """What `act` would bring about for facts, figures, certificates, accounts and reviews; its refusals come through.

    `on`: a day whose figures are compared besides those of today; one to come as people stand today. What waits to be counted is
    counted in both pictures, so that the act alone makes the difference: outside a transaction, both are of one instant,
    whatever others do meanwhile, and nobody waits for it who does not need the same people's rows. Nothing is kept. Refuses
    `busy` where others hold for seconds what has to be looked at.
    """
    days = {today(), on or today()}
    if connection.in_atomic_block:
        with trial():
            return _look(by, act, days, PATIENCE)
    for beginning in range(BEGINNINGS):
        try:
            return _at_one_instant(by, act, days)
        except (OperationalError, IntegrityError, Refused) as error:
            again = isinstance(error, OperationalError) or beginning + 1 < BEGINNINGS
            if not (again and _overtaken(error)):
                raise
        sleep(PAUSE)
    raise busy()


def _at_one_instant(by: Actor, act: Callable[[], object], days: Collection[date]) -> Following:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read")
        out_of_turn()
        with trial(BRIEFLY):
            return _look(by, act, days, BRIEFLY)


def _overtaken(error: Exception) -> bool:
    """Whether others changed meanwhile what the snapshot shows, or hold it: nothing was done, one can begin again."""
    if isinstance(error, Refused):
        return error.code == BUSY
    return getattr(error.__cause__, "sqlstate", "") in OVERTAKEN


def _look(by: Actor, act: Callable[[], object], on: Collection[date], patience: str) -> Following:
    mark, days = last_change(), sorted(on)
    with trial(patience):
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
    follow_reorganisations(by=me)
    take_changes(by=me, concerning=concerned)
    follow_plans(by=me)
    place_records(by=me, concerning=concerned)
    place_submissions(by=me, concerning=concerned)
    release_reviews(by=me, concerning=concerned)
    join_accounts(by=me, concerning=concerned)
    enrolments = Enrolment.objects.filter(person__in=concerned.people).order_by("pk")
    recount_these(by=me, enrolments=list(enrolments.values_list("pk", flat=True)))
