"""What can be asked of records: what a source delivered, what a person learned, what waits for a person."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import key_version
from weineng.learning.models import Batch, HoursSheet, Provider, Record
from weineng.learning.permissions import IMPORT, MANAGE_PROVIDERS, VIEW
from weineng.organisations.models import ExternalIdentifier, Person
from weineng.organisations.queries import STAFF_NUMBER, home_leaves
from weineng.organisations.reach import units_within
from weineng.organisations.rules import MAIL_SHA1

RecordKey = tuple[str, int]  # a source's id and the revision under it


def latest_revisions(provider: int, source_ids: Collection[str]) -> dict[str, list[Record]]:
    """All revisions of these source ids, oldest first, by id."""
    found: dict[str, list[Record]] = {}
    rows = Record.objects.filter(provider=provider, source_id__in=source_ids).order_by("source_id", "revision")
    for row in rows:
        found.setdefault(row.source_id, []).append(row)
    return found


def endings(
    provider: int, source_ids: Collection[str]
) -> tuple[set[RecordKey], dict[RecordKey, Record], set[RecordKey]]:
    """Of the records with these ids: which were corrected, which were voided by what, and which of those because the sheet
    that had brought them was taken back."""
    ended = Record.objects.filter(provider=provider)
    corrected = ended.filter(supersedes__source_id__in=source_ids).order_by("pk")
    voiding = ended.filter(void_of__source_id__in=source_ids).order_by("pk")
    voids = {
        (row.void_of.source_id, row.void_of.revision): row for row in voiding.select_related("void_of") if row.void_of
    }
    freed = {key for key, row in voids.items() if row.with_sheet}
    return set(corrected.values_list("supersedes__source_id", "supersedes__revision")), voids, freed


def session_of(record: Record) -> int | None:
    """The session whose attendance a record is; None for what a platform delivered."""
    parts = record.source_id.split(":")
    return int(parts[1]) if record.provider.code == "activities" and parts[0] == "session" else None


def sheets_within(by: Actor) -> QuerySet[HoursSheet]:
    """The sheets of hours brought in for platforms admitted in one's part of the tree, newest first."""
    rows = HoursSheet.objects.filter(provider__owner__in=units_within(by, IMPORT))
    return rows.select_related("provider").order_by("-at", "-pk")


def records_of_sheet(sheet: int) -> QuerySet[Record]:
    """What a sheet brought, each with its `state`; what an office restored since is among it."""
    return with_state(Record.objects.filter(batch__sheet=sheet, void_of__isnull=True)).order_by("pk")


def leaves_at(pairs: Collection[tuple[int, date]]) -> Mapping[tuple[int, date], int]:
    """The leaf unit of each person at an event's date: (person, date) → unit."""
    leaves: dict[tuple[int, date], int] = {}
    for on in sorted({on for _person, on in pairs}):
        people = {person for person, when in pairs if when == on}
        for row in home_leaves(people, on):
            leaves[row["person"], on] = row["leaf"]
    return leaves


def records_within(by: Actor, among: Collection[int] | None = None) -> QuerySet[Record]:
    """The records one reaches: one's own, those of one's units, those one's platform delivered; newest event first. `among`:
    of these ids alone."""
    return Record.objects.within(by, VIEW, among=among).select_related("provider", "person").order_by("-ends_at", "-pk")


def providers_within(by: Actor) -> QuerySet[Provider]:
    """The platforms admitted in one's part of the tree."""
    return Provider.objects.filter(owner__in=units_within(by, MANAGE_PROVIDERS)).order_by("code")


def batches_of(provider: int) -> QuerySet[Batch]:
    """A platform's deliveries, newest first."""
    return Batch.objects.filter(provider=provider).order_by("-at", "-pk")


def unresolved(provider: int | None = None) -> QuerySet[Record]:
    """Records whose person is not known (yet)."""
    rows = Record.objects.in_force().filter(person__isnull=True)
    return rows.filter(provider=provider) if provider is not None else rows


def resolvable_now() -> QuerySet[Record]:
    """Records whose person is known by now, oldest first: somebody has the number under which they were kept when they came.
    Nobody is looked for whom a sandbox names."""
    return _waiting().filter(Exists(_holders())).order_by("pk")


def doubtful_now() -> "QuerySet[Record]":
    """Records whose person may be known, oldest first: numbers of staff, mails, which two people may share, and after a data key was
    changed all numbers must be looked for to be found."""
    waiting = _waiting().exclude(Exists(_holders()))
    if key_version() > 1:
        return waiting.order_by("pk")
    by_mail = Person.objects.filter(mail_digest=OuterRef("person_digest"), erased_at__isnull=True)
    entered = Q(Exists(by_mail), person_type=MAIL_SHA1)
    return waiting.filter(entered | Q(person_type__startswith=STAFF_NUMBER)).order_by("pk")


def _waiting() -> "QuerySet[Record]":
    rows = Record.objects.filter(provider__gt=0, person__isnull=True, void_of__isnull=True)
    return rows.exclude(person_digest="")


def _holders() -> "QuerySet[ExternalIdentifier]":
    """Who has the number of a record."""
    return ExternalIdentifier.objects.filter(
        type=OuterRef("person_type"),
        digest=OuterRef("person_digest"),
        valid_to__isnull=True,
        person__erased_at__isnull=True,
    )


def with_state(records: QuerySet[Record]) -> QuerySet[Record]:
    """Each record with its `state`: in-force, corrected, voided, or void (the word that voids another one)."""
    return records.annotate(  # type: ignore[no-redef]  # the model names it for its readers
        state=Case(
            When(void_of__isnull=False, then=Value("void")),
            When(voided_by__isnull=False, then=Value("voided")),
            When(superseded_by__isnull=False, then=Value("corrected")),
            default=Value("in-force"),
            output_field=CharField(),
        )
    )
