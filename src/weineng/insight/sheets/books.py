"""What a platform has in its own books, from a sheet: the spreadsheet twin of `POST /api/v1/providers/{provider}/reconciliation`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from weineng.insight.sheets.words import rows_of
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.learning.actions import state_books
from weineng.learning.rules import EARLIEST, Books
from weineng.sheets import (
    ColumnPlan,
    Issue,
    Kind,
    SheetFormat,
    TableReading,
    TableRow,
    format_from_lists,
    read_table,
    read_workbook,
)

LARGEST = 10**12


@cache
def _format() -> SheetFormat:
    plans = [
        ColumnPlan("day", Kind.DATE, required=True),
        ColumnPlan("records", Kind.INTEGER, required=True, lowest=0, highest=2**31 - 1),
        ColumnPlan("minutes", Kind.INTEGER, required=True, lowest=0, highest=LARGEST),
        ColumnPlan("people", Kind.INTEGER, required=True, lowest=0, highest=2**31 - 1),
        ColumnPlan("passes", Kind.INTEGER, lowest=0, highest=2**31 - 1),
    ]
    return format_from_lists("books", rows_of("work-lists.csv"), plans)


BOOKS = _format


def read_books(data: bytes, name: str) -> TableReading:
    """The days of a sheet; refuses as `read_workbook` and `read_table`."""
    return read_table(read_workbook(data, name), _format(), today=today())


def apply_books(*, by: Actor, provider: str, rows: Sequence[TableRow], dry_run: bool = False) -> list[TableRow]:
    """Keep the good days in place of what was said of them before; returns all rows with what became of each. A day that stands
    twice is wrong the second time. Refuses as `state_books`, but for days that cannot be said: those are wrong rows."""
    said: set[object] = set()
    judged = [_judged(row, said) for row in rows]
    good = [_books(row.values) for row in judged if row.verdict == "ok"]
    if good and not dry_run:
        state_books(by=by, provider=provider, days=good)
    return judged


def _judged(row: TableRow, said: set[object]) -> TableRow:
    """The row, wrong where its day cannot be said, or was `said` in a row before."""
    on = row.values["day"]
    if row.verdict != "ok" or not isinstance(on, date):
        return row
    if not EARLIEST.date() <= on <= today():
        message = _("“%(on)s” lies before 2000 or in the future.") % {"on": on}
        return replace(row, verdict="error", errors=(Issue("day", "day-out-of-range", {}, message),))
    if on in said:
        return replace(row, verdict="error", errors=(Issue("day", "day-twice", {}, _("A day was sent twice.")),))
    said.add(on)
    return row


def _books(values: Any) -> Books:
    return Books(values["day"], values["records"], values["minutes"], values["people"], values["passes"])
