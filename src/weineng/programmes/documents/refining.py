"""Which way a refinement may move a line: what undercuts the base is refused, and what cannot be compared."""

from collections.abc import Callable, Mapping
from typing import Any

from weineng.programmes.documents.found import WRONG, Found, Shape
from weineng.programmes.documents.nodes import Node
from weineng.programmes.documents.problems import WAYS


def refuse_looser(node: Node, path: str, value: Any, shape: Shape, tightens: str, found: Found) -> None:
    """Refuse a value that undercuts one a base states, however far up; what was only assumed there is no statement.

    What a base fixed stays as it is, even if it were tighter; what it lets replace needs an approval, given for just this value.
    """
    if value is WRONG:
        return
    if getattr(shape, "holds", ""):
        _refuse_emptied(node, path, value, shape, tightens, found)
        return
    approval: tuple[Node, Any] | None = None
    above = node.over
    while above is not None:
        before = shape.read(above, path, Found())
        if above.value is not None and before is not WRONG:
            if above.because is None and before != value:
                found.tightened.add(path)
            if above.fixed and before != value:
                found.wrong(node, path, "line-is-fixed", base=_show(before))
                return
            if tightens and above.because is None and not _compared(shape, tightens, before, value):
                if above.may_replace is None:
                    _undercuts(node, path, before, value, tightens, found)
                    return
                approval = approval or (above.may_replace, before)
        above = above.over
    if approval is not None:
        said = {"base": _show(approval[1]), "value": _show(value), "level": approval[0].value}
        if (path, *said.values()) not in found.approved:
            found.wrong(node, path, "needs-approval", **said)


def _refuse_emptied(node: Node, path: str, value: Any, shape: Any, tightens: str, found: Found) -> None:
    """A mapping or list keeps what the base says in it; a table that is fixed is compared as a whole."""
    free = shape.holds == "values" and not tightens
    if node.value is None and node.over is not None and says_something(node.over) and not free:
        found.wrong(node, path, "removes-from-base")
    elif shape.holds == "values" and node.over is not None and node.over.fixed:
        before = shape.read(node.over, path, Found())
        if before is not WRONG and before != value:
            found.wrong(node, path, "line-is-fixed", base=_show(before))


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
    if value in (None, "") or value == {}:
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
