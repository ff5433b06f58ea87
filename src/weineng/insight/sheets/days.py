"""Times of day for rows that name none: an event needs an interval, and an invented one must not change what counts.

Rows of one person and day are laid end to end from eight o'clock, never into the next day: the event date is the day the
row says. Where a day is too short they share it. A row that is known already keeps the times it has, so that the same sheet
again, in part or in another order, says the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from weineng.kernel.clock import CIVIL
from weineng.learning.models import Provider, Record
from weineng.learning.queries import latest_revisions
from weineng.learning.rules import RecordRow
from weineng.organisations.rules import digest_of

BEGINS, ENDS = time(8), time(23, 59, 59)


@dataclass(frozen=True)
class Going:
    """A row on its way to be delivered: its number, its record, and what the sheet says (`day`, `start`, `end`)."""

    row: int
    record: RecordRow
    given: Mapping[str, Any]


Interval = tuple[datetime, datetime]


def lay_out(provider: str, rows: Sequence[Going]) -> list[Going]:
    """The rows with start and end, in the same order."""
    places = {place: when for place, row in enumerate(rows) if (when := _said(row))}
    source = Provider.objects.filter(code=provider).values_list("pk", flat=True).first()
    if source is not None:
        places |= _known(source, {p: row for p, row in enumerate(rows) if p not in places})
    days: dict[tuple[str, str, date], list[int]] = defaultdict(list)
    taken: dict[tuple[str, str, date], datetime] = {}
    for place, row in enumerate(rows):
        key = (row.record.person_type, row.record.person_number, row.given["day"])
        if place in places:
            taken[key] = max(places[place][1], taken.get(key, places[place][1]))
        else:
            days[key].append(place)
    for key, stored in (_stored(source, days) if source is not None else {}).items():
        taken[key] = max(stored, taken.get(key, stored))
    for key, waiting in days.items():
        lengths = [timedelta(minutes=rows[place].record.minutes or 0) for place in waiting]
        places |= dict(zip(waiting, _share(key[2], taken.get(key), lengths), strict=True))
    return [_timed(row, places[place]) for place, row in enumerate(rows)]


def _timed(row: Going, when: Interval) -> Going:
    return replace(row, record=replace(row.record, starts_at=when[0], ends_at=when[1]))


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, CIVIL)


def _said(row: Going) -> Interval | None:
    """What the sheet itself says; with one of the two the minutes give the other, inside the day."""
    day, start, end = row.given["day"], row.given.get("start"), row.given.get("end")
    length = timedelta(minutes=row.record.minutes or 0)
    if start and end:
        return _at(day, start), _at(day, end)
    if start:
        return _at(day, start), min(_at(day, start) + length, _at(day, ENDS))
    return (_at(day, end) - length, _at(day, end)) if end else None


def _known(source: int, rows: Mapping[int, Going]) -> dict[int, Interval]:
    """The times of records that say the same otherwise."""
    stored = latest_revisions(source, {row.record.source_id for row in rows.values()})
    known = {}
    for place, row in rows.items():
        for old in stored.get(row.record.source_id, []):
            if old.minutes == row.record.minutes and old.event_on == row.given["day"] and old.starts_at and old.ends_at:
                known[place] = (old.starts_at, old.ends_at)
    return known


def _stored(source: int, keys: Iterable[tuple[str, str, date]]) -> dict[tuple[str, str, date], datetime]:
    """When the last event of this source ends, for each person and day."""
    digests = {digest_of(kind, number): (kind, number) for kind, number, _day in keys}
    rows = Record.objects.in_force().filter(
        provider=source, person_digest__in=digests, event_on__in={day for _kind, _number, day in keys}
    )
    ends: dict[tuple[str, str, date], datetime] = {}
    for digest, day, end in rows.values_list("person_digest", "event_on", "ends_at").order_by("ends_at"):
        ends[(*digests[digest], day)] = end
    return ends


def _share(day: date, after: datetime | None, lengths: Sequence[timedelta]) -> list[Interval]:
    """Intervals end to end within what is left of the day; shortened in proportion where it is not enough."""
    total, close = sum(lengths, timedelta()), _at(day, ENDS)
    begin = max(_at(day, BEGINS), after) if after else _at(day, BEGINS)
    if after is None and total > close - begin:
        begin = _at(day, time())
    room = max(close - begin, timedelta())
    intervals = []
    for length in lengths:
        part = length if total <= room else timedelta(seconds=int(room.total_seconds() * (length / total)))
        intervals.append((min(begin, close), min(begin + part, close)))
        begin += part
    return intervals
