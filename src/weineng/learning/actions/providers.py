"""Admit the training platforms that may deliver, and issue their keys."""

import re
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.accounts.effects import keep_api_key
from weineng.accounts.models import ApiKey
from weineng.accounts.permissions import MANAGE_KEYS
from weineng.accounts.queries import delegation_behind, refuse_beyond
from weineng.accounts.rules import PLATFORM_SCOPES, READ_ALL, check_key, new_key, source_code
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.learning.actions._records import beside_sheets
from weineng.learning.models import Provider
from weineng.learning.permissions import MANAGE_PROVIDERS
from weineng.organisations.reach import require_unit, units_below, units_within

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
    Its sandbox stays open.

    Refuses `name-missing`, `text-too-long`, `period-out-of-range`; `provider-busy` while a sheet of it goes in for longer
    than seconds; `not-found` outside one's reach.
    """
    rows = Provider.objects.select_for_update(of=("self",))
    with beside_sheets():
        row = rows.filter(pk=provider, owner__in=units_within(by, MANAGE_PROVIDERS)).first()
    if row is None:
        raise NotFound("learning.provider")
    _check(name, period_minutes)
    before = {"name": row.name, "period_minutes": row.period_minutes, "active": row.active}
    row.name, row.period_minutes, row.active = name.strip(), period_minutes, active
    row.save(update_fields=["name", "period_minutes", "active"])
    Provider.objects.filter(pk=-row.pk).update(name=row.name, period_minutes=period_minutes)
    record(by=by, verb="learning.change_provider", thing=row, unit=row.owner_id, facts={"before": before})
    return row


@transaction.atomic
def issue_api_key(
    *,
    by: Actor,
    unit: int,
    provider: str,
    label: str,
    scopes: Sequence[str],
    expires_on: date | None = None,
    sandbox: bool = False,
) -> tuple[ApiKey, str]:
    """Issue a key for a platform's machine in the name of the office that admitted it, or of one above that; returns it with
    the plain text, shown this once.

    `scopes`: of `accounts.rules.PLATFORM_SCOPES`; statements.read_all reads what every platform sent to the office and below: only
    who reads that there hands it out, and it ends within a year. `expires_on`: the first day on which it no longer opens. A
    platform has as many keys as it needs at a time, so that a new one is in use before the old one is revoked. `sandbox`: it opens
    the sandbox of the platform and nothing else.

    Refuses `provider-missing`, `label-missing`, `scopes-unknown`, `scope-in-earnest` (a sandbox reads nothing that was said in
    earnest), `scope-not-yours`, `key-dates`, `text-too-long`; `not-found` for a unit out of reach, and for a platform that no
    office there has admitted.
    """
    place = require_unit(by, MANAGE_KEYS, unit)
    code = provider.strip()
    if not code:
        raise Refused("provider-missing", _("Say which platform the key is for."), field="provider")
    row = get_or_refuse(Provider.objects.filter(owner__in=units_below({place.pk})), code=code)
    if sandbox and READ_ALL in scopes:
        raise Refused(
            "scope-in-earnest", _("A key of a sandbox reads nothing of what platforms said in earnest."), field="scopes"
        )
    refuse_beyond(by, place.pk, {READ_ALL} & {*scopes})
    lent = delegation_behind(by, MANAGE_KEYS)
    may, until = check_key(label, scopes, PLATFORM_SCOPES, expires_on, lent.ends_on if lent else None)
    plain, prefix = new_key()
    code = source_code(row.code, sandbox=sandbox)
    facts = {"provider": code, "prefix": prefix, "scopes": may, "until": until and until.isoformat()}
    line = record(by=by, verb="accounts.issue_key", thing=place, unit=place.pk, facts=facts)
    key = keep_api_key(
        cause=line,
        unit=place,
        provider=row.code,
        label=label,
        scopes=may,
        plain=plain,
        until=until,
        lent=lent,
        sandbox=sandbox,
    )
    if sandbox:
        _open_sandbox(row)
    return key, plain


def _open_sandbox(row: Provider) -> None:
    """The twin of a platform, made with the first key that opens it."""
    Provider.objects.get_or_create(
        pk=-row.pk,
        defaults={
            "code": source_code(row.code, sandbox=True), "name": row.name, "period_minutes": row.period_minutes,
            "created_at": now(),
        },
    )  # fmt: skip


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
