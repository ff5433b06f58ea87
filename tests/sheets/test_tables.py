"""Other sheets on the same machinery: a format of hours as an example."""

import csv
from datetime import date

import pytest

from tests.sheets.conftest import TODAY
from weineng.sheets import (
    ColumnPlan,
    Kind,
    SheetFormat,
    SheetRefused,
    annotate_workbook,
    format_from_lists,
    read_table,
    read_workbook,
    say,
    write_sheet,
)

LISTS = """list,value,accepted_writing
header,source,记录编号
header,name,姓名
header,name,教师姓名
header,id_number,证件号码
header,mode,方式
header,day,日期
header,periods,学时
header,people,人数
mode,online,网络研修
mode,online,线上
mode,site,集中培训
"""


@pytest.fixture(scope="module")
def hours() -> SheetFormat:
    plans = [
        ColumnPlan("source", Kind.CODE, required=True, longest=20),
        ColumnPlan("name", Kind.NAME),
        ColumnPlan("id_number", Kind.IDENTITY, required=True),
        ColumnPlan("mode", Kind.WORD, required=True),
        ColumnPlan("day", Kind.DATE, required=True),
        ColumnPlan("periods", Kind.NUMBER, required=True, lowest=0.5, highest=200),
        ColumnPlan("people", Kind.INTEGER),
    ]
    return format_from_lists("hours", list(csv.DictReader(LISTS.splitlines())), plans, unique=["source"])


GOOD = "A-1,田雅勇,51990219860519970X,线上,2026年9月1日,４.5,30"


def read(hours: SheetFormat, *rows: str):
    text = "\n".join(["学时登记,,,,,,", "记录编号,教师姓名,证件号码,方式,日期,学时,人数", *rows])
    return read_table(read_workbook(text.encode(), "hours.csv"), hours, today=TODAY)


def test_a_good_row_has_typed_values(hours: SheetFormat) -> None:
    (row,) = read(hours, GOOD).rows
    assert (row.row, row.verdict) == (3, "ok")
    assert row.values == {
        "source": "A-1",
        "name": "田雅勇",
        "id_number": "51990219860519970X",
        "mode": "online",
        "day": date(2026, 9, 1),
        "periods": 4.5,
        "people": 30,
    }


def test_every_wrong_cell_is_told(hours: SheetFormat) -> None:
    (row,) = read(hours, ",12,519902198605199700,面授,昨天,500,1.5").rows
    assert {issue.column: issue.code for issue in row.errors} == {
        "source": "value-missing",
        "name": "name-invalid",
        "id_number": "id-checksum",
        "mode": "word-unknown",
        "day": "date-invalid",
        "periods": "number-invalid",
        "people": "number-invalid",
    }


def test_optional_cells_may_be_empty_and_passports_need_no_check(hours: SheetFormat) -> None:
    (row,) = read(hours, "A-1,,XX5062168,线上,2026-09-01,4,").rows
    assert (row.verdict, row.values["name"], row.values["id_number"]) == ("ok", None, "XX5062168")


def test_the_same_row_twice_is_told_with_the_first(hours: SheetFormat) -> None:
    reading = read(hours, GOOD, GOOD.replace("4.5", "5"))
    assert [(row.verdict, row.duplicate_of) for row in reading.rows] == [("ok", None), ("duplicate-of", 3)]
    assert reading.counts == {"ok": 1, "warning": 0, "error": 0, "duplicate-of": 1}


def test_an_export_reads_the_same(hours: SheetFormat) -> None:
    reading = read(hours, GOOD, GOOD.replace("A-1", "0017"))
    rows = [dict(row.values) for row in reading.rows]
    data = write_sheet(hours, [row | {"mode": "线上"} for row in rows], say, sheet_name="学时")
    again = read_table(read_workbook(data, "hours.xlsx"), hours, today=TODAY)
    assert [row.values for row in again.rows] == rows


def test_a_marked_sheet_reads_the_same(hours: SheetFormat) -> None:
    reading = read(hours, GOOD, "A-2,,x,线上,昨天,4,")
    workbook = read_workbook(
        f"{chr(10)}记录编号,教师姓名,证件号码,方式,日期,学时\n{GOOD}\nA-2,,x,线上,昨天,4".encode(), "x"
    )
    first = read_table(workbook, hours, today=TODAY)
    again = read_table(read_workbook(annotate_workbook(first.table, first.rows, say), "x"), hours, today=TODAY)
    assert [(row.verdict, row.errors) for row in again.rows] == [(row.verdict, row.errors) for row in first.rows]
    assert [row.verdict for row in reading.rows] == ["ok", "error"]


def test_what_is_needed_is_refused_by_name(hours: SheetFormat) -> None:
    with pytest.raises(SheetRefused) as refused:
        read_table(read_workbook("记录编号,姓名,证件号码\n1,田,2\n".encode(), "x"), hours, today=TODAY)
    assert refused.value.params["keys"] == ["mode", "day", "periods"]
