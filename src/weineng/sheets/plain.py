"""What two writings of one word have in common: width, script, spaces, case and invisible characters taken away."""

import csv
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

import opencc

Lists = dict[str, list[tuple[str, str]]]

# Soft hyphen, zero-width and direction marks, byte order mark, and what XML cannot carry.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff\ufffe\uffff]"
)
_SPACES = re.compile(r"\s+")

_to_simplified = opencc.OpenCC("t2s")


def visible(text: str) -> str:
    """`text` without control, zero-width and direction characters (tab and line breaks stay)."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """The comparable form of a coded word, a header or a school name; never shown to anybody."""
    bare = _SPACES.sub("", unicodedata.normalize("NFKC", visible(text)))
    return bare.casefold() if bare.isascii() else str(_to_simplified.convert(bare)).casefold()


def read_data(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of this package's data folder."""
    text = files("weineng.sheets").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def words(of: str) -> tuple[str, ...]:
    """The words of one list of words.csv, in file order, as `plain` forms."""
    return tuple(plain(row["word"]) for row in read_data("words.csv") if row["list"] == of)
