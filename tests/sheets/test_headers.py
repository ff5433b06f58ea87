"""Tables in every place offices put them, and rows that are nobody."""

from typing import Any

import pytest

from tests.sheets.conftest import TODAY
from weineng.sheets import (
    RosterReading,
    SchoolRegister,
    Sheet,
    SheetRefused,
    Workbook,
    locate,
    read_roster,
    read_workbook,
    roster_format,
    roster_sheets,
)

HEAD = ["姓名", "证件号码", "学校名称", "手机号"]
ROW = ["田雅勇", "51990219860519970X", "锦霖区实验小学", "19900005057"]
OTHER = ["许婷", "619922196702100820", "锦霖区实验小学", ""]


def book(rows: list[list[Any]], merged: tuple[tuple[int, int, int, int], ...] = (), **more: Any) -> Workbook:
    return Workbook("x.xlsx", "xlsx", (Sheet("名册", "visible", rows, merged, **more),))


def read(workbook: Workbook, schools: SchoolRegister, sheet: str | None = None) -> RosterReading:
    return read_roster(workbook, schools=schools, today=TODAY, sheet=sheet)


def outcome(reading: RosterReading) -> list[tuple[int, str]]:
    return sorted([(r.row, r.verdict) for r in reading.rows] + [(i.row, i.why) for i in reading.ignored_rows])


@pytest.mark.parametrize(
    "heading",
    ["姓名", "姓 名", "姓名*", "＊姓名", "姓\n名（必填）", "教师姓名：", "姓名(必填)", "\u200b姓名", "姓\u3000名"],
)
def test_marks_spaces_and_breaks_in_headings(heading: str) -> None:
    assert roster_format().recognise(heading) == "name"


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("身分證字號", "id_number"),
        ("聯絡電話", "phone"),
        ("學校（機構）標識碼", "school_code"),
        ("紧急联系人", None),
        ("", None),
    ],
)
def test_headings_in_traditional_characters(heading: str, key: str | None) -> None:
    assert roster_format().recognise(heading) == key


def test_two_level_headings_merged_downwards(schools: SchoolRegister) -> None:
    rows = [
        ["名册", "", "", "", ""],
        ["序号", "姓名", "证件号码", "任职学校", ""],
        ["", "", "", "学校名称", "备注"],
        ["1", *ROW[:3], ""],
    ]
    merged = ((0, 0, 0, 4), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4))
    reading = read(book(rows, merged), schools)
    assert reading.header_rows == (2, 3)
    assert {key: column.letters for key, column in reading.columns.items()} == {
        "name": "B",
        "id_number": "C",
        "school_name": "D",
    }
    assert reading.unknown_columns == ("序号", "备注")
    assert outcome(reading) == [(1, "title"), (4, "ok")]


def test_two_level_headings_of_a_csv(schools: SchoolRegister) -> None:
    text = "姓名,证件号码,任职学校,,联系\n,,学校名称,任教学段,手机号\n" + ",".join([*ROW[:3], "小学", ROW[3]])
    reading = read(read_workbook(text.encode(), "x.csv"), schools)
    assert reading.header_rows == (1, 2)
    assert outcome(reading) == [(3, "ok")]
    assert reading.rows[0].values is not None
    assert reading.rows[0].values.phone == ROW[3]


def test_rows_that_are_nobody(schools: SchoolRegister) -> None:
    rows = [
        ["序号", *HEAD],
        ["1", *ROW],
        ["", "", "", "", ""],
        ["小计", "1人", "", "", ""],
        ["二、小学部", "", "", "", ""],
        ["序号", *HEAD],
        ["2", *OTHER],
        ["3", "", "", "", ""],
        ["", "张某某（示例）", "519901198001010017", "锦霖区实验小学", ""],
        ["合 计", "", "", "", 2.0],
        ["说明：本表一式两份", "", "", "", ""],
        ["", "", "", "", ""],
        ["填表人：\u3000\u3000审核人：", "", "", "", "（盖章）"],
    ]
    merged = ((4, 0, 4, 4),)
    assert outcome(read(book(rows, merged), schools)) == [
        (2, "ok"),
        (3, "blank"),
        (4, "total"),
        (5, "title"),
        (6, "repeated header"),
        (7, "ok"),
        (8, "blank"),
        (9, "example"),
        (10, "total"),
        (11, "footer"),
        (12, "blank"),
        (13, "footer"),
    ]


