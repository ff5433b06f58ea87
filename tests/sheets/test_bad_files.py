"""Every file that cannot be read is refused with its own code, and nothing of it is read."""

import io
import random
import zipfile

import openpyxl
import pytest
import xlsxwriter

from tests.sheets.conftest import TODAY, file_of
from weineng.sheets import (
    Limits,
    SchoolRegister,
    SheetRefused,
    read_roster,
    read_workbook,
)

HEADINGS = ["姓名", "证件号码", "学校名称", "手机号"]


def xlsx(rows: list[list[object]], *, name: str = "名册") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(name, content)
    return out.getvalue()


def rewritten(data: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        entries = {entry: package.read(entry) for entry in package.namelist()}
    return zipped(entries | {name: content})


def refusal(data: bytes, name: str = "file.xlsx", limits: Limits | None = None) -> SheetRefused:
    with pytest.raises(SheetRefused) as refused:
        read_workbook(data, name, limits=limits or Limits())
    assert str(refused.value)
    return refused.value


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b" \r\n\r\n", xlsx([])])
def test_an_empty_file(data: bytes) -> None:
    assert refusal(data).code == "file-empty"


def test_a_file_above_the_limit() -> None:
    refused = refusal(b"a,b\n" * 300, limits=Limits(size=1000))
    assert refused.code == "file-too-big"


@pytest.mark.parametrize("data", [b"a,b\n" * 12, xlsx([[1, 2]] * 12)])
def test_more_rows_than_the_limit(data: bytes) -> None:
    refused = refusal(data, limits=Limits(rows=10))
    assert (refused.code, refused.params) == ("too-many-rows", {"limit": 10})


def test_a_bomb_by_its_unpacked_size() -> None:
    bomb = rewritten(xlsx([HEADINGS]), "xl/media/nothing.bin", bytes(3_000_000))
    assert refusal(bomb, limits=Limits(unpacked=2_000_000)).code == "file-is-bomb"


def test_a_bomb_by_its_ratio() -> None:
    bomb = rewritten(xlsx([HEADINGS]), "xl/media/nothing.bin", bytes(30_000_000))
    assert refusal(bomb).code == "file-is-bomb"


def test_a_bomb_by_its_entries() -> None:
    bomb = zipped({f"xl/{number}.xml": b"" for number in range(2_001)})
    assert refusal(bomb).code == "file-is-bomb"


def test_a_bomb_by_one_cell_in_the_last_corner() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "姓名"
    book.active["XFD1048576"] = 1
    out = io.BytesIO()
    book.save(out)
    assert refusal(out.getvalue()).code == "file-is-bomb"


def test_empty_formatted_cells_in_the_last_corner_are_no_bomb() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "姓名"
    book.active["XFD1048576"].font = openpyxl.styles.Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    assert read_workbook(out.getvalue(), "x.xlsx").sheets[0].rows == [["姓名"]]


def test_an_entry_that_lies_about_its_size() -> None:
    data = bytearray(xlsx([HEADINGS] * 50))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert refusal(bytes(data)).code == "file-broken"


@pytest.mark.parametrize(
    "entity",
    [
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>",
        b"<!DOCTYPE x SYSTEM 'file:///etc/hostname'>",
    ],
)
def test_entities_in_the_workbook_are_not_expanded(entity: bytes) -> None:
    data = xlsx([HEADINGS])
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        book = package.read("xl/workbook.xml")
    assert refusal(rewritten(data, "xl/workbook.xml", entity + book)).code == "file-broken"


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(512)


def test_a_password() -> None:
    assert refusal(ole("EncryptedPackage")).code == "file-protected"


