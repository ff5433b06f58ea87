"""What statements are about: activities and their definitions."""

from collections.abc import Mapping
from typing import Any

from weineng.statements.rules.shapes import (
    each,
    equal,
    extensions,
    iri,
    language_map,
    listed,
    required,
    shape,
    text,
    wrong,
)

_COMPONENT = {"id": text, "description": language_map}


def _component(value: Any, at: str) -> None:
    shape(value, _COMPONENT, at)
    required(value, ("id",), at)


def _components(value: Any, at: str) -> None:
    each(value, _component, at)
    if len({one["id"] for one in value}) < len(value):
        wrong(at, "the ids of components must differ.")


COMPONENTS = ("choices", "scale", "source", "target", "steps")
_DEFINITION = {
    "name": language_map, "description": language_map, "type": iri, "moreInfo": iri, "extensions": extensions,
    "interactionType": text, "correctResponsesPattern": listed(text), **dict.fromkeys(COMPONENTS, _components),
}  # fmt: skip
_INTERACTIONS: Mapping[str, frozenset[str]] = {  # and the lists of components that each may have
    "choice": frozenset({"choices"}), "sequencing": frozenset({"choices"}), "likert": frozenset({"scale"}),
    "matching": frozenset({"source", "target"}), "performance": frozenset({"steps"}),
    **dict.fromkeys(("true-false", "fill-in", "long-fill-in", "numeric", "other"), frozenset[str]()),
}  # fmt: skip
_ASKED = frozenset({"interactionType", "correctResponsesPattern", *COMPONENTS})


def definition(value: Any, at: str) -> None:
    """What an activity is called and how it is answered."""
    shape(value, _DEFINITION, at)
    if asked := value.keys() & _ASKED:
        kind = value.get("interactionType")
        if kind not in _INTERACTIONS:
            wrong(at, "interactionType must be one of those of the specification.")
        for name in asked.intersection(COMPONENTS) - _INTERACTIONS[kind]:
            wrong(at, f"an interaction of type {kind} has no {name}.")


_ACTIVITY = {"objectType": equal("Activity"), "id": iri, "definition": definition}


def activity(value: Any, at: str) -> None:
    """An activity: an id, and perhaps a definition."""
    shape(value, _ACTIVITY, at)
    required(value, ("id",), at)


def together(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with what was said later; texts are added by language, extensions by IRI."""
    found = {**before, **after}
    for name in ("name", "description", "extensions"):
        if name in before and name in after:
            found[name] = before[name] | after[name]
    return found
