"""What may be uploaded for a purpose, said before the first byte, and what is wrong with a file that has arrived."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from weineng.kernel.clock import civil_date
from weineng.kernel.ids import ALPHABET

MB = 1 << 20
EDGE = 1 << 16  # bytes at either end by which a file is known again
EXPIRES_AFTER = timedelta(days=7)  # without a byte
KEPT_UNUSED = timedelta(days=30)  # a file that nothing refers to
FAMILIES: Mapping[str, object] = {
    "document": _("documents (pdf, docx, pptx, xlsx, wps, et, dps)"),
    "image": _("pictures (jpg, png)"),
    "video": _("videos (mp4)"),
    "audio": _("sound (mp3, m4a)"),
    "archive": _("archives (zip)"),
    "other": _("other files"),
}
# What a name promises, only to say a refusal before an hour of uploading; the content decides afterwards.
_NAMES = {
    "document": "pdf doc docx docm ppt pptx pptm pps ppsx xls xlsx xlsm wps et dps odt ods odp rtf txt csv",
    "image": "jpg jpeg png gif webp bmp heic heif avif tif tiff",
    "video": "mp4 m4v mov mkv webm avi wmv flv mpg mpeg 3gp ts mts m2ts",
    "audio": "mp3 m4a wav aac ogg flac amr wma",
    "archive": "zip rar 7z",
    "other": "exe msi dll bat cmd com scr apk app dmg js vbs ps1 sh jar html htm svg iso",
}
SUFFIXES: Mapping[str, str] = {suffix: family for family, names in _NAMES.items() for suffix in names.split()}
# What a browser's file chooser is told to offer.
ACCEPT: Mapping[str, str] = {
    "document": ".pdf,.doc,.docx,.ppt,.pptx,.xls,.xlsx,.wps,.et,.dps,.odt,.ods,.odp,.rtf,.txt",
    "image": "image/jpeg,image/png,image/gif,image/webp",
    "video": "video/*",
    "audio": "audio/*",
    "archive": ".zip",
}
_HIDDEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")  # would disguise a name


@dataclass(frozen=True)
class Limits:
    """`max_bytes` by family: what is not named is not taken. `max_seconds` of video and sound. `least_seconds`: that they
    must run, all files together; said before, asked when they are there by the module whose purpose it is."""

    max_bytes: Mapping[str, int]
    max_seconds: int | None = None
    least_seconds: int = 0

    def to_json(self) -> dict[str, Any]:
        """As it is kept with an upload."""
        lengths = {"max_seconds": self.max_seconds, "least_seconds": self.least_seconds}
        return {"max_bytes": dict(self.max_bytes)} | lengths

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Limits":
        """Back from `to_json`."""
        return cls(dict(data["max_bytes"]), data["max_seconds"], data.get("least_seconds", 0))

    @property
    def largest(self) -> int:
        """Bytes of the largest file taken at all."""
        return max(self.max_bytes.values())

    @property
    def kinds(self) -> str:
        """The families taken, in the reader's language."""
        return gettext(", ").join(str(FAMILIES[family]) for family in self.max_bytes)

    @property
    def text(self) -> str:
        """Kinds, sizes and lengths in sentences, in the reader's language."""
        sizes = sorted(set(self.max_bytes.values()))
        if len(sizes) == 1:
            text = gettext("Taken are %(kinds)s up to %(size)s.") % {"kinds": self.kinds, "size": say_bytes(sizes[0])}
        else:
            parts = [f"{Limits({family: size}).kinds} ≤ {say_bytes(size)}" for family, size in self.max_bytes.items()]
            text = gettext("Taken are: %(kinds)s.") % {"kinds": gettext("; ").join(parts)}
        most, least = self.max_seconds and say_length(self.max_seconds), say_length(self.least_seconds)
        if most and self.least_seconds:
            return text + gettext(" It runs at least %(least)s and at most %(most)s.") % {"least": least, "most": most}
        if self.least_seconds:
            return text + gettext(" It runs at least %(least)s.") % {"least": least}
        return text + gettext(" Video and sound run at most %(length)s.") % {"length": most} if most else text

    @property
    def accept(self) -> str:
        """For the `accept` attribute of a file input."""
        return ",".join(ACCEPT[family] for family in self.max_bytes if family in ACCEPT)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file: a code of `refusals.TEXTS` and its parameters."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def promised_family(name: str) -> str | None:
    """The family a name promises; None where it promises nothing."""
    return SUFFIXES.get(PurePath(name).suffix.lower().lstrip("."))


def problem_before(limits: Limits, name: str, size: int) -> Problem | None:
    """What can be said against a file before its first byte."""
    if size <= 0:
        return Problem("file-empty")
    family = promised_family(name)
    if family is not None and family not in limits.max_bytes:
        return Problem("file-wrong-kind", {"kinds": limits.kinds})
    most = limits.largest if family is None else limits.max_bytes[family]
    if size > most:
        return Problem("file-too-big", {"size": say_bytes(size), "limit": say_bytes(most)})
    return None


def problem_after(limits: Limits, *, family: str, size: int, seconds: int | None, broken: str) -> Problem | None:
    """What can be said against a file once its content is known. Wrong kind before broken: it is the better advice."""
    if family not in limits.max_bytes:
        return Problem("file-wrong-kind", {"kinds": limits.kinds})
    if broken:
        return Problem(broken)
    if size > limits.max_bytes[family]:
        return Problem("file-too-big", {"size": say_bytes(size), "limit": say_bytes(limits.max_bytes[family])})
    if limits.max_seconds is not None and seconds is not None and seconds > limits.max_seconds:
        return Problem("file-too-long", {"length": say_seconds(seconds), "limit": say_seconds(limits.max_seconds)})
    return None


def clean_name(name: str) -> str:
    """A file's name as it may be shown and given back: no folders, no hidden signs, at most 160 characters."""
    plain = _HIDDEN.sub("", unicodedata.normalize("NFC", name)).replace("\\", "/").rpartition("/")[2].strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if dot and len(suffix) <= 12:
        return f"{stem[: 159 - len(suffix)]}.{suffix}" if stem else suffix
    return plain[:160] or "file"


def new_receipt(kind: str, at: datetime) -> str:
    """A receipt number: a letter, the civil date, eight signs that cannot be guessed: `F-20261123-7k3m9qxd`."""
    word = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{kind}-{civil_date(at):%Y%m%d}-{word}"


def say_bytes(size: int) -> str:
    """A size for a reader: `48.2 MB`, rounded up so that nobody reads the limit and is refused."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if size >= factor:
            tenths = -(-size * 10 // factor)
            return f"{number_format(tenths / 10, 1 if tenths % 10 else 0)} {unit}"
    return f"{size} B"


def say_length(seconds: int) -> str:
    """A length that is asked for: whole minutes in words, else as `say_seconds`."""
    minutes, left = divmod(seconds, 60)
    if left or not minutes:
        return say_seconds(seconds)
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def say_seconds(seconds: int) -> str:
    """A length for a reader: `12:05`, `1:02:05`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
