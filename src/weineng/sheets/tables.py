"""Any other sheet (hours, results, items): rows judged column by column, as its format says.

What a row means beside the others and beside the database is the caller's business; `unique` columns of the format are
compared here, so that the same row twice is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cached_property
from typing import TypeAlias

from weineng.kernel.sets import Hears, counted
from weineng.sheets import cells
from weineng.sheets.formats import Column, Kind, SheetFormat
from weineng.sheets.headers import Record, Table, locate
from weineng.sheets.verdicts import Issue, Verdict, count_verdicts
from weineng.sheets.workbook import Value, Workbook

Read: TypeAlias = str | int | float | date | time | None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One record. `values` has every column of the format: None for an empty, absent or wrong cell; dates are dates."""

    row: int
    verdict: Verdict
    values: Mapping[str, Read]
    errors: tuple[Issue, ...]
    warnings: tuple[Issue, ...] = ()
    duplicate_of: int | None = None


@dataclass(frozen=True)
class TableReading:
    """What was understood of a sheet; the table says where its heading, columns and ignored rows are."""

    table: Table
    rows: tuple[TableRow, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows by verdict."""
        return count_verdicts(self.rows)


def read_table(
    workbook: Workbook, of: SheetFormat, *, today: date, sheet: str | None = None, told: Hears | None = None
) -> TableReading:
    """Judge every row of the sheet of this format; `told` hears how many are judged.

    Codes of cells: `value-missing`, `word-unknown`, `number-invalid`, `date-invalid`, `time-invalid`, `phone-invalid`, `code-invalid`,
    `cell-error`, `too-long` and those of names and identity numbers. Refuses as `locate` does.
    """
    table = locate(workbook, of, sheet=sheet)
    rows = (_judge(record, of, today, workbook) for record in counted(table.records, told))
    return TableReading(table, tuple(_compare(rows, of.unique)))


def _judge(record: Record, of: SheetFormat, today: date, workbook: Workbook) -> TableRow:
    values: dict[str, Read] = {}
    errors: list[Issue] = []
    for column, cell in zip(of.columns, record.cells, strict=True):
        value, code = read_cell(cell, column, today=today, epoch_1904=workbook.epoch_1904)
        if value is None and code is None and column.required:
            code = "value-missing"
        values[column.key] = value
        if code:
            written = cells.as_text(cell).strip()
            errors.append(Issue(column.key, code, {"written": written, "limit": column.longest}))
    return TableRow(record.row, "error" if errors else "ok", values, tuple(errors))


def read_cell(cell: Value, column: Column, *, today: date, epoch_1904: bool = False) -> tuple[Read, str | None]:
    """The canonical value of a cell of this column, or the code of what is wrong; empty is None and None."""
    if column.kind in _TEXTUAL:
        return _read_textual(cell, column, today)
    if column.kind is Kind.DATE:
        return cells.read_date(cell, today=today, epoch_1904=epoch_1904)
    if column.kind is Kind.CLOCK:
        return cells.read_clock(cell)
    number, code = cells.read_number(cell, whole=column.kind is Kind.INTEGER)
    low, high = column.lowest, column.highest
    if number is not None and ((low is not None and number < low) or (high is not None and number > high)):
        return None, "number-invalid"
    return number, code


_TEXTUAL = frozenset({Kind.NAME, Kind.IDENTITY, Kind.PHONE, Kind.CODE, Kind.TEXT, Kind.WORD})


def _read_textual(cell: Value, column: Column, today: date) -> cells.Text:
    match column.kind:
        case Kind.WORD:
            return cells.read_word(cell, column.words)
        case Kind.PHONE:
            return cells.read_phone(cell)
        case Kind.CODE:
            return cells.read_code(cell, column.longest)
        case Kind.NAME:
            name, code = cells.read_name(cell, column.longest)
            return (
                name,
                None if code == "name-missing" and not column.required else code,
            )
        case Kind.IDENTITY:
            if not column.required and not cells.compact(cell):
                return None, None
            return cells.read_identity(cell, resident=_looks_resident(cell), today=today)
    return cells.read_text(cell, column.longest)


def _looks_resident(cell: Value) -> bool:
    """A sheet without a column for the kind of document: passports begin with letters or are shorter."""
    number = cells.compact(cell)
    return not (number[:1].isalpha() and len(number) < 15)


def _compare(rows: Iterable[TableRow], unique: tuple[str, ...]) -> Iterable[TableRow]:
    first: dict[tuple[Read, ...], int] = {}
    for row in rows:
        key = tuple(row.values[column] for column in unique)
        if not unique or row.errors or None in key:
            yield row
        elif key in first:
            issue = Issue(unique[0], "duplicate-row", {"row": first[key]})
            yield replace(row, verdict="duplicate-of", errors=(issue,), duplicate_of=first[key])
        else:
            first[key] = row.row
            yield row
