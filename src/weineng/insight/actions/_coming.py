"""Bring in a sheet that was read: the same for one who waits beside it and for the worker."""

from functools import partial

from weineng.audit.effects import record
from weineng.insight.actions._work import actor_behind, attempt, finish, refused
from weineng.insight.models import Intake
from weineng.insight.queries import may_bring
from weineng.insight.sheets import RosterSheet, Source, pack_sheet, pack_understood, unpack_sheet
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import Hears


def source_of(row: Intake) -> Source:
    """Where a sheet of hours or results comes from."""
    if row.programme_id is None:
        raise NotFound("programmes.programme")
    return Source(row.programme_id, row.provider, row.unit_id)


def bringer_of(row: Intake) -> Actor:
    """Who brought it, with what they may do now; refuses `not-found` where they may bring it in no more."""
    actor = actor_behind(row, lambda actor: may_bring(actor, row.kind, row.unit_id))
    if actor is None:
        raise NotFound("organisations.unit")
    return actor


def put_in_waiting(by: Actor, row: Intake) -> int:
    """Bring in a sheet that waits, in the name of who asked for it; returns 1."""
    return attempt(row, lambda told: put_in(bringer_of(row), row, told), partial(_refuse, by, row))


def put_in(by: Actor, row: Intake, told: Hears | None) -> None:
    """Bring a sheet in, and keep of it what became of its rows."""
    was, sheet = row.state, unpack_sheet(row.reading)
    sheet = sheet.apply(by, told) if isinstance(sheet, RosterSheet) else sheet.apply(by, source_of(row), told)
    roster = sheet.outcome.roster if isinstance(sheet, RosterSheet) else None
    facts = {"kind": row.kind, **sheet.counts, "roster": roster}
    record(by=by, verb="insight.put_in_sheet", thing=row, unit=row.unit_id, facts=facts)
    left = sheet.finished()
    finish(
        row, [was], reading=pack_sheet(left), understood=pack_understood(left.understood()), roster=roster, state="done",
        refused_for="", said="", gone=row.rows, done_at=now(), asked_at=row.asked_at,
    )  # fmt: skip


def _refuse(by: Actor, row: Intake, code: str, said: str) -> None:
    if refused(row, state="refused", refused_for=code, said=said, done_at=now()):
        facts = {"kind": row.kind, "code": code}
        record(by=by, verb="insight.refuse_sheet", thing=row, unit=row.unit_id, facts=facts)
