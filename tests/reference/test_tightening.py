"""Where a step that the tables allow is no tightening (37): histories that do not meet the base and meet the refinement.

Each case is small enough for a pencil. Minutes are lost in one place and found in another: room under a cap that is
shared, minutes that move, a base that shrinks, a duplicate whose first record has gone, an exemption that takes more.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.reference.cases import RECORDING, TODAY, at, exempt, hours, judge, results, spread, standing, teacher
from tests.reference.facts import Task
from tests.reference.plan_lines import Cap, Earning, Gate, Items, Minutes, Plan, Share
from tests.reference.tightening import steps

BASE = Plan(
    starts=date(2026, 1, 1),
    cut_off=date(2026, 12, 31),
    late_until=date(2027, 2, 28),
    kinds=(("online", ("online", "live")), ("practice", ("lesson-study",))),
    demands=(Minutes("online", ("online",), 100), Minutes("practice", ("practice",), 100)),
)


def turns(demand, base, refined, on=TODAY, **facts):
    """Whether the demand was met under the base, and is under the refinement."""
    found = [standing(judge(teacher(**facts), plan=plan, on=on), demand) for plan in (base, refined)]
    return [s.state for s in found]


def is_a_step(base, refined):
    return any(plan == refined for _, plan in steps(base))


def online(number, minutes, begins="2026-05-01 08:00", **more):
    return hours(number, minutes, begins, **{"course": f"c{number}"} | more)


def practice(number, minutes, begins="2026-05-01 10:00", **more):
    return online(number, minutes, begins, mode="lesson-study", **more)


def with_caps(*caps, **more):
    return replace(BASE, caps=caps, **more)


# --- Caps ---------------------------------------------------------------------------------------------------------
def test_a_lower_cap_moves_more_minutes_into_another_kind():
    base = with_caps(Cap("day", "day", ("online",), 200, excess_to="practice"))
    refined = with_caps(Cap("day", "day", ("online",), 170, excess_to="practice"))
    assert is_a_step(base, refined)
    assert turns("practice", base, refined, records=(online(1, 270),)) == ["open", "met"]


def test_a_cap_that_is_added_may_move_minutes_into_another_kind():
    refined = with_caps(Cap("day", "day", ("online",), 100, excess_to="practice"))
    assert turns("practice", BASE, refined, records=(online(1, 200),)) == ["open", "met"]


def test_a_lower_cap_of_one_kind_leaves_room_to_another_under_a_cap_they_share():
    both = Cap("both", "kind", ("online", "practice"), 200)
    base, refined = (
        with_caps(Cap("day", "day", ("online",), 120), both),
        with_caps(Cap("day", "day", ("online",), 90), both),
    )
    assert is_a_step(base, refined)
    assert turns("practice", base, refined, records=(online(1, 120), practice(2, 100))) == ["open", "met"]


def test_a_lower_cap_per_record_lets_more_count_where_days_and_courses_are_capped_too():
    day, course = Cap("day", "day", ("online",), 100), Cap("course", "course", ("online",), 100)
    base, refined = (
        with_caps(Cap("record", "record", ("online",), 100), day, course),
        with_caps(Cap("record", "record", ("online",), 70), day, course),
    )
    a, b = online(1, 100, course="x"), online(2, 100, "2026-05-01 10:00", course="y")
    c, more = online(3, 100, "2026-05-02 08:00", course="x"), (Minutes("online", ("online",), 130),)
    base, refined = replace(base, demands=more), replace(refined, demands=more)
    assert is_a_step(base, refined)
    assert turns("online", base, refined, records=(a, b, c)) == ["open", "met"]


def test_a_cap_that_limits_a_second_kind_leaves_room_under_the_next_one():
    both = Cap("both", "kind", ("online", "practice"), 200)
    base, refined = (
        with_caps(Cap("day", "day", ("practice",), 100), both),
        with_caps(Cap("day", "day", ("practice", "online"), 100), both),
    )
    assert is_a_step(base, refined)
    records = (online(1, 120, "2026-05-01 08:00"), practice(2, 100, "2026-05-02 08:00"))
    assert turns("practice", base, refined, records=records) == ["open", "met"]


def test_points_that_earn_less_leave_room_to_the_recording():
    base = with_caps(
        Cap("both", "kind", ("evidence", "recording"), 100),
        results=(Earning("point", "evidence", 60), Earning("recording", "recording", 60)),
        demands=(Minutes("recording", ("recording",), 60),),
    )
    refined = replace(base, results=(Earning("point", "evidence", 30), base.results[1]))
    assert is_a_step(base, refined)
    assert turns("recording", base, refined, results=results("pass") + RECORDING) == ["open", "met"]


# --- Gates --------------------------------------------------------------------------------------------------------
SHARED = Cap("day", "day", ("online", "practice"), 120)
GATE = Gate("first", ("workshop",), 60, ("practice",), "not-counted")
GATED = with_caps(SHARED, gates=(GATE,), kinds=(*BASE.kinds, ("workshop", ("workshop",))))


def workshop(number, minutes, begins="2026-04-01 08:00"):
    return online(number, minutes, begins, mode="workshop")


def test_a_gate_that_asks_for_more_leaves_its_records_room_to_others():
    refined = replace(GATED, gates=(replace(GATE, minutes=90),))
    assert is_a_step(GATED, refined)
    records = (workshop(1, 60), practice(2, 60, "2026-05-01 07:00"), online(3, 100, "2026-05-01 08:00"))
    assert turns("online", GATED, refined, records=records) == ["open", "met"]


def test_a_gate_that_is_stricter_before_it_opens_does_so_too():
    base = replace(GATED, gates=(replace(GATE, before="keep"),))
    assert is_a_step(base, GATED)
    records = (
        practice(1, 60, "2026-04-01 07:00"),
        online(2, 100, "2026-04-01 08:00"),
        workshop(3, 60, "2026-05-01 08:00"),
    )
    assert turns("online", base, GATED, records=records) == ["open", "met"]


def test_a_gate_that_opens_one_kind_more_is_reached_earlier_where_that_kind_shared_a_cap():
    base = with_caps(SHARED, gates=(Gate("first", ("online",), 100, ("workshop",), "not-counted"),),
                     kinds=GATED.kinds, demands=(Minutes("workshop", ("workshop",), 60),))  # fmt: skip
    refined = replace(base, gates=(replace(base.gates[0], opens=("workshop", "practice")),))
    assert is_a_step(base, refined)
    records = (
        practice(1, 60, "2026-05-01 07:00"),
        online(2, 100, "2026-05-01 08:00"),
        workshop(3, 60, "2026-05-02 08:00"),
    )
    assert turns("workshop", base, refined, records=records) == ["open", "met"]


# --- Duplicates ---------------------------------------------------------------------------------------------------
def test_of_two_duplicates_the_longer_counts_when_the_first_arrives_too_late():
    refined = replace(BASE, late_until=BASE.late_until - timedelta(days=30))
    assert is_a_step(BASE, refined)
    late = online(1, 10, "2026-12-01 08:00", course="x", arrived=at("2027-02-20 10:00"))
    records = (late, online(2, 100, "2026-12-01 08:30", course="x"))
    assert turns("online", BASE, refined, on=date(2027, 3, 1), records=records) == ["open", "met"]


def test_of_two_duplicates_the_longer_counts_when_the_mode_of_the_first_is_taken_away():
    refined = replace(BASE, kinds=(("online", ("live",)), BASE.kinds[1]))
    assert is_a_step(BASE, refined)
    records = (online(1, 10, course="x"), online(2, 100, "2026-05-01 08:30", course="x", mode="live"))
    assert turns("online", BASE, refined, records=records) == ["open", "met"]


def test_a_mode_taken_from_one_kind_may_become_the_next_that_matches():
    base = replace(BASE, kinds=(("online", ("online", "live")), ("practice", ("live", "lesson-study"))))
    refined = replace(base, kinds=(("online", ("online",)), base.kinds[1]))
    assert is_a_step(base, refined)
    assert turns("practice", base, refined, records=(online(1, 100, mode="live"),)) == ["open", "met"]


# --- Shares of what is counted ------------------------------------------------------------------------------------
TOTAL = Minutes("total", ("online", "practice"), 100)
OF_COUNTED = replace(BASE, demands=(TOTAL, Share("half", ("practice",), 50, of="total", base="counted")))


@pytest.mark.parametrize("refined", [
    replace(OF_COUNTED, kinds=(("online", ("live",)), BASE.kinds[1])),
    replace(OF_COUNTED, demands=(replace(TOTAL, kinds=("practice",)), OF_COUNTED.demands[1])),
])  # fmt: skip
def test_whatever_lets_less_count_makes_a_share_of_what_is_counted_easier(refined):
    assert is_a_step(OF_COUNTED, refined)
    assert turns("half", OF_COUNTED, refined, records=(online(1, 101), practice(2, 100))) == ["open", "met"]


def test_a_lower_cap_makes_a_share_of_what_is_counted_easier():
    base, refined = (replace(OF_COUNTED, caps=(Cap("day", "day", ("online",), n),)) for n in (130, 100))
    assert is_a_step(base, refined)
    assert turns("half", base, refined, records=(online(1, 130), practice(2, 100))) == ["open", "met"]


# --- Exemptions ---------------------------------------------------------------------------------------------------
CONTAINED = replace(BASE, demands=(Minutes("online", ("online",), 100), Minutes("total", ("online", "practice"), 200)))


def test_a_demand_that_asks_for_more_takes_more_off_the_total_of_who_is_exempt_from_it():
    refined = replace(CONTAINED, demands=(replace(CONTAINED.demands[0], minimum=130), CONTAINED.demands[1]))
    assert is_a_step(CONTAINED, refined)
    given = {"records": (practice(1, 70),), "exemptions": exempt("online")}
    assert turns("total", CONTAINED, refined, **given) == ["open", "met"]


def test_a_demand_of_less_kinds_lies_inside_more_totals():
    base = replace(
        BASE, demands=(Minutes("some", ("online", "practice"), 100), Minutes("online", ("online", "evidence"), 100))
    )
    refined = replace(base, demands=(replace(base.demands[0], kinds=("online",)), base.demands[1]))
    assert is_a_step(base, refined)
    assert turns("online", base, refined, exemptions=exempt("some")) == ["open", "exempt"]


def test_an_earlier_cut_off_makes_an_exemption_of_its_days_hold_on():
    refined = replace(BASE, cut_off=BASE.cut_off - timedelta(days=30))
    assert is_a_step(BASE, refined)
    ended = exempt("online", until=date(2026, 12, 15))
    assert turns("online", BASE, refined, on=date(2026, 12, 31), exemptions=ended) == ["open", "exempt"]


# --- Rows that are added ------------------------------------------------------------------------------------------
def test_one_more_task_in_the_handbook_is_one_more_that_may_be_done():
    base = replace(BASE, demands=(Items("tasks", "handbook", 2),), handbook=("a", "b"))
    refined = replace(base, handbook=("a", "b", "c"))
    done = tuple(Task(11, code, at("2026-03-01 10:00")) for code in ("a", "c"))
    assert turns("tasks", base, refined, tasks=done) == ["open", "met"]


def test_the_base_of_these_cases_is_met_by_hours_alone():
    records = spread(100, 100) + spread(200, 100, "lesson-study", month=6)
    assert judge(teacher(records=records), plan=BASE).state == "pass"
