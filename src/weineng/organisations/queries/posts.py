"""People's posts as lines of stretches, and whether a post is possible."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.organisations.models import ESTABLISHMENTS, IN_POST_STATES, STAGES, Edge, Posting, Unit
from weineng.organisations.permissions import EDIT_PEOPLE
from weineng.organisations.reach import lasting, require_person, require_unit
from weineng.organisations.rules import Post
from weineng.organisations.rules.posts import EVER, OPEN, Line, Stretch, join


def lines_of(people: Iterable[int]) -> dict[int, Line]:
    """The posts of these people as lines of stretches; a person without posts has an empty one."""
    lines: dict[int, list[Stretch]] = {person: [] for person in people}
    for row in Posting.objects.filter(person__in=lines).order_by("person", "during", "pk"):
        lines[row.person_id].append(stretch_of(row))
    return {person: tuple(line) for person, line in lines.items()}


def stretch_of(row: Posting) -> Stretch:
    """A stored post as a stretch of a line."""
    return Stretch(
        post=Post(
            unit=row.unit_id, establishment=row.establishment, in_post=row.in_post, stage=row.stage, subject=row.subject,
            post=row.post, staff_number=row.staff_number, entered_on=row.entered_on,
        ),
        school=row.school_id, home=row.home, starts=row.during.lower or EVER, ends=row.during.upper or OPEN, row=row.pk,
    )  # fmt: skip


def stretches_for(by: Actor, post: Post, starts: date, ends: date, *, home: bool = False) -> Line:
    """A post from `starts` until `ends` as stretches, one for each school that its group belongs to meanwhile.

    Refuses `post-word-unknown`, `text-too-long`, `post-not-here` (a zone has no posts), `unit-not-there-yet`,
    `unit-closed`; `not-found` for a unit in which `by` may not edit people.
    """
    unit = require_unit(by, EDIT_PEOPLE, post.unit)
    refuse_bad_post(post)
    if unit.level == "zone":
        raise Refused("post-not-here", _("“%(unit)s” has no posts of its own."), field="unit", unit=unit.name)
    if unit.opened_on is not None and starts < unit.opened_on:
        raise Refused("unit-not-there-yet", _("“%(unit)s” was not there on %(on)s."), unit=unit.name, on=str(starts))
    if unit.closed_on is not None and ends > unit.closed_on:
        raise closed_refusal(unit)
    if unit.level != "group":
        return (Stretch(post, unit.pk, home, starts, ends),)
    edges = Edge.objects.filter(lasting(starts), child=unit, kind="line").order_by("during")
    held = [(e.parent_id, max(e.during.lower or EVER, starts), min(e.during.upper or OPEN, ends)) for e in edges]
    return join(Stretch(post, school, home, first, last) for school, first, last in held if first < last)


def closed_refusal(row: Unit) -> Refused:
    """What is refused of a unit that is no more, or will be."""
    coming = row.closed_on is not None and row.closed_on > today()
    text = _("“%(unit)s” will be closed from %(on)s.") if coming else _("“%(unit)s” is closed since %(on)s.")
    return Refused("unit-closed", text, unit=row.name, on=str(row.closed_on))


def posts_astray(people: QuerySet[Any, Any] | Iterable[int]) -> QuerySet[Posting]:
    """Posts of these people (ids, or a QuerySet of ids) that go on where their unit is no more, or at a group that stands below
    another school meanwhile."""
    closed = Q(during__upper_inf=True) | Q(during__endswith__gt=F("unit__closed_on"))
    edges = Edge.objects.filter(child=OuterRef("unit"), kind="line", during__overlap=OuterRef("during"))
    elsewhere = Q(Exists(edges.exclude(parent=OuterRef("school"))), unit__level="group")
    rows = Posting.objects.filter(Q(closed, unit__closed_on__isnull=False) | elsewhere, person__in=people)
    return rows.order_by("pk")


def refuse_bad_post(post: Post) -> None:
    """Refuses `post-word-unknown` for a coded word of a post that is not in its list, `text-too-long` for the others."""
    known = {"establishment": ("", *ESTABLISHMENTS), "in_post": IN_POST_STATES, "stage": ("", *STAGES)}
    for field, words in known.items():
        if (word := getattr(post, field)) not in words:
            raise Refused("post-word-unknown", _("“%(word)s” is not in the list."), field=field, word=word)
    refuse_long(Posting, subject=post.subject, post=post.post, staff_number=post.staff_number)


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
