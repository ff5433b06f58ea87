"""How a name is put in order and found: its signs, its pairs of signs, its initials in pinyin."""

import csv
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import islice, product

READINGS_KEPT = 8  # heteronyms multiply; more readings than this are never typed

_SPACE = re.compile(r"\s+")
_LETTERS = re.compile(r"[a-z]+")


@lru_cache(maxsize=1)
def _surnames() -> dict[str, str]:
    text = files("weineng.organisations").joinpath("data", "surnames.csv").read_text(encoding="utf-8")
    return {row["surname"]: row["reading"] for row in csv.DictReader(text.splitlines())}


def _readings(text: str, *, heteronym: bool = False) -> list[list[str]]:
    """The readings of each sign in plain pinyin."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 (its dictionary costs each process of ours a third of a second)

    readings: list[list[str]] = pinyin(text, style=Style.NORMAL, heteronym=heteronym)
    return readings


def _split_surname(name: str) -> tuple[str, str]:
    """(reading of the surname, the rest) where the surname reads otherwise than the same sign elsewhere."""
    for length in (2, 1):
        if len(name) > length - 1 and (reading := _surnames().get(name[:length])):
            return reading, name[length:]
    return "", name


def name_order(name: str) -> str:
    """The pinyin by which a name is put in order, e.g. `zeng guo qiang`; Latin names in lower case."""
    reading, rest = _split_surname(name.strip())
    syllables = [part for (part, *_more) in _readings(rest)]
    return _SPACE.sub(" ", " ".join((reading, *syllables)).strip().lower())[:160]


def name_index(name: str) -> list[str]:
    """Everything a name is found by: its signs, its pairs of signs, and `~` with every beginning of its initials."""
    plain = _SPACE.sub("", name).lower()
    tokens = {*plain, *(plain[i : i + 2] for i in range(len(plain) - 1))}
    for initials in _initials(_SPACE.sub("", name)):
        tokens.update(f"~{initials[:end]}" for end in range(1, min(len(initials), 12) + 1))
    return sorted(tokens)


def _initials(name: str) -> list[str]:
    reading, rest = _split_surname(name)
    first = "".join(part[0] for part in reading.split())
    choices = [sorted({r[0].lower() for r in readings if r}) for readings in _readings(rest, heteronym=True)]
    return ["".join((first, *letters)) for letters in islice(product(*choices), READINGS_KEPT)]


def search_tokens(text: str) -> list[list[str]]:
    """What to look for in `name_index`: alternatives, each a list of tokens that must all be there."""
    plain = _SPACE.sub("", text).lower()
    if not plain:
        return []
    pairs = [plain[i : i + 2] for i in range(len(plain) - 1)] or [plain]
    return [pairs, [f"~{plain[:12]}"]] if _LETTERS.fullmatch(plain) else [pairs]


def same_name(one: str, other: str) -> bool:
    """Whether two writings name one person: spaces, case, width and the sort of middle dot apart."""
    return _plain_name(one) == _plain_name(other)


def _plain_name(name: str) -> str:
    form = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in form if not sign.isspace() and sign not in "·•・.‧∙⋅-")
