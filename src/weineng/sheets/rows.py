"""Which rows below a heading are records, and which are blank, repeated headings, totals, notes or examples."""

from collections.abc import Sequence
from typing import Literal

from weineng.sheets.formats import Kind, SheetFormat
from weineng.sheets.plain import plain, words
from weineng.sheets.workbook import Sheet, Value

RowKind = Literal["record", "title", "blank", "repeated header", "total", "footer", "example"]
_NOTE_LENGTH = 25
_PUNCTUATION = ":;,.!?。、"  # `plain` has made full-width signs narrow
_ANCHORS = (Kind.NAME, Kind.IDENTITY)


def filled(value: Value) -> bool:
    """Whether a cell holds anything but spaces."""
    return value != "" and not (isinstance(value, str) and value.isspace())


class RowReader:
    """Reads the rows of one sheet below its heading; rows and columns from 0."""

    def __init__(self, sheet: Sheet, of: SheetFormat, places: dict[str, int], status: int | None) -> None:
        self._sheet = sheet
        self._format = of
        self._order = [places.get(column.key, -1) for column in of.columns]
        self._keys = {index: key for key, index in places.items()}
        self._anchors = [places[c.key] for c in of.columns if c.kind in _ANCHORS and c.key in places]
        self._identity = next(
            (places[c.key] for c in of.columns if c.kind == Kind.IDENTITY and c.key in places),
            -1,
        )
        self._name = next(
            (places[c.key] for c in of.columns if c.kind == Kind.NAME and c.key in places),
            -1,
        )
        self._status = status
        self._inherited = self._spread()
        self._wide = {m[0]: m for m in sheet.merged if m[3] - m[1] >= 2 and m[0] == m[2]}

    def _spread(self) -> dict[int, dict[int, Value]]:
        """Row → column → the value of the cell merged downwards over it."""
        spread: dict[int, dict[int, Value]] = {}
        for top, left, bottom, _ in self._sheet.merged:
            if bottom > top and left in self._keys and filled(value := self._sheet.value(top, left)):
                for row in range(top + 1, min(bottom, len(self._sheet.rows) - 1) + 1):
                    spread.setdefault(row, {})[left] = value
        return spread

    def read(self, row: int) -> tuple[RowKind, tuple[Value, ...]]:
        """What the row is, and its cells in the format's order (empty for a row that is no record)."""
        values = self._sheet.rows[row]
        if not self._surely_record(values):
            kind = self._kind(row, values)
            if kind != "record":
                return kind, ()
        width = len(values)
        cells = [values[i] if 0 <= i < width else "" for i in self._order]
        if row in self._inherited:
            over = self._inherited[row]
            cells = [
                over[i] if not filled(cell) and i in over else cell for i, cell in zip(self._order, cells, strict=True)
            ]
        return "record", tuple(cells)

    def _surely_record(self, values: Sequence[Value]) -> bool:
        """The quick way for most rows: an identity cell that begins with a digit, and a name."""
        if self._identity < 0 or self._identity >= len(values) or self._name < 0:
            return False
        identity = values[self._identity]
        name = values[self._name] if self._name < len(values) else ""
        if not (isinstance(identity, str) and isinstance(name, str) and identity[:1].isdigit()):
            return False
        return len(identity) > 5 and 0 < len(name) <= 5 and not name.isspace()

    def _kind(self, row: int, values: Sequence[Value]) -> RowKind:
        own = {i: v for i, v in enumerate(values) if i != self._status and filled(v)}
        if not own:
            return "blank"
        texts = {i: plain(v) for i, v in own.items() if isinstance(v, str)}
        if self._repeats_heading(own, texts):
            return "repeated header"
        if self._is_total(own, texts):
            return "total"
        if self._is_note(row, own, texts):
            return "footer" if row not in self._wide or _is_footer(texts.get(min(own), "")) else "title"
        if any(f"({word})" in texts.get(self._name, "") for word in words("example")):
            return "example"
        if not any(i in self._keys for i in own):
            return "blank" if all(_is_serial(v) for v in own.values()) else "footer"
        return "record"

    def _repeats_heading(self, own: dict[int, Value], texts: dict[int, str]) -> bool:
        named = sum(1 for i in texts if i in self._keys and self._format.recognise(str(own[i])) == self._keys[i])
        return named >= 2 and named * 2 >= sum(1 for i in own if i in self._keys)

    def _is_total(self, own: dict[int, Value], texts: dict[int, str]) -> bool:
        """A total's word alone at the start of the row, or before a number, and no identity number."""
        first = min(own)
        text = texts.get(first, "")
        word = next((w for w in words("total") if text.startswith(w)), None)
        if word is None or self._identified(own):
            return False
        rest = text.removeprefix(word).strip("():")
        return not rest or rest[0].isdigit()

    def _is_note(self, row: int, own: dict[int, Value], texts: dict[int, str]) -> bool:
        """A signature line, a remark, or a caption across the table: words, but nobody's data."""
        if self._identified(own):
            return False
        if _is_footer(texts.get(min(own), "")):
            return True
        if len(own) > 1:
            return False
        index, text = next(iter(texts.items()), (-1, ""))
        if row in self._wide and self._wide[row][1] == index:
            return True
        return index == self._name and (len(text) > _NOTE_LENGTH or any(sign in text for sign in _PUNCTUATION))

    def _identified(self, own: dict[int, Value]) -> bool:
        """Whether the row has something like an identity number."""
        value = own.get(self._identity, "")
        if isinstance(value, str):
            return sum(map(str.isdigit, value)) > 5
        return isinstance(value, float) and value > 99_999


def _is_footer(text: str) -> bool:
    """Whether a `plain` text begins like a signature line: its word with a colon, or (盖章) by itself."""
    return any(text.startswith(word if word.startswith("(") else f"{word}:") for word in words("footer"))


def _is_serial(value: Value) -> bool:
    return not isinstance(value, str) or plain(value).isdigit()
