"""Whose are the hours that arrived while two people were taken for one? Their sources say it, where they name a number."""

from dataclasses import dataclass

from weineng.kernel.ciphers import decrypt
from weineng.learning.models import Record
from weineng.organisations.models import Merge
from weineng.organisations.queries import current_person, find_people


@dataclass(frozen=True)
class Parting:
    """Records that the kept person holds from the time of a merge that was taken back: `theirs` name the other one by number,
    `untold` name neither (our own sessions', or numbers that nobody has by now)."""

    theirs: tuple[Record, ...]
    untold: tuple[Record, ...]


def parting_of(merge: Merge) -> Parting:
    """What arrived from a merge until it was taken back, by whom its source names now; nothing where the two are one (again)."""
    kept, gone = current_person(merge.kept_id), current_person(merge.gone_id)
    if kept == gone or merge.undone_at is None:
        return Parting((), ())
    rows = Record.objects.filter(
        person=merge.kept_id, void_of__isnull=True, arrived_at__range=(merge.at, merge.undone_at)
    )
    named: dict[str, dict[Record, str]] = {}
    for row in rows.order_by("pk"):
        number = decrypt(row.person_cipher).decode() if row.person_cipher else ""
        named.setdefault(row.person_type, {})[row] = number
    theirs, untold = [], []
    for kind, numbers in sorted(named.items()):
        people = find_people(kind, sorted({number for number in numbers.values() if number}))
        theirs += [row for row, number in numbers.items() if people.get(number) == gone]
        untold += [row for row, number in numbers.items() if people.get(number) not in (kept, gone)]
    return Parting(tuple(theirs), tuple(untold))
