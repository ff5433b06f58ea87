"""Sheets that come back unchanged: what is exported and sent again reads as exactly the same values.

Every cell but plain numbers is written as text, so leading zeros stay, long numbers are not damaged, and what looks
like a formula is none. Dates are text like 2021-09-01, which every spreadsheet program keeps.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import xlsxwriter

from weineng.sheets.formats import Column, Kind, SheetFormat, roster_format
from weineng.sheets.roster import RosterValues
from weineng.sheets.styles import Styles, safe_sheet_name
from weineng.sheets.texts import Say
from weineng.sheets.workbook import letters

_HELP = (
    "help-one-row",
    "help-required",
    "help-text",
    "help-dates",
    "help-lists",
    "help-headings",
)
_HELP_MARKED = "help-mark"
_WIDTHS = {
    "name": 14,
    "identity": 22,
    "phone": 15,
    "code": 16,
    "text": 26,
    "word": 13,
    "date": 13,
}
_VALIDATED_ROWS = 5_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBERS = (Kind.INTEGER, Kind.NUMBER)  # written as numbers where they are some: people add them up
_LARGE = 20_000


def write_roster(
    rows: Sequence[RosterValues], say: Say, *, school_names: Sequence[str] = (), marks: Sequence[str] = ()
) -> bytes:
    """An xlsx of a roster in the template's form; without rows it is the template itself.

    `school_names` become the list offered in the school's column; `marks`, one for each row, let us know the rows again.
    """
    values: list[dict[str, str | None]] = [row.as_dict() for row in rows]
    for row, mark in zip(values, marks, strict=bool(marks)):
        row["row_mark"] = mark
    return write_sheet(roster_format(), values, say, lists={"school_name": school_names})


def write_sheet(
    of: SheetFormat,
    rows: Sequence[Mapping[str, object]],
    say: Say,
    *,
    sheet_name: str | None = None,
    lists: Mapping[str, Sequence[str]] | None = None,
    instructions: Sequence[str] | None = None,
) -> bytes:
    """An xlsx with one row for each of `rows` (column key → value, None is empty), its lists and its instructions.

    `lists` add words offered in columns that have no coded words; `instructions` replace the usual ones.
    """
    of = _without_ours(of, rows)
    out = io.BytesIO()
    constant = len(rows) > _LARGE
    options = {
        "in_memory": not constant,
        "constant_memory": constant,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(out, options)
    styles = Styles(book)
    taken: set[str] = set()
    page = book.add_worksheet(safe_sheet_name(sheet_name or say("sheet-roster", {}), taken))
    _write_rows(page, of, rows, styles)
    marked = any(column.ours for column in of.columns)
    usual = [say(code, {}) for code in (*_HELP, *([_HELP_MARKED] if marked else ()))]
    _write_instructions(book, styles, instructions or usual, say, taken)
    _write_lists(book, page, of, lists or {}, say, taken, len(rows))
    book.close()
    return out.getvalue()


def _without_ours(of: SheetFormat, rows: Sequence[Mapping[str, object]]) -> SheetFormat:
    """The format without those of our own columns that no row fills."""
    columns = tuple(c for c in of.columns if not c.ours or any(row.get(c.key) for row in rows))
    return replace(of, columns=columns)


def write_csv(of: SheetFormat, rows: Iterable[Mapping[str, object]]) -> bytes:
    """The same table as UTF-8 text with commas and a byte-order mark, which every spreadsheet program opens right.

    A text that a program would take for a formula gets an apostrophe in front.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.headings[0] for column in of.columns])
    writer.writerows([_as_cell(row.get(column.key)) for column in of.columns] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _as_cell(value: object) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = _as_written(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_rows(page: Any, of: SheetFormat, rows: Sequence[Mapping[str, object]], styles: Styles) -> None:
    for index, column in enumerate(of.columns):
        page.set_column(index, index, _WIDTHS.get(column.kind, 12), styles.text)
    for index, column in enumerate(of.columns):
        page.write_string(
            0,
            index,
            column.headings[0] + ("*" if column.required else ""),
            styles.heading,
        )
    for number, row in enumerate(rows, start=1):
        for index, column in enumerate(of.columns):
            value = row.get(column.key)
            if column.kind in _NUMBERS and isinstance(value, int | float):
                page.write_number(number, index, value)
            elif value is not None:
                page.write_string(number, index, _as_written(value), styles.text)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(rows)), len(of.columns) - 1)


def _as_written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_instructions(book: Any, styles: Styles, lines: Sequence[str], say: Say, taken: set[str]) -> None:
    page = book.add_worksheet(safe_sheet_name(say("sheet-instructions", {}), taken))
    page.set_column(0, 0, 100, styles.note)
    for number, line in enumerate(lines):
        page.write_string(number, 0, line, styles.note)


def _write_lists(
    book: Any,
    page: Any,
    of: SheetFormat,
    lists: Mapping[str, Sequence[str]],
    say: Say,
    taken: set[str],
    rows: int,
) -> None:
    """A hidden sheet with the words of each coded column, and the drop-downs that offer them."""
    offered = [(i, c, _offered(c, lists)) for i, c in enumerate(of.columns) if _offered(c, lists)]
    if not offered:
        return
    name = safe_sheet_name(say("sheet-lists", {}), taken)
    hidden = book.add_worksheet(name)
    hidden.hide()
    for place, (_, _, words) in enumerate(offered):
        for number, word in enumerate(words):
            hidden.write_string(number, place, word)
    last = max(rows, _VALIDATED_ROWS)
    for place, (index, column, words) in enumerate(offered):
        source = f"='{name.replace(chr(39), chr(39) * 2)}'!${letters(place)}$1:${letters(place)}${len(words)}"
        strict = "stop" if column.choices else "information"
        page.data_validation(
            1,
            index,
            last,
            index,
            {"validate": "list", "source": source, "error_type": strict},
        )


def _offered(column: Column, lists: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return column.choices or lists.get(column.key, ())
