"""Linear inequalities over numbers that are not negative, decided exactly: a solution, or which of them contradict.

The simplex of Dutertre and de Moura ("A fast linear-arithmetic solver for DPLL(T)", 2006) over fractions, with Bland's
rule, so it ends; whole numbers by branching. Nothing is rounded: a minute more or less is a minute more or less.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

Label = frozenset[str]
MOST_BRANCHES, DEEPEST = 3_000, 200  # of one question, and one below the other; more is no answer


class Undecided(Exception):  # noqa: N818 (no error: the question was too long)
    """More branches than anybody wants to wait for."""


@dataclass(frozen=True)
class Conflict:
    """There is no solution; the bounds with these labels contradict each other."""

    labels: Label


@dataclass
class System:
    """Inequalities over named unknowns ≥ 0, each with a label that a conflict names."""

    rows: list[tuple[dict[str, Fraction], Fraction | None, Fraction | None, Label]] = field(default_factory=list)

    def at_least(self, terms: Mapping[str, int | Fraction], bound: int | Fraction, *label: str) -> None:
        """Σ factor · unknown ≥ bound."""
        self.rows.append(({n: Fraction(f) for n, f in terms.items() if f}, Fraction(bound), None, frozenset(label)))

    def at_most(self, terms: Mapping[str, int | Fraction], bound: int | Fraction, *label: str) -> None:
        """Σ factor · unknown ≤ bound."""
        self.rows.append(({n: Fraction(f) for n, f in terms.items() if f}, None, Fraction(bound), frozenset(label)))

    def solve(self, whole: Sequence[str] = ()) -> Mapping[str, Fraction] | Conflict:
        """A solution in which the unknowns named `whole` are whole numbers, tried in that order; raises Undecided."""
        table = _Table(self)
        return _branch(table, table.names(whole), iter(range(MOST_BRANCHES)))


def _branch(table: "_Table", whole: list[int], left: Iterator[int], deep: int = 0) -> Mapping[str, Fraction] | Conflict:
    if next(left, None) is None or deep > DEEPEST:
        raise Undecided
    if (conflict := table.settle()) is not None:
        return conflict
    split = next((number for number in whole if table.value[number].denominator != 1), None)
    if split is None:
        return table.solution()
    below, above = floor(table.value[split]), floor(table.value[split]) + 1
    labels: Label = frozenset()
    for lower, upper in ((None, below), (above, None)):
        found = _branch(table.narrowed(split, lower, upper), whole, left, deep + 1)
        if not isinstance(found, Conflict):
            return found
        labels |= found.labels
    return Conflict(labels)


class _Table:
    """Unknowns and sums by number; each sum is written in the unknowns that are free to move."""

    def __init__(self, system: System) -> None:
        self.numbers: dict[str, int] = {}
        for terms, *_bounds in system.rows:
            for name in terms:
                self.numbers.setdefault(name, len(self.numbers))
        many = len(self.numbers)
        self.sums: dict[int, dict[int, Fraction]] = {}
        self.lower: dict[int, tuple[Fraction, Label]] = {n: (Fraction(0), frozenset()) for n in range(many)}
        self.upper: dict[int, tuple[Fraction, Label]] = {}
        self.value = dict.fromkeys(range(many + len(system.rows)), Fraction(0))
        for place, (terms, lower, upper, label) in enumerate(system.rows, many):
            self.sums[place] = {self.numbers[name]: factor for name, factor in terms.items()}
            if lower is not None:
                self.lower[place] = (lower, label)
            if upper is not None:
                self.upper[place] = (upper, label)

    def names(self, wanted: Sequence[str]) -> list[int]:
        return [self.numbers[name] for name in wanted if name in self.numbers]

    def solution(self) -> Mapping[str, Fraction]:
        return {name: self.value[number] for name, number in self.numbers.items()}

    def narrowed(self, number: int, lower: int | None, upper: int | None) -> "_Table":
        """A copy in which one unknown has another bound; what a branch itself assumes is no label."""
        copy = object.__new__(_Table)
        copy.numbers, copy.value = self.numbers, dict(self.value)
        copy.sums = {basic: dict(row) for basic, row in self.sums.items()}
        copy.lower, copy.upper = dict(self.lower), dict(self.upper)
        bounds, bound = (copy.lower, lower) if upper is None else (copy.upper, upper)
        held = bounds.get(number, (Fraction(0), frozenset()))[1]
        bounds[number] = (Fraction(bound or 0), held)
        if number not in copy.sums:
            copy.move(number, Fraction(bound or 0))
        return copy

    def move(self, free: int, to: Fraction) -> None:
        """Give a free unknown another value; the sums follow."""
        step = to - self.value[free]
        self.value[free] = to
        for basic, row in self.sums.items():
            if free in row:
                self.value[basic] += row[free] * step

    def settle(self) -> Conflict | None:
        """Bring every sum within its bounds, or say which bounds contradict."""
        while True:
            outside = [n for n in self.sums if self.outside(n)]
            if not outside:
                return None
            basic = min(outside)
            up = basic in self.lower and self.value[basic] < self.lower[basic][0]
            row = self.sums[basic]
            free = min((n for n, factor in row.items() if self.may_move(n, up=(factor > 0) == up)), default=None)
            if free is None:
                held = [(self.lower if up else self.upper)[basic][1]]
                held += [(self.upper if (factor > 0) == up else self.lower)[n][1] for n, factor in row.items()]
                return Conflict(frozenset().union(*held))
            self.exchange(basic, free, (self.lower if up else self.upper)[basic][0])

    def outside(self, number: int) -> bool:
        below = number in self.lower and self.value[number] < self.lower[number][0]
        return below or (number in self.upper and self.value[number] > self.upper[number][0])

    def may_move(self, number: int, *, up: bool) -> bool:
        if up:
            return number not in self.upper or self.value[number] < self.upper[number][0]
        return number not in self.lower or self.value[number] > self.lower[number][0]

    def exchange(self, basic: int, free: int, to: Fraction) -> None:
        """Put a sum onto its bound by moving a free unknown, and let the two change places."""
        row = self.sums[basic]
        self.move(free, self.value[free] + (to - self.value[basic]) / row[free])
        del self.sums[basic]
        factor = row.pop(free)
        turned = {n: -other / factor for n, other in row.items()} | {basic: 1 / factor}
        for other in self.sums.values():
            if (times := other.pop(free, None)) is not None:
                for n, part in turned.items():
                    if total := other.get(n, Fraction(0)) + times * part:
                        other[n] = total
                    else:
                        other.pop(n, None)
        self.sums[free] = turned
