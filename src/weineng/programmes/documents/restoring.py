"""A refinement with one of its lines put back to what the base says: what it is held against to show what the line loosens."""

from weineng.programmes.documents.building import build
from weineng.programmes.documents.folding import ROW_KEYS, FindBase, fold
from weineng.programmes.documents.format import DOCUMENT
from weineng.programmes.documents.found import WRONG, Found
from weineng.programmes.documents.nodes import Node
from weineng.programmes.rules import Document


def as_base_says(text: str, find_base: FindBase, path: str, file: str = "programme.yaml") -> Document | None:
    """The document of a text whose line at `path` says what its base says; a row that it adds is gone. None: there is nothing to put
    back there, or nothing that could be read."""
    root = fold(text, file, find_base)
    if not _put_back(root, path.split("."), ""):
        return None
    found = Found(programme=root.origin)
    plain = DOCUMENT.read(root, "", found)
    return None if plain is WRONG else build(plain, found)


def _put_back(node: Node, path: list[str], name: str) -> bool:
    """Walk down to the line and put it back there; the line above where the base has the whole of it."""
    step, rest = path[0], path[1:]
    inner = _inner(node, step, name)
    if inner is None:
        return False
    if inner.added or not rest:
        return _replaced(node, step, name, inner)
    return _put_back(inner, rest, step) or (inner.over is not None and _replaced(node, step, name, inner))


def _inner(node: Node, step: str, name: str) -> Node | None:
    if isinstance(node.value, dict):
        found = node.value.get(step)
        return found if isinstance(found, Node) else None
    rows = node.value if isinstance(node.value, list) else []
    return next((row for row in rows if _code(row, name) == step), None)


def _code(row: Node, name: str) -> object:
    found = row.value.get(ROW_KEYS.get(name, "code")) if isinstance(row.value, dict) else None
    return found.value if found is not None else None


def _replaced(node: Node, step: str, name: str, inner: Node) -> bool:
    before = inner.over
    if before is None and not inner.added:
        return False
    if isinstance(node.value, dict):
        if before is None:
            del node.value[step]
        else:
            node.value[step] = before
    else:
        place = next(n for n, row in enumerate(node.value) if _code(row, name) == step)
        node.value[place : place + 1] = [before] if before is not None else []
    return True
