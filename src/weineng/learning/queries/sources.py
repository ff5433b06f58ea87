"""What a source may ask about what it sent: what is known of it, what was refused and why, and whether our books agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext_lazy as _

from weineng.accounts.rules import SANDBOX, source_code
from weineng.kernel.actors import Actor
from weineng.kernel.clock import civil_date
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.learning.models import Batch, Provider, Reckoning, Record, RecordChange, RefusedRow
from weineng.learning.permissions import MANAGE_PROVIDERS, VIEW
from weineng.learning.queries.records import with_state
from weineng.learning.rules import now_there
from weineng.organisations.reach import units_within
from weineng.statements.queries import number_said

LONGEST_SPAN = timedelta(days=366)


def own_source(by: Actor, provider: str) -> Provider:
    """The platform itself, for whoever reads what it delivered; refuses `not-found` for another's, and without the scope."""
    row = Provider.objects.filter(code=provider).first()
    if row is None or not (by.system or (provider in by.sources and by.holds(VIEW))):
        raise NotFound("learning.provider")
    return row


def source_named(by: Actor, provider: str) -> str:
    """The code of what somebody means by a platform's: its sandbox, if they call with a key of that."""
    sandbox = source_code(provider, sandbox=True)
    return sandbox if sandbox in by.sources else provider


def today_there(provider: str) -> date:
    """The civil date at a platform: today's, or that of its sandbox's server."""
    ahead = Provider.objects.filter(code=provider).values_list("days_ahead", flat=True).first()
    return civil_date(now_there(ahead or 0))


def sandbox_read(by: Actor, provider: str) -> tuple[int, int]:
    """How many records and how many statements lie in a sandbox. Refuses `sandbox-only` for a platform in earnest; `not-found` for
    another's, and without the scope."""
    source = source_read(by, provider)
    if not source.sandbox:
        raise Refused("sandbox-only", _("This key works in earnest; ask the office for one of your sandbox."))
    return Record.objects.filter(provider=source).count(), number_said(source.code)


def source_read(by: Actor, provider: str) -> Provider:
    """A platform or its sandbox, for itself and for the offices that manage it; refuses `not-found`."""
    managed = units_within(by, MANAGE_PROVIDERS)
    if Provider.objects.filter(code=provider.removesuffix(SANDBOX), owner__in=managed).exists():
        return get_or_refuse(Provider.objects.all(), code=provider)
    return own_source(by, provider)


def delivered(by: Actor, provider: str, *, after: int = 0, on: date | None = None) -> QuerySet[Record]:
    """A platform's records by order of arrival, each with its `state` (in-force, corrected, voided, void); `on`: only those of
    events of that day. Refuses `not-found`."""
    rows = Record.objects.filter(provider=source_read(by, provider), pk__gt=after)
    return with_state(rows.filter(event_on=on) if on else rows).order_by("pk")


def deliveries_of(by: Actor, provider: str, *, after: int = 0) -> QuerySet[Batch]:
    """A platform's deliveries, oldest first, each with how many rows were in `conflict` (among `refused`). Refuses `not-found`."""
    source = source_read(by, provider)
    conflict = Count("refused_rows", filter=Q(refused_rows__status="conflict"))
    rows = Batch.objects.filter(provider=source, pk__gt=after)
    return rows.annotate(conflict=conflict).order_by("pk")  # type: ignore[no-redef]  # the model names it for its readers


def changes_of(by: Actor, provider: str, *, after: int = 0) -> QuerySet[RecordChange]:
    """What changed here about a platform's records without its doing, oldest first. Refuses `not-found`."""
    rows = RecordChange.objects.filter(provider=source_read(by, provider), pk__gt=after)
    return rows.select_related("record", "other").order_by("pk")


def refusals_of(by: Actor, provider: str, *, after: int = 0, waiting: bool = False) -> QuerySet[RefusedRow]:
    """The rows of a platform that were not stored, oldest first, each with whether it is `settled`: a later delivery brought a
    record under its id. `waiting`: only those that are not. Refuses `not-found`."""
    return _refused(source_read(by, provider), waiting=waiting).filter(pk__gt=after).order_by("pk")


