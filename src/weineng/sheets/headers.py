"""Where the table is: which sheet, which rows are its heading, which column is which, which rows are records.

Works for every `SheetFormat`. Title rows, blank rows, repeated headings, totals and signature lines are set apart with a
reason; a vertically merged cell holds for all its rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from weineng.sheets.formats import SheetFormat, without_marks
from weineng.sheets.plain import plain, words
from weineng.sheets.rows import RowKind, RowReader, filled
from weineng.sheets.texts import SheetRefused, say
from weineng.sheets.workbook import Sheet, Value, Workbook, letters

_SEARCHED = 100


@dataclass(frozen=True, slots=True)
class Ignored:
    """A row that is no record, and why; `row` is the number the spreadsheet program shows."""

    row: int
    why: RowKind


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column of the sheet that was recognised: its place from 0, its letters, its heading as written."""

    key: str
    index: int
    letters: str
    heading: str


@dataclass(frozen=True, slots=True)
class Record:
    """A row that holds data; `cells` are in the format's order of columns, '' where the sheet has no such column."""

    row: int
    cells: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A located table. `unknown` are headings that name no column, `other_sheets` further sheets with such a table."""

    workbook: Workbook
    of: SheetFormat
    sheet: Sheet
    header_rows: tuple[int, ...]
    columns: dict[str, FoundColumn]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    status_column: int | None
    records: tuple[Record, ...]
    ignored: tuple[Ignored, ...]
    other_sheets: tuple[str, ...]


def locate(workbook: Workbook, of: SheetFormat, *, sheet: str | None = None) -> Table:
    """The table of this format in `workbook`, on `sheet` where one is named.

    Refuses `no-sheet-of-kind` (kind, columns) where no sheet has its headings, `columns-missing` (sheet, columns, keys) where some that
    are needed are not there.
    """
    if sheet is not None:
        places = [_Place(s, of) for s in workbook.sheets if s.name == sheet]
    else:
        places = [_Place(s, of) for s in workbook.sheets if s.state == "visible"]
    found = [place for place in places if place.found]
    if not found:
        headings = [of.by_key[group[0]].headings[0] for group in of.needed] or [c.headings[0] for c in of.columns[:3]]
        raise SheetRefused("no-sheet-of-kind", kind=say(f"sheet-{of.key}"), columns=", ".join(headings))
    found.sort(
        key=lambda place: (place.complete, not place.example, place.guess_size()),
        reverse=True,
    )
    best = found[0]
    if not best.complete:
        raise best.refusal()
    others = tuple(p.sheet.name or "" for p in found[1:] if p.complete and not p.example and p.guess_size())
    return best.table(workbook, others)


def roster_sheets(workbook: Workbook, of: SheetFormat) -> tuple[str, ...]:
    """The names of the visible sheets that hold such a table, in the workbook's order."""
    places = (_Place(s, of) for s in workbook.sheets if s.state == "visible")
    return tuple(p.sheet.name or "" for p in places if p.found and p.complete)


