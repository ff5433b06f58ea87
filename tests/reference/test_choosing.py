"""Opening, choosing, declaring and handing in, in the second opinion (14, 15, 25)."""

from dataclasses import replace

import pytest

from tests.reference.cases import at
from tests.reference.choosing import (
    against_choice,
    against_handing_in,
    against_opening,
    against_withdrawal,
    values_to_open,
)
from tests.reference.facts import Result
from tests.reference.plan_lines import Choosing
from tests.reference.plans import P1, P2, P3

TWO, THREE = ["learner-analysis", "teaching-design"], ["learner-analysis", "teaching-design", "academic-assessment"]


@pytest.mark.parametrize(("flags", "least"), [((), 2), (("rural",), 2), (("smart-education",), 3)])
def test_a_school_opens_two_values_and_one_of_smart_education_three(flags, least):
    assert values_to_open(P2, flags) == least


def test_a_flag_never_lowers_what_a_school_opens():
    plan = replace(P2, choosing=replace(P2.choosing, opened_for_flag=(("rural", 1),)))
    assert values_to_open(plan, ("rural",)) == 2


@pytest.mark.parametrize(("flags", "values", "points", "reasons"), [
    ((), TWO, ["A1", "A2"], []), ((), TWO[:1], ["A1"], ["too-few-values"]), (("smart-education",), TWO, ["A1", "A2"], ["too-few-values"]),
    (("smart-education",), THREE, ["A1", "A2", "A11"], []), ((), TWO, ["A1", "B1"], ["value-without-point teaching-design"]),
    ((), TWO, ["A1", "A2", "A11"], []),  # what is open beside the declared values opens none
])  # fmt: skip
def test_what_speaks_against_the_opening_of_a_school(flags, values, points, reasons):
    assert against_opening(P2, flags, values, points) == reasons


@pytest.mark.parametrize(("points", "reasons"), [
    (["A1", "A2", "A3"], []), (["A1", "A2"], ["too-few-points"]), (["A1", "A1", "A2"], ["too-few-points"]),
    (["A2", "A3", "A4"], ["value-without-point learner-analysis"]), (["A1", "A2", "C1"], ["not-open C1"]),
])  # fmt: skip
def test_what_speaks_against_a_choice_under_a_school_plan(points, reasons):
    assert against_choice(P2, TWO, ["A1", "A2", "A3", "A4"], points, []) == reasons


def test_four_opened_values_take_four_points():
    opened = ["A1", "A2", "A5", "A11"]
    values = [*THREE, "learning-guidance"]
    assert against_choice(P2, values, opened, ["A1", "A2", "A11"], []) == [
        "too-few-points",
        "value-without-point learning-guidance",
    ]
    assert against_choice(P2, values, opened, opened, []) == []


@pytest.mark.parametrize(("points", "reasons"), [
    (["A1", "A2", "B1"], []), (["A1", "A2"], ["too-few-credits"]), (["A1", "A2", "C1"], ["not-open C1"]),
    ([], ["too-few-points", "too-few-credits"]),
])  # fmt: skip
def test_in_the_town_nobody_opens_and_thirty_credits_of_two_environments_are_chosen(points, reasons):
    assert against_choice(P1, [], [], points, []) == reasons


def test_a_plan_may_leave_dimensions_out():
    plan = replace(P2, choosing=Choosing(dimensions=("teaching-design",), points=1))
    assert [against_choice(plan, [], [], [point], []) for point in ("A2", "A1")] == [[], ["not-open A1"]]


def test_nothing_is_chosen_or_handed_in_before_a_gate_that_refuses():
    assert against_choice(P3, [], [], ["A1", "A2"], ["online-first"]) == ["gate-closed"]
    assert against_handing_in(P3, ["A1"], ["A1"], "A1", ["online-first"]) == ["gate-closed"]
    assert against_handing_in(P3, ["A1"], ["A1"], "A1", []) == []


def test_only_declared_points_are_handed_in_where_points_are_declared():
    assert against_handing_in(P1, ["A1", "A2"], ["A1"], "A2", []) == ["not-declared"]
    assert against_handing_in(P1, ["A1", "A2"], ["A1"], "A1", []) == []
    assert against_handing_in(P1, ["A1", "A2"], ["A1"], "A5", []) == ["not-chosen"]
    assert against_handing_in(P2, ["A1", "A2"], [], "A2", []) == []


@pytest.mark.parametrize(("overturned", "reasons"), [(False, ["already-decided"]), (True, ["already-decided"])])
def test_what_was_decided_cannot_be_withdrawn(overturned, reasons):
    decided = [Result(501, 11, "A1", "fail", at("2026-09-01 10:00"), overturned=overturned)]
    assert (against_withdrawal(decided, "A1"), against_withdrawal(decided, "A2")) == (reasons, [])
