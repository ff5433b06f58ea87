"""A draft as a page shows it: its lines with their sentences, what is wrong with which of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.programmes.documents import Described, Problem, check_document, describe, sketch
from weineng.programmes.documents.demanding import EVERY_DEMAND, LINES
from weineng.programmes.documents.editing import values_of
from weineng.programmes.documents.folding import fold
from weineng.programmes.documents.lines import LISTS, Place, readable
from weineng.programmes.documents.nodes import Node
from weineng.programmes.documents.problems import DocumentRefused
from weineng.programmes.models import Draft
from weineng.programmes.queries import approved_lines, find_base, find_points
from weineng.programmes.rules import Document
from weineng.web.programmes.naming import Names, short

# What a clerk goes through, in the order in which a plan speaks of it; each with the parts of the document that belong to it.
SECTIONS: Mapping[str, tuple[object, tuple[str, ...]]] = {
    "top": (_("The programme"), ("top", "cycle")), "scope": (_("Who takes part"), ("scope",)),
    "phases": (_("Phases"), ("phases",)), "kinds": (_("Kinds of hours"), ("kinds",)),
    "demands": (_("What is demanded"), ("demands",)), "advice": (_("What is suggested"), ("advice",)),
    "caps": (_("Upper limits"), ("caps",)), "gates": (_("What must be reached first"), ("gates",)),
    "choice": (_("What is chosen"), ("choice",)), "points": (_("Credits and local points"), ("points",)),
    "handbook": (_("Tasks of the handbook"), ("handbook",)), "results": (_("What results earn"), ("results",)),
    "stages": (_("Who assesses"), ("stages", "assessment_mode")), "levels": (_("Pass and excellent"), ("levels",)),
    "certificates": (_("Certificates"), ("certificates",)), "tasks": (_("Due dates"), ("tasks",)),
    "school": (_("When schools and counties are completed"), ("school", "county")),
    "targets": (_("Roll-out"), ("targets",)), "quotas": (_("How many may be sent on"), ("quotas",)),
}  # fmt: skip
# Sentences of the document's page that belong to a part by another name.
SAID_OF = {"period_minutes": "top", "returns": "top", "track_of": "top", "exclusive_with": "top"}

NAMED = (
    "title",
    "programme",
    "extends",
    "abstract",
    "standard",
    "time_zone",
)  # of the lines at the top no sentence is made


@dataclass
class Line:
    """One line: its sentences, or where none can be made yet its values; `row` None is a row of the base alone."""

    place: Place
    code: str
    sentences: list[Described] = field(default_factory=list)
    values: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    inherited: bool = False
    there: bool = True  # whether the draft's own text says anything here

    @property
    def word(self) -> str:
        """Of its row, in addresses."""
        return word_of(self.place)


@dataclass
class Section:
    """Some lines under one heading; `adds` names the lists that one more row can be added to."""

    code: str
    title: object
    lines: list[Line]
    adds: list[str]
    problems: list[Problem] = field(default_factory=list)


class Look:
    """What can be said of a draft's text as it stands."""

    def __init__(self, draft: Draft, source: str | None = None) -> None:
        self.draft, self.text = draft, draft.source if source is None else source
        self.file = f"{draft.code or 'programme'}.yaml"
        approved = approved_lines(self.text, draft.owner_id)
        self.reading = check_document(self.text, find_base, self.file, find_points, approved)
        self.readable = readable(self.text)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong, in the order of the text."""
        return self.reading.problems

    @cached_property
    def document(self) -> Document | None:
        """The document as far as sentences can be made of it."""
        return self.reading.document or sketch(self.text, find_base, self.problems)

    @cached_property
    def own(self) -> dict[str, Any]:
        """What the text itself says, as plain values with their marks."""
        return values_of(self.text) if self.readable else {}

    @cached_property
    def base(self) -> dict[str, Any]:
        """What the base says, marks left out; {} where there is none, or it cannot be read."""
        code = self.own.get("extends")
        found = find_base(code) if isinstance(code, str) else None
        if found is None:
            return {}
        try:
            said = _plain(fold(found[1], found[0], find_base))
        except DocumentRefused:
            return {}
        return {
            name: value for name, value in said.items() if name not in ("programme", "title", "extends", "abstract")
        }

    def names(self, section: str = "") -> Names:
        """What the words of this draft are called."""
        return Names(self.own, self.base, section)

    @cached_property
    def sentences(self) -> list[Described]:
        """Every sentence that can be made of it, in the reader's language."""
        if self.document is None:
            return []
        try:
            return list(describe(self.document, get_language() or ""))
        except (LookupError, RuntimeError):  # what a sentence speaks of was left out, since it is wrong
            return []

    def sections(self) -> list[Section]:
        """All lines under their headings."""
        return [self._section(code, title, parts) for code, (title, parts) in SECTIONS.items()]

    def _section(self, code: str, title: object, parts: tuple[str, ...]) -> Section:
        lists = [part for part in parts if part in LISTS]
        return Section(code, title, [line for part in parts for line in self._lines(part)], lists, self._beside(parts))

    def line(self, place: Place) -> Line:
        """One line with its sentences and problems."""
        said = self._said(place)
        code = self.code_of(place)
        path = f"{place.section}.{code}" if place.is_row else place.section
        line = Line(place, code, self._sentences(path), problems=self.problems_at(place), there=bool(said))
        if place.section == Place.TOP:
            said = {name: said[name] for name in NAMED if name in said}
        if isinstance(said, dict) and (not line.sentences or place.section == Place.TOP):
            line.values = short(said, place.fields, self.names(place.section))
        return line

    def code_of(self, place: Place) -> str:
        """How problems call a row: by its code, or by its number."""
        said = self._said(place)
        code = said.get(LISTS[place.section].key) if place.is_row and isinstance(said, dict) else None
        return code if isinstance(code, str) else str(place.row) if place.row is not None else ""

    def problems_at(self, place: Place) -> list[Problem]:
        """What is wrong with a line."""
        if place.section == Place.TOP:
            return [one for one in self.problems if (one.path.split(".")[0] or _field(one)) in place.fields]
        start = f"{place.section}.{self.code_of(place)}" if place.is_row else place.section
        lacks = [one for one in self.problems if not one.path and not place.is_row and _field(one) == place.section]
        return lacks + [one for one in self.problems if one.path == start or one.path.startswith(f"{start}.")]

    def _beside(self, parts: tuple[str, ...]) -> list[Problem]:
        """Problems of a list itself: that it is missing, or empty."""
        lists = [part for part in parts if part in LISTS]
        return [one for one in self.problems if one.path in lists or (not one.path and _field(one) in parts)]

    def _said(self, place: Place) -> Any:
        if place.section == Place.TOP:
            return {name: self.own[name] for name in place.fields if name in self.own}
        found = self.own.get(place.section, {})
        if place.row is None or not place.is_row:
            return {} if place.is_row else found
        row = found[place.row] if isinstance(found, list) and place.row < len(found) else {}
        return row if isinstance(row, dict) else {}

    def _lines(self, part: str) -> list[Line]:
        if part not in LISTS:
            return [self.line(Place(part))]
        rows = self.own.get(part)
        own = [self.line(Place(part, number)) for number in range(len(rows))] if isinstance(rows, list) else []
        mine = {line.code: line for line in own}
        above, key = self.base.get(part), LISTS[part].key
        theirs = [str(row.get(key)) for row in above if isinstance(row, dict)] if isinstance(above, list) else []
        first = [
            mine.get(code) or Line(Place(part), code, self._sentences(f"{part}.{code}"), there=False) for code in theirs
        ]
        for line in first:
            line.inherited = True
        return [
            *first,
            *(line for line in own if line.code not in theirs),
        ]  # as they are put together: the base's order comes first

    def _sentences(self, path: str) -> list[Described]:
        return [
            one
            for one in self.sentences
            if (SAID_OF.get(one.path) or one.path) == path or one.path.startswith(f"{path}.")
        ]


