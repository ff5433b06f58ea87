"""What was understood of a sheet, as it is kept beside its upload: read once, shown and brought in from here.

It holds identity numbers, so it is encrypted under the installation's data key. Of what is wrong with a row only the code is
kept, except where an action has refused it: its sentence is in the language of whoever brought the sheet.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import date, time
from typing import Any

from weineng.insight.sheets.rosters import Judged, RosterSheet, issue_of
from weineng.insight.sheets.understood import About, Remark, Sample, Understood
from weineng.insight.sheets.work import FORMATS, WorkSheet
from weineng.kernel.ciphers import decrypt, encrypt
from weineng.organisations.rules import RosterOutcome, RosterProblem, RosterRow
from weineng.sheets import Issue, Kind, TableRow

AnySheet = RosterSheet | WorkSheet
_ROW = [field.name for field in fields(RosterRow)]


def pack_sheet(sheet: AnySheet) -> bytes:
    """A sheet as it was understood, encrypted."""
    return _packed(_plain_roster(sheet) if isinstance(sheet, RosterSheet) else _plain_work(sheet))


def unpack_sheet(kept: bytes | memoryview) -> AnySheet:
    """The sheet again, as it was understood."""
    plain = _unpacked(kept)
    return _work(plain) if "kind" in plain else _roster(plain)


def pack_understood(understood: Understood) -> bytes:
    """What the page of a sheet shows, encrypted."""
    remarks = {
        name: [[one.row, one.name, _issues(one.issues)] for one in getattr(understood, name)]
        for name in ("wrong", "looks")
    }
    samples = [[one.row, one.name, one.shown] for one in understood.samples]
    return _packed({"counts": understood.counts, "about": astuple(understood.about), "samples": samples, **remarks})


def unpack_understood(kept: bytes | memoryview) -> Understood:
    """What the page of a sheet shows, again."""
    plain = _unpacked(kept)
    wrong, looks = (
        [Remark(row, name, _issues_again(row, told)) for row, name, told in plain[key]] for key in ("wrong", "looks")
    )
    samples = [Sample(row, name, tuple(shown)) for row, name, shown in plain["samples"]]
    return Understood(plain["counts"], _about(plain["about"]), samples, wrong, looks)


def _packed(plain: dict[str, Any]) -> bytes:
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), default=_text)
    return encrypt(zlib.compress(text.encode(), 6))


def _text(value: object) -> str:
    """Days and times as they are read back; words that are translated when they are shown, as they are shown now."""
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _unpacked(kept: bytes | memoryview) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(zlib.decompress(decrypt(kept)))
    return plain


def _about(told: Sequence[Any]) -> About:
    sheet, others, columns, unknown = told
    return About(sheet, tuple(others), tuple(tuple(column) for column in columns), tuple(unknown))


# --- What is said of a row -----------------------------------------------------------------------------------------
def _issues(issues: Sequence[Issue]) -> list[list[Any]]:
    """The sentence of the register is found again by its code; any other that was said is kept."""
    return [
        [one.column, one.code, dict(one.params), True if isinstance(one.text, RosterProblem) else str(one.text)]
        for one in issues
    ]


def _issues_again(row: int, told: Sequence[Sequence[Any]]) -> tuple[Issue, ...]:
    return tuple(
        issue_of(RosterProblem(row, column, code, params)) if said is True else Issue(column, code, params, said or "")
        for column, code, params, said in told
    )


# --- Rosters -------------------------------------------------------------------------------------------------------
def _plain_roster(sheet: RosterSheet) -> dict[str, Any]:
    return {
        "unit": sheet.unit, "name": sheet.name, "about": astuple(sheet.about),
        "rows": [[getattr(row, name) for name in _ROW] for row in sheet.rows],
        "judged": [
            [row.row, row.verdict, row.name, _issues(row.errors), _issues(row.warnings), row.shown]
            for row in sheet.judged
        ],
        "new": list(sheet.outcome.new), "changed": list(sheet.outcome.changed), "same": list(sheet.outcome.same),
        "groups": list(sheet.outcome.groups), "absent": sheet.outcome.absent, "roster": sheet.outcome.roster,
    }  # fmt: skip


def _roster(plain: dict[str, Any]) -> RosterSheet:
    outcome = RosterOutcome(
        new=plain["new"], changed=plain["changed"], same=plain["same"], groups=plain["groups"], absent=plain["absent"],
        roster=plain["roster"],
    )  # fmt: skip
    return RosterSheet(
        unit=plain["unit"], name=plain["name"], outcome=outcome, rows=[_row(told) for told in plain["rows"]],
        about=_about(plain["about"]), judged=[_judged(told) for told in plain["judged"]],
    )  # fmt: skip


def _row(told: list[Any]) -> RosterRow:
    values = dict(zip(_ROW, told, strict=True))
    if values["start_date"]:
        values["start_date"] = date.fromisoformat(values["start_date"])
    return RosterRow(**values)


def _judged(told: list[Any]) -> Judged:
    row, verdict, name, errors, warnings, shown = told
    return Judged(row, verdict, name, _issues_again(row, errors), _issues_again(row, warnings), tuple(shown))


# --- Hours and results ---------------------------------------------------------------------------------------------
def _plain_work(sheet: WorkSheet) -> dict[str, Any]:
    return {
        "kind": sheet.kind, "name": sheet.name, "about": astuple(sheet.about), "rows": [_cells(row) for row in sheet.rows],
        "judged": [_cells(row) for row in sheet.judged],
    }  # fmt: skip


def _cells(row: TableRow) -> list[Any]:
    given = {key: value for key, value in row.values.items() if value is not None}
    return [row.row, row.verdict, given, _issues(row.errors), _issues(row.warnings), row.duplicate_of]


def _work(plain: dict[str, Any]) -> WorkSheet:
    kinds = {column.key: column.kind for column in FORMATS[plain["kind"]]().columns}
    rows, judged = ([_table_row(told, kinds) for told in plain[key]] for key in ("rows", "judged"))
    return WorkSheet(plain["kind"], _about(plain["about"]), rows, judged, plain["name"])


_READ = {Kind.DATE: date.fromisoformat, Kind.CLOCK: time.fromisoformat}


def _table_row(told: list[Any], kinds: dict[str, Kind]) -> TableRow:
    row, verdict, given, errors, warnings, duplicate_of = told
    values: dict[str, Any] = dict.fromkeys(kinds)
    for key, value in given.items():
        values[key] = _READ[kinds[key]](value) if kinds[key] in _READ else value
    return TableRow(row, verdict, values, _issues_again(row, errors), _issues_again(row, warnings), duplicate_of)
