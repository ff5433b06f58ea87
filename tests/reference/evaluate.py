"""Where a teacher stands, worked out with a pencil: semantics 13–17, 21, 24, 26, 29, 32, 34.

Nothing here is shared with the product: plain values in, plain values out, loops instead of cleverness. Where
semantics.md leaves two readings, docs/counting.md says which one is taken.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.reference.district_plan import Demand, Plan, dimension_of
from tests.reference.facts import Attempt, Choice, Enrolment, History, Posting, Programme, Result, Unit
from tests.reference.minutes import Facts, Line, civil, count_minutes

LEVELS = ("fail", "pass", "excellent")
ONE_DAY = timedelta(days=1)
HANDED_IN = ("submitted", "opened", "returned", "decided")


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
class Outcome:
    """What the numbers mean for one teacher in one programme on one day."""

    enrolment: int
    lines: tuple[Line, ...]
    standings: tuple[Standing, ...]
    state: str
    reasons: tuple[str, ...]  # why it is not (yet) passed: the open demands
    reached: str  # pass, excellent or '': also beside `left` and `exempt`
    participant: bool
    counted_in: bool
    leaf: str
    leaf_kind: str


# --- Who ----------------------------------------------------------------------------------------------------------
def kept_entry(history: History) -> int:
    """The entry that all the others were merged into."""
    gone = [entry.number for entry in history.entries if entry.merged_into is not None]
    kept = [entry.number for entry in history.entries if entry.number not in gone]
    assert len(kept) == 1, "a history is of one person"
    return kept[0]


def enrolments_in(history: History, programme: str) -> list[Enrolment]:
    """All enrolments of this person's entries in a programme."""
    return [enrolment for enrolment in history.enrolments if enrolment.programme == programme]


def standing_enrolment(history: History, programme: str) -> Enrolment:
    """The one that has the standing: the kept entry's; if it has none, the oldest (34)."""
    found = enrolments_in(history, programme)
    for enrolment in found:
        if enrolment.entry == kept_entry(history):
            return enrolment
    return min(found, key=lambda enrolment: enrolment.number)


# --- Results and points -------------------------------------------------------------------------------------------
def best_level(results: list[Result], point: str) -> str:
    """The best level of a point ('' the recording) among results that were not overturned; '' if there is none (21)."""
    best = ""
    for result in results:
        if result.point != point or result.overturned:
            continue
        if best == "" or LEVELS.index(result.level) > LEVELS.index(best):
            best = result.level
    return best


def is_passed(results: list[Result], point: str) -> bool:
    """Its best level is pass or better."""
    return best_level(results, point) in ("pass", "excellent")


def choice_in_force(choices: list[Choice]) -> Choice | None:
    """The one that was not superseded; where merged entries had both chosen, the one chosen last (15)."""
    latest = None
    for choice in choices:
        if choice.superseded is None and (latest is None or choice.chosen > latest.chosen):
            latest = choice
    return latest


def passed_points(choices: list[Choice], results: list[Result]) -> list[str]:
    """The passed points of the choice in force, and of earlier ones: passed points always count (15, 16)."""
    passed = []
    for choice in choices:
        for point in choice.points:
            if point not in passed and is_passed(results, point):
                passed.append(point)
    return passed


# --- Demands ------------------------------------------------------------------------------------------------------
def exempt_demands(history: History, enrolments: list[Enrolment], plan: Plan, on: date) -> list[str]:
    """The demands ('*': everything) that are taken from this person on a date; after the cut-off as on its last day (32)."""
    day = min(on, plan.cut_off)
    numbers = [enrolment.number for enrolment in enrolments]
    found = []
    for exemption in history.exemptions:
        if exemption.enrolment not in numbers or not exemption.granted or exemption.ended:
            continue
        if exemption.first <= day and (exemption.until is None or day < exemption.until):
            found.append(exemption.demand)
    return found


def contains(outer: Demand, inner: Demand) -> bool:
    """All kinds of `inner` and more."""
    return set(inner.kinds) < set(outer.kinds)


