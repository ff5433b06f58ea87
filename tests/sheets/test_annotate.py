"""The marked workbook: the person's own file, readable again as the same roster."""

import io
from collections.abc import Mapping

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.sheets.conftest import TODAY, file_of
from weineng.sheets import (
    RosterReading,
    SchoolRegister,
    Sheet,
    Workbook,
    annotate_workbook,
    read_roster,
    read_workbook,
)

READABLE = ["01", "02", "03", "04", "05", "07", "08", "09", "10", "11", "12"]


def said(code: str, params: Mapping[str, object]) -> str:
    return "检查结果" if code == "status-header" else "教师名册" if code == "sheet-roster" else f"{code}!"


def marked(workbook: Workbook, reading: RosterReading) -> bytes:
    return annotate_workbook(reading.table, reading.rows, said)


def opened(number: str, schools: SchoolRegister) -> tuple[Workbook, RosterReading, bytes]:
    workbook = read_workbook(file_of(number).read_bytes(), file_of(number).name)
    reading = read_roster(workbook, schools=schools, today=TODAY)
    return workbook, reading, marked(workbook, reading)


def page(data: bytes, name: str = "教师名册") -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(data))[name]
    assert isinstance(sheet, Worksheet)
    return sheet


def story(reading: RosterReading) -> list[object]:
    rows = [
        (r.row, r.verdict, r.values, r.errors, r.warnings, r.name, r.id_number, r.duplicate_of, r.second_post_of)
        for r in reading.rows
    ]
    return [rows, reading.ignored_rows, reading.header_rows, reading.columns, reading.unknown_columns]


@pytest.mark.parametrize("number", READABLE)
def test_sent_back_it_reads_as_the_same_roster_and_marks_the_same(number: str, schools: SchoolRegister) -> None:
    workbook, reading, data = opened(number, schools)
    again_book = read_workbook(data, "marked.xlsx")
    again = read_roster(again_book, schools=schools, today=TODAY)
    assert story(again) == story(reading)
    names = [(sheet.name or "教师名册", sheet.state) for sheet in workbook.sheets]
    assert [(sheet.name, sheet.state) for sheet in again_book.sheets] == names
    third = read_workbook(marked(again_book, again), "third.xlsx")
    assert [sheet.rows for sheet in third.sheets] == [sheet.rows for sheet in again_book.sheets]


def test_wrong_cells_are_coloured_and_say_why(schools: SchoolRegister) -> None:
    _, _, data = opened("11", schools)
    sheet = page(data)
    commented = {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}
    assert {place: commented[place] for place in ("A11", "E11", "L11")} == {
        "A11": "name-missing!",
        "E11": "phone-invalid!",
        "L11": "establishment-unknown!",
    }
    assert sheet["E11"].fill.fgColor.rgb == "FFF8C9C4"
    assert sheet["B6"].fill.fgColor.rgb == "00000000"


def test_the_last_column_tells_what_became_of_each_row(schools: SchoolRegister) -> None:
    _, reading, data = opened("10", schools)
    sheet = page(data)
    told = {row.row: sheet.cell(row.row, 17).value for row in reading.rows}
    assert sheet["Q1"].value == "检查结果"
    assert {told[row] for row in (2, 5, 15)} == {
        "status-ok!",
        "status-error!: id-name-conflict!",
        "status-duplicate!: duplicate-row!",
    }
    assert len(told) == 46


def test_identity_numbers_and_phones_are_formatted_as_text(schools: SchoolRegister) -> None:
    _, _, data = opened("07", schools)
    sheet = page(data)
    filled = [sheet.cell(row, column) for row in range(2, 52) for column in (4, 5) if sheet.cell(row, column).value]
    assert {cell.number_format for cell in filled} == {"@"}
    assert isinstance(sheet["D20"].value, int | float)  # a damaged number is not made to look whole


def test_merged_cells_and_widths_stay(schools: SchoolRegister) -> None:
    _, _, data = opened("02", schools)
    before = page(file_of("02").read_bytes())
    after = page(data)
    assert {str(m) for m in after.merged_cells.ranges} == {str(m) for m in before.merged_cells.ranges}


def test_zero_and_false_are_values(schools: SchoolRegister) -> None:
    rows = [
        ["姓名", "证件号码", "学校名称", "备注", "是否"],
        ["田雅勇", "51990219860519970X", "锦霖区实验小学", 0.0, False],
    ]
    workbook = Workbook("x.xlsx", "xlsx", (Sheet("名册", "visible", rows),))
    data = marked(workbook, read_roster(workbook, schools=schools, today=TODAY))
    assert [cell.value for cell in page(data, "名册")[2]][3:5] == [0, False]


def test_texts_that_look_like_formulas_stay_texts(schools: SchoolRegister) -> None:
    rows = [["姓名", "证件号码", "学校名称", "备注"], ["=1+1", "@SUM(A1)", "+1", "https://example.org/"]]
    workbook = Workbook("x.csv", "csv", (Sheet(None, "visible", rows),))
    data = marked(workbook, read_roster(workbook, schools=schools, today=TODAY))
    assert [(cell.value, cell.data_type) for cell in page(data)[2]][:4] == [(text, "s") for text in rows[1]]


def test_a_large_workbook_is_marked_the_same(schools: SchoolRegister, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weineng.sheets.annotate._LARGE", 10)
    for number in ("02", "08", "11"):
        _, reading, data = opened(number, schools)
        again = read_roster(read_workbook(data, "x.xlsx"), schools=schools, today=TODAY)
        assert story(again)[:1] == story(reading)[:1]


@pytest.mark.slow
def test_broken_workbooks_can_be_marked_too(schools: SchoolRegister) -> None:
    rows = [["姓名", "证件号码", "学校名称"], ["田", "1", "x" * 40_000], ["许", "2", "y"]]
    sheet = Sheet("a" * 40, "visible", rows, ((1, 0, 2, 0), (1, 0, 2, 1)))
    workbook = Workbook("x.xlsx", "xlsx", (sheet, Sheet("A" * 40, "hidden", [["[/]"]])))
    data = marked(workbook, read_roster(workbook, schools=schools, today=TODAY))
    assert [s.name for s in read_workbook(data, "x").sheets] == ["a" * 31, "A" * 27 + " 2"]
