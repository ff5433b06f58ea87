"""The instant of a statement and its place in the order, which are one number.

`seq` = microseconds since 2020 × 4096 + turn (63 bits last until 2091). A call takes the next turn of 4096, and its statements
follow each other by a microsecond, so that two calls of the same instant never give the same number.
"""

from datetime import UTC, datetime, timedelta

TURNS = 4096
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_LAST = (1 << 63) - 1
_MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """Whole microseconds since 2020."""
    return (at - _EPOCH) // _MICROSECOND


def instant(seq: int) -> datetime:
    """When the statement of this place was stored."""
    return _EPOCH + timedelta(microseconds=seq // TURNS)


def first_at(at: datetime, *, after: bool = False) -> int:
    """The least `seq` of an instant; of the instant `after` it."""
    return max(-_LAST, min(_LAST, (microseconds(at) + after) * TURNS))


def at_millisecond(milliseconds: int) -> datetime:
    """The instant so many milliseconds after the beginning of 2020."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def written(at: datetime) -> str:
    """An instant as statements and headers show it: UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
