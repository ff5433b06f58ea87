"""The second opinion itself, against cases that a clerk can check with the plan's text and a pencil.

P4: 20 hours online (900 minutes, at most 360 a day), evidence of three points (3 × 225), 10 hours of research (450), the
recording (225); practice 1350, in all 2250; three passed points of the choice, one in each opened dimension.
"""

from dataclasses import replace
from datetime import date

import pytest

from tests.reference.cases import (
    CHOICE,
    RECORDING,
    THREE,
    at,
    done,
    exempt,
    hours,
    judge,
    numbers,
    results,
    spread,
    standing,
    teacher,
    told,
)
from tests.reference.facts import (
    Attempt,
    Choice,
    Enrolment,
    Entry,
    Exemption,
    Posting,
    Programme,
    Result,
)


# --- Minimums -----------------------------------------------------------------------------------------------------
def test_everything_done_exactly_is_a_pass():
    outcome = judge(done())
    assert outcome.state == "pass"
    assert numbers(outcome) == {
        "online": (900, 900, "met"),
        "evidence": (675, 675, "met"),
        "research": (450, 450, "met"),
        "recording": (225, 225, "met"),
        "practice": (1350, 1350, "met"),
        "total": (2250, 2250, "met"),
        "points": (3, 3, "met"),
    }


@pytest.mark.parametrize(("minutes", "state", "open_demands"), [
    (899, "in-progress", ("online", "total")),
    (900, "pass", ()),
    (901, "pass", ()),
])  # fmt: skip
def test_a_minute_more_or_less_online(minutes, state, open_demands):
    outcome = judge(done(records=spread(100, minutes) + spread(200, 450, "school-research", month=6)))
    assert (outcome.state, outcome.reasons) == (state, open_demands)


@pytest.mark.parametrize(("minutes", "open_demands"), [
    (449, ("research", "practice", "total")), (450, ()), (451, ()),
])  # fmt: skip
def test_a_minute_more_or_less_of_research(minutes, open_demands):
    outcome = judge(done(records=spread(100, 900) + spread(200, minutes, "school-research", month=6)))
    assert outcome.reasons == open_demands


def test_more_hours_online_do_not_replace_practice():
    outcome = judge(done(records=spread(100, 2000) + spread(200, 449, "school-research", month=6)))
    assert outcome.reasons == ("research", "practice")


def test_more_research_does_not_replace_the_recording():
    given = done(
        results=results("pass", "pass", "pass"), records=spread(100, 900) + spread(200, 675, "school-research")
    )
    assert judge(given).reasons == ("recording",)


def test_fifteen_and_ten_and_five_hours_are_the_thirty_of_practice():
    outcome = judge(done())
    assert [standing(outcome, d).have for d in ("evidence", "research", "recording", "practice")] == [
        675,
        450,
        225,
        1350,
    ]


def test_nothing_done_is_not_begun():
    outcome = judge(teacher())
    assert (outcome.state, outcome.participant, outcome.counted_in) == ("not-begun", False, True)


# --- Points -------------------------------------------------------------------------------------------------------
def test_two_points_are_not_three():
    outcome = judge(done(results=results("pass", "pass", "fail") + RECORDING))
    assert outcome.reasons == ("evidence", "practice", "total", "points")
    assert standing(outcome, "points").have == 2


def test_without_a_choice_passed_points_earn_minutes_but_are_not_the_demand():
    outcome = judge(done(choices=()))
    assert (outcome.reasons, standing(outcome, "points").reasons) == (("points",), ("no-choice",))


def test_a_passed_point_outside_the_choice_is_not_among_them():
    given = done(results=results("pass", "pass", "pass", points=("A1", "A2", "B4")) + RECORDING)
    outcome = judge(given)
    assert (standing(outcome, "points").have, outcome.reasons) == (2, ("points",))


