"""Found, rename, move, close units, and set their flags: everything with a date, everything with its way back."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions._units import (
    edge_at,
    end_of,
    refuse_absent,
    refuse_bad_parent,
    refuse_code_taken,
    refuse_name_taken,
    unit_to_change,
)
from weineng.organisations.effects import lock_people, lock_tree, note_change, rebuild_closure, since, write_lines
from weineng.organisations.models import KINDS_OF, LEVELS, STAGES, Edge, Posting, Unit, UnitFlag, UnitName
from weineng.organisations.permissions import EDIT_UNITS
from weineng.organisations.queries import closed_refusal, lines_of, still_open
from weineng.organisations.reach import lasting, require_unit
from weineng.organisations.rules.posts import EVER, OPEN, cut, settle

_FLAG = re.compile(r"[a-z][a-z0-9-]{1,23}")


@transaction.atomic
def found_unit(
    *,
    by: Actor,
    name: str,
    level: str,
    kind: str,
    parent: int | None = None,
    code: str | None = None,
    official_code: str | None = None,
    stages: Sequence[str] = (),
    flags: Sequence[str] = (),
    opened_on: date | None = None,
    place: int = 0,
) -> Unit:
    """Found a unit below `parent`; without one it is a root, which only the platform itself founds.

    Levels may be skipped, codes may be missing. `opened_on` is the first day; None: it has been there as long as `parent`.
    Refuses `unit-name-missing`, `text-too-long`, `unit-word-unknown` (level, kind of this level, stage or flag),
    `level-order`, `unit-closed`, `unit-not-there-yet` (the parent), `unit-name-taken` among the parent's units, `code-taken`;
    `not-found` for a parent out of reach.
    """
    name = " ".join(name.split())
    if not name:
        raise Refused("unit-name-missing", _("A unit needs a name."), field="name")
    _check_words(level, kind, stages, flags)
    refuse_long(Unit, name=name, code=code, official_code=official_code)
    lock_tree()
    above = _parent_for(by, parent, level)
    if above is not None:
        opened_on = opened_on or above.opened_on
        refuse_absent(above, opened_on, None)
        refuse_name_taken(above.pk, name)
    refuse_code_taken(code, official_code)
    unit = Unit.objects.create(
        name=name, level=level, kind=kind, code=code or None, official_code=official_code or None, stages=list(stages),
        flags=sorted(set(flags)), opened_on=opened_on, place=place,
    )  # fmt: skip
    whole = since(opened_on)
    UnitName.objects.create(unit=unit, name=name, during=whole)
    UnitFlag.objects.bulk_create(UnitFlag(unit=unit, flag=flag, during=whole) for flag in sorted(set(flags)))
    if above is not None:
        Edge.objects.create(child=unit, parent=above, during=whole)
    rebuild_closure(unit.pk)
    record(by=by, verb="organisations.found_unit", thing=unit, unit=unit.pk, facts={
        "name": name, "level": level, "kind": kind, "parent": parent, "code": code, "official_code": official_code,
        "opened_on": str(opened_on or ""), "flags": sorted(set(flags)), "stages": list(stages),
    })  # fmt: skip
    return unit


def _check_words(level: str, kind: str, stages: Sequence[str], flags: Sequence[str]) -> None:
    unknown = [word for word in (level,) if word not in LEVELS]
    unknown += [word for word in (kind,) if word not in KINDS_OF.get(level, (kind,))]
    unknown += [word for word in stages if word not in STAGES] + [word for word in flags if not _FLAG.fullmatch(word)]
    if unknown:
        raise Refused("unit-word-unknown", _("“%(word)s” is not in the list."), word=unknown[0])


def _parent_for(by: Actor, parent: int | None, level: str) -> Unit | None:
    if parent is None:
        if not by.system:
            raise NotFound("organisations.unit")
        return None
    above = require_unit(by, EDIT_UNITS, parent)
    refuse_bad_parent(above, level)
    return above


@transaction.atomic
def rename_unit(*, by: Actor, unit: int, name: str, on: date | None = None) -> Unit:
    """Give a unit another name from a day on (default: today); the old one is kept and found by imports.

    Refuses `unit-name-missing`, `text-too-long`, `unit-name-taken`, `date-in-future`; `not-found` out of reach.
    """
    row = unit_to_change(by, unit)
    name, day = " ".join(name.split()), on or today()
    _refuse_future(day)
    if not name:
        raise Refused("unit-name-missing", _("A unit needs a name."), field="name")
    refuse_long(Unit, name=name)
    before = row.name
    if name == before:
        return row
    if edge := Edge.objects.filter(child=row, kind="line", during__contains=day).first():
        refuse_name_taken(edge.parent_id, name, besides=row.pk)
    UnitName.objects.filter(unit=row, during__startswith__gte=day).delete()
    for old in UnitName.objects.filter(unit=row, during__contains=day).order_by("pk"):
        old.during = since(old.during.lower, day)
        old.save(update_fields=["during"])
    UnitName.objects.create(unit=row, name=name, during=since(day))
    row.name = name
    row.save(update_fields=["name"])
    record(
        by=by,
        verb="organisations.rename_unit",
        thing=row,
        unit=row.pk,
        facts={"before": before, "after": name, "on": str(day)},
    )
    return row


@transaction.atomic
def change_unit(
    *,
    by: Actor,
    unit: int,
    kind: str | None = None,
    stages: Sequence[str] | None = None,
    code: str | None = None,
    official_code: str | None = None,
    place: int | None = None,
) -> Unit:
    """Correct what is known of a unit: its kind, the stages it teaches, its codes ('' takes one off), its place in staff
    order. What is not named (None) stays; it holds as if it had always been so.

    Refuses `unit-word-unknown`, `text-too-long`, `code-taken`; `not-found` out of reach.
    """
    row = unit_to_change(by, unit)
    given = {"kind": kind, "stages": stages, "code": code, "official_code": official_code, "place": place}
    facts: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    if stages is not None:
        facts["stages"] = [stage for stage in STAGES if stage in stages]
    facts |= {field: facts[field].strip() or None for field in ("code", "official_code") if field in facts}
    refuse_long(Unit, **{field: facts.get(field) for field in ("code", "official_code")})
    before = {field: getattr(row, field) for field in facts if getattr(row, field) != facts[field]}
    if not before:
        return row
    _check_words(row.level, facts.get("kind", row.kind), stages or (), ())
    refuse_code_taken(facts.get("code"), facts.get("official_code"), besides=row.pk)
    for field in before:
        setattr(row, field, facts[field])
    row.save(update_fields=list(before))
    note_change(units=[row.pk], during=None)
    record(by=by, verb="organisations.change_unit", thing=row, unit=row.pk, facts={
        "before": before, "after": {field: facts[field] for field in before},
    })  # fmt: skip
    return row


@transaction.atomic
def move_unit(*, by: Actor, unit: int, to: int, on: date, reason: str = "") -> Unit:
    """Put a unit below another from a day on, which may lie in the past; it holds until the next known move.

    Facts stay where they happened, people go with the unit. Refuses `unit-is-root`, `same-parent`, `level-order`,
    `unit-name-taken`, `unit-not-there-yet` and `unit-closed` (the unit on that day, or the one above at any time that the
    move would hold); `not-found` if unit or target is out of reach.
    """
    row = unit_to_change(by, unit)
    if row.closed_on is not None and row.closed_on <= on:
        raise closed_refusal(row)
    target = require_unit(by, EDIT_UNITS, to)
    edge = edge_at(row, on)
    if edge.parent_id == to:
        raise Refused("same-parent", _("“%(unit)s” stands there already."), unit=row.name)
    refuse_bad_parent(target, row.level)
    held = since(on, edge.during.upper)
    refuse_absent(target, on, end_of(row, held.upper))
    refuse_name_taken(to, row.name, besides=row.pk)
    before = edge.parent_id
    if edge.during.lower == on:
        edge.parent = target
        edge.save(update_fields=["parent"])
    else:
        edge.during = since(edge.during.lower, on)
        edge.save(update_fields=["during"])
        Edge.objects.create(child=row, parent=target, during=held)
    _settle_tree(row, to, held)
    record(by=by, verb="organisations.move_unit", thing=row, unit=row.pk, reason=reason, facts={
        "from": before, "to": to, "on": str(on), "until": str(held.upper or ""),
    })  # fmt: skip
    return row


@transaction.atomic
def undo_move(*, by: Actor, unit: int, on: date, reason: str = "") -> Unit:
    """Take back the move that was dated `on`: as if it had not been entered, the parent before it stands on.

    Refuses `no-move-then`, `unit-closed` (the parent before), `unit-name-taken`; `not-found` if the unit, its parent of
    then or the parent before is out of reach.
    """
    row = unit_to_change(by, unit)
    edges = Edge.objects.filter(child=row, kind="line").select_for_update(of=("self",))
    moved = edges.filter(during__startswith=on).first()
    stayed = edges.filter(during__endswith=on).first()
    if moved is None or stayed is None:
        raise Refused("no-move-then", _("“%(unit)s” was not moved on %(on)s."), unit=row.name, on=str(on))
    back = require_unit(by, EDIT_UNITS, stayed.parent_id)
    held = moved.during
    refuse_absent(back, held.lower, end_of(row, held.upper))
    refuse_name_taken(back.pk, row.name, besides=row.pk)
    moved.delete()
    stayed.during = since(stayed.during.lower, held.upper)
    stayed.save(update_fields=["during"])
    _settle_tree(row, back.pk, held)
    record(by=by, verb="organisations.undo_move", thing=row, unit=row.pk, reason=reason, facts={
        "from": moved.parent_id, "to": back.pk, "on": str(on), "until": str(held.upper or ""),
    })  # fmt: skip
    return row


def _settle_tree(row: Unit, parent: int, held: DateRange) -> None:
    rebuild_closure(row.pk)
    note_change(units=[row.pk], during=held)
    if row.level == "group":
        _follow_school(row, parent, held)


def _follow_school(row: Unit, school: int, held: DateRange) -> None:
    """The posts of a group that came to another school belong to that school for those days."""
    people = sorted(set(Posting.objects.filter(unit=row, during__overlap=held).values_list("person", flat=True)))
    lock_people(people)
    starts, ends = held.lower or EVER, held.upper or OPEN
    lines = {}
    for person, line in lines_of(people).items():
        pieces = cut(line, (starts, ends))
        moved = (s.post.unit == row.pk and starts <= s.starts < ends for s in pieces)
        after = settle(replace(s, school=school) if go else s for s, go in zip(pieces, moved, strict=True))
        lines[person] = (line, after)
    write_lines(lines)


@transaction.atomic
def close_unit(*, by: Actor, unit: int, on: date, reason: str = "") -> Unit:
    """Close a unit: `on` is the first day on which it is no more. Its past and what happened there stay where they are.

    Refuses `unit-closed`, `unit-has-units` and `unit-has-people` (with their number) as long as some remain on that day,
    `unit-not-there-yet`; `not-found` out of reach.
    """
    row = unit_to_change(by, unit)
    if row.closed_on is not None:
        raise closed_refusal(row)
    if row.opened_on is not None and on <= row.opened_on:
        raise Refused("unit-not-there-yet", _("“%(unit)s” was not there on %(on)s."), unit=row.name, on=str(on))
    later = Edge.objects.filter(lasting(on), parent=row, kind="line").values("child")
    if count := Unit.objects.filter(still_open(on), pk__in=later).count():
        raise Refused("unit-has-units", _("%(count)s units still stand below “%(unit)s”."), unit=row.name, count=count)
    posts = Posting.objects.filter(lasting(on), Q(unit=row) | Q(school=row))
    if count := posts.values("person").distinct().count():
        raise Refused(
            "unit-has-people", _("%(count)s people still have a post at “%(unit)s”."), unit=row.name, count=count
        )
    row.closed_on = on
    row.save(update_fields=["closed_on"])
    note_change(units=[row.pk], during=since(on))
    record(by=by, verb="organisations.close_unit", thing=row, unit=row.pk, facts={"on": str(on)}, reason=reason)
    return row


@transaction.atomic
def reopen_unit(*, by: Actor, unit: int, reason: str = "") -> Unit:
    """Take back that a unit was closed. Refuses `unit-not-closed`, `unit-closed` (the one above), `code-taken`,
    `unit-name-taken`; `not-found` out of reach."""
    row = unit_to_change(by, unit)
    if row.closed_on is None:
        raise Refused("unit-not-closed", _("“%(unit)s” is not closed."), unit=row.name)
    closed = row.closed_on
    edges = Edge.objects.filter(lasting(closed), child=row, kind="line").select_related("parent").order_by("during")
    for edge in edges:
        refuse_absent(edge.parent, max(edge.during.lower or closed, closed), edge.during.upper)
    if edge_then := edges.filter(during__contains=closed).first():
        refuse_name_taken(edge_then.parent_id, row.name, besides=row.pk)
    refuse_code_taken(None, row.official_code)
    row.closed_on = None
    row.save(update_fields=["closed_on"])
    note_change(units=[row.pk], during=since(closed))
    record(
        by=by, verb="organisations.reopen_unit", thing=row, unit=row.pk, facts={"closed_on": str(closed)}, reason=reason
    )
    return row


@transaction.atomic
def set_flag(*, by: Actor, unit: int, flag: str, held: bool, on: date | None = None) -> Unit:
    """From a day on (default: today) a unit bears a flag, or bears it no more; what was so before stays known.

    Refuses `unit-word-unknown`, `date-in-future`; `not-found` out of reach.
    """
    row = unit_to_change(by, unit)
    day = on or today()
    _refuse_future(day)
    if not _FLAG.fullmatch(flag):
        raise Refused("unit-word-unknown", _("“%(word)s” is not in the list."), word=flag)
    history = UnitFlag.objects.filter(unit=row, flag=flag)
    before = history.filter(during__contains=day - timedelta(days=1)).order_by("during").first()
    start = before.during.lower if before else day
    history.filter(Q(during__startswith__gte=day) | Q(during__contains=day - timedelta(days=1))).delete()
    if held:
        UnitFlag.objects.create(unit=row, flag=flag, during=since(start if before else day))
    elif before:
        UnitFlag.objects.create(unit=row, flag=flag, during=since(start, day))
    row.flags = sorted(set(UnitFlag.objects.filter(unit=row, during__contains=today()).values_list("flag", flat=True)))
    row.save(update_fields=["flags"])
    note_change(units=[row.pk], during=since(day))
    record(
        by=by, verb="organisations.set_flag", thing=row, unit=row.pk, facts={"flag": flag, "held": held, "on": str(day)}
    )
    return row


def _refuse_future(day: date) -> None:
    if day > today():
        raise Refused("date-in-future", _("%(on)s lies in the future."), field="on", on=str(day))
