"""Every row of the dirty workbooks against its truth: nothing unresolved, nothing silently wrong."""

from typing import Any

import pytest

from tests.sheets.conftest import TODAY, file_of, truth
from weineng.sheets import (
    ReadRow,
    RosterReading,
    SchoolRegister,
    SheetRefused,
    read_roster,
    read_workbook,
)

READABLE = ["01", "02", "03", "04", "05", "07", "08", "09", "10", "11", "12"]


def read(number: str, schools: SchoolRegister) -> RosterReading:
    path = file_of(number)
    return read_roster(read_workbook(path.read_bytes(), path.name), schools=schools, today=TODAY)


def said(row: ReadRow) -> dict[str, Any]:
    """A row as the truth files write it."""
    shown: dict[str, Any] = {"row": row.row, "verdict": row.verdict}
    for name, issues in (("errors", row.errors), ("warnings", row.warnings)):
        if issues:
            shown[name] = sorted((issue.column, issue.code) for issue in issues)
    if row.values:
        shown["values"] = row.values.as_dict()
    if row.duplicate_of:
        shown["duplicate_of"] = row.duplicate_of
    if row.second_post_of:
        shown["second_post_of"] = row.second_post_of
    return shown


def expected(row: dict[str, Any]) -> dict[str, Any]:
    shown = {key: row[key] for key in ("row", "verdict", "values", "duplicate_of", "second_post_of") if row.get(key)}
    for name in ("errors", "warnings"):
        if row.get(name):
            shown[name] = sorted((issue["column"], issue["code"]) for issue in row[name])
    return shown


@pytest.mark.parametrize("number", READABLE)
def test_every_row_agrees_with_its_truth(number: str, schools: SchoolRegister) -> None:
    true = truth(number)
    reading = read(number, schools)
    rows = {row.row: said(row) for row in reading.rows}
    resolved = sum(rows.get(row["row"]) == expected(row) for row in true["rows"])
    print(f"{true['file']}: {resolved} of {len(true['rows'])} rows resolved")
    assert rows == {row["row"]: expected(row) for row in true["rows"]}
    assert reading.counts == {v: true["rows_by_verdict"].get(v, 0) for v in ("ok", "warning", "error", "duplicate-of")}


@pytest.mark.parametrize("number", READABLE)
def test_what_the_file_wrote_is_kept_beside_the_verdict(number: str, schools: SchoolRegister) -> None:
    written = {row["row"]: (row["written"]["name"], row["written"]["id_number"]) for row in truth(number)["rows"]}
    assert {row.row: (row.name, row.id_number) for row in read(number, schools).rows} == written


@pytest.mark.parametrize("number", READABLE)
def test_the_table_is_found_where_it_is(number: str, schools: SchoolRegister) -> None:
    true = truth(number)
    reading = read(number, schools)
    found = {key: {"header": column.heading, "letter": column.letters} for key, column in reading.columns.items()}
    assert reading.sheet == true["roster_sheet"]
    assert list(reading.header_rows) == true["header_rows"]
    assert found == true["columns"]
    assert list(reading.missing_columns) == true["missing_columns"]
    assert list(reading.unknown_columns) == true["unknown_columns"]
    assert [(row.row, row.why) for row in reading.ignored_rows] == [
        (row["row"], row["why"]) for row in true["ignored_rows"]
    ]


@pytest.mark.parametrize("number", READABLE)
def test_format_encoding_and_sheets_are_recognised(number: str) -> None:
    true = truth(number)
    path = file_of(number)
    workbook = read_workbook(path.read_bytes(), path.name)
    assert (workbook.format, workbook.encoding, workbook.delimiter) == (
        true["format"],
        true["encoding"],
        true["delimiter"],
    )
    named = [(sheet.name, sheet.state) for sheet in workbook.sheets if sheet.name]
    assert named == [(sheet["name"], sheet["state"]) for sheet in true["sheets"]]


def test_the_old_excel_format_is_refused_with_advice() -> None:
    path = file_of("06")
    with pytest.raises(SheetRefused) as refused:
        read_workbook(path.read_bytes(), path.name)
    assert refused.value.code == "file-old-excel"
