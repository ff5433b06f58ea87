"""What can be asked of records: what a source delivered, what a person learned, what waits for a person."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Case, CharField, QuerySet, Value, When

from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound
from weineng.learning.models import Batch, Provider, Record
from weineng.learning.permissions import MANAGE_PROVIDERS, VIEW
from weineng.organisations.queries import home_leaves
from weineng.organisations.reach import units_within


def latest_revisions(provider: int, source_ids: Collection[str]) -> dict[str, list[Record]]:
    """All revisions of these source ids, oldest first, by id."""
    found: dict[str, list[Record]] = {}
    rows = Record.objects.filter(provider=provider, source_id__in=source_ids).order_by("source_id", "revision")
    for row in rows:
        found.setdefault(row.source_id, []).append(row)
    return found


def leaves_at(records: QuerySet[Record]) -> Mapping[tuple[int, date], int]:
    """The leaf unit of each record's person at its event date: (person, date) → unit."""
    pairs = set(records.filter(person__isnull=False).values_list("person", "event_on"))
    leaves: dict[tuple[int, date], int] = {}
    for on in {on for _person, on in pairs}:
        people = [person for person, when in pairs if when == on]
        for row in home_leaves(people, on):
            leaves[row["person"], on] = row["leaf"]
    return leaves


def records_within(by: Actor) -> QuerySet[Record]:
    """The records one reaches: one's own, those of one's units, those one's platform delivered; newest event first."""
    return Record.objects.within(by, VIEW).select_related("provider", "person").order_by("-ends_at", "-pk")


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


def delivered(by: Actor, provider: str, *, after: int = 0) -> QuerySet[Record]:
    """A platform's own records by order of arrival, each with its `state` (in-force, corrected, voided, void).

    Refuses `not-found` for a platform that is not the actor's, and without the scope to read.
    """
    if not Provider.objects.filter(code=provider).exists() or not (
        by.system or (provider in by.sources and by.holds(VIEW))
    ):
        raise NotFound("learning.provider")
    rows = Record.objects.within(by, VIEW).filter(provider__code=provider, pk__gt=after)
    return with_state(rows).order_by("pk")


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