def test_rows_that_are_nobody_in_a_csv_without_serial_column(schools: SchoolRegister) -> None:
    rows = [
        HEAD,
        ROW,
        ["合计", "1", "", ""],
        ["填表人：王", "", "审核人：李", ""],
        ["本表请于九月十日以前报区教育局，过期不候。", "", "", ""],
    ]
    assert outcome(read(book(rows), schools)) == [(2, "ok"), (3, "total"), (4, "footer"), (5, "footer")]


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        (["张三", "", "", ""], ["id-format", "school-unknown"]),
        (["", "51990219860519970X", "", ""], ["name-missing", "school-unknown"]),
        (["张三", "", "", "注：证件遗失"], ["id-format", "phone-invalid", "school-unknown"]),
        (["", "", "锦霖区实验小学", ""], ["id-format", "name-missing"]),
        (["合计", "51990219860519970X", "锦霖区实验小学", ""], []),
    ],
)
def test_half_filled_rows_are_people_with_mistakes(row: list[str], codes: list[str], schools: SchoolRegister) -> None:
    (read_row,) = read(book([HEAD, row]), schools).rows
    assert sorted(issue.code for issue in read_row.errors) == codes


def test_a_school_merged_downwards_holds_for_its_rows_only(schools: SchoolRegister) -> None:
    rows = [HEAD, ROW, [*OTHER[:2], "", ""], ["", "", "", ""], ["朱强", "519902198304230339", "", ""]]
    reading = read(book(rows, ((1, 2, 3, 2),)), schools)
    assert outcome(reading) == [(2, "ok"), (3, "ok"), (4, "blank"), (5, "error")]


def test_of_two_columns_with_one_meaning_the_first_counts_and_the_other_is_told(schools: SchoolRegister) -> None:
    reading = read(book([[*HEAD, "联系电话"], [*ROW, "19900000000"]]), schools)
    assert reading.rows[0].values is not None
    assert (reading.rows[0].values.phone, reading.unknown_columns) == (ROW[3], ("联系电话",))


def test_a_school_by_its_code_alone(schools: SchoolRegister) -> None:
    reading = read(book([["姓名", "证件号码", "学校代码"], [*ROW[:2], 2151990021.0]]), schools)
    assert reading.rows[0].values is not None
    assert (reading.rows[0].verdict, reading.rows[0].values.school_name) == ("ok", "锦霖区实验小学")
    assert "school_name" in reading.missing_columns


def two_sheets() -> Workbook:
    return Workbook(
        "x.xlsx",
        "xlsx",
        (
            Sheet("填写示例", "visible", [HEAD, ROW, ROW, ROW]),
            Sheet("小学", "visible", [HEAD, ROW]),
            Sheet("旧", "hidden", [HEAD, ROW, OTHER, OTHER]),
            Sheet("中学", "visible", [HEAD, OTHER, ROW]),
        ),
    )


def test_the_fullest_sheet_is_read_and_the_others_are_told(schools: SchoolRegister) -> None:
    reading = read(two_sheets(), schools)
    assert (reading.sheet, reading.other_sheets) == ("中学", ("小学",))
    assert roster_sheets(two_sheets(), roster_format()) == ("填写示例", "小学", "中学")


def test_a_sheet_can_be_named_even_a_hidden_one(schools: SchoolRegister) -> None:
    assert [len(read(two_sheets(), schools, name).rows) for name in ("小学", "旧")] == [1, 3]
    with pytest.raises(SheetRefused):
        read(two_sheets(), schools, "高中")


def test_a_template_without_people_has_no_rows(schools: SchoolRegister) -> None:
    reading = read(book([HEAD]), schools)
    assert (reading.rows, reading.counts) == ((), {"ok": 0, "warning": 0, "error": 0, "duplicate-of": 0})


def test_numbers_that_lost_digits_throw_doubt_on_those_that_pass_by_chance(schools: SchoolRegister) -> None:
    lost, lucky = "519902198605191000", "519902198605190000"
    rows = [HEAD, ["田一", lost, ROW[2], ""], ["田二", lucky, ROW[2], ""]]
    assert [[i.code for i in row.errors] for row in read(book(rows), schools).rows] == [["id-damaged"], ["id-damaged"]]
    assert [row.verdict for row in read(book([HEAD, rows[2]]), schools).rows] == ["ok"]


def test_a_heading_is_found_below_many_titles() -> None:
    table = locate(book([*[["锦霖区教师花名册"]] * 20, ["", "", *HEAD], ["", "", *ROW]]), roster_format())
    assert (table.header_rows, table.columns["name"].letters, len(table.ignored)) == ((21,), "C", 20)
