"""What a name, a number and a roster row are, without the database: readings, masks, hashes, check characters."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import files
from itertools import islice, product

from django.utils.translation import gettext_lazy as _
from pypinyin import Style, pinyin

from weineng.kernel.ciphers import key_version, keyed_hash
from weineng.kernel.refusals import Refused

ID_CARD = "id-card"
READINGS_KEPT = 8  # heteronyms multiply; more readings than this are never typed

_SPACE = re.compile(r"\s+")
_LETTERS = re.compile(r"[a-z]+")
_CARD = re.compile(r"\d{17}[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


# --- Names ---------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=1)
def _surnames() -> dict[str, str]:
    text = files("weineng.organisations").joinpath("data", "surnames.csv").read_text(encoding="utf-8")
    return {row["surname"]: row["reading"] for row in csv.DictReader(text.splitlines())}


def _split_surname(name: str) -> tuple[str, str]:
    """(reading of the surname, the rest) where the surname reads otherwise than the same sign elsewhere."""
    for length in (2, 1):
        if len(name) > length - 1 and (reading := _surnames().get(name[:length])):
            return reading, name[length:]
    return "", name


def name_order(name: str) -> str:
    """The pinyin by which a name is put in order, e.g. `zeng guo qiang`; Latin names in lower case."""
    reading, rest = _split_surname(name.strip())
    syllables = [part for (part, *_more) in pinyin(rest, style=Style.NORMAL)]
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
    choices = [
        sorted({r[0].lower() for r in readings if r}) for readings in pinyin(rest, style=Style.NORMAL, heteronym=True)
    ]
    return ["".join((first, *letters)) for letters in islice(product(*choices), READINGS_KEPT)]


def search_tokens(text: str) -> list[list[str]]:
    """What to look for in `name_index`: alternatives, each a list of tokens that must all be there."""
    plain = _SPACE.sub("", text).lower()
    if not plain:
        return []
    pairs = [plain[i : i + 2] for i in range(len(plain) - 1)] or [plain]
    return [pairs, [f"~{plain[:12]}"]] if _LETTERS.fullmatch(plain) else [pairs]


# --- Numbers -------------------------------------------------------------------------------------------------------
def plain_number(type: str, number: str) -> str:  # noqa: A002 (the column's name)
    """A number as it is compared: without spaces, in capitals; mail addresses in lower case."""
    bare = _SPACE.sub("", number)
    return bare.lower() if type == "mail" else bare.upper()


def digest_of(type: str, number: str, version: int | None = None) -> str:  # noqa: A002
    """The keyed hash (64 hex digits) under which a number of this type is found again."""
    return keyed_hash(f"identifier:{type}", plain_number(type, number), version)


def digests_of(type: str, number: str) -> list[str]:  # noqa: A002
    """The digests of a number under every data key in use, newest first."""
    return [digest_of(type, number, version) for version in range(key_version(), 0, -1)]


def mask(number: str) -> str:
    """A number as lists show it: the first three and last two characters of a long one, the last two of a short one."""
    if len(number) >= 10:
        return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"
    return f"{'*' * max(len(number) - 2, 2)}{number[-2:] if len(number) > 3 else ''}"


def check_number(type: str, number: str) -> str:  # noqa: A002
    """The number in its comparable form.

    Refuses `number-empty`; `identity-number-wrong` for an identity card whose form or check character (GB 11643) is wrong.
    """
    plain = plain_number(type, number)
    if not plain:
        raise Refused("number-empty", _("The number is empty."))
    if type == ID_CARD and not (_CARD.fullmatch(plain) and _check_character(plain) == plain[-1]):
        raise Refused("identity-number-wrong", _("This identity number is mistyped."), field="number")
    return plain


def _check_character(card: str) -> str:
    return "10X98765432"[sum(int(d) * w for d, w in zip(card, _WEIGHTS, strict=False)) % 11]


# --- Posts ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Number:
    """A number by which others know a person, as it is told: `type` as ExternalIdentifier.type, `text` as written."""

    type: str
    text: str


@dataclass(frozen=True)
class Post:
    """What a post is: where, and as what. `unit` is the id of a group, or of a school for those without one.

    `stage` is a key of models.STAGES or '', `subject` a word of the subject list or '', `establishment` and `in_post`
    keys of models.ESTABLISHMENTS (or '') and models.IN_POST_STATES.
    """

    unit: int
    establishment: str = ""
    in_post: str = "in-post"
    stage: str = ""
    subject: str = ""
    post: str = ""
    staff_number: str = ""
    entered_on: date | None = None


@dataclass(frozen=True)
class RosterRow:
    """One row of a roster, already read and judged by the door: canonical values, '' or None where a cell is empty.

    `row` is the row's number in the sheet, `school` the id of the unit that code and name of the school mean, `group` the
    teaching group's name as written. `gender` is m, f or ''; `id_type` id-card, passport …; the other coded values as in
    `Post`. An empty cell leaves what is known of an existing person as it is.
    """

    row: int
    name: str
    school: int
    gender: str = ""
    id_type: str = ""
    id_number: str = ""
    phone: str = ""
    group: str = ""
    stage: str = ""
    subject: str = ""
    post: str = ""
    establishment: str = ""
    in_post: str = ""
    licence: bool | None = None
    staff_number: str = ""
    start_date: date | None = None


@dataclass(frozen=True)
class RosterProblem:
    """Why a row could not go in: the row's number, its column, a refusal code with parameters."""

    row: int
    column: str
    code: str
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class RosterOutcome:
    """What a roster did (or, in a preview, would do). `new`, `changed` and `same` are row numbers, one list each.

    `problems` are rows that did not go in; while there is one, nothing of the file goes in. `absent` counts people of the
    file's schools who are not in the file: they stay as they are. `roster` is the id to undo it by (None: nothing written).
    """

    new: Sequence[int]
    changed: Sequence[int]
    same: Sequence[int]
    problems: Sequence[RosterProblem] = ()
    groups: Sequence[str] = ()
    absent: int = 0
    roster: int | None = None
