"""What teachers of any plan reach: reasons, states, the edges of thresholds and of dates. What to look for is read off the plan."""

from collections import Counter
from datetime import timedelta

from tests.reference.demands import contains, minimum_of
from tests.reference.evaluate import Outcome
from tests.reference.facts import History, Unit
from tests.reference.lines import civil
from tests.reference.making import DAY, FLAG_DAY, Scene
from tests.reference.minutes import kind_of
from tests.reference.people import enrolments_in, flags_on, home_on, school_on, standing_enrolment
from tests.reference.plan_lines import CREDIT, Credits, Demand, Items, Minutes, NoneFailed, Plan, Points, Share
from tests.reference.plans import P4
from tests.reference.points import best_level, chosen_points, declared_points, is_at, is_failed, profile_of

OFTEN = 100
SECOND = timedelta(seconds=1)
PLAIN_REASONS = ("voided", "corrected-by", "outside-cycle", "no-kind")
STATES = ("not-begun", "in-progress", "pass", "pending", "not-passed", "exempt", "left")


# --- What to look for ---------------------------------------------------------------------------------------------
def required_of(plan: Plan) -> dict[str, int]:
    """Everything a plan can bring about, and how often it must be reached."""
    names = [f"line {reason}" for reason in line_reasons(plan)]
    names += [f"state {state}" for state in STATES]
    names += ["state excellent"] if plan.excellent_points else []
    names += [f"demand {state}" for state in ("met", "open", "exempt", "left")]
    for demand in plan.demands:
        names += [f"{demand.code} {edge}" for edge in edges_of(plan, demand)]
    names += [f"reason {reason}" for reason in standing_reasons(plan)]
    for gate in plan.gates:
        names += [f"gate {gate.code} {gap:+d}" for gap in (-1, 0, 1)]
        names += [f"gate {gate.code} {what}" for what in GATE_DAYS]
    names += DATES
    names += ["an open appeal at the closing"] if plan is not P4 else []  # its teachers make none
    names += ["withdrawn today", "declared again", "not agreed to"] if plan.choosing.declare else []
    names += (
        [f"profile {level}" for level in sorted({level for _, _, level in profile_of(plan, [])})]
        if plan.profile
        else []
    )
    names += ["profile pass", "profile excellent"] if plan.profile else []
    if any(isinstance(demand, Minutes | Points) and demand.for_flag for demand in plan.demands):
        names += [f"flag {n:+d}" for n in (-1, 0, 1)] + [
            "a flag asks for more",
            "a flag asks for less",
            "a host school",
        ]
    if any(isinstance(demand, NoneFailed) for demand in plan.demands):
        names += [
            "passed before, failed by the latest",
            "failed before, passed by the latest",
            "failed and not asked for",
        ]
    if any(isinstance(demand, Share) for demand in plan.demands):
        names += ["a share of what is exempt"]
        if any(shrinks(plan, demand) for demand in plan.demands):
            names += ["a share of what an exemption has shrunk"]
    if any(point.local for point in plan.points):
        names.append("a local point passed")
    if any(isinstance(demand, Items) and demand.item == "school-plan" for demand in plan.demands):
        names += ["a school plan since today", "a school plan until yesterday", "a school plan from tomorrow"]
    return dict.fromkeys(names, OFTEN)


def shrinks(plan: Plan, demand: Demand) -> bool:
    """Whether a share is of minutes that contain another demand on minutes."""
    if not isinstance(demand, Share) or demand.base == "counted":
        return False
    of = next(d for d in plan.demands if d.code == demand.of and isinstance(d, Minutes))
    return any(contains(of, d) for d in plan.demands if isinstance(d, Minutes))


def line_reasons(plan: Plan) -> list[str]:
    """Why minutes may not count under a plan ('counted': they do)."""
    reasons = list(PLAIN_REASONS)
    if plan.kinds:
        reasons += ["counted", "duplicate-of", "overlap-rejected", "a flag"]
    if plan.results:
        reasons.append("derived-kind")
    if plan.gates:
        reasons.append("before-gate")
    reasons += [f"cap {cap.code}" for cap in plan.caps if not cap.excess_to and cap.code != "recording"]
    reasons += [f"moved to {cap.excess_to}" for cap in plan.caps if cap.excess_to]
    if plan.exclusive_with:
        reasons.append("counted-elsewhere")
    return reasons


def edges_of(plan: Plan, demand: Demand) -> list[str]:
    """How far somebody is from a demand: just below, at and just above it."""
    if isinstance(demand, Credits):
        step = CREDIT * 10 if plan.choosing.credits else 1
        return [f"{step * gap:+d}" for gap in (-1, 0, 1)]
    if isinstance(demand, NoneFailed):
        return ["+0", "+1", "+2"]
    if isinstance(demand, Items):
        return ["-1", "+0"]
    earned = {earning.kind for earning in plan.results}
    if isinstance(demand, Minutes) and set(demand.kinds) <= earned:
        return [f"{-earning.minutes:+d}" for earning in plan.results if earning.kind in demand.kinds] + ["+0"]
    return ["-1", "+0", "+1"]


