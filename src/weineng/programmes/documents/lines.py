"""The lines of a text that is still being written: which there are, how each is told apart, and what a new text begins with."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from weineng.kernel.words import LANGUAGES
from weineng.programmes.documents import editing
from weineng.programmes.documents.folding import FindBase, fold
from weineng.programmes.documents.format import DOCUMENT
from weineng.programmes.documents.nodes import read_nodes
from weineng.programmes.documents.problems import DocumentRefused
from weineng.programmes.documents.records import Field, Record, Rows

DATA = Path(__file__).parents[1] / "data"
LISTS: Mapping[str, Rows] = {
    name: field.shape for name, field in DOCUMENT.fields.items() if isinstance(field.shape, Rows)
}
PARTS: Mapping[str, Record] = {
    name: field.shape for name, field in DOCUMENT.fields.items() if isinstance(field.shape, Record)
}
TOP: Mapping[str, Field] = {name: field for name, field in DOCUMENT.fields.items() if name not in {*LISTS, *PARTS}}


@dataclass(frozen=True)
class Place:
    """Where a line stands: a row of a list, by its number (None: one that is still to be written), a part of the document, or
    `top`, the single lines that stand in no part."""

    section: str
    row: int | None = None
    TOP: ClassVar[str] = "top"

    @property
    def is_row(self) -> bool:
        """Whether it is one of the rows of a list."""
        return self.section in LISTS

    @property
    def may_be_empty(self) -> bool:
        """Whether it is a part that must be there and need not say anything: the levels are pass and fail, if nothing is said."""
        needed = self.section in PARTS and DOCUMENT.fields[self.section].required
        return needed and not any(field.required for field in self.fields.values())

    @property
    def fields(self) -> Mapping[str, Field]:
        """What such a line can say."""
        if self.section == self.TOP:
            return TOP
        return (LISTS[self.section].of if self.is_row else PARTS[self.section]).fields


@lru_cache(maxsize=8)
def readable(text: str) -> bool:
    """Whether the text is YAML of the form a document has, right or wrong in what it says."""
    try:
        read_nodes(text, "")
    except DocumentRefused:
        return False
    return True


def line_of(text: str, place: Place) -> Any:
    """What a line says, as plain values; of a place without a row in a list: all its rows. Nothing: {} or []."""
    said = editing.values_of(text)
    if place.section == Place.TOP:
        return {name: said[name] for name in TOP if name in said}
    found = said.get(place.section)
    if not place.is_row:
        return found if isinstance(found, dict) else {}
    rows = [row if isinstance(row, dict) else {} for row in found] if isinstance(found, list) else []
    if place.row is None:
        return rows
    return rows[place.row] if place.row < len(rows) else {}


def mark_of(text: str, place: Place) -> str:
    """Tells whether a line says what it said: what stands around it, and how it is written, does not matter."""
    return hashlib.sha256(editing.dump(line_of(text, place)).encode()).hexdigest()[:16]


def heading_of(text: str) -> dict[str, Any]:
    """`code` and `title` of a text, as far as they can be read: from their own lines, whatever stands in the others."""
    code = re.search(r"(?m)^programme:[ \t]*([a-z][a-z0-9-]{0,39})\b", text)
    lines = re.search(r"(?m)^title:.*\n?(?:[ \t].*\n?)*", text)
    title = editing.values_of(lines[0]).get("title") if lines is not None and readable(lines[0]) else None
    words = {key: str(one) for key, one in title.items() if key in LANGUAGES} if isinstance(title, dict) else {}
    return {"code": code[1] if code is not None else "", "title": words}


def retitled(text: str, code: str, title: Mapping[str, str]) -> str:
    """The text under a code and a title of its own."""
    return editing.put(editing.put(text, "programme", code), "title", dict(title))


def blank(code: str, title: Mapping[str, str]) -> str:
    """A whole document with as little in it as possible; what nobody has decided yet is marked as assumed."""
    because = editing.dump(json.loads((DATA / "prefilled.json").read_text(encoding="utf-8")))
    text = (DATA / "blank.yaml").read_text(encoding="utf-8").replace("assumed: ~", f"assumed: {because}")
    return retitled(text, code, title)


def refining(base: str, code: str, title: Mapping[str, str], find_base: FindBase) -> str:
    """A document that refines a base; what the base does not say is filled in as in a blank one."""
    text = retitled(f"programme: {code}\nextends: {base}\n", code, title)
    said = fold(text, "", find_base).value
    parts = re.split(r"(?m)^(?=\w)", blank(code, title))
    needed = [name for name, field in DOCUMENT.fields.items() if field.required and name not in said]
    return text + "".join(part for part in parts if part.partition(":")[0] in needed)
