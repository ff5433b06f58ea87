"""xlsx: calamine reads the values, this file guards it and adds what calamine leaves out.

Left out by calamine: formula errors and formulas that were never computed (both arrive as empty cells), numbers shown
with leading zeros by their format, column widths. They are found in the sheets' XML by a scan that only runs its slow
part where such cells exist.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from weineng.sheets.texts import SheetRefused
from weineng.sheets.workbook import (
    CellError,
    Limits,
    Range,
    Sheet,
    SheetState,
    Value,
    Workbook,
)

_CHUNK = 1 << 20
_FILLED_ROW = re.compile(rb"""r=["'][A-Z]+([0-9]+)["'][^<>]*[^<>/]>""")
_FILLED_COLUMN = re.compile(rb"""r=["']([A-Z]+)[0-9]+["'][^<>]*[^<>/]>""")
_UNUSUAL = re.compile(rb"""r=["'](?:[A-Z]{3}|[D-Z][A-Z]|[A-Z]+[0-9]{6})""")
# Well-formed, but written by nobody; our searches would not see it. The first pattern is quick, the second is sure.
_EVASIVE = re.compile(rb"r(?:\s+=|=\s)"), re.compile(rb"<(?:\w+:)?c(?:\s[^<>]*)?\sr(?:\s+=|=\s)")
_USUAL_ROWS, _USUAL_COLUMNS = 99_999, 104
_WIDTH = re.compile(rb"<(?:\w+:)?col\s([^<>]*)/?>")
_ATTRIBUTE = re.compile(rb"""(\w+)=["']([^"']*)["']""")
_NEVER_COMPUTED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^<>]*/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ERROR_TYPE = re.compile(rb"""t=["']e["']""")
_TOKEN = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^<>]*)>")
_ZEROS = re.compile(r'^(?:0{2,}|"0+"0*)(?:;.*)?$')
_KINDS = (
    ("word/", "DOCX"),
    ("ppt/", "PPTX"),
    ("xl/workbook.bin", "XLSB"),
    ("content.xml", "ODS"),
)


def read_package(data: bytes, file_name: str, limits: Limits) -> Workbook:
    """The workbook in a zip package; refusals as `read_workbook` names them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _guard(package, len(data), limits)
            book = _Book(package)
            with CalamineWorkbook.from_filelike(io.BytesIO(data)) as opened:
                sheets = tuple(_read_sheets(opened, book, limits))
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        ParseError,
        DefusedXmlException,
    ) as broken:
        raise SheetRefused("file-broken", where=type(broken).__name__) from broken
    except (SheetRefused, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as broken:  # calamine's panics are no Exceptions
        raise SheetRefused("file-broken", where=type(broken).__name__) from broken
    if not any(sheet.rows for sheet in sheets):
        raise SheetRefused("file-empty")
    return Workbook(file_name=file_name, format="xlsx", sheets=sheets, epoch_1904=book.epoch_1904)


def _guard(package: zipfile.ZipFile, packed: int, limits: Limits) -> None:
    """Refuse what is no workbook, is encrypted, or unpacks to more than the limits or than its directory says."""
    entries = package.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > limits.entries:
        raise SheetRefused("file-is-bomb", what=f"ZIP {len(entries)}")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked or (unpacked > 20_000_000 and unpacked > packed * limits.ratio):
        raise SheetRefused("file-is-bomb", what=f"{unpacked // 1_000_000} MB")
    if "xl/workbook.xml" not in names:
        kind = next(
            (kind for start, kind in _KINDS if any(name.startswith(start) for name in names)),
            "ZIP",
        )
        raise SheetRefused("file-not-sheet", kind=kind)
    if any(entry.flag_bits & 1 for entry in entries):
        raise SheetRefused("file-protected")
    for entry in entries:  # an entry that lies about its size or is cut short fails its checksum here
        with package.open(entry) as stream:
            while stream.read(_CHUNK):
                pass


class _Book:
    """What xl/workbook.xml, its relations and the styles say: the sheets' files, the epoch, the zero-padded styles."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self._names = set(package.namelist())
        book = _parsed(package, "xl/workbook.xml")
        targets = self._targets(package)
        self._paths: dict[str, str] = {}
        for sheet in _each(book, "sheet"):
            relation = next(
                (value for key, value in sheet.attrib.items() if key.endswith("}id")),
                "",
            )
            self._paths[sheet.get("name", "")] = targets.get(relation, "")
        self.epoch_1904 = any(p.get("date1904") in ("1", "true") for p in _each(book, "workbookPr"))
        self.padded = self._padded_styles(package)

    def xml(self, sheet: str) -> bytes:
        """The file of the sheet with this name; b'' where there is none."""
        path = self._paths.get(sheet, "")
        return self._package.read(path) if path in self._names else b""

    def _targets(self, package: zipfile.ZipFile) -> dict[str, str]:
        name = "xl/_rels/workbook.xml.rels"
        if name not in self._names:
            return {}
        relations = _each(_parsed(package, name), "Relationship")
        return {r.get("Id", ""): _absolute(r.get("Target", "")) for r in relations}

    def _padded_styles(self, package: zipfile.ZipFile) -> dict[int, int]:
        """Style number → digits, for formats like 0000000 that show a number with leading zeros."""
        if "xl/styles.xml" not in self._names:
            return {}
        styles = _parsed(package, "xl/styles.xml")
        formats = {f.get("numFmtId"): f.get("formatCode", "") for f in _each(styles, "numFmt")}
        padded = {}
        for cells in _each(styles, "cellXfs"):
            for number, style in enumerate(cells):
                code = formats.get(style.get("numFmtId"), "")
                if _ZEROS.match(code):
                    padded[number] = code.split(";")[0].count("0")
        return padded


