"""What a sign-in name, a password, a code and a key are, without the database."""

import binascii
import re
import secrets
from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.utils.translation import gettext_lazy as _

from weineng.kernel.ciphers import key_version, keyed_hash
from weineng.kernel.clock import today
from weineng.kernel.ids import ALPHABET
from weineng.kernel.refusals import Refused

FAILURES = 5  # wrong passwords in a row …
LOCKED_FOR = timedelta(minutes=15)  # … close an account for so long
CODE_VALID = timedelta(days=14)
CODE_LENGTH = 12
MAIL_PAUSE = timedelta(minutes=10)  # a forgotten password is mailed at most so often
PAST_PASSWORDS = 5
IDLE_STRONG = timedelta(minutes=30)
IDLE = timedelta(days=14)
DELEGATION_LONGEST = timedelta(days=366)
SANDBOX = "~sandbox"  # behind the code of a platform: its sandbox
READ_ALL = "statements.read_all"  # what every platform delivered to the office: of people it may never have met
PLATFORM_SCOPES = (
    "records.write", "records.read", "statements.write", "statements.read", READ_ALL, "state", "profile",
)  # fmt: skip
OFFICE_SCOPES = ("standings.read", "figures.read", "people.read", READ_ALL)
OFFICE_KEY_LONGEST = timedelta(days=366)  # it reads about people, so it ends by itself
KEY_MARK = "wn"
TOKEN_MARK = "wt"  # noqa: S105 (how every token begins)
TOKEN_VALID = timedelta(hours=1)
# The words that the specification of the xAPI has for what a program may do; `all` is whatever the key may do.
XAPI_SCOPES = {
    "statements/write": "statements.write",
    "statements/read/mine": "statements.read",
    "statements/read": READ_ALL,
}
RECOVERY_CODES = 10
STEP = 30  # seconds for which a code of the second factor holds
DRIFT = 1  # steps by which a telephone's clock may be wrong

_LETTERS = re.compile(r"[^a-z]")
_SEPARATORS = re.compile(r"[\s\-.\u2010-\u2015\u3000]+")
_DIGITS = re.compile(r"\d")
_ALIKE = str.maketrans("OIL", "011")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width signs, as a Chinese keyboard gives them
_COMMON = CommonPasswordValidator()


# --- Sign-in names -------------------------------------------------------------------------------------------------
def sign_in_base(name_order: str) -> str:
    """The readable part of a sign-in name from a name in pinyin: the surname in full and the initials of the rest, e.g.
    `zeng guo qiang` → `zenggq`; a name without Latin reading gives `user`."""
    first, *rest = [_LETTERS.sub("", part.lower()) for part in name_order.split()] or [""]
    return (first[:12] + "".join(part[:1] for part in rest)[:6]) or "user"


def free_names(bases: Iterable[str], taken: set[str]) -> list[str]:
    """A name that nobody has for each base, in order: the base itself, else the base with the next free number from 2."""
    used, nexts, names = set(taken), dict[str, int](), []
    for base in bases:
        number = nexts.get(base, 1)
        while (name := base if number == 1 else f"{base}{number}") in used:
            number += 1
        used.add(name)
        nexts[base] = number + 1
        names.append(name)
    return names


def plain_name(text: str) -> str:
    """A sign-in name as it is compared: lower case, without the spaces and full-width letters of a telephone's keyboard."""
    return _SEPARATORS.sub("", text.translate(_WIDE)).lower()[:80]


# --- Passwords -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Known:
    """What others know about somebody, so what a password must not be made of."""

    name: str
    sign_in_name: str
    name_order: str = ""
    phone: str = ""
    birth_date: date | None = None

    def words(self) -> set[str]:
        """The pieces to look for, in lower case, at least four signs long (two for Chinese names)."""
        reading = self.name_order.replace(" ", "")
        pieces = {self.sign_in_name, reading, self.phone, self.phone[-8:], self.phone[-6:]}
        if self.birth_date:
            pieces |= {self.birth_date.strftime(form) for form in ("%Y%m%d", "%y%m%d")}
        return {piece.lower() for piece in pieces if len(piece) >= 4} | ({self.name} if len(self.name) >= 2 else set())


def check_new_password(password: str, known: Known) -> None:
    """Whether a password may be set; says nothing about earlier ones.

    Refuses `password-short` (under 10 signs, or under 8 with 3 of the 4 classes), `password-common` (on the list of common
    ones, or one sign or a straight sequence), `password-like-you` (name, telephone, birth date in it), `password-long`.
    """
    if len(password) > 256:
        raise Refused("password-long", _("This password is longer than 256 characters."), field="password")
    if len(password) < (8 if _classes(password) >= 3 else 10):
        raise Refused(
            "password-short",
            _("Use 10 characters or more, or 8 with three of: small letters, capitals, digits, signs."),
            field="password",
        )
    if _is_common(password):
        raise Refused("password-common", _("Many people use this password. Choose another."), field="password")
    small = password.lower()
    if any(word in small for word in known.words()):
        raise Refused(
            "password-like-you",
            _("Your name, telephone number or birthday is in it. Choose another."),
            field="password",
        )


