"""Gates in the second opinion: when they open, what is before them, what an exemption and moved minutes do (8, 10)."""

from dataclasses import replace
from datetime import date

import pytest

from tests.reference.cases import TODAY, exempt, hours, judge, results, teacher, told
from tests.reference.facts import Attempt, Decision
from tests.reference.gates import refuses
from tests.reference.plan_lines import Cap, Earning, Gate, Minutes, Plan

GATE = Gate("first", ("online",), 120, ("practice",), "not-counted")
SMALL = Plan(
    starts=date(2026, 1, 1),
    cut_off=date(2026, 12, 31),
    late_until=date(2027, 2, 28),
    kinds=(("online", ("online",)), ("practice", ("lesson-study",)), ("workshop", ("workshop",))),
    demands=(Minutes("practice", ("practice",), 60),),
    gates=(GATE,),
)
BEFORE = ("not-counted", "refuse")


def online(number, minutes, day, **more):
    return hours(number, minutes, f"2026-05-{day:02} 08:00", course=f"c{number}", **more)


def practice(number, minutes, begins, **more):
    return hours(number, minutes, begins, mode="lesson-study", course=f"c{number}", **more)


def opened(*records, plan=SMALL, on=TODAY, **facts):
    outcome = judge(teacher(records=records, **facts), plan=plan, on=on)
    return [opening.opened_on for opening in outcome.openings]


def reasons(*records, plan=SMALL, **facts):
    return {number: (reason, ref) for number, _, _, reason, ref in told(*records, plan=plan, **facts)}


def with_gate(**change):
    return replace(SMALL, gates=(replace(GATE, **change),))


# --- The day on which a gate opens --------------------------------------------------------------------------------
@pytest.mark.parametrize(("minutes", "day"), [(59, None), (60, date(2026, 5, 2)), (61, date(2026, 5, 2))])
def test_a_gate_opens_on_the_day_on_which_its_minutes_are_reached(minutes, day):
    assert opened(online(1, 60, 1), online(2, minutes, 2)) == [day]


def test_all_of_that_day_counts_whatever_its_hour():
    at_dawn = practice(3, 30, "2026-05-02 04:00")
    assert reasons(online(1, 60, 1), online(2, 60, 2), at_dawn)[3] == ("", "")


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize(("begins", "reason"), [
    ("2026-05-01 22:00", ("before-gate", "first")),
    ("2026-05-01 22:59", ("before-gate", "first")),  # ends a minute before midnight
    ("2026-05-01 23:00", ("", "")),  # ends with the first second of the day
    ("2026-05-02 09:00", ("", "")),
    ("2026-05-03 09:00", ("", "")),
])  # fmt: skip
def test_events_of_the_gated_part_count_from_that_day(before, begins, reason):
    plan, record = with_gate(before=before), practice(3, 30, begins)
    assert reasons(online(1, 60, 1), online(2, 60, 2), record, plan=plan)[3] == reason


@pytest.mark.parametrize("before", [*BEFORE, "keep"])
def test_while_a_gate_is_closed_nothing_of_the_gated_part_counts(before):
    record = practice(3, 30, "2026-06-01 09:00")
    assert reasons(online(1, 119, 1), record, plan=with_gate(before=before))[3] == ("before-gate", "first")


def test_with_keep_everything_counts_once_the_gate_is_open():
    record = practice(3, 30, "2026-01-05 09:00")
    assert reasons(online(1, 120, 1), record, plan=with_gate(before="keep"))[3] == ("", "")


def test_a_gate_is_not_open_before_its_day_has_come():
    records = (online(1, 60, 1), online(2, 60, 20))
    assert opened(*records, on=date(2026, 5, 19)) == [None]
    assert opened(*records, on=date(2026, 5, 20)) == [date(2026, 5, 20)]


def test_hours_that_are_known_late_open_the_gate_on_the_day_of_their_event():
    late = online(1, 120, 1, arrived=hours(9, 0, "2026-10-01 08:00").ends)
    assert reasons(late, practice(2, 30, "2026-05-02 08:00"))[2] == ("", "")


# --- What opens it ------------------------------------------------------------------------------------------------
def test_only_minutes_that_count_open_a_gate():
    first, again = online(1, 60, 1), hours(2, 60, "2026-05-01 08:30", course="c1")
    rejected = online(3, 60, 3)
    assert opened(first, again, rejected, decisions=(Decision(3),)) == [None]


def test_a_void_moves_the_day_and_minutes_are_counted_again():
    records = (online(1, 120, 1), online(2, 120, 10), practice(3, 30, "2026-05-05 09:00"))
    assert (opened(*records), reasons(*records)[3]) == ([date(2026, 5, 1)], ("", ""))
    void = hours(4, 0, "2026-05-01 08:00", voids=1)
    assert (opened(*records, void), reasons(*records, void)[3]) == ([date(2026, 5, 10)], ("before-gate", "first"))


def test_a_decided_result_is_never_lost_through_a_gate():
    plan = replace(SMALL, results=(Earning("point", "evidence", 30),))
    outcome = judge(teacher(results=results("pass")), plan=plan)
    assert [(line.kind, line.minutes, line.reason) for line in outcome.lines] == [("evidence", 30, "")]


def test_minutes_of_results_open_no_gate():
    plan = replace(with_gate(kinds=("online", "evidence")), results=(Earning("point", "evidence", 120),))
    assert opened(plan=plan, results=results("pass")) == [None]


