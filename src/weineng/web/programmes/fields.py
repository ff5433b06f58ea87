"""One line of a document as a form, whatever line it is: made from the format, read back into plain values.

A field of the form is named by its way through the line: `parts.0.minimum`. What somebody typed goes into the draft as it is, right or
wrong: the checker says beside the field what is wrong with it, and nothing is lost.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from weineng.kernel.words import LANGUAGES
from weineng.programmes.documents.nodes import MARKS
from weineng.programmes.documents.records import Field, Record, Rows, Table
from weineng.programmes.documents.shapes import Day, Either, Flag, Hundredths, Many, Whole, WordsShape
from weineng.programmes.rules import APPROVING_LEVELS
from weineng.web.programmes.naming import Names

ABSENT: Any = object()  # the line says nothing here
NEVER_ASSUMED = ("code", "type", "programme", "extends", "abstract")  # a form offers no marks for these
BARE = "{}"  # how the option of a line is called that has nothing to say but that it is there
SPARE = 1  # empty rows that a table or an inner list offers


@dataclass
class Shown:
    """One field as the form shows it. `path` is how problems name it; `inside` the fields of a group or of each row."""

    name: str
    path: str
    label: str
    kind: str  # text, number, day, one, many, words, table, record, rows
    value: Any = ""
    options: list[tuple[str, str, bool]] = field(default_factory=list)
    optional: bool = False
    hint: str = ""
    inside: list[list["Shown"]] = field(default_factory=list)
    because: list[tuple[str, str, str]] = field(default_factory=list)  # language, its name, why the value was assumed
    mark: str = ""
    marks: list[tuple[str, str, bool]] = field(default_factory=list)
    above: str = ""  # what the base says here, where the line says nothing
    problems: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Of the element, and of those that tell about it."""
        return "f-" + self.name.replace(".", "-")

    @property
    def offers_mark(self) -> bool:
        """Whether somebody refines this document, so that it says what they may make of its lines."""
        return len(self.marks) > 1

    @property
    def key(self) -> str:
        """The word of the document."""
        return self.name.rpartition(".")[2]


def unmarked(said: Any) -> tuple[Any, dict[str, Any]]:
    """A value without its marks, and the marks."""
    if isinstance(said, dict) and "value" in said and len(said) > 1 and not said.keys() - {"value", *MARKS}:
        return said["value"], {name: mark for name, mark in said.items() if name != "value"}
    return said, {}


def show_fields(
    fields: Mapping[str, Field], said: Any, base: Any, names: Names, *, prefix: str = "", path: str = "", only: Iterable[str] = ()
) -> list[Shown]:  # fmt: skip
    """The fields of a record as a form shows them: `said` by the line itself, `base` by what it refines."""
    said = said if isinstance(said, dict) else {}
    base = base if isinstance(base, dict) else {}
    wanted = set(only) or set(fields)
    return [
        _shown(spec, said.get(name, ABSENT), base.get(name, ABSENT), names, name, f"{prefix}{name}", f"{path}.{name}" if path else name)
        for name, spec in fields.items()
        if name in wanted or name in said
    ]  # fmt: skip


def _shown(spec: Field, said: Any, base: Any, names: Names, word: str, name: str, path: str) -> Shown:
    value, marks = unmarked(None if said is ABSENT else said)
    above = "" if base is ABSENT or said is not ABSENT else names.said(word, unmarked(base)[0])
    shown = Shown(
        name, path, names.label(spec), _kind(spec.shape), optional=not spec.required, hint=names.hint(spec), above=above
    )
    if _is_bare(spec.shape):
        shown.kind, shown.options = "one", [(BARE, names.yes(), said is not ABSENT)]
    elif isinstance(spec.shape, Record):
        inner = None if base is ABSENT else unmarked(base)[0]
        shown.inside = [show_fields(spec.shape.fields, value, inner, names, prefix=f"{name}.", path=path)]
    elif isinstance(spec.shape, Rows):
        shown.inside = _rows(spec.shape, value, names, name, path)
    elif isinstance(spec.shape, Table):
        shown.value = _pairs(value)
        shown.options = names.options(word, spec.shape, None)
    elif isinstance(spec.shape, WordsShape):
        words = value if isinstance(value, dict) else {}
        shown.value = [(code, names.language(code), str(words.get(code, ""))) for code in names.languages()]
    else:
        shown.options = names.options(word, spec.shape, value)
        shown.kind = "one" if shown.options and shown.kind == "text" else shown.kind
        shown.value = typed(value)
    if said is not ABSENT and shown.kind not in ("rows", "record", "words") and word not in NEVER_ASSUMED:
        _show_marks(shown, marks, names)
    return shown


