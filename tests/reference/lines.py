"""The lines of an account of minutes, and the calendar it is kept by."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
NEVER = datetime.max.replace(tzinfo=ZONE)


def civil(instant: datetime) -> date:
    """The civil date of an instant (2)."""
    return instant.astimezone(ZONE).date()


@dataclass(frozen=True)
class Line:
    """Minutes of one record or result, as one kind, that count (`reason` '') or do not, for one reason."""

    origin: str  # record, result, submission
    number: int
    kind: str
    minutes: int
    on: date
    reason: str = ""
    ref: str = ""
    flagged: bool = False


def together(lines: list[Line]) -> list[Line]:
    """One line where two say the same of one record: its minutes moved by two caps, or capped twice by one."""
    sums: dict[tuple[object, ...], Line] = {}
    for line in lines:
        key = (line.origin, line.number, line.kind, line.reason, line.ref)
        same = sums.get(key)
        sums[key] = line if same is None else replace(same, minutes=same.minutes + line.minutes)
    return list(sums.values())
