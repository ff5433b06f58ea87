"""What can be asked of the tree and its people: who stands where on a day, whose leaf is which, who is meant by a number."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor, Permission
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.models import (
    ESTABLISHMENTS,
    IN_POST_STATES,
    STAGES,
    Closure,
    Edge,
    ExternalIdentifier,
    Person,
    Posting,
    Unit,
    UnitFlag,
    UnitName,
)
from weineng.organisations.permissions import EDIT_PEOPLE, EDIT_UNITS, VIEW_PEOPLE
from weineng.organisations.reach import lasting, people_below, people_within, require_person, require_unit
from weineng.organisations.rules import Post, digests_of, mask, plain_number, search_tokens
from weineng.organisations.rules.posts import EVER, OPEN, Line, Stretch, join

STAFF_NUMBER = "staff-number@"  # followed by the id of the school
_MANY_DIGITS = re.compile(r"[\dXx]{5,}")


# --- Units ---------------------------------------------------------------------------------------------------------
def still_open(on: date) -> Q:
    """The condition that a unit is not closed on a date."""
    return Q(closed_on__isnull=True) | Q(closed_on__gt=on)


def children_of(unit: int, on: date | None = None, *, closed: bool = False) -> QuerySet[Unit]:
    """The units directly below `unit` on a date (default: today), in staff order; those closed by then only if asked for."""
    when = on or today()
    below = Edge.objects.filter(parent=unit, kind="line", during__contains=when).values("child")
    rows = Unit.objects.filter(pk__in=below)
    return (rows if closed else rows.filter(still_open(when))).order_by("place", "name", "pk")


def path_of(unit: int, on: date | None = None) -> list[Unit]:
    """From the root to the unit itself on a date (default: today): the breadcrumb."""
    rows = Closure.objects.filter(unit=unit, during__contains=on or today()).order_by("-depth")
    return [row.ancestor for row in rows.select_related("ancestor")]


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


# --- People and where they are counted -----------------------------------------------------------------------------
def members_of(unit: int, on: date | None = None) -> QuerySet[Person]:
    """The people who have a post (the home one or another) at or below `unit` on a date, in the order of their names."""
    when = on or today()
    below = Closure.objects.filter(ancestor=unit, during__contains=when).values("unit")
    posts = Posting.objects.filter(unit__in=below, during__contains=when).values("person")
    return Person.objects.filter(pk__in=posts).order_by("name_order", "pk")


def home_leaves(
    people: "QuerySet[Any, Any] | Iterable[int] | None" = None, on: date | None = None
) -> QuerySet[Any, Any]:
    """Where each person is counted on a date (semantics 29): rows `person`, `leaf` (unit ids), `leaf_kind`.

    `leaf_kind` is `group` (the group of the home posting), `no-group` (its school or office), or `unplaced`: without a
    home posting on that day, the unit of the last one before, else of the first one after; where that unit is closed,
    the nearest one above it that is open. Each person who ever had a post has exactly one row, merged records none.
    `people` are ids or a QuerySet of ids; None means everybody. One DISTINCT ON over the postings: it can stand in a join.
    """
    when = on or today()
    rows = Posting.objects.filter(home=True)
    if people is not None:
        rows = rows.filter(person__in=people)
    here = ExpressionWrapper(Q(during__contains=when), output_field=BooleanField())
    before = ExpressionWrapper(Q(during__endswith__lte=when), output_field=BooleanField())
    open_above = (
        Closure.objects.filter(unit=OuterRef("unit"), during__contains=when)
        .filter(Q(ancestor__closed_on__isnull=True) | Q(ancestor__closed_on__gt=when))
        .order_by("depth")
        .values("ancestor")[:1]
    )
    return (
        rows.annotate(
            leaf=Case(
                When(Q(during__contains=when), then=F("unit")),
                default=Subquery(open_above),
                output_field=BigIntegerField(),
            ),
            leaf_kind=Case(
                When(Q(during__contains=when, unit__level="group"), then=Value("group")),
                When(Q(during__contains=when), then=Value("no-group")),
                default=Value("unplaced"),
                output_field=CharField(),
            ),
        )
        .order_by(
            "person",
            here.desc(),
            before.desc(),
            Case(When(during__endswith__lte=when, then=F("during__endswith"))).desc(nulls_last=True),
            "during__startswith",
        )
        .distinct("person")
        .values("person", "leaf", "leaf_kind")
    )


def current_person(person: int) -> int:
    """The id under which a person is known now: follows merges, so an old id answers with the new one."""
    found = Person.objects.filter(pk=person).values_list(Coalesce("merged_into", "id"), flat=True).first()
    if found is None:
        raise NotFound("organisations.person")
    return int(found)


def find_people(type: str, numbers: Sequence[str]) -> Mapping[str, int]:  # noqa: A002 (the column's name)
    """Who is meant by each number of this type: the number as given → the id of the person; unknown ones are missing.

    `staff-number@<id of the school>` is looked up in the postings of that school, everything else by its keyed hash.
    A number that means two people means nobody.
    """
    if type.startswith(STAFF_NUMBER):
        return _find_by_staff_number(type.removeprefix(STAFF_NUMBER), numbers)
    wanted = {digest: number for number in numbers for digest in digests_of(type, number)}
    rows = ExternalIdentifier.objects.filter(type=type, digest__in=wanted, valid_to__isnull=True)
    known = dict(rows.values_list("digest", Coalesce("person__merged_into", "person")))
    given = {plain_number(type, n): known[d] for d, n in wanted.items() if d in known}
    return {n: given[plain_number(type, n)] for n in numbers if plain_number(type, n) in given}


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


def masked_numbers(person: int) -> list[tuple[str, str]]:
    """(type, masked number) of the numbers by which others know a person now: what pages may show."""
    rows = ExternalIdentifier.objects.filter(person=person, valid_to__isnull=True).order_by("type", "pk")
    return [(row.type, mask(decrypt(row.cipher).decode())) for row in rows]


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


# --- Posts as lines of stretches -----------------------------------------------------------------------------------
def lines_of(people: Iterable[int]) -> dict[int, Line]:
    """The posts of these people as lines of stretches; a person without posts has an empty one."""
    lines: dict[int, list[Stretch]] = {person: [] for person in people}
    for row in Posting.objects.filter(person__in=lines).order_by("person", "during", "pk"):
        lines[row.person_id].append(_stretch(row))
    return {person: tuple(line) for person, line in lines.items()}


def _stretch(row: Posting) -> Stretch:
    return Stretch(
        post=Post(
            unit=row.unit_id, establishment=row.establishment, in_post=row.in_post, stage=row.stage, subject=row.subject,
            post=row.post, staff_number=row.staff_number, entered_on=row.entered_on,
        ),
        school=row.school_id, home=row.home, starts=row.during.lower or EVER, ends=row.during.upper or OPEN, row=row.pk,
    )  # fmt: skip


def stretches_for(by: Actor, post: Post, starts: date, ends: date, *, home: bool = False) -> Line:
    """A post from `starts` until `ends` as stretches, one for each school that its group belongs to meanwhile.

    Refuses `post-word-unknown`, `post-not-here` (a zone has no posts), `unit-not-there-yet`, `unit-closed`; `not-found`
    for a unit in which `by` may not edit people.
    """
    unit = require_unit(by, EDIT_PEOPLE, post.unit)
    refuse_unknown_words(post)
    if unit.level == "zone":
        raise Refused("post-not-here", _("“%(unit)s” has no posts of its own."), field="unit", unit=unit.name)
    if unit.opened_on is not None and starts < unit.opened_on:
        raise Refused("unit-not-there-yet", _("“%(unit)s” was not there on %(on)s."), unit=unit.name, on=str(starts))
    if unit.closed_on is not None and ends > unit.closed_on:
        raise Refused("unit-closed", _("“%(unit)s” is closed since %(on)s."), unit=unit.name, on=str(unit.closed_on))
    if unit.level != "group":
        return (Stretch(post, unit.pk, home, starts, ends),)
    edges = Edge.objects.filter(lasting(starts), child=unit, kind="line").order_by("during")
    held = [(e.parent_id, max(e.during.lower or EVER, starts), min(e.during.upper or OPEN, ends)) for e in edges]
    return join(Stretch(post, school, home, first, last) for school, first, last in held if first < last)


def refuse_unknown_words(post: Post) -> None:
    """Refuses `post-word-unknown` for a coded word of a post that is not in its list."""
    known = {"establishment": ("", *ESTABLISHMENTS), "in_post": IN_POST_STATES, "stage": ("", *STAGES)}
    for field, words in known.items():
        if (word := getattr(post, field)) not in words:
            raise Refused("post-word-unknown", _("“%(word)s” is not in the list."), field=field, word=word)


@dataclass(frozen=True)
class PostPreview:
    """What a dated change of a person's posts concerns: days of the past it re-derives, and stored posts it touches."""

    late_days: int
    posts: int


def preview_posts(*, by: Actor, person: int, on: date) -> PostPreview:
    """How far a change of a person's posts dated `on` reaches back, shown before it is done; `not-found` out of reach."""
    row = require_person(by, EDIT_PEOPLE, person)
    line = lines_of([row.pk])[row.pk]
    return PostPreview(late_days=max((today() - on).days, 0), posts=sum(s.ends > on for s in line))
