"""Shapes that hold others: tables, records with known fields, rows told apart by a code.

`tightens` of a field says which way a refinement may move it (docs/rules.md): `up`, `down`, `subset`, `superset`, `fixed`,
or '' for what cannot undercut anything (titles, dates of phases).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from weineng.programmes.documents.found import WRONG, Found, Shape, refuse_unknown
from weineng.programmes.documents.nodes import MARKS, Node
from weineng.programmes.documents.refining import refuse_looser, refuse_other_than_unsaid, says_something
from weineng.programmes.documents.shapes import OneOf, WordsShape
from weineng.programmes.rules import APPROVING_LEVELS


@dataclass(frozen=True)
class Table:
    """A mapping from free words to values; each may be refined the way `tightens` says."""

    of: Shape
    tightens: str = ""
    holds: ClassVar[str] = "values"

    def read(self, node: Node, path: str, found: Found) -> Any:
        """A dict."""
        if not isinstance(node.value, dict):
            return found.wrong(node, path, "wrong-type", expected="{…}")
        values = {key: self.of.read(inner, f"{path}.{key}", found) for key, inner in node.value.items()}
        for key, inner in node.value.items():
            found.places[f"{path}.{key}"] = inner.place
            refuse_looser(inner, f"{path}.{key}", values[key], self.of, self.tightens, found)
            if inner.fixed or inner.may_replace is not node.may_replace:
                _note_marks(inner, f"{path}.{key}", found)
            if inner.added and self.tightens == "fixed":
                found.wrong(inner, f"{path}.{key}", "adds-to-base")
        return WRONG if WRONG in values.values() else values

    def schema(self) -> dict[str, Any]:
        """An object with values of one shape."""
        return {"type": "object", "additionalProperties": self.of.schema()}


@dataclass(frozen=True)
class Field:
    """A field of a record: its shape, whether it must be there, what it is if not, which way it may be refined.

    Every field may be written `{value, assumed, fixed, may_replace}`; `says` is its line in the published schema. `unsaid` gives, from the
    fields read before it, what a base says by leaving the line out.
    """

    shape: Shape
    says: str
    required: bool = True
    default: Any = None
    tightens: str = ""
    unsaid: Callable[[Mapping[str, Any]], Any] | None = None


@dataclass(frozen=True)
class Record:
    """A mapping with known fields."""

    fields: Mapping[str, Field]
    holds: ClassVar[str] = "fields"

    def read(self, node: Node, path: str, found: Found) -> Any:
        """A dict with every field."""
        if not isinstance(node.value, dict):
            return found.wrong(node, path, "wrong-type", expected="{" + ", ".join(self.fields) + "}")
        found.places[path] = node.place
        refuse_unknown(node, path, found, tuple(self.fields))
        values = {}
        for name, spec in self.fields.items():
            inner, below = node.value.get(name), f"{path}.{name}" if path else name
            if inner is None or (inner.value is None and not inner.because):
                values[name] = spec.default
                if spec.required:
                    values[name] = found.wrong(node.keys.get(name, node.place), path, "missing-field", field=name)
                elif inner is not None:  # emptied on purpose: what the base says would be gone
                    refuse_looser(inner, below, spec.default, spec.shape, _way(spec), found)
                continue
            found.places[below] = inner.place
            if inner.added:
                found.added.add(below)
            values[name] = spec.shape.read(inner, below, found)
            _note(inner, below, values[name], spec, found)
            if spec.unsaid is not None:
                refuse_other_than_unsaid(inner, below, values[name], spec.unsaid(values), spec.tightens, found)
        return WRONG if WRONG in values.values() else values

    def schema(self) -> dict[str, Any]:
        """An object that knows no other fields."""
        properties = {name: _cell(spec) for name, spec in self.fields.items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}


@dataclass(frozen=True)
class Rows:
    """A list of records told apart by `key`; merged by it with the rows of a base.

    `added` are the values that a row which a refinement adds may have: a stage that decides would overrule the base's.
    `closed`: a refinement adds no rows, since each would be one more way to meet what the base demands.
    """

    of: Record
    key: str = "code"
    least: int = 1
    added: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    refused: str = "added-overrules-base"  # with which code, if they have others
    closed: bool = False
    holds: ClassVar[str] = "rows"

    def read(self, node: Node, path: str, found: Found) -> Any:
        """A tuple of dicts."""
        if not isinstance(node.value, list):
            return found.wrong(node, path, "wrong-type", expected="list")
        if node.over is not None and says_something(node.over):
            return found.wrong(node, path, "removes-from-base")
        if len(node.value) < self.least:
            return found.wrong(node, path, "empty")
        rows, seen = [], set()
        for number, row in enumerate(node.value):
            code = row.value.get(self.key) if isinstance(row.value, dict) else None
            name = code.value if code is not None and isinstance(code.value, str) else str(number)
            if name in seen:
                found.wrong(row, f"{path}.{name}", "duplicate-code", value=name)
            seen.add(name)
            rows.append(self.of.read(row, f"{path}.{name}", found))
            if mark := row.fixed or row.may_replace:
                found.wrong(mark, f"{path}.{name}", "marks-one-line")
            if row.added or node.added:
                found.added.add(f"{path}.{name}")
            if row.added and self.closed:
                found.wrong(row, f"{path}.{name}", "adds-to-base")
            if row.added and rows[-1] is not WRONG:
                self._refuse_added(row, rows[-1], f"{path}.{name}", found)
        return WRONG if WRONG in rows else tuple(rows)

    def _refuse_added(self, row: Node, values: Mapping[str, Any], path: str, found: Found) -> None:
        for name, only in self.added.items():
            if values[name] not in only:
                found.wrong(row.value.get(name, row), f"{path}.{name}", self.refused)

    def schema(self) -> dict[str, Any]:
        """An array of objects that each name their key."""
        return {"type": "array", "items": self.of.schema() | {"required": [self.key]}}


def _cell(spec: Field) -> dict[str, Any]:
    plain = spec.shape.schema()
    if _holds_lines(spec):
        return plain | {"description": spec.says}
    marked = {
        "type": "object",
        "properties": {"value": plain, **{mark: {"$ref": f"#/$defs/{mark}"} for mark in MARKS}},
        "required": ["value"],
        "minProperties": 2,
        "additionalProperties": False,
    }
    return {"anyOf": [plain, marked], "description": spec.says}


def _note(node: Node, path: str, value: Any, spec: Field, found: Found) -> None:
    """Write down that a value was assumed, inherited or marked, and refuse it where it undercuts the base."""
    inherited = node.origin if node.origin != found.programme else ""
    if node.because is not None:
        because = WordsShape().read(node.because, path, found)
        if because is not WRONG and value is not WRONG:
            found.assumed.append((path, value, because, inherited))
    if _holds_lines(spec):
        if mark := node.fixed or node.may_replace:
            found.wrong(mark, path, "marks-one-line")
        return
    _note_marks(node, path, found)
    if inherited:
        found.inherited.append(path)
    refuse_looser(node, path, value, spec.shape, _way(spec), found)


def _note_marks(node: Node, path: str, found: Found) -> None:
    """Write down what a refinement may make of a line."""
    if node.fixed and node.may_replace:
        found.wrong(node.fixed, path, "fixed-and-replaceable")
    elif node.fixed:
        if node.fixed.value is True:
            found.fixed.append(path)
        else:
            found.wrong(node.fixed, path, "wrong-type", expected="true")
    elif node.may_replace:
        level = OneOf(APPROVING_LEVELS).read(node.may_replace, path, found)
        if level is not WRONG:
            found.replaceable[path] = level


def _holds_lines(spec: Field) -> bool:
    return isinstance(spec.shape, Rows) or (isinstance(spec.shape, Record) and bool(spec.shape.fields))


def _way(spec: Field) -> str:
    return spec.tightens or getattr(spec.shape, "tightens", "")
