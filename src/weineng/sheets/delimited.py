"""csv: which encoding, which delimiter, which records; nothing swallowed by a quote that was never closed."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from weineng.sheets.texts import SheetRefused
from weineng.sheets.workbook import Limits, Sheet, Value, Workbook

_DELIMITERS = (",", ";", "\t", "|")
_END = "\x00end of records"
_SAMPLE = 300


def read_delimited(data: bytes, file_name: str, limits: Limits) -> Workbook:
    """The one sheet of a delimited text; refusals as `read_workbook` names them."""
    text, encoding = _decode(data)
    if any(character in text for character in "\x00\x01\x02\x03\x04\x05\x06\x0e\x0f\x1b"):
        raise SheetRefused("file-not-sheet", kind="binary")
    named, text = _directive(text)
    delimiter = named or _delimiter(text)
    records = _records(text, delimiter)
    if len(records) > limits.rows:
        raise SheetRefused("too-many-rows", limit=limits.rows)
    _refuse_swallowed(records, delimiter)
    rows: list[list[Value]] = [list(record) for record in records]
    return Workbook(file_name, "csv", (Sheet(None, "visible", rows),), encoding, delimiter)


def _decode(data: bytes) -> tuple[str, str]:
    """Text and the name of its encoding; marks first, then UTF-16 by its zeros, then UTF-8, then GB 18030."""
    if data.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif data[:200].count(0) > len(data[:200]) // 8:
        candidates = ["utf-16-le" if data[1:200:2].count(0) >= data[:200:2].count(0) else "utf-16-be"]
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as wrong:
            where = wrong.start
    raise SheetRefused("file-broken", where=f"byte {where}")


def _directive(text: str) -> tuple[str | None, str]:
    """Excel's own first line `sep=;` names the delimiter and is no record."""
    first, _, rest = text.partition("\n")
    sign = first.strip().strip('"')
    if sign.lower().startswith("sep=") and len(sign) == 5:
        return sign[4], rest
    return None, text


def _delimiter(text: str) -> str:
    """The delimiter that cuts the most records of a sample into the same number of fields, and into many."""
    head = text[:200_000]

    def fit(delimiter: str) -> tuple[float, int]:
        sizes = Counter(
            len(record) for record, _ in zip(_reader(head, delimiter), range(_SAMPLE), strict=False) if record
        )
        size, records = max(
            sizes.items(),
            key=lambda item: (item[0] > 1, item[1] * item[0]),
            default=(1, 0),
        )
        return (size - 1) * records / max(1, sum(sizes.values())), -_DELIMITERS.index(delimiter)

    return max(_DELIMITERS, key=fit)


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(10_000_000)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _records(text: str, delimiter: str) -> list[list[str]]:
    """Every record; a last record of our own shows whether all quotes were closed."""
    if not text.endswith(("\n", "\r")):
        text += "\n"
    try:
        records = list(_reader(text + _END + "\n", delimiter))
    except csv.Error as broken:
        raise SheetRefused("file-broken", where=str(broken)) from broken
    if records.pop() != [_END]:
        raise SheetRefused("quote-not-closed", row=len(records) + 1)
    return records


def _refuse_swallowed(records: list[list[str]], delimiter: str) -> None:
    """A cell that holds whole records comes from a stray quotation mark: its people would be lost without a word."""
    width = max(map(len, records), default=0)
    for number, record in enumerate(records, start=1):
        for field in record:
            if "\n" in field and any(line.count(delimiter) >= max(2, width // 2) for line in field.splitlines()):
                raise SheetRefused("quote-not-closed", row=number)
