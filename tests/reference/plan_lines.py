"""The lines a plan is made of, as plain values: what docs/rules.md and ADR 0070 call the lines of a document.

All minutes are whole minutes, all credits whole hundredths; both ends of the cycle are included.
"""

from dataclasses import dataclass
from datetime import date

from tests.reference.standard import DIMENSIONS, dimension_of, environment_of

HOUR = 45  # minutes of one hour of learning
CREDIT = 100  # hundredths


# --- What counts --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cap:
    """At most `minutes` of some kinds per record, day, course or kind. The rest counts for nothing or moves once (9)."""

    code: str
    per: str
    kinds: tuple[str, ...]
    minutes: int
    excess_to: str = ""


@dataclass(frozen=True)
class Gate:
    """Records of the kinds `opens` count from the day on which `kinds` have reached `minutes` (8, 10)."""

    code: str
    kinds: tuple[str, ...]
    minutes: int
    opens: tuple[str, ...]
    before: str  # refuse, not-counted, keep


@dataclass(frozen=True)
class Earning:
    """What one passed point, or the recording, earns (17)."""

    item: str  # point, recording
    kind: str
    minutes: int
    earned_on: str = "passed"  # or handed_in


# --- What is demanded ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Minutes:
    """Minutes of some kinds, at least `minimum`; more where the school bears a flag."""

    code: str
    kinds: tuple[str, ...]
    minimum: int
    for_flag: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Share:
    """Minutes of some kinds, at least `share` per cent of what another demand requires, or of what counts for it (11)."""

    code: str
    kinds: tuple[str, ...]
    share: int
    of: str
    base: str = "required"  # or counted


@dataclass(frozen=True)
class Part:
    """Of the points that count, at least `minimum` have one of `values` on `axis`."""

    code: str
    axis: str
    values: tuple[str, ...]
    minimum: int


@dataclass(frozen=True)
class Points:
    """So many points at `level` or better, so many in each opened value, and in each part (16)."""

    code: str
    minimum: int
    each_opened: int = 0
    for_flag: tuple[tuple[str, int], ...] = ()
    parts: tuple[Part, ...] = ()
    level: str = "pass"
    of: str = "choice"  # or declared


@dataclass(frozen=True)
class Credits:
    """Credits of passed points, at least `minimum` hundredths (18)."""

    code: str
    minimum: int
    of: str = "choice"


@dataclass(frozen=True)
class NoneFailed:
    """No point is failed (25)."""

    code: str
    of: str = "choice"


@dataclass(frozen=True)
class Items:
    """So many of an item are done: recording, handbook, school-plan, declaration, self-diagnosis."""

    code: str
    item: str
    minimum: int = 1


Demand = Minutes | Share | Points | Credits | NoneFailed | Items


# --- Points and their choice --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Point:
    """A point of the standard, or one that a city or county has added."""

    code: str
    environment: str
    dimension: str
    credits: int = 0
    local: bool = False


def points_of_standard(worth: int = 0) -> tuple[Point, ...]:
    """All 30, each worth so many hundredths of a credit."""
    codes = [code for codes in DIMENSIONS.values() for code in codes]
    return tuple(Point(code, environment_of(code), dimension_of(code), worth) for code in codes)


@dataclass(frozen=True)
class Choosing:
    """How many values a school opens and how many points a teacher takes (14, 15); nobody opens where that is 0."""

    opened: int = 0
    opened_for_flag: tuple[tuple[str, int], ...] = ()
    environments: tuple[str, ...] = ()  # only points of these; (): of all
    dimensions: tuple[str, ...] = ()
    points: int = 0
    each_opened: int = 0
    credits: int = 0
    declare: bool = False  # of the points chosen the teacher declares those that are assessed


# --- The whole ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Plan:
    """A plan in numbers."""

    starts: date
    cut_off: date
    late_until: date
    kinds: tuple[tuple[str, tuple[str, ...]], ...]  # delivered kinds and the modes of records that become them
    demands: tuple[Demand, ...]
    results: tuple[Earning, ...] = ()
    caps: tuple[Cap, ...] = ()
    gates: tuple[Gate, ...] = ()
    points: tuple[Point, ...] = points_of_standard()
    axis: str = "dimension"
    choosing: Choosing = Choosing()
    excellent_points: int = 0  # 0: the plan has no such level
    profile: bool = False
    handbook: tuple[str, ...] = ()  # codes of its tasks
    exclusive_with: tuple[str, ...] = ()  # programmes whose records count for nothing here
    advice: tuple[Demand, ...] = ()  # shown and never judged: what a plan only suggests
    assumed: tuple[str, ...] = ()  # what the plan leaves open and we have filled in


def point_of(plan: Plan, code: str) -> Point:
    """The point of this code."""
    for point in plan.points:
        if point.code == code:
            return point
    raise KeyError(code)


def axis_value(plan: Plan, code: str, axis: str) -> str:
    """The value of a point on an axis (13)."""
    point = point_of(plan, code)
    return point.dimension if axis == "dimension" else point.environment


def derived_kinds(plan: Plan) -> list[str]:
    """Kinds of minutes that only results earn (12)."""
    return [earning.kind for earning in plan.results]
