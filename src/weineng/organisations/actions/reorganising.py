"""Units become one, or one becomes two: people and groups go along from a day on, and come back when it is taken back.

What happened before that day stays where it happened. What rests on it in the modules above (who takes part, the school's plan)
they follow for themselves (docs/adr/0084).
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record, record_each
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.notices.effects import notify
from weineng.organisations.actions._carrying import (
    Way,
    carry_groups,
    carry_posts,
    close_units,
    put_edges_back,
    put_posts_back,
    untouched_edges,
    untouched_posts,
)
from weineng.organisations.actions._units import (
    edge_at,
    refuse_absent,
    refuse_code_taken,
    refuse_name_taken,
    unit_to_change,
)
from weineng.organisations.actions.units import found_unit
from weineng.organisations.effects import note_change, since
from weineng.organisations.models import Edge, Person, Posting, Reorganisation, Unit
from weineng.organisations.permissions import EDIT_UNITS
from weineng.organisations.queries import closed_refusal, flags_of, groups_going, still_open, units_joined
from weineng.organisations.reach import ask_unit_guards, lasting, require_unit

DONE = {  # kind → verb of the log, event
    "merge": ("organisations.merge_units", "unit-merge"),
    "split": ("organisations.split_unit", "unit-split"),
}
UNDONE = {
    "merge": ("organisations.undo_merge", "merge-undone"),
    "split": ("organisations.undo_split", "split-undone"),
}
MERGED = ("school", "group")  # levels of units that are merged and split; areas move unit by unit


@transaction.atomic
def merge_units(*, by: Actor, unit: int, into: int, on: date, reason: str) -> Reorganisation:
    """From a day on, which may lie in the past, a school is part of another one (or a group of another of its school): its people
    and groups belong to that, and it is no more.

    A group whose name the other school has is joined with that group. Refuses `level-not-merged`, `same-unit`, `level-differs`,
    `other-school` (of groups), `reason-missing`, `text-too-long`, `unit-closed` and `unit-not-there-yet` (either of them on that
    day), `unit-has-units` (a unit that is no group stands below it), `home-post-overlaps`, and what modules above refuse
    (`runs-programme`); `not-found` if either is out of reach.
    """
    reason = _reason(reason)
    row, kept = unit_to_change(by, unit), require_unit(by, EDIT_UNITS, into)
    _refuse_pair(row, kept, on)
    ask_unit_guards("merge", row.pk, kept.pk)
    joined = units_joined(row, kept, on)
    moved = [group for group in groups_going(row.pk, on) if group not in joined]
    edges = carry_groups(moved, row.pk, kept.pk, on)
    going = Q(school=row.pk) if row.level == "school" else Q(unit=row.pk)
    people = sorted(set(Posting.objects.filter(going, lasting(on)).values_list("person", flat=True)))
    way = Way(row.pk, kept.pk, staying=frozenset(moved), joined=joined, group=row.level == "group")
    posts = carry_posts(people, on, lambda _person: way)
    _refuse_left(row, on)
    closed = close_units([row.pk, *joined], on)
    wrote = {"posts": posts, "edges": edges, "closed": closed, "joined": joined}
    found = _keep(by, "merge", row, kept, on, reason, wrote)
    _tell(by, *DONE["merge"], found, people, reason)
    return found


@transaction.atomic
def split_unit(
    *,
    by: Actor,
    unit: int,
    name: str,
    groups: Collection[int] = (),
    people: Collection[int] = (),
    on: date,
    reason: str,
    kind: str = "",
    stages: Collection[str] | None = None,
    official_code: str = "",
) -> Reorganisation:
    """From a day on, which may lie in the past, some groups and people of a school are a school of their own (or people of a group
    a group of their own) beside it, which bears its flags.

    Who is named goes with every post there; a group goes with everybody in it. `kind` and `stages` are those of the old one unless
    given. Refuses `level-not-merged`, `nobody-goes`, `group-not-here`, `person-not-here`, `reason-missing`, `text-too-long`,
    `unit-closed`, `unit-not-there-yet`, `unit-is-root`, what founding refuses (`unit-name-missing`, `unit-name-taken`,
    `unit-word-unknown`, `code-taken`), and what modules above refuse; `not-found` if the unit or the one above is out of reach.
    """
    reason = _reason(reason)
    row = unit_to_change(by, unit)
    _refuse_level(row)
    _refuse_not_there(row, on)
    if not groups and not people:
        raise Refused("nobody-goes", _("Choose who belongs to the new unit."), field="people")
    _refuse_strangers(row, groups, people, on)
    new = found_unit(
        by=by, name=name, level=row.level, kind=kind or row.kind, parent=edge_at(row, on).parent_id,
        official_code=official_code, stages=list(row.stages if stages is None else stages), flags=flags_of(row.pk, on),
        opened_on=on, place=row.place,
    )  # fmt: skip
    ask_unit_guards("split", row.pk, new.pk)
    edges = carry_groups(sorted(groups), row.pk, new.pk, on)
    along = Posting.objects.filter(lasting(on), unit__in=groups).values_list("person", flat=True)
    whole = Way(row.pk, new.pk, staying=frozenset(groups), group=row.level == "group")
    part = replace(whole, others=False)
    posts = carry_posts(sorted({*people, *along}), on, lambda person: whole if person in people else part)
    found = _keep(by, "split", row, new, on, reason, {"posts": posts, "edges": edges, "closed": {}})
    _tell(by, *DONE["split"], found, map(int, posts), reason)
    return found


@transaction.atomic
def undo_reorganisation(*, by: Actor, reorganisation: int, reason: str) -> Reorganisation:
    """Take a merge or split back, as if it had not been entered: people and groups are where they were. A unit that a split had
    founded stays as one that was never there.

    Refuses `reorganisation-undone`, `reason-missing`, `reorganised-since` (take the later one back first), `posts-changed-since`,
    `unit-moved-since`, `unit-changed-since` (opened again or closed), `unit-has-people` and `unit-has-units` (others came to what
    was split off), `unit-name-taken`, `code-taken`, `unit-closed` (the one above), and what modules above refuse
    (`plan-used-since`, `roles-given-since`); `not-found` if either unit is out of reach.
    """
    row = Reorganisation.objects.filter(pk=reorganisation).select_related("unit", "other").first()
    if row is None:
        raise NotFound("organisations.reorganisation")
    require_unit(by, EDIT_UNITS, row.other_id)
    unit_to_change(by, row.unit_id)  # the tree is held from here
    row = Reorganisation.objects.select_for_update(of=("self",)).select_related("unit", "other").get(pk=row.pk)
    reason = _reason(reason)
    _refuse_built_upon(row)
    ask_unit_guards(f"undo-{row.kind}", row.unit_id, row.other_id)
    wrote = row.wrote
    put_edges_back(wrote["edges"])
    for unit, before in wrote["closed"].items():
        Unit.objects.filter(pk=int(unit)).update(closed_on=before)
    if row.kind == "split":
        close_units([row.other_id], row.on)
    people = put_posts_back(wrote["posts"])
    note_change(units=[row.unit_id, row.other_id, *map(int, wrote["closed"])], during=since(row.on))
    row.undone_at = now()
    row.save(update_fields=["undone_at"])
    _tell(by, *UNDONE[row.kind], row, people, reason)
    return row


# --- What is refused -----------------------------------------------------------------------------------------------
def _reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < 2:
        raise Refused("reason-missing", _("Say why; it goes into the log."), field="reason")
    refuse_long(Reorganisation, reason=reason)
    return reason


def _refuse_level(row: Unit) -> None:
    if row.level not in MERGED:
        text = _("Only schools and groups are merged or split; the units below “%(unit)s” can be moved.")
        raise Refused("level-not-merged", text, unit=row.name)


def _refuse_not_there(row: Unit, on: date) -> None:
    if row.closed_on is not None:
        raise closed_refusal(row)
    if row.opened_on is not None and on <= row.opened_on:
        raise Refused("unit-not-there-yet", _("“%(unit)s” was not there on %(on)s."), unit=row.name, on=str(on))


def _refuse_pair(row: Unit, kept: Unit, on: date) -> None:
    _refuse_level(row)
    if row.pk == kept.pk:
        raise Refused("same-unit", _("These are one unit already."), field="into")
    if row.level != kept.level:
        raise Refused("level-differs", _("A unit is merged into one of the same level."), field="into")
    _refuse_not_there(row, on)
    if kept.closed_on is not None:
        raise closed_refusal(kept)
    refuse_absent(kept, on, None)
    if row.level == "group":
        schools = Edge.objects.filter(lasting(on), child__in=(row, kept), kind="line")
        if schools.values("parent").distinct().count() > 1:
            text = _("The groups belong to different schools. Move the one first.")
            raise Refused("other-school", text, field="into")


def _refuse_left(row: Unit, on: date) -> None:
    """A unit that is no more leaves nothing below it."""
    later = Edge.objects.filter(lasting(on), parent=row, kind="line").values("child")
    if count := Unit.objects.filter(still_open(on), pk__in=later).exclude(level="group").count():
        raise Refused("unit-has-units", _("%(count)s units still stand below “%(unit)s”."), unit=row.name, count=count)


def _refuse_strangers(row: Unit, groups: Collection[int], people: Collection[int], on: date) -> None:
    if set(groups) - set(groups_going(row.pk, on)):
        raise Refused("group-not-here", _("One of the groups does not stand below “%(unit)s”."), unit=row.name)
    here = Posting.objects.filter(Q(unit=row.pk) | Q(school=row.pk), lasting(on), person__in=people)
    if set(people) - set(here.values_list("person", flat=True)):
        raise Refused(
            "person-not-here", _("One of the people has no post at “%(unit)s” from that day on."), unit=row.name
        )


def _refuse_built_upon(row: Reorganisation) -> None:
    """What was built on it stands in the way of taking it back."""
    if row.undone_at is not None:
        raise Refused("reorganisation-undone", _("This has been taken back already."))
    both = (row.unit_id, row.other_id)
    later = Reorganisation.objects.filter(Q(unit__in=both) | Q(other__in=both), pk__gt=row.pk, undone_at__isnull=True)
    if last := later.order_by("-pk").select_related("unit").first():
        text = _("“%(unit)s” was merged or split later. Take that back first.")
        raise Refused("reorganised-since", text, unit=last.unit.name)
    if count := untouched_posts(row.wrote["posts"]):
        text = _("Posts of %(count)s people were changed since. Transfer people instead.")
        raise Refused("posts-changed-since", text, count=count)
    if not untouched_edges(row.wrote["edges"]):
        raise Refused("unit-moved-since", _("A unit that went along was moved since. Take that move back first."))
    closed = Unit.objects.filter(pk__in=map(int, row.wrote["closed"])).order_by("pk")
    if changed := [unit for unit in closed if unit.closed_on is None or unit.closed_on < row.on]:
        raise Refused("unit-changed-since", _("“%(unit)s” was opened again since."), unit=changed[0].name)
    (_refuse_return if row.kind == "merge" else _refuse_newcomers)(row)


def _refuse_return(row: Reorganisation) -> None:
    """What stands in the way of a unit that was merged away when it comes back."""
    above = Edge.objects.filter(child=row.unit, kind="line", during__contains=row.on).select_related("parent").first()
    if above is not None:
        refuse_absent(above.parent, row.on, None)
        refuse_name_taken(above.parent_id, row.unit.name, besides=row.unit_id)
    refuse_code_taken(None, row.unit.official_code, besides=row.unit_id)


def _refuse_newcomers(row: Reorganisation) -> None:
    """Who and what came to a unit that was split off, besides what went along."""
    if row.other.closed_on is not None:
        raise Refused("unit-changed-since", _("“%(unit)s” was closed since."), unit=row.other.name)
    known = [int(person) for person in row.wrote["posts"]]
    others = Posting.objects.filter(Q(unit=row.other) | Q(school=row.other)).exclude(person__in=known)
    if count := others.values("person").distinct().count():
        text = _("%(count)s people came to “%(unit)s” since. Transfer them first.")
        raise Refused("unit-has-people", text, unit=row.other.name, count=count)
    carried = {edge["child_id"] for edge in row.wrote["edges"]["after"]}
    below = Edge.objects.filter(parent=row.other, kind="line").exclude(child__in=carried)
    if count := below.values("child").distinct().count():
        raise Refused(
            "unit-has-units", _("%(count)s units still stand below “%(unit)s”."), unit=row.other.name, count=count
        )


# --- What is written -----------------------------------------------------------------------------------------------
def _keep(by: Actor, kind: str, row: Unit, other: Unit, on: date, reason: str, wrote: dict[str, Any]) -> Reorganisation:
    note_change(units=[row.pk, other.pk, *map(int, wrote["closed"])], during=since(on))
    count = len(wrote["posts"])
    return Reorganisation.objects.create(
        kind=kind, unit=row, other=other, on=on, at=now(), by=by.person, reason=reason, people=count, wrote=wrote
    )


def _tell(by: Actor, verb: str, event: str, row: Reorganisation, people: Iterable[int], reason: str) -> None:
    """A line of the unit and one of each person who goes along, and a message to each of them."""
    facts = {"other": row.other_id, "on": str(row.on), "people": row.people}
    line = record(by=by, verb=verb, thing=row, unit=row.unit_id, facts=facts, reason=reason)
    record(by=by, verb=verb, thing=row, unit=row.other_id, facts={**facts, "other": row.unit_id}, reason=reason)
    known = list(Person.objects.filter(pk__in=people, erased_at__isnull=True).order_by("pk"))
    record_each(by=by, verb=verb, things=known, facts=facts, subject_field="pk")
    params = {"unit": row.unit.name, "other": row.other.name, "on": str(row.on)}
    current = [person.merged_into_id or person.pk for person in known]
    notify(cause=line, event=event, people=current, params=params, link="/my/")
