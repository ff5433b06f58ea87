"""Which way a refinement may move a line: what undercuts the base is refused, and what cannot be compared."""

from collections.abc import Callable, Mapping
from typing import Any

from weineng.programmes.documents.found import WRONG, Found, Shape
from weineng.programmes.documents.nodes import Node
from weineng.programmes.documents.problems import WAYS


def refuse_looser(node: Node, path: str, value: Any, shape: Shape, tightens: str, found: Found) -> None:
    """Refuse a value that undercuts one a base states, however far up; what was only assumed there is no statement."""
    if value is WRONG:
        return
    if getattr(shape, "holds", ""):
        free = shape.holds == "values" and not tightens  # type: ignore[attr-defined]  # looked for just before
        if node.value is None and node.over is not None and says_something(node.over) and not free:
            found.wrong(node, path, "removes-from-base")
        return
    above = node.over
    while above is not None and tightens:
        before = shape.read(above, path, Found())
        stated = above.because is None and above.value is not None and before is not WRONG
        if stated and not _compared(shape, tightens, before, value):
            _undercuts(node, path, before, value, tightens, found)
            return
        above = above.over


def refuse_other_than_unsaid(node: Node, path: str, value: Any, unsaid: Any, tightens: str, found: Found) -> None:
    """Refuse a line that a refinement adds to a row of its base, where the base says something by leaving it out."""
    if node.added and unsaid is not None and value not in (WRONG, unsaid):
        _undercuts(node, path, unsaid, value, tightens, found)


def says_something(node: Node) -> bool:
    """Whether a base states a value here, and does not only assume it."""
    return node.because is None and node.value not in (None, [], {})


def _undercuts(node: Node, path: str, before: Any, value: Any, tightens: str, found: Found) -> None:
    params = {"base": _show(before), "value": _show(value), "allowed": WAYS[tightens]}
    found.wrong(node, path, "undercuts-base", **params)


def _compared(shape: Shape, tightens: str, before: Any, value: Any) -> bool:
    rank: Callable[[Any], Any] = getattr(shape, "rank", lambda word: word)
    return value is not None and TIGHTER[tightens](rank(before), rank(value))


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or value == {}:
        return "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


TIGHTER: Mapping[str, Callable[[Any, Any], bool]] = {
    "up": lambda base, own: own >= base,
    "down": lambda base, own: own <= base,
    "fixed": lambda base, own: own == base,
    "subset": lambda base, own: isinstance(own, tuple) and (isinstance(base, str) or set(own) <= set(base)),
    "superset": lambda base, own: isinstance(own, str) or (isinstance(base, tuple) and set(own) >= set(base)),
}
