"""A statement as a whole. `check` refuses what the specification does not allow, and puts what it allows to be written in two ways
into one: a single context activity becomes a list, a timestamp of 2.0 becomes one in UTC.
"""

import re
from typing import Any

from weineng.statements.rules.activities import activity
from weineng.statements.rules.agents import actor, agent, authority, group
from weineng.statements.rules.shapes import (
    Check,
    duration,
    each,
    equal,
    extensions,
    flag,
    in_utc,
    iri,
    language,
    language_map,
    listed,
    moment,
    number,
    required,
    shape,
    text,
    uuid,
    whole,
    wrong,
)

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
PLACES = ("parent", "grouping", "category", "other")  # of activities around a statement
_NEEDED = ("actor", "verb", "object")


def _version(*, new: bool) -> Check:
    spoken = re.compile(r"[12]\.0(\.\d+)?" if new else r"1\.0(\.\d+)?")

    def check(value: Any, at: str) -> None:
        if type(value) is not str or not spoken.fullmatch(value):
            wrong(at, "must be a version that is spoken here.")

    return check


_VERB = {"id": iri, "display": language_map}


def _verb(value: Any, at: str) -> None:
    shape(value, _VERB, at)
    required(value, ("id",), at)


_REFERENCE = {"objectType": equal("StatementRef"), "id": uuid}


def reference(value: Any, at: str) -> None:
    """A pointer to a statement."""
    shape(value, _REFERENCE, at)
    required(value, _REFERENCE, at)


_SCORE = {"scaled": number, "raw": number, "min": number, "max": number}


def _score(value: Any, at: str) -> None:
    shape(value, _SCORE, at)
    if not -1 <= value.get("scaled", 0) <= 1:
        wrong(at, "scaled must be between -1 and 1.")
    least, raw, most = value.get("min"), value.get("raw"), value.get("max")
    if least is not None and most is not None and least >= most:
        wrong(at, "min must be less than max.")
    if raw is not None and ((least is not None and raw < least) or (most is not None and raw > most)):
        wrong(at, "raw must be between min and max.")


_RESULT = {
    "score": _score, "success": flag, "completion": flag, "response": text, "duration": duration, "extensions": extensions,
}  # fmt: skip


def _result(value: Any, at: str) -> None:
    shape(value, _RESULT, at)


def _one_or_more(value: Any, at: str) -> None:
    each([value] if type(value) is dict else value, activity, at)


_AROUND = dict.fromkeys(PLACES, _one_or_more)


def _around(value: Any, at: str) -> None:
    shape(value, _AROUND, at)
    for name, held in value.items():
        if type(held) is dict:
            value[name] = [held]


def _types(value: Any, at: str) -> None:
    each(value, iri, at)
    if not value:
        wrong(at, "must not be empty.")


def _beside(kind: str, name: str, check_one: Check) -> Check:
    """Agents or groups of 2.0 that have a part in a statement."""
    table: dict[str, Check] = {"objectType": equal(kind), name: check_one, "relevantTypes": _types}

    def check(value: Any, at: str) -> None:
        shape(value, table, at)
        required(value, ("objectType", name), at)

    return listed(check)


_CONTEXT: dict[str, Check] = {
    "registration": uuid, "instructor": actor, "team": group, "contextActivities": _around, "revision": text, "platform": text,
    "language": language, "statement": reference, "extensions": extensions,
}  # fmt: skip
_CONTEXTS = {
    False: _CONTEXT,
    True: _CONTEXT
    | {
        "contextAgents": _beside("contextAgent", "agent", agent),
        "contextGroups": _beside("contextGroup", "group", group),
    },
}
_ATTACHMENT = {
    "usageType": iri, "display": language_map, "description": language_map, "contentType": text, "length": whole, "sha2": text,
    "fileUrl": iri,
}  # fmt: skip


def _attachment(value: Any, at: str) -> None:
    shape(value, _ATTACHMENT, at)
    required(value, ("usageType", "display", "contentType", "length", "sha2"), at)


def _context(*, new: bool) -> Check:
    table = _CONTEXTS[new]
    return lambda value, at: shape(value, table, at)


def _anything(value: Any, at: str) -> None:
    """Checked with what stands beside it."""


def _inner(*, new: bool) -> dict[str, Check]:
    return {
        "actor": actor, "verb": _verb, "object": _anything, "result": _result, "context": _context(new=new), "timestamp": moment,
        "attachments": listed(_attachment),
    }  # fmt: skip


def _outer(*, new: bool) -> dict[str, Check]:
    return _inner(new=new) | {"id": uuid, "stored": moment, "authority": authority, "version": _version(new=new)}


_SUBS = {new: _inner(new=new) | {"objectType": equal("SubStatement")} for new in (False, True)}
_STATEMENTS = {new: _outer(new=new) for new in (False, True)}
_OBJECTS: dict[Any, Check] = {"Activity": activity, "Agent": agent, "Group": group, "StatementRef": reference}


def check(value: Any, *, new: bool) -> None:
    """A statement of 2.0 (`new`) or 1.0.3; refuses `statement-malformed`."""
    shape(value, _STATEMENTS[new], "statement")
    _together(value, "statement", new=new, inner=False)


def _together(value: dict[str, Any], at: str, *, new: bool, inner: bool) -> None:
    """The object, and what depends on it."""
    required(value, _NEEDED, at)
    about = value["object"]
    kind = about.get("objectType", "Activity") if type(about) is dict else "Activity"
    if kind == "SubStatement" and not inner:
        shape(about, _SUBS[new], f"{at}.object")
        _together(about, f"{at}.object", new=new, inner=True)
    elif type(kind) is str and kind in _OBJECTS:
        _OBJECTS[kind](about, f"{at}.object")
    else:
        wrong(
            f"{at}.object.objectType",
            "must be Activity, Agent, Group, StatementRef, or SubStatement if not inside another.",
        )
    if kind != "StatementRef" and value["verb"]["id"] == VOIDED:
        wrong(f"{at}.object", "a statement that voids must target a statement.")
    if kind != "Activity" and "context" in value:
        for name in ("revision", "platform"):
            if name in value["context"]:
                wrong(f"{at}.context.{name}", "is only for statements about an activity.")
    if new and "timestamp" in value:
        value["timestamp"] = in_utc(value["timestamp"], f"{at}.timestamp")