def needed_minutes(demand: Demand, plan: Plan, exempt: list[str]) -> int:
    """The minimum, less what was taken away inside it; of exempted demands inside each other only the outer (32)."""
    inside = [other for other in plan.demands if other.code in exempt and contains(demand, other)]
    need = demand.minimum
    for other in inside:
        within_another = False
        for outer in inside:
            if contains(outer, other):
                within_another = True
        if not within_another:
            need -= other.minimum
    return max(need, 0)


def asks_nothing(demand: Demand, plan: Plan, exempt: list[str]) -> bool:
    """So much was taken away inside it that nothing is left: it is exempt like what it lost its minutes to (32)."""
    return demand.minimum > 0 and needed_minutes(demand, plan, exempt) == 0


def minutes_standing(demand: Demand, plan: Plan, lines: list[Line], exempt: list[str]) -> Standing:
    """Counted minutes of the demand's kinds against its minimum (1, 11)."""
    have = 0
    for line in lines:
        if line.reason == "" and line.kind in demand.kinds:
            have += line.minutes
    need = needed_minutes(demand, plan, exempt)
    if asks_nothing(demand, plan, exempt):
        return Standing(demand.code, have, 0, True, "exempt")
    return _standing(demand.code, have, need, have >= need, exempt, (f"minutes-short {need - have}",))


def points_standing(plan: Plan, choices: list[Choice], results: list[Result], exempt: list[str]) -> Standing:
    """Enough passed points of the choice, and enough in each value that the school had opened (16)."""
    chosen = choice_in_force(choices)
    passed = passed_points(choices, results)
    if chosen is None:
        return _standing("points", len(passed), plan.points, False, exempt, ("no-choice",))
    lacking = []
    for dimension in chosen.opened:
        here = [point for point in passed if dimension_of(point) == dimension]
        if len(here) < plan.points_in_each:
            lacking.append(dimension)
    need = max(plan.points, len(chosen.opened) * plan.points_in_each)
    reasons = []
    if len(passed) < need:
        reasons.append(f"points-short {need - len(passed)}")
    if lacking:
        reasons.append(f"axis-missing {' '.join(sorted(lacking))}")
    met = len(passed) >= plan.points and not lacking
    return _standing("points", len(passed), need, met, exempt, tuple(reasons))


def _standing(code: str, have: int, need: int, met: bool, exempt: list[str], reasons: tuple[str, ...] = ()) -> Standing:
    if code in exempt or "*" in exempt:
        return Standing(code, have, need, met, "exempt", ())
    return Standing(code, have, need, met, "met" if met else "open", () if met else reasons)


# --- The whole ----------------------------------------------------------------------------------------------------
def is_participant(lines: list[Line], attempts: list[Attempt], results: list[Result]) -> bool:
    """At least one counted minute, or something was handed in, or decided (29)."""
    for line in lines:
        if line.reason == "" and line.minutes > 0:
            return True
    for attempt in attempts:
        if attempt.state in HANDED_IN:
            return True
    return len(results) > 0


def has_undecided(attempts: list[Attempt], plan: Plan, on: date) -> bool:
    """An attempt that was handed in by the cut-off waits for its decision; one sent back waits up to `late_until` (24)."""
    for attempt in attempts:
        if attempt.handed_in is None or civil(attempt.handed_in) > plan.cut_off:
            continue
        if attempt.state in ("submitted", "opened"):
            return True
        if attempt.state == "returned" and on <= plan.late_until:
            return True
    return False


def exempt_by_name(plan: Plan, standings: list[Standing], exempt: list[str]) -> list[Standing]:
    """Those demands that were exempted one by one, or have nothing left to ask for because others were (32)."""
    emptied = [demand.code for demand in plan.demands if asks_nothing(demand, plan, exempt)]
    return [standing for standing in standings if standing.demand in exempt or standing.demand in emptied]


def reached_level(
    plan: Plan, standings: list[Standing], exempt: list[str], choices: list[Choice], results: list[Result]
) -> str:
    """pass: every demand that is not exempted by name is met; excellent: and enough points of the choice are excellent.

    Where every demand is exempted by name it is enough that one of them is met which asks for something: who had passed
    with the others exempted has not lost it by one exemption more (24, 26, 32).
    """
    freed = exempt_by_name(plan, standings, exempt)
    rest = [standing for standing in standings if standing not in freed]
    if not all(standing.met for standing in rest):
        return ""
    if not rest and not any(standing.met and standing.need > 0 for standing in freed):
        return ""
    excellent = [point for point in passed_points(choices, results) if best_level(results, point) == "excellent"]
    return "excellent" if 0 < plan.excellent_points <= len(excellent) else "pass"


