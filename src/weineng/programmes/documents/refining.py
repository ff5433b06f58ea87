"""Which way a refinement may move a line: what undercuts the base is refused, and what cannot be compared.

Two demands are not met by more of everything, so that a line which tightens by itself can loosen them: a share of what is
counted, and that nothing failed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from weineng.programmes.documents.found import WRONG, Found, Shape
from weineng.programmes.documents.nodes import Node
from weineng.programmes.documents.problems import WAYS


def refuse_looser(node: Node, path: str, value: Any, shape: Shape, tightens: str, found: Found) -> None:
    """Refuse a value that undercuts one a base states, however far up; what was only assumed there is no statement.

    What a base fixed stays as it is, even if it were tighter; what it lets replace needs an approval.
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
        found.wrong(node, path, "needs-approval", base=_show(approval[1]), value=_show(value), level=approval[0].value)


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


def check_against_base(plain: Mapping[str, Any], found: Found) -> None:
    """Refuse what makes a demand of the base easier by counting less beside it."""
    demands = {demand["code"]: demand for demand in plain["demands"]}
    for code, demand in demands.items():
        of_base = {f"demands.{code}.type", f"demands.{code}.of"} & {*found.inherited}
        of = demands.get(demand["of"] or "")
        if of_base and demand["type"] == "share" and demand["base"] == "counted" and of is not None:
            for path in sorted(_counting_less(plain, of, set(of["kinds"]) - set(demand["kinds"]), found)):
                found.at(path, "loosens-share", demand=code)
        declaring = plain["choice"]["declare"] and {"choice", "choice.declare"} & (found.added | found.tightened)
        if of_base and demand["type"] == "none-failed" and demand["of"] == "declared" and declaring:
            found.at("choice.declare", "loosens-none-failed", demand=code)


def _counting_less(plain: Mapping[str, Any], of: Mapping[str, Any], rest: set[str], found: Found) -> set[str]:
    """Paths of what a refinement changed so that fewer minutes of `rest` count, or fewer kinds are in the whole."""
    rows = [(f"caps.{cap['code']}", cap["kinds"]) for cap in plain["caps"]]
    rows += [(f"gates.{gate['code']}", gate["opens"]) for gate in plain["gates"]]
    rows += [(f"kinds.{kind['code']}", (kind["code"],)) for kind in plain["kinds"]]
    rows += [(f"results.{earning['item']}", (earning["kind"],)) for earning in plain["results"]]
    lines = {path for path, kinds in rows if rest & set(kinds)} | {"cycle", f"demands.{of['code']}.kinds"}
    titles = {path for path in found.tightened if path.endswith(".title")}
    moved = {line for line in found.tightened - titles for path in lines if line == path or line.startswith(f"{path}.")}
    return moved | (found.added & lines - {path for path in lines if path.startswith("kinds.")})
