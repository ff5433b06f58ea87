"""The person's own file back, with the wrong cells marked and one column more that says what became of each row.

Sheets, rows, columns and values stay where they are, so the file can be mended and sent again: comments, colours and the
column of results are not data. Formulas come back as the results they had. A csv comes back as xlsx.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import xlsxwriter

from weineng.feeds.sheets.headers import Table
from weineng.feeds.sheets.styles import Styles, safe_sheet_name
from weineng.feeds.sheets.texts import Say
from weineng.feeds.sheets.verdicts import Issue, JudgedRow
from weineng.feeds.sheets.workbook import CellError, Sheet, Value, Workbook

_COMMENTS = 5_000  # spreadsheet programs grow slow with more; the result column says it all the same
_LONGEST_CELL = 32_767
_TEXT_KEYS = frozenset({"id_number", "phone", "school_code", "staff_number"})


@dataclass(frozen=True, slots=True)
class _Mark:
    """How one cell is marked: its state (error or warning) and the sentences of its comment."""

    state: str
    sentences: tuple[str, ...]


def annotate(workbook: Workbook, table: Table, rows: Sequence[JudgedRow], say: Say) -> bytes:
    """An xlsx of `workbook` with the cells of `rows` that are wrong marked on the sheet of `table`.

    `rows` are those of a reading (`RosterReading.rows`, `TableReading.rows`), or its rows with issues added by the
    caller. `say` gives the sentence for a code in the reader's language. Error cells are red, warnings yellow,
    duplicates grey; each has a comment.
    """
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    book = xlsxwriter.Workbook(out, options | {"date_1904": workbook.epoch_1904})
    styles = Styles(book)
    taken: set[str] = set()
    for sheet in workbook.sheets:
        name = safe_sheet_name(sheet.name or say("sheet-roster", {}), taken)
        page = book.add_worksheet(name)
        here = sheet is table.sheet
        _copy(
            page,
            sheet,
            styles,
            _text_columns(table) if here else frozenset(),
            table.status_column if here else None,
        )
        if sheet.state == "hidden":
            page.hide()
        if here:
            _annotate(page, table, rows, styles, say)
            page.activate()
            page.set_first_sheet()
    book.close()
    return out.getvalue()


def _text_columns(table: Table) -> frozenset[int]:
    return frozenset(column.index for column in table.columns.values() if column.key in _TEXT_KEYS)


def _copy(
    page: Any,
    sheet: Sheet,
    styles: Styles,
    as_texts: frozenset[int],
    skipped: int | None,
) -> None:
    """Values, merged cells and column widths; our own result column of an earlier round is left out."""
    for index in sorted(as_texts):
        page.set_column(index, index, 22, styles.text)
    for first, last, width in sheet.widths:
        for index in range(first, min(last, 16_383) + 1):
            page.set_column(index, index, width, styles.text if index in as_texts else None)
    for top, left, bottom, right in sheet.merged:
        if (top, left) != (bottom, right):
            page.merge_range(top, left, bottom, right, "")
    for row, values in enumerate(sheet.rows):
        for column, value in enumerate(values):
            if value != "" and column != skipped:
                write_value(
                    page,
                    row,
                    column,
                    value,
                    styles.text if column in as_texts else None,
                    styles,
                )


def write_value(page: Any, row: int, column: int, value: Value, style: Any, styles: Styles) -> None:
    """Write a value as what it is; a text stays a text, whatever it looks like."""
    if isinstance(value, str):
        text = str(value) if not isinstance(value, CellError) or value else "#N/A"
        page.write_string(row, column, text[:_LONGEST_CELL], style)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, style)
    elif isinstance(value, int | float):
        page.write_number(row, column, value, style)
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value, styles.like(style, "moment"))
    elif isinstance(value, date):
        page.write_datetime(row, column, value, styles.like(style, "day"))
    elif isinstance(value, time | timedelta):
        page.write_datetime(row, column, value, styles.like(style, "clock"))


def _annotate(page: Any, table: Table, rows: Iterable[JudgedRow], styles: Styles, say: Say) -> None:
    status = _status_place(table)
    heading = table.header_rows[-1] - 1
    page.write_string(heading, status, say("status-header", {}), styles.heading)
    page.set_column(status, status, 48)
    comments = 0
    for row in rows:
        marks = _marks(row, table, say)
        for column, mark in marks.items():
            value = table.sheet.value(row.row - 1, column)
            style = styles.marked(
                mark.state,
                text=isinstance(value, str) or column in _text_columns(table),
            )
            if value == "":
                page.write_blank(row.row - 1, column, None, style)
            else:
                write_value(page, row.row - 1, column, value, style, styles)
            if comments < _COMMENTS:
                page.write_comment(
                    row.row - 1,
                    column,
                    "\n".join(mark.sentences),
                    {"x_scale": 2, "author": "Weineng"},
                )
                comments += 1
        page.write_string(
            row.row - 1,
            status,
            _summary(row, say)[:_LONGEST_CELL],
            styles.state(row.verdict),
        )


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
            sentence = say(issue.code, issue.params)
            marks[index] = _Mark(
                before.state if before else mark_state,
                (*(before.sentences if before else ()), sentence),
            )
    return marks


_SISTERS = {"school_name": "school_code", "school_code": "school_name"}


def _place_of(issue: Issue, table: Table) -> int:
    for key in (issue.column, _SISTERS.get(issue.column, "")):
        if key in table.columns:
            return table.columns[key].index
    return next(iter(table.columns.values())).index


def _summary(row: JudgedRow, say: Say) -> str:
    verdict = "duplicate" if row.verdict == "duplicate-of" else row.verdict
    sentences = [say(issue.code, issue.params) for issue in (*row.errors, *row.warnings)]
    return " ".join([say(f"status-{verdict}", {}) + (":" if sentences else ""), *sentences]).strip()
