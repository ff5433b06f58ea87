"""Parameters of requests, of the same forms as the values in statements."""

from datetime import datetime
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
    _of_form(shapes.uuid, params, name)
    return UUID(params[name])


def iri(params: dict[str, str], name: str) -> str:
    """An IRI, '' where it is missing; refuses `parameter-unreadable`."""
    if name in params:
        _of_form(shapes.iri, params, name)
    return params.get(name, "")


def moment(params: dict[str, str], name: str) -> datetime | None:
    """An instant, None where it is missing; refuses `parameter-unreadable`."""
    return shapes.moment(params[name], name) if name in params else None


def agent(params: dict[str, str], name: str) -> str:
    """An agent or identified group as its identity, '' where it is missing; refuses `parameter-unreadable`."""
    if name not in params:
        return ""
    try:
        value = orjson.loads(params[name])
    except orjson.JSONDecodeError:
        raise _wrong(name, "must be an agent in JSON.") from None
    agents.actor(value, name)
    if not (found := identity(value)):
        raise _wrong(name, "must have an identifier.")
    return found


def _of_form(check: shapes.Check, params: dict[str, str], name: str) -> None:
    check(params.get(name), name)
