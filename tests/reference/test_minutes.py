"""Which minutes count in the second opinion: caps, what does not count, duplicates and overlaps, by hand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.reference.cases import (
    THREE,
    at,
    flags,
    hours,
    judge,
    results,
    teacher,
    told,
)
from tests.reference.facts import (
    Decision,
)
from tests.reference.plan_lines import Cap
from tests.reference.plans import P4


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


def test_what_has_moved_moves_no_further():
    plan = replace(P4, caps=(
        Cap("day", "day", ("online",), 300, excess_to="research"), Cap("research", "kind", ("research",), 50, excess_to="online"),
    ))  # fmt: skip
    assert told(hours(1, 400, "2026-05-01 08:00"), plan=plan) == [
        (1, "online", 300, "", ""), (1, "research", 50, "", ""), (1, "research", 50, "cap", "research"),
    ]  # fmt: skip


def test_what_two_caps_move_is_taken_in_the_order_of_the_records():
    plan = replace(P4, caps=(
        Cap("day", "day", ("online",), 100, excess_to="research"), Cap("course", "course", ("online",), 90, excess_to="research"),
        Cap("research", "kind", ("research",), 45),
    ))  # fmt: skip
    by_course, by_day = hours(1, 100, "2026-05-01 08:00"), hours(2, 140, "2026-05-02 08:00", course="d")
    assert [line for line in told(by_course, by_day, plan=plan) if line[1] == "research"] == [
        (1, "research", 10, "", ""), (2, "research", 15, "cap", "research"), (2, "research", 35, "", ""),
    ]  # fmt: skip


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
