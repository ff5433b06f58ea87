"""Demands on minutes, shares, credits and items in the second opinion, each at its boundary (ADR 0070 "Demands")."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.reference.cases import CHOICE, OPEN, TODAY, UNITS, at, exempt, judge, results, spread, standing, teacher
from tests.reference.evaluate import evaluate
from tests.reference.facts import (
    Appeal,
    Attempt,
    Choice,
    Declaration,
    Diagnosis,
    Enrolment,
    Flag,
    Posting,
    Programme,
    Result,
    SchoolPlan,
    Task,
    Unit,
)
from tests.reference.plan_lines import (
    CREDIT,
    Choosing,
    Credits,
    Earning,
    Items,
    Minutes,
    NoneFailed,
    Plan,
    Points,
    Share,
    points_of_standard,
)
from tests.reference.plans import P1, P2, P3, P5

DAY = timedelta(days=1)
PLAN = Plan(
    starts=date(2026, 1, 1),
    cut_off=date(2026, 12, 31),
    late_until=date(2027, 2, 28),
    kinds=(("online", ("online",)), ("practice", ("lesson-study",))),
    demands=(
        Minutes("online", ("online",), 100),
        Minutes("total", ("online", "practice"), 200),
        Share("half", ("practice",), 50, of="total"),
    ),
)
OF_COUNTED = replace(PLAN, demands=(*PLAN.demands[:2], Share("half", ("practice",), 50, of="total", base="counted")))


def learned(online, practice):
    return spread(100, online) + spread(200, practice, "lesson-study", month=6)


def told(demand, plan, **facts):
    """have, need, state and reasons of a demand."""
    found = standing(judge(teacher(**facts), plan=plan), demand)
    return found.have, found.need, found.state, found.reasons


# --- Shares -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("practice", "expected"), [
    (99, (99, 100, "open", ("share-short 1",))), (100, (100, 100, "met", ())), (101, (101, 100, "met", ())),
])  # fmt: skip
def test_a_share_of_what_is_required(practice, expected):
    assert told("half", PLAN, records=learned(100, practice)) == expected


def test_hours_without_end_online_do_not_raise_a_share_of_what_is_required():
    assert told("half", PLAN, records=learned(900, 100)) == (100, 100, "met", ())


def test_hours_online_raise_a_share_of_what_is_counted():
    assert told("half", OF_COUNTED, records=learned(100, 100)) == (100, 100, "met", ())
    assert told("half", OF_COUNTED, records=learned(101, 100)) == (100, 101, "open", ("share-short 1",))


@pytest.mark.parametrize(
    ("share", "base", "need"), [(33, 10, 4), (50, 3, 2), (50, 4, 2), (1, 100, 1), (1, 101, 2), (100, 7, 7)]
)
def test_what_a_share_needs_is_rounded_up(share, base, need):
    plan = replace(
        PLAN, demands=(Minutes("total", ("online", "practice"), base), Share("part", ("practice",), share, of="total"))
    )
    assert told("part", plan) == (0, need, "open", (f"share-short {need}",))
    assert told("part", plan, records=learned(0, need))[2] == "met"
    assert told("part", plan, records=learned(0, need - 1))[2] == "open"


def test_a_share_of_nothing_counted_is_met():
    assert told("half", OF_COUNTED) == (0, 0, "met", ())


def test_an_exemption_shrinks_what_a_share_is_of():
    assert told("half", PLAN, exemptions=exempt("online")) == (0, 50, "open", ("share-short 50",))


def test_a_share_of_what_is_exempt_is_exempt():
    assert told("half", PLAN, exemptions=exempt("total")) == (0, 0, "exempt", ())


def test_a_share_of_what_has_lost_all_its_minutes_is_exempt():
    plan = replace(PLAN, demands=(replace(PLAN.demands[0], minimum=200), *PLAN.demands[1:]))
    assert told("total", plan, exemptions=exempt("online"))[2] == "exempt"
    assert told("half", plan, exemptions=exempt("online")) == (0, 0, "exempt", ())


def test_a_share_of_what_is_counted_stays_when_that_demand_is_exempt():
    given = {"records": learned(100, 99), "exemptions": exempt("total")}
    assert told("half", OF_COUNTED, **given) == (99, 100, "open", ("share-short 1",))


def test_an_exempted_share_shrinks_nothing():
    assert told("half", PLAN, exemptions=exempt("half")) == (0, 100, "exempt", ())
    assert told("total", PLAN, exemptions=exempt("half"))[1] == 200


def test_who_is_wholly_exempt_keeps_the_share_for_what_they_have_reached():
    assert judge(teacher(records=learned(100, 100), exemptions=exempt("*")), plan=PLAN).reached == "pass"
    assert judge(teacher(records=learned(101, 99), exemptions=exempt("*")), plan=PLAN).reached == ""


@pytest.mark.parametrize(("online", "practice", "state"), [
    (70, 25, "pass"), (25, 25, "pass"), (26, 24, "in-progress"), (24, 26, "in-progress"), (0, 50, "in-progress"),
])  # fmt: skip
def test_hours_under_the_province_of_the_gate(online, practice, state):
    """70 hours online and 25 of practice pass; less than 25 online open no practice (P3)."""
    records = tuple(
        replace(
            r, starts=r.starts.replace(year=2020), ends=r.ends.replace(year=2020), arrived=r.arrived.replace(year=2020)
        )
        for r in spread(100, online * 45, month=3, a_day=200) + spread(300, practice * 45, "lesson-study", month=10)
    )
    given = teacher(records=records, results=results("pass", "pass"), choices=(replace(CHOICE, opened=()),))
    assert judge(given, plan=P3).state == state


def test_seventy_hours_online_and_twenty_five_of_practice_pass_in_the_school_plan():
    records = spread(100, 70 * 45, month=7) + spread(200, 10 * 45, "lesson-study", month=9)
    given = teacher(records=records, results=results("pass", "pass", "pass"), choices=(replace(CHOICE, opened=()),))
    outcome = judge(given, plan=P5)
    assert (outcome.state, standing(outcome, "practice").have, standing(outcome, "practice").need) == (
        "pass",
        1125,
        1125,
    )


# --- Flags --------------------------------------------------------------------------------------------------------
FLAGGED = replace(
    PLAN, demands=(Minutes("online", ("online",), 100, for_flag=(("smart", 120), ("rural", 80), ("poor", 110))),)
)


def needed(*flags, since=date(2026, 3, 1), postings=None, host="", plan=FLAGGED, **more):
    units = UNITS | {"school": Unit("school", "school", "district", flags=flags)}
    given = teacher(
        enrolments=(Enrolment(11, 1, "p4", since=since, host=host),),
        postings=postings or (Posting("group", date(2020, 9, 1), None),),
        **more,
    )
    return [s.need for s in evaluate(given, plan, OPEN, units, TODAY).standings]


@pytest.mark.parametrize(("flags", "need"), [
    ((), 100), (("smart",), 120), (("rural",), 100), (("poor", "smart"), 120), (("poor", "rural"), 110), (("other",), 100),
])  # fmt: skip
def test_the_largest_of_the_minimums_holds(flags, need):
    assert needed(*(Flag(flag, date(2025, 1, 1)) for flag in flags)) == [need]


@pytest.mark.parametrize(("first", "until", "need"), [
    ("2026-03-01", None, 120), ("2026-03-02", None, 100), ("2026-02-01", "2026-03-01", 100),
    ("2026-02-01", "2026-03-02", 120),
])  # fmt: skip
def test_a_flag_counts_as_it_was_on_the_first_day_of_the_enrolment(first, until, need):
    flag = Flag("smart", date.fromisoformat(first), date.fromisoformat(until) if until else None)
    assert needed(flag) == [need]


SMART = Flag("smart", date(2025, 1, 1))


def test_who_moves_keeps_the_minimum():
    away = (Posting("group", date(2020, 9, 1), date(2026, 3, 2)), Posting("district", date(2026, 3, 2), None))
    towards = (Posting("district", date(2020, 9, 1), date(2026, 3, 2)), Posting("group", date(2026, 3, 2), None))
    assert (needed(SMART, postings=away), needed(SMART, postings=towards)) == ([120], [100])


def test_office_staff_have_the_flags_of_their_host_school_and_a_second_post_gives_none():
    office = (Posting("district", date(2020, 9, 1), None), Posting("group", date(2020, 9, 1), None, home=False))
    assert (needed(SMART, postings=office, host="school"), needed(SMART, postings=office)) == ([120], [100])


def test_who_stands_in_a_school_and_has_a_host_school_has_the_flags_of_the_host_school():
    assert needed(SMART, host="closed-school") == [100]


def test_a_flag_raises_points_and_what_an_exemption_takes_away():
    points = replace(PLAN, demands=(Points("points", 3, for_flag=(("smart", 4),)),))
    assert needed(SMART, plan=points) == [4]
    inside = replace(FLAGGED, demands=(*FLAGGED.demands, Minutes("total", ("online", "practice"), 200)))
    assert needed(SMART, plan=inside, exemptions=exempt("online")) == [120, 80]


# --- Credits ------------------------------------------------------------------------------------------------------
ODD = tuple(replace(point, credits={"A1": 999, "A2": 1001}.get(point.code, 1000)) for point in points_of_standard())
CREDITS = replace(PLAN, demands=(Credits("credits", 30 * CREDIT),), points=ODD)


@pytest.mark.parametrize(("points", "expected"), [
    (("A1", "A3", "A5"), (2999, 3000, "open", ("credits-short 1",))), (("A3", "A4", "A5"), (3000, 3000, "met", ())),
    (("A2", "A3", "A5"), (3001, 3000, "met", ())),
])  # fmt: skip
def test_credits_of_passed_points_are_added(points, expected):
    given = {
        "choices": (replace(CHOICE, points=points),),
        "results": results("pass", "pass", "excellent", points=points),
    }
    assert told("credits", CREDITS, **given) == expected


def test_points_failed_or_outside_the_choice_earn_no_credits():
    given = {
        "choices": (replace(CHOICE, points=("A3", "A4")),),
        "results": results("pass", "fail", "pass", points=("A3", "A4", "A5")),
    }
    assert told("credits", CREDITS, **given) == (1000, 3000, "open", ("credits-short 2000",))


def test_without_a_choice_that_is_the_reason():
    assert told("credits", CREDITS, results=results("pass", "pass", "pass")) == (0, 3000, "open", ("no-choice",))


def test_passed_points_of_an_earlier_choice_earn_credits():
    earlier = replace(CHOICE, points=("A3", "A4"), superseded=at("2026-09-15 10:00"))
    later = Choice(62, 11, (), ("A5",), at("2026-09-15 10:00"))
    given = {"choices": (earlier, later), "results": results("pass", "fail", "pass", points=("A3", "A4", "A5"))}
    assert told("credits", CREDITS, **given)[0] == 2000


# --- Nothing failed -----------------------------------------------------------------------------------------------
NONE_FAILED = replace(PLAN, demands=(NoneFailed("none-failed"),))


def result(number, point, level, day, **more):
    return Result(number, 11, point, level, at(f"2026-09-{day:02} 10:00"), **more)


def items(*found):
    return told("none-failed", NONE_FAILED, choices=(CHOICE,), results=found)


@pytest.mark.parametrize(("levels", "expected"), [
    ((), (0, 0, "met", ())), (("pass",), (0, 0, "met", ())), (("fail",), (1, 0, "open", ("item-failed A1",))),
    (("pass", "fail"), (1, 0, "open", ("item-failed A1",))), (("fail", "pass"), (0, 0, "met", ())),
    (("fail", "fail"), (1, 0, "open", ("item-failed A1",))),
])  # fmt: skip
def test_the_latest_decided_attempt_decides(levels, expected):
    assert items(*(result(n, "A1", level, n) for n, level in enumerate(levels, 1))) == expected


def test_of_two_decided_in_one_instant_the_one_with_the_larger_number_is_the_latest():
    assert items(result(2, "A1", "fail", 1), result(1, "A1", "pass", 1))[3] == ("item-failed A1",)
    assert items(result(2, "A1", "pass", 1), result(1, "A1", "fail", 1))[3] == ()


def test_what_was_decided_later_is_the_latest_whatever_its_number():
    assert items(result(1, "A1", "pass", 9), result(2, "A1", "fail", 1))[2] == "met"
    assert items(result(1, "A1", "fail", 9), result(2, "A1", "pass", 1))[2] == "open"


def test_a_failed_point_of_an_earlier_choice_is_asked_for_only_if_it_had_been_passed():
    earlier = replace(CHOICE, superseded=at("2026-09-15 10:00"))
    later = Choice(62, 11, (), ("B1",), at("2026-09-15 10:00"))
    given = {
        "choices": (earlier, later),
        "results": (result(1, "A1", "fail", 1), result(2, "A2", "pass", 2), result(3, "A2", "fail", 3)),
    }
    assert told("none-failed", NONE_FAILED, **given) == (1, 0, "open", ("item-failed A2",))


def test_an_overturned_failure_is_none_and_what_overturned_it_is_the_latest():
    assert items(result(1, "A1", "pass", 1), result(2, "A1", "fail", 2, overturned=True))[2] == "met"
    lowered = (result(1, "A1", "pass", 1, overturned=True), result(2, "A1", "fail", 2, overturns=1))
    assert items(*lowered)[3] == ("item-failed A1",)


def test_failed_points_outside_the_choice_are_not_asked_for():
    assert items(result(1, "B4", "fail", 1))[2] == "met"


def test_each_failed_item_has_its_reason_in_the_order_of_the_codes():
    choice = replace(CHOICE, points=("A2", "A10", "A1"))
    given = {"choices": (choice,), "results": results("fail", "fail", "fail", points=("A2", "A10", "A1"))}
    assert told("none-failed", NONE_FAILED, **given)[3] == ("item-failed A1", "item-failed A10", "item-failed A2")


def test_a_point_passed_before_and_failed_by_its_latest_attempt_still_has_its_minutes_and_credits():
    plan = replace(
        CREDITS, demands=(*CREDITS.demands, *NONE_FAILED.demands), results=(Earning("point", "evidence", 30),)
    )
    given = teacher(choices=(CHOICE,), results=(result(1, "A5", "pass", 1), result(2, "A5", "fail", 2)))
    outcome = judge(given, plan=plan)
    assert [(s.demand, s.have, s.state) for s in outcome.standings] == [
        ("credits", 1000, "open"),
        ("none-failed", 1, "open"),
    ]
    assert [(line.number, line.minutes, line.reason) for line in outcome.lines] == [(1, 30, "")]


def test_who_has_failed_nothing_and_done_nothing_is_not_begun():
    plan = replace(PLAN, demands=(*NONE_FAILED.demands, Minutes("online", ("online",), 100)))
    assert judge(teacher(), plan=plan).state == "not-begun"


# --- One failed item fails all (P1) -------------------------------------------------------------------------------
FOUR = ("A1", "A2", "A5", "B1")
TASKS = tuple(Task(11, code, at("2026-03-01 10:00")) for code in P1.handbook)


def declared(*points, **more):
    return tuple(Declaration(11, p, at("2026-03-01 10:00"), at("2026-03-02 10:00"), **more) for p in points)


def town(*levels, points=FOUR, on=TODAY, closed_on=None, **facts):
    given = {
        "choices": (Choice(61, 11, (), FOUR, at("2026-02-01 10:00")),), "declarations": declared(*points), "tasks": TASKS,
        "results": results(*levels, points=points),
    }  # fmt: skip
    return judge(teacher(**given | facts), plan=P1, programme=Programme("p4", "district", closed_on), on=on)


def test_thirty_credits_and_nothing_failed_pass():
    assert town("pass", "pass", "pass", points=FOUR[:3]).state == "pass"


def test_one_failed_item_fails_all_though_thirty_credits_are_reached():
    levels, closing = ("pass", "pass", "pass", "fail"), date(2027, 1, 15)
    before = town(*levels)
    assert (before.state, before.reasons, standing(before, "items").reasons) == (
        "in-progress",
        ("items",),
        ("item-failed B1",),
    )
    assert town(*levels, on=closing, closed_on=closing).state == "not-passed"


def test_a_failed_item_is_repaired_by_another_attempt():
    levels = results("pass", "pass", "pass", "fail", points=FOUR)
    again = Result(590, 11, "B1", "pass", at("2026-10-01 10:00"))
    assert town(results=(*levels, again)).state == "pass"


def test_an_item_never_decided_leaves_when_its_declaration_is_withdrawn():
    rest = declared(*FOUR[:3]) + declared("B1", withdrawn=at("2026-11-01 23:59"))
    outcome = town("pass", "pass", "pass", points=FOUR[:3], declarations=rest)
    assert (outcome.state, standing(outcome, "declaration").have) == ("pass", 3)


def test_a_withdrawal_works_from_its_day():
    failed = results("pass", "pass", "pass", "fail", points=FOUR)
    withdrawn = declared(*FOUR[:3]) + declared("B1", withdrawn=at("2026-11-02 00:00"))
    assert [town(results=failed, declarations=withdrawn, on=day).state for day in (TODAY, TODAY + DAY)] == [
        "in-progress",
        "pass",
    ]


def test_declared_again_after_a_withdrawal_is_declared():
    both = declared("B1", withdrawn=at("2026-04-01 10:00")) + declared(*FOUR)
    assert town("pass", "pass", "pass", "fail", declarations=both).reasons == ("items",)


def test_a_passed_point_that_is_not_declared_earns_no_credit_here():
    outcome = town("pass", "pass", "pass", points=FOUR[:3], declarations=declared(*FOUR[:2], "B1"))
    assert (outcome.reasons, standing(outcome, "credits").have) == (("credits",), 2000)


def test_where_nobody_declares_the_points_of_the_choice_are_the_declared_ones():
    plan = replace(P1, choosing=Choosing(points=1), demands=(Credits("credits", 3000, of="declared"),))
    given = teacher(choices=(CHOICE,), results=results("pass", "pass", "pass"))
    assert judge(given, plan=plan).state == "pass"


@pytest.mark.parametrize(("handed_in", "state"), [("2026-12-31 23:59", "pending"), ("2027-01-01 00:00", "not-passed")])
def test_a_failed_item_handed_in_again_keeps_the_verdict_open(handed_in, state):
    attempt, closing = Attempt(71, 11, "B1", 2, "submitted", at(handed_in)), date(2027, 1, 15)
    levels = ("pass", "pass", "pass", "fail")
    assert town(*levels, attempts=(attempt,), on=closing, closed_on=closing).state == state


@pytest.mark.parametrize(("answered", "state"), [(None, "pending"), ("2026-12-01 10:00", "not-passed")])
def test_an_open_appeal_keeps_the_verdict_open(answered, state):
    appeal = Appeal(11, "B1", at("2026-11-15 10:00"), at(answered) if answered else None)
    closing = date(2027, 1, 15)
    assert town("pass", "pass", "pass", "fail", appeals=(appeal,), on=closing, closed_on=closing).state == state


# --- Items --------------------------------------------------------------------------------------------------------
def with_item(item, minimum=1, **more):
    return replace(PLAN, demands=(Items("it", item, minimum),), **more)


@pytest.mark.parametrize(("found", "have"), [
    ((), 0), (("fail",), 0), (("pass",), 1), (("excellent", "pass"), 1), (("pass", "fail"), 1),
])  # fmt: skip
def test_a_recording_is_done_when_its_best_level_is_a_pass(found, have):
    recordings = tuple(result(n, "", level, n) for n, level in enumerate(found, 1))
    assert told("it", with_item("recording"), results=recordings)[:2] == (have, 1)


@pytest.mark.parametrize(("codes", "expected"), [
    (("a",), (1, 2, "open", ("items-short 1",))), (("a", "b"), (2, 2, "met", ())), (("a", "a", "z"), (1, 2, "open", ("items-short 1",))),
    (("a", "b", "c"), (3, 2, "met", ())),
])  # fmt: skip
def test_tasks_of_the_handbook_count_once_each(codes, expected):
    tasks = tuple(Task(11, code, at("2026-03-01 10:00")) for code in codes)
    assert told("it", with_item("handbook", 2, handbook=("a", "b", "c")), tasks=tasks) == expected


@pytest.mark.parametrize(("first", "until", "have"), [
    (TODAY, None, 1), (TODAY + DAY, None, 0), (TODAY - DAY, TODAY, 0), (TODAY - DAY, TODAY + DAY, 1),
])  # fmt: skip
def test_the_plan_of_the_school_is_approved_on_the_day(first, until, have):
    programme = Programme("p4", "district", school_plans=(SchoolPlan("school", first, until),))
    outcome = judge(teacher(), plan=with_item("school-plan"), programme=programme)
    assert standing(outcome, "it").have == have


def test_office_staff_stand_under_the_plan_of_their_host_school():
    programme = Programme("p4", "district", school_plans=(SchoolPlan("school", date(2026, 1, 1)),))
    office = (Posting("district", date(2020, 9, 1), None),)
    had = []
    for host in ("school", "closed-school", ""):
        given = teacher(postings=office, enrolments=(Enrolment(11, 1, "p4", host=host),))
        had.append(standing(judge(given, plan=with_item("school-plan"), programme=programme), "it").have)
    assert had == [1, 0, 0]


def test_a_declaration_counts_when_the_group_has_agreed():
    plan = with_item("declaration", 2, choosing=Choosing(declare=True))
    waiting = (Declaration(11, "A2", at("2026-03-01 10:00")),)
    assert told("it", plan, declarations=declared("A1") + waiting)[0] == 1
    assert told("it", plan, declarations=declared("A1", "A2"))[0] == 2


@pytest.mark.parametrize(("handed_in", "have"), [(None, 0), ("2026-03-01 10:00", 1)])
def test_a_self_diagnosis_is_done_when_it_was_handed_in(handed_in, have):
    diagnosis = Diagnosis(11, at(handed_in) if handed_in else None)
    assert told("it", with_item("self-diagnosis"), diagnoses=(diagnosis,))[0] == have


@pytest.mark.parametrize("demand", [
    Credits("it", 3000), NoneFailed("it"), Items("it", "recording"), Points("it", 3), Minutes("it", ("online",), 100),
])  # fmt: skip
def test_an_exempted_demand_of_any_type_is_exempt(demand):
    given = {"choices": (CHOICE,), "results": results("fail"), "exemptions": exempt("it")}
    assert told("it", replace(CREDITS, demands=(demand,)), **given)[2:] == ("exempt", ())


# --- Advice -------------------------------------------------------------------------------------------------------
def test_what_a_plan_only_suggests_is_shown_and_part_of_no_state():
    """The province suggests 15 + 10 + 5 hours of practice and asks for 30 (P2, 17)."""
    moved = [
        replace(
            r, starts=r.starts.replace(year=2021), ends=r.ends.replace(year=2021), arrived=r.arrived.replace(year=2021)
        )
        for r in spread(100, 900) + spread(200, 1350, "lesson-study", month=6)
    ]
    plan = replace(P2, demands=P2.demands[:3])
    outcome = judge(teacher(records=tuple(moved)), plan=plan)
    assert outcome.state == "pass"
    assert {s.demand: (s.have, s.need, s.state) for s in outcome.advice} == {
        "evidence": (0, 675, "open"), "research": (0, 450, "open"), "recording": (0, 225, "open"),
    }  # fmt: skip
