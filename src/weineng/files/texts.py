"""The text of a document, for readers whose browser cannot show it: part by part (pages, slides, sheets), line by line.

Runs in the process of its own that `probe` starts; imports nothing of ours. Layout, pictures and formulas are not here.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from defusedxml.ElementTree import iterparse

MOST = 200_000  # characters of one document
PARTS = 300  # pages, slides, sheets
ROWS = 2_000  # of one sheet
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_BROKEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass
class Text:
    """`sections`: {"kind": page|slide|sheet|whole, "name": its number or name, "lines": […]}; `cut` where it was too long."""

    sections: list[dict[str, Any]] = field(default_factory=list)
    cut: bool = False
    characters: int = 0

    def add(self, kind: str, name: str, lines: Iterator[str]) -> None:
        """One more section, as far as there is room."""
        kept: list[str] = []
        for line in lines:
            if plain := _BROKEN.sub("", line).strip():
                if self.characters + len(plain) > MOST:
                    self.cut = True
                    break
                kept.append(plain)
                self.characters += len(plain)
        if len(self.sections) >= PARTS:
            self.cut = True
        elif kept:
            self.sections.append({"kind": kind, "name": name, "lines": kept})


def text_of(path: Path, media_type: str) -> Text:
    """The text of a file of this type; empty for types that have none (or none we can read)."""
    text = Text()
    if media_type == "application/pdf":
        _pdf(path, text)
    elif media_type.startswith("text/plain; charset="):
        content = path.read_bytes()[: 4 * MOST].decode(media_type.partition("charset=")[2], "replace")
        text.add("whole", "", iter(content.lstrip("\ufeff").splitlines()))
    elif media_type.endswith("spreadsheetml.sheet"):
        _sheets(path, text)
    elif media_type.startswith("application/vnd.o"):  # openxmlformats, oasis
        with zipfile.ZipFile(path) as package:
            _package(package, media_type, text)
    return text


def _package(package: zipfile.ZipFile, media_type: str, text: Text) -> None:
    if media_type.endswith("wordprocessingml.document"):
        with package.open("word/document.xml") as part:
            text.add("whole", "", _paragraphs(part))
    elif media_type.endswith("presentationml.presentation"):
        slides = sorted((int(m[1]), m[0]) for name in package.namelist() if (m := _SLIDE.fullmatch(name)))
        for number, name in slides:
            with package.open(name) as part:
                text.add("slide", str(number), _drawn(part))
    else:
        with package.open("content.xml") as part:
            text.add("whole", "", _open_lines(part))


def _paragraphs(part: Any) -> Iterator[str]:
    """Paragraphs in order; a row of a table is one line, its cells separated by bars."""
    depth, cells = 0, []
    words: list[str] = []
    cell: list[str] = []
    for event, element in iterparse(part, ("start", "end")):
        if event == "start":
            depth += element.tag == f"{W}tbl"
            continue
        if element.tag == f"{W}t":
            words.append(element.text or "")
        elif element.tag in (f"{W}tab", f"{W}br"):
            words.append(" ")
        elif element.tag == f"{W}p":
            line, words = "".join(words), []
            if depth:
                cell.append(line)
            else:
                yield line
            element.clear()
        elif element.tag == f"{W}tc":
            cells.append(" ".join(filter(None, cell)))
            cell = []
        elif element.tag == f"{W}tr":
            yield " | ".join(cells)
            cells = []
            element.clear()
        elif element.tag == f"{W}tbl":
            depth -= 1


def _drawn(part: Any) -> Iterator[str]:
    """Lines of a slide, in the order of its shapes."""
    words: list[str] = []
    for _, element in iterparse(part):
        if element.tag == f"{A}t":
            words.append(element.text or "")
        elif element.tag == f"{A}p":
            yield "".join(words)
            words = []


def _open_lines(part: Any) -> Iterator[str]:
    """Paragraphs, headings and table rows of an OpenDocument file."""
    cells: list[str] = []
    within = 0
    for event, element in iterparse(part, ("start", "end")):
        if event == "start":
            within += element.tag == f"{TABLE}table-row"
        elif element.tag in (f"{T}p", f"{T}h"):
            line = "".join(element.itertext())
            if within:
                cells.append(line)
            else:
                yield line
        elif element.tag == f"{TABLE}table-row":
            within -= 1
            yield " | ".join(cells)
            cells = []
            element.clear()


def _sheets(path: Path, text: Text) -> None:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 (one of several large libraries)

    with path.open("rb") as file:
        book = CalamineWorkbook.from_filelike(file)
        for name in book.sheet_names[:PARTS]:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True, nrows=ROWS)
            text.add("sheet", name, (" | ".join(_cell(value) for value in row).strip(" |") for row in rows))


def _cell(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _pdf(path: Path, text: Text) -> None:
    import pypdfium2  # noqa: PLC0415 (as above)

    with closing(pypdfium2.PdfDocument(path)) as pdf:
        for number in range(min(len(pdf), PARTS)):
            with closing(pdf[number]) as page, closing(page.get_textpage()) as content:
                text.add("page", str(number + 1), iter(content.get_text_bounded().splitlines()))
            if text.cut:
                return
