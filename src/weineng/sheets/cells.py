"""One cell at a time: what it says once the harmless is taken away, or the code of what is wrong with it.

Every function takes a cell's value and returns the canonical value and None, or None and a code. An empty cell is None
and None. Nothing is guessed: what two people could read in two ways is refused.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from weineng.sheets.plain import plain, visible, words
from weineng.sheets.workbook import ERRORS, CellError, Value

EARLIEST_YEAR = 1950
_EPOCH = date(1899, 12, 30)
_EPOCH_1904_SHIFT = 1462

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_QUOTES = "'\u2018\u2019\u201b\u2032`\u00b4\""
_BETWEEN_DIGITS = re.compile(rf"[\s{_QUOTES}]+")
_EXCEL_TEXT = re.compile(r'^\s*="(.*)"\s*$')
_EXPONENT = re.compile(r"^[0-9](?:\.[0-9]+)?E\+?[0-9]+$")
_RESIDENT = re.compile(r"^[0-9]{17}[0-9X]$")
_OTHER_DOCUMENT = re.compile(r"^[A-Z0-9()/-]{5,30}$")
_MASKED = re.compile(r"^[A-Z0-9()/-]{0,3}\*{2,}[A-Z0-9()/-]{0,2}$")
_PHONE = re.compile(r"^1[0-9]{10}$")

_PROVINCES = frozenset(
    str(code)
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for code in range(first, last + 1)
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"

_DOTS = str.maketrans(dict.fromkeys("\u2022\u30fb\uff0e\u2027\u2219\u22c5\uff65", "\u00b7"))
_OLD_PLACES = str.maketrans({"\ue863": "\u4dae"})  # 䶮 before GB 18030-2005 gave it its place
_HAN = "\u2e80-\u2fdf\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SPACE_IN_HAN = re.compile(rf"(?<=[{_HAN}\u00b7])\s+(?=[{_HAN}\u00b7])")
_PURE_HAN = re.compile(rf"^[{_HAN}]+$")
_LINE_BREAKS = re.compile(r"\r\n?")

Text = tuple[str | None, str | None]


def is_error(value: Value) -> bool:
    """Whether a formula ended in an error; a csv carries the error as text."""
    return isinstance(value, CellError) or (isinstance(value, str) and value[:1] == "#" and value in ERRORS)


def as_text(value: Value) -> str:
    """The cell as a person would read it out, spaces and all; numbers without an exponent where they are whole."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return str(int(value)) if abs(value) < 1e15 and value == int(value) else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def compact(value: Value) -> str:
    """Digits and letters as typed on a narrow keyboard, without the spaces and apostrophes around and inside them."""
    text = as_text(value)
    if text.isalnum() and text.isascii():
        return text.upper()
    if wrapped := _EXCEL_TEXT.match(text):
        text = wrapped[1]
    return _BETWEEN_DIGITS.sub("", visible(text).translate(_FULL_WIDTH)).upper()


def clean_text(value: Value) -> str:
    """Free text as written: trimmed, invisible characters away, one kind of line break."""
    text = as_text(value)
    if not text.isprintable():
        text = _LINE_BREAKS.sub("\n", visible(text).translate(_OLD_PLACES))
    return text.strip()


def read_text(value: Value, longest: int) -> Text:
    """Codes: `cell-error`, `too-long`."""
    if is_error(value):
        return None, "cell-error"
    text = clean_text(value)
    if len(text) > longest:
        return None, "too-long"
    return text or None, None


def read_name(value: Value, longest: int) -> Text:
    """A person's name: dots unified, 䶮 in its place, spaces inside Han names away. Otherwise as written.

    Codes: `name-missing`, `name-invalid` (no letter in it), `cell-error`, `too-long`.
    """
    if isinstance(value, str) and _PURE_HAN.match(value) and len(value) <= longest:
        return value, None
    text, code = read_text(value, longest)
    if code:
        return None, code
    if text is None:
        return None, "name-missing"
    name = " ".join(text.translate(_DOTS).translate(_OLD_PLACES).split())
    name = _SPACE_IN_HAN.sub("", name)
    return (name, None) if any(map(str.isalpha, name)) else (None, "name-invalid")


