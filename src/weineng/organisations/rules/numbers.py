"""Numbers by which others know a person: compared, hashed, masked, checked; never stored in the clear."""

import hashlib
import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from weineng.kernel.ciphers import key_version, keyed_hash
from weineng.kernel.refusals import Refused

ID_CARD = "id-card"
MAIL_SHA1 = "mail-sha1"
LONGEST_NUMBER = 18  # characters of an identity card

_SPACE = re.compile(r"\s+")

_CARD = re.compile(r"\d{17}[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Number:
    """A number by which others know a person, as it is told: `type` as ExternalIdentifier.type, `text` as written."""

    type: str
    text: str


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


def mail_sha1(mail: str) -> str:
    """The hash by which xAPI names people whose mail is not told: SHA-1 of `mailto:` and the mail in small letters, 40 hex digits."""
    return hashlib.sha1(f"mailto:{plain_number('mail', mail)}".encode(), usedforsecurity=False).hexdigest()


def mail_digest(mail: str) -> str:
    """The keyed hash under which a person is found by the hash of their mail; '' of no mail."""
    return digest_of(MAIL_SHA1, mail_sha1(mail)) if mail.strip() else ""


def mask(number: str) -> str:
    """A number as lists show it: the first three and last two characters of a long one, the last two of a short one. Hashes and
    addresses are longer than any number; how long is nobody's concern."""
    if len(number) >= 10:
        return f"{number[:3]}{'*' * min(len(number) - 5, LONGEST_NUMBER - 5)}{number[-2:]}"
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
