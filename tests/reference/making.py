"""What an invented teacher is made with: the places, the programmes with their day, and one teacher in the making."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tests.reference.evaluate import NO_OTHERS, Others
from tests.reference.facts import (
    Appeal,
    Attempt,
    Choice,
    Decision,
    Declaration,
    Diagnosis,
    Enrolment,
    Entry,
    Exemption,
    Flag,
    History,
    Posting,
    Programme,
    Record,
    Result,
    SchoolPlan,
    Task,
    Unit,
)
from tests.reference.lines import ZONE
from tests.reference.plan_lines import Plan
from tests.reference.plans import OLDER, P4

DAY = timedelta(days=1)
FLAG_DAY = 100  # days after the start of the cycle a flag comes, and another goes
ROWS = (
    "records", "decisions", "attempts", "results", "choices", "exemptions", "postings", "enrolments", "declarations",
    "appeals", "tasks", "diagnoses",
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A programme and the day on which it is looked at."""

    programme: Programme
    on: date
    others: Others = field(default_factory=lambda: NO_OTHERS)


def at(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """An instant of civil time."""
    return datetime.combine(day, time(hour, minute, second), ZONE)


def over(plan: Plan) -> date:
    """A day after the cut-off: the scenes of the closing."""
    return plan.cut_off + 15 * DAY


def shut(plan: Plan) -> date:
    """The day on which some units closed."""
    return plan.starts + 151 * DAY


def since(plan: Plan) -> date:
    """Since when people have had their posts."""
    return plan.starts - 122 * DAY


def units_of(plan: Plan) -> dict[str, Unit]:
    """A county with two schools and some that closed; flags come and go on one day."""
    change, after = plan.starts + FLAG_DAY * DAY, over(plan)
    smart = (Flag("smart-education", change),)
    rural = (Flag("rural", since(plan), change), Flag("smart-education", since(plan), plan.starts))
    units = (
        Unit("bamboo", "county"),
        Unit("bamboo-1", "school", "bamboo", flags=smart),
        Unit("bamboo-1-a", "group", "bamboo-1"),
        Unit("bamboo-1-b", "group", "bamboo-1"),
        Unit("bamboo-1-shut", "group", "bamboo-1", closed_on=shut(plan)),
        Unit("bamboo-1-today", "group", "bamboo-1", closed_on=after),
        Unit("bamboo-1-tomorrow", "group", "bamboo-1", closed_on=after + DAY),
        Unit("bamboo-2", "school", "bamboo", flags=rural),  # without groups
        Unit("bamboo-shut", "school", "bamboo", closed_on=shut(plan)),
        Unit("bamboo-shut-a", "group", "bamboo-shut", closed_on=shut(plan)),
    )
    return {unit.key: unit for unit in units}


def scenes_of(plan: Plan) -> tuple[Scene, ...]:
    """In its course, on its last day, at its closing, the day before and after, and when all is over."""
    after, middle = over(plan), plan.starts + (plan.cut_off - plan.starts) * 10 // 19
    days = (
        ("in-its-course", middle, None),
        ("last-day", plan.cut_off, None),
        ("not-closed", after, None),
        ("closed-today", after, after),
        ("closes-tomorrow", after, after + DAY),
        ("last-day-for-late-data", plan.late_until, after),
        ("all-over", plan.late_until + DAY, after),
    )
    others = {code: (OLDER, Programme(code, "bamboo")) for code in plan.exclusive_with}
    scenes = []
    for code, on, closed_on in days:
        plans = (
            SchoolPlan("bamboo-1", on, None),
            SchoolPlan("bamboo-2", plan.starts, on),
            SchoolPlan("bamboo-2", on + DAY),
        )
        scenes.append(Scene(Programme(code, "bamboo", closed_on, plans), on, others))
    return tuple(scenes)


SCENES, UNITS = scenes_of(P4), units_of(P4)


@dataclass
class Maker:
    """One teacher in the making."""

    number: int
    rng: random.Random
    scene: Scene
    plan: Plan = P4
    entries: list[Entry] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    exemptions: list[Exemption] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    appeals: list[Appeal] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    taken: int = 0
    days: list[date] = field(default_factory=list)

    def next(self) -> int:
        """A number that no other row has."""
        self.taken += 1
        return 5_000_000 + self.number * 1000 + self.taken

    def fresh_day(self, *, late: bool = False) -> date:
        """A day on which nothing happened yet; where the plan has gates, of the first half, or `late` of the second."""
        if not self.days:
            span = (min(self.scene.on, self.plan.cut_off) - self.plan.starts).days
            picked = self.rng.sample(range(5, span - 5), min(60, span - 10))
            self.days = [self.plan.starts + n * DAY for n in picked]
            if self.plan.gates:
                self.days.sort()
        return self.days.pop(-1 if late or not self.plan.gates else 0)

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.rng.random() < share

    def history(self) -> History:
        """What was made, in no order: no rule may rest on one."""
        rows = {name: getattr(self, name) for name in ROWS}
        for values in rows.values():
            self.rng.shuffle(values)
        label = f"teacher {self.number} in {self.scene.programme.code}"
        return History(label, tuple(self.entries), **{name: tuple(values) for name, values in rows.items()})
