"""`extends:` the base's values stand where the document says nothing; mappings are merged, lists of coded rows by code."""

from collections.abc import Callable

from weineng.programmes.documents.nodes import Node, read_nodes
from weineng.programmes.documents.problems import DocumentRefused, Place, Problem, near

FindBase = Callable[[str], "tuple[str, str] | None"]  # code -> (file name, YAML), or None where there is no such base

ROW_KEYS = {"results": "item"}  # rows of other lists are told apart by `code`


def fold(text: str, file: str, find_base: FindBase) -> Node:
    """The tree of a document with everything it extends folded in; raises DocumentRefused with what `read_nodes` finds,
    `base-not-found`, `base-not-abstract`, `base-wrong`, `extends-circle`."""
    return _fold(text, file, find_base, ())


def _fold(text: str, file: str, find_base: FindBase, above: tuple[str, ...]) -> Node:
    node = read_nodes(text, file)
    code = _text(node, "programme")
    node.stamp(code)
    base = node.value.get("extends")
    if base is None or not isinstance(base.value, str):
        return node
    if base.value in (*above, code):
        circle = " → ".join((*above, code, base.value))
        raise DocumentRefused([Problem(base.place, "extends", "extends-circle", {"circle": circle})])
    found = find_base(base.value)
    if found is None:
        raise DocumentRefused([Problem(base.place, "extends", "base-not-found", {"base": base.value})])
    try:
        below = _fold(found[1], found[0], find_base, (*above, code))
    except DocumentRefused as refused:
        if refused.problems[0].code == "extends-circle":
            raise
        params = {"base": base.value, "problem": str(refused.problems[0])}
        raise DocumentRefused([Problem(base.place, "extends", "base-wrong", params)]) from refused
    if not (flag := below.value.get("abstract")) or flag.value is not True:
        raise DocumentRefused([Problem(base.place, "extends", "base-not-abstract", {"base": base.value})])
    return _merge(_without(below, ("extends", "abstract", "programme", "title")), node, "")


def _text(node: Node, key: str) -> str:
    found = node.value.get(key)
    return found.value if found is not None and isinstance(found.value, str) else ""


def _without(node: Node, keys: tuple[str, ...]) -> Node:
    kept = {key: value for key, value in node.value.items() if key not in keys}
    return Node(kept, node.place, node.origin, {key: node.keys[key] for key in kept})


def _merge(base: Node, own: Node, path: str) -> Node:
    """The node that stands where both say something; coded rows keep the base's order, new ones follow."""
    if isinstance(base.value, dict) and isinstance(own.value, dict):
        both = dict(base.value)
        for key, value in own.value.items():
            value.added = value.added or key not in both
            both[key] = _merge(both[key], value, key) if key in both else value
        over = base if base.fixed else None  # a mapping that may not change is compared as a whole
        fixed, replaced = own.fixed or base.fixed, own.may_replace or base.may_replace
        return Node(both, own.place, own.origin, {**base.keys, **own.keys}, over, own.because, fixed, replaced)
    key = ROW_KEYS.get(path, "code")
    if isinstance(base.value, list) and isinstance(own.value, list) and _coded(base, key) and _coded(own, key):
        rows = {_text(row, key): row for row in base.value}
        extra = []
        for row in own.value:
            code = _text(row, key)
            if code in rows:
                rows[code] = _merge(rows[code], row, "")
            else:
                row.added = True
                extra.append(row)  # a code twice among the new ones is found when the list is read
        return Node([*rows.values(), *extra], own.place, own.origin)
    own.over = base
    return own


def _coded(node: Node, key: str) -> bool:
    return bool(node.value) and all(isinstance(row.value, dict) and _text(row, key) for row in node.value)


def unknown(code: str, node: Node | Place, path: str, value: str, known: tuple[str, ...]) -> Problem:
    """A word that is none of the known ones, with the likely one."""
    place = node.place if isinstance(node, Node) else node
    params: dict[str, object] = {"value": value, "allowed": ", ".join(known) or "-", **near(value, known)}
    return Problem(place, path, code, params)
