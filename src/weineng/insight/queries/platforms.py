"""Tables of a training platform: the spreadsheet twins of what its programs read over the interface, and what is right and wrong
with what it tried out. No number and no name of a person is in any of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.accounts.rules import SANDBOX, source_code
from weineng.kernel.actors import Actor
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.learning.models import RefusedRow
from weineng.learning.queries import (
    books_of,
    changes_of,
    compare_books,
    delivered,
    deliveries_of,
    refusals_of,
    sandbox_read,
)
from weineng.progress.queries import SourceLine, account_of_source
from weineng.sheets import Column, Kind, SheetFormat

MOST_ROWS = 200_000  # of a table: what a spreadsheet program still opens
Row = dict[str, object]
Means = Mapping[str, str]  # code of a refusal → what it means, in the reader's language

STATES: Mapping[str, object] = {
    "in-force": gettext_lazy("in force"), "corrected": gettext_lazy("corrected"), "voided": gettext_lazy("voided"),
    "void": gettext_lazy("voids another one"),
}  # fmt: skip
CHANGED: Mapping[str, object] = {
    "voided": gettext_lazy("voided by the office"), "restored": gettext_lazy("restored by the office"),
    "corrected": gettext_lazy("corrected, since something else was agreed"), "person-found": gettext_lazy("its person is known now"),
    "person-lost": gettext_lazy("its person is no longer known"), "same-person": gettext_lazy("of the same person as the other record"),
    "not-same-person": gettext_lazy("not of the same person as the other record"),
}  # fmt: skip


@dataclass(frozen=True)
class PlatformTable:
    """A table ready to be written: its columns with headings in the reader's language, its rows (column key → value)."""

    form: SheetFormat
    rows: list[Row]


def platform_table(by: Actor, provider: str, what: str, since: date, until: date, means: Means) -> PlatformTable:
    """One of `PLATFORM_TABLES` of a platform, of the days from `since` to `until`: of the events (records, reconciliation,
    counted), or of the arrival (deliveries, refused, changes); of the sandbox (check) everything.

    Refuses `days-out-of-range` (more than a year, or backwards), `too-many-rows`; `not-found`.
    """
    books_of(by, provider, since, until)  # refuses days that cannot be asked for, and whoever may not ask
    columns, rows = _TABLES[what]
    found: list[Row] = []
    for row in rows(by, provider, since, until, means):
        if len(found) == MOST_ROWS:
            raise Refused(
                "too-many-rows", _("The table has more than %(most)s rows; ask for fewer days."), most=MOST_ROWS
            )
        found.append(row)
    form = tuple(Column(key, kind, (str(heading),)) for key, heading, kind in columns)
    return PlatformTable(SheetFormat(f"platform-{what}", form, needed=()), found)


def check_of(by: Actor, provider: str) -> tuple[int, int, QuerySet[RefusedRow]]:
    """What lies in the sandbox of a platform: how many records, how many of these name somebody whom it does not know, and the rows
    that are wrong and have not come again. Refuses `not-found`, also where no sandbox was opened."""
    sandbox = source_code(provider, sandbox=True)
    right = delivered(by, sandbox)
    return right.count(), right.filter(invented__isnull=True).count(), refusals_of(by, sandbox, waiting=True)


def _records(by: Actor, provider: str, since: date, until: date, means: Means) -> Iterator[Row]:  # noqa: ARG001 (one shape)
    for row in delivered(by, provider).filter(event_on__range=(since, until)).iterator():
        yield {
            "id": row.source_id, "revision": row.revision, "state": STATES[row.state], "state_code": row.state,
            "person_found": _yes(row.known), "mode": row.mode, "course": row.course, "title": row.title,
            "starts_at": _moment(row.starts_at), "ends_at": _moment(row.ends_at), "minutes": row.minutes, "passed": _yes(row.passed),
            "arrived_at": _moment(row.arrived_at),
        }  # fmt: skip


def _deliveries(by: Actor, provider: str, since: date, until: date, means: Means) -> Iterator[Row]:  # noqa: ARG001 (one shape)
    for row in _within(deliveries_of(by, provider), since, until):
        yield {
            "delivery": str(row.pk), "at": _moment(row.at), "way": row.door, "name": row.name, "rows": row.rows, "created": row.created,
            "unchanged": row.unchanged, "conflict": row.conflict, "refused": row.refused - row.conflict,
        }  # fmt: skip


