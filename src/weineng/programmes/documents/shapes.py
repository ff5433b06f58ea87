"""Shapes of single values: each reads a node into a plain value, names what is wrong, and gives its JSON Schema."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from weineng.kernel.words import LANGUAGES
from weineng.programmes.documents.folding import unknown
from weineng.programmes.documents.found import WRONG, Found, Shape, refuse_unknown
from weineng.programmes.documents.nodes import Node


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
    """A code: letters (small ones, if not `capitals`), digits and hyphens. `longest` is what the column holds in which such
    a code is kept."""

    longest: int = 24
    capitals: bool = False

    @property
    def pattern(self) -> str:
        """As a regular expression."""
        letters = "a-zA-Z" if self.capitals else "a-z"
        return f"^[{letters}][{letters}0-9-]{{0,{self.longest - 1}}}$"

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
class Hundredths:
    """A number with at most two decimals: periods (they must come out as whole minutes), credits (semantics 1)."""

    of: str

    def read(self, node: Node, path: str, found: Found) -> Any:
        """A Decimal, at least 0."""
        if not isinstance(node.value, int | Decimal) or isinstance(node.value, bool):
            return found.wrong(node, path, "wrong-type", expected=f"number of {self.of}")
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
class Ordered(OneOf):
    """One of some words, from the loosest to the tightest."""

    def rank(self, word: str | None) -> int | None:
        """The place of the word among them."""
        return None if word is None else self.words.index(word)


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
        refuse_unknown(node, path, found, LANGUAGES)
        return words if len(words) == len(LANGUAGES) else WRONG

    def schema(self) -> dict[str, Any]:
        """See the definition `words`."""
        return {"$ref": "#/$defs/words"}
