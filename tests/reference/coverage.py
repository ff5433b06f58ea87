"""What a crowd of invented teachers reaches: every reason, every state, every boundary, and how often.

    python -m tests.reference.coverage [count] [seed] [plan ...]

Without a plan, all of them. What every plan has is in `reaching.py`; what is known of the district's besides, here.
"""

import sys
from collections import Counter
from datetime import datetime, timedelta

from tests.reference.evaluate import Outcome, evaluate
from tests.reference.facts import History
from tests.reference.generate import SEED, teachers
from tests.reference.lines import civil
from tests.reference.making import Scene, units_of
from tests.reference.minutes import in_order, overlap
from tests.reference.people import enrolments_in, kept_entry, standing_enrolment
from tests.reference.plan_lines import Minutes, axis_value
from tests.reference.plans import P4, PLANS
from tests.reference.points import choice_in_force, chosen_points, is_at
from tests.reference.reaching import look_at, required_of

SECOND = timedelta(seconds=1)
REASONS = (
    "", "voided", "corrected-by", "outside-cycle", "derived-kind", "no-kind", "duplicate-of", "overlap-rejected", "cap",
)  # fmt: skip
STATES = ("not-begun", "in-progress", "pass", "excellent", "pending", "not-passed", "exempt", "left")

# What must be reached, and at least how often among 5,600 teachers.
REQUIRED = {
    **{f"reason {reason or 'counted'}": 100 for reason in REASONS},
    **{f"state {state}": 40 for state in STATES},
    **{f"leaf {kind}": 100 for kind in ("group", "no-group", "unplaced")},
    **{f"{demand.code} {gap:+d}": 20 for demand in P4.demands if isinstance(demand, Minutes) for gap in (-1, 0, 1)
       if "evidence" not in demand.kinds if "recording" not in demand.kinds},
    **{f"{code} {gap:+d}": 20 for code in ("practice", "total") for gap in (-1, 0, 1)},
    "evidence -225": 100, "evidence +0": 100, "recording -225": 100, "recording +0": 100,
    "points -1": 100, "points +0": 100, "points +1": 100,
    "enough points, a dimension missing": 30, "no choice": 100, "four dimensions": 100, "a fourth point": 100,
    "day total 359": 50, "day total 360": 100, "day total 361": 50, "record capped partly": 100, "cap evidence": 100,
    "a flag": 100, "three in a chain of duplicates": 20, "touching, same course": 20, "equal end, same course": 100,
    "ends at the start of a day": 50, "ends in the last second of a day": 20, "ends on the cut-off's last second": 3,
    "ends right after the cut-off": 3, "ends on the first day's first second": 10, "ends right before the first day": 10,
    "ends tomorrow or later": 30, "arrives in the last second": 10, "arrives right after the last day": 3,
    "corrected twice or more": 50, "a correction voided": 20, "a correction to nobody": 20, "a void voided": 50,
    "nobody's record": 30, "a rejection ended": 50, "minutes zero": 50, "a moment": 50,
    "two entries": 200, "three entries": 50, "merged through another": 10, "kept entry not enrolled": 20,
    "two enrolments, one standing": 20, "two programmes": 100, "both had chosen": 10, "a passed point of an earlier choice": 30,
    "passed outside the choice": 50, "best is not the latest": 100, "an overturned pass": 100, "overturned twice": 50,
    "a result without an attempt": 50, "decided after the cut-off": 30, "minutes from the second pass": 30,
    "excellent points 1 of a pass": 50, "excellent points 2 of a pass": 50,
    "left tomorrow": 20, "left today": 20, "reached beside left": 10, "reached beside exempt": 20, "exempt one by one": 20,
    "exempt one by one, and reached": 5, "a demand shrinks to nothing": 20,
    "exempt demand": 200, "a demand shrinks": 100, "exempt inside exempt": 20, "exempt until today": 20,
    "exempt from tomorrow": 20, "exemption not granted": 20, "exemption ended": 20, "passes by an exemption": 10,
    "waits at the closing": 40, "returned in time": 5, "returned, too late now": 5, "handed in right after the cut-off": 10,
    "handed in again after the cut-off": 10, "handed in again on the last day": 3,
    "sent back and handed in again": 20, "exempt under an entry that was merged": 10,
    "a draft alone is not begun": 20, "takes part by a result alone": 20,
}  # fmt: skip


def _reasons(outcome: Outcome, seen: Counter) -> None:
    counted, capped = set(), set()
    for line in outcome.lines:
        seen[f"reason {line.reason or 'counted'}"] += 1
        seen["a flag"] += line.flagged
        seen["cap evidence"] += line.ref == "evidence"
        (capped if line.reason == "cap" else counted).add(line.number)
        seen["decided after the cut-off"] += line.origin == "result" and line.on > P4.cut_off
    seen["record capped partly"] += len(counted & capped)
    seen[f"state {outcome.state}"] += 1
    seen[f"leaf {outcome.leaf_kind}"] += 1


