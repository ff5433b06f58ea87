"""Results and items (points, recordings) of an earlier assessment, from a sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from weineng.assessment.actions import ResultOutcome, ResultRow, import_results
from weineng.insight.sheets.words import rows_of
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.sets import Hears
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


@cache
def _format() -> SheetFormat:
    plans = [
        ColumnPlan("name", Kind.NAME, required=True, longest=80),
        ColumnPlan("id_type", Kind.WORD),
        ColumnPlan("id_number", Kind.IDENTITY, required=True),
        ColumnPlan("item", Kind.WORD),
        ColumnPlan("point", Kind.CODE, longest=24),
        ColumnPlan("level", Kind.WORD, required=True),
        ColumnPlan("decided_on", Kind.DATE, required=True),
    ]
    return format_from_lists("results", rows_of("work-lists.csv"), plans)


RESULTS = _format


def read_results(data: bytes, name: str, *, told: Hears | None = None) -> TableReading:
    """The rows of a sheet of results or items; refuses as `read_workbook` and `read_table`."""
    return read_table(read_workbook(data, name), _format(), today=today(), told=told)


def apply_results(
    *, by: Actor, programme: str, unit: int, rows: Sequence[TableRow], name: str, dry_run: bool = False,
    told: Hears | None = None,
) -> list[TableRow]:  # fmt: skip
    """Bring in the good rows for the office `unit`; returns all rows with what became of each. A row without an item is about
    its point. `told` hears how many rows are judged."""
    going = [row for row in rows if row.verdict in ("ok", "warning")]
    given = [_result(dict(row.values)) for row in going]
    wrong = sum(1 for row in rows if row.verdict == "error")
    outcomes = (
        import_results(
            by=by, programme=programme, unit=unit, rows=given, name=name, left_out=wrong, dry_run=dry_run, told=told
        )
        if given
        else []
    )
    known = {row.row: outcome for row, outcome in zip(going, outcomes, strict=True)}
    return [_judged(row, known[row.row]) if row.row in known else row for row in rows]


COLUMNS: Mapping[str, str] = {"person_number": "id_number", "person_name": "name"}  # a refusal's field → its column


def _judged(row: TableRow, outcome: ResultOutcome) -> TableRow:
    if outcome.status == "unchanged":
        return replace(row, verdict="duplicate-of", duplicate_of=row.duplicate_of or row.row)
    if outcome.status == "refused":
        column = COLUMNS.get(outcome.where, outcome.where) or "level"
        return replace(
            row, verdict="error", errors=(Issue(column, outcome.code, dict(outcome.params), outcome.message),)
        )
    if outcome.before_cycle:
        return replace(row, verdict="warning", warnings=(*row.warnings, Issue("decided_on", "before-the-cycle")))
    return row


def _result(given: dict[str, Any]) -> ResultRow:
    return ResultRow(
        person_type=given.get("id_type") or "id-card", person_number=given["id_number"], person_name=given["name"],
        item=given.get("item") or "point", point=(given.get("point") or "").upper(), level=given["level"],
        decided_on=given["decided_on"],
    )  # fmt: skip
