"""Inner verbs of the tree: derive the closure from the edges, write down whose figures a change concerns."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Func, Model, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from weineng.audit.models import Line
from weineng.kernel.ciphers import encrypt, key_version
from weineng.kernel.clock import now, today
from weineng.kernel.planner import weigh_grown
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import copy_objects
from weineng.kernel.turns import is_out_of_turn, take_turn, waiting
from weineng.organisations.models import (
    Change,
    Closure,
    Edge,
    Erasure,
    ExternalIdentifier,
    Person,
    Posting,
    Reorganisation,
    TreeChange,
    Unit,
    UnitFlag,
    UnitName,
)
from weineng.organisations.queries.changes import Concerned
from weineng.organisations.rules.erasures import BEFORE, ERASERS
from weineng.organisations.rules.numbers import Number, check_number, digest_of, digests_of
from weineng.organisations.rules.posts import EVER, OPEN, Stretch, difference
from weineng.organisations.rules.posts import Line as Posts

PATIENCE = "5s"  # how long somebody who waits beside it waits for the tree
_DEEPEST = 24  # levels; more can only be a circle, which the actions refuse

M = TypeVar("M", bound=Model)
_FACTS = ("establishment", "in_post", "stage", "subject", "post", "staff_number", "entered_on")
_CLOSURE, _EDGE = Closure._meta.db_table, Edge._meta.db_table
_REBUILD = f"""
with recursive below as (
    select unit_id from {_CLOSURE} where ancestor_id = any(%(units)s) union select unnest(%(units)s::bigint[])
), up as (
    select unit_id, unit_id as ancestor_id, 0 as depth, daterange(null, null) as during from below
    union all
    select up.unit_id, edge.parent_id, up.depth + 1, up.during * edge.during
    from up join {_EDGE} edge on edge.child_id = up.ancestor_id and edge.kind = 'line' and edge.during && up.during
    where up.depth < {_DEEPEST}
), gone as (
    delete from {_CLOSURE} old using below
    where old.unit_id = below.unit_id and not exists (
        select from up where (up.ancestor_id, up.unit_id, up.during) = (old.ancestor_id, old.unit_id, old.during)
    )
)
insert into {_CLOSURE} as old (ancestor_id, unit_id, depth, during)
select ancestor_id, unit_id, depth, during from up
on conflict (ancestor_id, unit_id, during) do update set depth = excluded.depth where old.depth <> excluded.depth
"""


def lock_tree(*, patient: bool = False) -> None:
    """Let one change of the tree (or one merge of people) run at a time, and none while somebody is given a post in it.

    Refuses `tree-busy` where it cannot be had within seconds (a roster is going in, or is being taken back), unless
    `patient`: nobody waits beside it.
    """
    with _waiting("0" if patient else PATIENCE):
        take_turn("organisations.tree")


def hold_tree(*, patient: bool = False) -> None:
    """Keep the tree as it is until this transaction ends; others may hold it too. Taken before any person is locked.

    Refuses `tree-busy` as `lock_tree` does, unless `patient`: nobody waits beside it.
    """
    with _waiting("0" if patient else PATIENCE):
        take_turn("organisations.tree", shared=True)


def lock_rosters(*, patient: bool) -> None:
    """Let one roster go in (or be taken back) at a time; taken before the tree. Refuses `tree-busy` unless `patient`."""
    with _waiting("0" if patient else PATIENCE):
        take_turn("organisations.rosters")


@contextmanager
def _waiting(patience: str) -> Iterator[None]:
    """Wait so long for these locks, and for others as long as before; a look waits as long as it ever does."""
    if is_out_of_turn():
        yield
        return
    text = _("A roster is going in or being taken back just now. Nothing was changed; try again in a minute.")
    with waiting(patience, Refused("tree-busy", text)):
        yield


def rebuild_closure(*units: int) -> int:
    """Derive who stands above these units and everything that ever stood below them; returns how many rows were written.

    A path is a chain of line edges; it holds while all of them hold. Only the moved subtree is derived again. Where units
    stood somewhere before, `TreeChange` tells it; below a new one there is nobody yet.
    """
    known = Closure.objects.filter(unit__in=units).exists()
    with connection.cursor() as cursor:
        cursor.execute(_REBUILD, {"units": list(units)})
        written = int(cursor.rowcount)
    if known:
        note_tree_change()
    return written


def note_tree_change() -> None:
    """Write down that the tree is another one: what was summed by it is summed anew (`follow_tree`)."""
    TreeChange.objects.create(at=now())


def follow_tree() -> int:
    """Take what was written down by `note_tree_change`, before anything is summed by the tree as it is now; returns how many
    times it had changed. Called inside the transaction that sums: if that fails, they are there again."""
    return TreeChange.objects.all().delete()[0]


def note_change(*, during: Any, units: Iterable[int] = (), people: Iterable[int] = ()) -> int:
    """Write down that facts about these units or people changed for some dates (a range; None: for ever).

    Modules above read it in the settle loop (`read_changes`) and derive anew what rests on it.
    """
    at = now()
    changes = [Change(unit_id=unit, during=during, at=at) for unit in units]
    changes += [Change(person_id=person, during=during, at=at) for person in people]
    copy_objects(changes)
    return len(changes)


def read_changes(*, reader: str, most: int, concerning: Concerned | None = None) -> list[Change]:
    """The next changes that the module `reader` has not followed yet, oldest first; they are its own from now on.
    `concerning` leaves out what is about nobody and nothing of these.

    Called inside the transaction that follows them: if that fails, they are there again.
    """
    unread = Change.objects.exclude(read_by__contains=[reader]).order_by("pk")
    if concerning is not None:
        unread = unread.filter(Q(person__in=concerning.people) | Q(unit__in=concerning.units))
    changes = list(unread.select_for_update(of=("self",), skip_locked=True)[:most])
    read = Func(F("read_by"), Value(reader), function="array_append")
    Change.objects.filter(pk__in=[change.pk for change in changes]).update(read_by=read)
    return changes


def read_erasures(*, reader: str, most: int = 100, before: datetime | None = None) -> list[Erasure]:
    """The confirmed erasures that the module `reader` has not followed yet, oldest first; they are its own from now on. The
    account is closed before anybody else erases, so that nothing new comes from it, and some wait for the one that tells them whom
    they hold. `before` leaves out those confirmed then or later.

    Called inside the transaction that erases: if that fails, they are there again.
    """
    rows = Erasure.objects.filter(state="confirmed").exclude(erased_by__contains=[reader])
    if reader != ERASERS[0]:
        rows = rows.filter(erased_by__contains=[ERASERS[0]])
    if reader in BEFORE:
        rows = rows.filter(erased_by__contains=[BEFORE[reader]])
    if before is not None:
        rows = rows.filter(ended_at__lt=before)
    found = list(rows.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:most])
    read = Func(F("erased_by"), Value(reader), function="array_append")
    Erasure.objects.filter(pk__in=[row.pk for row in found]).update(erased_by=read)
    return found


def read_reorganisations(*, reader: str, back: bool = False) -> list[Reorganisation]:
    """The merges and splits that hold by today and that the module `reader` has not followed yet, oldest first; `back`: those
    taken back of which it has not taken back what it did. Locked until this transaction ends; `keep_followed` says it is done."""
    rows = Reorganisation.objects.select_for_update(of=("self",), skip_locked=True)
    if back:
        rows = rows.filter(undone_at__isnull=False, followed__has_key=reader).exclude(taken_back__contains=[reader])
        return list(rows.order_by("-pk"))
    return list(rows.filter(undone_at__isnull=True, on__lte=today()).exclude(followed__has_key=reader).order_by("pk"))


def keep_followed(*, cause: Line, row: Reorganisation, reader: str, wrote: Mapping[str, Any] | None) -> None:  # noqa: ARG001 (its line)
    """The module `reader` has followed a merge or split and did this; None: it has taken that back."""
    if wrote is None:
        row.taken_back = [*row.taken_back, reader]
    else:
        row.followed = {**row.followed, reader: dict(wrote)}
    row.save(update_fields=["followed", "taken_back"])


def since(on: date | None, until: date | None = None) -> DateRange:
    """The dates from `on` (included) to `until` (excluded); None is open."""
    return DateRange(on, until)


# --- Posts ---------------------------------------------------------------------------------------------------------
def lock_people(people: Iterable[int], *, patient: bool = False) -> None:
    """Let one change of these people's posts run at a time. Refuses `tree-busy` as `hold_tree` does, unless `patient`;
    `person-erased` where nothing can be changed any more."""
    rows = Person.objects.filter(pk__in=people).order_by("pk").select_for_update(of=("self",))
    with _waiting("0" if patient else PATIENCE):
        erased = [at for at in rows.values_list("erased_at", flat=True) if at is not None]
    if erased:
        raise _person_erased()


def erased_among(people: Iterable[int | None]) -> set[int]:
    """Those of these people (any record of theirs) whose erasure was confirmed; that of the others waits until this transaction
    ends. Refuses `tree-busy` as `hold_tree` does."""
    rows = Person.objects.filter(pk__in=[person for person in people if person is not None]).order_by("pk")
    with _waiting(PATIENCE):
        kept = rows.select_for_update(of=("self",), no_key=True).values_list("pk", "erased_at")
        return {pk for pk, erased_at in kept if erased_at is not None}


def refuse_erased(people: Iterable[int | None]) -> None:
    """Refuse `person-erased` where something would be written about somebody whose erasure was confirmed: the step that erases
    it may have run. Refuses `tree-busy` as `erased_among` does."""
    if erased_among(people):
        raise _person_erased()


def _person_erased() -> Refused:
    return Refused("person-erased", _("This person has been erased; nothing about them can be changed."))


def write_numbers(person: int, numbers: Sequence[Number]) -> None:
    """Know a person by these numbers too. Refuses `number-empty`, `identity-number-wrong`, `number-taken`."""
    plain = [(n.type, check_number(n.type, n.text)) for n in numbers]
    for type_, text in plain:
        taken = ExternalIdentifier.objects.filter(type=type_, digest__in=digests_of(type_, text), valid_to__isnull=True)
        if taken.exists():
            raise _number_taken()
    rows = [
        ExternalIdentifier(
            person_id=person, type=type_, cipher=encrypt(text.encode()), digest=digest_of(type_, text),
            key_version=key_version(), valid_from=today(),
        )
        for type_, text in plain
    ]  # fmt: skip
    try:
        with transaction.atomic():
            ExternalIdentifier.objects.bulk_create(rows)
    except IntegrityError as error:  # entered at this very moment by somebody else
        raise _number_taken() from error


def give_number(*, cause: Line, person: int, number: Number) -> None:  # noqa: ARG001 (its line)
    """As `write_numbers`, for a module above."""
    write_numbers(person, [number])


def _number_taken() -> Refused:
    return Refused("number-taken", _("This number belongs to somebody who is entered already."), field="number")


def end_number(*, cause: Line, person: int, type: str, digest: str) -> bool:  # noqa: A002, ARG001 (the column's name; its line)
    """Know a person by this number no longer; whether they were known by it."""
    rows = ExternalIdentifier.objects.filter(person=person, type=type, digest=digest, valid_to__isnull=True)
    return rows.update(valid_to=today()) > 0


def write_lines(lines: Mapping[int, tuple[Posts, Posts]]) -> list[int]:
    """Store each person's line (before, after): rows that stay the same are not written. Returns the people whose posts
    changed; notes from when to when they differ."""
    at, rows, gone, changes = now(), [], [], []
    for person, (before, after) in lines.items():
        stored = {s.row: s for s in before}
        written = [s for s in after if s.row is None or stored.get(s.row) != s]
        gone += [s.row for s in before if s.row is not None and s not in after]
        rows += [_posting(person, s, at) for s in written]
        if (span := difference(before, after)) is not None:
            changes.append(Change(person_id=person, during=during(*span), at=at))
    Posting.objects.filter(pk__in=gone).delete()
    copy_objects(rows)
    copy_objects(changes)
    return [change.person_id for change in changes if change.person_id is not None]


def during(starts: date, ends: date) -> DateRange:
    """A stretch's dates as a range of the database."""
    return since(None if starts == EVER else starts, None if ends == OPEN else ends)


