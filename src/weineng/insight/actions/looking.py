"""Look what would follow if a large unit were moved: by the worker, in the name of who asked, and enter it as it was shown."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.insight.actions._work import actor_behind, attempt, finish, platform_only, refused
from weineng.insight.models import MoveLook
from weineng.insight.queries.looks import edges_of, figures_told, units_of_move
from weineng.insight.rules import LOOK_HOLDS
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import Hears, get_or_refuse
from weineng.kernel.turns import out_of_turn
from weineng.organisations.actions import move_unit
from weineng.organisations.models import Unit
from weineng.organisations.permissions import EDIT_UNITS
from weineng.organisations.queries import preview_move
from weineng.organisations.reach import units_within


@transaction.atomic
def ask_for_look(*, by: Actor, unit: int, to: int, on: date) -> MoveLook:
    """Ask the worker what would follow if a unit were moved on a day. Refuses what `move_unit` refuses, at once; `not-found` out of
    reach."""
    _try(by, unit, to, on)
    row = MoveLook.objects.create(
        person=by.person or 0, on_behalf_of=by.on_behalf_of, language=get_language() or "", unit_id=unit, to_id=to, on=on,
        asked_at=now(),
    )  # fmt: skip
    record(by=by, verb="insight.ask_for_look", thing=row, unit=unit, facts={"to": to, "on": str(on)})
    return row


@transaction.atomic
def look_at_moves(*, by: Actor) -> int:
    """Look at the move that has waited longest, in the name of who asked (a step of the worker): the figures of every unit above
    on both sides, today and on its day, before and after. Returns how many. Refuses `platform-only`."""
    platform_only(by)
    row = MoveLook.objects.filter(state="waiting").order_by("asked_at", "pk").first()
    if row is None:
        return 0
    return attempt(row, lambda told: _look(by, row, told), lambda code, said: _refuse(by, row, code, said))


@transaction.atomic
def move_as_shown(*, by: Actor, look: int, reason: str = "") -> Unit:
    """Move the unit as a look of one's own had shown it. Refuses `look-not-done`, `stale-look` (the unit was moved since, another day
    has begun that it was not looked at for, or half a day has gone by), and what `move_unit` refuses; `not-found` for a look of others."""
    row = get_or_refuse(MoveLook.objects.of(by), pk=look)
    if row.state != "done":
        raise Refused("look-not-done", _("The platform has not looked at it yet."))
    if row.found["edges"] != edges_of(row.unit_id) or (row.done_at or now()) < now() - LOOK_HOLDS:
        raise Refused("stale-look", _("Since this was looked at, something has changed. Look again."))
    return move_unit(by=by, unit=row.unit_id, to=row.to_id, on=row.on, reason=reason)


def _try(by: Actor, unit: int, to: int, on: date) -> None:
    """The refusals of the move; nothing of it stays."""
    with transaction.atomic():
        out_of_turn()
        move_unit(by=by, unit=unit, to=to, on=on)
        transaction.set_rollback(True)


def _look(by: Actor, row: MoveLook, told: Hears) -> None:
    actor = actor_behind(row, lambda actor: units_within(actor, EDIT_UNITS).filter(pk=row.unit_id).exists())
    if actor is None:
        raise NotFound("insight.movelook")
    going = preview_move(by=actor, unit=row.unit_id, on=row.on)
    days = sorted({today(), min(row.on, today())})
    units = units_of_move(actor, row, days)
    with transaction.atomic():  # as it would be: looked at, and taken back
        out_of_turn()
        move_unit(by=actor, unit=row.unit_id, to=row.to_id, on=row.on)
        units |= units_of_move(actor, row, days)
        after = figures_told(units, days)
        transaction.set_rollback(True)
    told(1, 2)
    before = figures_told(units, days)
    found: dict[str, Any] = {
        "edges": edges_of(row.unit_id), "units": going.units, "people": going.people, "people_since": going.people_since,
        "before": before, "after": after,
    }  # fmt: skip
    record(by=by, verb="insight.look_at_move", thing=row, unit=row.unit_id, facts={"people": going.people})
    finish(row, ["waiting"], state="done", rows=going.people, found=found, done_at=now())


def _refuse(by: Actor, row: MoveLook, code: str, said: str) -> None:
    if refused(row, state="refused", refused_for=code, said=said, done_at=now()):
        record(by=by, verb="insight.look_at_move", thing=row, unit=row.unit_id, facts={"code": code})