def _parsed(package: zipfile.ZipFile, name: str) -> Element:
    return fromstring(package.read(name), forbid_dtd=True)


def _each(root: Element, name: str) -> Iterator[Element]:
    """The elements of one local name, whatever the namespace (transitional or strict)."""
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)


def _absolute(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}".replace("xl/./", "xl/")


def _read_sheets(opened: CalamineWorkbook, book: _Book, limits: Limits) -> Iterator[Sheet]:
    cells = 0
    for index, about in enumerate(opened.sheets_metadata):
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        xml = book.xml(about.name)
        rows, columns = _extent(xml, limits)
        cells += rows * columns
        if cells > limits.cells:
            raise SheetRefused("file-is-bomb", what=f"{about.name}: {rows} × {columns}")
        sheet = opened.get_sheet_by_index(index)
        if sheet.total_height > limits.rows:
            raise SheetRefused("too-many-rows", limit=limits.rows)
        values = _values(sheet)
        _amend(values, xml, book.padded)
        state: SheetState = "visible" if about.visible == SheetVisibleEnum.Visible else "hidden"
        yield Sheet(about.name, state, values, _merged(sheet), tuple(_widths(xml)))


def _extent(xml: bytes, limits: Limits) -> tuple[int, int]:
    """Rows and columns up to the last filled cell, before anything of that size is made.

    Sheets below 100,000 rows and 104 columns stay below the limit whatever is filled, so they need no counting.
    """
    if xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise SheetRefused("file-broken", where="UTF-16")
    if xml and not xml.rstrip().endswith(b"worksheet>"):
        raise SheetRefused("file-broken", where="</worksheet>")
    if all(pattern.search(xml) for pattern in _EVASIVE):
        raise SheetRefused("file-broken", where="r =")
    if limits.cells >= _USUAL_ROWS * _USUAL_COLUMNS and not _UNUSUAL.search(xml):
        return 0, 0
    rows = max(map(int, _FILLED_ROW.findall(xml)), default=0)
    columns = max((_column(name) + 1 for name in set(_FILLED_COLUMN.findall(xml))), default=0)
    return rows, columns


def _column(name: bytes) -> int:
    number = 0
    for letter in name[:4]:
        number = number * 26 + letter - 64
    return number - 1


def _values(sheet: CalamineSheet) -> list[list[Value]]:
    """The sheet from A1 on; empty trailing rows and columns are not part of it."""
    if sheet.end is None:
        return []
    return sheet.to_python(skip_empty_area=False)


def _merged(sheet: CalamineSheet) -> tuple[Range, ...]:
    return tuple((top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ())


def _widths(xml: bytes) -> Iterator[tuple[int, int, float]]:
    for column in _WIDTH.findall(xml[: xml.find(b"sheetData") + 1]):
        about = dict(_ATTRIBUTE.findall(column))
        if about.get(b"customWidth") in (b"1", b"true"):
            yield int(about[b"min"]) - 1, int(about[b"max"]) - 1, float(about[b"width"])


def _amend(rows: list[list[Value]], xml: bytes, padded: dict[int, int]) -> None:
    """Put formula errors, never computed formulas and leading zeros into `rows`."""
    formulas = any(tag in xml for tag in (b"<f>", b"<f ", b":f>", b":f "))
    suspicious = _ERROR_TYPE.search(xml) or (formulas and _NEVER_COMPUTED.search(xml))
    wanted = {str(number).encode(): width for number, width in padded.items()}
    if not suspicious and not any(b's="%s"' % number in xml for number in wanted):
        return
    for row, column, about, end in _cells(xml):
        if about.get(b"t") == b"e":
            _put(rows, row, column, CellError(_content(xml, end, b"v")))
        elif (value := _get(rows, row, column)) == "" and _NEVER_COMPUTED.match(xml, _formula_end(xml, end)):
            _put(rows, row, column, CellError(""))
        elif isinstance(value, float) and value.is_integer() and (width := wanted.get(about.get(b"s", b""))):
            _put(rows, row, column, f"{int(value):0{width}d}")


def _cells(xml: bytes) -> Iterator[tuple[int, int, dict[bytes, bytes], int]]:
    """Row, column (from 0), attributes and end of the start tag of every cell that is not empty by its tag."""
    row, column = -1, -1
    for token in _TOKEN.finditer(xml):
        about = dict(_ATTRIBUTE.findall(token[2]))
        if token[1] == b"row":
            row, column = (int(about[b"r"]) - 1 if b"r" in about else row + 1), -1
            continue
        place = about.get(b"r", b"")
        column = _column(place.rstrip(b"0123456789")) if place else column + 1
        if not token[2].endswith(b"/"):
            yield row, column, about, token.end()


def _content(xml: bytes, start: int, name: bytes) -> str:
    found = re.compile(rb"<(?:\w+:)?%s>([^<]*)</" % name).search(xml, start)
    return found[1].decode() if found else ""


def _formula_end(xml: bytes, start: int) -> int:
    """Where the formula of the cell that begins at `start` ends; `start` itself where it has none."""
    if not re.compile(rb"<(?:\w+:)?f\b").match(xml, start):
        return start
    closed = re.compile(rb"<(?:\w+:)?f\b[^<>]*/>").match(xml, start)
    return closed.start() if closed else xml.find(b"</", start)


def _get(rows: list[list[Value]], row: int, column: int) -> Value:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def _put(rows: list[list[Value]], row: int, column: int, value: Value) -> None:
    """Set a cell, also one beyond the last cell that calamine found filled."""
    while len(rows) <= row:
        rows.append([])
    rows[row].extend([""] * (column + 1 - len(rows[row])))
    rows[row][column] = value
