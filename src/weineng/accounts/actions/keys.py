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
from weineng.accounts.models import AccessToken, ApiKey
from weineng.accounts.permissions import MANAGE_KEYS
from weineng.accounts.queries import delegation_behind, keys_within, refuse_beyond
from weineng.accounts.rules import (
    OFFICE_KEY_LONGEST,
    OFFICE_SCOPES,
    TOKEN_VALID,
    check_key,
    key_digests,
    new_key,
    new_token,
    token_scopes,
)
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.reach import require_unit

_USE_NOTED = timedelta(minutes=1)


@transaction.atomic
def issue_office_key(
    *, by: Actor, unit: int, label: str, scopes: Sequence[str], expires_on: date
) -> tuple[ApiKey, str]:
    """Issue a key with which an office's own system reads about the unit and all below it; returns it with the plain text,
    shown this once.

    `scopes`: standings.read, figures.read, people.read, statements.read_all; nobody hands out more than they hold there themselves.
    `expires_on`: the first day on which it no longer opens, at most a year away. Refuses `label-missing`,
    `scopes-unknown`, `key-dates`, `scope-not-yours`, `text-too-long`; `not-found` for a unit out of reach.
    """
    place = require_unit(by, MANAGE_KEYS, unit)
    if not today() < expires_on <= today() + OFFICE_KEY_LONGEST:
        raise Refused("key-dates", _("Such a key ends after today and within a year."), field="expires_on")
    refuse_beyond(by, place.pk, scopes)
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


@transaction.atomic
def issue_access_token(*, by: Actor, key: int, scopes: Sequence[str] = ()) -> tuple[AccessToken, str]:
    """Give the holder of a key a token that does what the key does, or only what `scopes` say (ours, or the words of the
    xAPI), for an hour; returns it with the plain text, shown this once. `by` acts by that key.

    Refuses `scopes-unknown` for what the key has not; `not-found` for the key of another.
    """
    row = get_or_refuse(ApiKey.objects.filter(prefix=by.machine), pk=key)
    may, plain = token_scopes(scopes, row.scopes), new_token()
    token = AccessToken.objects.create(
        key=row, digest=key_digests(plain)[0], scopes=may, expires_at=now() + TOKEN_VALID
    )
    record(by=by, verb="accounts.issue_token", thing=row, unit=row.unit_id, facts={"prefix": row.prefix, "scopes": may})
    return token, plain
