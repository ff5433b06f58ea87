"""What a source may say of one learning event, and what becomes of each row it sends.

A record is refused for its shape only; whether its minutes count is the programme's business (`progress`).
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused
from weineng.programmes.rules import MODES

CHANGES = (
    "voided", "restored", "corrected", "person-found", "person-lost", "same-person", "not-same-person",
)  # what platforms are told of their records  # fmt: skip
DERIVED = ("evidence", "recording", "results")  # earned by results, never delivered (semantics 12)
LONGEST = 24 * 60 * 31  # minutes: a month without a break is a slip of the keyboard
CLOCK_SKEW = timedelta(minutes=10)  # a platform's clock may be ahead of ours by so much
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # before this no programme was; what lies earlier is a slip of the keyboard
RESERVED = ("void:", "restored:")  # ids that the offices' own decisions bear
ID_LENGTH = 80


@dataclass(frozen=True)
class RecordRow:
    """One row of a delivery. Give `minutes`, or `periods` (at most two decimals) where the provider's period is agreed.

    `supersedes`: the source id this row corrects (its own id where it corrects itself). `voids`: the source id this row
    withdraws; then only `source_id` and `reason` are needed besides. `passed`: the course was passed with it.
    """

    source_id: str
    person_type: str = ""
    person_number: str = ""
    person_name: str = ""
    mode: str = ""
    course: str = ""
    title: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    minutes: int | None = None
    periods: Decimal | None = None
    supersedes: str = ""
    voids: str = ""
    reason: str = ""
    passed: bool = False


@dataclass(frozen=True)
class RowResult:
    """What became of one row, in input order. `record` is the id of the record that now holds it; `params` are the values of
    the message, and `field` the field at fault where there is one."""

    source_id: str
    status: Literal["created", "unchanged", "refused", "conflict"]
    code: str = ""
    params: dict[str, object] = field(default_factory=dict)
    message: object = ""
    record: int | None = None
    person_found: bool = False
    name_differs: bool = False  # the roster has another name with this number


@dataclass(frozen=True)
class Books:
    """What somebody has in their books of the events of one day: records in force, their minutes, how many people they are about,
    how many of the records say that the course was passed (None: they say nothing of it)."""

    on: date
    records: int
    minutes: int
    people: int
    passes: int | None = None

    @property
    def numbers(self) -> tuple[int, int, int, int | None]:
        """Records, minutes, people, passes."""
        return self.records, self.minutes, self.people, self.passes


def minutes_of(row: RecordRow, period_minutes: int) -> int:
    """Whole minutes of a row (semantics 1). Refuses `minutes-missing`, `minutes-and-periods`, `periods-not-agreed`,
    `periods-too-fine`, `fraction-of-minute`, `minutes-out-of-range`."""
    if row.minutes is not None and row.periods is not None:
        raise Refused("minutes-and-periods", _("Give minutes or periods, not both."), field="minutes")
    if row.minutes is not None:
        minutes = row.minutes
    elif row.periods is not None:
        minutes = _from_periods(row.periods, period_minutes)
    else:
        raise Refused("minutes-missing", _("Minutes are missing."), field="minutes")
    if not 0 <= minutes <= LONGEST:
        raise Refused(
            "minutes-out-of-range", _("Minutes must be between 0 and %(longest)s."), field="minutes", longest=LONGEST
        )
    return minutes


def _from_periods(periods: Decimal, period_minutes: int) -> int:
    if not period_minutes:
        raise Refused(
            "periods-not-agreed", _("No length of a period is agreed for this source; send minutes."), field="periods"
        )
    if periods != periods.quantize(Decimal("0.01")):
        raise Refused("periods-too-fine", _("Periods have at most two decimals."), field="periods")
    exact = periods * period_minutes
    if exact != int(exact):
        raise Refused(
            "fraction-of-minute", _("%(periods)s periods of %(length)s minutes are not whole minutes."),
            field="periods", periods=str(periods), length=period_minutes,
        )  # fmt: skip
    return int(exact)


def check_row(row: RecordRow, now: datetime) -> None:
    """Refuse a row for its shape: `id-missing`, `id-too-long`, `id-reserved`, `text-too-long`, `person-missing`,
    `derived-kind`, `mode-unknown`, `course-missing`, `time-missing`, `time-without-zone`, `ends-before-start`,
    `in-the-future`, `too-long-ago`."""
    _check_id(row.source_id)
    _check_lengths(row, ("supersedes", ID_LENGTH), ("voids", ID_LENGTH))
    if row.voids:
        return
    if not row.person_type or not row.person_number:
        raise Refused("person-missing", _("The record does not say whose it is."), field="person_number")
    if row.mode in DERIVED:
        raise Refused("derived-kind", _("Minutes of results cannot be delivered."), field="mode")
    if row.mode not in MODES:
        raise Refused("mode-unknown", _("There is no mode “%(mode)s”."), field="mode", mode=row.mode[:24])
    if not row.course.strip():
        raise Refused("course-missing", _("The course is missing."), field="course")
    _check_lengths(
        row, ("course", 120), ("title", 200), ("person_name", 80), ("person_number", 80), ("person_type", 48)
    )
    _check_times(row.starts_at, row.ends_at, now)


def _check_id(source_id: str) -> None:
    if not source_id.strip():
        raise Refused("id-missing", _("The record has no id."), field="id")
    if len(source_id) > ID_LENGTH:
        raise Refused("id-too-long", _("The id has more than 80 characters."), field="id")
    if source_id.startswith(RESERVED):
        raise Refused("id-reserved", _("Ids that begin so are given by the office; choose another."), field="id")


def _check_lengths(row: RecordRow, *fields: tuple[str, int]) -> None:
    for name, longest in fields:
        if len(getattr(row, name)) > longest:
            raise Refused("text-too-long", _("At most %(longest)s characters."), field=name, longest=longest)


def _check_times(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> None:
    for name, at in (("starts_at", starts_at), ("ends_at", ends_at)):
        if at is None:
            raise Refused("time-missing", _("Start and end are needed."), field=name)
        if at.tzinfo is None:
            raise Refused("time-without-zone", _("Times need their offset, e.g. +08:00."), field=name)
    if starts_at is None or ends_at is None:  # for the type checker: the loop has seen to it
        return
    if ends_at < starts_at:
        raise Refused("ends-before-start", _("The end is before the start."), field="ends_at")
    if ends_at > now + CLOCK_SKEW:
        raise Refused("in-the-future", _("The event has not ended yet."), field="ends_at")
    if starts_at < EARLIEST:
        raise Refused("too-long-ago", _("Nothing before the year 2000 is taken."), field="starts_at")


def content_hash(row: RecordRow, minutes: int) -> str:
    """Equal for two rows that say the same, however they were written (64 hex digits)."""
    said = asdict(row) | {"minutes": minutes, "periods": None}
    if not row.passed:
        del said["passed"]  # whoever never heard of passes says the same as before
    for name in ("starts_at", "ends_at"):
        if said[name] is not None:
            said[name] = said[name].timestamp()
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
