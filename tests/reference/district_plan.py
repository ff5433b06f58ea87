"""The numbers of the district plan P4, copied by hand from its text: 20 hours of learning online and 30 of practice.

Not read from the programme's document on purpose: if somebody changes a number there, the comparison fails.
One hour of learning is 45 minutes.
"""

from dataclasses import dataclass
from datetime import date

HOUR = 45


@dataclass(frozen=True)
class Demand:
    """Minutes of some kinds, at least `minimum`."""

    code: str
    kinds: tuple[str, ...]
    minimum: int


@dataclass(frozen=True)
class Cap:
    """At most `minutes` of some kinds per record, day, course or kind. The rest counts for nothing or moves once."""

    code: str
    per: str
    kinds: tuple[str, ...]
    minutes: int
    excess_to: str = ""


@dataclass(frozen=True)
class Plan:
    """A plan in numbers; all minutes are whole minutes, both ends of the cycle are included."""

    starts: date
    cut_off: date
    late_until: date
    kinds: tuple[tuple[str, tuple[str, ...]], ...]  # kind and the modes of records that become it
    point_kind: str  # earned by points …
    point_minutes: int
    recording_kind: str  # … and by the recording
    recording_minutes: int
    caps: tuple[Cap, ...]
    demands: tuple[Demand, ...]
    points: int  # passed points of the choice
    points_in_each: int  # in each opened value
    excellent_points: int
    earned_on: str = "passed"  # or handed_in


P4 = Plan(
    starts=date(2026, 1, 1),
    cut_off=date(2027, 6, 30),
    late_until=date(2027, 8, 31),
    kinds=(("online", ("online",)), ("research", ("school-research",))),
    point_kind="evidence",
    point_minutes=5 * HOUR,
    recording_kind="recording",
    recording_minutes=5 * HOUR,
    caps=(
        Cap("day-online", "day", ("online",), 8 * HOUR),
        Cap("evidence", "kind", ("evidence",), 15 * HOUR),
        Cap("recording", "kind", ("recording",), 5 * HOUR),
    ),
    demands=(
        Demand("online", ("online",), 20 * HOUR),
        Demand("evidence", ("evidence",), 15 * HOUR),
        Demand("research", ("research",), 10 * HOUR),
        Demand("recording", ("recording",), 5 * HOUR),
        Demand("practice", ("evidence", "research", "recording"), 30 * HOUR),
        Demand("total", ("online", "evidence", "research", "recording"), 50 * HOUR),
    ),
    points=3,
    points_in_each=1,
    excellent_points=2,
)

# The 30 points of the standard and their dimension, which is the axis of this plan.
DIMENSIONS = {
    "learner-analysis": ("A1", "B1"),
    "teaching-design": ("A2", "A3", "A4", "B2", "B3", "C1", "C2"),
    "learning-guidance": ("A5", "A6", "A7", "A8", "A9", "A10", "B4", "B5", "B6", "B7", "B8", "C3", "C4", "C5"),
    "academic-assessment": ("A11", "A12", "A13", "B9", "B10", "C6", "C7"),
}


def dimension_of(point: str) -> str:
    """The dimension a point belongs to."""
    for dimension, points in DIMENSIONS.items():
        if point in points:
            return dimension
    raise KeyError(point)