def test_an_opened_dimension_without_a_passed_point_is_not_enough():
    choice = replace(
        CHOICE, opened=("learner-analysis", "teaching-design", "academic-assessment"), points=(*THREE, "A11")
    )
    outcome = judge(done(choices=(choice,)))
    assert numbers(outcome)["points"] == (3, 3, "open")


def test_four_opened_dimensions_need_four_points():
    opened = ("learner-analysis", "teaching-design", "learning-guidance", "academic-assessment")
    choice = replace(CHOICE, opened=opened, points=(*THREE, "A11"))
    four = results("pass", "pass", "pass", "pass", points=(*THREE, "A11")) + RECORDING
    assert numbers(judge(done(choices=(choice,), results=four)))["points"] == (4, 4, "met")
    assert numbers(judge(done(choices=(choice,))))["points"] == (3, 4, "open")


def test_passed_points_of_an_earlier_choice_count_and_the_new_dimensions_apply():
    earlier = replace(CHOICE, superseded=at("2026-09-15 10:00"))
    later = Choice(62, 11, ("learner-analysis", "academic-assessment"), ("B1", "A11", "B9"), at("2026-09-15 10:00"))
    assert numbers(judge(done(choices=(earlier, later))))["points"] == (3, 3, "open")
    more = results("pass", "pass", "pass", "pass", points=(*THREE, "A11")) + RECORDING
    assert numbers(judge(done(choices=(earlier, later), results=more)))["points"] == (4, 3, "met")


# --- Results ------------------------------------------------------------------------------------------------------
def test_a_new_attempt_never_lowers_a_point():
    again = Result(520, 11, "A1", "fail", at("2026-10-10 10:00"))
    assert judge(done(results=(*results("pass", "pass", "pass"), *RECORDING, again))).state == "pass"


def test_a_second_attempt_that_passes_counts_from_its_own_day():
    fail, passed = (
        Result(520, 11, "A1", "fail", at("2026-09-01 10:00")),
        Result(521, 11, "A1", "pass", at("2026-10-10 10:00")),
    )
    assert [(x.number, x.on) for x in judge(teacher(results=(fail, passed))).lines] == [(521, date(2026, 10, 10))]


def test_an_overturned_pass_is_lost_with_its_minutes():
    first, *others = results("pass", "pass", "pass")
    overturn = Result(520, 11, "A1", "fail", at("2026-10-10 10:00"), overturns=501)
    given = done(results=(replace(first, overturned=True), *others, *RECORDING, overturn))
    assert judge(given).reasons == ("evidence", "practice", "total", "points")


def test_an_overturned_overturn_is_in_force_no_longer():
    a = Result(520, 11, "A1", "fail", at("2026-09-10 10:00"), overturned=True)
    b = Result(521, 11, "A1", "pass", at("2026-09-11 10:00"), overturned=True, overturns=520)
    c = Result(522, 11, "A1", "excellent", at("2026-09-12 10:00"), overturns=521)
    assert [(x.number, x.minutes) for x in judge(teacher(results=(a, b, c))).lines] == [(522, 225)]


def test_a_point_earns_once_on_its_first_pass_in_force():
    twice = (
        Result(520, 11, "A1", "pass", at("2026-09-10 10:00")),
        Result(521, 11, "A1", "excellent", at("2026-09-11 10:00")),
    )
    assert [(x.number, x.minutes) for x in judge(teacher(results=twice)).lines] == [(520, 225)]


@pytest.mark.parametrize(("levels", "state"), [
    (("pass", "pass", "excellent"), "pass"),
    (("pass", "excellent", "excellent"), "excellent"),
    (("excellent", "excellent", "excellent"), "excellent"),
])  # fmt: skip
def test_excellent_is_a_pass_with_two_excellent_points(levels, state):
    assert judge(done(results=results(*levels) + RECORDING)).state == state


def test_an_excellent_recording_is_no_excellent_point():
    recording = replace(RECORDING[0], level="excellent")
    assert judge(done(results=(*results("pass", "pass", "excellent"), recording))).state == "pass"


