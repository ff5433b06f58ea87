"""xlsx: what calamine leaves out is found in the XML."""

import io
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from tests.sheets.conftest import TODAY
from weineng.sheets import CellError, SchoolRegister, SheetRefused, read_roster, read_workbook


def made(fill: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True} | options)
    fill(book, book.add_worksheet("名册"))
    book.close()
    return out.getvalue()


def edited(data: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    """The workbook with pieces of its first sheet's XML exchanged; every piece must be there."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                for before, after in changes:
                    assert before in content
                    content = content.replace(before, after)
            new.writestr(name, content)
    return out.getvalue()


def rows(data: bytes) -> Any:
    return read_workbook(data, "x.xlsx").sheets[0].rows


def formulas(book: Any, page: Any) -> None:
    page.write_row(0, 0, ["a", "b", "c"])
    page.write_formula("A2", "=1+1", None, 2)
    page.write_formula("B2", "=NA()", None, "#N/A")
    page.write_formula("C2", '="x"', None, "x")


def test_formula_errors_are_no_empty_cells() -> None:
    found = rows(made(formulas))
    assert found[1] == [2.0, "#N/A", "x"]
    assert isinstance(found[1][1], CellError)
    assert not isinstance(found[1][2], CellError)


@pytest.mark.parametrize(
    "never",
    [b"<f>1+1</f></c>", b"<f>1+1</f><v></v></c>", b"<f>1+1</f>\n<v/></c>", b'<f t="shared" si="0"/></c>'],
)
def test_formulas_that_were_never_computed_are_no_empty_cells(never: bytes) -> None:
    found = rows(edited(made(formulas), (b"<f>1+1</f><v>2</v></c>", never)))
    assert isinstance(found[1][0], CellError)
    assert found[1][0] == ""


def test_an_error_in_the_last_cell_of_a_sheet_is_there() -> None:
    def fill(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["a"])
        page.write_formula("D5", "=NA()", None, "#N/A")

    assert rows(made(fill))[4] == ["", "", "", "#N/A"]


@pytest.mark.parametrize("quotes", [(b'"', b"'"), (b'"', b'"')])
def test_attributes_in_any_order_and_quotes(quotes: tuple[bytes, bytes]) -> None:
    changed = edited(made(formulas), (b'<c r="B2" t="e">', b'<c t="e"\n r="B2">'.replace(*quotes)))
    assert rows(changed)[1] == [2.0, "#N/A", "x"]


def test_leading_zeros_shown_by_a_format_are_kept() -> None:
    def fill(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["a", "b"])
        page.write_number(1, 0, 42202, book.add_format({"num_format": "0000000"}))
        page.write_number(1, 1, 42202, book.add_format({"num_format": "0"}))

    assert rows(made(fill))[1] == ["0042202", 42202.0]


def test_dates_count_from_1904_where_the_workbook_does(schools: SchoolRegister) -> None:
    def fill(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["姓名", "证件号码", "学校名称", "入职日期"])
        page.write_row(1, 0, ["田雅勇", "51990219860519970X", "锦霖区实验小学"])
        page.write_datetime(1, 3, date(2021, 9, 1), book.add_format({"num_format": "yyyy/m/d"}))
        page.write_row(2, 0, ["许婷", "619922196702100820", "锦霖区实验小学", 42978])

    reading = read_roster(read_workbook(made(fill, date_1904=True), "x"), schools=schools, today=TODAY)
    assert [row.values.start_date for row in reading.rows if row.values] == [date(2021, 9, 1)] * 2


def test_widths_the_person_set_are_known() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "x"
    book.active.column_dimensions["C"].width = 33
    out = io.BytesIO()
    book.save(out)
    assert read_workbook(out.getvalue(), "x").sheets[0].widths == ((2, 2, 33.0),)


def test_places_written_so_that_nobody_sees_them_are_refused() -> None:
    with pytest.raises(SheetRefused) as refused:
        rows(edited(made(formulas), (b'<c r="A2">', b'<c r = "XFD1048576">')))
    assert refused.value.code == "file-broken"


def test_texts_that_speak_of_places_are_harmless() -> None:
    def fill(book: Any, page: Any) -> None:
        page.write_string(0, 0, 'r = 5 and r="ZZZ9999999" and <c r = 1>')

    assert rows(made(fill, constant_memory=True))[0] == ['r = 5 and r="ZZZ9999999" and <c r = 1>']


def test_cells_without_places_follow_each_other() -> None:
    data = edited(
        made(formulas),
        (b'<c r="A2">', b"<c>"),
        (b'<c r="B2" t="e">', b'<c t="e">'),
        (b'<c r="C2" t="str">', b'<c t="str">'),
    )
    assert rows(data)[1] == [2.0, "#N/A", "x"]
