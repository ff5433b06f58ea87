"""The sandbox of a platform: who is known there, and what day it is."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from types import MappingProxyType

from weineng.kernel.clock import now
from weineng.organisations.rules import MAIL_SHA1, mail_sha1, plain_number

# Nobody: the only people of a sandbox, each known by "invented-1" … under whatever type of number, and by their mail.
_NAMES = json.loads((files("weineng.learning") / "data/invented.json").read_text(encoding="utf-8"))
INVENTED: Mapping[int, str] = MappingProxyType({int(number): name for number, name in _NAMES.items()})


def invented_number(person: int) -> str:
    """The number by which an invented person is known under every type of number."""
    return f"invented-{person}"


def invented_mail(person: int) -> str:
    """The mail by which an invented person is known, also by its hash."""
    return f"{invented_number(person)}@example.org"


def _hashed_mail(person: int) -> str:
    return mail_sha1(invented_mail(person))


def invented_people(type: str, numbers: Sequence[str]) -> Mapping[str, int]:  # noqa: A002 (the column's name)
    """Which invented person is meant by each number of this type; unknown ones are missing."""
    written = {"mail": invented_mail, MAIL_SHA1: _hashed_mail}.get(type, invented_number)
    known = {plain_number(type, written(person)): person for person in INVENTED}
    return {number: known[plain_number(type, number)] for number in numbers if plain_number(type, number) in known}


def now_there(days_ahead: int) -> datetime:
    """This instant on a server whose date is so many days ahead."""
    return now() + timedelta(days=days_ahead)
