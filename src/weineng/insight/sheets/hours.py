"""Hours from a provider's sheet: the spreadsheet twin of the API."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from weineng.insight.sheets.days import Going, lay_out
from weineng.insight.sheets.words import rows_of
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import Hears
from weineng.learning.actions import bring_hours
from weineng.learning.rules import RecordRow, RowResult, minutes_of
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

COLUMNS: Mapping[str, str] = {  # the field a refusal names → the column of the sheet
    "id": "record_id", "person": "id_number", "starts_at": "day", "ends_at": "day", "person_name": "name",
    "person_number": "id_number", "person_type": "id_type",
}  # fmt: skip


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
        ColumnPlan("start", Kind.CLOCK),
        ColumnPlan("end", Kind.CLOCK),
        ColumnPlan("minutes", Kind.INTEGER, lowest=0, highest=44_640),
        ColumnPlan("periods", Kind.NUMBER, lowest=0, highest=1_000),
        ColumnPlan("passed", Kind.WORD),
        ColumnPlan("supersedes", Kind.CODE, longest=80),
        ColumnPlan("voids", Kind.CODE, longest=80),
        ColumnPlan("reason", Kind.TEXT, longest=400),
    ]
    needed = [[plan.key] for plan in plans if plan.required]
    return format_from_lists("hours", rows_of("work-lists.csv"), plans, needed=[*needed, ["minutes", "periods"]])


HOURS = _format


def read_hours(data: bytes, name: str, *, told: Hears | None = None) -> TableReading:
    """The rows of a sheet of hours; refuses as `read_workbook` and `read_table`."""
    return read_table(read_workbook(data, name), _format(), today=today(), told=told)


def apply_hours(
    *, by: Actor, provider: str, rows: Sequence[TableRow], period_minutes: int, name: str, dry_run: bool = False,
    told: Hears | None = None,
) -> list[TableRow]:  # fmt: skip
    """Deliver the good rows; returns all rows with what became of each (`ok`, `duplicate-of` for what was known, `error`).

    Periods are turned into minutes with the programme's `period_minutes`; a fraction of a minute is refused. Where a row
    names no time of day it gets one (`days.lay_out`). A name that differs from the roster's, or a number that nobody has
    yet, is a warning. `told` hears how many rows are delivered.
    """
    measured = [_measured(row, period_minutes) for row in rows]
    going = lay_out(provider, [row for row in measured if isinstance(row, Going)])
    records = [row.record for row in going]
    wrong = sum(1 for row in measured if isinstance(row, TableRow) and row.verdict == "error")
    answers = (
        bring_hours(by=by, provider=provider, rows=records, name=name, left_out=wrong, dry_run=dry_run, told=told)
        if going
        else []
    )
    results = {row.row: answer for row, answer in zip(going, answers, strict=True)}
    return [
        row if isinstance(row, TableRow) else _judged(judged, results[row.row])
        for row, judged in zip(measured, rows, strict=True)
    ]


def _measured(row: TableRow, period_minutes: int) -> TableRow | Going:
    """The row with whole minutes, or refused for them."""
    if row.verdict not in ("ok", "warning"):
        return row
    given: dict[str, Any] = dict(row.values)
    periods = None if given.get("periods") is None else Decimal(str(given["periods"]))
    record = RecordRow(
        source_id=given.get("record_id") or _made_id(given), person_type=given.get("id_type") or "id-card",
        person_number=given["id_number"], person_name=given["name"], mode=given["mode"], course=given["course"],
        title=given.get("title") or "", minutes=given.get("minutes"), periods=periods,
        passed=given.get("passed") == "yes", supersedes=given.get("supersedes") or "", voids=given.get("voids") or "",
        reason=given.get("reason") or "",
    )  # fmt: skip
    try:
        minutes = minutes_of(record, period_minutes)
    except Refused as refusal:
        column = refusal.field if refusal.field in given else "minutes"
        return replace(row, verdict="error", errors=(Issue(column, refusal.code, dict(refusal.params), str(refusal)),))
    return Going(row.row, replace(record, minutes=minutes, periods=None), given)


def _made_id(given: Any) -> str:
    """A sheet without record numbers: the same row again is the same record."""
    keys = ("id_number", "mode", "course", "day", "minutes", "periods")
    more = ("start", "end", "passed", "supersedes", "voids")
    parts = [str(given.get(key) or "") for key in keys] + [f"{given[key]}" for key in more if given.get(key)]
    return "sheet:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def _judged(row: TableRow, result: RowResult) -> TableRow:
    if result.status == "created":
        codes = [("id_number", "person-unknown")] if not result.person_found else []
        codes += [("name", "name-differs")] if result.name_differs else []
        warnings = (*row.warnings, *(Issue(column, code) for column, code in codes))
        return replace(row, verdict="warning" if warnings else row.verdict, warnings=warnings)
    if result.status == "unchanged":
        return replace(row, verdict="duplicate-of", duplicate_of=row.duplicate_of or row.row)
    where = str(result.params.get("field", "id"))
    column = COLUMNS.get(where, where)
    return replace(row, verdict="error", errors=(Issue(column, result.code, dict(result.params), result.message),))


def counts(rows: Sequence[TableRow]) -> dict[str, int]:
    """How many rows went in, were known already, were wrong; and how many of those that went in somebody should look at."""
    verdicts = [row.verdict for row in rows]
    return {
        "new": verdicts.count("ok") + verdicts.count("warning"),
        "same": verdicts.count("duplicate-of"),
        "wrong": verdicts.count("error"),
        "warning": verdicts.count("warning"),
    }
