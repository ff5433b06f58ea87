"""Parameters of a call, as plain values: agents, IRIs, registrations, instants. What cannot be read is `parameter-unreadable`."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused
from weineng.statements.rules.keys import IDENTIFIERS

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x1f]+")
_MAILBOX = re.compile(r"mailto:[^@\s]+@[^@\s]+")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_AGENT = {"objectType", "name", *IDENTIFIERS}


def unreadable(name: str) -> Refused:
    """The refusal of a parameter."""
    return Refused("parameter-unreadable", _("The parameter %(name)s cannot be read."), name=name)


def iri_of(text: str, name: str) -> str:
    """An absolute IRI."""
    if not _IRI.fullmatch(text):
        raise unreadable(name)
    return text


def uuid_of(text: str, name: str) -> UUID:
    """A UUID in its common form, with hyphens."""
    if not _UUID.fullmatch(text):
        raise unreadable(name)
    return UUID(text)


def instant_of(text: str, name: str) -> datetime:
    """An instant in ISO 8601, with date and time; one without offset is in UTC."""
    try:
        found = datetime.fromisoformat(text.upper() if "T" in text.upper() else "")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise unreadable(name) from error


def agent_of(text: str, name: str) -> dict[str, Any]:
    """An agent, not a group, with one identifier and nothing that agents have not; `text` is its JSON."""
    try:
        agent = msgspec.json.decode(text.encode(), type=dict[str, Any])
    except (UnicodeEncodeError, msgspec.DecodeError, RecursionError) as error:
        raise unreadable(name) from error
    named = [kind for kind in IDENTIFIERS if kind in agent]
    plain = agent.get("objectType", "Agent") == "Agent" and isinstance(agent.get("name", ""), str)
    if agent.keys() - _AGENT or not plain or len(named) != 1 or not _identifies(named[0], agent[named[0]]):
        raise unreadable(name)
    return agent


def _identifies(kind: str, value: object) -> bool:
    if kind == "account":
        return isinstance(value, Mapping) and _is_account(value)
    forms = {"mbox": _MAILBOX, "mbox_sha1sum": _SHA1, "openid": _IRI}
    return isinstance(value, str) and bool(forms[kind].fullmatch(value))


def _is_account(value: Mapping[str, object]) -> bool:
    page, name = value.get("homePage"), value.get("name")
    if value.keys() != {"homePage", "name"} or not (isinstance(page, str) and isinstance(name, str)):
        return False
    return bool(_IRI.fullmatch(page)) and bool(name)
