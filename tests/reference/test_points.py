"""Points, parts, levels, local points, profiles, and hours that count elsewhere, in the second opinion (13–16, 26, 27, 34)."""

from dataclasses import replace
from datetime import date

import pytest

from tests.reference.cases import (
    CHOICE,
    OPEN,
    RECORDING,
    TODAY,
    UNITS,
    at,
    done,
    hours,
    judge,
    results,
    standing,
    teacher,
)
from tests.reference.evaluate import evaluate
from tests.reference.facts import Choice, Enrolment, Programme
from tests.reference.plan_lines import Cap, Earning, Minutes, Part, Plan, Point, Points, points_of_standard
from tests.reference.plans import P3, P4

PLAN = Plan(
    starts=date(2026, 1, 1),
    cut_off=date(2026, 12, 31),
    late_until=date(2027, 2, 28),
    kinds=(("online", ("online",)),),
    demands=(Points("points", 3),),
)
FREE = replace(CHOICE, opened=(), points=("A1", "A2", "A5", "B1", "C1"))


def told(demand, found, *, plan=PLAN, choice=FREE):
    """have, need, state and reasons of a demand on points, for point → level."""
    given = teacher(choices=(choice,), results=results(*found.values(), points=tuple(found)))
    s = standing(judge(given, plan=replace(plan, demands=(demand,))), demand.code)
    return s.have, s.need, s.state, s.reasons


def passed(*points):
    return dict.fromkeys(points, "pass")


# --- Without anybody who opens ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("points", "expected"), [
    (("A1", "A2"), (2, 3, "open", ("points-short 1",))), (("A1", "A2", "A5"), (3, 3, "met", ())),
    (("A1", "A2", "A5", "B1"), (4, 3, "met", ())),
])  # fmt: skip
def test_where_nobody_opens_the_number_is_enough(points, expected):
    assert told(Points("points", 3, each_opened=1), passed(*points)) == expected


def test_without_a_choice_nothing_is_met_however_many_were_passed():
    earlier = replace(FREE, superseded=at("2026-09-15 10:00"))
    given = teacher(choices=(earlier,), results=results("pass", "pass", "pass", points=("A1", "A2", "A5")))
    s = standing(judge(given, plan=PLAN), "points")
    assert (s.have, s.need, s.state, s.reasons) == (3, 3, "open", ("no-choice",))


# --- Opened -------------------------------------------------------------------------------------------------------
def test_two_in_each_of_two_opened_values_are_four():
    choice = replace(FREE, opened=("learner-analysis", "teaching-design"))
    demand = Points("points", 3, each_opened=2)
    assert told(demand, passed("A1", "A2", "C1"), choice=choice) == (
        3, 4, "open", ("points-short 1", "axis-missing learner-analysis"),
    )  # fmt: skip
    assert told(demand, passed("A1", "A2", "C1", "B1"), choice=choice) == (4, 4, "met", ())


def test_the_axis_may_be_the_environment():
    choice, plan = replace(FREE, opened=("multimedia", "smart")), replace(PLAN, axis="environment")
    demand = Points("points", 2, each_opened=1)
    assert told(demand, passed("A1", "A2"), choice=choice, plan=plan)[3] == ("axis-missing smart",)
    assert told(demand, passed("A1", "C1"), choice=choice, plan=plan)[2] == "met"


# --- Parts and levels ---------------------------------------------------------------------------------------------
DESIGN = Part("design", "dimension", ("teaching-design", "learner-analysis"), 2)
PARTED = Points("points", 1, parts=(DESIGN, Part("smart", "environment", ("smart",), 1)))


@pytest.mark.parametrize(("points", "reasons"), [
    (("A5",), ("part-short design 2", "part-short smart 1")), (("A1", "A2"), ("part-short smart 1",)),
    (("A1", "C1"), ()), (("C1",), ("part-short design 1",)), ((), ("points-short 1", "part-short design 2", "part-short smart 1")),
])  # fmt: skip
def test_each_part_has_its_own_number_and_one_point_may_serve_two(points, reasons):
    have, need, state, why = told(PARTED, passed(*points))
    assert (have, need, state, why) == (len(points), 1, "open" if reasons else "met", reasons)


@pytest.mark.parametrize(
    ("levels", "have"), [(("pass", "pass"), 0), (("excellent", "pass"), 1), (("excellent", "excellent"), 2)]
)
def test_a_demand_may_ask_for_excellent_points(levels, have):
    demand = Points("points", 1, level="excellent")
    assert told(demand, dict(zip(("A1", "A2"), levels, strict=True)))[0] == have


def test_of_a_superseded_choice_only_points_at_the_level_count():
    earlier = replace(FREE, points=("A1", "A2"), superseded=at("2026-09-15 10:00"))
    later = Choice(62, 11, (), ("A5",), at("2026-09-15 10:00"))
    given = teacher(choices=(earlier, later), results=results("pass", "excellent", points=("A1", "A2")))
    outcome = judge(given, plan=replace(PLAN, demands=(Points("any", 1), Points("good", 1, level="excellent"))))
    assert [(s.demand, s.have) for s in outcome.standings] == [("any", 2), ("good", 1)]


