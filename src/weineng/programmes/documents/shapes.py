"""Shapes of a document's parts: each reads a node into a plain value, names what is wrong, and gives its JSON Schema.

`tightens` of a field says which way a refinement may move it (docs/rules.md): `up`, `down`, `subset`, `superset`, `fixed`,
or '' for what cannot undercut anything (titles, dates of phases).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from weineng.kernel.words import LANGUAGES
from weineng.programmes.documents.folding import unknown
from weineng.programmes.documents.nodes import Node
from weineng.programmes.documents.problems import WAYS, Place, Problem, near

WRONG: Any = object()  # what a reader returns after it named a problem


@dataclass
class Found:
    """What reading a document gathers: problems, where each path stands, which values were assumed or inherited."""

    programme: str = ""
    problems: list[Problem] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    assumed: list[tuple[str, object, dict[str, str], str]] = field(default_factory=list)  # path, value, because, base
    inherited: list[str] = field(default_factory=list)

    def wrong(self, node: Node | Place, path: str, code: str, **params: object) -> Any:
        """Name a problem; returns WRONG."""
        place = node.place if isinstance(node, Node) else node
        self.problems.append(Problem(place, path, code, params))
        return WRONG

    def at(self, path: str, code: str, **params: object) -> None:
        """Name a problem at a path that was read (or at the nearest path above it that was)."""
        known = path
        while known and known not in self.places:
            known = known.rpartition(".")[0]
        self.wrong(self.places.get(known, self.places[""]), path, code, **params)


class Shape(Protocol):
    """Anything that can be read and described."""

    def read(self, node: Node, path: str, found: Found) -> Any:
        """The plain value, or WRONG after naming a problem."""

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the plain value."""


@dataclass(frozen=True)
class Text:
    """A text that is not empty."""

    def read(self, node: Node, path: str, found: Found) -> Any:
        """The text."""
        if not isinstance(node.value, str):
            return found.wrong(node, path, "wrong-type", expected="text")
        return node.value if node.value.strip() else found.wrong(node, path, "empty")

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True)
class Code:
    """A code: small letters, digits and hyphens. `longest` is what the column holds in which such a code is kept."""

    longest: int = 24

    @property
    def pattern(self) -> str:
        """As a regular expression."""
        return f"^[a-z][a-z0-9-]{{0,{self.longest - 1}}}$"

    def read(self, node: Node, path: str, found: Found) -> Any:
        """The code."""
        if not isinstance(node.value, str):
            return found.wrong(node, path, "wrong-type", expected="code")
        if re.fullmatch(self.pattern, node.value):
            return node.value
        return found.wrong(node, path, "code-wrong", value=node.value[:60], longest=self.longest)

    def schema(self) -> dict[str, Any]:
        """A string of that form."""
        return {"type": "string", "pattern": self.pattern}


@dataclass(frozen=True)
class Whole:
    """A whole number between `least` and `most`."""

    least: int = 0
    most: int = 1_000_000

    def read(self, node: Node, path: str, found: Found) -> Any:
        """The number."""
        if not isinstance(node.value, int) or isinstance(node.value, bool):
            return found.wrong(node, path, "wrong-type", expected="whole number")
        if not self.least <= node.value <= self.most:
            params = {"value": node.value, "least": self.least, "most": self.most}
            return found.wrong(node, path, "number-out-of-range", **params)
        return node.value

    def schema(self) -> dict[str, Any]:
        """An integer with its bounds."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Periods:
    """Periods (hours of learning) with at most two decimals; they must come out as whole minutes (semantics 1)."""

    def read(self, node: Node, path: str, found: Found) -> Any:
        """A Decimal, at least 0."""
        if not isinstance(node.value, int | Decimal) or isinstance(node.value, bool):
            return found.wrong(node, path, "wrong-type", expected="number of periods")
        value = Decimal(node.value)
        if not 0 <= value <= 10_000:
            return found.wrong(node, path, "number-out-of-range", value=value, least=0, most=10_000)
        if value != round(value, 2):
            return found.wrong(node, path, "too-fine", value=value)
        return value

    def schema(self) -> dict[str, Any]:
        """A number."""
        return {"type": "number", "minimum": 0, "maximum": 10_000, "multipleOf": 0.01}


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def read(self, node: Node, path: str, found: Found) -> Any:
        """The bool."""
        if not isinstance(node.value, bool):
            return found.wrong(node, path, "wrong-type", expected="true or false")
        return node.value

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Day:
    """A civil date."""

    def read(self, node: Node, path: str, found: Found) -> Any:
        """The date."""
        if not isinstance(node.value, date):
            return found.wrong(node, path, "wrong-type", expected="date like 2026-01-31")
        return node.value

    def schema(self) -> dict[str, Any]:
        """A date."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class OneOf:
    """One of some words."""

    words: tuple[str, ...]

    def read(self, node: Node, path: str, found: Found) -> Any:
        """The word."""
        if node.value in self.words and isinstance(node.value, str):
            return node.value
        if not isinstance(node.value, str):
            return found.wrong(node, path, "wrong-type", expected=" | ".join(self.words))
        found.problems.append(unknown("not-one-of", node, path, node.value, self.words))
        return WRONG

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Many:
    """A list of plain values, at least `least` of them, none twice."""

    of: Shape
    least: int = 1

    def read(self, node: Node, path: str, found: Found) -> Any:
        """A tuple."""
        if not isinstance(node.value, list):
            return found.wrong(node, path, "wrong-type", expected="list")
        if len(node.value) < self.least:
            return found.wrong(node, path, "empty")
        values = [self.of.read(item, path, found) for item in node.value]
        for place, item in enumerate(node.value):
            if values[place] is not WRONG and values[place] in values[:place]:
                found.wrong(item, path, "duplicate-code", value=values[place])
        return WRONG if WRONG in values else tuple(values)

    def schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "items": self.of.schema(), "minItems": self.least, "uniqueItems": True}


