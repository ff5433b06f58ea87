"""The mark of a row that we wrote: which person and unit it is about, and a seal over its cells.

A row that comes back with its seal whole says nothing new, whatever stands in it; one that was changed still says whom it
was about, so that a shortened number is enough. The seal is keyed: nobody makes a mark for somebody else's row.
"""

import json
from hmac import compare_digest

from weineng.kernel.ciphers import key_version, keyed_hash
from weineng.kernel.ids import LENGTH, open_id, seal_id
from weineng.sheets import OwnRow, RosterValues, roster_texts

_SEAL = 16  # hex digits
_PERSON, _UNIT = "organisations.person", "organisations.unit"


def mark_row(person: int, unit: int, values: RosterValues) -> str:
    """The mark of a row about a person's post at a unit: two opaque ids and the seal over its cells."""
    return f"{_names(person, unit)}-{_seal(person, unit, roster_texts(values), key_version())}"


def recognise_row(mark: str, texts: tuple[str, ...]) -> OwnRow | None:
    """Which of our rows this is, and whether its cells are as we wrote them; None for what is no mark of ours."""
    who, where, seal = (*mark.split("-"), "", "", "")[:3]
    if len(who) != LENGTH or len(where) != LENGTH:
        return None
    try:
        person, unit = open_id(_PERSON, who), open_id(_UNIT, where)
    except ValueError:
        return None
    versions = range(key_version(), 0, -1)
    whole = any(compare_digest(seal.encode(), _seal(person, unit, texts, version).encode()) for version in versions)
    return OwnRow(person, unit, whole)


def _names(person: int, unit: int) -> str:
    return f"{seal_id(_PERSON, person)}-{seal_id(_UNIT, unit)}"


def _seal(person: int, unit: int, texts: tuple[str, ...], version: int) -> str:
    text = json.dumps([person, unit, *texts], ensure_ascii=False)
    return keyed_hash("roster-row", text, version)[:_SEAL]
