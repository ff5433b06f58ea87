"""From ticks to levels, by semantics 19–21: small tables that a clerk can check."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weineng.assessment.rules import LEVELS, better, decided_level, level_of, point_level

LEVEL = st.sampled_from(LEVELS)


@pytest.mark.parametrize(
    ("ticks", "level"),
    [
        ([], "fail"),
        (["pass:1"], "fail"),
        (["pass:1", "pass:2"], "pass"),
        (["pass:1", "pass:2", "excellent:1"], "pass"),
        (["pass:1", "pass:2", "excellent:1", "excellent:2"], "excellent"),
        (["pass:1", "excellent:1", "excellent:2"], "fail"),
    ],
)
def test_one_reviewers_level(ticks, level):
    assert level_of(ticks, [1, 2], [1, 2]) == level


def test_a_rubric_without_excellent_lines_makes_nobody_excellent():
    assert level_of(["pass:1"], [1], []) == "pass"


@pytest.mark.parametrize(
    ("first", "third", "level"),
    [
        (("pass", "pass"), None, "pass"),
        (("fail", "fail"), "excellent", "fail"),
        (("fail", "pass"), None, None),
        (("fail", "pass"), "pass", "pass"),
        (("fail", "excellent"), "pass", "pass"),
        (("fail", "excellent"), "fail", "fail"),
        (("pass", "excellent"), "fail", "pass"),
    ],
)
def test_the_panels_level(first, third, level):
    assert decided_level(first, third) == level


@pytest.mark.parametrize(
    ("levels", "level"),
    [
        (["pass"], "pass"),
        (["excellent", "excellent"], "excellent"),
        (["excellent", "pass"], "pass"),
        (["excellent", "fail"], "fail"),
        (["fail", "pass", "excellent"], "fail"),
    ],
)
def test_a_points_level(levels, level):
    assert point_level(levels) == level


@given(a=LEVEL, b=LEVEL, c=LEVEL)
def test_three_ratings_give_the_middle_one_in_any_order(a, b, c):
    middle = sorted((a, b, c), key=LEVELS.index)[1]
    assert {decided_level((x, y), z) for x, y, z in permutations((a, b, c)) if x != y} <= {middle}
    assert better(a, b) == (LEVELS.index(a) > LEVELS.index(b))
