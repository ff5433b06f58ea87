"""Take a sheet back as a whole: a small one at once, a large one by the worker, in the order in which sheets were asked for."""

from functools import partial

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.assessment.actions import take_back_results
from weineng.audit.effects import record
from weineng.insight.actions._coming import put_in_waiting
from weineng.insight.actions._work import actor_behind, attempt, finish, platform_only, refused
from weineng.insight.models import Intake, TakeBack
from weineng.insight.queries import sheets_to_take_back, take_backs_within
from weineng.insight.rules import AT_ONCE
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import Hears, get_or_refuse
from weineng.learning.actions import take_back_hours
from weineng.organisations.actions import undo_roster
from weineng.organisations.models import Roster


@transaction.atomic
def ask_to_take_back(*, by: Actor, kind: str, sheet: int, reason: str = "") -> TakeBack | None:
    """Take a sheet back, if it is small: then None. Of a large one the worker is asked to; asked twice it is one.

    Refuses as `undo_roster`, `take_back_hours` and `take_back_results` do, of a large one only what can be said at once:
    `reason-missing`, `text-too-long`, that it was taken back already; `not-found` out of reach.
    """
    row = get_or_refuse(sheets_to_take_back(by, kind), pk=sheet)
    gone, rows = (row.undone_at, row.new + row.changed) if isinstance(row, Roster) else (row.taken_back_at, row.created)
    if kind != "roster" and not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    refuse_long(TakeBack, reason=reason)
    if gone is not None or rows <= AT_ONCE:
        _take_back(by, kind, sheet, reason, None)
        return None
    asked = {
        "person": by.person, "on_behalf_of": by.on_behalf_of, "language": get_language() or "", "reason": reason,
        "rows": rows, "asked_at": now(),
    }  # fmt: skip
    work, made = TakeBack.objects.get_or_create(kind=kind, sheet=sheet, state="waiting", defaults=asked)
    if made:
        facts = {"kind": kind, "sheet": sheet, "rows": rows}
        record(by=by, verb="insight.ask_to_take_back", thing=work, facts=facts, reason=reason)
    return work


def _take_back(by: Actor, kind: str, sheet: int, reason: str, told: Hears | None) -> None:
    if kind == "roster":
        undo_roster(by=by, roster=sheet, told=told)
    elif kind == "hours":
        take_back_hours(by=by, sheet=sheet, reason=reason, told=told)
    else:
        take_back_results(by=by, sheet=sheet, reason=reason, told=told)


@transaction.atomic
def cancel_take_back(*, by: Actor, work: int) -> TakeBack:
    """What waits for the worker, or is just being taken back, is to stay after all: nothing of it is changed.

    Whoever may take the sheet back may say so. `not-found` for others; `sheet-taken-back` once it has been taken back.
    """
    row = get_or_refuse(take_backs_within(by), pk=work)
    if TakeBack.objects.filter(pk=row.pk, state="waiting").update(state="cancelled", done_at=now()):
        record(by=by, verb="insight.cancel_take_back", thing=row, facts={"kind": row.kind, "sheet": row.sheet})
    row.refresh_from_db(fields=["state", "done_at"])
    if row.state == "done":
        raise Refused("sheet-taken-back", _("This sheet has been taken back already."))
    return row


@transaction.atomic
def carry_out_sheets(*, by: Actor) -> int:
    """Bring in or take back the sheet that has waited longest, in the name of who asked for it (a step of the worker); returns
    how many.

    What it did or why it could not is written down with it; nothing is half brought in or half taken back. One that breaks,
    or that the worker was stopped at again and again, is refused, so that those behind it go on. Refuses `platform-only`.
    """
    platform_only(by)
    coming = Intake.objects.filter(state="waiting").order_by("asked_at", "pk").first()
    going = TakeBack.objects.filter(state="waiting").order_by("asked_at", "pk").first()
    if coming is not None and (going is None or (coming.asked_at or now()) <= (going.asked_at or now())):
        return put_in_waiting(by, coming)
    if going is not None:
        return attempt(going, partial(_work_off, going), partial(_refuse, by, going))
    return 0


def _work_off(row: TakeBack, told: Hears) -> None:
    may = sheets_to_take_back
    actor = actor_behind(row, lambda actor: may(actor, row.kind).filter(pk=row.sheet).exists())
    if actor is None:
        raise NotFound("insight.takeback")
    _take_back(actor, row.kind, row.sheet, row.reason, told)
    finish(row, ["waiting"], state="done", gone=row.rows, done_at=now())


def _refuse(by: Actor, row: TakeBack, code: str, said: str) -> None:
    if refused(row, state="refused", refused_for=code, said=said, done_at=now()):
        facts = {"kind": row.kind, "sheet": row.sheet, "code": code}
        record(by=by, verb="insight.refuse_take_back", thing=row, facts=facts)
