"""Whom and what a change of the tree or of posts concerns, before the modules above have followed it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Max

from weineng.organisations.models import Change, Closure, Person, Posting
from weineng.organisations.reach import same_people


@dataclass(frozen=True)
class Concerned:
    """Ids of people (every record of theirs) and of units about which something changed."""

    people: frozenset[int]
    units: frozenset[int]


def last_change() -> int:
    """The number of the last change noted; what is noted from now on has a greater one."""
    return Change.objects.aggregate(last=Max("pk"))["last"] or 0


def concerned_after(mark: int, people: Collection[int] = ()) -> Concerned:
    """Whom the changes after `mark` are about: the people named (with `people` besides), those who ever had a post at or
    below a unit named; and these units."""
    rows = list(Change.objects.filter(pk__gt=mark).values_list("person", "unit"))
    units = {unit for _person, unit in rows if unit is not None}
    below = Closure.objects.filter(ancestor__in=units).values("unit")
    posted = Posting.objects.filter(unit__in=below).values_list("person", flat=True) if units else ()
    named = {*people, *(person for person, _unit in rows if person is not None), *posted}
    current = Person.objects.filter(pk__in=named, merged_into__isnull=False).values_list("merged_into", flat=True)
    everybody = same_people({*named, *current}).values_list("pk", flat=True)
    return Concerned(frozenset(named) | frozenset(everybody), frozenset(units))