def _classes(password: str) -> int:
    tests = (str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum())
    return sum(any(test(sign) for sign in password) for test in tests)


def _is_common(password: str) -> bool:
    small = password.lower()
    bare = small.rstrip("0123456789!@#.") or small
    steps = {ord(b) - ord(a) for a, b in pairwise(small)}
    listed = small in _COMMON.passwords or (bare in _COMMON.passwords and len(bare) >= 6)
    return listed or steps <= {0} or steps in ({1}, {-1}) or len(set(small)) <= 3


# --- Codes ---------------------------------------------------------------------------------------------------------
def new_code() -> str:
    """A fresh activation code, 60 bits, written `xxxx-xxxx-xxxx` in letters that can be read out."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)).upper()
    return "-".join(text[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def plain_code(text: str) -> str:
    """A code as it is compared: capitals without spaces and dashes; O, I and L as the digits they are mistaken for."""
    return _SEPARATORS.sub("", text.translate(_WIDE)).upper().translate(_ALIKE)[:64]


def code_digests(text: str, purpose: str = "activation") -> list[str]:
    """The digests of a code under every data key in use, the newest first."""
    plain = plain_code(text)
    return [keyed_hash(purpose, plain, version) for version in range(key_version(), 0, -1)]


def session_handle(key: str) -> str:
    """The name of a session on a page: its key would open it."""
    return keyed_hash("session", key)[:16]


def token_digits(text: str) -> str:
    """The digits of a code of the second factor, however it was typed."""
    return "".join(_DIGITS.findall(text.translate(_WIDE)))


# --- Keys of machines ----------------------------------------------------------------------------------------------
def source_code(provider: str, *, sandbox: bool) -> str:
    """The code under which a key delivers and reads: of its platform, or of the platform's sandbox, which no platform's code can be."""
    return f"{provider}{SANDBOX}" if sandbox else provider


def new_key() -> tuple[str, str]:
    """A fresh API key and its readable prefix: `wn_<8>_<40>`, 200 bits."""
    prefix = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{KEY_MARK}_{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(40))}", prefix


def new_token() -> str:
    """A fresh access token, 200 bits."""
    return f"{TOKEN_MARK}_{''.join(secrets.choice(ALPHABET) for _ in range(40))}"


def prefix_of(token: str) -> str:
    """The readable part of an API key: it is shown and logged, and opens nothing."""
    return token.split("_")[1]


def name_of_key(token: str) -> str:
    """The name that goes with a key where a name and a password are asked for: `wn_` and its readable part; '' for what is no
    key."""
    parts = token.split("_")
    return "_".join(parts[:2]) if len(parts) == 3 and parts[0] == KEY_MARK else ""


def name_and_password(header: str) -> tuple[str, str] | None:
    """What an `Authorization: Basic` header says; None where it says something else, or nothing that can be read."""
    kind, _space, text = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, password = b64decode(text.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (name, password) if colon else None


def token_scopes(wanted: Sequence[str], held: Sequence[str]) -> list[str]:
    """The scopes of a token: those of the key that were asked for, in our words or in those of the xAPI; all, if none was.

    Refuses `scopes-unknown` for what the key has not.
    """
    plain = {XAPI_SCOPES.get(word, word) for word in wanted}
    if not plain or "all" in plain:
        return list(held)
    if plain - set(held):
        raise Refused("scopes-unknown", _("The key may do less than was asked for."), field="scope")
    return [scope for scope in held if scope in plain]


def check_key(
    label: str, scopes: Sequence[str], known: Sequence[str], ends: date | None, lent_until: date | None
) -> tuple[list[str], date | None]:
    """The scopes of a key in their order, and the first day on which it no longer opens: what a deputy issues ends with
    what was lent to them, at the latest.

    Refuses `label-missing`, `scopes-unknown`, `key-dates`.
    """
    if ends is not None and ends <= today():
        raise Refused("key-dates", _("A key ends after today."), field="expires_on")
    if not label.strip():
        raise Refused(
            "label-missing", _("Give the key a name, so that it is known when it is to be revoked."), field="label"
        )
    if not scopes or set(scopes) - set(known):
        raise Refused("scopes-unknown", _("Choose what the key may do."), field="scopes")
    if READ_ALL in scopes and (ends is None or ends > today() + OFFICE_KEY_LONGEST):
        raise Refused(
            "key-dates", _("A key that reads what all platforms sent ends within a year."), field="expires_on"
        )
    return [scope for scope in known if scope in scopes], min(filter(None, (ends, lent_until)), default=None)


def key_digests(token: str) -> list[str]:
    """The digests of an API key under every data key in use, the newest first."""
    return [keyed_hash("api-key", token, version) for version in range(key_version(), 0, -1)]
