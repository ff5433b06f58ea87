"""What a roster on its way in is: how large, in which states, kept for how long."""

from datetime import timedelta

MOST_ROWS = 20_000  # of one roster: a district
AT_ONCE = 500  # rows that go in while one waits; more are the worker's
BEGUN_AT_MOST = 5  # times that the worker sets about one that never comes to an end, before it is refused
KEPT_FOR = timedelta(days=7)
SHEETS = "imports."  # how the purpose of every sheet's upload begins
STATES = ("read", "waiting", "done", "refused")


def roster_purpose(unit: int) -> str:
    """What an upload is for that holds a roster of a unit."""
    return f"{SHEETS}roster:{unit}"
