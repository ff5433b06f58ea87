"""Who is meant by a number or a name."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from weineng.kernel.actors import Actor, Permission
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import (
    Closure,
    ExternalIdentifier,
    Person,
    Posting,
)
from weineng.organisations.permissions import VIEW_PEOPLE
from weineng.organisations.reach import people_within, same_people
from weineng.organisations.rules import MAIL_SHA1, digests_of, mask, plain_number, search_tokens

M = TypeVar("M", bound=Model)
STAFF_NUMBER = "staff-number@"  # followed by the id of the school
MOST_FOUND = 500
_MANY_DIGITS = re.compile(r"[\dXx]{5,}")


def members_of(unit: int, on: date | None = None) -> QuerySet[Person]:
    """The people who have a post (the home one or another) at or below `unit` on a date, in the order of their names."""
    when = on or today()
    below = Closure.objects.filter(ancestor=unit, during__contains=when).values("unit")
    posts = Posting.objects.filter(unit__in=below, during__contains=when).values("person")
    return Person.objects.filter(pk__in=posts).order_by("name_order", "pk")


def current_person(person: int) -> int:
    """The id under which a person is known now: follows merges, so an old id answers with the new one."""
    found = Person.objects.filter(pk=person).values_list(Coalesce("merged_into", "id"), flat=True).first()
    if found is None:
        raise NotFound("organisations.person")
    return int(found)


def in_force(people: Iterable[int]) -> Mapping[int, int]:
    """The person in force behind each id that rows may name: itself, or the record it was merged into. Whom to tell."""
    rows = Person.objects.filter(pk__in=set(people)).order_by("pk")
    return dict(rows.values_list("pk", Coalesce("merged_into", "id")))


def rows_about(model: type[M], people: Collection[int]) -> QuerySet[M]:
    """The rows whose personal values are these people's, by whichever column the model names in `whose`."""
    condition = Q(pk__in=[])
    for path in model.whose:  # type: ignore[attr-defined]  # every model of ours says so
        condition |= Q(**{f"{path}__in": people})
    return model._base_manager.filter(condition)


def find_people(type: str, numbers: Sequence[str]) -> Mapping[str, int]:  # noqa: A002 (the column's name)
    """Who is meant by each number of this type: the number as given → the id of the person; unknown ones are missing.

    `staff-number@<id of the school>` is looked up in the postings of that school, `mail-sha1` also among the mails that people
    are entered with, everything else by its keyed hash.
    A number that means two people means nobody.
    """
    if type.startswith(STAFF_NUMBER):
        return _find_by_staff_number(type.removeprefix(STAFF_NUMBER), numbers)
    wanted = {digest: number for number in numbers for digest in digests_of(type, number)}
    rows = ExternalIdentifier.objects.filter(
        type=type, digest__in=wanted, valid_to__isnull=True, person__erased_at__isnull=True
    )
    known = dict(rows.values_list("digest", Coalesce("person__merged_into", "person")))
    if type == MAIL_SHA1:
        known = _entered_with(wanted) | known
    given = {plain_number(type, n): known[d] for d, n in wanted.items() if d in known}
    return {n: given[plain_number(type, n)] for n in numbers if plain_number(type, n) in given}


def _entered_with(digests: Collection[str]) -> dict[str, int]:
    """Who is entered with the mail of which these are the digests; a mail that two people share names nobody."""
    rows = Person.objects.filter(mail_digest__in=digests, erased_at__isnull=True)
    people: dict[str, set[int]] = {}
    for digest, person in rows.values_list("mail_digest", Coalesce("merged_into", "id")):
        people.setdefault(digest, set()).add(person)
    return {digest: next(iter(found)) for digest, found in people.items() if len(found) == 1}


def _find_by_staff_number(school: str, numbers: Sequence[str]) -> Mapping[str, int]:
    if not school.isdecimal():
        return {}
    rows = Posting.objects.filter(school=int(school), staff_number__in={n.strip() for n in numbers} - {""})
    found: dict[str, set[int]] = {}
    for number, person in rows.values_list("staff_number", "person").distinct():
        found.setdefault(number, set()).add(person)
    return {n: next(iter(found[n.strip()])) for n in numbers if len(found.get(n.strip(), ())) == 1}


def search_people(by: Actor, text: str, permission: Permission = VIEW_PEOPLE) -> QuerySet[Person]:
    """People within reach whose name, initials in pinyin, phone, staff or identity number fit what was typed, by name.

    A number must be complete, except that it may be written with spaces; nothing typed finds nobody.
    """
    reached = people_within(by, permission).filter(merged_into__isnull=True)
    wanted = Q(pk__in=[])
    for tokens in search_tokens(text):
        wanted |= Q(name_index__contains=tokens)
    number = "".join(text.split())
    if number.isascii() and number.isalpha():
        wanted |= Q(name_order__startswith=" ".join(text.lower().split()))
    if _MANY_DIGITS.search(number):
        digests = [d for type_ in ("id-card", "passport", "register-code") for d in digests_of(type_, number)]
        known = ExternalIdentifier.objects.filter(digest__in=digests, valid_to__isnull=True)
        wanted |= Q(pk__in=known.values("person")) | Q(phone=number)
        wanted |= Q(Exists(Posting.objects.filter(person=OuterRef("pk"), staff_number=number)))
    return reached.filter(wanted).order_by("name_order", "pk")


def first_found(by: Actor, text: str, permission: Permission = VIEW_PEOPLE) -> tuple[list[int], bool]:
    """The ids of the first 500 (by name) whom `search_people` finds, under every record of theirs, and whether there are more: for
    lists in which everybody is too much to look through. Nothing typed finds nobody."""
    found = list(search_people(by, text, permission).values_list("pk", flat=True)[: MOST_FOUND + 1]) if text else []
    return list(same_people(found[:MOST_FOUND]).values_list("pk", flat=True)), len(found) > MOST_FOUND


def masked_numbers(person: int) -> list[tuple[str, str]]:
    """(type, masked number) of the numbers by which others know a person now: what pages may show."""
    rows = ExternalIdentifier.objects.filter(person=person, valid_to__isnull=True).order_by("type", "pk")
    return [(row.type, mask(decrypt(row.cipher).decode())) for row in rows]