def read_identity(value: Value, *, resident: bool, today: date) -> Text:
    """An identity number. `resident` cards have 18 characters with a birth date and a check (GB 11643).

    Codes: `id-format` (empty too), `id-checksum`, `id-damaged`, `id-masked` (as our own lists show it).
    """
    if is_error(value):
        return None, "id-format"
    if _is_number(value):
        return None, "id-damaged"
    number = compact(value)
    if _EXPONENT.match(number):
        return None, "id-damaged"
    if _MASKED.match(number):
        return None, "id-masked"
    if not resident:
        return (number, None) if _OTHER_DOCUMENT.match(number) else (None, "id-format")
    if not _RESIDENT.match(number) or number[:2] not in _PROVINCES or not _born(number[6:14], today):
        return None, "id-format"
    if check_character(number) == number[17]:
        return number, None
    return None, "id-damaged" if number.endswith("000") else "id-checksum"


def check_character(number: str) -> str:
    """The 18th character that belongs to the first 17 digits (GB 11643)."""
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False)) % 11]


@lru_cache(maxsize=40_000)
def _born(digits: str, today: date) -> bool:
    born = _date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    return born is not None and born.year >= 1900 and born <= today


def read_phone(value: Value) -> Text:
    """A mobile number; +86, spaces and dashes are harmless. Code: `phone-invalid`."""
    if is_error(value):
        return None, "phone-invalid"
    number = re.sub(r"[-\u2010-\u2015\u2212]", "", compact(value)).removeprefix("+86")
    if not number:
        return None, None
    return (number, None) if _PHONE.match(number) else (None, "phone-invalid")


def read_code(value: Value, longest: int) -> Text:
    """A code or number that is text: leading zeros kept. Codes: `cell-error`, `code-invalid`, `too-long`."""
    if is_error(value):
        return None, "cell-error"
    if isinstance(value, str):
        text = visible(value).translate(_FULL_WIDTH).strip().strip(_QUOTES).strip()
        if wrapped := _EXCEL_TEXT.match(value):
            text = wrapped[1].strip()
    else:
        text = as_text(value)
        if not (_is_number(value) and text.isdigit()):
            return None, "code-invalid"
    if _EXPONENT.match(text.upper()):
        return None, "code-invalid"
    if len(text) > longest:
        return None, "too-long"
    return text or None, None


def read_word(value: Value, accepted: Mapping[str, str]) -> Text:
    """A coded word in either script, or its code. Code: `word-unknown`."""
    if is_error(value):
        return None, "word-unknown"
    form = plain(as_text(value))
    if not form:
        return None, None
    word = accepted.get(form)
    return (word, None) if word is not None else (None, "word-unknown")


def read_number(value: Value, *, whole: bool) -> tuple[float | int | None, str | None]:
    """A number, also one kept as text. Code: `number-invalid`."""
    if is_error(value) or isinstance(value, bool):
        return None, "number-invalid"
    text = compact(value).replace(",", "") if not _is_number(value) else str(value)
    if not text:
        return None, None
    try:
        number = float(text)
    except ValueError:
        return None, "number-invalid"
    if not abs(number) < 1e15 or (whole and number != int(number)):
        return None, "number-invalid"
    return (int(number) if whole else number), None


# Dates