def word_of(place: Place) -> str:
    """The row of a line in addresses: its number, `new`, or `part` for a part of the document."""
    if place.row is not None:
        return str(place.row)
    return "new" if place.is_row else "part"


def _field(problem: Problem) -> str:
    return str(problem.params.get("field", "")) if problem.code == "missing-field" else ""


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(inner) for key, inner in node.value.items()}
    return [_plain(inner) for inner in node.value] if isinstance(node.value, list) else node.value


def fields_at(place: Place, said: Any) -> tuple[str, ...]:
    """Which fields of a line can be used, by what it says so far; () where all of them can."""
    value = said if isinstance(said, dict) else {}
    if place.section == "demands":
        needed, may = LINES.get(_word(value, "type"), ((), ()))
        return (*EVERY_DEMAND, *needed, *may)
    if place.section == "kinds":
        more = {"records": ("match",), "results": ("item",)}.get(_word(value, "from"), ())
        return ("code", "title", "from", *more)
    if place.section == "stages":
        drawn = ("share", "least", "strata", "tolerance")
        names = [name for name in place.fields if name not in drawn or _word(value, "does") == "samples"]
        return tuple(name for name in names if name != "level" or _word(value, "by") in ("training-team", "experts"))
    return ()


def _word(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    value = value.get("value") if isinstance(value, dict) else value
    return value if isinstance(value, str) else ""
