"""Admit the training platforms that may deliver."""

import re

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.learning.models import Provider
from weineng.learning.permissions import MANAGE_PROVIDERS
from weineng.organisations.reach import require_unit, units_within

OURS = "activities"  # the attendance of our own sessions


@transaction.atomic
def admit_provider(*, by: Actor, unit: int, code: str, name: str, period_minutes: int = 0) -> Provider:
    """Admit a platform for this part of the tree. `period_minutes`: how long its period is, 0 if it sends minutes.

    Refuses `code-malformed`, `code-taken`, `name-missing`, `text-too-long`, `period-out-of-range`; `not-found` outside one's reach.
    """
    require_unit(by, MANAGE_PROVIDERS, unit)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,38}", code) or code == OURS:
        raise Refused("code-malformed", _("Codes are 2 to 39 small letters, digits and hyphens."), field="code")
    _check(name, period_minutes)
    provider, made = Provider.objects.get_or_create(
        code=code,
        defaults={"name": name.strip(), "owner_id": unit, "period_minutes": period_minutes, "created_at": now()},
    )
    if not made:
        raise Refused("code-taken", _("This code is taken."), field="code")
    record(by=by, verb="learning.admit", thing=provider, unit=unit, facts={"code": code, "name": provider.name})
    return provider


@transaction.atomic
def change_provider(*, by: Actor, provider: int, name: str, period_minutes: int, active: bool) -> Provider:
    """Change a platform's name and period, or suspend it: a suspended one delivers nothing, its records stay.

    Refuses `name-missing`, `text-too-long`, `period-out-of-range`; `not-found` outside one's reach.
    """
    row = (
        Provider.objects.select_for_update(of=("self",))
        .filter(pk=provider, owner__in=units_within(by, MANAGE_PROVIDERS))
        .first()
    )
    if row is None:
        raise NotFound("learning.provider")
    _check(name, period_minutes)
    before = {"name": row.name, "period_minutes": row.period_minutes, "active": row.active}
    row.name, row.period_minutes, row.active = name.strip(), period_minutes, active
    row.save(update_fields=["name", "period_minutes", "active"])
    record(by=by, verb="learning.change_provider", thing=row, unit=row.owner_id, facts={"before": before})
    return row


def _check(name: str, period_minutes: int) -> None:
    if not name.strip():
        raise Refused("name-missing", _("Give it a name."), field="name")
    refuse_long(Provider, name=name.strip())
    if not 0 <= period_minutes <= 240:
        raise Refused(
            "period-out-of-range",
            _("A period has 1 to 240 minutes; 0 means that minutes are sent."),
            field="period_minutes",
        )
