"""What the product has counted of invented teachers beside what a pencil says of them: made, loaded, counted, compared.

Seed and number can be set: WEINENG_TEST_SEED, WEINENG_TEST_TEACHERS. A difference prints the teacher's whole history.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from tests.progress.papers import document_of
from tests.reference.evaluate import Outcome, evaluate
from tests.reference.facts import History
from tests.reference.generate import COUNT, SEED, teachers
from tests.reference.load import Loaded, load
from tests.reference.making import Scene, at, scenes_of, units_of
from tests.reference.plan_lines import Plan
from tests.reference.plans import PLANS
from weineng.programmes import rules
from weineng.programmes.models import Gate
from weineng.progress.models import Counted, Standing, Tally

NUMBER = int(os.environ.get("WEINENG_TEST_TEACHERS", COUNT))
SEEDED = int(os.environ.get("WEINENG_TEST_SEED", SEED))
LINE = ("enrolment", "flagged", "origin", "origin_id", "kind", "minutes", "reason", "ref")
# What P4 has no occasion for; the plan that uses every line has.
ELSEWHERE = {
    "line before-gate",
    "line counted-elsewhere",
    *(f"standing {what}-short" for what in ("share", "part", "credits", "items")),
}
SHOWN = 3  # differing teachers printed in full

Made = tuple[History, Scene]  # a teacher and the scene for which they were made


@dataclass(frozen=True)
class Case:
    """A teacher in a programme on a day, and what a pencil says."""

    history: History
    scene: Scene
    own: bool  # the scene for which the teacher was made
    outcome: Outcome


def made_for(name: str, count: int) -> list[Made]:
    """Invented teachers of a plan, less enrolments in programmes that play no part in it, and appeals."""
    codes = {scene.programme.code for scene in scenes_of(PLANS[name])} | set(PLANS[name].exclusive_with)
    return [(of_these(history, codes), own) for history, own in teachers(count, SEEDED, name)]


def of_these(history: History, programmes: set[str]) -> History:
    """Less enrolments in other programmes, and appeals."""
    kept = tuple(enrolment for enrolment in history.enrolments if enrolment.programme in programmes)
    return replace(history, enrolments=kept, appeals=())


def load_made(made: Sequence[Made], plan: Plan, document: rules.Document) -> Loaded:
    """Put them into the tables, every programme of the scenes under this document, and those that the plan excludes; nothing is
    counted."""
    scenes = scenes_of(plan)
    others = [(other, document_of(its), scenes[0].on) for its, other in scenes[0].others.values()]
    running = [*others, *((scene.programme, document, scene.on) for scene in scenes)]
    return load([history for history, _ in made], units_of(plan), running, plan)


def compare(
    made: Sequence[Made], plan: Plan, loaded: Loaded, set_clock: Callable, count: Callable[[str, list[int]], object]
) -> list[Case]:
    """Have `count` count each programme (its code, the enrolments) on the day of its scene, what it excludes before it; all that
    stands of the programmes of the scenes is compared."""
    scenes, units = scenes_of(plan), units_of(plan)
    for scene in scenes:
        set_clock(at(scene.on, 23, 30))
        for code in (*plan.exclusive_with, scene.programme.code):
            count(code, [e.number for history, _ in made for e in history.enrolments if e.programme == code])
    cases = [
        Case(
            history,
            scene,
            scene.programme.code == own.programme.code,
            evaluate(history, plan, scene.programme, units, scene.on, scene.others),
        )
        for history, own in made
        for scene in scenes
        if scene.programme.code in {e.programme for e in history.enrolments}
    ]
    told = Told(loaded)
    for history, _ in made:
        told.forget([e.number for e in history.enrolments if e.programme in plan.exclusive_with])
    wrong = [case for case in cases if plain(case.outcome) != told.of(case.outcome.enrolment)]
    shown = "\n\n".join(explain(case, told.of(case.outcome.enrolment)) for case in wrong[:SHOWN])
    assert not wrong, f"seed {SEEDED}: {len(wrong)} of {len(cases)} differ\n\n{shown}"
    assert told.enrolments() == {case.outcome.enrolment for case in cases}  # nobody else has a line or a standing
    return cases


# --- Both sides as they are compared ------------------------------------------------------------------------------
def plain(outcome: Outcome) -> dict[str, object]:
    """What a pencil says."""
    return {
        "lines": sorted(
            (x.origin, x.number, x.kind, x.minutes, x.reason, x.ref, x.on.isoformat()) for x in outcome.lines
        ),
        "flagged": sorted({x.number for x in outcome.lines if x.flagged}),
        "demands": {s.demand: (s.have, s.need, s.met, s.state) for s in outcome.standings},
        "reasons": {s.demand: sorted(s.reasons) for s in outcome.standings if s.state == "open"},
        "state": outcome.state,
        "reached": outcome.reached,
        "participant": outcome.participant,
        "counted in": outcome.counted_in,
        "leaf": (outcome.leaf, outcome.leaf_kind),
        "gates": {o.gate.code: o.opened_on for o in outcome.openings if o.opened_on},
        "profile": {f"{e} {d}": level for e, d, level in outcome.profile if level != "not-applicable"},
    }


class Told:
    """What the product has written down, by enrolment."""

    def __init__(self, loaded: Loaded) -> None:
        names = {pk: key for key, pk in loaded.units.items()}
        self.lines, self.flagged = defaultdict(list), defaultdict(set)
        self.demands, self.reasons = defaultdict(dict), defaultdict(dict)
        self.overall: dict[int, dict[str, object]] = {}
        for enrolment, flagged, *line, on in Counted.objects.order_by("pk").values_list(*LINE, "event_on").iterator():
            self.lines[enrolment].append((*line, on.isoformat()))
            if flagged:
                self.flagged[enrolment].add(line[1])
        for s in Standing.objects.order_by("pk").iterator():
            if s.demand != "overall":
                self.demands[s.enrolment_id][s.demand] = (s.have, s.need, s.met, s.verdict)
                if s.verdict == "open":
                    self.reasons[s.enrolment_id][s.demand] = sorted(told_reason(reason) for reason in s.reasons)
                continue
            self.overall[s.enrolment_id] = {
                "state": s.verdict, "reached": s.detail["reached"], "participant": s.participant,
                "counted in": s.counted_in, "leaf": (names.get(s.leaf_id), s.leaf_kind),
                "profile": s.detail.get("profile", {}),
            }  # fmt: skip
        self.gates = defaultdict(dict)
        for gate in Gate.objects.order_by("pk"):
            self.gates[gate.enrolment_id][gate.gate] = gate.opened_on

    def forget(self, enrolments: list[int]) -> None:
        """Of those of other programmes only what counts here is looked at."""
        for enrolment in enrolments:
            for kept in (self.lines, self.flagged, self.demands, self.reasons, self.overall, self.gates):
                kept.pop(enrolment, None)

    def enrolments(self) -> set[int]:
        return {*self.lines, *self.demands, *self.overall}

    def of(self, enrolment: int) -> dict[str, object]:
        return {
            "lines": sorted(self.lines.get(enrolment, [])),
            "flagged": sorted(self.flagged.get(enrolment, [])),
            "demands": self.demands.get(enrolment, {}),
            "reasons": self.reasons.get(enrolment, {}),
            "gates": self.gates.get(enrolment, {}),
            **self.overall.get(enrolment, {"state": None}),
        }


def told_reason(reason: dict[str, object]) -> str:
    """A reason as a pencil writes it: its code and what is missing."""
    if "values" in reason:
        return f"{reason['code']} {' '.join(sorted(reason['values']))}"
    if reason["code"] == "item-failed":
        return f"item-failed {reason['point']}"
    if "part" in reason:
        return f"part-short {reason['part']} {reason['missing']}"
    return f"{reason['code']} {reason['missing']}" if "missing" in reason else str(reason["code"])


def reasons_told() -> Counter:
    """How often the product gave each reason: why minutes do not count, and why somebody has not passed."""
    told = Counter(f"line {reason or 'counts'}" for reason in Counted.objects.values_list("reason", flat=True))
    for reasons in Standing.objects.values_list("reasons", flat=True):
        told.update(f"standing {reason['code']}" for reason in reasons)
    return told


# --- Sums ---------------------------------------------------------------------------------------------------------
def summed(cases: list[Case]) -> dict[tuple[str, ...], tuple[int, ...]]:
    """People, participants and the sum of what they have, by programme, leaf, demand and verdict (29)."""
    sums: dict[tuple[str, ...], tuple[int, ...]] = {}
    for case in cases:
        outcome = case.outcome
        for s in outcome.standings:
            key = (case.scene.programme.code, outcome.leaf, outcome.leaf_kind, s.demand, s.state)
            people, participants, have = sums.get(key, (0, 0, 0))
            sums[key] = (people + 1, participants + outcome.participant, have + s.have)
        key = (case.scene.programme.code, outcome.leaf, outcome.leaf_kind, "overall", outcome.state)
        people, participants = sums.get(key, (0, 0))
        sums[key] = (people + 1, participants + outcome.participant)
    return sums


def tallied(loaded: Loaded) -> dict[tuple[str, ...], tuple[int, ...]]:
    """The same from the product's tallies (the sum of an overall standing has no meaning in the semantics)."""
    units = {pk: key for key, pk in loaded.units.items()}
    programmes = {pk: code for code, pk in loaded.programmes.items() if code not in loaded.excluded}
    return {
        (programmes[t.programme_id], units[t.leaf_id], t.leaf_kind, t.demand, t.verdict): (
            (t.people, t.participants) if t.demand == "overall" else (t.people, t.participants, t.have)
        )
        for t in Tally.objects.filter(programme__in=programmes).order_by("pk")
    }


# --- Explaining ---------------------------------------------------------------------------------------------------
def explain(case: Case, got: dict[str, object]) -> str:
    """The whole history and both outcomes."""
    history, expected = case.history, plain(case.outcome)
    text = [f"=== {history.label}, looked at on {case.scene.on}, {case.scene.programme}"]
    for field in fields(history)[1:]:
        text += [f"  {in_short(row)}" for row in getattr(history, field.name)]
    for part in expected:
        if not got or expected[part] == got.get(part):
            continue
        text.append(f"--- {part}")
        text += [f"  pencil:  {expected[part]}", f"  product: {got.get(part)}"]
        if part == "lines":
            text.append(f"  only pencil:  {[x for x in expected[part] if x not in got[part]]}")
            text.append(f"  only product: {[x for x in got[part] if x not in expected[part]]}")
    return "\n".join(text)


def in_short(row: object) -> str:
    """A row of a history with what is not usual in it, its instants in civil time."""
    told = []
    for field in fields(row):
        value = getattr(row, field.name)
        if value == field.default:
            continue
        told.append(f"{field.name}={value.isoformat(' ') if isinstance(value, datetime) else value}")
    return f"{type(row).__name__} {' '.join(told)}".replace("+08:00", "")