def standing_reasons(plan: Plan) -> list[str]:
    """What may be missing."""
    reasons = set()
    for demand in plan.demands:
        reasons |= {
            Minutes: {"minutes-short"},
            Share: {"share-short"},
            Points: {"no-choice", "points-short"},
            Credits: {"no-choice", "credits-short"},
            NoneFailed: {"item-failed"},
            Items: {"items-short"},
        }[type(demand)]
        if isinstance(demand, Points):
            reasons |= {"axis-missing"} if demand.each_opened else set()
            reasons |= {f"part-short {part.code}" for part in demand.parts}
    return sorted(reasons)


GATE_DAYS = (
    "the day before", "that day", "the day after", "last second before", "first second of its day", "not open",
    "opened by an exemption", "opened by hours before an exemption",
)  # fmt: skip
DATES = (
    "ends in the first second of the cycle", "ends right before the cycle", "ends in the cut-off's last second",
    "ends right after the cut-off", "ends tomorrow", "arrives in the last second", "arrives right after the last day",
    "exempt until today", "exempt until yesterday", "exempt from today", "exempt from tomorrow", "left yesterday",
    "left today", "left tomorrow", "closed today", "closes tomorrow", "handed in in the cut-off's last second",
    "handed in right after the cut-off", "sent back, on the last day", "sent back, the day after",
)  # fmt: skip


# --- Looking ------------------------------------------------------------------------------------------------------
def look_at(
    plan: Plan, units: dict[str, Unit], history: History, scene: Scene, outcome: Outcome, seen: Counter
) -> None:
    """Count what one teacher reaches."""
    _lines(plan, outcome, seen)
    _standings(plan, outcome, seen)
    _gates(plan, history, outcome, seen)
    _dates(plan, history, scene, outcome, seen)
    _school(plan, units, history, scene, outcome, seen)
    _points(plan, history, scene, outcome, seen)


def _lines(plan: Plan, outcome: Outcome, seen: Counter) -> None:
    kinds = {line.number: set() for line in outcome.lines if line.origin == "record"}
    for line in outcome.lines:
        reason = f"cap {line.ref}" if line.reason == "cap" else line.reason or "counted"
        seen[f"line {reason}"] += 1
        seen["line a flag"] += line.flagged
        if line.origin == "record" and line.reason in ("", "cap"):
            kinds[line.number].add(line.kind)
    for cap in plan.caps:
        if cap.excess_to:
            moved = [k for k in kinds.values() if len(k) > 1 and cap.excess_to in k]
            seen[f"line moved to {cap.excess_to}"] += len(moved)


def _standings(plan: Plan, outcome: Outcome, seen: Counter) -> None:
    seen[f"state {outcome.state}"] += 1
    need = {s.demand: (s.need, s.state) for s in outcome.standings}
    for demand, s in zip(plan.demands, outcome.standings, strict=True):
        seen[f"{s.demand} {s.have - s.need:+d}"] += 1
        seen[f"demand {s.state}"] += 1
        for reason in s.reasons:
            word, *rest = reason.split()
            seen[f"reason {word} {rest[0]}" if word == "part-short" else f"reason {word}"] += 1
        if isinstance(demand, Share) and demand.base == "required":
            full = next(minimum_of(d, ()) for d in plan.demands if d.code == demand.of and isinstance(d, Minutes))
            seen["a share of what an exemption has shrunk"] += 0 < need[demand.of][0] < full
            seen["a share of what is exempt"] += s.state == need[demand.of][1] == "exempt" and s.need == 0
    for _, _, level in outcome.profile:
        seen[f"profile {level}"] += 1


def _gates(plan: Plan, history: History, outcome: Outcome, seen: Counter) -> None:
    by_exemption = {x.demand for x in history.exemptions if x.granted and not x.ended}
    for opening in outcome.openings:
        gate, name = opening.gate, f"gate {opening.gate.code}"
        minutes = sum(
            x.minutes for x in outcome.lines if x.reason == "" and x.kind in gate.kinds and x.origin == "record"
        )
        seen[f"{name} {minutes - gate.minutes:+d}"] += 1
        if opening.opened_on is None:
            seen[f"{name} not open"] += 1
            continue
        reached = [x.first for x in history.exemptions if x.demand == gate.code and x.granted and not x.ended]
        seen[f"{name} opened by an exemption"] += opening.opened_on in reached
        seen[f"{name} opened by hours before an exemption"] += (
            gate.code in by_exemption and opening.opened_on not in reached
        )
        gated = {x.number: x.on for x in outcome.lines if x.kind in gate.opens and x.reason in ("", "before-gate")}
        for record in history.records:
            if record.number not in gated:
                continue
            days = (gated[record.number] - opening.opened_on).days
            if days in (-1, 0, 1):
                seen[f"{name} {('the day before', 'that day', 'the day after')[days + 1]}"] += 1
            before = civil(record.ends + SECOND) == opening.opened_on and days == -1
            seen[f"{name} last second before"] += before
            seen[f"{name} first second of its day"] += days == 0 and civil(record.ends - SECOND) < opening.opened_on