@dataclass(frozen=True)
class Either:
    """The single word `word`, or what `other` reads."""

    word: str
    other: Shape

    def read(self, node: Node, path: str, found: Found) -> Any:
        """The word or the other's value."""
        return self.word if node.value == self.word else self.other.read(node, path, found)

    def schema(self) -> dict[str, Any]:
        """Either of both."""
        return {"anyOf": [{"const": self.word}, self.other.schema()]}


@dataclass(frozen=True)
class WordsShape:
    """A sentence in each of the three languages."""

    def read(self, node: Node, path: str, found: Found) -> Any:
        """A dict from language to sentence."""
        if not isinstance(node.value, dict):
            return found.wrong(node, path, "wrong-type", expected="{" + ", ".join(LANGUAGES) + "}")
        words = {}
        for language in LANGUAGES:
            inner = node.value.get(language)
            if inner is None:
                found.wrong(node, path, "language-missing", language=language)
            elif not isinstance(inner.value, str) or not inner.value.strip():
                found.wrong(inner, f"{path}.{language}", "wrong-type", expected="text")
            else:
                words[language] = inner.value.strip()
        _refuse_unknown(node, path, found, LANGUAGES)
        return words if len(words) == len(LANGUAGES) else WRONG

    def schema(self) -> dict[str, Any]:
        """See the definition `words`."""
        return {"$ref": "#/$defs/words"}


@dataclass(frozen=True)
class Table:
    """A mapping from free words to values; each may be refined the way `tightens` says."""

    of: Shape
    tightens: str = ""

    def read(self, node: Node, path: str, found: Found) -> Any:
        """A dict."""
        if not isinstance(node.value, dict):
            return found.wrong(node, path, "wrong-type", expected="{…}")
        values = {key: self.of.read(inner, f"{path}.{key}", found) for key, inner in node.value.items()}
        for key, inner in node.value.items():
            found.places[f"{path}.{key}"] = inner.place
            _refuse_looser(inner, f"{path}.{key}", values[key], self.of, self.tightens, found)
        return WRONG if WRONG in values.values() else values

    def schema(self) -> dict[str, Any]:
        """An object with values of one shape."""
        return {"type": "object", "additionalProperties": self.of.schema()}


@dataclass(frozen=True)
class Field:
    """A field of a record: its shape, whether it must be there, what it is if not, which way it may be refined.

    Every field may be written `{value, assumed}`; `says` is its line in the published schema.
    """

    shape: Shape
    says: str
    required: bool = True
    default: Any = None
    tightens: str = ""


@dataclass(frozen=True)
class Record:
    """A mapping with known fields."""

    fields: Mapping[str, Field]

    def read(self, node: Node, path: str, found: Found) -> Any:
        """A dict with every field."""
        if not isinstance(node.value, dict):
            return found.wrong(node, path, "wrong-type", expected="{" + ", ".join(self.fields) + "}")
        found.places[path] = node.place
        _refuse_unknown(node, path, found, tuple(self.fields))
        values = {}
        for name, spec in self.fields.items():
            inner, below = node.value.get(name), f"{path}.{name}" if path else name
            if inner is None or (inner.value is None and not inner.because):
                values[name] = spec.default
                if spec.required:
                    values[name] = found.wrong(node.keys.get(name, node.place), path, "missing-field", field=name)
                elif inner is not None:  # emptied on purpose: what the base says would be gone
                    _refuse_looser(inner, below, spec.default, spec.shape, spec.tightens, found)
                continue
            found.places[below] = inner.place
            values[name] = spec.shape.read(inner, below, found)
            _note(inner, below, values[name], spec, found)
        return WRONG if WRONG in values.values() else values

    def schema(self) -> dict[str, Any]:
        """An object that knows no other fields."""
        properties = {name: _cell(spec) for name, spec in self.fields.items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}