def test_two_excellent_points_of_somebody_who_has_not_passed_are_nothing():
    given = done(records=spread(100, 899), results=results("excellent", "excellent", "pass") + RECORDING)
    assert judge(given).state == "in-progress"


# --- States -------------------------------------------------------------------------------------------------------
CLOSED = Programme("p4", "district", closed_on=date(2027, 7, 15))


@pytest.mark.parametrize(("on", "state"), [
    (date(2027, 7, 14), "in-progress"), (date(2027, 7, 15), "not-passed"), (date(2027, 7, 16), "not-passed"),
])  # fmt: skip
def test_before_closing_nobody_has_failed(on, state):
    assert judge(done(results=()), programme=CLOSED, on=on).state == state


def test_without_a_day_of_closing_nobody_fails_however_late():
    assert judge(done(results=()), on=date(2030, 1, 1)).state == "in-progress"


def test_closing_takes_no_pass_away():
    assert judge(done(), programme=CLOSED, on=date(2027, 12, 1)).state == "pass"


@pytest.mark.parametrize(("state", "handed_in", "on", "verdict"), [
    ("submitted", "2027-06-30 23:59", "2027-08-31", "pending"),
    ("submitted", "2027-07-01 00:00", "2027-08-31", "not-passed"),
    ("opened", "2027-06-01 10:00", "2027-12-31", "pending"),
    ("returned", "2027-06-01 10:00", "2027-08-31", "pending"),
    ("returned", "2027-06-01 10:00", "2027-09-01", "not-passed"),
    ("decided", "2027-06-01 10:00", "2027-08-31", "not-passed"),
    ("withdrawn", "2027-06-01 10:00", "2027-08-31", "not-passed"),
])  # fmt: skip
def test_an_undecided_attempt_keeps_the_verdict_open(state, handed_in, on, verdict):
    attempt = Attempt(71, 11, "A1", 1, state, at(handed_in))
    given = done(results=(), attempts=(attempt,))
    assert judge(given, programme=CLOSED, on=date.fromisoformat(on)).state == verdict


@pytest.mark.parametrize(("handed_in", "again", "verdict"), [
    ("2027-06-30 23:59", "2027-07-01 00:00", "pending"), ("2027-06-30 23:59", "2027-08-31 23:59", "pending"),
    ("2027-07-01 00:00", "2027-07-01 00:01", "not-passed"),
])  # fmt: skip
def test_what_was_handed_in_by_the_cut_off_and_sent_back_may_come_again_later(handed_in, again, verdict):
    attempt = Attempt(71, 11, "A1", 1, "submitted", at(handed_in), at(again))
    given = done(results=(), attempts=(attempt,))
    assert judge(given, programme=CLOSED, on=date(2027, 12, 31)).state == verdict


@pytest.mark.parametrize(("attempt", "participant"), [
    ("draft", False), ("withdrawn", False), ("submitted", True), ("opened", True), ("returned", True), ("decided", True),
])  # fmt: skip
def test_who_has_handed_something_in_takes_part(attempt, participant):
    outcome = judge(teacher(attempts=(Attempt(71, 11, "A1", 1, attempt, at("2026-06-01 10:00")),)))
    assert (outcome.participant, outcome.state) == (participant, "in-progress" if participant else "not-begun")


@pytest.mark.parametrize(("minutes", "participant"), [(0, False), (1, True)])
def test_one_counted_minute_makes_a_participant(minutes, participant):
    assert judge(teacher(records=(hours(1, minutes, "2026-05-01 08:00"),))).participant is participant


def test_minutes_that_do_not_count_make_no_participant():
    assert judge(teacher(records=(hours(1, 90, "2026-05-01 08:00", mode="face-to-face"),))).state == "not-begun"


@pytest.mark.parametrize(("left_on", "state"), [
    (date(2026, 11, 1), "left"), (date(2026, 11, 2), "pass"),
])  # fmt: skip
def test_who_has_left_is_out_of_the_denominator_from_that_day(left_on, state):
    outcome = judge(done(enrolments=(Enrolment(11, 1, "p4", left_on),)))
    assert (outcome.state, outcome.counted_in, outcome.reached) == (state, state != "left", "pass")