def _refused(by: Actor, provider: str, since: date, until: date, means: Means) -> Iterator[Row]:
    for row in _within(refusals_of(by, provider), since, until, "batch__at"):
        yield {
            "delivery": str(row.batch_id), "at": _moment(row.batch.at), "place": row.place, "id": row.source_id,
            "why": means.get(row.code, row.code), "field": str(row.params.get("field", "")), "code": row.code,
            "settled": _yes(row.settled),
        }  # fmt: skip


def _reconciliation(by: Actor, provider: str, since: date, until: date, means: Means) -> Iterator[Row]:  # noqa: ARG001
    for day in reversed(compare_books(by, provider, since, until)):
        ours, theirs = day.ours, day.theirs
        said: Row = {} if theirs is None else {
            "records_there": theirs.records, "minutes_there": theirs.minutes, "people_there": theirs.people, "passes_there": theirs.passes,
        }  # fmt: skip
        states = {True: _("agrees"), False: _("differs"), None: _("the platform said nothing")}
        yield {
            "on": day.on, "records": ours.records, "minutes": ours.minutes, "people": day.everybody, "passes": ours.passes,
            "unknown": ours.unknown, **said, "state": states[day.agrees],
        }  # fmt: skip


def _counted(by: Actor, provider: str, since: date, until: date, means: Means) -> Iterator[Row]:  # noqa: ARG001 (one shape)
    for account in account_of_source(by, provider, since, until):
        for line in (*account.counted, *account.left_out):
            yield {"programme": account.programme.code, "programme_title": account.title, **_line(line)}


def _line(line: SourceLine) -> Row:
    return {
        "kind": line.title, "counts": _yes(not line.reason), "why": line.text if line.reason else "", "records": line.records,
        "people": line.people, "minutes": line.minutes, "code": line.reason,
    }  # fmt: skip


def _changes(by: Actor, provider: str, since: date, until: date, means: Means) -> Iterator[Row]:  # noqa: ARG001 (one shape)
    for row in _within(changes_of(by, provider), since, until):
        yield {
            "number": row.pk, "at": _moment(row.at), "id": row.record.source_id, "what": CHANGED[row.what],
            "other": row.other.source_id if row.other else "", "code": row.what,
        }  # fmt: skip


def _check(by: Actor, provider: str, since: date, until: date, means: Means) -> Iterator[Row]:  # noqa: ARG001 (all of it)
    sandbox = source_code(provider.removesuffix(SANDBOX), sandbox=True)
    sandbox_read(by, sandbox)
    for row in refusals_of(by, sandbox, waiting=True):
        yield {
            "verdict": _("wrong"), "at": _moment(row.batch.at), "place": row.place, "id": row.source_id,
            "why": means.get(row.code, row.code), "field": str(row.params.get("field", "")), "code": row.code,
        }  # fmt: skip
    for one in delivered(by, sandbox).iterator():
        yield {
            "verdict": _("right") if one.known else _("right, but have a look"), "at": _moment(one.arrived_at), "id": one.source_id,
            "why": "" if one.known else _("The sandbox does not know this person; it knows the five invented ones only."),
            "minutes": one.minutes,
        }  # fmt: skip


def _within(rows: QuerySet[Any], since: date, until: date, at: str = "at") -> Iterator[Any]:
    """Those that arrived in these days."""
    days = datetime.combine(since, time.min, CIVIL), datetime.combine(until, time.max, CIVIL)
    return iter(rows.filter(**{f"{at}__range": days}).iterator())


def _yes(told: bool) -> str:  # noqa: FBT001 (a cell)
    return _("yes") if told else _("no")


def _moment(at: Any) -> str:
    return str(at.astimezone(CIVIL).isoformat(sep=" ", timespec="seconds"))


_INTEGER, _TEXT = Kind.INTEGER, Kind.TEXT
Heading = tuple[str, object, Kind]


