"""An export that is sent back reads as exactly the same values."""

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sheets.conftest import TODAY, district
from weineng.sheets import (
    RosterValues,
    SchoolRegister,
    Unit,
    read_roster,
    read_workbook,
    roster_format,
    write_roster,
)
from weineng.sheets.cells import check_character, is_error, read_code, read_name, read_text

REGISTER = SchoolRegister(district())
SCHOOLS = [unit for unit in district() if unit.level == "school"]
SIGNS = "=+-@'\"·,;\t\n|#_x0041&<> \u00a0\u3000。：（）0%"
RARE = "䶮𬭎㛃𫖯𬱟\U00031350𠀀﨎"


def said(code: str, params: Mapping[str, object]) -> str:
    return code


def texts(longest: int) -> st.SearchStrategy[str]:
    anything = st.one_of(st.sampled_from(SIGNS + RARE), st.characters(exclude_categories=["Cs", "Cn"]))
    formulas = st.sampled_from(
        ["=1+1", "@x", "+86", "-2", '=HYPERLINK("http://x")', "_x000D_", "_x0041_", "1E5", "007", "2021-09"]
    )
    return st.one_of(formulas, st.text(anything, min_size=1, max_size=longest))


def choice(key: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *roster_format().by_key[key].choices])


names = st.text(
    st.one_of(st.sampled_from("田雅勇·'\"-=" + RARE), st.characters(categories=["Lo", "Lu", "Ll"])), min_size=1
)
canonical_names = names.map(lambda n: read_name(n, 100)[0]).filter(
    lambda n: n is not None and n == read_name(n, 100)[0]
)
canonical_texts = texts(40).map(lambda t: None if is_error(t) else read_text(t, 200)[0])
canonical_codes = texts(12).map(lambda t: read_code(t, 50)[0]).filter(lambda t: t is None or read_code(t, 50)[0] == t)
resident = st.builds(
    lambda born, serial: f"519901{born:%Y%m%d}{serial:03d}" + check_character(f"519901{born:%Y%m%d}{serial:03d}"),
    st.dates(date(1950, 1, 1), date(2005, 1, 1)),
    st.integers(1, 999),
)


@st.composite
def values(draw: st.DrawFn, number: str) -> RosterValues:
    unit: Unit = draw(st.sampled_from(SCHOOLS))
    passport = draw(st.booleans())
    return RosterValues(
        name=str(draw(canonical_names)),
        gender=draw(choice("gender")),
        id_type="护照" if passport else draw(st.sampled_from([None, "居民身份证"])),
        id_number="XX" + number[:9] if passport else number,
        phone=draw(st.one_of(st.none(), st.from_regex(r"1[0-9]{10}", fullmatch=True))),
        school_code=unit.official_code or None,
        school_name=unit.name,
        unit=unit.unit_code,
        group=draw(canonical_texts),
        stage=draw(st.sampled_from([None, *unit.stages])),
        subject=draw(choice("subject")),
        post=draw(canonical_texts),
        establishment=draw(choice("establishment")),
        in_post=draw(choice("in_post")),
        licence=draw(choice("licence")),
        staff_number=draw(canonical_codes),
        start_date=draw(st.one_of(st.none(), st.dates(date(1950, 1, 1), date(2027, 12, 31)))),
    )


@st.composite
def rosters(draw: st.DrawFn) -> list[RosterValues]:
    numbers = draw(st.lists(resident, min_size=1, max_size=6, unique_by=lambda number: number[:9]))
    return [draw(values(number)) for number in numbers]


def read_back(data: bytes) -> list[tuple[str, RosterValues | None]]:
    reading = read_roster(read_workbook(data, "export.xlsx"), schools=REGISTER, today=TODAY)
    return [(row.verdict, row.values) for row in reading.rows]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(rosters())
def test_reading_an_export_yields_the_same_values(roster: list[RosterValues]) -> None:
    assert read_back(write_roster(roster, said)) == [("ok", row) for row in roster]


@pytest.fixture
def person() -> RosterValues:
    unit = SCHOOLS[2]
    return RosterValues(
        name="田雅勇",
        gender="女",
        id_type="居民身份证",
        id_number="51990219860519970X",
        phone="19900005057",
        school_code=unit.official_code,
        school_name=unit.name,
        unit=unit.unit_code,
        group="=1+1",
        stage="小学",
        subject="语文",
        post='@x"y"\n,z',
        establishment="在编",
        in_post="在岗",
        licence="有",
        staff_number="0042202",
        start_date=date(2009, 9, 29),
    )


def test_large_exports_read_the_same(person: RosterValues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weineng.sheets.writing._LARGE", 0)
    other = replace(person, name="Li A", id_number="619922196702100820", staff_number="007")
    assert read_back(write_roster([person, other], said)) == [("ok", person), ("ok", other)]


def test_every_cell_is_text_and_none_a_formula(person: RosterValues) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write_roster([person], said)))["sheet-roster"]
    assert {(cell.data_type, cell.number_format) for cell in sheet[2]} == {("s", "@")}


def test_the_template_has_headings_lists_and_instructions(person: RosterValues) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_roster([], said, school_names=["甲", "乙"])))
    sheet = book["sheet-roster"]
    assert [cell.value for cell in sheet[1]][:7] == [
        "姓名*",
        "性别",
        "证件类型",
        "证件号码*",
        "手机号",
        "学校标识码",
        "学校名称*",
    ]
    assert [(s.title, s.sheet_state) for s in book] == [
        ("sheet-roster", "visible"),
        ("sheet-instructions", "visible"),
        ("sheet-lists", "hidden"),
    ]
    offered = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert offered == {
        "B2": "'sheet-lists'!$A$1:$A$2",
        "C2": "'sheet-lists'!$B$1:$B$2",
        "G2": "'sheet-lists'!$C$1:$C$2",
        "I2": "'sheet-lists'!$D$1:$D$6",
        "J2": "'sheet-lists'!$E$1:$E$20",
        "L2": "'sheet-lists'!$F$1:$F$4",
        "M2": "'sheet-lists'!$G$1:$G$4",
        "N2": "'sheet-lists'!$H$1:$H$2",
    }
    assert sheet.freeze_panes == "B2"
    assert read_back(write_roster([], said)) == []
