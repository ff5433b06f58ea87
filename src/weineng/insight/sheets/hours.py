"""Hours from a provider's sheet: the spreadsheet twin of the API."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from weineng.insight.sheets.words import rows_of
from weineng.kernel.actors import Actor
from weineng.kernel.clock import CIVIL, today
from weineng.learning.actions import accept_records
from weineng.learning.rules import RecordRow, RowResult
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

MOST = 1_000  # rows of one delivery; a longer sheet becomes several
BEGINS = time(8)  # where a sheet names no time of day


@cache
def _format() -> SheetFormat:
    plans = [
        ColumnPlan("record_id", Kind.CODE, longest=80),
        ColumnPlan("name", Kind.NAME, required=True, longest=80),
        ColumnPlan("id_type", Kind.WORD),
        ColumnPlan("id_number", Kind.IDENTITY, required=True),
        ColumnPlan("mode", Kind.WORD, required=True),
        ColumnPlan("course", Kind.CODE, required=True, longest=120),
        ColumnPlan("title", Kind.TEXT, longest=200),
        ColumnPlan("day", Kind.DATE, required=True),
        ColumnPlan("minutes", Kind.INTEGER, lowest=0, highest=44_640),
        ColumnPlan("periods", Kind.NUMBER, lowest=0, highest=1_000),
    ]
    return format_from_lists("hours", rows_of("work-lists.csv"), plans, needed=[["minutes", "periods"]])


HOURS = _format


def read_hours(data: bytes, name: str) -> TableReading:
    """The rows of a sheet of hours; refuses as `read_workbook` and `read_table`."""
    return read_table(read_workbook(data, name), _format(), today=today())


def apply_hours(
    *, by: Actor, provider: str, reading: TableReading, period_minutes: int, name: str, dry_run: bool = False
) -> list[TableRow]:
    """Deliver the good rows; returns all rows with what became of each (`ok`, `duplicate-of` for what was known, `error`).

    Periods are turned into minutes with the programme's `period_minutes`; a fraction of a minute is refused.
    """
    going = [row for row in reading.rows if row.verdict in ("ok", "warning")]
    results: dict[int, RowResult] = {}
    for begin in range(0, len(going), MOST):
        part = going[begin : begin + MOST]
        rows = [_record(row, period_minutes) for row in part]
        answers = accept_records(by=by, provider=provider, rows=rows, dry_run=dry_run, name=name)
        results |= {row.row: answer for row, answer in zip(part, answers, strict=True)}
    return [_judged(row, results.get(row.row)) for row in reading.rows]


def _record(row: TableRow, period_minutes: int) -> RecordRow:
    given: dict[str, Any] = dict(row.values)
    minutes, periods = given.get("minutes"), given.get("periods")
    exact = None if periods is None else Decimal(str(periods)) * period_minutes
    whole = minutes if minutes is not None else int(exact) if exact is not None and exact == int(exact) else None
    starts = datetime.combine(_day(given["day"]), BEGINS, CIVIL)
    return RecordRow(
        source_id=given.get("record_id") or _made_id(given), person_type=given.get("id_type") or "id-card",
        person_number=given["id_number"], person_name=given["name"], mode=given["mode"], course=given["course"],
        title=given.get("title") or "", starts_at=starts, ends_at=starts + timedelta(minutes=whole or 0), minutes=whole,
    )  # fmt: skip


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _made_id(given: Any) -> str:
    """A sheet without record numbers: the same row again is the same record."""
    parts = [str(given.get(key) or "") for key in ("id_number", "mode", "course", "day", "minutes", "periods")]
    return "sheet:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def _judged(row: TableRow, result: RowResult | None) -> TableRow:
    if result is None or result.status == "created":
        return row
    if result.status == "unchanged":
        return replace(row, verdict="duplicate-of", duplicate_of=row.duplicate_of or row.row)
    return replace(row, verdict="error", errors=(*row.errors, Issue("minutes", result.code, dict(result.params))))


def counts(rows: Sequence[TableRow]) -> dict[str, int]:
    """How many rows went in, were known already, were wrong."""
    verdicts = [row.verdict for row in rows]
    return {
        "new": verdicts.count("ok") + verdicts.count("warning"),
        "same": verdicts.count("duplicate-of"),
        "wrong": verdicts.count("error"),
    }