# --- Exemptions ---------------------------------------------------------------------------------------------------
def test_an_exempted_demand_is_not_asked_for_and_what_contains_it_shrinks():
    outcome = judge(done(results=results("pass", "pass", "pass"), exemptions=exempt("recording")))
    assert outcome.state == "pass"
    assert numbers(outcome) | {
        "recording": (0, 225, "exempt"),
        "practice": (1125, 1125, "met"),
        "total": (2025, 2025, "met"),
    } == numbers(outcome)


def test_of_exempted_demands_inside_each_other_only_the_outer_is_taken_off():
    outcome = judge(teacher(exemptions=exempt("practice", "research")))
    assert [standing(outcome, d).need for d in ("practice", "total", "online")] == [900, 900, 900]


def test_exempted_points_leave_the_minutes():
    outcome = judge(done(choices=(), exemptions=exempt("points")))
    assert (outcome.state, standing(outcome, "evidence").need) == ("pass", 675)


@pytest.mark.parametrize(("first", "until", "state"), [
    ("2026-11-01", "2026-11-02", "exempt"), ("2026-10-01", "2026-11-01", "open"), ("2026-11-02", None, "open"),
])  # fmt: skip
def test_an_exemption_holds_on_its_days_only(first, until, state):
    until = date.fromisoformat(until) if until else None
    outcome = judge(teacher(exemptions=exempt("online", first=date.fromisoformat(first), until=until)))
    assert standing(outcome, "online").state == state


@pytest.mark.parametrize("more", [{"granted": False}, {"ended": True}])
def test_an_exemption_that_was_not_granted_or_was_ended_is_none(more):
    assert standing(judge(teacher(exemptions=exempt("online", **more))), "online").state == "open"


def test_after_the_cut_off_its_last_day_decides():
    given = teacher(exemptions=exempt("online", until=date(2027, 7, 1)))
    assert standing(judge(given, on=date(2027, 9, 1)), "online").state == "exempt"
    given = teacher(exemptions=exempt("online", until=date(2027, 6, 30)))
    assert standing(judge(given, on=date(2027, 9, 1)), "online").state == "open"


EVERY = ("online", "evidence", "research", "recording", "practice", "total", "points")


def freed(*demands, **facts):
    """Somebody from whom these demands were taken one by one."""
    return done(exemptions=tuple(Exemption(11, demand, date(2026, 1, 1), None) for demand in demands), **facts)


@pytest.mark.parametrize(("demands", "results", "state", "reached"), [
    (("*",), "all", "exempt", "pass"),
    (("*",), "none", "exempt", ""),  # what is not exempted by name must be met
    (("*", "evidence", "points"), "none", "exempt", "pass"),
    (("*", *EVERY), "none", "exempt", "pass"),
    (EVERY, "all", "exempt", "pass"),
    (EVERY, "none", "exempt", "pass"),  # hours are met: as with one exemption less
    (EVERY, "nothing", "exempt", ""),
    (EVERY[1:], "none", "pass", "pass"),  # online remains
    (EVERY[1:], "nothing", "not-begun", ""),
])  # fmt: skip
def test_what_somebody_wholly_exempt_has_reached(demands, results, state, reached):
    facts = {"all": {}, "none": {"results": RECORDING}, "nothing": {"results": (), "records": ()}}
    outcome = judge(freed(*demands, **facts[results]))
    assert (outcome.state, outcome.reached) == (state, reached)


def test_a_demand_that_has_lost_all_its_minutes_to_exemptions_is_exempt_too():
    outcome = judge(freed("online", "evidence", "research", "recording", "points", records=(), results=(), choices=()))
    assert {s.demand: (s.need, s.state) for s in outcome.standings if s.demand in ("practice", "total")} == {
        "practice": (0, "exempt"),
        "total": (0, "exempt"),
    }
    assert (outcome.state, outcome.reached) == ("exempt", "")