def _demands(history: History, scene: Scene, outcome: Outcome, seen: Counter) -> None:
    numbers = [e.number for e in enrolments_in(history, scene.programme.code)]
    choices = [choice for choice in history.choices if choice.enrolment in numbers]
    results = [result for result in history.results if result.enrolment in numbers]
    states = {s.demand: s.state for s in outcome.standings}
    for s in outcome.standings:
        gap = s.have - s.need
        seen[f"{s.demand} {gap:+d}"] += 1
        seen["exempt demand"] += s.state == "exempt"
        minimum = next((d.minimum for d in P4.demands if d.code == s.demand and isinstance(d, Minutes)), s.need)
        seen["a demand shrinks"] += s.need < minimum
        seen["a demand shrinks to nothing"] += s.need == 0 < minimum
        seen["passes by an exemption"] += s.state == "exempt" and not s.met and outcome.state in ("pass", "excellent")
    seen["exempt inside exempt"] += states["practice"] == "exempt" and "exempt" in (
        states["research"],
        states["evidence"],
    )
    chosen = choice_in_force(choices)
    passed = [point for point in chosen_points(choices, results) if is_at(results, point, "pass")]
    points = outcome.standings[-1]
    seen["enough points, a dimension missing"] += chosen is not None and points.have >= points.need and not points.met
    seen["no choice"] += chosen is None
    seen["four dimensions"] += chosen is not None and len(chosen.opened) == 4
    seen["both had chosen"] += len([c for c in choices if c.superseded is None]) > 1
    if chosen is not None:
        seen["a passed point of an earlier choice"] += any(point not in chosen.points for point in passed)
    levels: dict[str, list] = {}
    for result in sorted(results, key=lambda r: (r.decided, r.number)):
        levels.setdefault(result.point, []).append(result)
    excellent = 0
    for point, found in levels.items():
        in_force = [r for r in found if not r.overturned]
        good = [r for r in in_force if r.level != "fail"]
        seen["best is not the latest"] += bool(good) and in_force[-1] is not good[-1]
        seen["an overturned pass"] += any(r.overturned and r.level != "fail" for r in found)
        seen["overturned twice"] += sum(r.overturned for r in found) > 1
        seen["a result without an attempt"] += any(r.attempt is None for r in found)
        seen["passed outside the choice"] += bool(good) and point != "" and point not in passed
        seen["minutes from the second pass"] += len(good) > 0 and found[0] is not good[0]
        excellent += point in passed and any(r.level == "excellent" for r in good)
    seen["a fourth point"] += len(passed) > 3
    if outcome.state in ("pass", "excellent"):
        seen[f"excellent points {excellent} of a pass"] += 1
    assert all(axis_value(P4, point, P4.axis) for point in passed)


def _records(history: History, scene: Scene, outcome: Outcome, seen: Counter) -> None:
    reason = {line.number: line.reason for line in outcome.lines if line.origin == "record"}
    corrected = {r.corrects: r for r in history.records if r.corrects}
    voids = {r.voids: r for r in history.records if r.voids}
    days: Counter = Counter()
    for line in outcome.lines:
        if line.kind == "online" and line.reason in ("", "cap"):
            days[line.on] += line.minutes
    for total in days.values():
        seen[f"day total {total}"] += 1
    for r in history.records:
        last = civil(r.ends) if r.ends == _midnight(r.ends) else None
        seen["ends at the start of a day"] += last is not None
        seen["ends in the last second of a day"] += _midnight(r.ends + SECOND) == r.ends + SECOND
        day = civil(r.ends + SECOND)
        seen["ends on the cut-off's last second"] += (
            day == P4.cut_off + timedelta(days=1) == civil(r.ends) + timedelta(days=1)
        )
        seen["ends right after the cut-off"] += last == P4.cut_off + timedelta(days=1)
        seen["ends on the first day's first second"] += last == P4.starts
        seen["ends right before the first day"] += civil(r.ends) < P4.starts == day
        seen["ends tomorrow or later"] += scene.on < civil(r.ends) <= P4.cut_off
        late = P4.late_until + timedelta(days=1)
        seen["arrives in the last second"] += civil(r.arrived) < late == civil(r.arrived + SECOND)
        seen["arrives right after the last day"] += civil(r.arrived) == late
        before = corrected.get(r.number)
        seen["corrected twice or more"] += before is not None and before.number in corrected
        seen["a correction voided"] += r.corrects is not None and r.number in voids
        seen["a correction to nobody"] += r.corrects is not None and r.entry is None
        seen["a void voided"] += r.voids is not None and r.number in voids
        seen["nobody's record"] += r.entry is None
        seen["minutes zero"] += r.minutes == 0 and reason.get(r.number) == ""
        seen["a moment"] += r.starts == r.ends
    seen["a rejection ended"] += any(decision.ended for decision in history.decisions)
    _neighbours(history, reason, seen)


