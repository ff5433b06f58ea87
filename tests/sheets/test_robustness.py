"""Whatever bytes or cells come, the answer is a refusal or a verdict, never a crash and never a wrong person."""

import string
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.sheets.conftest import TODAY, district, file_of
from weineng.sheets import (
    CellError,
    SchoolRegister,
    Sheet,
    SheetRefused,
    Workbook,
    annotate_workbook,
    read_roster,
    read_workbook,
    roster_format,
    say,
)

REGISTER = SchoolRegister(district())
HEAD = [column.headings[0] for column in roster_format().columns]


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass"))))
@example(b"\xff\xfea")
@example(b"PK\x05\x06" + bytes(18))
@example(b'"')
@example(b"\xef\xbb\xbfsep=;\n")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_roster(read_workbook(data, "x"), schools=REGISTER, today=TODAY)
    except SheetRefused as refused:
        assert str(refused)  # noqa: PT017 (both outcomes are right)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_csv_with_changed_bytes_never_takes_in_a_wrong_number(data: st.DataObject) -> None:
    good = bytearray(file_of("04").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    right = {row.id_number.strip() for row in read_roster(whole(), schools=REGISTER, today=TODAY).rows}
    try:
        reading = read_roster(read_workbook(bytes(good), "x"), schools=REGISTER, today=TODAY)
    except SheetRefused:
        return
    taken = {row.values.id_number for row in reading.rows if row.values and row.values.id_type != "护照"}
    assert len(taken - right) <= 1  # two changed digits may meet the check by chance, one never


def whole() -> Workbook:
    return read_workbook(file_of("04").read_bytes(), "x")


cells = st.one_of(
    st.text(max_size=20),
    st.text(string.digits + "-./:年月日xX +'E", max_size=20),
    st.floats(),
    st.integers(-(10**20), 10**20),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.just(CellError("#N/A")),
    st.just(""),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(cells, max_size=20), max_size=4), st.booleans())
@example([["", date(2021, 1, 1), datetime(2021, 1, 1), time(1), timedelta(1), float("nan"), float("inf"), -0.0]], False)
def test_any_cells_have_a_verdict_and_can_be_marked(rows: list[list[object]], epoch_1904: bool) -> None:
    sheet = Sheet("x", "visible", [HEAD, *rows])  # type: ignore[list-item]
    workbook = Workbook("x", "xlsx", (sheet,), epoch_1904=epoch_1904)
    reading = read_roster(workbook, schools=REGISTER, today=TODAY)
    assert {row.verdict for row in reading.rows} <= {"error", "duplicate-of"}
    assert len(reading.rows) + len(reading.ignored_rows) == len(rows)
    assert annotate_workbook(reading.table, reading.rows, say)[:2] == b"PK"
