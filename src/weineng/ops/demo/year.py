"""The year: what happens in which month, told as it happens. Everything is done by visitors and platforms over HTTP."""

import time as time_module
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from weineng.kernel import clock
from weineng.ops.demo.cast import Teacher, teachers
from weineng.ops.demo.launcher import Installation
from weineng.ops.demo.visitor import Unexpected, Visitor

Item = TypeVar("Item")
AT_ONCE = 4  # visitors at the same time
REMEMBERED = timedelta(
    days=13
)  # so long a browser stays signed in, but not where a strong role needs its second factor


@dataclass
class Stage:
    """Who is on it and where things are: what people would know of each other."""

    place: Installation
    people: list[Teacher] = field(default_factory=teachers)
    accounts: dict[str, str] = field(default_factory=dict)  # name -> sign-in name
    units: dict[str, str] = field(default_factory=dict)  # name of a unit -> its word in addresses
    keys: dict[str, str] = field(default_factory=dict)  # platform -> its key
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """One line of the tale, with its month."""
        self.place.say(f"  {time_module.monotonic() - self.place.began:4.0f} s  {clock.today():%Y-%m-%d}  {text}")

    def forward(self, day: str, at: str = "09:00") -> None:
        """Set the clock forward; whose session was idle too long meanwhile has to sign in again."""
        there = datetime.combine(date.fromisoformat(day), time.fromisoformat(at), clock.CIVIL)
        begun = (self.place.folder / "clock.json").exists()
        if not begun or there > clock.now():  # a year that goes on may stand in the middle of its day
            clock.set_forward(there)
        for visitor in self.visitors.values():
            if visitor.strong or visitor.seen is None or clock.now() - visitor.seen > REMEMBERED:
                visitor.signed_in = False

    def as_(self, name: str, role: str | None = None) -> Visitor:
        """Somebody, signed in; `role` changes to the post of that title ('' for oneself)."""
        visitor = self.visitors.get(name)
        if visitor is None:
            strong = not any(one.name == name and one.role not in ("cio", "principal") for one in self.people)
            visitor = self.visitors[name] = Visitor(self.place.address, self.accounts[name], name, strong=strong)
        if not visitor.signed_in:
            visitor.sign_in()
        visitor.seen = clock.now()
        if role is not None and visitor.role != role:
            visitor.act_as(role)
        return visitor

    def everybody(self, do: Callable[[Item], Any], whom: Iterable[Item]) -> int:
        """The same for many, some at the same time; returns how many."""
        with ThreadPoolExecutor(AT_ONCE) as hands:
            return len([done.result() for done in [hands.submit(do, one) for one in whom]])

    def of(self, *, school: str = "", role: str = "", group: str = "") -> list[Teacher]:
        """The people of a school, of a role, of a group."""
        return [
            p for p in self.people
            if (not school or p.school == school) and (not role or p.role == role) and (not group or p.group == group)
        ]  # fmt: skip


Scene = Callable[[Stage], None]


def play(place: Installation, scenes: Sequence[Scene]) -> Stage:
    """Live through the scenes that were not played yet; returns the stage as it stands at the end.

    Raises `Unexpected` at the first answer that is not what somebody came for: it names the scene and the page.
    """
    stage = Stage(place)
    known = place.remembered()
    stage.accounts, stage.units, stage.keys = known.get("names", {}), known.get("units", {}), known.get("keys", {})
    for number, scene in enumerate(scenes):
        if number >= known.get("scenes", 0):
            try:
                scene(stage)
            except Unexpected as error:
                raise Unexpected(f"scene “{scene.__name__}” on {clock.today()}: {error}") from error
            place.remember(scenes=number + 1, names=stage.accounts, units=stage.units, keys=stage.keys)
    return stage
