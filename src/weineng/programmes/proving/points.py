"""Which points somebody could choose and pass, and what a document asks of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from weineng.programmes.proving.kinds import TeacherKind, reachable_environments
from weineng.programmes.rules import Demand, Document
from weineng.standards.rules import AXES

Label = frozenset[str]
Goal = Literal["pass", "excellent"]


@dataclass(frozen=True)
class Point:
    """A point that somebody of a kind could work on; `barred` are the lines that keep it from being chosen."""

    code: str
    environment: str
    dimension: str
    credits: int
    barred: Label = frozenset()

    def on(self, axis: str) -> str:
        """Its value on an axis."""
        return self.dimension if axis == "dimension" else self.environment


@dataclass(frozen=True)
class Asked:
    """Points of `which` codes have to give `need` together; each gives its `weight` (1 where nothing is said)."""

    which: frozenset[str]
    need: int
    label: Label
    weight: Mapping[str, int] | None = None

    def given(self, points: Iterable[Point]) -> int:
        """What these points give of it."""
        return sum(self.weight[p.code] if self.weight else 1 for p in points if p.code in self.which)

    def fewest(self, points: Sequence[Point]) -> int:
        """So many points at least are needed to give it."""
        gives = sorted(
            (self.weight[p.code] if self.weight else 1 for p in points if p.code in self.which), reverse=True
        )
        total = number = 0
        while total < self.need and number < len(gives):
            total += gives[number]
            number += 1
        return number


@dataclass(frozen=True)
class Choosing:
    """One way a school opens and a teacher chooses: D, the points that can be had, what is asked of the chosen and the passed
    ones. `opened` None: nobody chooses anything."""

    opened: tuple[str, ...] | None
    points: tuple[Point, ...]
    of_choice: tuple[Asked, ...]
    of_passed: tuple[Asked, ...]
    labels: Label

    @property
    def lacking(self) -> Label | None:
        """Lines that even all points together do not meet; None: they meet all."""
        short = [asked for asked in (*self.of_choice, *self.of_passed) if asked.given(self.points) < asked.need]
        return frozenset().union(*(asked.label for asked in short)) if short else None

    @property
    def fewest(self) -> int:
        """At least so many points are passed."""
        return max((asked.fewest(self.points) for asked in self.of_passed), default=0)

    def passed(self, number: int) -> tuple[Point, ...]:
        """Points that meet everything asked of passed ones, at least so many."""
        return _least(self.of_passed, (), self.points, number)

    def chosen(self, passed: tuple[Point, ...]) -> tuple[Point, ...]:
        """What is chosen where these are passed."""
        return _least(self.of_choice, passed, self.points, len(passed))


def _least(asked: Sequence[Asked], taken: tuple[Point, ...], points: Sequence[Point], number: int) -> tuple[Point, ...]:
    """Few points that give everything asked, beside those taken: the one that helps most first, then those in vain go."""
    found = list(taken)
    rest = [point for point in points if point not in taken]

    def missing() -> list[Asked]:
        return [one for one in asked if one.given(found) < one.need]

    while rest and (short := missing()):
        best = max(
            rest, key=lambda p: sum(min(one.given([p]), one.need - one.given(found)) / one.need for one in short)
        )
        rest.remove(best)
        found.append(best)
    for point in [p for p in found if p not in taken]:
        without = [p for p in found if p != point]
        if all(one.given(without) >= min(one.need, one.given(found)) for one in asked):
            found = without
    rest = [point for point in points if point not in found]
    return tuple(found + rest[: max(0, number - len(found))])


def points_for(document: Document, kind: TeacherKind, standard: Mapping[str, Mapping[str, str]]) -> tuple[Point, ...]:
    """Every point of the standard and of the document that somebody of a kind could work on."""
    rule = document.choice
    local = {p.code: {"environment": p.environment, "dimension": p.dimension} for p in document.points.local}
    found = []
    for code, place in {**standard, **local}.items():
        if place["environment"] not in reachable_environments(kind.environment):
            continue
        barred = (
            {"choice.from.environment"}
            if rule.environments and place["environment"] not in rule.environments
            else set()
        )
        barred |= {"choice.from.dimension"} if rule.dimensions and place["dimension"] not in rule.dimensions else set()
        worth = document.points.credits_of(code)
        found.append(Point(code, place["environment"], place["dimension"], worth, frozenset(barred)))
    return tuple(found)


def choosings(
    document: Document, kind: TeacherKind, goal: Goal, points: Sequence[Point], dropped: Label
) -> Iterator[Choosing]:
    """Every way to open and choose, few opened values first; `dropped` are the lines taken as not said."""
    of_passed = _held(_of_passed(document, kind, goal, points, ()), dropped)
    in_each = [d for d in document.demands if d.each_opened and f"demands.{d.code}.each_opened" not in dropped]
    if not (of_passed or in_each):
        yield Choosing(None, (), (), (), frozenset())
    free = [point for point in points if not point.barred - dropped]
    from_lines: Label = frozenset().union(*(point.barred for point in points)) - dropped
    rule = document.choice
    if not rule.opened_minimum:
        yield Choosing((), tuple(free), _held(_of_choice(document, points, ()), dropped), of_passed, from_lines)
        return
    asked = [(rule.opened_minimum, "choice.opened.minimum")]
    asked += [
        (n, f"choice.opened.minimum_for_flag.{f}") for f, n in rule.opened_minimum_for_flag.items() if f in kind.flags
    ]
    held = [(least, line) for least, line in asked if line not in dropped]
    least = max((least for least, _line in held), default=1)
    opening = frozenset(line for n, line in held if n == least)
    values = [value for value in AXES[rule.axis] if any(point.on(rule.axis) == value for point in free)]
    yielded = False
    for size in range(least, len(values) + 1):
        for opened in combinations(values, size):
            yielded = True
            yield Choosing(
                opened,
                tuple(point for point in free if point.on(rule.axis) in opened),
                _held(_of_choice(document, points, opened), dropped),
                _held(_of_passed(document, kind, goal, points, opened), dropped),
                from_lines | opening,
            )
    if not yielded:
        never = Asked(frozenset(), 1, opening | from_lines)
        yield Choosing((), (), (never,), of_passed, from_lines | opening)


def _held(asked: Iterable[Asked], dropped: Label) -> tuple[Asked, ...]:
    return tuple(one for one in asked if not one.label & dropped)


def _of_choice(document: Document, points: Sequence[Point], opened: tuple[str, ...]) -> Iterator[Asked]:
    rule, every = document.choice, frozenset(point.code for point in points)
    yield Asked(every, rule.points_minimum, frozenset({"choice.points.minimum"}))
    yield from _in_each(rule.axis, opened, rule.each_opened, points, "choice.points.each_opened")
    if rule.credits:
        yield _credits(points, rule.credits, "choice.points.credits")


def _of_passed(
    document: Document, kind: TeacherKind, goal: Goal, points: Sequence[Point], opened: tuple[str, ...]
) -> Iterator[Asked]:
    every = frozenset(point.code for point in points)
    for demand in document.demands:
        path = f"demands.{demand.code}"
        if demand.type == "points":
            for least, line in minimums(demand, kind):
                yield Asked(every, least, frozenset({line}))
            yield from _in_each(document.choice.axis, opened, demand.each_opened, points, f"{path}.each_opened")
            for part in demand.parts:
                which = frozenset(point.code for point in points if point.on(part.axis) in part.values)
                yield Asked(which, part.minimum, frozenset({f"{path}.parts.{part.code}.minimum"}))
        if demand.type == "credits":
            yield _credits(points, demand.minimum, f"{path}.minimum")
        if demand.item == "declaration":
            yield Asked(every, demand.minimum, frozenset({f"{path}.minimum"}))
    if goal == "excellent":
        yield Asked(every, document.excellent_points, frozenset({"levels.excellent.points_excellent"}))


def minimums(demand: Demand, kind: TeacherKind) -> list[tuple[int, str]]:
    """What a demand asks of a kind of teacher: its minimum and those of the flags borne, each with its line."""
    name = "periods" if demand.type == "minutes" else "minimum"
    path = f"demands.{demand.code}.{name}"
    flags = [(n, f"{path}_for_flag.{flag}") for flag, n in demand.minimum_for_flag.items() if flag in kind.flags]
    return [(demand.minimum, path), *flags]


def _in_each(axis: str, opened: Iterable[str], each: int, points: Sequence[Point], line: str) -> Iterator[Asked]:
    for value in opened if each else ():
        yield Asked(frozenset(p.code for p in points if p.on(axis) == value), each, frozenset({line}))


def _credits(points: Sequence[Point], need: int, line: str) -> Asked:
    """What points are worth is a line of its own: without it they could be worth anything."""
    weight = {point.code: point.credits for point in points}
    return Asked(frozenset(weight), need, frozenset({line, "points.credits"}), weight)