class _Place:
    """One sheet seen through one format."""

    def __init__(self, sheet: Sheet, of: SheetFormat) -> None:
        self.sheet = sheet
        self.format = of
        self.row, self.columns = self._best_row()
        self.found = len(self.columns) >= min(3, len(of.columns))
        self.complete = self.found and not self._lacking()
        self.example = any(word in plain(sheet.name or "") for word in words("example"))

    def _best_row(self) -> tuple[int, dict[str, FoundColumn]]:
        """The row among the first hundred that names the most columns, the first of equals."""
        best: tuple[int, dict[str, FoundColumn]] = (0, {})
        for row in range(min(_SEARCHED, len(self.sheet.rows))):
            columns = self._named(row)
            if len(columns) > len(best[1]):
                best = (row, columns)
        return best

    def _named(self, row: int) -> dict[str, FoundColumn]:
        """The columns this row's cells name, merged headings included; the first of two for one column counts."""
        columns: dict[str, FoundColumn] = {}
        for index in range(self._width()):
            heading = self._heading(row, index)
            key = self.format.recognise(heading) if heading else None
            if key and key not in columns:
                columns[key] = FoundColumn(key, index, letters(index), heading)
        return columns

    def _heading(self, row: int, index: int) -> str:
        """The text at a place; over an empty cell the one above it counts, or the one merged down to it."""
        value = self.sheet.value(row, index)
        if not filled(value):
            value = self._merged_down(row, index)
        if not filled(value) and row and not self._in_merge_across(row - 1, index):
            value = self.sheet.value(row - 1, index)
        return value if isinstance(value, str) else ""

    def _merged_down(self, row: int, index: int) -> Value:
        for top, left, bottom, right in self.sheet.merged:
            if top < row <= bottom and left == index == right:
                return self.sheet.value(top, left)
        return ""

    def _in_merge_across(self, row: int, index: int) -> bool:
        return any(m[0] <= row <= m[2] and m[1] <= index <= m[3] and m[1] < m[3] for m in self.sheet.merged)

    def _width(self) -> int:
        return max(map(len, self.sheet.rows[:_SEARCHED]), default=0)

    def _lacking(self) -> list[tuple[str, ...]]:
        return [group for group in self.format.needed if not any(key in self.columns for key in group)]

    def refusal(self) -> SheetRefused:
        keys = [group[0] for group in self._lacking()]
        headings = [self.format.by_key[key].headings[0] for key in keys]
        return SheetRefused(
            "columns-missing",
            sheet=self.sheet.name or "",
            columns=", ".join(headings),
            keys=keys,
        )

    def guess_size(self) -> int:
        """About how many records there are: rows below the heading with a cell in the first needed column."""
        index = next((self.columns[key].index for key in self.format.needed[0] if key in self.columns), 0)
        return sum(1 for row in self.sheet.rows[self.row + 1 :] if index < len(row) and filled(row[index]))

    def table(self, workbook: Workbook, others: tuple[str, ...]) -> Table:
        header = self._header_rows()
        status = self._status_column()
        reader = RowReader(
            self.sheet,
            self.format,
            {c.key: c.index for c in self.columns.values()},
            status,
        )
        records, ignored = [], list(self._titles(header[0]))
        for row in range(header[-1] + 1, len(self.sheet.rows)):
            why, cells = reader.read(row)
            if why == "record":
                records.append(Record(row + 1, cells))
            else:
                ignored.append(Ignored(row + 1, why))
        return Table(
            workbook=workbook,
            of=self.format,
            sheet=self.sheet,
            header_rows=tuple(row + 1 for row in header),
            columns={c.key: self.columns[c.key] for c in self.format.columns if c.key in self.columns},
            missing=tuple(c.key for c in self.format.columns if c.key not in self.columns and not c.ours),
            unknown=tuple(self._unknown(status)),
            status_column=status,
            records=tuple(records),
            ignored=tuple(ignored),
            other_sheets=others,
        )

    def _header_rows(self) -> Sequence[int]:
        """The heading row, with the row of group headings above it where there is one."""
        above = self.row - 1
        across = any(m[0] <= above <= m[2] and m[1] < m[3] for m in self.sheet.merged)
        borrowed = any(not filled(self.sheet.value(self.row, c.index)) for c in self.columns.values())
        groups = sum(1 for value in self._row(above) if filled(value))
        return (above, self.row) if borrowed or (across and groups >= 2) else (self.row,)

    def _row(self, row: int) -> Sequence[Value]:
        return self.sheet.rows[row] if row >= 0 else ()

    def _titles(self, until: int) -> Iterator[Ignored]:
        for row in range(until):
            yield Ignored(row + 1, "title" if any(map(filled, self.sheet.rows[row])) else "blank")

    def _status_column(self) -> int | None:
        """The column a marked workbook of ours carries; it is nobody's data."""
        forms = words("status-header")
        places = (i for i in range(self._width()) if without_marks(plain(self._heading(self.row, i))) in forms)
        return next(places, None)

    def _unknown(self, status: int | None) -> Iterable[str]:
        known = {column.index for column in self.columns.values()} | {status}
        for index in range(self._width()):
            heading = self._heading(self.row, index)
            if index not in known and plain(heading):
                yield heading
