"""csv: encodings, delimiters and quotes."""

import pytest

from weineng.sheets import read_workbook

ROWS = [["姓名", "证件号码", "组"], ["赵䶮", "5199", 'a"b"c'], ["田\n雅", "", "语文,数学;英语\t美术|音乐"]]


def text(delimiter: str, end: str = "\r\n") -> str:
    def quoted(field: str) -> str:
        special = any(sign in field for sign in f'{delimiter}"\n')
        return '"' + field.replace('"', '""') + '"' if special else field

    return end.join(delimiter.join(map(quoted, row)) for row in ROWS) + end


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_with_every_delimiter(delimiter: str, encoding: str) -> None:
    workbook = read_workbook(text(delimiter).encode(encoding), "roster.xlsx")
    assert workbook.sheets[0].rows == ROWS
    assert (workbook.format, workbook.encoding, workbook.delimiter) == ("csv", encoding, delimiter)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_and_blank_lines_count(end: str) -> None:
    data = end.join(["姓名,组", "", "田,1"]).encode()
    assert read_workbook(data, "x").sheets[0].rows == [["姓名", "组"], [], ["田", "1"]]


def test_titles_do_not_mislead_about_the_delimiter() -> None:
    data = "填报单位：锦霖区,教育局,日期\n姓名;证件号码;学校\n田;1;a\n许;2;b\n".encode()
    assert read_workbook(data, "x").delimiter == ";"


def test_the_directive_of_excel_is_no_row() -> None:
    assert read_workbook(b"sep=|\na|b,c\n", "x").sheets[0].rows == [["a", "b,c"]]
