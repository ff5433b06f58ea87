"""Keys of machines: a training platform's, or an office's own system's; for some scopes, shown once.

What a deputy issues ends with what was lent to them, at the latest: on its last day, or when it is taken back.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import ApiKey
from weineng.accounts.permissions import MANAGE_KEYS
from weineng.accounts.queries import carried_by, delegation_behind, keys_within
from weineng.accounts.rules import OFFICE_KEY_LONGEST, OFFICE_SCOPES, PLATFORM_SCOPES, key_digests, new_key
from weineng.audit.effects import record
from weineng.kernel.actors import Actor, Permission, Reach
from weineng.kernel.clock import now, today
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.models import Unit
from weineng.organisations.reach import require_unit, units_within

_USE_NOTED = timedelta(minutes=1)


@transaction.atomic
def issue_api_key(
    *, by: Actor, unit: int, provider: str, label: str, scopes: Sequence[str], expires_on: date | None = None
) -> tuple[ApiKey, str]:
    """Issue a key for a provider's machine in the name of an office; returns it with the plain text, shown this once.

    `scopes`: records.write, records.read; `expires_on`: the first day on which it no longer opens. Refuses
    `label-missing`, `provider-missing`, `scopes-unknown`, `key-dates`, `text-too-long`; `not-found` for a unit out of reach.
    """
    place = require_unit(by, MANAGE_KEYS, unit)
    if not provider.strip():
        raise Refused("provider-missing", _("Say which platform the key is for."), field="provider")
    if expires_on is not None and expires_on <= today():
        raise Refused("key-dates", _("A key ends after today."), field="expires_on")
    return _issue(by, place, provider.strip(), label, scopes, PLATFORM_SCOPES, expires_on)


@transaction.atomic
def issue_office_key(
    *, by: Actor, unit: int, label: str, scopes: Sequence[str], expires_on: date
) -> tuple[ApiKey, str]:
    """Issue a key with which an office's own system reads about the unit and all below it; returns it with the plain text,
    shown this once.

    `scopes`: standings.read, figures.read, people.read; nobody hands out more than they hold there themselves.
    `expires_on`: the first day on which it no longer opens, at most a year away. Refuses `label-missing`,
    `scopes-unknown`, `key-dates`, `scope-not-yours`, `text-too-long`; `not-found` for a unit out of reach.
    """
    place = require_unit(by, MANAGE_KEYS, unit)
    if not today() < expires_on <= today() + OFFICE_KEY_LONGEST:
        raise Refused("key-dates", _("Such a key ends after today and within a year."), field="expires_on")
    for code in sorted(carried_by(scopes)):
        if not units_within(by, Permission(code, frozenset({Reach.UNIT}), "")).filter(pk=place.pk).exists():
            raise Refused("scope-not-yours", _("A key may do no more than you may do here yourself."), field="scopes")
    return _issue(by, place, "", label, scopes, OFFICE_SCOPES, expires_on)


def _issue(
    by: Actor, place: Unit, provider: str, label: str, scopes: Sequence[str], known: Sequence[str], until: date | None
) -> tuple[ApiKey, str]:
    if not label.strip():
        raise Refused(
            "label-missing", _("Give the key a name, so that it is known when it is to be revoked."), field="label"
        )
    if not scopes or set(scopes) - set(known):
        raise Refused("scopes-unknown", _("Choose what the key may do."), field="scopes")
    refuse_long(ApiKey, label=label.strip(), provider=provider)
    plain, prefix = new_key()
    lent = delegation_behind(by, MANAGE_KEYS)
    if lent is not None and (until is None or until > lent.ends_on):
        until = lent.ends_on
    key = ApiKey.objects.create(
        provider=provider, unit=place, label=label.strip(), prefix=prefix, digest=key_digests(plain)[0],
        scopes=[scope for scope in known if scope in scopes], created_at=now(), expires_on=until,
        delegation=lent,
    )  # fmt: skip
    facts = {"provider": provider, "prefix": prefix, "scopes": key.scopes, "until": until and until.isoformat()}
    record(by=by, verb="accounts.issue_key", thing=key, unit=place.pk, facts=facts)
    return key, plain


@transaction.atomic
def revoke_api_key(*, by: Actor, key: int, reason: str = "") -> ApiKey:
    """Make a key open nothing from now on. Refuses `key-revoked`; `not-found` out of reach."""
    row = get_or_refuse(keys_within(by).select_for_update(of=("self",)), pk=key)
    if row.revoked_at is not None:
        raise Refused("key-revoked", _("This key has been revoked already."))
    row.revoked_at = now()
    row.save(update_fields=("revoked_at",))
    facts = {"provider": row.provider, "prefix": row.prefix}
    record(by=by, verb="accounts.revoke_key", thing=row, unit=row.unit_id, facts=facts, reason=reason)
    return row


@transaction.atomic
def note_key_use(*, by: Actor, key: int) -> bool:
    """Keep when a key was last used, to the minute; writes nothing in between. A day's first use leaves a line."""
    at = now()
    row = (
        ApiKey.objects.filter(pk=key).filter(Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - _USE_NOTED)).first()
    )
    if row is None:
        return False
    before, row.last_used_at = row.last_used_at, at
    row.save(update_fields=("last_used_at",))
    if before is None or before.date() < at.date():
        record(by=by, verb="accounts.use_key", thing=row, facts={"prefix": row.prefix})
    return True
