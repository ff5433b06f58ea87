"""Where units stand on a day: children, paths, schools, names and flags of then."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.db.models import Q, QuerySet

from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.composed import Composed
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import Closure, Edge, Posting, Unit, UnitFlag, UnitName
from weineng.organisations.permissions import EDIT_UNITS
from weineng.organisations.reach import lasting, people_below, require_unit

MANY_UNITS = 3_000  # a county has some 1,000 with its groups


def still_open(on: date) -> Q:
    """The condition that a unit is not closed on a date."""
    return Q(closed_on__isnull=True) | Q(closed_on__gt=on)


def children_of(unit: int, on: date | None = None, *, closed: bool = False) -> QuerySet[Unit]:
    """The units directly below `unit` on a date (default: today), in staff order; those closed by then only if asked for."""
    when = on or today()
    below = Edge.objects.filter(parent=unit, kind="line", during__contains=when).values("child")
    rows = Unit.objects.filter(pk__in=below)
    return (rows if closed else rows.filter(still_open(when))).order_by("place", "name", "pk")


def first_below(unit: int, most: int, on: date | None = None) -> list[Unit]:
    """The first `most` of `children_of`: those beside whom a page stands."""
    return _first_below(most).rows(unit, on or today())


@cache
def _first_below(most: int) -> Composed[Unit]:
    return Composed(lambda unit, on: children_of(unit, on)[:most], int, date)


def are_many_below(nodes: Collection[int], on: date | None = None) -> bool:
    """Whether so many units lie at or below these that nobody reads a list of all their people: somebody is looked for in it, or one
    looks further down."""
    below = Closure.objects.filter(ancestor__in=nodes, during__contains=on or today()).order_by()
    return len(below.values("pk")[: MANY_UNITS + 1]) > MANY_UNITS


def parents_of(units: Iterable[int], on: date | None = None) -> dict[int, int]:
    """The unit directly above each of these on a date (default: today); roots are missing."""
    edges = Edge.objects.filter(child__in=list(units), kind="line", during__contains=on or today())
    return dict(edges.order_by("child").values_list("child", "parent"))


def path_of(unit: int, on: date | None = None) -> list[Unit]:
    """From the root to the unit itself on a date (default: today): the breadcrumb."""
    return [row.ancestor for row in _ABOVE.rows(unit, on or today())]


def _above(unit: int, on: date) -> QuerySet[Closure]:
    rows = Closure.objects.filter(unit=unit, during__contains=on).order_by("-depth")
    return rows.select_related("ancestor")


_ABOVE = Composed(_above, int, date)  # every page of a unit asks


def school_of(unit: int, on: date | None = None) -> Unit:
    """The school (or office) a unit belongs to on a date: the nearest at or above it that is no group."""
    rows = Closure.objects.filter(unit=unit, during__contains=on or today()).exclude(ancestor__level="group")
    row = rows.order_by("depth").select_related("ancestor").first()
    if row is None:
        raise NotFound("organisations.unit")
    return row.ancestor


def has_flag(unit: int, flag: str, on: date) -> bool:
    """Whether a unit bore a flag on a date (rules ask as of the day something was approved)."""
    return UnitFlag.objects.filter(unit=unit, flag=flag, during__contains=on).exists()


def name_at(unit: int, on: date) -> str:
    """What a unit was called on a date; its present name where no older one is known."""
    row = UnitName.objects.filter(unit=unit, during__contains=on).values_list("name", flat=True).first()
    return row or Unit.objects.values_list("name", flat=True).get(pk=unit)


@dataclass(frozen=True)
class MovePreview:
    """What a move would concern: units that go along, people counted there now, people ever posted there since the day."""

    units: int
    people: int
    people_since: int


def preview_move(*, by: Actor, unit: int, on: date) -> MovePreview:
    """How much a move of `unit` dated `on` would carry: shown before it is done. `not-found` out of reach."""
    require_unit(by, EDIT_UNITS, unit)
    below = Closure.objects.filter(lasting(on), ancestor=unit).values("unit").distinct()
    since_then = Posting.objects.filter(lasting(on), unit__in=below)
    return MovePreview(
        units=below.count() - 1,
        people=people_below({unit}).distinct().count(),
        people_since=since_then.values("person").distinct().count(),
    )