def _refused(provider: Provider, *, waiting: bool) -> QuerySet[RefusedRow]:
    same = Record.objects.filter(provider=provider, source_id=OuterRef("source_id"), batch__gt=OuterRef("batch"))
    came_later = Exists(same.exclude(source_id=""))
    rows = RefusedRow.objects.filter(batch__provider=provider).select_related("batch")
    if waiting:
        rows = rows.filter(~came_later)
    return rows.annotate(settled=came_later)  # type: ignore[no-redef]  # the model names it for its readers


@dataclass(frozen=True)
class DayBook:
    """What is known of the events of one day (None: of all days asked for): records in force with their minutes and people,
    those among them whose person is not known (and how many people these are), and what was corrected or voided;
    `passes`: how many of those in force say that the course was passed."""

    on: date | None
    records: int
    minutes: int
    people: int
    unknown: int
    unknown_people: int
    corrected: int
    voided: int
    passes: int


@dataclass(frozen=True)
class Compared:
    """One day in both books: `ours`, and what the platform said last (`theirs`, None where it said nothing)."""

    on: date
    ours: DayBook
    theirs: Reckoning | None

    @property
    def everybody(self) -> int:
        """How many people our records are about, known and unknown."""
        return self.ours.people + self.ours.unknown_people

    @property
    def agrees(self) -> bool | None:
        """Whether both say the same; None where the platform said nothing."""
        if self.theirs is None:
            return None
        ours, said = (self.ours.records, self.ours.minutes, self.everybody, self.ours.passes), self.theirs.numbers
        return said == (ours if said[-1] is not None else (*ours[:-1], None))


def compare_books(by: Actor, provider: str, since: date, until: date) -> list[Compared]:
    """Both books by the day of the event, newest first; days in neither are left out. Refuses as `books_of`."""
    days, _total = books_of(by, provider, since, until)
    ours = {day.on: day for day in days if day.on is not None}
    rows = Reckoning.objects.filter(provider__code=provider, on__range=(since, until)).order_by("on")
    theirs = {row.on: row for row in rows}
    known = sorted(ours.keys() | theirs.keys(), reverse=True)
    return [Compared(on, ours.get(on, _nothing(on)), theirs.get(on)) for on in known]


def _nothing(on: date) -> DayBook:
    return DayBook(on=on, records=0, minutes=0, people=0, unknown=0, unknown_people=0, corrected=0, voided=0, passes=0)


def books_of(by: Actor, provider: str, since: date, until: date) -> tuple[list[DayBook], DayBook]:
    """A platform's records by the day of the event, both days included, and their sum; days without any are left out.

    Refuses `days-out-of-range` (more than a year, or backwards); `not-found`.
    """
    source = source_read(by, provider)
    if not timedelta(0) <= until - since <= LONGEST_SPAN:
        raise Refused("days-out-of-range", _("Ask for at most a year, from an earlier to a later day."), field="until")
    rows = Record.objects.filter(provider=source, void_of__isnull=True, event_on__range=(since, until))
    days = rows.values("event_on").annotate(**_SUMS).order_by("event_on")
    return [_book(day, day["event_on"]) for day in days], _book(rows.aggregate(**_SUMS), None)


_STANDS = Q(voided_by__isnull=True, superseded_by__isnull=True)
_UNKNOWN = _STANDS & Q(person__isnull=True, invented__isnull=True)
_SUMS = {
    "records": Count("pk", filter=_STANDS),
    "sum": Coalesce(Sum("minutes", filter=_STANDS), 0),
    "people": Count(Coalesce("person__merged_into", "person", "invented"), filter=_STANDS, distinct=True),
    "unknown": Count("pk", filter=_UNKNOWN),
    "unknown_people": Count(Concat("person_type", Value(" "), "person_digest"), filter=_UNKNOWN, distinct=True),
    "corrected": Count("pk", filter=Q(superseded_by__isnull=False)),
    "voided": Count("pk", filter=Q(voided_by__isnull=False)),
    "passes": Count("pk", filter=_STANDS & Q(passed=True)),
}


def _book(sums: Mapping[str, Any], on: date | None) -> DayBook:
    names = ("records", "people", "unknown", "unknown_people", "corrected", "voided", "passes")
    return DayBook(on=on, minutes=sums["sum"], **{name: sums[name] for name in names})


def waiting_refusals(provider: Provider) -> QuerySet[RefusedRow]:
    """The rows of a platform that were not stored and have not come again, the newest first."""
    return _refused(provider, waiting=True).order_by(F("batch").desc(), "place")
