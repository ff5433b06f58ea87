"""Parameters of requests, of the same forms as the values in statements."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from weineng.feeds.xapi.calls import malformed
from weineng.kernel.refusals import Refused
from weineng.statements.rules import agents, shapes
from weineng.statements.rules.keys import identity

FLAGS = {"true": True, "false": False}


def _wrong(name: str, problem: str) -> Refused:
    return malformed("parameter-unreadable", "%(name)s %(problem)s", name=name, problem=problem)


def flag(params: dict[str, str], name: str) -> bool:
    """`true` or `false`, the latter by default; refuses `parameter-unreadable`."""
    text = params.get(name, "false")
    if text not in FLAGS:
        raise _wrong(name, "must be true or false.")
    return FLAGS[text]


def whole(params: dict[str, str], name: str) -> int:
    """A whole number from 0 up, 0 by default; refuses `parameter-unreadable`."""
    text = params.get(name, "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise _wrong(name, "must be a whole number.")
    return int(text)


def uuid(params: dict[str, str], name: str) -> UUID:
    """A UUID; refuses `parameter-unreadable`."""
    _of_form(shapes.uuid, params.get(name), name)
    return UUID(params[name])


def iri(params: dict[str, str], name: str) -> str:
    """An IRI, '' where it is missing; refuses `parameter-unreadable`."""
    if name in params:
        _of_form(shapes.iri, params[name], name)
    return params.get(name, "")


def moment(params: dict[str, str], name: str) -> datetime | None:
    """An instant, None where it is missing; refuses `parameter-unreadable`."""
    if name not in params:
        return None
    found: datetime = _of_form(shapes.moment, params[name], name)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise _wrong(name, "is no instant that can be reckoned with.") from None


def agent(params: dict[str, str], name: str) -> str:
    """An agent or identified group as its identity, '' where it is missing; refuses `parameter-unreadable`."""
    if name not in params:
        return ""
    value = _in_json(params, name)
    _of_form(agents.actor, value, name)
    if not (found := identity(value)):
        raise _wrong(name, "must have an identifier.")
    return found


def single_agent(params: dict[str, str], name: str) -> dict[str, Any]:
    """An agent, not a group; refuses `parameter-unreadable`."""
    value: dict[str, Any] = _in_json(params, name)
    _of_form(agents.agent, value, name)
    return value


def _in_json(params: dict[str, str], name: str) -> Any:
    try:
        return orjson.loads(params[name])
    except orjson.JSONDecodeError:
        raise _wrong(name, "must be an agent in JSON.") from None


def _of_form(check: shapes.Check, value: object, name: str) -> Any:
    try:
        return check(value, name)
    except Refused as refusal:
        told = refusal.params
        raise malformed(
            "parameter-unreadable", str(refusal.message), name=name, at=told["at"], problem=told["problem"]
        ) from None
