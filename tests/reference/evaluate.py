"""Where a teacher stands, worked out with a pencil: semantics 3–18, 21, 24–27, 29, 32, 34.

Nothing here is shared with the product: plain values in, plain values out, loops instead of cleverness. Where
semantics.md leaves two readings, docs/counting.md and ADR 0070 say which one is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tests.reference.demands import Situation, Standing, is_removed, standing_of
from tests.reference.facts import Appeal, Attempt, Enrolment, History, Programme, Result, Unit
from tests.reference.gates import Opening
from tests.reference.lines import Line, civil
from tests.reference.minutes import Facts, count_minutes
from tests.reference.people import (
    enrolments_in,
    exemptions_in_force,
    flags_on,
    has_school_plan,
    leaf_of,
    school_on,
    standing_enrolment,
)
from tests.reference.plan_lines import Demand, Plan
from tests.reference.points import chosen_points, declared_points, is_at, profile_of

ONE_DAY = timedelta(days=1)
HANDED_IN = ("submitted", "opened", "returned", "decided")
Others = Mapping[str, tuple[Plan, Programme]]  # programmes beside this one, by code
NO_OTHERS: Others = {}


@dataclass(frozen=True)
class Outcome:
    """What the numbers mean for one teacher in one programme on one day."""

    enrolment: int
    lines: tuple[Line, ...]
    openings: tuple[Opening, ...]
    standings: tuple[Standing, ...]
    advice: tuple[Standing, ...]  # beside the demands, and part of no state
    state: str
    reasons: tuple[str, ...]  # why it is not (yet) passed: the open demands
    reached: str  # pass, excellent or '': also beside `left` and `exempt`
    participant: bool
    counted_in: bool
    leaf: str
    leaf_kind: str
    profile: tuple[tuple[str, str, str], ...]


# --- What demands are held against --------------------------------------------------------------------------------
def items_done(history: History, numbers: list[int], s: Situation, school: str, programme: Programme) -> dict[str, int]:
    """How many of each item are done (ADR 0070 "Demands", `items`)."""
    confirmed = {task.code for task in history.tasks if task.enrolment in numbers}
    agreed = {d.point for d in s.declarations if d.agreed is not None}
    declared = declared_points(s.plan, s.choices, s.results, s.declarations, s.on)
    diagnosed = any(d.enrolment in numbers and d.handed_in is not None for d in history.diagnoses)
    return {
        "recording": int(is_at(s.results, "", "pass")),
        "handbook": len([code for code in s.plan.handbook if code in confirmed]),
        "school-plan": int(has_school_plan(programme.school_plans, school, s.on)),
        "declaration": len([point for point in declared if point in agreed]),
        "self-diagnosis": int(diagnosed),
    }


def counted_in_others(history: History, plan: Plan, units: dict[str, Unit], on: date, others: Others) -> dict[int, str]:
    """Records of which a minute counts in a programme this one excludes, with that programme (34)."""
    found: dict[int, str] = {}
    for code in plan.exclusive_with:
        if code not in others or not enrolments_in(history, code):
            continue
        other_plan, other = others[code]
        for line in evaluate(history, other_plan, other, units, on, others).lines:
            if line.origin == "record" and line.reason == "" and line.minutes > 0 and line.number not in found:
                found[line.number] = code
    return found


# --- The state ----------------------------------------------------------------------------------------------------
def is_participant(lines: list[Line], attempts: list[Attempt], results: list[Result]) -> bool:
    """At least one counted minute, or something was handed in, or decided (29)."""
    for line in lines:
        if line.reason == "" and line.minutes > 0:
            return True
    for attempt in attempts:
        if attempt.state in HANDED_IN:
            return True
    return len(results) > 0


def has_undecided(attempts: list[Attempt], appeals: list[Appeal], plan: Plan, on: date) -> bool:
    """An attempt that was handed in by the cut-off waits for its decision; one sent back waits up to `late_until`;
    so does an appeal that was not answered (24)."""
    for attempt in attempts:
        if attempt.handed_in is None or civil(attempt.handed_in) > plan.cut_off:
            continue
        if attempt.state in ("submitted", "opened"):
            return True
        if attempt.state == "returned" and on <= plan.late_until:
            return True
    return any(appeal.answered is None for appeal in appeals)


def reached_level(s: Situation, standings: list[tuple[Demand, Standing]]) -> str:
    """pass: every demand that is not exempted by name is met; excellent: and enough points of the choice are excellent.

    Where every demand is exempted by name it is enough that one of them is met which asks for something: who had passed
    with the others exempted has not lost it by one exemption more (24, 26, 32).
    """
    freed = [standing for demand, standing in standings if is_removed(demand, s)]
    rest = [standing for demand, standing in standings if not is_removed(demand, s)]
    if not all(standing.met for standing in rest):
        return ""
    if not rest and not any(standing.met and standing.need > 0 for standing in freed):
        return ""
    excellent = [point for point in chosen_points(s.choices, s.results) if is_at(s.results, point, "excellent")]
    return "excellent" if 0 < s.plan.excellent_points <= len(excellent) else "pass"


def state_of(
    enrolment: Enrolment,
    programme: Programme,
    on: date,
    wholly_exempt: bool,
    reached: str,
    undecided: bool,
    participant: bool,
) -> str:
    """The first line that fits (24, docs/counting.md "States of an enrolment")."""
    closed = programme.closed_on is not None and programme.closed_on <= on
    if enrolment.left_on is not None and enrolment.left_on <= on:
        return "left"
    if wholly_exempt:
        return "exempt"
    if reached:
        return reached
    if closed:
        return "pending" if undecided else "not-passed"
    return "in-progress" if participant else "not-begun"


# --- The whole ----------------------------------------------------------------------------------------------------
def evaluate(
    history: History, plan: Plan, programme: Programme, units: dict[str, Unit], on: date, others: Others = NO_OTHERS
) -> Outcome:
    """Everything about one teacher in one programme on one day."""
    enrolment = standing_enrolment(history, programme.code)
    enrolments = enrolments_in(history, programme.code)
    numbers = [e.number for e in enrolments]
    entries = [entry.number for entry in history.entries]
    own = [record for record in history.records if record.entry in entries]
    results = [result for result in history.results if result.enrolment in numbers]
    attempts = [attempt for attempt in history.attempts if attempt.enrolment in numbers]
    choices = [choice for choice in history.choices if choice.enrolment in numbers]
    declarations = [declaration for declaration in history.declarations if declaration.enrolment in numbers]
    appeals = [appeal for appeal in history.appeals if appeal.enrolment in numbers]
    exempt = exemptions_in_force(history, enrolments, plan, on)

    exempt_gates: dict[str, date] = {}
    for code, first in exempt:
        exempt_gates[code] = min(first, exempt_gates.get(code, first))
    elsewhere = counted_in_others(history, plan, units, on, others)
    facts = Facts(own, list(history.records), list(history.decisions), results, attempts, exempt_gates, elsewhere)
    account = count_minutes(facts, plan, on)

    first_school = school_on(history.postings, units, enrolment.host, enrolment.since)
    flags = flags_on(units, first_school, enrolment.since)
    codes = [code for code, _ in exempt]
    s = Situation(plan, on, account.lines, choices, results, declarations, codes, flags, {})
    school = school_on(history.postings, units, enrolment.host, on)
    s.done.update(items_done(history, numbers, s, school, programme))
    standings = [standing_of(demand, s) for demand in plan.demands]
    advice = [standing_of(demand, s) for demand in plan.advice]

    reached = reached_level(s, list(zip(plan.demands, standings, strict=True)))
    participant = is_participant(account.lines, attempts, results)
    wholly_exempt = all(standing.state == "exempt" for standing in standings)
    undecided = has_undecided(attempts, appeals, plan, on)
    state = state_of(enrolment, programme, on, wholly_exempt, reached, undecided, participant)
    if state == "left":
        standings = [Standing(x.demand, x.have, x.need, x.met, "left") for x in standings]
    leaf, leaf_kind = leaf_of(history.postings, units, programme.owner, on)
    return Outcome(
        enrolment=enrolment.number, lines=tuple(account.lines), openings=tuple(account.openings),
        standings=tuple(standings), advice=tuple(advice), state=state,
        reasons=tuple(x.demand for x in standings if x.state == "open"), reached=reached, participant=participant,
        counted_in=state not in ("left", "exempt"), leaf=leaf, leaf_kind=leaf_kind,
        profile=profile_of(plan, results) if plan.profile else (),
    )  # fmt: skip


def next_day_of_change(
    history: History, plan: Plan, programme: Programme, units: dict[str, Unit], on: date
) -> date | None:
    """The first day after `on` on which the outcome differs though nothing new becomes known; None if it never does."""
    days = {plan.cut_off, plan.late_until, plan.late_until + ONE_DAY * 400}
    days |= {civil(record.ends) for record in history.records}
    days |= {civil(declaration.withdrawn) for declaration in history.declarations if declaration.withdrawn}
    for exemption in history.exemptions:
        days |= {exemption.first, exemption.until or on}
    for posting in history.postings:
        days |= {posting.first, posting.until or on}
    for school_plan in programme.school_plans:
        days |= {school_plan.first, school_plan.until or on}
    days |= {enrolment.left_on or on for enrolment in history.enrolments}
    days |= {unit.closed_on or on for unit in units.values()}
    days.add(programme.closed_on or on)
    now = evaluate(history, plan, programme, units, on)
    for day in sorted(days | {day + ONE_DAY for day in days}):
        if day > on and evaluate(history, plan, programme, units, day) != now:
            return day
    return None
