"""Where a teacher stands against each demand: what they have, what is needed, what is missing (ADR 0070 "Demands")."""

from dataclasses import dataclass
from datetime import date

from tests.reference.facts import Choice, Declaration, Result
from tests.reference.lines import Line
from tests.reference.plan_lines import (
    Credits,
    Demand,
    Items,
    Minutes,
    NoneFailed,
    Plan,
    Points,
    Share,
    axis_value,
    point_of,
)
from tests.reference.points import choice_in_force, chosen_points, declared_points, is_at, is_failed


@dataclass(frozen=True)
class Standing:
    """Where a teacher stands against one demand."""

    demand: str
    have: int
    need: int
    met: bool
    state: str  # met, open, exempt, left
    reasons: tuple[str, ...] = ()  # of an open demand: what is missing


@dataclass(frozen=True)
class Situation:
    """All that demands are held against."""

    plan: Plan
    on: date
    lines: list[Line]
    choices: list[Choice]
    results: list[Result]
    declarations: list[Declaration]
    exempt: list[str]  # codes in force; '*': everything
    flags: tuple[str, ...]  # of the school on the first day of the enrolment
    done: dict[str, int]  # how many of each item


# --- Minimums -----------------------------------------------------------------------------------------------------
def minimum_of(demand: Minutes | Points, flags: tuple[str, ...]) -> int:
    """The largest of the value without flag and those of the flags borne (ADR 0070 "Flags")."""
    minimum = demand.minimum
    for flag, value in demand.for_flag:
        if flag in flags and value > minimum:
            minimum = value
    return minimum


def contains(outer: Minutes, inner: Minutes) -> bool:
    """All kinds of `inner` and more."""
    return set(inner.kinds) < set(outer.kinds)


def needed_minutes(demand: Minutes, s: Situation) -> int:
    """The minimum, less what was taken away inside it; of exempted demands inside each other only the outer (32)."""
    inside = []
    for other in s.plan.demands:
        if isinstance(other, Minutes) and other.code in s.exempt and contains(demand, other):
            inside.append(other)
    need = minimum_of(demand, s.flags)
    for other in inside:
        within_another = False
        for outer in inside:
            if contains(outer, other):
                within_another = True
        if not within_another:
            need -= minimum_of(other, s.flags)
    return max(need, 0)


def demand_named(plan: Plan, code: str) -> Demand:
    """The demand of this code."""
    for demand in plan.demands:
        if demand.code == code:
            return demand
    raise KeyError(code)


def is_removed(demand: Demand, s: Situation) -> bool:
    """Exempted by its name, or nothing is left to ask for because others were: it is exempt like those (32)."""
    if demand.code in s.exempt:
        return True
    if isinstance(demand, Minutes):
        return minimum_of(demand, s.flags) > 0 and needed_minutes(demand, s) == 0
    if isinstance(demand, Share) and demand.base == "required":
        return is_removed(demand_named(s.plan, demand.of), s)
    return False


# --- Each type ----------------------------------------------------------------------------------------------------
def counted(s: Situation, kinds: tuple[str, ...]) -> int:
    """Counted minutes of some kinds (9)."""
    minutes = 0
    for line in s.lines:
        if line.reason == "" and line.kind in kinds:
            minutes += line.minutes
    return minutes


def minutes_standing(demand: Minutes, s: Situation) -> Standing:
    """Counted minutes of the demand's kinds against its minimum (1)."""
    have, need = counted(s, demand.kinds), needed_minutes(demand, s)
    return settled(demand, s, have, need, have >= need, (f"minutes-short {need - have}",))


def share_standing(demand: Share, s: Situation) -> Standing:
    """Counted minutes against so many per cent of what the other demand requires, or of what counts for it (11)."""
    of = demand_named(s.plan, demand.of)
    if demand.base == "counted":
        base = counted(s, of.kinds)
    elif is_removed(of, s):
        base = 0
    else:
        base = needed_minutes(of, s)
    have = counted(s, demand.kinds)
    need = (demand.share * base + 99) // 100  # rounded up
    return settled(demand, s, have, need, 100 * have >= demand.share * base, (f"share-short {need - have}",))


def points_asked(of: str, s: Situation) -> list[str]:
    """The points of the choice, or the declared ones."""
    if of == "choice":
        return chosen_points(s.choices, s.results)
    return declared_points(s.plan, s.choices, s.results, s.declarations, s.on)


def points_standing(demand: Points, s: Situation) -> Standing:
    """Enough points at the level, enough in each value that the school had opened, and in each part (16)."""
    chosen = choice_in_force(s.choices)
    counting = [point for point in points_asked(demand.of, s) if is_at(s.results, point, demand.level)]
    minimum, have = minimum_of(demand, s.flags), len(counting)
    if chosen is None:
        return settled(demand, s, have, minimum, False, ("no-choice",))
    need = max(minimum, len(chosen.opened) * demand.each_opened)
    reasons, lacking = [], []
    if have < need:
        reasons.append(f"points-short {need - have}")
    for value in chosen.opened:
        here = [point for point in counting if axis_value(s.plan, point, s.plan.axis) == value]
        if len(here) < demand.each_opened:
            lacking.append(value)
    if lacking:
        reasons.append(f"axis-missing {' '.join(sorted(lacking))}")
    for part in demand.parts:
        here = [point for point in counting if axis_value(s.plan, point, part.axis) in part.values]
        if len(here) < part.minimum:
            reasons.append(f"part-short {part.code} {part.minimum - len(here)}")
    return settled(demand, s, have, need, not reasons, tuple(reasons))


def credits_standing(demand: Credits, s: Situation) -> Standing:
    """Hundredths of credits of the passed points (18)."""
    have = 0
    for point in points_asked(demand.of, s):
        if is_at(s.results, point, "pass"):
            have += point_of(s.plan, point).credits
    reason = f"credits-short {demand.minimum - have}" if choice_in_force(s.choices) is not None else "no-choice"
    return settled(demand, s, have, demand.minimum, have >= demand.minimum, (reason,))


def none_failed_standing(demand: NoneFailed, s: Situation) -> Standing:
    """No point is failed; met also while there is none (25)."""
    failed = [point for point in points_asked(demand.of, s) if is_failed(s.results, point)]
    reasons = tuple(f"item-failed {point}" for point in sorted(failed))
    return settled(demand, s, len(failed), 0, not failed, reasons)


def items_standing(demand: Items, s: Situation) -> Standing:
    """How many of an item are done."""
    have = s.done[demand.item]
    reason = f"items-short {demand.minimum - have}"
    return settled(demand, s, have, demand.minimum, have >= demand.minimum, (reason,))


def settled(demand: Demand, s: Situation, have: int, need: int, met: bool, reasons: tuple[str, ...]) -> Standing:
    """The state of a demand: an exemption takes it away, whatever its type (32); reasons are those of an open one."""
    if "*" in s.exempt or is_removed(demand, s):
        return Standing(demand.code, have, need, met, "exempt")
    return Standing(demand.code, have, need, met, "met" if met else "open", () if met else reasons)


def standing_of(demand: Demand, s: Situation) -> Standing:
    """Where somebody stands against a demand of any type."""
    if isinstance(demand, Minutes):
        return minutes_standing(demand, s)
    if isinstance(demand, Share):
        return share_standing(demand, s)
    if isinstance(demand, Points):
        return points_standing(demand, s)
    if isinstance(demand, Credits):
        return credits_standing(demand, s)
    if isinstance(demand, NoneFailed):
        return none_failed_standing(demand, s)
    return items_standing(demand, s)