@dataclass(frozen=True)
class Rows:
    """A list of records told apart by `key`; merged by it with the rows of a base.

    `added` are the values that a row which a refinement adds must have: a stage that decides would overrule the base's.
    """

    of: Record
    key: str = "code"
    least: int = 1
    added: Mapping[str, Any] = field(default_factory=dict)

    def read(self, node: Node, path: str, found: Found) -> Any:
        """A tuple of dicts."""
        if not isinstance(node.value, list):
            return found.wrong(node, path, "wrong-type", expected="list")
        if node.over is not None and _says_something(node.over):
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
            if row.added and rows[-1] is not WRONG:
                self._refuse_added(row, rows[-1], f"{path}.{name}", found)
        return WRONG if WRONG in rows else tuple(rows)

    def _refuse_added(self, row: Node, values: Mapping[str, Any], path: str, found: Found) -> None:
        for name, only in self.added.items():
            if values[name] != only:
                found.wrong(row.value.get(name, row), f"{path}.{name}", "added-overrules-base")

    def schema(self) -> dict[str, Any]:
        """An array of objects that each name their key."""
        return {"type": "array", "items": self.of.schema() | {"required": [self.key]}}


def _cell(spec: Field) -> dict[str, Any]:
    plain = spec.shape.schema()
    if isinstance(spec.shape, Record | Rows):
        return plain | {"description": spec.says}
    assumed = {
        "type": "object",
        "properties": {"value": plain, "assumed": {"$ref": "#/$defs/words"}},
        "required": ["value", "assumed"],
        "additionalProperties": False,
    }
    return {"anyOf": [plain, assumed], "description": spec.says}


def _refuse_unknown(node: Node, path: str, found: Found, known: Sequence[str]) -> None:
    for key in node.value:
        if key not in known:
            below = f"{path}.{key}" if path else key
            found.wrong(node.keys[key], below, "unknown-field", field=key, **near(key, known))


def _note(node: Node, path: str, value: Any, spec: Field, found: Found) -> None:
    """Write down that a value was assumed or inherited, and refuse it where it undercuts the base."""
    inherited = node.origin if node.origin != found.programme else ""
    if node.because is not None:
        because = WordsShape().read(node.because, path, found)
        if because is not WRONG and value is not WRONG:
            found.assumed.append((path, value, because, inherited))
    if inherited and not isinstance(spec.shape, Record | Rows):
        found.inherited.append(path)
    if not isinstance(spec.shape, Record | Rows):
        _refuse_looser(node, path, value, spec.shape, spec.tightens, found)


def _refuse_looser(node: Node, path: str, value: Any, shape: Shape, tightens: str, found: Found) -> None:
    """Refuse a value that undercuts one a base states, however far up; what was only assumed there is no statement."""
    if value is WRONG:
        return
    if isinstance(shape, Record | Rows | Table):
        if node.value is None and node.over is not None and _says_something(node.over) and not _free(shape):
            found.wrong(node, path, "removes-from-base")
        return
    above = node.over
    while above is not None and tightens:
        before = shape.read(above, path, Found())
        stated = above.because is None and above.value is not None and before is not WRONG
        if stated and not TIGHTER[tightens](before, value):
            params = {"base": _show(before), "value": _show(value), "allowed": WAYS[tightens]}
            found.wrong(node, path, "undercuts-base", **params)
            return
        above = above.over


def _free(shape: Shape) -> bool:
    return isinstance(shape, Table) and not shape.tightens


def _says_something(node: Node) -> bool:
    return node.because is None and node.value not in (None, [], {})


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


TIGHTER: Mapping[str, Callable[[Any, Any], bool]] = {
    "up": lambda base, own: own >= base,
    "down": lambda base, own: own <= base,
    "fixed": lambda base, own: own == base,
    "subset": lambda base, own: isinstance(own, tuple) and (isinstance(base, str) or set(own) <= set(base)),
    "superset": lambda base, own: isinstance(own, str) or (isinstance(base, tuple) and set(own) >= set(base)),
}
