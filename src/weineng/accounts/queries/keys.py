"""What can be asked of the keys of machines: which key this is, what its holder may do, whose keys there are.

A machine shows its key as it is, as the password that belongs to the key's name (Basic), or as a token that it was given
for its key an hour ago at most. All three are found by a keyed hash in one query; no password is hashed.
"""

from collections.abc import Iterable
from types import MappingProxyType

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import AccessToken, ApiKey, Delegation
from weineng.accounts.permissions import MANAGE_KEYS
from weineng.accounts.rules import READ_ALL, TOKEN_MARK, key_digests, name_of_key, source_code
from weineng.kernel.actors import Actor, Permission, Reach
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.reach import same_people, units_within

SCOPE_PERMISSIONS = {  # scope of a key → the permissions it carries
    "records.write": frozenset({"learning.deliver"}),
    "records.read": frozenset({"learning.view"}),
    "statements.write": frozenset({"statements.write"}),
    "statements.read": frozenset({"statements.read"}),
    READ_ALL: frozenset({"statements.read"}),
    "state": frozenset({"statements.keep_state"}),
    "profile": frozenset({"statements.keep_profile"}),
    "standings.read": frozenset({"progress.export"}),
    "figures.read": frozenset({"progress.view", "insight.view"}),
    "people.read": frozenset({"organisations.export_people"}),
}
NAMES = frozenset({"organisations.view_unit", "programmes.view"})  # what every key of an office may read


def key_shown(token: str) -> ApiKey:
    """The API key that a machine shows, or the one behind the access token that it shows (then with the token's scopes
    only), if it opens; one indexed query, no password hashing.

    Refuses `key-unknown`, `key-revoked`, `key-expired`, `token-expired`: whoever holds a key may know what became of it.
    """
    if token.startswith(f"{TOKEN_MARK}_"):
        return _key_behind(token)
    rows = ApiKey.objects.select_related("delegation__grant")
    key = rows.filter(digest__in=key_digests(token)).first() if token else None
    if key is None:
        raise Refused("key-unknown", _("This key is not one of ours. Compare it with what was handed over."))
    return _that_opens(key)


def key_named(name: str, secret: str) -> ApiKey:
    """The API key shown as name and password: the name is its readable part (`wn_` and eight signs, or these alone) or the code
    of its platform, the password the key.

    Refuses as `key_shown`; a token is no password.
    """
    known = name_of_key(secret)
    key = key_shown(secret if known else "")
    if not name or name not in (known, key.prefix, key.provider):
        raise Refused("key-unknown", _("This is not the name that goes with the key."))
    return key


def _key_behind(token: str) -> ApiKey:
    rows = AccessToken.objects.select_related("key__delegation__grant")
    row = rows.filter(digest__in=key_digests(token)).first()
    if row is None or row.expires_at <= now():
        raise Refused("token-expired", _("This token is over, or not one of ours. Ask for another one with your key."))
    key = _that_opens(row.key)
    key.scopes = [scope for scope in key.scopes if scope in row.scopes]
    return key


def _that_opens(key: ApiKey) -> ApiKey:
    if key.revoked_at is not None:
        raise Refused("key-revoked", _("This key was revoked. Ask the office for another one."))
    if key.expires_on is not None and key.expires_on <= today():
        raise Refused("key-expired", _("The last day of this key is over. Ask the office for another one."))
    if key_over(key):
        raise Refused(
            "key-expired",
            _("This key ended with the delegation under which it was issued. Ask the office for another one."),
        )
    return key


def key_over(key: ApiKey) -> bool:
    """Whether the last day of a key is over, or what was lent to the deputy who issued it."""
    on, lent = today(), key.delegation
    if key.expires_on is not None and key.expires_on <= on:
        return True
    if lent is None:
        return False
    role_ended = lent.grant.ends_on is not None and lent.grant.ends_on <= on
    return lent.revoked_at is not None or lent.ends_on <= on or role_ended


def delegation_behind(by: Actor, permission: Permission) -> Delegation | None:
    """What was lent to somebody who acts for another, by which they hold the permission; None in one's own name.

    Refuses `not-found` where it holds no longer.
    """
    if by.on_behalf_of is None:
        return None
    rows = Delegation.objects.filter(
        agent__in=same_people([by.person]), principal=by.on_behalf_of, revoked_at__isnull=True, starts_on__lte=today(),
        ends_on__gt=today(), grant__in=by.nodes.get(permission.code, {}).values(),
    )  # fmt: skip
    found = rows.order_by("ends_on", "pk").first()
    if found is None:
        raise NotFound("accounts.delegation")
    return found


def actor_of_key(key: ApiKey, door: str) -> Actor:
    """What the holder of a key may do, only what its scopes say: a platform with what it delivered (and, where it may, what
    others delivered to the office) or with its sandbox, an office's system at the unit of the key and below."""
    allowed = carried_by(key.scopes)
    here = MappingProxyType({key.unit_id: 0})
    if key.provider:
        wide = sorted(carried_by({READ_ALL} & {*key.scopes}))
        return Actor(
            door=door, sources=frozenset({source_code(key.provider, sandbox=key.sandbox)}), source_permissions=allowed, machine=key.prefix,
            nodes=MappingProxyType(dict.fromkeys(wide, here)),
        )  # fmt: skip
    nodes = MappingProxyType(dict.fromkeys(sorted(allowed | NAMES), here))
    return Actor(door=door, nodes=nodes, machine=key.prefix)


def carried_by(scopes: Iterable[str]) -> frozenset[str]:
    """The codes of the permissions that these scopes carry."""
    return frozenset().union(*(SCOPE_PERMISSIONS.get(scope, frozenset()) for scope in scopes))


def refuse_beyond(by: Actor, unit: int, scopes: Iterable[str]) -> None:
    """Refuse `scope-not-yours` where a key for this unit would do there what `by` may not do there."""
    for code in sorted(carried_by(scopes)):
        if not units_within(by, Permission(code, frozenset({Reach.UNIT}), "")).filter(pk=unit).exists():
            raise Refused("scope-not-yours", _("A key may do no more than you may do here yourself."), field="scopes")


def keys_within(by: Actor) -> QuerySet[ApiKey]:
    """API keys issued by the offices that `by` manages keys for; live ones first, then the newest."""
    rows = ApiKey.objects.filter(unit__in=units_within(by, MANAGE_KEYS).values("pk"))
    rows = rows.select_related("unit", "delegation__grant")
    return rows.order_by(F("revoked_at").asc(nulls_first=True), "-created_at", "-pk")