def _neighbours(history: History, reason: dict[int, str], seen: Counter) -> None:
    living = in_order([r for r in history.records if reason.get(r.number) in ("", "cap", "duplicate-of")])
    for place, b in enumerate(living):
        same = [a for a in living if a.course == b.course and a.mode == b.mode and a is not b]
        seen["touching, same course"] += any(a.ends == b.starts for a in same)
        seen["equal end, same course"] += any(a.ends == b.ends for a in same)
        earlier = [a for a in living[:place] if a in same and reason[a.number] == "duplicate-of" and overlap(a, b)]
        seen["three in a chain of duplicates"] += bool(earlier) and reason[b.number] != "duplicate-of"


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0)


def _person(history: History, scene: Scene, outcome: Outcome, seen: Counter) -> None:
    code, on = scene.programme.code, scene.on
    enrolment = standing_enrolment(history, code)
    seen["two entries"] += len(history.entries) == 2
    seen["three entries"] += len(history.entries) == 3
    seen["merged through another"] += any(e.merged_into not in (None, kept_entry(history)) for e in history.entries)
    seen["kept entry not enrolled"] += enrolment.entry != kept_entry(history)
    seen["two enrolments, one standing"] += len(enrolments_in(history, code)) > 1
    seen["two programmes"] += len({e.programme for e in history.enrolments}) > 1
    seen["left today"] += enrolment.left_on == on
    seen["left tomorrow"] += enrolment.left_on == on + timedelta(days=1)
    seen["reached beside left"] += outcome.state == "left" and outcome.reached != ""
    seen["reached beside exempt"] += outcome.state == "exempt" and outcome.reached != ""
    everything = {x.demand for x in history.exemptions}
    one_by_one = outcome.state == "exempt" and "*" not in everything
    seen["exempt one by one"] += one_by_one
    seen["exempt one by one, and reached"] += one_by_one and outcome.reached != ""
    day = min(on, P4.cut_off)
    for exemption in history.exemptions:
        merged = exemption.enrolment != enrolment.number
        seen["exempt under an entry that was merged"] += merged and exemption.granted and not exemption.ended
        seen["exempt until today"] += exemption.until == day
        seen["exempt from tomorrow"] += exemption.first > day
        seen["exemption not granted"] += not exemption.granted
        seen["exemption ended"] += exemption.ended
    closed = scene.programme.closed_on is not None and scene.programme.closed_on <= on
    for attempt in history.attempts:
        waits = attempt.state in ("submitted", "opened", "returned")
        if not closed or not waits or outcome.state not in ("pending", "not-passed") or attempt.handed_in is None:
            continue
        in_time = civil(attempt.handed_in) <= P4.cut_off
        seen["waits at the closing"] += in_time and outcome.state == "pending"
        seen["sent back and handed in again"] += attempt.again is not None and outcome.state == "pending"
        late = attempt.again is not None and outcome.state == "pending" and civil(attempt.again)
        seen["handed in again after the cut-off"] += late and late > P4.cut_off
        seen["handed in again on the last day"] += late == P4.late_until
        seen["returned in time"] += in_time and attempt.state == "returned" and outcome.state == "pending"
        seen["returned, too late now"] += in_time and attempt.state == "returned" and outcome.state == "not-passed"
        seen["handed in right after the cut-off"] += civil(attempt.handed_in - SECOND) == P4.cut_off and not in_time
    handed_in = any(a.state not in ("draft", "withdrawn") for a in history.attempts)
    seen["takes part by a result alone"] += (
        outcome.participant and not handed_in and not any(x.minutes for x in outcome.lines if x.reason == "")
    )
    drafts = bool(history.attempts) and all(attempt.state == "draft" for attempt in history.attempts)
    seen["a draft alone is not begun"] += drafts and outcome.state == "not-begun"


def look(history: History, scene: Scene, outcome: Outcome, seen: Counter) -> None:
    """Count what one teacher reaches."""
    _reasons(outcome, seen)
    _demands(history, scene, outcome, seen)
    _records(history, scene, outcome, seen)
    _person(history, scene, outcome, seen)


def missing(seen: Counter) -> list[str]:
    """What was required and not reached often enough."""
    return [f"{name}: {seen[name]} of {least}" for name, least in REQUIRED.items() if seen[name] < least]


def reached(name: str, count: int, seed: int) -> Counter:
    """What so many teachers of a plan reach, and how often."""
    plan, seen = PLANS[name], Counter()
    units = units_of(plan)
    for history, scene in teachers(count, seed, name):
        outcome = evaluate(history, plan, scene.programme, units, scene.on, scene.others)
        look_at(plan, units, history, scene, outcome, seen)
        if plan is P4:
            look(history, scene, outcome, seen)
    return seen


def report(name: str, count: int, seed: int) -> str:
    """Every required reason and boundary of a plan with its count; two asterisks where there are too few."""
    seen, required = reached(name, count, seed), required_of(PLANS[name])
    if name == "p4":
        required = {**REQUIRED, **required}
    lines = [f"{name}: {count} teachers"]
    lines += [f"{seen[what]:6} {what}{'  **' if seen[what] < least else ''}" for what, least in required.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:] if text.isdigit()]
    count, seed = (numbers + [20_000, SEED][len(numbers) :])[:2]
    for name in [text for text in sys.argv[1:] if text in PLANS] or PLANS:
        print(report(name, count, seed), flush=True)
