"""Accept what a platform says: all statements of a call, or none."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.db import IntegrityError, transaction

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.statements.actions.sources import open_source
from weineng.statements.attachments import Arrived, hold, refuse_false_signatures
from weineng.statements.describing import describe, meet
from weineng.statements.measures import writing
from weineng.statements.models import Source
from weineng.statements.rules.comparing import same
from weineng.statements.rules.rows import GIVEN_BY_STORE, Content, Row, attachments_of, authority_of, row_of
from weineng.statements.rules.statements import check
from weineng.statements.rules.times import TURNS, instant, microseconds, written

TRIES = 3  # of a call that another one with the same ids came before


@transaction.atomic
def accept_statements(
    *, by: Actor, statements: Sequence[Any], new: bool, files: Mapping[str, Arrived] | None = None, sid: str = ""
) -> list[str]:
    """Store statements as decoded from JSON (2.0: `new`, else 1.0.3); returns their ids in order. `sid`: the id that the one statement
    must have. `files`: what came with them, by hash.

    The same again changes nothing. Refuses `statement-malformed`, `id-twice`, `id-differs`, `file-missing`, `file-unknown`,
    `signature-false`; `conflict` where an id
    stands for something else; `not-found` to who is no platform.
    """
    contents = [_checked(content, new=new) for content in statements]
    ids = [_id_of(content, sid) for content in contents]
    if len(set(ids)) < len(ids):
        raise Refused("id-twice", "Two statements have the same id.")
    source = open_source(by=by)
    arrived = files or {}
    _refuse_unknown(contents, arrived)
    rows = [row_of(source.pk, one, content) for one, content in zip(ids, contents, strict=True)]
    for row in rows:
        _refuse_without_file(row.content, arrived)
        refuse_false_signatures(row.content, arrived)
    fresh = _store(source, rows, arrived, new=new)
    if fresh:
        facts = {"statements": len(rows), "new": len(fresh)}
        record(by=by, verb="statements.accept", thing=source, unit=source.unit_id, facts=facts)
    return ids


def _checked(content: Any, *, new: bool) -> Content:
    check(content, new=new)
    found: Content = content
    return found


def _id_of(content: Content, sid: str) -> str:
    given = str(content.get("id", "")).lower()
    if sid and given and given != sid:
        raise Refused("id-differs", "The statement has another id than the parameter statementId.")
    return sid or given or str(uuid4())


def _refuse_unknown(contents: Sequence[Content], files: Mapping[str, Arrived]) -> None:
    named = {one["sha2"] for content in contents for one in attachments_of(content)}
    if unknown := sorted(files.keys() - named):
        raise Refused("file-unknown", "No statement names the file %(sha2)s.", sha2=unknown[0][:130])


def _refuse_without_file(content: Content, files: Mapping[str, Arrived]) -> None:
    for one in attachments_of(content):
        if "fileUrl" not in one and one["sha2"] not in files:
            raise Refused("file-missing", "No file came for the attachment %(sha2)s.", sha2=one["sha2"][:130])


def _store(source: Source, rows: Sequence[Row], files: Mapping[str, Arrived], *, new: bool) -> list[Row]:
    """Write what is new; returns it."""
    turn = writing.announce(microseconds(now()) // 1000)
    first = _take_time(len(rows))
    placed = [(_seq(first, turn, place), row) for place, row in enumerate(rows)]
    meet(source.pk, rows)
    describe(source.pk, rows)
    for left in reversed(range(TRIES)):
        fresh = _unknown(source.pk, placed)
        try:
            with transaction.atomic():
                _write(source, fresh, files, new=new)
            break
        except IntegrityError:
            if not left:
                raise
    return [row for _seq, row in fresh]


Placed = tuple[int, Row]
_lock = Lock()
_last = 0


def _take_time(count: int) -> int:
    """The first of `count` microseconds that no other call of this process has."""
    global _last  # noqa: PLW0603 (the clock's last reading here)
    with _lock:
        first = max(microseconds(now()), _last + 1)
        _last = first + count
        return first


def _seq(first: int, turn: int, place: int) -> int:
    return (first + place) * TURNS + turn


def _unknown(source: int, placed: Sequence[Placed]) -> list[Placed]:
    """Those whose ids the source has not used. Refuses `conflict`."""
    held = writing.known(source, [UUID(row.sid) for _seq, row in placed])
    fresh = []
    for seq, row in placed:
        before = held.get(UUID(row.sid))
        if before is None:
            fresh.append((seq, row))
        elif before[0] and before[0] != row.digest and not same(orjson.loads(before[1]), row.content):
            message = "The id %(id)s stands for another statement; a statement never changes."
            raise Refused("conflict", message, id=row.sid)
    return fresh


def _write(source: Source, placed: Sequence[Placed], files: Mapping[str, Arrived], *, new: bool) -> None:
    if not placed:
        return
    given = {"authority": authority_of(source.code), "version": "2.0.0" if new else "1.0.0"}
    in_order = sorted(placed, key=lambda one: one[1].sid)
    writing.copy_statements(_columns(source.pk, seq, row, given) for seq, row in in_order)
    writing.copy_relations((key, seq) for seq, row in placed for key in row.relations)
    writing.copy_pending(seq for seq, _row in placed)
    kept = [
        (seq, sha2, file.digest, file.size, file.media_type)
        for seq, row in placed
        for sha2 in dict.fromkeys(one["sha2"] for one in attachments_of(row.content))
        if (file := files.get(sha2))
    ]
    if kept:
        hold(files.values())
        writing.copy_attachments(kept)


def _columns(source: int, seq: int, row: Row, given: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        seq, source, UUID(row.sid), _body(seq, row, given), row.digest, row.actor, row.verb, row.activity, row.registration,
        UUID(row.target) if row.target else None, row.voids,
    )  # fmt: skip


def _body(seq: int, row: Row, given: Mapping[str, Any]) -> str:
    """The statement as it is answered: as it was said, with what the store gives."""
    stored = written(instant(seq))
    content = {"id": row.sid} | {name: value for name, value in row.content.items() if name not in GIVEN_BY_STORE}
    content.setdefault("timestamp", stored)
    content |= {"stored": stored, **given}
    content["version"] = row.content.get("version", given["version"])
    return orjson.dumps(content).decode()
