"""What was understood of a roster, as it is kept beside its upload: read once, shown and brought in from here.

It holds identity numbers, so it is encrypted under the installation's data key; sentences are not kept, only their codes.
"""

import json
import zlib
from dataclasses import fields
from datetime import date
from typing import Any

from weineng.insight.sheets.rosters import About, Judged, RosterSheet, issue_of
from weineng.kernel.ciphers import decrypt, encrypt
from weineng.organisations.rules import RosterOutcome, RosterProblem, RosterRow
from weineng.sheets import Issue

_ROW = [field.name for field in fields(RosterRow)]


def pack_sheet(sheet: RosterSheet) -> bytes:
    """A roster as it was understood, encrypted."""
    plain = {
        "unit": sheet.unit, "name": sheet.name,
        "about": [sheet.about.sheet, sheet.about.other_sheets, sheet.about.columns, sheet.about.unknown],
        "rows": [[getattr(row, name) for name in _ROW] for row in sheet.rows],
        "judged": [
            [row.row, row.verdict, row.name, [_issue(i) for i in row.errors], [_issue(i) for i in row.warnings], row.shown]
            for row in sheet.judged
        ],
        "new": list(sheet.outcome.new), "changed": list(sheet.outcome.changed), "same": list(sheet.outcome.same),
        "groups": list(sheet.outcome.groups), "absent": sheet.outcome.absent, "roster": sheet.outcome.roster,
    }  # fmt: skip
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), default=date.isoformat)
    return encrypt(zlib.compress(text.encode(), 6))


def unpack_sheet(kept: bytes | memoryview) -> RosterSheet:
    """The roster again, as it was understood."""
    plain: dict[str, Any] = json.loads(zlib.decompress(decrypt(kept)))
    sheet, others, columns, unknown = plain["about"]
    outcome = RosterOutcome(
        new=plain["new"], changed=plain["changed"], same=plain["same"], groups=plain["groups"], absent=plain["absent"],
        roster=plain["roster"],
    )  # fmt: skip
    return RosterSheet(
        unit=plain["unit"], name=plain["name"], outcome=outcome, rows=[_row(told) for told in plain["rows"]],
        about=About(sheet, tuple(others), tuple(tuple(column) for column in columns), tuple(unknown)),
        judged=[_judged(told) for told in plain["judged"]],
    )  # fmt: skip


def _issue(issue: Issue) -> list[Any]:
    return [issue.column, issue.code, dict(issue.params), isinstance(issue.text, RosterProblem)]


def _issues(row: int, told: list[list[Any]]) -> tuple[Issue, ...]:
    """Issues again; what the register had against a row gets its sentence from there."""
    return tuple(
        issue_of(RosterProblem(row, column, code, params)) if ours else Issue(column, code, params)
        for column, code, params, ours in told
    )


def _row(told: list[Any]) -> RosterRow:
    values = dict(zip(_ROW, told, strict=True))
    if values["start_date"]:
        values["start_date"] = date.fromisoformat(values["start_date"])
    return RosterRow(**values)


def _judged(told: list[Any]) -> Judged:
    row, verdict, name, errors, warnings, shown = told
    return Judged(row, verdict, name, _issues(row, errors), _issues(row, warnings), tuple(shown))
