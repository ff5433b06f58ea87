"""What a certificate says, how it is written down for signing, its number, and why one may cease to hold."""

import json
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from weineng.kernel.ids import ALPHABET
from weineng.kernel.words import Words

FORM = 1  # of the claim; a new field means a new form, old certificates keep theirs
CODE_LENGTH = 16  # 80 random bits
NUMBER_LENGTH = 8  # the last one checks the others
GUESSES = 60  # numbers an hour that an address may ask for and that do not exist (a slip of the finger is none)

# Why a certificate no longer holds; what the public page says. The office's own words stay inside.
REASONS: Mapping[str, object] = {
    "no-longer-earned": _("What it certified no longer holds."),
    "result-overturned": _("A result it rests on was changed."),
    "hours-voided": _("Hours it rests on do not count any more."),
    "not-accepted": _("The results it rests on are not accepted any more."),
    "level-changed": _("The level changed."),
    "person-merged": _("Two records of one person were merged."),
    "merge-undone": _("Two records merged by mistake were parted again."),
    "wrong-name": _("The name was wrong."),
    "wrong-details": _("A detail was wrong."),
    "issued-in-error": _("It was issued in error."),
    "misconduct": _("Misconduct was established."),
}
CORRECTIONS = ("wrong-name", "wrong-details")  # a new one with the right facts takes its place at once
BY_HAND = ("issued-in-error", "misconduct")  # the platform issues no other by itself until the office does

LEVELS: Mapping[str, object] = {"pass": _("Pass"), "excellent": _("Excellent")}


@dataclass(frozen=True)
class PassedPoint:
    """A passed point as the certificate names it."""

    code: str
    title: Words
    level: str


@dataclass(frozen=True)
class Claim:
    """Every signed field. `identity` are the last four characters of an identity number after four stars, '' where the
    person has none; it and `name` are '' once the person was erased; `minutes` is what counted on the day; `issued_on` is
    a civil date of the programme."""

    number: str
    code: str
    kind: str
    name: str
    identity: str
    school: str
    programme: str
    programme_title: Words
    title: Words
    level: str
    minutes: int
    period_minutes: int
    points: tuple[PassedPoint, ...]
    issuer: str
    issued_on: date
    version: int

    @property
    def periods(self) -> str:
        """Periods with one decimal, rounded down (semantics 1)."""
        tenths = self.minutes * 10 // self.period_minutes
        return f"{tenths // 10}.{tenths % 10}"


def claim_to_json(claim: Claim) -> dict[str, Any]:
    """The claim as it is stored and signed."""
    points = [{"code": p.code, "title": dict(p.title), "level": p.level} for p in claim.points]
    words = {"programme_title": dict(claim.programme_title), "title": dict(claim.title)}
    return vars(claim) | words | {"form": FORM, "points": points, "issued_on": claim.issued_on.isoformat()}


def nameless(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The same claim without what says who the person is."""
    return {**plain, "name": "", "identity": ""}


def claim_from_json(plain: Mapping[str, Any]) -> Claim:
    """The claim that was stored; raises KeyError, TypeError or ValueError for what is none (somebody changed it)."""
    fields = {key: value for key, value in plain.items() if key != "form"}
    points = tuple(PassedPoint(**point) for point in plain["points"])
    return Claim(**fields | {"points": points, "issued_on": date.fromisoformat(plain["issued_on"])})


def signed_form(plain: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: what they are, then the claim as JSON with sorted keys and no spaces."""
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return b"weineng certificate\n" + text.encode()


def new_code() -> str:
    """A code nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))


def new_number(office: str, year: int) -> str:
    """A number to be read out, e.g. `519901-2027-7K3M-9Q2X`: issuing office, year, seven random characters and one that
    checks them. It cannot be counted through, so nobody can list who has a certificate."""
    office = plain(office) or "0"
    body = "".join(secrets.choice(ALPHABET) for _place in range(NUMBER_LENGTH - 1))
    word = body + check_character(f"{office}{year}{body}")
    return f"{office}-{year}-{word[:4]}-{word[4:]}".upper()


def check_character(text: str) -> str:
    """Differs for any one character mistyped (the weights are odd, so each has an inverse) and for nearly all swaps."""
    total = sum((2 * place + 1) * _value(sign) for place, sign in enumerate(reversed(plain(text)), 1))
    return ALPHABET[total % 32]


def plain(typed: str) -> str:
    """What was typed without spaces and dashes, in small letters, with the letters that look like digits as digits."""
    narrow = unicodedata.normalize("NFKC", typed)  # full-width input methods
    return "".join(c for c in narrow.lower().translate(_LOOKALIKES) if c in ALPHABET)


_LOOKALIKES = str.maketrans("oil", "011")


def _value(sign: str) -> int:
    return ALPHABET.index(sign)


def as_number(typed: str) -> str | None:
    """The number as it is stored, from what somebody typed; None if it cannot be one."""
    word = plain(typed)
    head, tail = word[:-NUMBER_LENGTH], word[-NUMBER_LENGTH:]
    office, year = head[:-4], head[-4:]
    if not office or not year.isdecimal() or check_character(head + tail[:-1]) != tail[-1]:
        return None
    return f"{office}-{year}-{tail[:4]}-{tail[4:]}".upper()


def as_code(typed: str) -> str | None:
    """A code as it is stored, from what somebody typed or an address holds; None if it cannot be one."""
    word = plain(typed.strip().rstrip("/").rsplit("/", 1)[-1])
    return word if len(word) == CODE_LENGTH else None
