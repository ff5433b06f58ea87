"""What a file is by its content, never by its name: type, length, pages, and whether it can be read at all.

Files come from anywhere, and their readers are large C libraries: so they are opened in a process of their own, with a
limit of time and memory, and what makes that process fall is a broken file, not a broken server. This page is that
process (`python -m weineng.files.probe FILE`, answer on standard output) and the functions that start it; it imports no
Django.
"""

import codecs
import io
import json
import os
import resource
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import filetype

from weineng.files.texts import text_of

SECONDS = 60  # a whole lesson of a gigabyte is read through in five
MEMORY = 3 << 30
EXPANDED = 4 << 30  # more than this in an archive is a bomb
RATIO = 300  # so is a file this many times larger than its archive, from a megabyte up
ENTRIES = 20_000
OFFICE = {  # the part that makes a package of it, and the type
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
OLD_OFFICE = {  # streams of compound files: doc and wps, ppt and dps, xls and et are the same inside
    "WordDocument": "application/msword",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
}
ENCRYPTED = {"EncryptionInfo", "EncryptedPackage", "EncryptedSummary"}
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
TEXTS = ("utf-8-sig", "gb18030")


@dataclass
class Found:
    """What was found. `broken` is a code of `refusals.TEXTS`; `facts` hold codec, width, height of a video, `entries` of
    an archive."""

    media_type: str = "application/octet-stream"
    family: str = "other"
    seconds: int | None = None
    pages: int | None = None
    broken: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    sections: list[dict[str, Any]] = field(default_factory=list)  # the text, see `texts`


class Broken(Exception):  # noqa: N818 (it is the file)
    """The file cannot be used, with the code that says why."""


def probe(path: Path, *, seconds: int = SECONDS) -> Found:
    """Look into a file in a process of its own. What cannot be finished in time comes back `check-unfinished`."""
    try:
        done = _start(str(path), seconds=seconds)
    except subprocess.TimeoutExpired:
        return _by_signature(path, "check-unfinished")
    if done.returncode != 0:
        return _by_signature(path, "")
    return Found(**json.loads(done.stdout))


def page_image(path: Path, number: int, width: int, *, seconds: int = 20) -> bytes | None:
    """Page `number` (from 1) of a PDF as a JPEG so many pixels wide, made in a process of its own; None if it cannot be."""
    try:
        done = _start(str(path), str(number), str(width), seconds=seconds)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 and done.stdout else None


def _start(*arguments: str, seconds: int) -> subprocess.CompletedProcess[bytes]:
    env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    # -P: the folder we happen to be in stays out of the way of the libraries' own imports
    command = [sys.executable, "-P", "-m", "weineng.files.probe", *arguments]
    return subprocess.run(command, capture_output=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL, env=env)


def _by_signature(path: Path, broken: str) -> Found:
    """The type alone, where the library that should open the file fell or never came back."""
    found = Found()
    _signature(path, found)
    found.broken = broken or f"unreadable-{found.family if found.family != 'other' else 'file'}"
    return found


def inspect(path: Path) -> Found:
    """Look into a file, in this process."""
    found = Found()
    reader = _signature(path, found)
    try:
        if reader is not None:
            reader(path, found)
        if not found.broken:
            found.sections = _text(path, found)
    except Broken as why:
        found.broken = str(why)
    return found


def _text(path: Path, found: Found) -> list[dict[str, Any]]:
    """The text of a document; a document whose text cannot be read is not broken for that."""
    if found.family != "document":
        return []
    try:
        text = text_of(path, found.media_type)
    except Exception:  # noqa: BLE001 (anything a foreign format can throw)
        return []
    if text.cut:
        found.facts["text_cut"] = True
    return text.sections


def _signature(path: Path, found: Found) -> Callable[[Path, Found], None] | None:
    """Set type and family by the first bytes; returns who can read on."""
    guess = filetype.guess(str(path))
    with path.open("rb") as file:
        head = file.read(8192)
    found.media_type = guess.mime if guess is not None else "application/octet-stream"
    kind = found.media_type.partition("/")[0]
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        found.media_type, found.family = "application/x-ole-storage", "document"
        return _read_compound
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if found.media_type not in OFFICE.values():
            found.media_type = "application/zip"
        found.family = "archive" if found.media_type == "application/zip" else "document"
        return _read_zip
    if head.startswith(b"%PDF-") or b"%PDF-" in head[:1024]:
        found.media_type, found.family = "application/pdf", "document"
        return _read_pdf
    if kind in ("video", "audio"):
        found.family = kind
        return _read_media
    if kind == "image" and "vnd." not in found.media_type and "x-" not in found.media_type:
        found.family = "image"
        return _read_image
    if found.media_type == "application/rtf":
        found.family = "document"
    elif found.media_type in ("application/x-rar-compressed", "application/x-7z-compressed"):
        found.family, found.broken = "archive", "archive-not-zip"
    elif guess is None:
        return _read_unknown
    return None


def _read_unknown(path: Path, found: Found) -> None:
    """Plain text, judged by its first megabyte."""
    with path.open("rb") as file:
        head = file.read(1 << 20)
        whole = not file.read(1)
    for encoding in TEXTS if b"\x00" not in head else ():
        try:
            codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
        except UnicodeDecodeError:
            continue
        found.media_type, found.family = f"text/plain; charset={encoding.removesuffix('-sig')}", "document"
        return


# --- Archives and office files ---------------------------------------------------------------------------------------
def _read_zip(path: Path, found: Found) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            found.media_type, found.family = "application/zip", "archive"
            for part, media_type in OFFICE.items():
                if part in names:
                    found.media_type, found.family = media_type, "document"
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype").decode("ascii", "replace").strip()
                if kind.startswith(OPEN_DOCUMENT):
                    found.media_type, found.family = kind, "document"
            _refuse_closed(entries, path.stat().st_size)
            _read_through(archive, entries, path.stat().st_size)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise Broken(f"unreadable-{found.family}") from error
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma"):
            raise Broken(f"unreadable-{found.family}") from error
        raise
    if found.family == "archive":
        found.facts["entries"] = sum(1 for entry in entries if _is_somebodys(entry))
        if not found.facts["entries"]:
            raise Broken("archive-empty")


def _refuse_closed(entries: list[zipfile.ZipInfo], size: int) -> None:
    """By what the archive says of itself, before anything is unpacked: bombs, and what only a password opens."""
    expanded = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES or expanded > EXPANDED or expanded > max(RATIO * size, 1 << 20):
        raise Broken("archive-bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Broken("password-protected")


def _read_through(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], size: int) -> None:
    """Unpack everything into nothing: what an archive says of itself may be false, and sums must be right."""
    left = min(EXPANDED, max(RATIO * size, 1 << 20))
    for entry in entries:
        with archive.open(entry) as file:
            while block := file.read(1 << 20):
                left -= len(block)
                if left < 0:
                    raise Broken("archive-bomb")


def _is_somebodys(entry: zipfile.ZipInfo) -> bool:
    """Not a folder, and not what systems put in by themselves."""
    name = entry.filename.rpartition("/")[2]
    return not (
        entry.is_dir() or entry.filename.startswith("__MACOSX/") or name in ("Thumbs.db", "desktop.ini", ".DS_Store")
    )


def _read_compound(path: Path, found: Found) -> None:
    """A compound file of old office programs (doc, wps, xls, et, ppt, dps): the names of its streams say which."""
    data = path.read_bytes()
    try:
        streams = _streams(data)
    except (struct.error, IndexError, ValueError) as error:
        raise Broken("unreadable-document") from error
    for name, media_type in OLD_OFFICE.items():
        if name in streams:
            found.media_type = media_type
            break
    if ENCRYPTED & streams.keys():
        raise Broken("password-protected")
    if found.media_type == "application/x-ole-storage":
        found.family = "other"
        return
    if "WordDocument" in streams:
        head = data[streams["WordDocument"] :][:32]
        if len(head) < 32 or head[:2] not in (b"\xec\xa5", b"\xdc\xa5"):
            raise Broken("unreadable-document")
        if head[11] & 1:  # fEncrypted of the file information block
            raise Broken("password-protected")
    elif found.media_type == "application/vnd.ms-excel":
        head = data[streams.get("Workbook", streams.get("Book", 0)) :][:64]
        first = 4 + int.from_bytes(head[2:4], "little")
        if head[first : first + 2] == b"\x2f\x00":  # FILEPASS follows the first record
            raise Broken("password-protected")


def _streams(data: bytes) -> Mapping[str, int]:
    """Names of the streams and where the large ones begin. Walks the chain of directory sectors of a compound file."""
    sector = 1 << struct.unpack_from("<H", data, 30)[0]
    if sector not in (512, 4096):
        raise ValueError(sector)
    fat: list[int] = []
    for number in struct.unpack_from("<109I", data, 76):
        if number < 0xFFFFFFFA:
            fat += struct.unpack_from(f"<{sector // 4}I", data, (number + 1) * sector)
    found, at, seen = {}, struct.unpack_from("<I", data, 48)[0], set()
    while at < 0xFFFFFFFA and at not in seen:
        seen.add(at)
        for place in range((at + 1) * sector, (at + 2) * sector, 128):
            length = struct.unpack_from("<H", data, place + 64)[0]
            if data[place + 66] == 2 and 2 <= length <= 64:  # a stream
                name = data[place : place + length - 2].decode("utf-16-le")
                found[name] = (struct.unpack_from("<I", data, place + 116)[0] + 1) * sector
        at = fat[at]
    return found


# --- PDF, pictures, video ------------------------------------------------------------------------------------------
def _read_pdf(path: Path, found: Found) -> None:
    import pypdfium2  # noqa: PLC0415 (three large libraries, one of which is needed)

    try:
        with closing(pypdfium2.PdfDocument(path)) as pdf:
            found.pages = len(pdf)
            if not found.pages:
                raise Broken("unreadable-document")
            pdf[0].close()
    except pypdfium2.PdfiumError as error:
        raise Broken("password-protected" if "password" in str(error).lower() else "unreadable-document") from error


def _read_image(path: Path, found: Found) -> None:
    from PIL import Image  # noqa: PLC0415 (as above)

    Image.MAX_IMAGE_PIXELS = 200_000_000
    try:
        with Image.open(path) as image:
            found.facts = {"width": image.width, "height": image.height}
            if image.width * image.height > Image.MAX_IMAGE_PIXELS:
                raise Broken("unreadable-image")
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Broken("unreadable-image") from error


def _read_media(path: Path, found: Found) -> None:
    """Length as it plays, not as the header says: every packet is looked at, one picture is decoded."""
    import av  # noqa: PLC0415 (as above)

    broken = f"unreadable-{found.family}"
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            pictures = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
            if not pictures and not container.streams.audio:
                raise Broken(broken)
            if not pictures:
                found.family, broken = "audio", "unreadable-audio"
                found.media_type = "audio/" + found.media_type.partition("/")[2]
            said = (container.duration or 0) / 1_000_000
            stream = pictures[0] if pictures else container.streams.audio[0]
            codec = stream.codec_context
            found.facts = {"codec": codec.name}
            if isinstance(codec, av.VideoCodecContext):
                found.facts |= {"width": codec.width, "height": codec.height}
            played = _length(container)
            if played <= 0 or (said and played < said - max(2.0, said * 0.05)):
                raise Broken(broken)  # cut off: the end that the header promises is not there
            container.seek(0)
            next(container.decode(stream))
            found.seconds = max(1, int(played))  # a camera's five minutes are often 300.04 seconds
    except (av.error.FFmpegError, StopIteration, OSError, ValueError, MemoryError) as error:
        raise Broken(broken) from error


def _length(container: Any) -> float:
    """Seconds from the first to the end of the last packet of any stream."""
    first, last = None, 0.0
    for packet in container.demux():
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None or packet.size == 0 or packet.is_corrupt:
            continue
        start = float(at * packet.time_base)
        first = start if first is None else min(first, start)
        last = max(last, start + float((packet.duration or 0) * packet.time_base))
    return last - first if first is not None else 0.0


def _draw(path: Path, number: int, width: int) -> bytes:
    import pypdfium2  # noqa: PLC0415 (as above)

    with closing(pypdfium2.PdfDocument(path)) as pdf, closing(pdf[number - 1]) as page:
        scale = min(width / max(page.get_width(), 1), 4000 / max(page.get_height(), 1))
        image = page.render(scale=scale).to_pil().convert("RGB")
    place = io.BytesIO()
    image.save(place, "JPEG", quality=80, optimize=True)
    return place.getvalue()


def main(path: str, number: str = "", width: str = "1000") -> int:
    """The process of its own: limits first, then one look and one line of JSON, or one page as a picture."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    if number:
        sys.stdout.buffer.write(_draw(Path(path), int(number), int(width)))
    else:
        sys.stdout.write(json.dumps(asdict(inspect(Path(path)))))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