def test_one_exemption_more_takes_no_pass_away():
    for last in EVERY:
        rest = tuple(demand for demand in EVERY if demand != last)
        for facts in ({"results": RECORDING}, {"records": spread(100, 900)}, {}):
            before, after = judge(freed(*rest, **facts)), judge(freed(*EVERY, **facts))
            assert (last, before.reached, after.reached) != (last, "pass", "")


def test_exempt_from_everything_is_exempt():
    demands = ("online", "evidence", "research", "recording", "practice", "total", "points")
    assert judge(teacher(exemptions=exempt("*"))).state == "exempt"
    assert judge(teacher(exemptions=exempt(*demands))).state == "exempt"
    assert judge(teacher(exemptions=exempt(*demands[1:]))).state == "not-begun"


# --- One person, one place ----------------------------------------------------------------------------------------
TWO = (Entry(1), Entry(2, merged_into=1))


def test_records_and_results_of_merged_entries_are_one_persons():
    records = spread(100, 900) + tuple(replace(r, entry=2) for r in spread(200, 450, "school-research", month=6))
    theirs = tuple(replace(r, enrolment=12) for r in results("pass", "pass", "pass"))
    given = done(
        entries=TWO,
        enrolments=(Enrolment(11, 1, "p4"), Enrolment(12, 2, "p4")),
        records=records,
        results=theirs + RECORDING,
    )
    outcome = judge(given)
    assert (outcome.enrolment, outcome.state) == (11, "pass")


def test_hours_entered_twice_under_two_entries_count_once():
    twice = (hours(1, 60, "2026-05-01 08:00"), hours(2, 60, "2026-05-01 08:00", entry=2))
    assert told(*twice, entries=TWO) == [(1, "online", 60, "", ""), (2, "online", 60, "duplicate-of", "1")]


def test_the_oldest_enrolment_stands_where_the_kept_entry_has_none():
    entries = (Entry(1), Entry(2, merged_into=1), Entry(3, merged_into=2))
    given = teacher(entries=entries, enrolments=(Enrolment(15, 3, "p4"), Enrolment(14, 2, "p4")))
    assert judge(given).enrolment == 14


def test_the_choice_made_last_is_in_force_where_both_had_chosen():
    later = Choice(62, 12, ("academic-assessment", "teaching-design"), ("A11", "A12", "A2"), at("2026-05-01 10:00"))
    given = done(entries=TWO, enrolments=(Enrolment(11, 1, "p4"), Enrolment(12, 2, "p4")), choices=(CHOICE, later))
    assert numbers(judge(given))["points"] == (3, 3, "open")


@pytest.mark.parametrize(("postings", "leaf"), [
    ([("group", "2020-09-01", None)], ("group", "group")),
    ([("school", "2020-09-01", None)], ("school", "no-group")),
    ([("school", "2020-09-01", "2026-11-01"), ("group", "2026-11-01", None)], ("group", "group")),
    ([("group", "2020-09-01", "2026-11-01")], ("group", "unplaced")),
    ([("closed-group", "2020-09-01", "2026-03-01")], ("school", "unplaced")),
    ([("its-group", "2020-09-01", "2026-03-01")], ("district", "unplaced")),
    ([], ("district", "unplaced")),
])  # fmt: skip
def test_everybody_is_counted_at_one_leaf(postings, leaf):
    posts = tuple(Posting(u, date.fromisoformat(a), date.fromisoformat(b) if b else None) for u, a, b in postings)
    outcome = judge(teacher(postings=posts))
    assert (outcome.leaf, outcome.leaf_kind) == leaf


def test_a_second_post_is_never_counted():
    posts = (Posting("school", date(2020, 9, 1), None, home=False), Posting("group", date(2021, 9, 1), None))
    assert judge(teacher(postings=posts)).leaf == "group"
