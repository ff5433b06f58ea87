"""Linear inequalities over numbers that are not negative, decided exactly: a solution, or which of them contradict.

The simplex of Dutertre and de Moura ("A fast linear-arithmetic solver for DPLL(T)", 2006) with Bland's rule, so it ends;
whole numbers by branching. Nothing is rounded: a minute more or less is a minute more or less.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm

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
    split = next((number for number in whole if table.value[number][1] != 1), None)
    if split is None:
        return table.solution()
    value, of = table.value[split]
    below = value // of
    above = below + 1
    labels: Label = frozenset()
    for lower, upper in ((None, below), (above, None)):
        found = _branch(table.narrowed(split, lower, upper), whole, left, deep + 1)
        if not isinstance(found, Conflict):
            return found
        labels |= found.labels
    return Conflict(labels)


class _Table:
    """Unknowns and sums by number; each sum is written in the unknowns that are free to move.

    All in whole numbers, which are many times as fast as fractions: a row is multiplied until its factors and its bound are
    whole, a sum is a row over one denominator, a value a numerator and a denominator.
    """

    def __init__(self, system: System) -> None:
        self.numbers: dict[str, int] = {}
        for terms, *_bounds in system.rows:
            for name in terms:
                self.numbers.setdefault(name, len(self.numbers))
        many = len(self.numbers)
        self.sums: dict[int, tuple[dict[int, int], int]] = {}
        self.lower: dict[int, tuple[int, Label]] = {n: (0, frozenset()) for n in range(many)}
        self.upper: dict[int, tuple[int, Label]] = {}
        self.value: dict[int, tuple[int, int]] = dict.fromkeys(range(many + len(system.rows)), (0, 1))
        for place, (terms, lower, upper, label) in enumerate(system.rows, many):
            numbers = [*terms.values(), *(bound for bound in (lower, upper) if bound is not None)]
            times = lcm(*(number.denominator for number in numbers))
            self.sums[place] = {self.numbers[name]: int(factor * times) for name, factor in terms.items()}, 1
            if lower is not None:
                self.lower[place] = (int(lower * times), label)
            if upper is not None:
                self.upper[place] = (int(upper * times), label)

    def names(self, wanted: Sequence[str]) -> list[int]:
        return [self.numbers[name] for name in wanted if name in self.numbers]

    def solution(self) -> Mapping[str, Fraction]:
        return {name: Fraction(*self.value[number]) for name, number in self.numbers.items()}

    def narrowed(self, number: int, lower: int | None, upper: int | None) -> "_Table":
        """A copy in which one unknown has another bound; what a branch itself assumes is no label."""
        copy = object.__new__(_Table)
        copy.numbers, copy.value = self.numbers, dict(self.value)
        copy.sums = dict(self.sums)  # a row is never changed, only replaced
        copy.lower, copy.upper = dict(self.lower), dict(self.upper)
        bounds, bound = (copy.lower, lower) if upper is None else (copy.upper, upper)
        held = bounds.get(number, (0, frozenset()))[1]
        bounds[number] = (bound or 0, held)
        if number not in copy.sums:
            copy.move(number, (bound or 0, 1))
        return copy

    def move(self, free: int, to: tuple[int, int]) -> None:
        """Give a free unknown another value; the sums follow."""
        (was, under), (becomes, over) = self.value[free], to
        step, parts = becomes * under - was * over, under * over
        self.value[free] = to
        for basic, (row, whole) in self.sums.items():
            if free in row:
                held, of = self.value[basic]
                self.value[basic] = _lowest(held * whole * parts + row[free] * step * of, of * whole * parts)

    def settle(self) -> Conflict | None:
        """Bring every sum within its bounds, or say which bounds contradict."""
        while True:
            basic = min((n for n in self.sums if self.outside(n)), default=None)
            if basic is None:
                return None
            up = self.below(basic)
            row, _whole = self.sums[basic]
            free = min((n for n, factor in row.items() if self.may_move(n, up=(factor > 0) == up)), default=None)
            if free is None:
                held = [(self.lower if up else self.upper)[basic][1]]
                held += [(self.upper if (factor > 0) == up else self.lower)[n][1] for n, factor in row.items()]
                return Conflict(frozenset().union(*held))
            self.exchange(basic, free, (self.lower if up else self.upper)[basic][0])

    def below(self, number: int) -> bool:
        value, of = self.value[number]
        return number in self.lower and value < self.lower[number][0] * of

    def outside(self, number: int) -> bool:
        value, of = self.value[number]
        return self.below(number) or (number in self.upper and value > self.upper[number][0] * of)

    def may_move(self, number: int, *, up: bool) -> bool:
        value, of = self.value[number]
        if up:
            return number not in self.upper or value < self.upper[number][0] * of
        return number not in self.lower or value > self.lower[number][0] * of

    def exchange(self, basic: int, free: int, to: int) -> None:
        """Put a sum onto its bound by moving a free unknown, and let the two change places."""
        row, whole = self.sums.pop(basic)
        factor = row[free]
        (value, of), (held, under) = self.value[basic], self.value[free]
        step, parts = (to * of - value) * whole, of * factor  # how far the free one goes
        self.move(free, _lowest(held * parts + step * under, under * parts))
        self.value[basic] = to, 1
        sign = 1 if factor > 0 else -1
        turned = {n: -sign * other for n, other in row.items() if n != free} | {basic: sign * whole}
        over = abs(factor)
        for other, (its, below) in self.sums.items():
            if free in its:
                self.sums[other] = _replaced(its, below, free, turned, over)
        self.sums[free] = turned, over


def _replaced(
    row: dict[int, int], whole: int, free: int, turned: dict[int, int], over: int
) -> tuple[dict[int, int], int]:
    """A row over `whole` in which the unknown `free` is written as the row `turned` over `over`."""
    common = gcd(row[free], over)
    times, over = row[free] // common, over // common
    made = {n: factor * over for n, factor in row.items() if n != free}
    for n, part in turned.items():
        if total := made.get(n, 0) + times * part:
            made[n] = total
        else:
            made.pop(n, None)
    whole *= over
    common = gcd(whole, *made.values())
    return (made, whole) if common == 1 else ({n: factor // common for n, factor in made.items()}, whole // common)


def _lowest(above: int, below: int) -> tuple[int, int]:
    """A fraction in its lowest terms, its denominator positive."""
    common = gcd(above, below) if below > 0 else -gcd(above, below)
    return above // common, below // common
