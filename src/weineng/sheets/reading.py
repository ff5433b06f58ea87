"""A file's bytes become a workbook.

The type of a file is decided by its content, never by its name. What cannot be read safely or completely is refused with
a code; nothing is read half.
"""

import re

from weineng.sheets.delimited import read_delimited
from weineng.sheets.package import read_package
from weineng.sheets.texts import SheetRefused
from weineng.sheets.workbook import DEFAULT_LIMITS, Limits, Workbook

_SIGNATURES = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|meta|table|style|\?xml|\?mso)", re.IGNORECASE)


def read_workbook(data: bytes, file_name: str, *, limits: Limits = DEFAULT_LIMITS) -> Workbook:
    """The workbook in `data` (xlsx, or csv in UTF-8, UTF-16 or GB 18030); `file_name` is only carried along.

    Refuses `file-empty`, `file-too-big` (limit in MB), `too-many-rows` (limit), `file-is-bomb` (what), `file-protected`, `file-old-excel`,
    `file-not-sheet` (kind), `file-broken` (where), `quote-not-closed` (row).
    """
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise SheetRefused("file-empty")
    if len(data) > limits.size:
        raise SheetRefused("file-too-big", limit=limits.size // 1_000_000)
    if data.startswith(b"PK"):
        return read_package(data, file_name, limits)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refuse_compound(data)
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise SheetRefused("file-not-sheet", kind=kind)
    if _MARKUP.match(data[:1000].removeprefix(b"\xef\xbb\xbf")):
        raise SheetRefused("file-not-sheet", kind="HTML")
    return read_delimited(data, file_name, limits)


def _refuse_compound(data: bytes) -> SheetRefused:
    """An OLE2 file is an encrypted xlsx, an old xls or another old Office file; its directory names its streams."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return SheetRefused("file-protected")
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        return SheetRefused("file-old-excel")
    kind = "DOC" if "WordDocument".encode("utf-16-le") in data else "OLE2"
    return SheetRefused("file-not-sheet", kind=kind)
