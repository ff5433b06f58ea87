"""What a school may open and a teacher may choose, declare, withdraw and hand in: semantics 14, 15, 25, ADR 0070 "Points".

Each function answers with the reasons why not; none: it may be done. `closed` are the gates that refuse now (`gates.refuses`).
"""

from tests.reference.facts import Result
from tests.reference.plan_lines import Plan, axis_value, point_of


def may_be_used(plan: Plan, point: str) -> bool:
    """Only points of some environments or dimensions may be opened or chosen, where the plan says so (`choice.from`)."""
    found, choosing = point_of(plan, point), plan.choosing
    if choosing.environments and found.environment not in choosing.environments:
        return False
    return not choosing.dimensions or found.dimension in choosing.dimensions


def values_to_open(plan: Plan, flags: tuple[str, ...]) -> int:
    """How many values a school opens at least, by the flags it bears on the day of approval (14)."""
    least = plan.choosing.opened
    for flag, value in plan.choosing.opened_for_flag:
        if flag in flags and value > least:
            least = value
    return least


def against_opening(plan: Plan, flags: tuple[str, ...], values: list[str], points: list[str]) -> list[str]:
    """A school plan declares values and points: enough values, each with a point, no point that may not be used (14)."""
    reasons = []
    if len(set(values)) < values_to_open(plan, flags):
        reasons.append("too-few-values")
    for value in values:
        if not any(axis_value(plan, point, plan.axis) == value for point in points):
            reasons.append(f"value-without-point {value}")
    reasons += [f"not-of-the-plan {point}" for point in points if not may_be_used(plan, point)]
    return reasons


def against_choice(plan: Plan, values: list[str], opened: list[str], points: list[str], closed: list[str]) -> list[str]:
    """Enough of the opened points, enough in each value, enough credits; where nobody opens, of all that may be used (15)."""
    reasons = ["gate-closed"] if closed else []
    for point in points:
        if not may_be_used(plan, point) or (plan.choosing.opened and point not in opened):
            reasons.append(f"not-open {point}")
    if len(set(points)) < max(plan.choosing.points, len(values) * plan.choosing.each_opened):
        reasons.append("too-few-points")
    for value in values:
        here = {point for point in points if axis_value(plan, point, plan.axis) == value}
        if len(here) < plan.choosing.each_opened:
            reasons.append(f"value-without-point {value}")
    if sum(point_of(plan, point).credits for point in set(points)) < plan.choosing.credits:
        reasons.append("too-few-credits")
    return reasons


def against_withdrawal(results: list[Result], point: str) -> list[str]:
    """A declaration is withdrawn while its point was never decided; an overturned decision was one too (25)."""
    return ["already-decided"] if any(result.point == point for result in results) else []


def against_handing_in(plan: Plan, chosen: list[str], declared: list[str], point: str, closed: list[str]) -> list[str]:
    """Points of the choice, and of those only declared ones where the plan declares; nothing before a gate that refuses."""
    reasons = ["gate-closed"] if closed else []
    if point not in chosen:
        reasons.append("not-chosen")
    elif plan.choosing.declare and point not in declared:
        reasons.append("not-declared")
    return reasons
