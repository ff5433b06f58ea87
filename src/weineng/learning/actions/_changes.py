"""Tell platforms what changed here about their records without their doing."""

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef

from weineng.kernel.clock import now
from weineng.kernel.turns import take_turn
from weineng.learning.models import Record, RecordChange
from weineng.organisations.models import Merge
from weineng.organisations.reach import same_people

SAME, NOT_SAME = "same-person", "not-same-person"


def tell_platforms(changes: Iterable[RecordChange]) -> None:
    """Write down what is told. The last thing an act does: those who tell the same platform take turns until they end, so that
    nobody who reads on from the last change misses one before it."""
    rows = list(changes)
    for provider in sorted({row.provider_id for row in rows}):
        take_turn(f"changes of platform {provider}")
    RecordChange.objects.bulk_create(rows, batch_size=5_000)


def changed(what: str, records: Iterable[Record]) -> list[RecordChange]:
    """Each of these records changed so."""
    at = now()
    return [RecordChange(provider_id=row.provider_id, what=what, record=row, at=at) for row in records]


def people_changed(what: str, records: Iterable[Record]) -> list[RecordChange]:
    """So it stands now about the people of these records: told once for each number by which a platform names them."""
    numbers: dict[tuple[int, str, str], Record] = {}
    for row in records:
        numbers.setdefault((row.provider_id, row.person_type, row.person_digest), row)
    return changed(what, numbers.values())


def merges_changed(people: Collection[int]) -> list[RecordChange]:
    """What platforms have not been told yet of merges of these people, and of those that were taken back: only to those that
    named both, by one record of each."""
    about = Merge.objects.filter(kept__in=people) | Merge.objects.filter(gone__in=people)
    told = RecordChange.objects.filter(merge=OuterRef("pk"))
    open_ones = about.filter(~Exists(told), undone_at__isnull=True).order_by("pk")
    found = [change for merge in open_ones for change in _of_merge(merge)]
    undone = about.filter(Exists(told), ~Exists(told.filter(what=NOT_SAME)), undone_at__isnull=False)
    for row in RecordChange.objects.filter(merge__in=undone).order_by("pk"):
        parted = {"provider_id": row.provider_id, "record_id": row.record_id, "other_id": row.other_id}
        found.append(RecordChange(**parted, what=NOT_SAME, merge_id=row.merge_id, at=now()))
    return found


def _of_merge(merge: Merge) -> list[RecordChange]:
    gone = {merge.gone_id, *merge.moved.get("aliases", [])}
    kept = same_people([merge.kept_id]).exclude(pk__in=gone)
    known = Record.objects.exclude(person_digest="").order_by("provider", "person_type", "person_digest", "pk")
    once = known.distinct("provider", "person_type", "person_digest")
    theirs: dict[int, Record] = {}
    for row in once.filter(person__in=kept):
        theirs.setdefault(row.provider_id, row)
    return [
        RecordChange(
            provider_id=row.provider_id, what=SAME, record=row, other=theirs[row.provider_id], merge=merge, at=now()
        )
        for row in once.filter(person__in=gone)
        if row.provider_id in theirs
    ]  # fmt: skip
