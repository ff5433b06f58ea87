"""From a statement to its row: what it is found by, and what identifies its content."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson
from django.conf import settings

from weineng.statements.rules.keys import identity, key_of
from weineng.statements.rules.shapes import wrong
from weineng.statements.rules.statements import PLACES, VOIDED

GIVEN_BY_STORE = ("id", "stored", "authority", "version")  # what a sender may say and the store decides
Content = dict[str, Any]


@dataclass(slots=True)
class Row:
    """A statement on its way in. `relations`: keys of what it names elsewhere; `agents` and `activities`: key → what it says of
    them."""

    sid: str
    content: Content
    digest: bytes
    actor: int | None
    verb: int
    activity: int | None
    registration: int | None
    target: str | None
    voids: bool
    relations: set[int] = field(default_factory=set)
    agents: dict[int, Content] = field(default_factory=dict)
    activities: dict[int, Content] = field(default_factory=dict)


def digest_of(content: Content) -> bytes:
    """The same for the same content, in whatever order its members were written; what the store gives is left out."""
    kept = {name: value for name, value in content.items() if name not in GIVEN_BY_STORE}
    try:
        text = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        wrong("statement", "is nested too deep.")
    return blake2b(text, digest_size=16).digest()


def row_of(source: int, sid: str, content: Content) -> Row:
    """The row of a (checked) statement; `sid` in small letters."""
    about, verb = content["object"], content["verb"]["id"]
    kind = about.get("objectType", "Activity")
    registration = content.get("context", {}).get("registration")
    named = identity(content["actor"])
    row = Row(
        sid=sid,
        content=content,
        digest=digest_of(content),
        actor=key_of(source, "agent", named) if named else None,
        verb=key_of(source, "verb", verb),
        activity=key_of(source, "activity", about["id"]) if kind == "Activity" else None,
        registration=key_of(source, "registration", registration.lower()) if registration else None,
        target=about["id"].lower() if kind == "StatementRef" else None,
        voids=kind == "StatementRef" and verb == VOIDED,
    )
    if row.actor is not None:
        row.agents[row.actor] = content["actor"]
    _relate(source, row)
    return row


def _relate(source: int, row: Row) -> None:
    content = row.content
    actor, about = content["actor"], content["object"]
    direct = [*actor.get("member", ())]
    if about.get("objectType") in ("Agent", "Group"):
        direct += _with_members(about)
    for one in direct:
        _agent(source, row, one, "named", "related")
    for one in _others(content):
        _agent(source, row, one, "related")
    if row.activity is not None:
        row.activities[row.activity] = about
    for one in _around(content):
        row.relations.add(key_of(source, "around", one["id"]))
        row.activities.setdefault(key_of(source, "activity", one["id"]), one)


def _agent(source: int, row: Row, one: Content, *kinds: str) -> None:
    named = identity(one)
    if named:
        row.relations.update(key_of(source, kind, named) for kind in kinds)
        row.agents.setdefault(key_of(source, "agent", named), one)


def _with_members(one: Content) -> Iterator[Content]:
    yield one
    yield from one.get("member", ())


def _others(content: Content) -> Iterator[Content]:
    """Agents and groups with a part in a statement who are neither its actor nor its object, those inside included."""
    context = content.get("context")
    if context:
        beside = [context[name] for name in ("instructor", "team") if name in context]
        beside += [one["agent"] for one in context.get("contextAgents", ())]
        beside += [one["group"] for one in context.get("contextGroups", ())]
        for one in beside:
            yield from _with_members(one)
    inner = content["object"]
    if inner.get("objectType") == "SubStatement":
        yield from _with_members(inner["actor"])
        if inner["object"].get("objectType") in ("Agent", "Group"):
            yield from _with_members(inner["object"])
        yield from _others(inner)


def _around(content: Content) -> Iterator[Content]:
    """Activities around a statement, and all of one inside it."""
    context = content.get("context")
    if context and "contextActivities" in context:
        around = context["contextActivities"]
        for place in PLACES:
            yield from around.get(place, ())
    inner = content["object"]
    if inner.get("objectType") == "SubStatement":
        if inner["object"].get("objectType", "Activity") == "Activity":
            yield inner["object"]
        yield from _around(inner)


def attachments_of(content: Content) -> Iterator[Content]:
    """What is attached to a statement, and to one inside it."""
    yield from content.get("attachments", ())
    if content["object"].get("objectType") == "SubStatement":
        yield from content["object"].get("attachments", ())


def authority_of(code: str) -> Content:
    """Who vouches for what a source writes: the platform's account here."""
    return {"objectType": "Agent", "account": {"homePage": settings.SITE, "name": code}}
