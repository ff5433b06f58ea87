"""Single cells: what is harmless is taken away, what is wrong has its code, nothing is guessed."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sheets.conftest import TODAY
from weineng.sheets import CellError, Value, roster_format
from weineng.sheets.cells import (
    check_character,
    read_code,
    read_date,
    read_identity,
    read_name,
    read_number,
    read_phone,
    read_text,
    read_word,
)

GOOD = "51990219860519970X"


@pytest.mark.parametrize(
    "written",
    [
        GOOD,
        "51990219860519970x",
        f" {GOOD}\t",
        f"'{GOOD}",
        f"\u2018{GOOD}",
        "519902 19860519 970X",
        "\u00a0５１９９０２１９８６０５１９９７０Ｘ\u3000",
        f'="{GOOD}"',
        f"\u200b{GOOD}\ufeff",
    ],
)
def test_an_identity_number_in_every_harmless_writing(written: str) -> None:
    assert read_identity(written, resident=True, today=TODAY) == (GOOD, None)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "id-format"),
        ("\u3000", "id-format"),
        ("519902198605199700", "id-checksum"),
        ("519902198605191000", "id-damaged"),
        (5.19902198605199e17, "id-damaged"),
        (519902860519970, "id-damaged"),
        ("5.19901E+17", "id-damaged"),
        ("5E17", "id-damaged"),
        ("519902860519970", "id-format"),
        ("5199021986051997OX", "id-format"),
        ("519902198613199702", "id-format"),
        ("519902202611249703", "id-format"),
        ("009902198605199702", "id-format"),
        (CellError("#N/A"), "id-format"),
        ("#REF!", "id-format"),
        ("٥٩٩٩٠٢١٩٨٦٠٥١٩٩٧٠٢", "id-format"),
    ],
)
def test_an_identity_number_that_is_wrong(written: Value, code: str) -> None:
    assert read_identity(written, resident=True, today=TODAY) == (None, code)


def test_other_documents_have_no_check() -> None:
    assert read_identity(" xx5062168", resident=False, today=TODAY) == ("XX5062168", None)
    assert read_identity("护照遗失", resident=False, today=TODAY) == (None, "id-format")
    assert read_identity(5062168.0, resident=False, today=TODAY) == (None, "id-damaged")


@given(st.from_regex(r"5199011980010[1-9][0-9]{3}", fullmatch=True), st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(first: str, place: int, change: int) -> None:
    number = first + check_character(first)
    digits = list(number)
    digits[place] = str((int(digits[place]) + change) % 10)
    assert read_identity("".join(digits), resident=True, today=TODAY)[0] is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2021-09-01", date(2021, 9, 1)),
        ("2021-9-1", date(2021, 9, 1)),
        ("2021/9/1", date(2021, 9, 1)),
        ("2021.9.1", date(2021, 9, 1)),
        ("２０２１．９．１", date(2021, 9, 1)),
        ("2021年9月1日", date(2021, 9, 1)),
        ("2021 年 9 月 1 號", date(2021, 9, 1)),
        ("2021年9月", date(2021, 9, 1)),
        ("20210901", date(2021, 9, 1)),
        (20210901.0, date(2021, 9, 1)),
        ("2021.09", date(2021, 9, 1)),
        (2021.09, date(2021, 9, 1)),
        (2021.12, date(2021, 12, 1)),
        ("2021-09", date(2021, 9, 1)),
        ("44440", date(2021, 9, 1)),
        (44440.0, date(2021, 9, 1)),
        ("2021-09-01 00:00:00", date(2021, 9, 1)),
        (datetime(2021, 9, 1, 8, 30), date(2021, 9, 1)),
        (date(2021, 9, 1), date(2021, 9, 1)),
        ("'2021-09-01", date(2021, 9, 1)),
        ("1950-01-01", date(1950, 1, 1)),
        ("2027-12-31", date(2027, 12, 31)),
        ("", None),
        ("\u3000 ", None),
    ],
)
def test_dates_in_every_style(written: Value, day: date | None) -> None:
    assert read_date(written, today=TODAY) == (day, None)


@pytest.mark.parametrize(
    "written",
    [
        2021.1,
        "2021.1",
        2021.0,
        "2021",
        "21-9-1",
        "2021-13-01",
        "2021-9-31",
        "1949-12-31",
        "2028-01-01",
        date(1949, 12, 31),
        "0000-00-00",
        "1994年13月1日",
        "九月",
        "2021-9/1",
        "202109",
        44440.5,
        -1.0,
        1e300,
        time(8, 0),
        True,
        CellError("#VALUE!"),
    ],
)
def test_dates_that_cannot_be_read_for_certain(written: Value) -> None:
    assert read_date(written, today=TODAY) == (None, "date-invalid")


def test_serials_count_from_1904_in_workbooks_that_do() -> None:
    assert read_date(42978.0, today=TODAY, epoch_1904=True) == (date(2021, 9, 1), None)


@pytest.mark.parametrize(
    ("written", "phone", "code"),
    [
        ("19900005057", "19900005057", None),
        (19900005057.0, "19900005057", None),
        ("+86 199-0000-5057", "19900005057", None),
        ("１９９００００５０５７", "19900005057", None),
        ("'19900005057", "19900005057", None),
        ("", None, None),
        ("199000013500", None, "phone-invalid"),
        ("199000021O1", None, "phone-invalid"),
        ("29900002725", None, "phone-invalid"),
        ("8619900005057", None, "phone-invalid"),
        (1.99e10 + 0.5, None, "phone-invalid"),
        (CellError(""), None, "phone-invalid"),
    ],
)
def test_phones(written: Value, phone: str | None, code: str | None) -> None:
    assert read_phone(written) == (phone, code)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("叶 强波", "叶强波"),
        ("\u3000胡勇欣\u3000", "胡勇欣"),
        ("吉克．次仁", "吉克·次仁"),
        ("吉克 • 次仁", "吉克·次仁"),
        ("吉克・木呷", "吉克·木呷"),
        ("李\ue863", "李䶮"),
        ("陳小明", "陳小明"),
        ("肖𬱟", "肖𬱟"),
        ("\U00031350", "\U00031350"),
        ("Anna  Maria\u00a0Li", "Anna Maria Li"),
        ("\u200b田䶮\ufeff", "田䶮"),
    ],
)
def test_names_stay_as_written_apart_from_the_harmless(written: str, name: str) -> None:
    assert read_name(written, 100) == (name, None)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "name-missing"),
        ("\u3000", "name-missing"),
        ("\u200b", "name-missing"),
        ("12", "name-invalid"),
        ("/", "name-invalid"),
        ("#N/A", "cell-error"),
        ("田" * 101, "too-long"),
    ],
)
def test_names_that_are_none(written: str, code: str) -> None:
    assert read_name(written, 100) == (None, code)


@pytest.mark.parametrize(
    ("written", "word"), [("在編", "在编"), ("　编内 ", "在编"), ("是", "在编"), ("借入", "借调"), ("", None)]
)
def test_coded_words_in_both_scripts(written: str, word: str | None) -> None:
    assert read_word(written, roster_format().by_key["establishment"].words) == (word, None)


def test_codes_of_words_may_be_numbers_and_full_width() -> None:
    subjects = roster_format().by_key["subject"].words
    assert [read_word(cell, subjects) for cell in (13.0, "13", "１３")] == [("语文", None)] * 3
    assert read_word(True, subjects) == (None, "word-unknown")
    assert read_word("ｙ", roster_format().by_key["licence"].words) == ("有", None)


def test_codes_and_texts_are_kept_as_they_are() -> None:
    assert read_code("'0042202", 50) == ("0042202", None)
    assert read_code(42202.0, 50) == ("42202", None)
    assert read_code(4.5, 50) == (None, "code-invalid")
    assert read_code("4.2E+10", 50) == (None, "code-invalid")
    assert read_text(' "朝阳"语文,\r\n数学组 ', 200) == ('"朝阳"语文,\n数学组', None)
    assert read_text(CellError("#REF!"), 200) == (None, "cell-error")


@pytest.mark.parametrize(
    ("written", "number"), [("1,234.5", 1234.5), ("２", 2.0), (3.0, 3.0), (" 0.5 ", 0.5), ("", None)]
)
def test_numbers(written: Value, number: float | None) -> None:
    assert read_number(written, whole=False) == (number, None)


@pytest.mark.parametrize("written", ["two", "nan", "inf", 1e20, "#N/A", True, "1.5h"])
def test_numbers_that_are_none(written: Value) -> None:
    assert read_number(written, whole=False) == (None, "number-invalid")
    assert read_number(0.5, whole=True) == (None, "number-invalid")