_YEAR, _MONTH, _DAY = ("".join(words(f"date-{part}")) for part in ("year", "month", "day"))
_TIME = re.compile(r"[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\s*$")
_DAY_FORM = re.compile(r"^([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})$")
_HAN_FORM = re.compile(rf"^([0-9]{{4}})[{_YEAR}]([0-9]{{1,2}})[{_MONTH}](?:([0-9]{{1,2}})[{_DAY}]?)?$")
_MONTH_FORM = re.compile(r"^([0-9]{4})([-/.])([0-9]{1,2})$")
_COMPACT_FORM = re.compile(r"^([0-9]{4})([0-9]{2})([0-9]{2})$")
_SERIAL_FORM = re.compile(r"^[0-9]{5}$")

Day = tuple[date | None, str | None]


def read_date(value: Value, *, today: date, epoch_1904: bool = False) -> Day:
    """A date between 1950 and the end of next year; a month alone is its first day. Code: `date-invalid`."""
    if value == "":
        return None, None
    if isinstance(value, str):
        if is_error(value):
            return None, "date-invalid"
        if not value.strip():
            return None, None
        day = _day_of_text(str(value), epoch_1904=epoch_1904)
    elif isinstance(value, datetime):
        day = value.date()
    elif isinstance(value, date):
        day = value
    else:
        day = _day_of_number(value, epoch_1904=epoch_1904) if isinstance(value, int | float) else None
    if day is None or not EARLIEST_YEAR <= day.year <= today.year + 1:
        return None, "date-invalid"
    return day, None


_CLOCK_FORM = re.compile(r"^([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]+)?)?$")


def read_clock(value: Value) -> tuple[time | None, str | None]:
    """A time of day: as the spreadsheet has it, or written 8:30 or 08:30:00. Code: `time-invalid`."""
    if isinstance(value, datetime):
        return value.time().replace(microsecond=0), None
    if isinstance(value, time):
        return value.replace(microsecond=0), None
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        inside = timedelta(0) <= value < timedelta(days=1)
        return (time(minutes // 60, minutes % 60, seconds), None) if inside else (None, "time-invalid")
    if isinstance(value, str) and not is_error(value):
        text = plain(value.strip().strip(_QUOTES))
        if not text:
            return None, None
        if (found := _CLOCK_FORM.match(text)) and int(found[1]) < 24:
            return time(int(found[1]), int(found[2]), int(found[3] or 0)), None
    return None, "time-invalid"


@lru_cache(maxsize=50_000)
def _day_of_text(text: str, *, epoch_1904: bool) -> date | None:
    form = plain(_TIME.sub("", text.strip().strip(_QUOTES)))
    if found := _DAY_FORM.match(form):
        return _date(int(found[1]), int(found[3]), int(found[4]))
    if found := _HAN_FORM.match(form):
        return _date(int(found[1]), int(found[2]), int(found[3] or 1))
    if found := _COMPACT_FORM.match(form):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _MONTH_FORM.match(form):
        october = found[2] == "." and found[3] == "1"  # 2021.1 may be what a spreadsheet left of 2021.10
        return None if october else _date(int(found[1]), int(found[3]), 1)
    return _serial(int(form), epoch_1904=epoch_1904) if _SERIAL_FORM.match(form) else None


def _day_of_number(number: float, *, epoch_1904: bool) -> date | None:
    if isinstance(number, bool):
        return None
    if not abs(number) < 1e15:
        return None
    if number == int(number):
        whole = str(int(number))
        if found := _COMPACT_FORM.match(whole):
            return _date(int(found[1]), int(found[2]), int(found[3]))
        return _serial(int(number), epoch_1904=epoch_1904)
    found = re.match(r"^([0-9]{4})\.([0-9]{1,2})$", f"{number:.15g}")
    return _date(int(found[1]), int(found[2]), 1) if found and found[2] != "1" else None


def _serial(number: int, *, epoch_1904: bool) -> date | None:
    """The day of a spreadsheet's serial number; five digits reach from 1927 to 2173."""
    if not 10_000 <= number <= 99_999:
        return None
    return _EPOCH + timedelta(days=number + (_EPOCH_1904_SHIFT if epoch_1904 else 0))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