def _posting(person: int, s: Stretch, at: datetime) -> Posting:
    facts = {name: getattr(s.post, name) for name in _FACTS}
    return Posting(
        pk=s.row, person_id=person, unit_id=s.post.unit, school_id=s.school, home=s.home, during=during(s.starts, s.ends),
        known_at=at, **facts,
    )  # fmt: skip


# --- Rows kept for an undo -----------------------------------------------------------------------------------------
def dump_rows(rows: QuerySet[Any, Any]) -> list[dict[str, Any]]:
    """These rows, whole, as JSON the database can read back exactly (instants to the microsecond, ranges, bytes)."""
    table = rows.model._meta.db_table
    ids = list(rows.order_by().values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(f'select to_jsonb(kept) from "{table}" kept where id = any(%s) order by id', [ids])
        return [json.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()]


def digest_rows(rows: QuerySet[Any, Any]) -> str:
    """A digest of these rows, whole: has anything of them changed since?"""
    table = rows.model._meta.db_table
    weigh_grown()
    ids = list(rows.order_by().values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select encode(sha256(convert_to(coalesce(string_agg(to_jsonb(kept)::text, chr(10) order by id), ''), 'UTF8')), 'hex')
            from "{table}" kept where id = any(%s)""",
            [ids],
        )
        return str(cursor.fetchone()[0])


def put_rows(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Put dumped rows back as they were, under their ids."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'insert into "{table}" select * from jsonb_populate_recordset(null::"{table}", %s::jsonb)',
            [json.dumps(rows)],
        )


def read_rows(model: type[M], rows: Sequence[Mapping[str, Any]]) -> list[M]:
    """Dumped rows as what they were, without putting them back."""
    table = model._meta.db_table
    query = f'select * from jsonb_populate_recordset(null::"{table}", %s::jsonb)'
    return list(model._base_manager.raw(query, [json.dumps(rows)]))


# --- Groups that a roster names ------------------------------------------------------------------------------------
def found_groups(names: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Teaching groups (school, name) that a roster names and nobody founded: each has been there as long as its school."""
    keys = sorted(names)
    opened = dict(Unit.objects.filter(pk__in={school for school, _name in keys}).values_list("pk", "opened_on"))
    units = [Unit(name=name, level="group", kind="group", opened_on=opened[school]) for school, name in keys]
    copy_objects(units)
    copy_objects([UnitName(unit=unit, name=unit.name, during=since(unit.opened_on)) for unit in units])
    pairs = list(zip(keys, units, strict=True))
    copy_objects([Edge(child=unit, parent_id=school, during=since(unit.opened_on)) for (school, _name), unit in pairs])
    rebuild_closure(*(unit.pk for unit in units))
    return {key: unit.pk for key, unit in pairs}


def drop_units(units: Sequence[int]) -> None:
    """Take units out that were founded by mistake; the database refuses it where anything else names them."""
    for rows in (
        Change.objects.filter(unit__in=units), Closure.objects.filter(unit__in=units), Edge.objects.filter(child__in=units),
        UnitName.objects.filter(unit__in=units), UnitFlag.objects.filter(unit__in=units), Unit.objects.filter(pk__in=units),
    ):  # fmt: skip
        rows._raw_delete(rows.db)
