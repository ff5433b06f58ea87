"""What can be asked of the log: who changed this, what did this person do, and the log as it is exported."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.db.models import Model, QuerySet

from weineng.audit.chain import START
from weineng.audit.models import REASON, Anchor, Line, PersonKey, Seal, Unsealed
from weineng.kernel.ciphers import decrypt


def lines_about(thing: Model) -> QuerySet[Line]:
    """Every act on a thing, newest first."""
    return Line.objects.filter(thing_type=thing._meta.label_lower, thing=thing.pk).order_by("-pk")


def lines_of_subject(person: int) -> QuerySet[Line]:
    """Everything that was done concerning a person, newest first."""
    return Line.objects.filter(subject=person).order_by("-pk")


def personal_values(line: Line) -> dict[str, Any] | None:
    """The personal values of a line; None once the person's key was destroyed."""
    return _opened(line, _keys([line]))


def reasons_of(lines: Iterable[Line]) -> dict[int, str]:
    """Line → its reason, in one query for all; '' where none was given, or where it was erased with the person."""
    rows = list(lines)
    keys = _keys(rows)
    return {line.pk: line.reason or str((_opened(line, keys) or {}).get(REASON, "")) for line in rows}


def _keys(lines: Iterable[Line]) -> dict[int, bytes | memoryview]:
    people = {line.subject for line in lines if line.personal_cipher and line.subject is not None}
    rows = PersonKey.objects.filter(person__in=people, key_cipher__isnull=False) if people else PersonKey.objects.none()
    return {person: cipher for person, cipher in rows.values_list("person", "key_cipher") if cipher}


def _opened(line: Line, keys: Mapping[int, bytes | memoryview]) -> dict[str, Any] | None:
    if not line.personal_cipher or line.subject is None:
        return {}
    if line.subject not in keys:
        return None
    try:
        values: dict[str, Any] = json.loads(Fernet(decrypt(keys[line.subject])).decrypt(bytes(line.personal_cipher)))
    except InvalidToken:
        return None
    return values


def last_anchor() -> Anchor | None:
    """The anchor laid down last."""
    return Anchor.objects.order_by("-pk").first()


def waiting_for_seal() -> tuple[int, datetime | None]:
    """How many lines have no seal yet, and when the oldest of them was written."""
    waiting = Unsealed.objects.order_by("line").values_list("line", flat=True)
    oldest = waiting.first()
    return waiting.count(), Line.objects.values_list("at", flat=True).filter(pk=oldest).first() if oldest else None


def chained_form(line: Line) -> dict[str, Any]:
    """A line as it goes into the hash chain and the export: personal values as their digest only."""
    return {
        "id": line.pk,
        "at": _instant(line.at),
        "person": line.person,
        "on_behalf_of": line.on_behalf_of,
        "grant": line.grant,
        "door": line.door,
        "verb": line.verb,
        "thing_type": line.thing_type,
        "thing": line.thing,
        "subject": line.subject,
        "unit": line.unit,
        "facts": line.facts,
        "personal_digest": line.personal_digest,
        "reason": line.reason,
    }


def export_entries(batch: int = 2_000) -> Iterator[dict[str, Any]]:
    """The whole log in the checker's form: sealed lines in order of position, then the unsealed ones."""
    after = 0
    while seals := list(Seal.objects.filter(position__gt=after).order_by("position")[:batch]):
        lines = Line.objects.in_bulk([seal.line for seal in seals])
        for seal in seals:
            line = lines.get(seal.line)
            yield {
                "position": seal.position,
                "digest": seal.digest,
                "line": chained_form(line) if line else None,
            }
        after = seals[-1].position
    for line in Line.objects.filter(pk__in=Unsealed.objects.values("line")).order_by("pk"):
        yield {"unsealed": chained_form(line)}


def anchor_entries() -> list[dict[str, Any]]:
    """The anchors in the checker's form."""
    return [{"position": a.position, "digest": a.digest, "at": _instant(a.at)} for a in Anchor.objects.order_by("pk")]


@dataclass(frozen=True)
class Head:
    """The end of the chain: its last position and digest, and how many lines wait for their seal."""

    position: int
    digest: str
    unsealed: int


def head() -> Head:
    """The chain's head now."""
    last = Seal.objects.order_by("-position").first()
    waiting = Unsealed.objects.count()
    return Head(last.position, last.digest, waiting) if last else Head(0, START, waiting)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
