"""Records that may be the same human being as another one: what speaks for it, without showing a number."""

from dataclasses import dataclass

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable

from weineng.kernel.actors import Actor
from weineng.organisations.models import Person
from weineng.organisations.permissions import MERGE_PEOPLE
from weineng.organisations.queries.people import search_people
from weineng.organisations.reach import people_below, people_within, require_person

HINTS = ("name", "sound", "birth", "phone", "mail")  # sound: written otherwise, read alike


@dataclass(frozen=True)
class Twin:
    """A record and what it has in common with the other one: codes of `HINTS`."""

    person: Person
    hints: tuple[str, ...]


def twins_of(by: Actor, person: int, text: str = "", *, most: int = 10) -> tuple[list[Twin], int]:
    """Who may be the same human being: records whose names are read alike, or with the same telephone or mail, those with most
    in common first; with `text`, those that `search_people` finds. Returns at most `most` and how many more there are.

    Only records whose merging is within reach; refuses `not-found` for a person who is not.
    """
    row = require_person(by, MERGE_PEOPLE, person)
    alike = _alike(row)
    if text:
        found = search_people(by, text, MERGE_PEOPLE)
    else:
        wanted = Q(pk__in=[])
        for hint in ("name", "sound", "phone", "mail"):
            if hint in alike:
                wanted |= alike[hint]
        found = people_within(by, MERGE_PEOPLE).filter(wanted)
    weight: Combinable = Value(0)
    for condition in alike.values():
        weight = weight + Case(When(condition, then=1), default=0, output_field=IntegerField())
    rows = found.exclude(pk=row.pk).annotate(alike=weight)
    twins = [Twin(one, hints_between(row, one)) for one in rows.order_by("-alike", "name_order", "pk")[:most]]
    return twins, max(0, rows.order_by().count() - len(twins))


def _alike(row: Person) -> dict[str, Q]:
    told = {
        "name": Q(name=row.name),
        "sound": Q(name_order=row.name_order) if row.name_order else None,
        "birth": Q(birth_date=row.birth_date) if row.birth_date else None,
        "phone": Q(phone=row.phone) if row.phone else None,
        "mail": Q(mail__iexact=row.mail) if row.mail else None,
    }
    return {hint: condition for hint, condition in told.items() if condition is not None}


def hints_between(one: Person, other: Person) -> tuple[str, ...]:
    """What two records have in common: codes of `HINTS`."""
    same = {
        "name": one.name == other.name,
        "sound": one.name != other.name and bool(one.name_order) and one.name_order == other.name_order,
        "birth": one.birth_date is not None and one.birth_date == other.birth_date,
        "phone": bool(one.phone and one.phone == other.phone),
        "mail": bool(one.mail and one.mail.lower() == other.mail.lower()),
    }
    return tuple(hint for hint in HINTS if same[hint])


def namesakes_in(unit: int) -> Q:
    """The condition on people of a unit that somebody else there bears the very same name."""
    others = Person.objects.filter(name=OuterRef("name"), name_order=OuterRef("name_order"), merged_into__isnull=True)
    return Q(Exists(others.filter(pk__in=people_below({unit})).exclude(pk=OuterRef("pk"))))