def _rows(shape: Rows, value: Any, names: Names, name: str, path: str) -> list[list[Shown]]:
    rows = [row if isinstance(row, dict) else {} for row in value] if isinstance(value, list) else []
    found = []
    for number, row in enumerate([*rows, *({} for _time in range(SPARE))]):
        code = unmarked(row.get(shape.key))[0]
        below = f"{path}.{code if isinstance(code, str) else number}"
        found.append(show_fields(shape.of.fields, row, None, names, prefix=f"{name}.{number}.", path=below))
    return found


def _pairs(value: Any) -> list[tuple[str, str]]:
    pairs = [(key, typed(unmarked(inner)[0])) for key, inner in value.items()] if isinstance(value, dict) else []
    return [*pairs, *(("", "") for _time in range(SPARE))]


def _show_marks(shown: Shown, marks: Mapping[str, Any], names: Names) -> None:
    because = marks.get("assumed")
    because = because if isinstance(because, dict) else {}
    shown.because = [(code, names.language(code), str(because.get(code, ""))) for code in names.languages()]
    shown.mark = "fixed" if marks.get("fixed") is True else str(marks.get("may_replace", ""))
    shown.marks = names.marks(shown.mark)


def _is_bare(shape: Any) -> bool:
    """Whether a line has nothing to say but that it is there: `levels.pass`."""
    return isinstance(shape, Record) and not shape.fields


def _kind(shape: Any) -> str:
    kinds = (
        (Record, "record"), (Rows, "rows"), (Table, "table"), (WordsShape, "words"), (Day, "day"), (Flag, "one"),
        ((Many, Either), "many"), ((Whole, Hundredths), "number"),
    )  # fmt: skip
    return next((kind for shapes, kind in kinds if isinstance(shape, shapes)), "text")


