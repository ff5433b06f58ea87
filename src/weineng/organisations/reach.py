"""Reach decides, for one and for a set alike.

A row is fetched *through* reach (`.within`), never fetched and then checked: outside it is `not-found`. An office sees
the facts of units that stood under it at the fact's date, and the people now under it with their whole record; it may
change only what stands under it today.
"""

from datetime import date
from typing import Any, Self, TypeVar

from django.db.models import Model, OuterRef, Q, QuerySet

from weineng.kernel.actors import Actor, Permission, Reach
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import Closure, Person, Posting, Unit

M = TypeVar("M", bound=Model)


def units_below(nodes: "frozenset[int] | set[int]", on: date | None = None) -> QuerySet[Unit]:
    """The units that stand at or below `nodes` on a date (default: today)."""
    below = Closure.objects.filter(ancestor__in=nodes, during__contains=on or today())
    return Unit.objects.filter(pk__in=below.values("unit"))


def units_within(by: Actor, permission: Permission, on: date | None = None) -> QuerySet[Unit]:
    """The units in which `by` holds the permission on a date."""
    if by.system:
        return Unit.objects.all()
    return units_below(by.units(permission), on)


def people_below(nodes: "frozenset[int] | set[int]", on: date | None = None) -> QuerySet[Posting, Any]:
    """Ids of the people who have a post at or below `nodes` on a date, or had their last one there and have none now."""
    when = on or today()
    below = Closure.objects.filter(ancestor__in=nodes, during__contains=when).values("unit")
    here = Q(during__contains=when)
    unplaced = Q(during__endswith__lte=when) & ~Q(
        person__in=Posting.objects.filter(Q(during__endswith__gt=when) | Q(during__endswith__isnull=True)).values(
            "person"
        )
    )
    return Posting.objects.filter(here | unplaced, unit__in=below).values("person")


def people_within(by: Actor, permission: Permission, on: date | None = None) -> QuerySet[Person]:
    """The people whom `by` reaches with the permission: oneself (own) and those of one's units (unit)."""
    if by.system:
        return Person.objects.all()
    reached = Q(pk__in=[])
    if Reach.OWN in permission.reaches and permission.code in by.own and by.person is not None:
        reached |= Q(pk=by.person)
    if nodes := by.units(permission):
        reached |= Q(pk__in=people_below(nodes, on))
    return Person.objects.filter(reached)


def require_unit(by: Actor, permission: Permission, unit: int, on: date | None = None) -> Unit:
    """The unit, if `by` holds the permission there on that date (default: today); refuses `not-found`."""
    found = units_within(by, permission, on).filter(pk=unit).first()
    if found is None:
        raise NotFound("organisations.unit")
    return found


def require_person(by: Actor, permission: Permission, person: int) -> Person:
    """The person, if within reach today; refuses `not-found`."""
    found = people_within(by, permission).filter(pk=person).first()
    if found is None:
        raise NotFound("organisations.person")
    return found


class WithinQuerySet(QuerySet[M]):
    """A QuerySet whose rows know by which of their columns they are reached. Subclasses name the lookups."""

    person_path = ""  # to the id of the person a row is about
    unit_path = ""  # to the id of the leaf unit a fact happened in
    date_path = ""  # to the fact's civil date; '' where a row has none: today's tree
    source_path = ""  # to the code of the provider that delivered a row

    def within(self, by: Actor, permission: Permission, *, changing: bool = False) -> Self:
        """The rows that `by` reaches with `permission`; `changing` leaves out what has moved away since."""
        if by.system:
            return self
        return self.filter(self.reach(by, permission, changing=changing))

    def reach(self, by: Actor, permission: Permission, *, changing: bool = False) -> Q:
        """The condition behind `within`; subclasses add their `assigned` shape to it."""
        reached = Q(pk__in=[])
        if self.person_path and Reach.OWN in permission.reaches and permission.code in by.own and by.person is not None:
            reached |= Q(**{self.person_path: by.person})
        if nodes := by.units(permission):
            reached |= self._unit_reach(nodes, changing=changing)
        if self.source_path and Reach.SOURCE in permission.reaches and permission.code in by.source_permissions:
            reached |= Q(**{f"{self.source_path}__in": by.sources})
        return reached

    def _unit_reach(self, nodes: frozenset[int], *, changing: bool) -> Q:
        reached = Q(pk__in=[])
        if self.person_path:
            reached |= Q(**{f"{self.person_path}__in": people_below(nodes)})
        if self.unit_path:
            when: Any = OuterRef(self.date_path) if self.date_path and not changing else today()
            below = Closure.objects.filter(ancestor__in=nodes, during__contains=when)
            reached |= Q(**{f"{self.unit_path}__in": below.values("unit")})
        return reached
