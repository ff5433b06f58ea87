"""The simple values of the specification: identifiers, times, languages, numbers. Each checker takes a value and where it stands, and
refuses `statement-malformed` with that place; a value of the wrong type is as wrong as one of the wrong form.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NoReturn

from weineng.kernel.refusals import Refused
from weineng.statements.rules.times import written

Check = Callable[[Any, str], object]
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|\\^`\x7f]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_MAIL = re.compile(r"mailto:[^@\s]+@[^@\s]+")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATION = re.compile(
    rf"P(?:{_NUMBER}W|(?=\d|T\d)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)"
)
_LANGUAGE = re.compile(  # RFC 5646: the lengths of the parts, in their order
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+|i-[a-z]{3,8}|(?:art-lojban|cel-gaulish|no-bok|no-nyn|sgn-be-fr|sgn-be-nl|sgn-ch-de|zh-min-nan)",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"\d{4}-?\d\d-?\d\d[Tt]\d\d(?::?\d\d(?::?\d\d(?:[.,]\d+)?)?)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?")
_NO_OFFSET = re.compile(r"-00(?::?00)?")  # what means that nobody knows the offset


def wrong(at: str, message: str) -> NoReturn:
    """Refuse a statement (or a parameter of the same form) for the value that stands at `at`."""
    raise Refused("statement-malformed", "%(at)s: %(problem)s", at=at, problem=message)


def text(value: Any, at: str) -> None:
    """Any text."""
    if type(value) is not str:
        wrong(at, "must be a string.")


def flag(value: Any, at: str) -> None:
    """True or false."""
    if type(value) is not bool:
        wrong(at, "must be true or false.")


def number(value: Any, at: str) -> None:
    """A number."""
    if type(value) is not int and type(value) is not float:
        wrong(at, "must be a number.")


def whole(value: Any, at: str) -> None:
    """A whole number from 0 up."""
    if type(value) is not int or value < 0:
        wrong(at, "must be a whole number.")


def shape(value: Any, table: Mapping[str, Check], at: str) -> None:
    """An object with no other members than those of the table, each of which passes its check."""
    if type(value) is not dict:
        wrong(at, "must be an object.")
    for name, held in value.items():
        check = table.get(name)
        if check is None:
            wrong(at, f"has no property {name[:60]!r}.")
        check(held, f"{at}.{name}")


def items(value: Any, at: str) -> None:
    """An array."""
    if type(value) is not list:
        wrong(at, "must be an array.")


@lru_cache(maxsize=65_536)
def _is_iri(value: str) -> bool:
    return _IRI.fullmatch(value) is not None


def iri(value: Any, at: str) -> None:
    """An IRI with its scheme."""
    if type(value) is not str or not _is_iri(value):
        wrong(at, "must be an IRI with a scheme.")


def uuid(value: Any, at: str) -> None:
    """A UUID in its usual form."""
    if type(value) is not str or not _UUID.fullmatch(value):
        wrong(at, "must be a UUID.")


def mailbox(value: Any, at: str) -> None:
    """A mail address as a mailto IRI."""
    if type(value) is not str or not _MAIL.fullmatch(value):
        wrong(at, "must be mailto: and a mail address.")


def sha1(value: Any, at: str) -> None:
    """A SHA-1 hash in hexadecimal."""
    if type(value) is not str or not _SHA1.fullmatch(value):
        wrong(at, "must be a SHA-1 hash in hexadecimal.")


def duration(value: Any, at: str) -> None:
    """A duration of ISO 8601."""
    if type(value) is not str or not _DURATION.fullmatch(value):
        wrong(at, "must be a duration of ISO 8601.")


@lru_cache(maxsize=4_096)
def _is_language(value: str) -> bool:
    return _LANGUAGE.fullmatch(value) is not None


def language(value: Any, at: str) -> None:
    """A language tag of RFC 5646."""
    if type(value) is not str or not _is_language(value):
        wrong(at, "must be a language tag of RFC 5646.")


def language_map(value: Any, at: str) -> None:
    """Texts by language."""
    if type(value) is not dict:
        wrong(at, "must be a language map.")
    for tag, words in value.items():
        if not _is_language(tag):
            wrong(at, f"{tag[:40]!r} is no language tag of RFC 5646.")
        if type(words) is not str:
            wrong(at, "must hold strings.")


def extensions(value: Any, at: str) -> None:
    """Anything, by IRI."""
    if type(value) is not dict:
        wrong(at, "must be an object.")
    for key in value:
        if not _is_iri(key):
            wrong(at, f"{key[:60]!r} is no IRI with a scheme.")


def moment(value: Any, at: str) -> datetime:
    """The instant that a timestamp of ISO 8601 (RFC 3339) names; without an offset it is UTC."""
    if type(value) is not str or not _MOMENT.fullmatch(value) or _NO_OFFSET.search(value, value.upper().find("T")):
        wrong(at, "must be a timestamp of ISO 8601.")
    try:
        found = datetime.fromisoformat(value.upper().replace(",", "."))
    except ValueError:
        wrong(at, "must be a timestamp of ISO 8601.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def in_utc(value: str, at: str) -> str:
    """A timestamp in UTC: as it is where it is so already."""
    found = moment(value, at)
    if value[-1] in "Zz":
        return value
    try:
        return written(found)
    except OverflowError:
        wrong(at, "must be a timestamp of ISO 8601.")


def each(value: Any, check: Check, at: str) -> None:
    """An array of which every item passes a check."""
    items(value, at)
    for item in value:
        check(item, at)


def required(value: Mapping[str, Any], names: Collection[str], at: str) -> None:
    """An object that has all of these members."""
    for name in names:
        if name not in value:
            wrong(at, f"{name} is missing.")


def listed(check: Check) -> Check:
    """The check of an array of which every item passes `check`."""
    return lambda value, at: each(value, check, at)


def equal(word: str) -> Check:
    """The check of a member that has one value only."""

    def check(value: Any, at: str) -> None:
        if value != word:
            wrong(at, f"must be {word}.")

    return check
