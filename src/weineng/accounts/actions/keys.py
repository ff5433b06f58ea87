"""Keys of machines: those of an office's own systems, for some scopes, shown once; and what goes for every key. A platform's
keys are issued above, by `learning`, which knows whose platform it is.

What a deputy issues ends with what was lent to them, at the latest: on its last day, or when it is taken back.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.accounts.effects import keep_api_key
from weineng.accounts.models import ApiKey
from weineng.accounts.permissions import MANAGE_KEYS
from weineng.accounts.queries import carried_by, delegation_behind, keys_within
from weineng.accounts.rules import OFFICE_KEY_LONGEST, OFFICE_SCOPES, check_key, new_key
from weineng.audit.effects import record
from weineng.kernel.actors import Actor, Permission, Reach
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.reach import require_unit, units_within

_USE_NOTED = timedelta(minutes=1)


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
    lent = delegation_behind(by, MANAGE_KEYS)
    may, until = check_key(label, scopes, OFFICE_SCOPES, expires_on, lent.ends_on if lent else None)
    plain, prefix = new_key()
    facts = {"provider": "", "prefix": prefix, "scopes": may, "until": until and until.isoformat()}
    line = record(by=by, verb="accounts.issue_key", thing=place, unit=place.pk, facts=facts)
    key = keep_api_key(
        cause=line, unit=place, provider="", label=label, scopes=may, plain=plain, until=until, lent=lent
    )
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