def _of(*columns: tuple[str, object], numbers: Iterable[str] = ()) -> Sequence[Heading]:
    whole = {*numbers}
    return [(key, heading, _INTEGER if key in whole else _TEXT) for key, heading in columns]


_ID, _WHEN, _WHY, _FIELD, _CODE = (
    ("id", gettext_lazy("Your id of the record")), ("at", gettext_lazy("When")), ("why", gettext_lazy("Why")),
    ("field", gettext_lazy("Field at fault")), ("code", gettext_lazy("Why (code)")),
)  # fmt: skip
_DELIVERY, _PLACE = ("delivery", gettext_lazy("Delivery")), ("place", gettext_lazy("Row"))
_MINUTES, _RECORDS, _PEOPLE = (
    ("minutes", gettext_lazy("Minutes")), ("records", gettext_lazy("Records")), ("people", gettext_lazy("People")),
)  # fmt: skip

_TABLES: Mapping[str, tuple[Sequence[Heading], Callable[[Actor, str, date, date, Means], Iterator[Row]]]] = {
    "records": (
        _of(
            _ID, ("revision", gettext_lazy("Revision")), ("state", gettext_lazy("State")), ("state_code", gettext_lazy("State (code)")),
            ("person_found", gettext_lazy("Is the person known?")), ("mode", gettext_lazy("How they learned")),
            ("course", gettext_lazy("Code of the course")), ("title", gettext_lazy("Course")), ("starts_at", gettext_lazy("Start")),
            ("ends_at", gettext_lazy("End")), _MINUTES, ("passed", gettext_lazy("Passed")), ("arrived_at", gettext_lazy("Arrived")),
            numbers=("revision", "minutes"),
        ),
        _records,
    ),
    "deliveries": (
        _of(
            _DELIVERY, _WHEN, ("way", gettext_lazy("How")), ("name", gettext_lazy("Name")), ("rows", gettext_lazy("Rows")),
            ("created", gettext_lazy("New")), ("unchanged", gettext_lazy("Known already")), ("conflict", gettext_lazy("In conflict")),
            ("refused", gettext_lazy("Refused")), numbers=("rows", "created", "unchanged", "conflict", "refused"),
        ),
        _deliveries,
    ),
    "refused": (
        _of(_DELIVERY, _WHEN, _PLACE, _ID, _WHY, _FIELD, _CODE, ("settled", gettext_lazy("Has it come again?")), numbers=("place",)),
        _refused,
    ),
    "reconciliation": (
        _of(
            ("on", gettext_lazy("Day")), ("records", gettext_lazy("Records here")), ("records_there", gettext_lazy("Records there")),
            ("minutes", gettext_lazy("Minutes here")), ("minutes_there", gettext_lazy("Minutes there")),
            ("people", gettext_lazy("People here")), ("people_there", gettext_lazy("People there")),
            ("passes", gettext_lazy("Passes here")), ("passes_there", gettext_lazy("Passes there")),
            ("unknown", gettext_lazy("Records of unknown people")), ("state", gettext_lazy("State")),
            numbers=(
                "records", "records_there", "minutes", "minutes_there", "people", "people_there", "passes", "passes_there", "unknown",
            ),
        ),
        _reconciliation,
    ),
    "counted": (
        _of(
            ("programme", gettext_lazy("Programme (code)")), ("programme_title", gettext_lazy("Programme")),
            ("kind", gettext_lazy("Kind of learning")), ("counts", gettext_lazy("Does it count?")), _WHY, _RECORDS, _PEOPLE,
            _MINUTES, _CODE,
            numbers=("records", "people", "minutes"),
        ),
        _counted,
    ),
    "changes": (
        _of(
            ("number", gettext_lazy("Place in the feed")), _WHEN, _ID, ("what", gettext_lazy("What changed")),
            ("other", gettext_lazy("The other record")), ("code", gettext_lazy("What changed (code)")), numbers=("number",),
        ),
        _changes,
    ),
    "check": (
        _of(("verdict", gettext_lazy("Right or wrong")), _ID, _WHY, _FIELD, _CODE, _WHEN, _PLACE, _MINUTES, numbers=("place", "minutes")),
        _check,
    ),
}  # fmt: skip
PLATFORM_TABLES = tuple(_TABLES)
