"""Exact answers to linear inequalities: held against trying every whole number there is."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weineng.kernel.linear import Conflict, System, Undecided

NAMES = ("x", "y", "z")
ROWS = st.lists(
    st.tuples(st.sampled_from((True, False)), st.tuples(*[st.integers(-3, 3)] * 3), st.integers(-6, 9)),
    min_size=1,
    max_size=6,
)


def system(rows, skip=()):
    made = System()
    for place, (least, factors, bound) in enumerate(rows):
        if str(place) not in skip:
            (made.at_least if least else made.at_most)(dict(zip(NAMES, factors, strict=True)), bound, str(place))
    for name in NAMES:
        made.at_most({name: 1}, 4)
    return made


def holds(rows, values, only=None):
    return all(
        (sum(f * v for f, v in zip(factors, values, strict=True)) >= bound)
        if least
        else (sum(f * v for f, v in zip(factors, values, strict=True)) <= bound)
        for place, (least, factors, bound) in enumerate(rows)
        if only is None or str(place) in only
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS)
def test_there_is_a_whole_solution_exactly_where_one_is_found(rows):
    found = system(rows).solve(NAMES)
    some = [values for values in product(range(5), repeat=3) if holds(rows, values)]
    if isinstance(found, Conflict):
        assert some == []
        assert not any(holds(rows, values, found.labels) for values in product(range(5), repeat=3))
    else:
        assert tuple(found.get(name, 0) for name in NAMES) in some


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS)
def test_fractions_solve_what_no_whole_numbers_do(rows):
    found = system(rows).solve()
    if isinstance(found, Conflict):
        assert not any(holds(rows, values) for values in product([Fraction(n, 2) for n in range(9)], repeat=3))
    else:
        values = tuple(found.get(name, Fraction(0)) for name in NAMES)
        assert holds(rows, values)
        assert all(0 <= value <= 4 for value in values)


def test_a_conflict_names_what_contradicts_and_nothing_else():
    made = System()
    made.at_most({"online": 1}, 15, "cap")
    made.at_most({"research": 1}, 100, "other")
    made.at_least({"online": 1}, 20, "demand")
    assert made.solve() == Conflict(frozenset({"cap", "demand"}))


def test_one_minute_decides():
    for cap, solved in ((742, False), (743, True)):
        made = System()
        made.at_least({"practice": 100}, 33 * 2250, "share")
        made.at_most({"practice": 1}, cap, "cap")
        assert isinstance(made.solve(["practice"]), Conflict) != solved


def test_what_would_take_too_long_is_no_answer():
    made = System()
    made.at_least({"x": 2, "y": -2}, 1)  # even numbers never differ by one
    made.at_most({"x": 2, "y": -2}, 1)
    with pytest.raises(Undecided):
        made.solve(["x", "y"])
