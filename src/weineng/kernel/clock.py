"""The only source of now.

Every rule of the programme compares dates, so every part must agree on the instant. A demonstration plays months in
seconds by setting this clock forward; outside demonstration mode that is refused, and the clock is the machine's.
"""

import json
import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from weineng.kernel.refusals import Refused

CIVIL = ZoneInfo("Asia/Shanghai")


class _Shift:
    """The demonstration's offset, read from its file whenever the file changes (one `stat` a call)."""

    def __init__(self) -> None:
        self.stamp: tuple[int, int] | None = None
        self.offset = timedelta(0)

    def read(self) -> timedelta:
        place = _place()
        if place is None:
            return timedelta(0)
        try:
            stat = place.stat()
        except FileNotFoundError:
            return timedelta(0)
        if (stat.st_mtime_ns, stat.st_ino) != self.stamp:
            self.offset = timedelta(seconds=json.loads(place.read_text())["offset_seconds"])
            self.stamp = (stat.st_mtime_ns, stat.st_ino)
        return self.offset


_shift = _Shift()


def _place() -> Path | None:
    """The file that holds the offset; None outside demonstration mode."""
    if os.environ.get("WEINENG_DEMO") != "1":
        return None
    return Path(os.environ.get("WEINENG_DATA", "var")) / "clock.json"


def now() -> datetime:
    """This instant, aware, in UTC."""
    return machine_now() + _shift.read()


def machine_now() -> datetime:
    """What the machine's clock says, in UTC: only for codes that a telephone makes by its own clock, which does not follow
    the demonstration's."""
    return datetime.fromtimestamp(time.time(), UTC)


def today(zone: ZoneInfo = CIVIL) -> date:
    """The civil date in `zone` at this instant."""
    return civil_date(now(), zone)


def civil_date(at: datetime, zone: ZoneInfo = CIVIL) -> date:
    """The civil date of an instant (semantics 2)."""
    return at.astimezone(zone).date()


def set_forward(to: datetime) -> None:
    """Move the demonstration's clock to `to`.

    Refuses `clock-not-settable` outside demonstration mode, `clock-backwards` for an instant before the present one
    (only a demonstration that has no clock file yet may start in the past).
    """
    place = _place()
    if place is None:
        raise Refused("clock-not-settable", "The clock can be set in a demonstration only.")
    if place.exists() and to < now():
        raise Refused("clock-backwards", "The clock can only be set forward.")
    offset = to - machine_now()
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_suffix(".new")
    fresh.write_text(json.dumps({"offset_seconds": offset.total_seconds()}))
    fresh.replace(place)
