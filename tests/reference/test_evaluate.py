"""The second opinion itself, against cases that a clerk can check with the plan's text and a pencil.

P4: 20 hours online (900 minutes, at most 360 a day), evidence of three points (3 × 225), 10 hours of research (450), the
recording (225); practice 1350, in all 2250; three passed points of the choice, one in each opened dimension.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.reference.district_plan import P4, Cap
from tests.reference.evaluate import evaluate
from tests.reference.facts import (
    Attempt,
    Choice,
    Decision,
    Enrolment,
    Entry,
    Exemption,
    History,
    Posting,
    Programme,
    Record,
    Result,
    Unit,
)
from tests.reference.minutes import ZONE

UNITS = {
    unit.key: unit
    for unit in (
        Unit("district", "county"),
        Unit("school", "school", "district"),
        Unit("group", "group", "school"),
        Unit("closed-group", "group", "school", closed_on=date(2026, 3, 1)),
        Unit("closed-school", "school", "district", closed_on=date(2026, 3, 1)),
        Unit("its-group", "group", "closed-school", closed_on=date(2026, 3, 1)),
    )
}
OPEN = Programme("p4", "district")
TODAY = date(2026, 11, 1)
THREE = ("A1", "A2", "A5")  # learner analysis, teaching design, learning guidance


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def hours(number, minutes, begins, *, mode="online", course="c1", lasts=60, **more):
    """One record of the platform `p`, in force unless `more` says otherwise."""
    begins = at(begins)
    facts = {"entry": 1, "source": "p", "source_id": f"{number:04}", "arrived": begins + timedelta(days=1)} | more
    return Record(
        number=number, mode=mode, course=course, starts=begins, ends=begins + timedelta(minutes=lasts), minutes=minutes, **facts
    )  # fmt: skip


def spread(first, total, mode="online", month=5, a_day=300):
    """Records of at most `a_day` minutes on days of their own that add up to `total`."""
    records = []
    while total > 0:
        minutes = min(total, a_day)
        day = len(records) + 1
        records.append(
            hours(first + day, minutes, f"2026-{month:02}-{day:02} 09:00", mode=mode, course=f"c{first + day}")
        )
        total -= minutes
    return tuple(records)


def results(*levels, first=501, points=THREE):
    return tuple(
        Result(first + i, 11, point, level, at(f"2026-09-{i + 1:02} 10:00"))
        for i, (point, level) in enumerate(zip(points, levels, strict=False))
    )


RECORDING = (Result(599, 11, "", "pass", at("2026-10-01 10:00")),)
CHOICE = Choice(61, 11, ("learner-analysis", "teaching-design"), THREE, at("2026-04-01 10:00"))


def teacher(**facts):
    given = {
        "label": "a teacher",
        "entries": (Entry(1),),
        "enrolments": (Enrolment(11, 1, "p4"),),
        "postings": (Posting("group", date(2020, 9, 1), None),),
    }
    return History(**given | facts)


def done(**facts):
    """A teacher who has done everything, exactly."""
    given = {
        "records": spread(100, 900) + spread(200, 450, "school-research", month=6),
        "results": results("pass", "pass", "pass") + RECORDING,
        "choices": (CHOICE,),
    }
    return teacher(**given | facts)


def judge(history, *, plan=P4, programme=OPEN, on=TODAY):
    return evaluate(history, plan, programme, UNITS, on)


def standing(outcome, demand):
    return next(s for s in outcome.standings if s.demand == demand)


def numbers(outcome):
    return {s.demand: (s.have, s.need, s.state) for s in outcome.standings}


def told(*records, on=TODAY, plan=P4, **facts):
    """The lines of some records: (number, kind, minutes, reason, ref)."""
    outcome = judge(teacher(records=records, **facts), on=on, plan=plan)
    return sorted((x.number, x.kind, x.minutes, x.reason, x.ref) for x in outcome.lines)


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


# --- Caps ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("minutes", "lines"), [
    (359, [(1, "online", 359, "", "")]),
    (360, [(1, "online", 360, "", "")]),
    (361, [(1, "online", 1, "cap", "day-online"), (1, "online", 360, "", "")]),
])  # fmt: skip
def test_eight_hours_online_a_day_count(minutes, lines):
    assert told(hours(1, minutes, "2026-05-01 08:00")) == lines


def test_the_last_record_of_a_day_counts_partly_and_the_next_not_at_all():
    a, b, c = (hours(n, 200, f"2026-05-01 {8 + 2 * n}:00", course=f"c{n}") for n in (1, 2, 3))
    assert told(c, a, b) == [
        (1, "online", 200, "", ""),
        (2, "online", 40, "cap", "day-online"),
        (2, "online", 160, "", ""),
        (3, "online", 200, "cap", "day-online"),
    ]


def test_a_day_is_the_day_of_the_end():
    evening = hours(1, 300, "2026-05-01 20:00", course="a")
    night = hours(2, 300, "2026-05-01 23:30", course="b")  # ends at half past midnight
    assert told(evening, night) == [(1, "online", 300, "", ""), (2, "online", 300, "", "")]


def test_the_day_cap_is_for_online_only():
    research = hours(1, 500, "2026-05-01 08:00", mode="school-research")
    assert told(research, hours(2, 360, "2026-05-01 10:00", course="b")) == [
        (1, "research", 500, "", ""),
        (2, "online", 360, "", ""),
    ]


def test_within_a_day_the_source_and_then_its_id_decide_who_comes_first():
    same = {"begins": "2026-05-01 08:00", "minutes": 300}
    b = hours(1, course="x", source="b", source_id="1", **same)
    a10 = hours(2, course="y", source="a", source_id="10", **same)
    a9 = hours(3, course="z", source="a", source_id="9", **same)
    assert [(n, m) for n, _, m, reason, _ in told(b, a9, a10) if reason == ""] == [(2, 300), (3, 60)]


def test_a_record_of_no_minutes_has_its_line():
    assert told(hours(1, 0, "2026-05-01 08:00")) == [(1, "online", 0, "", "")]


def test_a_fourth_point_adds_none():
    four = results("pass", "pass", "pass", "pass", points=(*THREE, "A11"))
    outcome = judge(teacher(results=four))
    assert [(x.number, x.minutes, x.reason, x.ref) for x in outcome.lines] == [
        (504, 225, "cap", "evidence"), (501, 225, "", ""), (502, 225, "", ""), (503, 225, "", ""),
    ]  # fmt: skip


def test_caps_of_record_course_and_kind_follow_one_another():
    plan = replace(P4, caps=(
        Cap("kind", "kind", ("online",), 230), Cap("record", "record", ("online",), 100), Cap("course", "course", ("online",), 150),
    ))  # fmt: skip
    first, second, third = (
        hours(1, 120, "2026-05-01 08:00"),
        hours(2, 90, "2026-05-02 08:00"),
        hours(3, 110, "2026-05-03 08:00", course="d"),
    )
    assert told(first, second, third, plan=plan) == [
        (1, "online", 20, "cap", "record"),
        (1, "online", 100, "", ""),
        (2, "online", 40, "cap", "course"),
        (2, "online", 50, "", ""),
        (3, "online", 10, "cap", "record"),
        (3, "online", 20, "cap", "kind"),
        (3, "online", 80, "", ""),
    ]


def test_excess_moves_once_after_the_other_kinds_own_records_and_results_come_last():
    plan = replace(P4, caps=(
        Cap("day", "day", ("online",), 360, excess_to="evidence"), Cap("evidence", "kind", ("evidence",), 300),
    ))  # fmt: skip
    outcome = judge(teacher(records=(hours(1, 460, "2026-05-01 08:00"),), results=results("pass")), plan=plan)
    assert sorted((x.origin, x.kind, x.minutes, x.reason, x.ref) for x in outcome.lines) == [
        ("record", "evidence", 100, "", ""),
        ("record", "online", 360, "", ""),
        ("result", "evidence", 25, "cap", "evidence"),
        ("result", "evidence", 200, "", ""),
    ]


# --- What does not count ------------------------------------------------------------------------------------------
def test_a_session_face_to_face_has_no_kind():
    assert told(hours(1, 90, "2026-05-01 08:00", mode="face-to-face")) == [(1, "", 90, "no-kind", "")]


def test_minutes_of_results_cannot_be_delivered():
    assert told(hours(1, 90, "2026-05-01 08:00", mode="evidence")) == [(1, "evidence", 90, "derived-kind", "")]


@pytest.mark.parametrize(("ends", "reason"), [
    ("2025-12-31 23:59", "outside-cycle"),
    ("2026-01-01 00:00", ""),  # ends on the first day
    ("2026-11-01 23:59", ""),
    ("2026-11-02 00:00", "outside-cycle"),  # tomorrow
])  # fmt: skip
def test_events_outside_the_cycle_or_to_come_do_not_count(ends, reason):
    begins = (at(ends) - timedelta(minutes=60)).strftime("%Y-%m-%d %H:%M")
    assert [line[3] for line in told(hours(1, 60, begins))] == [reason]


@pytest.mark.parametrize(("ends", "reason"), [
    ("2027-06-30 23:59", ""), ("2027-07-01 00:00", "outside-cycle"),
])  # fmt: skip
def test_the_cut_off_includes_its_whole_day(ends, reason):
    begins = (at(ends) - timedelta(minutes=60)).strftime("%Y-%m-%d %H:%M")
    assert [line[3] for line in told(hours(1, 60, begins), on=date(2027, 7, 15))] == [reason]


@pytest.mark.parametrize(("arrived", "reason"), [
    ("2027-08-31 23:59", ""), ("2027-09-01 00:00", "outside-cycle"),
])  # fmt: skip
def test_what_arrives_late_counts_up_to_the_last_day(arrived, reason):
    record = hours(1, 60, "2027-06-01 08:00", arrived=at(arrived))
    assert [line[3] for line in told(record, on=date(2027, 9, 1))] == [reason]


def test_a_voided_record_does_not_count_and_the_void_has_no_line():
    assert told(hours(1, 60, "2026-05-01 08:00"), hours(2, 60, "2026-05-01 08:00", voids=1)) == [
        (1, "online", 60, "voided", "2")
    ]


def test_a_void_that_was_voided_works_no_longer():
    record, void = hours(1, 60, "2026-05-01 08:00"), hours(2, 60, "2026-05-01 08:00", voids=1)
    assert told(record, void, hours(3, 60, "2026-05-01 08:00", voids=2)) == [(1, "online", 60, "", "")]


def test_a_correction_counts_instead_and_a_chain_counts_its_last():
    a, b, c = (hours(n, 60 + n, "2026-05-01 08:00", corrects=n - 1 or None) for n in (1, 2, 3))
    assert told(a, b, c) == [
        (1, "online", 61, "corrected-by", "2"),
        (2, "online", 62, "corrected-by", "3"),
        (3, "online", 63, "", ""),
    ]


def test_a_corrected_record_stays_corrected_when_its_correction_is_voided():
    record, better = hours(1, 60, "2026-05-01 08:00"), hours(2, 70, "2026-05-01 08:00", corrects=1)
    void = hours(3, 0, "2026-05-01 08:00", voids=2)
    assert told(record, better, void) == [(1, "online", 60, "corrected-by", "2"), (2, "online", 70, "voided", "3")]


def test_voided_goes_before_corrected():
    record, better = hours(1, 60, "2026-05-01 08:00"), hours(2, 70, "2026-05-01 08:00", corrects=1)
    assert told(record, better, hours(3, 0, "2026-05-01 08:00", voids=1))[0] == (1, "online", 60, "voided", "3")


def test_a_correction_that_names_nobody_takes_the_hours_away():
    record, better = hours(1, 60, "2026-05-01 08:00"), hours(2, 70, "2026-05-01 08:00", corrects=1, entry=None)
    assert told(record, better) == [(1, "online", 60, "corrected-by", "2")]


# --- Duplicates and overlaps --------------------------------------------------------------------------------------
def test_the_same_course_at_the_same_time_counts_once():
    a, b = hours(1, 60, "2026-05-01 08:00", source="p"), hours(2, 90, "2026-05-01 08:30", source="a")
    assert told(b, a) == [(1, "online", 60, "", ""), (2, "online", 90, "duplicate-of", "1")]


def test_equal_times_of_the_same_course_the_first_source_is_kept():
    a, b = hours(1, 60, "2026-05-01 08:00", source="p"), hours(2, 90, "2026-05-01 08:00", source="a")
    assert told(a, b) == [(1, "online", 60, "duplicate-of", "2"), (2, "online", 90, "", "")]


def test_in_a_chain_the_third_is_kept_that_overlaps_only_the_second():
    a, b, c = hours(1, 60, "2026-05-01 08:00"), hours(2, 60, "2026-05-01 08:30"), hours(3, 60, "2026-05-01 09:10")
    assert told(a, b, c) == [
        (1, "online", 60, "", ""),
        (2, "online", 60, "duplicate-of", "1"),
        (3, "online", 60, "", ""),
    ]


def test_touching_is_not_overlapping():
    a, b = hours(1, 60, "2026-05-01 08:00"), hours(2, 60, "2026-05-01 09:00")
    assert [line[3] for line in told(a, b)] == ["", ""]


def test_a_moment_is_a_duplicate_of_an_equal_one_and_inside_a_longer_one_only():
    moment, again = hours(1, 5, "2026-05-01 08:00", lasts=0), hours(2, 5, "2026-05-01 08:00", lasts=0)
    longer, inside = hours(3, 60, "2026-05-01 08:00"), hours(4, 5, "2026-05-01 08:30", lasts=0)
    assert [(line[0], line[3], line[4]) for line in told(moment, again, longer, inside)] == [
        (1, "", ""), (2, "duplicate-of", "1"), (3, "duplicate-of", "4"), (4, "", ""),
    ]  # fmt: skip


def test_the_same_course_as_another_kind_is_no_duplicate():
    a, b = hours(1, 60, "2026-05-01 08:00"), hours(2, 60, "2026-05-01 08:00", mode="school-research")
    assert [line[3] for line in told(a, b)] == ["", ""]


def test_a_voided_record_makes_no_duplicates():
    a, b = hours(1, 60, "2026-05-01 08:00"), hours(2, 60, "2026-05-01 08:30")
    assert told(a, b, hours(3, 0, "2026-05-01 08:00", voids=1)) == [
        (1, "online", 60, "voided", "3"),
        (2, "online", 60, "", ""),
    ]


def flags(*records, **facts):
    return {line.number: line.flagged for line in judge(teacher(records=records, **facts)).lines}


def test_two_courses_at_one_time_count_and_are_flagged():
    a, b = hours(1, 60, "2026-05-01 08:00"), hours(2, 60, "2026-05-01 08:30", course="other", mode="school-research")
    c = hours(3, 60, "2026-05-01 09:30", course="third")
    assert flags(a, b, c) == {1: True, 2: True, 3: False}
    assert [line[3] for line in told(a, b, c)] == ["", "", ""]


def test_an_office_may_reject_an_overlap_and_the_other_is_flagged_no_longer():
    a, b = hours(1, 60, "2026-05-01 08:00"), hours(2, 60, "2026-05-01 08:30", course="other")
    assert told(a, b, decisions=(Decision(2),))[1] == (2, "online", 60, "overlap-rejected", "")
    assert flags(a, b, decisions=(Decision(2),)) == {1: False, 2: False}
    assert flags(a, b, decisions=(Decision(2, ended=True),)) == {1: True, 2: True}


def test_a_rejection_holds_when_the_other_record_is_gone():
    a = hours(1, 60, "2026-05-01 08:00")
    assert told(a, decisions=(Decision(1),)) == [(1, "online", 60, "overlap-rejected", "")]


def test_a_duplicate_of_a_rejected_record_stays_a_duplicate():
    a, b = hours(1, 60, "2026-05-01 08:00"), hours(2, 60, "2026-05-01 08:30")
    assert [line[3] for line in told(a, b, decisions=(Decision(1),))] == ["overlap-rejected", "duplicate-of"]


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
def exempt(*demands, first=date(2026, 1, 1), until=None, **more):
    return tuple(Exemption(11, demand, first, until, **more) for demand in demands)


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
