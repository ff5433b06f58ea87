"""What a look at a large move needs and found: the units above on both sides, their figures, the edges it was found under."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from weineng.insight.models import MoveLook
from weineng.kernel.actors import Actor
from weineng.organisations.models import LEVELS, Closure, Edge, Unit
from weineng.organisations.reach import units_within
from weineng.programmes.models import Programme
from weineng.progress.permissions import VIEW
from weineng.progress.queries import figures_of

Told = list[list[Any]]  # [programme, day, unit, people, participants, passed]


class UnitFigures(NamedTuple):
    """How many people a unit has in a programme, how many of them have begun and finished."""

    people: int
    participants: int
    passed: int


@dataclass(frozen=True)
class MoveRow:
    """Figures of a unit that would be others."""

    title: Mapping[str, str]
    on: str
    unit: str
    before: UnitFigures
    after: UnitFigures


def units_of_move(by: Actor, row: MoveLook, days: Collection[date]) -> set[int]:
    """The units above the one that is moved and above where it goes, on these days, as far as one may see their figures."""
    found: set[int] = set()
    for day in days:
        above = Closure.objects.filter(unit__in=(row.unit_id, row.to_id), during__contains=day).exclude(
            ancestor=row.unit_id
        )
        seen = units_within(by, VIEW, day).filter(pk__in=above.values("ancestor"))
        found |= set(seen.values_list("pk", flat=True))
    return found


def figures_told(units: Collection[int], days: Collection[date]) -> Told:
    """The figures of these units on these days in every programme that has started."""
    programmes = Programme.objects.filter(started_on__isnull=False).order_by("pk").values_list("pk", flat=True)
    return [
        [programme, str(day), unit, figures.people, figures.participants, figures.passed]
        for programme in list(programmes)
        for day in days
        for unit, figures in (figures_of(programme, units, day) if units else {}).items()
    ]


def edges_of(unit: int) -> list[list[Any]]:
    """Under whom a unit stood and stands, comparable."""
    rows = Edge.objects.filter(child=unit, kind="line").order_by("pk").values_list("pk", "parent", "during")
    return [[pk, parent, str(during)] for pk, parent, during in rows]


def rows_told(row: MoveLook) -> list[MoveRow]:
    """What a look found to be other, programme by programme, the latest day first, from the top of the tree down."""
    before = {tuple(told[:3]): UnitFigures(*told[3:]) for told in row.found["before"]}
    after = {tuple(told[:3]): UnitFigures(*told[3:]) for told in row.found["after"]}
    other = [key for key, figures in after.items() if before.get(key, figures) != figures]
    units = Unit.objects.in_bulk({unit for _programme, _on, unit in other})
    titles = dict(Programme.objects.order_by("pk").values_list("pk", "title"))
    other.sort(
        key=lambda key: (key[0], -date.fromisoformat(key[1]).toordinal(), LEVELS.index(units[key[2]].level), key[2])
    )
    return [MoveRow(titles[key[0]], key[1], units[key[2]].name, before[key], after[key]) for key in other]