def test_the_old_format_whatever_its_name() -> None:
    assert refusal(file_of("06").read_bytes(), "roster.xlsx").code == "file-old-excel"
    assert refusal(ole("Book"), "roster.xlsx").code == "file-old-excel"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n...", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
        (b"{\\rtf1 hello}", "RTF"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "HTML"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html></html>", "HTML"),
        (ole("WordDocument"), "DOC"),
        (
            zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
            "DOCX",
        ),
        (
            zipped({"[Content_Types].xml": b"<x/>", "ppt/presentation.xml": b"<x/>"}),
            "PPTX",
        ),
        (zipped({"mimetype": b"x", "content.xml": b"<x/>"}), "ODS"),
        (zipped({"photo.jpg": b"x"}), "ZIP"),
        (
            random.Random(1).randbytes(4000).replace(b"\xff", b"").replace(b"PK", b""),
            None,
        ),
    ],
)
def test_what_is_no_sheet_is_told_by_its_content(data: bytes, kind: str | None) -> None:
    refused = refusal(data, "roster.xlsx")
    assert refused.code in ({"file-not-sheet"} if kind else {"file-not-sheet", "file-broken"})
    assert refused.params.get("kind") == kind or kind is None


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95, 0.999])
def test_a_truncated_workbook(keep: float) -> None:
    data = file_of("01").read_bytes()
    assert refusal(data[: int(len(data) * keep)]).code == "file-broken"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_broken_xml(part: str) -> None:
    assert refusal(rewritten(xlsx([HEADINGS] * 9), part, b"<worksheet><sheetData><row")).code == "file-broken"


def test_a_sheet_that_ends_between_two_rows() -> None:
    data = xlsx([HEADINGS] * 9)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    cut = sheet[: sheet.index(b"</row>", 600) + 6]
    assert refusal(rewritten(data, "xl/worksheets/sheet1.xml", cut)).code == "file-broken"


BROKEN = {"file-broken", "file-not-sheet", "file-protected", "file-is-bomb", "file-empty"}


def outcome(data: bytes) -> object:
    """The refusal's code, or a heading of the file that was read whole."""
    try:
        return read_workbook(data, "x.xlsx").sheets[0].rows[3][1]
    except SheetRefused as refused:
        return refused.code


def test_corrupted_bytes_never_get_past_the_guard() -> None:
    data = file_of("02").read_bytes()
    chance = random.Random(7)
    for _ in range(150):
        spoilt = bytearray(data)
        for _ in range(chance.randint(1, 12)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        assert outcome(bytes(spoilt)) in BROKEN | {"姓名*"}


def test_a_csv_that_is_cut_in_a_character() -> None:
    assert refusal("姓名,证件号码\n".encode()[:-9] + b"\xe5").code == "file-broken"


@pytest.mark.parametrize(
    "text",
    [
        '姓名,证件号码,学校名称\n"张三,1,a\n李四,2,b\n',
        '姓名,证件号码,学校名称\n"张三,1,a\n李四,2,b\n王五,3,"c"\n',
    ],
)
def test_a_quotation_mark_that_is_never_closed_loses_nobody_silently(text: str) -> None:
    refused = refusal(text.encode())
    assert (refused.code, refused.params) == ("quote-not-closed", {"row": 2})


@pytest.mark.parametrize("data", [b"dear colleagues\nthe roster follows\n", xlsx([["备注"], ["x"]])])
def test_no_sheet_with_the_headings(data: bytes, schools: SchoolRegister) -> None:
    with pytest.raises(SheetRefused) as refused:
        read_roster(read_workbook(data, "x"), schools=schools, today=TODAY)
    assert refused.value.code == "no-sheet-of-kind"


def test_needed_columns_that_are_missing_are_named(schools: SchoolRegister) -> None:
    data = xlsx([["姓名", "性别", "手机号", "编制"], ["田雅勇", "女", "19900005057", "在编"]])
    with pytest.raises(SheetRefused) as refused:
        read_roster(read_workbook(data, "x.xlsx"), schools=schools, today=TODAY)
    assert refused.value.code == "columns-missing"
    assert refused.value.params == {
        "sheet": "名册",
        "columns": "证件号码, 学校名称",
        "keys": ["id_number", "school_name"],
    }


def test_a_workbook_of_another_maker_is_read() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_chartsheet("chart")
    page = book.add_worksheet("名册")
    page.write_row(0, 0, HEADINGS)
    book.close()
    assert [sheet.name for sheet in read_workbook(out.getvalue(), "x").sheets] == ["名册"]
