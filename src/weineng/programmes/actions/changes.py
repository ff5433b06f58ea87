"""Follow the roster: what changed about people and units becomes touches, newcomers are enrolled, leavers leave."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.organisations.effects import read_changes
from weineng.organisations.models import Change, Closure, Person, Posting
from weineng.organisations.queries import Concerned
from weineng.organisations.reach import same_people
from weineng.programmes.actions._membership import bring_all_back, enrol_all, let_all_leave, not_before
from weineng.programmes.effects import touch
from weineng.programmes.models import EnrolledSchool, Enrolment, Programme
from weineng.programmes.queries import document_in_force, eligible_posts
from weineng.programmes.rules import AUTOMATIC_LEAVES, SCHOOL_WITHDRAWN

AT_ONCE = 5_000  # changes taken in one transaction
UNITS_AT_ONCE = 20  # changed units asked for in one query
OWN_ACT = 20  # so few people are a person's own act and go first; more is bulk


@transaction.atomic
def take_changes(*, by: Actor, concerning: Concerned | None = None) -> int:
    """Take what the tree and the roster noted since the last time; returns how many changes were taken. `concerning`: only
    what is about these.

    Every enrolment concerned is touched. In programmes that run, people who joined a school whose list follows the
    roster are enrolled, and those whose last home posting is retired, seconded out or outside the programme's units
    leave from its first day; where that is no longer so, they are back. A person without a posting stays (unplaced), a
    school that moves to another district stays with its people: both are for an office to decide.
    """
    changes = read_changes(reader="programmes", most=AT_ONCE, concerning=concerning)
    if not changes:
        return 0
    people = _current({c.person_id for c in changes if c.person_id is not None})
    concerned = set(Enrolment.objects.filter(person__in=same_people(people)).values_list("pk", flat=True))
    units = [change for change in changes if change.unit_id is not None]
    for start in range(0, len(units), UNITS_AT_ONCE):
        rows = Enrolment.objects.filter(_of_units(units[start : start + UNITS_AT_ONCE]))
        concerned.update(rows.values_list("pk", flat=True))
    touch(enrolments=sorted(concerned), lane=0 if len(concerned) <= OWN_ACT else 1)
    for programme in _running() if people else ():
        joined, left, back = _follow(by, programme, people)
        if joined or left or back:
            facts = {"joined": joined, "left": left, "back": back}
            record(by=by, verb="programmes.follow_roster", thing=programme, unit=programme.owner_id, facts=facts)
    return len(changes)


def _current(people: Iterable[int]) -> list[int]:
    rows = Person.objects.filter(pk__in=people).annotate(current=Coalesce("merged_into", "id"))
    return list(rows.values_list("current", flat=True).distinct().order_by("current"))


def _of_units(changes: Sequence[Change]) -> Q:
    """The enrolments of people who stood at or below a changed unit on one of the dates that changed, and of those whose home
    post there had ended: they are counted where it was, or above it once it is closed."""
    concerned = Q(pk__in=[])
    for change in changes:
        when = {"during__overlap": change.during} if change.during is not None else {}
        below = Closure.objects.filter(ancestor=change.unit_id, **when).values("unit")
        ended = Q(home=True, during__endswith__isnull=False)
        posts = Posting.objects.filter(ended | Q(**when), unit__in=below).values("person")
        concerned |= Q(person__in=same_people(posts)) | Q(host__in=below)
    return concerned


def _running() -> QuerySet[Programme]:
    rows = Programme.objects.filter(owner__isnull=False, started_on__isnull=False, closed_on__isnull=True)
    return rows.order_by("pk").select_for_update(of=("self",))


def _follow(by: Actor, programme: Programme, people: Sequence[int]) -> tuple[int, int, int]:
    """(joined, left, back): numbers of people."""
    document = document_in_force(programme.pk)
    following = EnrolledSchool.objects.filter(programme=programme, until__isnull=True, people_since__isnull=False)
    posts = eligible_posts(programme, document).filter(person__in=people, school__in=following.values("unit"))
    staying = posts.filter(Q(during__endswith__isnull=True) | Q(during__endswith__gt=today())).order_by("during")
    new = enrol_all(by, programme, staying, not_before(Value(programme.started_on)))
    leaving, back = [], []
    for row in _with_last_post(programme, people):
        wanted = _wanted(row, document.scope.in_post)
        if wanted == ((row.left_on, row.left_reason) if row.left_on else None):
            continue
        if wanted is None:
            back.append(row)
        else:
            row.left_on, row.left_reason = wanted
            leaving.append(row)
    let_all_leave(by, leaving)
    bring_all_back(by, back)
    return len(new), len(leaving), len(back)


def _with_last_post(programme: Programme, people: Sequence[int]) -> QuerySet[Enrolment]:
    """The enrolments of these people whose leaving nobody decided, with the home posting that is known last."""
    person = Coalesce(OuterRef("person__merged_into"), OuterRef("person"))
    last = Posting.objects.filter(home=True, person=person).order_by("-during")
    there = Closure.objects.filter(ancestor=programme.owner_id, unit=OuterRef("last_school"))
    by_itself = [code for code in AUTOMATIC_LEAVES if code != SCHOOL_WITHDRAWN]
    rows = Enrolment.objects.filter(Q(left_on__isnull=True) | Q(left_reason__in=by_itself), programme=programme)
    return (
        rows.filter(person__in=same_people(people))
        .annotate(
            last_from=Subquery(last.values("during__startswith")[:1]),
            last_state=Subquery(last.values("in_post")[:1]),
            last_school=Subquery(last.values("school")[:1]),
        )
        .annotate(inside=Exists(there.filter(during__contains=Coalesce(OuterRef("last_from"), Value(today())))))
        .order_by("pk")
        .select_for_update(of=("self",))
    )


def _wanted(row: Enrolment, states: tuple[str, ...]) -> tuple[date, str] | None:
    """From when and why somebody has left, by the home posting that is known last; None: takes part."""
    last_from, state = getattr(row, "last_from", None), getattr(row, "last_state", None)
    if state is None:
        return None
    day = max(last_from or row.since, row.since)
    if state not in states:
        return day, state
    return None if getattr(row, "inside", False) else (day, "moved-out")
