"""What an invented teacher is made with: the places, the programmes with their day, and one teacher in the making."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tests.reference.district_plan import P4
from tests.reference.facts import (
    Attempt,
    Choice,
    Decision,
    Enrolment,
    Entry,
    Exemption,
    History,
    Posting,
    Programme,
    Record,
    Result,
    Unit,
)
from tests.reference.minutes import ZONE

DAY = timedelta(days=1)
SINCE = date(2025, 9, 1)
SHUT = date(2026, 6, 1)  # some units closed then
AFTER = date(2027, 7, 15)  # the cut-off is over

UNITS = {
    unit.key: unit
    for unit in (
        Unit("bamboo", "county"),
        Unit("bamboo-1", "school", "bamboo"),
        Unit("bamboo-1-a", "group", "bamboo-1"),
        Unit("bamboo-1-b", "group", "bamboo-1"),
        Unit("bamboo-1-shut", "group", "bamboo-1", closed_on=SHUT),
        Unit("bamboo-1-today", "group", "bamboo-1", closed_on=AFTER),
        Unit("bamboo-1-tomorrow", "group", "bamboo-1", closed_on=AFTER + DAY),
        Unit("bamboo-2", "school", "bamboo"),  # without groups
        Unit("bamboo-shut", "school", "bamboo", closed_on=SHUT),
        Unit("bamboo-shut-a", "group", "bamboo-shut", closed_on=SHUT),
    )
}


@dataclass(frozen=True)
class Scene:
    """A programme and the day on which it is looked at."""

    programme: Programme
    on: date


def _scene(code: str, on: date, closed_on: date | None = None) -> Scene:
    return Scene(Programme(code, "bamboo", closed_on), on)


SCENES = (
    _scene("in-its-course", date(2026, 10, 15)),
    _scene("last-day", P4.cut_off),
    _scene("not-closed", AFTER),
    _scene("closed-today", AFTER, AFTER),
    _scene("closes-tomorrow", AFTER, AFTER + DAY),
    _scene("last-day-for-late-data", P4.late_until, AFTER),
    _scene("all-over", P4.late_until + DAY, AFTER),
)


def at(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """An instant of civil time."""
    return datetime.combine(day, time(hour, minute, second), ZONE)


@dataclass
class Maker:
    """One teacher in the making."""

    number: int
    rng: random.Random
    scene: Scene
    entries: list[Entry] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    exemptions: list[Exemption] = field(default_factory=list)
    taken: int = 0
    days: list[date] = field(default_factory=list)

    def next(self) -> int:
        """A number that no other row has."""
        self.taken += 1
        return 5_000_000 + self.number * 1000 + self.taken

    def fresh_day(self) -> date:
        """A day on which nothing happened yet."""
        if not self.days:
            last = min(self.scene.on, P4.cut_off)
            span = (last - P4.starts).days
            self.days = [P4.starts + n * DAY for n in self.rng.sample(range(5, span - 5), min(60, span - 10))]
        return self.days.pop()

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.rng.random() < share

    def history(self) -> History:
        """What was made, in no order: no rule may rest on one."""
        rows = {
            name: getattr(self, name)
            for name in (
                "records",
                "decisions",
                "attempts",
                "results",
                "choices",
                "exemptions",
                "postings",
                "enrolments",
            )
        }
        for values in rows.values():
            self.rng.shuffle(values)
        label = f"teacher {self.number} in {self.scene.programme.code}"
        return History(label, tuple(self.entries), **{name: tuple(values) for name, values in rows.items()})