# --- Levels of the whole ------------------------------------------------------------------------------------------
def test_a_plan_without_excellent_has_no_such_state():
    given = done(results=results("excellent", "excellent", "excellent") + RECORDING)
    assert (judge(given).state, judge(given, plan=replace(P4, excellent_points=0)).state) == ("excellent", "pass")


# --- Local points -------------------------------------------------------------------------------------------------
LOCAL = replace(PLAN, points=(*points_of_standard(), Point("L1", "smart", "learner-analysis", local=True)))


def test_a_local_point_is_judged_and_counted_like_any_other():
    choice = replace(FREE, opened=("learner-analysis", "teaching-design"), points=("L1", "A2", "A3"))
    demand = Points("points", 3, each_opened=1)
    assert told(demand, passed("L1", "A2", "A3"), plan=LOCAL, choice=choice) == (3, 3, "met", ())
    plan = replace(LOCAL, demands=(demand,), results=(Earning("point", "evidence", 30),))
    outcome = judge(teacher(choices=(choice,), results=results("pass", points=("L1",))), plan=plan)
    assert [(line.kind, line.minutes) for line in outcome.lines] == [("evidence", 30)]


# --- Profile ------------------------------------------------------------------------------------------------------
def cells(plan, *levels, points):
    outcome = judge(teacher(results=results(*levels, points=points), choices=(FREE,)), plan=plan)
    return {(environment, dimension): level for environment, dimension, level in outcome.profile}


def test_a_profile_shows_the_highest_level_of_each_cell_chosen_or_not():
    profile = cells(P3, "pass", "excellent", "fail", "pass", points=("A2", "A3", "A5", "C6"))
    assert profile == {
        ("multimedia", "learner-analysis"): "none", ("multimedia", "teaching-design"): "excellent",
        ("multimedia", "learning-guidance"): "none", ("multimedia", "academic-assessment"): "none",
        ("blended", "learner-analysis"): "none", ("blended", "teaching-design"): "none",
        ("blended", "learning-guidance"): "none", ("blended", "academic-assessment"): "none",
        ("smart", "learner-analysis"): "not-applicable", ("smart", "teaching-design"): "none",
        ("smart", "learning-guidance"): "none", ("smart", "academic-assessment"): "pass",
    }  # fmt: skip


def test_a_local_point_makes_its_cell_applicable():
    plan = replace(LOCAL, profile=True)
    assert cells(plan, points=())["smart", "learner-analysis"] == "none"
    assert cells(plan, "pass", points=("L1",))["smart", "learner-analysis"] == "pass"


def test_a_profile_changes_no_state_and_a_plan_without_one_has_none():
    given = done()
    assert (judge(given).profile, judge(given, plan=replace(P4, profile=True)).state) == ((), judge(given).state)


# --- Hours that count elsewhere -----------------------------------------------------------------------------------
OTHER = replace(PLAN, demands=(Minutes("online", ("online",), 100),), caps=(Cap("day", "day", ("online",), 60),))
HERE = replace(OTHER, caps=(), exclusive_with=("other",))


def elsewhere(*records, enrolled=True):
    enrolments = (Enrolment(11, 1, "p4"), *((Enrolment(12, 1, "other"),) if enrolled else ()))
    others = {"other": (OTHER, Programme("other", "district"))}
    outcome = evaluate(teacher(records=records, enrolments=enrolments), HERE, OPEN, UNITS, TODAY, others)
    return sorted((line.number, line.minutes, line.reason, line.ref) for line in outcome.lines)


def test_a_record_of_which_a_minute_counts_there_counts_for_nothing_here():
    partly, not_at_all = hours(1, 90, "2026-05-01 08:00"), hours(2, 30, "2026-05-01 10:00", course="d")
    assert elsewhere(partly, not_at_all) == [(1, 90, "counted-elsewhere", "other"), (2, 30, "", "")]


def test_who_is_not_enrolled_there_has_all_hours_here():
    assert elsewhere(hours(1, 90, "2026-05-01 08:00"), enrolled=False) == [(1, 90, "", "")]


def test_the_programme_that_is_named_does_not_look_back():
    records = (hours(1, 60, "2026-05-01 08:00"),)
    given = teacher(records=records, enrolments=(Enrolment(11, 1, "p4"), Enrolment(12, 1, "other")))
    outcome = evaluate(given, OTHER, Programme("other", "district"), UNITS, TODAY, {"p4": (HERE, OPEN)})
    assert [line.reason for line in outcome.lines] == [""]


def test_a_duplicate_is_one_before_it_is_looked_for_elsewhere():
    a, b = hours(1, 30, "2026-05-01 08:00"), hours(2, 30, "2026-05-01 08:00")
    assert [line[2] for line in elsewhere(a, b)] == ["counted-elsewhere", "duplicate-of"]
