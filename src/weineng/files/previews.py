"""What a reviewer sees of a document without downloading it: pages of a PDF as pictures, the text of office files.

Files come from strangers: sizes are bounded before anything is unpacked, and XML is read without entities.
"""

import io
import zipfile
from collections.abc import Iterator
from functools import lru_cache

import pypdfium2
from defusedxml.ElementTree import ParseError, iterparse

from weineng.files.models import Blob
from weineng.files.queries import bytes_of
from weineng.kernel.refusals import NotFound

WIDTH = 1_200  # pixels of a page's picture
BIGGEST = 60 * 1024 * 1024  # bytes of a document that is opened for a preview
MOST_TEXT = 200_000  # characters
UNPACKED = 40 * 1024 * 1024  # bytes that one part of an office file may unpack to
_TEXT = {  # where the words are, and which element ends a line
    "word/document.xml": ("}t", "}p"),
    "ppt/slides/slide": ("}t", "}p"),
    "xl/sharedStrings.xml": ("}t", "}si"),
    "content.xml": ("", "}p"),
}


@lru_cache(maxsize=64)
def page_picture(digest: str, number: int) -> bytes:
    """Page `number` (from 1) of a PDF as PNG; refuses `not-found` for other files, pages and damaged ones."""
    blob = Blob.objects.filter(digest=digest, media_type="application/pdf", erased_at__isnull=True).first()
    if blob is None or blob.size > BIGGEST:
        raise NotFound("files.page")
    try:
        document = pypdfium2.PdfDocument(_whole(blob))
    except pypdfium2.PdfiumError as error:
        raise NotFound("files.page") from error
    try:
        if not 1 <= number <= len(document):
            raise NotFound("files.page")
        page = document[number - 1]
        scale = min(3.0, WIDTH / max(page.get_width(), 1))
        picture = io.BytesIO()
        page.render(scale=scale).to_pil().convert("RGB").save(picture, "PNG", optimize=False)
        return picture.getvalue()
    finally:
        document.close()


def text_of(blob: Blob) -> list[str]:
    """The lines of an office or text file, at most 200,000 characters; empty where there is none or it cannot be read."""
    if blob.size > BIGGEST or blob.erased_at is not None:
        return []
    data = _whole(blob)
    if blob.media_type.startswith("text/"):
        return _decoded(data)[:MOST_TEXT].splitlines()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _bounded(_lines(package))
    except (zipfile.BadZipFile, ParseError, KeyError, NotImplementedError, RuntimeError, EOFError):
        return []


def _lines(package: zipfile.ZipFile) -> Iterator[str]:
    for entry in sorted(package.infolist(), key=lambda info: (len(info.filename), info.filename)):
        shape = next(
            (s for name, s in _TEXT.items() if entry.filename.startswith(name) and entry.filename.endswith(".xml")),
            None,
        )
        if shape is None or entry.file_size > UNPACKED:
            continue
        with package.open(entry) as part:
            line = ""
            for _event, element in iterparse(part):
                if shape[0] and element.tag.endswith(shape[0]):
                    line += element.text or ""
                elif element.tag.endswith(shape[1]):
                    yield line or "".join(element.itertext()) if not shape[0] else line
                    line = ""
                    element.clear()


def _bounded(lines: Iterator[str]) -> list[str]:
    kept: list[str] = []
    room = MOST_TEXT
    for line in lines:
        if line.strip():
            kept.append(line[:room])
            room -= len(line)
        if room <= 0:
            break
    return kept


def _whole(blob: Blob) -> bytes:
    return b"".join(bytes_of(blob))


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")
