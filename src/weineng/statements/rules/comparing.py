"""Whether two statements say the same (1.0.3, Data 2.3.1): what the store gives, how times are written, what activities and verbs are
called, the order of members, and of a duration what is finer than a hundredth of a second do not count."""

import re
from typing import Any

import orjson

from weineng.statements.rules.rows import GIVEN_BY_STORE, Content
from weineng.statements.rules.shapes import moment

_FINER = re.compile(r"([.,]\d\d)\d+(?=S)")  # than a hundredth of a second


def same(held: Content, sent: Content) -> bool:
    """Whether a statement that was sent says what the one that is held says. One without a timestamp was given its own."""
    if "timestamp" not in sent and "timestamp" in held:
        sent = sent | {"timestamp": held["timestamp"]}
    return bool(_plain(held) == _plain(sent))


def _plain(content: Content) -> Any:
    kept = {name: value for name, value in content.items() if name not in (*GIVEN_BY_STORE, "attachments")}
    return _said(kept)


def _said(content: Content) -> Content:
    found = dict(content)
    found["verb"] = content["verb"]["id"]
    found["actor"] = _agent(content["actor"])
    if isinstance(content.get("timestamp"), str):
        found["timestamp"] = moment(content["timestamp"], "timestamp")
    if "duration" in content.get("result", {}):
        found["result"] = content["result"] | {"duration": _FINER.sub(r"\1", content["result"]["duration"])}
    about = content["object"]
    kind = about.get("objectType", "Activity")
    if kind == "SubStatement":
        found["object"] = _said(about)
    elif kind == "Activity":
        found["object"] = about["id"]
    elif kind in ("Agent", "Group"):
        found["object"] = _agent(about)
    if "context" in content:
        found["context"] = _context(content["context"])
    return found


def _context(context: Content) -> Content:
    found = dict(context)
    for name in ("instructor", "team"):
        if name in context:
            found[name] = _agent(context[name])
    if "contextActivities" in context:
        found["contextActivities"] = {
            place: [one["id"] for one in held] for place, held in context["contextActivities"].items()
        }
    return found


def _agent(agent: Content) -> Content:
    found: Content = {"objectType": "Agent", **agent}
    if "member" in agent:
        found["member"] = sorted(orjson.dumps(_agent(one), option=orjson.OPT_SORT_KEYS) for one in agent["member"])
    return found
