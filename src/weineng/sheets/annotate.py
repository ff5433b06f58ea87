"""The person's own file back, with the wrong cells marked and one column more that says what became of each row.

Sheets, rows, columns and values stay where they are, so the file can be mended and sent again: comments, colours and the
column of results are not data. Formulas come back as the results they had. A csv comes back as xlsx.
"""

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

import xlsxwriter
from xlsxwriter.exceptions import OverlappingRange

from weineng.sheets.headers import Table
from weineng.sheets.styles import Styles, safe_sheet_name
from weineng.sheets.texts import Say, sentence
from weineng.sheets.verdicts import Issue, JudgedRow
from weineng.sheets.workbook import CellError, Sheet, Value

_COMMENTS = 5_000  # spreadsheet programs grow slow with more; the result column says it all the same
_LONGEST_CELL = 32_767
_FIRST_YEAR = 1905  # earlier dates have no serial number in every workbook
_LAST_COLUMN = 16_383
_LARGE = 600_000  # cells; above, the file is written row by row to keep memory small
_TEXT_KEYS = frozenset({"id_number", "phone", "school_code", "staff_number"})


@dataclass(frozen=True, slots=True)
class _Mark:
    """How one cell is marked: its state (error or warning) and the sentences of its comment."""

    state: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is added to a sheet: rows and columns from 0. A sheet we say nothing about has an empty plan."""

    texts: frozenset[int] = frozenset()
    marks: Mapping[int, Mapping[int, _Mark]] = field(default_factory=dict)
    status: int = -1
    results: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """Row → state and sentence of the result column."""


def annotate_workbook(table: Table, rows: Sequence[JudgedRow], say: Say) -> bytes:
    """An xlsx of the workbook in which `table` was found, with the cells of `rows` that are wrong marked on its sheet.

    `rows` are those of a reading (`RosterReading.rows`, `TableReading.rows`), or its rows with issues added by the
    caller. `say` gives the sentence for a code in the reader's language. Wrong cells are red, warnings yellow,
    duplicates grey; each has a comment.
    """
    out, workbook = io.BytesIO(), table.workbook
    large = sum(len(values) for sheet in workbook.sheets for values in sheet.rows) > _LARGE
    options = {"in_memory": not large, "constant_memory": large, "date_1904": workbook.epoch_1904}
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    book = xlsxwriter.Workbook(out, options | safe)
    styles = Styles(book)
    taken: set[str] = set()
    for sheet in workbook.sheets:
        page = book.add_worksheet(safe_sheet_name(sheet.name or say(f"sheet-{table.of.key}", {}), taken))
        plan = _plan(table, rows, say) if sheet is table.sheet else _Plan()
        spread = _spread(sheet) if large else _merge(page, sheet)
        _copy(page, sheet, plan, spread, styles)
        if sheet.state == "hidden":
            page.hide()
        if sheet is table.sheet:
            page.activate()
            page.set_first_sheet()
    book.close()
    return out.getvalue()


def _plan(table: Table, rows: Sequence[JudgedRow], say: Say) -> _Plan:
    marks = {row.row - 1: _marks(row, table, say) for row in rows if row.errors or row.warnings}
    results = {row.row - 1: (str(row.verdict), _summary(row, say)) for row in rows}
    results[table.header_rows[-1] - 1] = ("heading", say("status-header", {}))
    texts = frozenset(column.index for column in table.columns.values() if column.key in _TEXT_KEYS)
    return _Plan(texts, marks, _status_place(table), results)


Spread: TypeAlias = Mapping[int, Mapping[int, Value]]


def _merge(page: Any, sheet: Sheet) -> Spread:
    """Merge what was merged; ranges that overlap, which only broken files have, stay apart."""
    for top, left, bottom, right in sheet.merged:
        if (top, left) != (bottom, right):
            with suppress(OverlappingRange):
                page.merge_range(top, left, bottom, right, "")
    return {}


def _spread(sheet: Sheet) -> Spread:
    """In large files, which are written row by row, a merged value is repeated in every row it holds for."""
    spread: dict[int, dict[int, Value]] = {}
    for top, left, bottom, _ in sheet.merged:
        for row in range(top + 1, min(bottom + 1, len(sheet.rows))):
            spread.setdefault(row, {})[left] = sheet.value(top, left)
    return spread


def _copy(page: Any, sheet: Sheet, plan: _Plan, spread: Spread, styles: Styles) -> None:
    """Values, widths, marks and results, row by row; the result column of an earlier round is written anew."""
    _set_widths(page, sheet, plan, styles)
    comments = 0
    for row, values in enumerate(sheet.rows):
        marks = plan.marks.get(row, {})
        inherited = spread.get(row, {})
        for column in range(max(len(values), *(i + 1 for i in (*marks, *inherited)), 0)):
            value = sheet.value(row, column)
            value = inherited.get(column, "") if value == "" else value
            mark = marks.get(column)
            if column != plan.status and (mark or value != ""):
                is_text = isinstance(value, str) or column in plan.texts
                plain_style = styles.text if column in plan.texts else None
                style = styles.marked(mark.state, text=is_text) if mark else plain_style
                write_value(page, row, column, value, style, styles)
        for column, mark in marks.items():
            if comments < _COMMENTS:
                page.write_comment(row, column, "\n".join(mark.sentences), {"x_scale": 2, "author": "Weineng"})
                comments += 1
        if row in plan.results:
            state, said = plan.results[row]
            page.write_string(row, plan.status, said[:_LONGEST_CELL], styles.state(state))


def _set_widths(page: Any, sheet: Sheet, plan: _Plan, styles: Styles) -> None:
    widths = dict.fromkeys(sorted(plan.texts), 22.0)
    for first, last, width in sheet.widths:
        widths.update(dict.fromkeys(range(first, min(last, _LAST_COLUMN) + 1), width))
    for index, width in widths.items():
        page.set_column(index, index, width, styles.text if index in plan.texts else None)
    if plan.status >= 0:
        page.set_column(plan.status, plan.status, 48)


def write_value(page: Any, row: int, column: int, value: Value, style: Any, styles: Styles) -> None:
    """Write a value as what it is; a text stays a text, whatever it looks like."""
    if value == "" and not isinstance(value, CellError):
        page.write_blank(row, column, None, style)
    elif isinstance(value, str):
        text = str(value) if not isinstance(value, CellError) or value else "#N/A"
        page.write_string(row, column, text[:_LONGEST_CELL], style)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, style)
    elif isinstance(value, int | float):
        page.write_number(row, column, value, style)
    elif isinstance(value, date) and value.year < _FIRST_YEAR:
        page.write_string(row, column, value.isoformat(), style)
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value, styles.like(style, "moment"))
    elif isinstance(value, date):
        page.write_datetime(row, column, value, styles.like(style, "day"))
    elif isinstance(value, time | timedelta):
        page.write_datetime(row, column, value, styles.like(style, "clock"))


def _status_place(table: Table) -> int:
    """The column of an earlier round, else the first one to the right of everything."""
    if table.status_column is not None:
        return table.status_column
    return max((len(values) for values in table.sheet.rows), default=0)


def _marks(row: JudgedRow, table: Table, say: Say) -> Mapping[int, _Mark]:
    """Column → mark. A column the sheet does not have is marked on its sister, or on the first column."""
    marks: dict[int, _Mark] = {}
    state = "duplicate" if row.verdict == "duplicate-of" else "error"
    for mark_state, issues in ((state, row.errors), ("warning", row.warnings)):
        for issue in issues:
            index = _place_of(issue, table)
            before = marks.get(index)
            said = (*(before.sentences if before else ()), sentence(issue, say))
            marks[index] = _Mark(before.state if before else mark_state, said)
    return marks


_SISTERS = {"school_name": "school_code", "school_code": "school_name"}


def _place_of(issue: Issue, table: Table) -> int:
    for key in (issue.column, _SISTERS.get(issue.column, "")):
        if key in table.columns:
            return table.columns[key].index
    return next(iter(table.columns.values())).index


def _summary(row: JudgedRow, say: Say) -> str:
    verdict = "duplicate" if row.verdict == "duplicate-of" else row.verdict
    sentences = [sentence(issue, say) for issue in (*row.errors, *row.warnings)]
    return " ".join([say(f"status-{verdict}", {}) + (":" if sentences else ""), *sentences]).strip()