def _dates(plan: Plan, history: History, scene: Scene, outcome: Outcome, seen: Counter) -> None:
    on, day, late = scene.on, min(scene.on, plan.cut_off), plan.late_until + DAY
    for r in history.records:
        ends, before, after = civil(r.ends), civil(r.ends - SECOND), civil(r.ends + SECOND)
        seen["ends in the first second of the cycle"] += ends == plan.starts and before < ends
        seen["ends right before the cycle"] += ends < after == plan.starts
        seen["ends in the cut-off's last second"] += ends == plan.cut_off and after > ends
        seen["ends right after the cut-off"] += before == plan.cut_off < ends
        seen["ends tomorrow"] += on < plan.cut_off and ends == on + DAY
        seen["arrives in the last second"] += civil(r.arrived) < late == civil(r.arrived + SECOND)
        seen["arrives right after the last day"] += civil(r.arrived - SECOND) < late == civil(r.arrived)
    for x in history.exemptions:
        seen["exempt until today"] += x.until == day + DAY
        seen["exempt until yesterday"] += x.until == day
        seen["exempt from today"] += x.first == day
        seen["exempt from tomorrow"] += x.first == day + DAY
    left_on = standing_enrolment(history, scene.programme.code).left_on
    for word, shift in (("yesterday", -1), ("today", 0), ("tomorrow", 1)):
        seen[f"left {word}"] += left_on == on + shift * DAY
    seen["closed today"] += scene.programme.closed_on == on
    seen["closes tomorrow"] += scene.programme.closed_on == on + DAY
    for a in history.attempts:
        if a.handed_in is None:
            continue
        day_in = civil(a.handed_in)
        seen["handed in in the cut-off's last second"] += day_in == plan.cut_off < civil(a.handed_in + SECOND)
        seen["handed in right after the cut-off"] += civil(a.handed_in - SECOND) == plan.cut_off < day_in
        sent_back = a.state == "returned" and day_in <= plan.cut_off
        seen["sent back, on the last day"] += sent_back and on == plan.late_until and outcome.state == "pending"
        seen["sent back, the day after"] += sent_back and on == late
    open_appeal = any(a.answered is None for a in history.appeals)
    seen["an open appeal at the closing"] += open_appeal and outcome.state == "pending"


def _school(
    plan: Plan, units: dict[str, Unit], history: History, scene: Scene, outcome: Outcome, seen: Counter
) -> None:
    enrolment = standing_enrolment(history, scene.programme.code)
    school = school_on(history.postings, units, enrolment.host, enrolment.since)
    flags = flags_on(units, school, enrolment.since)
    days = (enrolment.since - plan.starts).days - FLAG_DAY
    seen[f"flag {days:+d}"] += school in ("bamboo-1", "bamboo-2")
    for demand, s in zip(plan.demands, outcome.standings, strict=True):
        if isinstance(demand, Minutes | Points) and demand.for_flag:
            seen["a flag asks for more"] += s.need > demand.minimum
            seen["a flag asks for less"] += s.need == demand.minimum and "rural" in flags
    host = home_on(history.postings, scene.on) == "bamboo" and enrolment.host
    seen["a host school"] += bool(host)
    here = school_on(history.postings, units, enrolment.host, scene.on)
    for plan_of in scene.programme.school_plans:
        if plan_of.school == here:
            seen["a school plan since today"] += plan_of.first == scene.on
            seen["a school plan until yesterday"] += plan_of.until == scene.on
            seen["a school plan from tomorrow"] += plan_of.first == scene.on + DAY


def _points(plan: Plan, history: History, scene: Scene, outcome: Outcome, seen: Counter) -> None:
    numbers = [e.number for e in enrolments_in(history, scene.programme.code)]
    choices = [choice for choice in history.choices if choice.enrolment in numbers]
    results = [result for result in history.results if result.enrolment in numbers]
    declarations = [d for d in history.declarations if d.enrolment in numbers]
    declared = declared_points(plan, choices, results, declarations, scene.on)
    asked = declared if plan.choosing.declare else chosen_points(choices, results)
    for point in {result.point for result in results if result.point}:
        failed, good = is_failed(results, point), is_at(results, point, "pass")
        seen["passed before, failed by the latest"] += failed and good and point in asked
        seen["failed and not asked for"] += failed and point not in asked
        levels = {r.level for r in results if r.point == point and not r.overturned}
        seen["failed before, passed by the latest"] += (
            not failed and "fail" in levels and best_level(results, point) != "fail"
        )
        seen["a local point passed"] += good and any(p.local for p in plan.points if p.code == point)
    for d in declarations:
        seen["withdrawn today"] += d.withdrawn is not None and civil(d.withdrawn) == scene.on
        seen["declared again"] += d.withdrawn is not None and d.point in declared
        seen["not agreed to"] += d.agreed is None and d.point in declared
    assert all(kind_of(record, plan) != "" for record in history.records if record.mode in dict(plan.kinds))
