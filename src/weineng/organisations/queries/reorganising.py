"""What a merge or split carries along, and which of them a unit has behind it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from weineng.kernel.actors import Actor
from weineng.organisations.models import Edge, Posting, Reorganisation, Unit, UnitFlag
from weineng.organisations.permissions import EDIT_UNITS, VIEW_UNIT
from weineng.organisations.queries.tree import children_of, still_open
from weineng.organisations.reach import lasting, require_unit


def flags_of(unit: int, on: date) -> list[str]:
    """The flags a unit bore on a date."""
    rows = UnitFlag.objects.filter(unit=unit, during__contains=on).order_by("flag")
    return sorted(set(rows.values_list("flag", flat=True)))


def groups_going(unit: int, on: date) -> list[int]:
    """The groups that stand below a unit on a date or come to stand there later."""
    below = Edge.objects.filter(lasting(on), parent=unit, kind="line").values("child")
    rows = Unit.objects.filter(still_open(on), pk__in=below, level="group").order_by("place", "name", "pk")
    return list(rows.values_list("pk", flat=True))


def units_joined(row: Unit, kept: Unit, on: date) -> dict[int, int]:
    """The groups of `row` that would be joined with one of `kept`, since that has their name: group → group. One that from the
    day on also stands somewhere else is not: its people are at that school then."""
    named = children_of(kept.pk, on).filter(closed_on__isnull=True, level="group")
    there = dict(named.exclude(_elsewhere(kept, on)).values_list("name", "pk"))
    going = Unit.objects.filter(pk__in=groups_going(row.pk, on)).exclude(_elsewhere(row, on)).order_by("pk")
    return {pk: there[name] for pk, name in going.values_list("pk", "name") if name in there}


def _elsewhere(row: Unit, on: date) -> Q:
    return Q(pk__in=Edge.objects.filter(lasting(on), kind="line").exclude(parent=row).values("child"))


@dataclass(frozen=True)
class Going:
    """What goes along: groups as they are, groups that are joined with another (old, new), people with a post there from that day
    on; `staying`: of how many people the posts stay."""

    groups: tuple[Unit, ...]
    joined: tuple[tuple[Unit, Unit], ...]
    people: int
    staying: int


def preview_merge(*, by: Actor, unit: int, into: int, on: date) -> Going:
    """What a merge dated `on` would carry along; `not-found` out of reach."""
    row, kept = require_unit(by, EDIT_UNITS, unit), require_unit(by, EDIT_UNITS, into)
    pairs = units_joined(row, kept, on) if row.level == "school" else {}
    going = groups_going(row.pk, on)
    units = Unit.objects.in_bulk({*going, *pairs.values()})
    return Going(
        tuple(units[pk] for pk in going if pk not in pairs),
        tuple((units[old], units[new]) for old, new in pairs.items()),
        posted(row.pk, on).values("person").distinct().count(),
        0,
    )


def preview_split(*, by: Actor, unit: int, groups: Collection[int], people: Collection[int], on: date) -> Going:
    """What a split dated `on` would carry along; `not-found` out of reach."""
    row = require_unit(by, EDIT_UNITS, unit)
    here = posted(row.pk, on)
    going = here.filter(Q(unit__in=groups) | Q(person__in=people)).values("person").distinct().count()
    units = Unit.objects.in_bulk(groups)
    return Going(tuple(units[pk] for pk in groups), (), going, here.values("person").distinct().count() - going)


def posted(unit: int, on: date) -> QuerySet[Posting]:
    """The posts at a school or group on a date and later."""
    return Posting.objects.filter(Q(unit=unit) | Q(school=unit), lasting(on))


def reorganisations_of(by: Actor, unit: int) -> list[Reorganisation]:
    """The merges and splits of a unit within reach, newest first, those taken back too; refuses `not-found`."""
    require_unit(by, VIEW_UNIT, unit)
    rows = Reorganisation.objects.filter(Q(unit=unit) | Q(other=unit)).select_related("unit", "other")
    return list(rows.order_by("-pk"))
