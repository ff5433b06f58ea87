"""Training platforms read back what they sent, what was refused and why, and whether both books agree."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop
from ninja import Path, Query, Router, Schema
from pydantic import Field

from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.learning.models import Reckoning
from weineng.learning.permissions import VIEW
from weineng.learning.queries import (
    DayBook,
    books_of,
    compare_books,
    delivered,
    deliveries_of,
    refusals_of,
    source_named,
    today_there,
)
from weineng.rest.api import actor_of
from weineng.rest.operations import CURSOR, LIMIT, PAGED, Day, day_of, operation

router = Router(tags=["providers"])
CODE = Path(description=gettext_noop("The code of your platform; the office tells you."), pattern=r"^[a-z0-9-]{1,40}$")
EVENT_DAY = Query("", description=gettext_noop("Only events of this day, e.g. 2026-03-07; empty: all."))
SINCE = Query("", description=gettext_noop("The first day, e.g. 2026-03-01; empty: thirty days before the last."))
UNTIL = Query("", description=gettext_noop("The last day; empty: today."))
ONLY = Query(
    "", pattern="^(waiting)?$", description=gettext_noop("“waiting”: only what has not come again since; empty: all.")
)
MONTH = timedelta(days=30)
ROW_CODES = (
    "row-not-object", "field-unknown", "field-not-text", "field-unreadable", "id-missing", "id-too-long",
    "id-reserved", "person-missing", "mode-unknown", "derived-kind", "course-missing", "text-too-long", "time-missing",
    "time-without-zone", "ends-before-start", "in-the-future", "too-long-ago", "minutes-missing",
    "minutes-and-periods", "minutes-out-of-range", "periods-not-agreed", "periods-too-fine", "fraction-of-minute",
    "conflict", "supersedes-unknown", "supersedes-void", "already-superseded", "void-unknown", "person-erased",
)  # fmt: skip

# Of statements (xAPI) that a rule names and that cannot be read as records.
SAID_CODES = (
    "not-finished",
    "not-passed",
    "score-too-low",
    "duration-missing",
    "account-not-agreed",
    "statement-unreadable",
)


class RecordOut(Schema):
    """A record as it is known here."""

    id: str = Field(description=gettext_noop("Your id of the record."))
    revision: int = Field(description=gettext_noop("1, and one more for each correction under the same id."))
    state: str = Field(
        description=gettext_noop("in-force; corrected or voided: another record says so; void: it voids another one."),
        json_schema_extra={"enum": ["in-force", "corrected", "voided", "void"]},
    )
    person_found: bool = Field(description=gettext_noop("Whether we know the person."))
    mode: str = Field(description=gettext_noop("As it was sent."))
    course: str = Field(description=gettext_noop("As it was sent."))
    title: str = Field(description=gettext_noop("As it was sent."))
    starts_at: datetime = Field(description=gettext_noop("As it was sent, in UTC."))
    ends_at: datetime = Field(description=gettext_noop("As it was sent, in UTC."))
    minutes: int = Field(description=gettext_noop("Whole minutes; periods were turned into minutes."))
    passed: bool = Field(description=gettext_noop("Whether the course was passed with it."))
    arrived_at: datetime = Field(description=gettext_noop("When it arrived here."))


class PageOut(Schema):
    """A page of records, oldest arrival first; `next` is the cursor of the next page, empty on the last."""

    records: list[RecordOut] = Field(description=gettext_noop("Oldest arrival first."))
    next: str = Field(description=gettext_noop("The cursor of the next page; empty on the last one."))


class DeliveryOut(Schema):
    """One of your deliveries."""

    id: str = Field(description=gettext_noop("Id of the delivery."))
    at: datetime = Field(description=gettext_noop("When it arrived here."))
    way: str = Field(description=gettext_noop("rest: over this interface; web or ops: as a spreadsheet."))
    name: str = Field(description=gettext_noop("The name you gave it."))
    rows: int = Field(description=gettext_noop("How many records it had."))
    created: int = Field(description=gettext_noop("How many records are new."))
    unchanged: int = Field(description=gettext_noop("How many were known already, word for word."))
    conflict: int = Field(description=gettext_noop("How many ids were known with other content."))
    refused: int = Field(description=gettext_noop("How many could not be stored."))


class DeliveriesOut(Schema):
    """A page of deliveries."""

    deliveries: list[DeliveryOut] = Field(description=gettext_noop("Oldest arrival first."))
    next: str = Field(description=gettext_noop("The cursor of the next page; empty on the last one."))


class RefusedOut(Schema):
    """A record that was not stored."""

    delivery: str = Field(description=gettext_noop("Id of the delivery."))
    at: datetime = Field(description=gettext_noop("When it arrived here."))
    place: int = Field(description=gettext_noop("Which record of the delivery it was, from 1."))
    id: str = Field(description=gettext_noop("Your id of the record; empty where it had none."))
    status: str = Field(
        description=gettext_noop("conflict: the id was known with other content; refused: anything else."),
        json_schema_extra={"enum": ["conflict", "refused"]},
    )
    code: str = Field(
        description=gettext_noop("Why, as in the answer to the delivery."),
        json_schema_extra={"enum": [*ROW_CODES, *SAID_CODES]},
    )
    params: dict[str, Any] = Field(description=gettext_noop("The values that belong to the code."))
    settled: bool = Field(description=gettext_noop("Whether a record with this id was stored by a later delivery."))


class RefusedPageOut(Schema):
    """A page of what was not stored."""

    refused: list[RefusedOut] = Field(description=gettext_noop("Oldest arrival first."))
    next: str = Field(description=gettext_noop("The cursor of the next page; empty on the last one."))


class BookOut(Schema):
    """What is known of the events of some days."""

    records: int = Field(description=gettext_noop("Records in force: neither corrected nor voided."))
    minutes: int = Field(description=gettext_noop("Their minutes."))
    people: int = Field(description=gettext_noop("How many people they are about, as far as we know them."))
    unknown: int = Field(description=gettext_noop("How many of the records are about people we do not know yet."))
    unknown_people: int = Field(description=gettext_noop("How many people these are."))
    corrected: int = Field(description=gettext_noop("How many records were corrected by others."))
    voided: int = Field(description=gettext_noop("How many records were voided."))
    passes: int = Field(description=gettext_noop("How many records in force say that the course was passed."))


class DayOut(BookOut):
    """What is known of the events of one day."""

    on: date = Field(description=gettext_noop("The day on which the events ended."))


class StatedOut(Schema):
    """What you said you have in your own books of the events of one day."""

    on: date = Field(description=gettext_noop("The day on which the events ended."))
    records: int = Field(ge=0, description=gettext_noop("Records in force: neither corrected nor voided."))
    minutes: int = Field(ge=0, description=gettext_noop("Their minutes."))
    people: int = Field(ge=0, description=gettext_noop("How many people they are about."))
    passes: int | None = Field(
        None,
        ge=0,
        description=gettext_noop("How many of them say that the course was passed; null: you said nothing of it."),
    )


class ReconciliationOut(Schema):
    """Our books, day by day."""

    since: date = Field(description=gettext_noop("The first day."))
    until: date = Field(description=gettext_noop("The last day."))
    days: list[DayOut] = Field(description=gettext_noop("Days without any record are left out."))
    stated: list[StatedOut] = Field(description=gettext_noop("What you said of these days yourself."))
    differing: int = Field(
        description=gettext_noop("How many of the days of which you said something differ from ours.")
    )
    total: BookOut = Field(description=gettext_noop("Of all these days together; a person counts once."))
    refused_waiting: int = Field(
        description=gettext_noop(
            "How many records, of any day, were not stored and have not come again. 0: nothing is left to mend."
        )
    )


def caller(request: HttpRequest, provider: str) -> tuple[Actor, str]:
    """Who calls, and the code of the platform that they mean: of its sandbox, with a key of that."""
    by = actor_of(request)
    return by, source_named(by, provider)


@operation(
    router, "GET", "/{provider}/records", permission=VIEW, scope="records.read", answers=PageOut,
    says=gettext_noop("Read back what you delivered."),
    more=gettext_noop("As it is known here, by order of arrival: to compare with your own books."),
    refuses=PAGED,
)  # fmt: skip
def read_back(
    request: HttpRequest,
    provider: str = CODE,
    cursor: str = CURSOR,
    limit: int = LIMIT,
    on: Day = EVENT_DAY,
) -> dict[str, Any]:
    """What you delivered, as it is known here, by order of arrival."""
    day = day_of(on, "on", today()) if on else None
    rows = list(delivered(*caller(request, provider), after=int(cursor or 0), on=day)[: limit + 1])
    records = [
        {
            "id": row.source_id, "revision": row.revision, "state": row.state, "person_found": row.known,
            "mode": row.mode, "course": row.course, "title": row.title, "starts_at": row.starts_at, "ends_at": row.ends_at,
            "minutes": row.minutes, "passed": row.passed, "arrived_at": row.arrived_at,
        }
        for row in rows[:limit]
    ]  # fmt: skip
    return {"records": records, "next": str(rows[limit - 1].pk) if len(rows) > limit else ""}


@operation(
    router, "GET", "/{provider}/deliveries", permission=VIEW, scope="records.read", answers=DeliveriesOut,
    says=gettext_noop("What you sent, delivery by delivery."),
    more=gettext_noop("Deliveries over this interface and as spreadsheets. A dry run is none."), refuses=PAGED,
)  # fmt: skip
def list_deliveries(
    request: HttpRequest, provider: str = CODE, cursor: str = CURSOR, limit: int = LIMIT
) -> dict[str, Any]:
    """The deliveries of a platform."""
    rows = list(deliveries_of(*caller(request, provider), after=int(cursor or 0))[: limit + 1])
    deliveries = [
        {
            "id": str(row.pk), "at": row.at, "way": row.door, "name": row.name, "rows": row.rows, "created": row.created,
            "unchanged": row.unchanged, "conflict": row.conflict, "refused": row.refused - row.conflict,
        }
        for row in rows[:limit]
    ]  # fmt: skip
    return {"deliveries": deliveries, "next": str(rows[limit - 1].pk) if len(rows) > limit else ""}


@operation(
    router, "GET", "/{provider}/refused", permission=VIEW, scope="records.read", answers=RefusedPageOut,
    says=gettext_noop("What was refused, and why."),
    more=gettext_noop("Every record of every delivery that was not stored. Mend it and send it again: then it is settled."), refuses=PAGED,
    rows_refuse=(*ROW_CODES, *SAID_CODES),
)  # fmt: skip
def list_refused(
    request: HttpRequest, provider: str = CODE, cursor: str = CURSOR, limit: int = LIMIT, only: str = ONLY
) -> dict[str, Any]:
    """The rows of a platform that were not stored."""
    rows = list(refusals_of(*caller(request, provider), after=int(cursor or 0), waiting=only == "waiting")[: limit + 1])
    refused = [
        {
            "delivery": str(row.batch_id), "at": row.batch.at, "place": row.place, "id": row.source_id, "status": row.status,
            "code": row.code, "params": row.params, "settled": row.settled,
        }
        for row in rows[:limit]
    ]  # fmt: skip
    return {"refused": refused, "next": str(rows[limit - 1].pk) if len(rows) > limit else ""}


@operation(
    router, "GET", "/{provider}/reconciliation", permission=VIEW, scope="records.read", answers=ReconciliationOut,
    says=gettext_noop("Do your books and ours agree?"),
    more=gettext_noop(
        "Our records by the day of the event. Where a day differs from your books, read back the records of that day and compare them "
        "one by one."
    ),
    refuses=("parameter-unreadable", "days-out-of-range"),
)  # fmt: skip
def reconcile(request: HttpRequest, provider: str = CODE, since: Day = SINCE, until: Day = UNTIL) -> dict[str, Any]:
    """Our books, day by day."""
    by, provider = caller(request, provider)
    last = day_of(until, "until", today_there(provider))
    first = day_of(since, "since", max(date.min + MONTH, last) - MONTH)
    days, total = books_of(by, provider, first, last)
    compared = compare_books(by, provider, first, last)
    return {
        "since": first, "until": last, "days": [vars(day) for day in days], "total": _book(total),
        "stated": [_stated(day.theirs) for day in reversed(compared) if day.theirs is not None],
        "differing": sum(day.agrees is False for day in compared),
        "refused_waiting": refusals_of(by, provider, waiting=True).count(),
    }  # fmt: skip


def _stated(row: Reckoning) -> dict[str, Any]:
    return {"on": row.on, "records": row.records, "minutes": row.minutes, "people": row.people, "passes": row.passes}


def _book(book: DayBook) -> dict[str, Any]:
    return {name: value for name, value in vars(book).items() if name != "on"}