def test_caps_bind_what_opens_a_gate():
    plan = replace(SMALL, caps=(Cap("day", "day", ("online",), 60),))
    assert opened(online(1, 120, 1), plan=plan) == [None]
    assert opened(online(1, 120, 1), online(2, 90, 2), plan=plan) == [date(2026, 5, 2)]


def test_gated_records_take_no_room_under_a_cap_while_the_gate_is_looked_for():
    plan = replace(SMALL, caps=(Cap("day", "day", ("online", "practice"), 120),))
    early, learning = practice(1, 100, "2026-05-01 06:00"), online(2, 120, 1)
    assert opened(early, learning, plan=plan) == [date(2026, 5, 1)]
    assert told(early, learning, plan=plan) == [
        (1, "practice", 100, "", ""), (2, "online", 20, "", ""), (2, "online", 100, "cap", "day"),
    ]  # fmt: skip


def test_a_gated_correction_still_corrects_while_the_gate_is_looked_for():
    record = online(1, 120, 1)
    better = replace(practice(2, 120, "2026-05-01 08:00"), corrects=1)
    assert opened(record, better) == [None]


# --- Moved minutes ------------------------------------------------------------------------------------------------
MOVES = replace(SMALL, caps=(Cap("day", "day", ("workshop",), 60, excess_to="online"),))


@pytest.mark.parametrize(("minutes", "day"), [(179, None), (180, date(2026, 5, 3))])
def test_minutes_that_move_into_its_kinds_open_a_gate_with_the_day_of_their_record(minutes, day):
    workshop = hours(1, minutes, "2026-05-03 08:00", mode="workshop")
    assert opened(workshop, plan=MOVES) == [day]


def test_minutes_that_move_into_a_gated_kind_are_not_before_the_gate():
    plan = replace(SMALL, caps=(Cap("day", "day", ("online",), 60, excess_to="practice"),))
    assert told(online(1, 100, 1), plan=plan) == [(1, "online", 60, "", ""), (1, "practice", 40, "", "")]


# --- Several gates ------------------------------------------------------------------------------------------------
TWO = replace(SMALL, gates=(
    Gate("theory", ("online",), 60, ("practice",), "not-counted"), Gate("hands-on", ("workshop",), 60, ("practice",), "keep"),
))  # fmt: skip


@pytest.mark.parametrize(("learns", "workshops", "reason"), [
    (0, 0, ("before-gate", "theory")), (60, 0, ("before-gate", "hands-on")), (0, 60, ("before-gate", "theory")),
    (60, 60, ("", "")),
])  # fmt: skip
def test_a_record_must_pass_each_gate_and_the_first_closed_one_is_named(learns, workshops, reason):
    records = (online(1, learns, 1), hours(2, workshops, "2026-09-01 08:00", mode="workshop"))
    assert reasons(*records, practice(3, 30, "2026-06-01 08:00"), plan=TWO)[3] == reason


def test_a_gate_stands_before_the_kinds_it_opens_only():
    assert reasons(hours(1, 30, "2026-05-01 08:00", mode="workshop"))[1] == ("", "")


# --- Exemption ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("first", "day"), [(date(2026, 4, 1), date(2026, 4, 1)), (date(2026, 6, 1), date(2026, 5, 1))])
def test_an_exemption_from_a_gate_opens_it_on_its_first_day_if_that_is_earlier(first, day):
    assert opened(online(1, 120, 1), exemptions=exempt("first", first=first)) == [day]


def test_of_two_exemptions_the_one_that_began_first_opens_the_gate():
    both = exempt("first", first=date(2026, 4, 1)) + exempt("first", first=date(2026, 3, 1))
    assert opened(exemptions=both) == opened(exemptions=both[::-1]) == [date(2026, 3, 1)]


@pytest.mark.parametrize("exemptions", [
    exempt("*"), exempt("practice"), exempt("first", first=date(2026, 11, 2)), exempt("first", until=TODAY),
    exempt("first", granted=False), exempt("first", ended=True),
])  # fmt: skip
def test_another_exemption_or_one_that_is_not_in_force_opens_none(exemptions):
    assert opened(exemptions=exemptions) == [None]


# --- What it refuses ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("before", "minutes", "refused"), [
    ("refuse", 119, ["first"]), ("refuse", 120, []), ("not-counted", 119, []), ("keep", 119, []),
])  # fmt: skip
def test_only_refuse_refuses_and_only_while_the_gate_is_closed(before, minutes, refused):
    outcome = judge(teacher(records=(online(1, minutes, 1),)), plan=with_gate(before=before))
    assert refuses(list(outcome.openings)) == refused


def test_a_record_before_a_gate_keeps_its_flag_and_gives_one():
    early, other = practice(1, 30, "2026-05-01 08:00"), hours(2, 30, "2026-05-01 08:30", course="x")
    outcome = judge(teacher(records=(early, other)), plan=SMALL)
    assert {line.number: (line.flagged, line.reason) for line in outcome.lines} == {
        1: (True, "before-gate"), 2: (True, ""),
    }  # fmt: skip


def test_hours_before_a_gate_make_no_participant():
    given = teacher(records=(practice(1, 30, "2026-05-01 08:00"),))
    assert judge(given, plan=SMALL).state == "not-begun"
    handed_in = (Attempt(71, 11, "A1", 1, "submitted", hours(9, 0, "2026-05-01 08:00").ends),)
    assert judge(replace(given, attempts=handed_in), plan=SMALL).state == "in-progress"