def typed(value: Any) -> Any:
    """A plain value as it stands in a field."""
    if isinstance(value, list | tuple):
        return [typed(one) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


# --- back into plain values ---
def take_fields(fields: Mapping[str, Field], sent: QueryDict, before: Any, prefix: str = "") -> dict[str, Any]:
    """What the form says of a record. Fields it did not show, and words the format does not know, stay as they were `before`."""
    before = before if isinstance(before, dict) else {}
    taken = {name: value for name, value in before.items() if name not in fields}
    for name, spec in fields.items():
        known = before.get(name, ABSENT)
        value = _taken(spec, sent, known, f"{prefix}{name}") if _was_shown(spec, sent, f"{prefix}{name}") else known
        if value is not ABSENT:
            taken[name] = value
    order = [*before, *(name for name in fields if name not in before)]
    return {name: taken[name] for name in order if name in taken}


def _was_shown(spec: Field, sent: QueryDict, name: str) -> bool:
    if isinstance(spec.shape, Record | Rows | Table | WordsShape | Many | Either) and not _is_bare(spec.shape):
        return any(key == name or key.startswith(f"{name}.") for key in sent)
    return name in sent


def _taken(spec: Field, sent: QueryDict, known: Any, name: str) -> Any:
    before, marks = unmarked(None if known is ABSENT else known)
    value = _value(spec, sent, before, name)
    if isinstance(spec.shape, Rows) or (isinstance(spec.shape, Record) and spec.shape.fields):
        return value
    if value is ABSENT:
        return ABSENT
    said = _marks_sent(sent, name, marks) if f"{name}.because.en" in sent else dict(marks)
    if said.get("assumed") == marks.get("assumed") and before is not None and value != before:
        said.pop("assumed", None)  # the reason why another value was assumed
    return {"value": value, **said} if said else value


def _marks_sent(sent: QueryDict, name: str, were: Mapping[str, Any]) -> dict[str, Any]:
    because = {code: word for code in LANGUAGES if (word := _clean(sent.get(f"{name}.because.{code}", "")))}
    if f"{name}.mark" not in sent:
        return ({"assumed": because} if because else {}) | {key: mark for key, mark in were.items() if key != "assumed"}
    mark = sent[f"{name}.mark"]
    said: dict[str, Any] = {"assumed": because} if because else {}
    return said | ({"fixed": True} if mark == "fixed" else {"may_replace": mark} if mark in APPROVING_LEVELS else {})


def _value(spec: Field, sent: QueryDict, before: Any, name: str) -> Any:
    shape = spec.shape
    if isinstance(shape, Record):
        return _record(shape, spec, sent, before, name)
    if isinstance(shape, Rows):
        return _taken_rows(shape, sent, before, name)
    if isinstance(shape, Table):
        return _table(shape, sent, before, name)
    if isinstance(shape, WordsShape):
        words = {code: word for code in LANGUAGES if (word := _clean(sent.get(f"{name}.{code}", "")))}
        return words or ABSENT
    if isinstance(shape, Many | Either):
        return _many(shape, spec, sent, before, name)
    word = _clean(sent.get(name, ""))
    return plain(shape, word) if word else ABSENT


def _record(shape: Record, spec: Field, sent: QueryDict, before: Any, name: str) -> Any:
    if not shape.fields:
        return {} if sent.get(name) == BARE else ABSENT
    value = take_fields(shape.fields, sent, before, f"{name}.")
    kept = before == {} or (spec.required and before is not None)
    return value if value or kept else ABSENT


def _taken_rows(shape: Rows, sent: QueryDict, before: Any, name: str) -> Any:
    rows = before if isinstance(before, list) else []
    places = {int(found[1]) for key in sent if (found := re.match(rf"{re.escape(name)}\.(\d{{1,3}})\.", key))}
    taken = []
    for number in sorted(places):
        if sent.get(f"{name}.{number}.gone") == "1":
            continue
        row = take_fields(shape.of.fields, sent, rows[number] if number < len(rows) else {}, f"{name}.{number}.")
        if number < len(rows) or says_anything(row):
            taken.append(row)
    return taken or ([] if rows else ABSENT)


def says_anything(row: Mapping[str, Any]) -> bool:
    """Whether a row has a value at all: ticks that nobody set are none."""
    return any(value not in ([], {}) for value in row.values())


def _table(shape: Table, sent: QueryDict, before: Any, name: str) -> Any:
    were = before if isinstance(before, dict) else {}
    taken = {}
    for key, word in zip(sent.getlist(f"{name}.key"), sent.getlist(f"{name}.value"), strict=False):
        key, word = _clean(key), _clean(word)
        if key and word:
            value = plain(shape.of, word)
            said, marks = unmarked(were.get(key))
            taken[key] = were[key] if marks and said == value else value
    return taken or ABSENT


def _many(shape: Many | Either, spec: Field, sent: QueryDict, before: Any, name: str) -> Any:
    words = [
        word for one in sent.getlist(name) for part in re.split(r"[,\uff0c\u3001\s]+", one) if (word := _clean(part))
    ]
    if isinstance(shape, Either):
        if shape.word in words:
            return shape.word
        words = [word for word in words if word != shape.word]
    emptied = before == []
    before = [before] if isinstance(before, str) else before or []
    kept = [one for one in before if typed(one) in words]  # in the order in which they stood
    new = [plain(getattr(shape, "of", None), word) for word in dict.fromkeys(words) if word not in map(typed, kept)]
    may_be_empty = spec.required and getattr(shape, "least", 1) == 0
    return [*kept, *new] or ([] if emptied or may_be_empty else ABSENT)


def plain(shape: Any, word: str) -> Any:
    """What somebody typed as a value: a number, a day, yes or no where the format wants one and it is one; else the text."""
    if isinstance(shape, Whole | Hundredths) and re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", word):
        return Decimal(word) if "." in word else int(word)
    if isinstance(shape, Day) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", word):
        try:
            return date.fromisoformat(word)
        except ValueError:
            return word
    if isinstance(shape, Flag) and word in ("true", "false"):
        return word == "true"
    return word


def _clean(word: str) -> str:
    return "".join(one for one in word.strip() if one.isprintable())


def put_problems(shown: Iterable[Shown], problems: list[tuple[str, str]]) -> None:
    """Put each problem (path, sentence) beside the innermost field it names; those that name none stay in the list."""
    for one in shown:
        for row in one.inside:
            put_problems(row, problems)
        mine = [problem for problem in problems if problem[0] == one.path or problem[0].startswith(f"{one.path}.")]
        one.problems = list(dict.fromkeys(sentence for _path, sentence in mine))
        problems[:] = [problem for problem in problems if problem not in mine]


def count_problems(shown: Iterable[Shown]) -> int:
    """How many fields have something wrong beside them."""
    return sum(bool(one.problems) + sum(count_problems(row) for row in one.inside) for one in shown)