def leaf_of(postings: list[Posting], units: dict[str, Unit], owner: str, on: date) -> tuple[str, str]:
    """The unit at which a teacher is counted on a date, and how: group, no-group, unplaced (29)."""
    home = sorted((posting for posting in postings if posting.home), key=lambda posting: posting.first)
    for posting in home:
        if posting.first <= on and (posting.until is None or on < posting.until):
            return posting.unit, "group" if units[posting.unit].level == "group" else "no-group"
    before = [posting for posting in home if posting.until is not None and posting.until <= on]
    if before:
        unit = before[-1].unit  # the last one
    elif home:
        unit = home[0].unit  # not begun yet: the first one to come
    else:
        return owner, "unplaced"
    while units[unit].closed_on is not None and units[unit].closed_on <= on:
        unit = units[unit].above
    return unit, "unplaced"


def evaluate(history: History, plan: Plan, programme: Programme, units: dict[str, Unit], on: date) -> Outcome:
    """Everything about one teacher in one programme on one day."""
    enrolment = standing_enrolment(history, programme.code)
    enrolments = enrolments_in(history, programme.code)
    numbers = [e.number for e in enrolments]
    entries = [entry.number for entry in history.entries]
    own = [record for record in history.records if record.entry in entries]
    results = [result for result in history.results if result.enrolment in numbers]
    attempts = [attempt for attempt in history.attempts if attempt.enrolment in numbers]
    choices = [choice for choice in history.choices if choice.enrolment in numbers]
    exempt = exempt_demands(history, enrolments, plan, on)

    facts = Facts(own, list(history.records), list(history.decisions), results, attempts)
    lines = count_minutes(facts, plan, on)
    standings = [minutes_standing(demand, plan, lines, exempt) for demand in plan.demands]
    standings.append(points_standing(plan, choices, results, exempt))
    reached = reached_level(plan, standings, exempt, choices, results)
    participant = is_participant(lines, attempts, results)

    left = enrolment.left_on is not None and enrolment.left_on <= on
    wholly_exempt = all(standing.state == "exempt" for standing in standings)
    closed = programme.closed_on is not None and programme.closed_on <= on
    if left:
        state = "left"
        standings = [Standing(s.demand, s.have, s.need, s.met, "left") for s in standings]
    elif wholly_exempt:
        state = "exempt"
    elif reached:
        state = reached
    elif closed and has_undecided(attempts, plan, on):
        state = "pending"
    elif closed:
        state = "not-passed"
    elif participant:
        state = "in-progress"
    else:
        state = "not-begun"
    reasons = tuple(standing.demand for standing in standings if standing.state == "open")
    leaf, leaf_kind = leaf_of(list(history.postings), units, programme.owner, on)
    return Outcome(
        enrolment=enrolment.number, lines=tuple(lines), standings=tuple(standings), state=state, reasons=reasons,
        reached=reached, participant=participant, counted_in=state not in ("left", "exempt"), leaf=leaf,
        leaf_kind=leaf_kind,
    )  # fmt: skip


def next_day_of_change(
    history: History, plan: Plan, programme: Programme, units: dict[str, Unit], on: date
) -> date | None:
    """The first day after `on` on which the outcome differs though nothing new becomes known; None if it never does."""
    days = {plan.cut_off, plan.late_until, plan.late_until + ONE_DAY * 400}
    days |= {civil(record.ends) for record in history.records}
    for exemption in history.exemptions:
        days |= {exemption.first, exemption.until or on}
    for posting in history.postings:
        days |= {posting.first, posting.until or on}
    days |= {enrolment.left_on or on for enrolment in history.enrolments}
    days |= {unit.closed_on or on for unit in units.values()}
    days.add(programme.closed_on or on)
    now = evaluate(history, plan, programme, units, on)
    for day in sorted(days | {day + ONE_DAY for day in days}):
        if day > on and evaluate(history, plan, programme, units, day) != now:
            return day
    return None
