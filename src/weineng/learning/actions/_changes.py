"""Tell platforms what changed here about their records without their doing."""

from collections.abc import Callable, Collection, Iterable

from django.db.models import Exists, OuterRef

from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import now
from weineng.kernel.turns import take_turn
from weineng.learning.models import Record, RecordChange
from weineng.organisations.models import ExternalIdentifier, Merge, Person
from weineng.organisations.reach import same_people
from weineng.organisations.rules import MAIL_SHA1, digests_of, mail_sha1

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
    found = [change for merge in about.filter(undone_at__isnull=True).order_by("pk") for change in _of_merge(merge)]
    told = RecordChange.objects.filter(merge=OuterRef("pk"))
    undone = about.filter(Exists(told), ~Exists(told.filter(what=NOT_SAME)), undone_at__isnull=False)
    for row in RecordChange.objects.filter(merge__in=undone).order_by("pk"):
        parted = {"provider_id": row.provider_id, "record_id": row.record_id, "other_id": row.other_id}
        found.append(RecordChange(**parted, what=NOT_SAME, merge_id=row.merge_id, at=now()))
    return found


def merges_met(records: Iterable[Record]) -> list[RecordChange]:
    """What is to be told of merges since these records have found their people: a platform may have named only one of two until now."""
    sources: dict[int, set[int]] = {}
    for row in records:
        if row.person_id is not None:
            sources.setdefault(row.person_id, set()).add(row.provider_id)
    merges = (
        Merge.objects.filter(undone_at__isnull=True, gone__merged_into__in=sources)
        .select_related("gone")
        .order_by("pk")
    )
    return [change for merge in merges for change in _of_merge(merge, sources[merge.gone.merged_into_id or 0])]


def _of_merge(merge: Merge, providers: Collection[int] | None = None) -> list[RecordChange]:
    """For each number of the one that is gone that was not told yet: that it is a number of the other one too."""
    known = Record.objects.filter(person__in=same_people([merge.kept_id])).exclude(person_digest="")
    if providers is not None:
        known = known.filter(provider__in=providers)
    once = known.order_by("provider", "person_type", "person_digest", "pk")
    theirs: dict[int, Record] = {}
    moved: list[Record] = []
    is_gone = _gone(merge)
    for row in once.distinct("provider", "person_type", "person_digest"):
        if is_gone(row):
            moved.append(row)
        else:
            theirs.setdefault(row.provider_id, row)
    told = RecordChange.objects.filter(merge=merge).order_by("pk")
    before = set(told.values_list("provider", "record__person_type", "record__person_digest"))
    return [
        RecordChange(
            provider_id=row.provider_id, what=SAME, record=row, other=theirs[row.provider_id], merge=merge, at=now()
        )
        for row in moved
        if row.provider_id in theirs and (row.provider_id, row.person_type, row.person_digest) not in before
    ]  # fmt: skip


def _gone(merge: Merge) -> Callable[[Record], bool]:
    """Whether a record is of the one that is gone: it was theirs before, or names a number of theirs."""
    gone = {merge.gone_id, *merge.moved.get("aliases", [])}
    digests: set[tuple[str, str]] = set()
    for number in ExternalIdentifier.objects.filter(pk__in=merge.moved.get("numbers", [])).order_by("pk"):
        digests |= {(number.type, digest) for digest in digests_of(number.type, decrypt(number.cipher).decode())}
    kept_mail = merge.kept.mail_digest
    for person in Person.objects.filter(pk__in=gone).exclude(mail="").exclude(mail_digest=kept_mail).order_by("pk"):
        digests |= {(MAIL_SHA1, digest) for digest in digests_of(MAIL_SHA1, mail_sha1(person.mail))}
    return lambda row: row.person_id in gone or (row.person_type, row.person_digest) in digests
