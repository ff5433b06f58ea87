"""Who is named in a statement: agents and groups, each with at most one identifier."""

from typing import Any

from weineng.statements.rules.keys import IDENTIFIERS
from weineng.statements.rules.shapes import equal, iri, listed, mailbox, required, sha1, shape, text, wrong

_ACCOUNT = {"homePage": iri, "name": text}


def _account(value: Any, at: str) -> None:
    shape(value, _ACCOUNT, at)
    required(value, _ACCOUNT, at)


_NAMED = {"name": text, "mbox": mailbox, "mbox_sha1sum": sha1, "openid": iri, "account": _account}
_AGENT = _NAMED | {"objectType": equal("Agent")}


def agent(value: Any, at: str) -> None:
    """An agent: exactly one identifier."""
    shape(value, _AGENT, at)
    if _identifiers(value) != 1:
        wrong(at, "must have exactly one identifier: mbox, mbox_sha1sum, openid or account.")


_GROUP = _NAMED | {"objectType": equal("Group"), "member": listed(agent)}


def group(value: Any, at: str) -> None:
    """A group: with one identifier, or none but members."""
    shape(value, _GROUP, at)
    required(value, ("objectType",), at)
    count = _identifiers(value)
    if count > 1:
        wrong(at, "must not have more than one identifier.")
    if not count and not value.get("member"):
        wrong(at, "a group without identifier must have members.")


def actor(value: Any, at: str) -> None:
    """An agent or a group."""
    if type(value) is dict and value.get("objectType") == "Group":
        group(value, at)
    else:
        agent(value, at)


def authority(value: Any, at: str) -> None:
    """An agent, or two of them as a group (three-legged OAuth)."""
    actor(value, at)
    if value.get("objectType") == "Group" and (_identifiers(value) or len(value["member"]) != 2):
        wrong(at, "a group must be two agents, without an identifier of the group.")


def _identifiers(value: dict[str, Any]) -> int:
    return sum(name in value for name in IDENTIFIERS)
