"""What holds for every teacher: minutes add up, arrival and order do not matter, more hours lose nothing, a step tightens.

The same seed each time. Where a property ends, `test_tightening.py` and the last cases here show by what.
"""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

import pytest

from tests.reference.cases import hours, judge, standing, teacher
from tests.reference.evaluate import evaluate
from tests.reference.generate import teachers
from tests.reference.making import at, units_of
from tests.reference.plan_lines import Cap, Minutes, Share
from tests.reference.plans import EVERY_LINE, OLDER, P4, PLANS
from tests.reference.tightening import steps

pytestmark = pytest.mark.slow

SEED, MANY = 7, 800

# The plan of every line without what makes minutes move between kinds: caps that are shared, and a base that shrinks.
PLAIN = replace(
    EVERY_LINE,
    caps=(),
    demands=tuple(d for d in EVERY_LINE.demands if not (isinstance(d, Share) and d.base == "counted")),
)
JUDGED = {**PLANS, "every-line": PLAIN}
DUPLICATES = ("cycle.late_until", "kinds.match")  # of two duplicates the longer may count then


each_plan = pytest.mark.parametrize("name", PLANS, scope="module")  # all tests of one plan, then those of the next


@lru_cache(maxsize=1)
def crowd(name):
    """Teachers made for a plan, how they stand, and how they would with other facts or another plan."""
    units, made = units_of(JUDGED[name]), []
    for history, scene in teachers(MANY, SEED, name):

        def look(other=history, plan=JUDGED[name], scene=scene):
            return evaluate(other, plan, scene.programme, units, scene.on, scene.others)

        made.append((history, look(), look))
    return made


@each_plan
def test_every_minute_of_every_record_counts_or_has_one_reason(name):
    for history, before, _ in crowd(name):
        entries = {entry.number for entry in history.entries}
        said = {r.number: r.minutes for r in history.records if r.entry in entries and r.voids is None}
        lines, told = [line for line in before.lines if line.origin == "record"], Counter()
        for line in lines:
            told[line.number] += line.minutes
        assert (told, {line.number for line in lines}) == (said, set(said)), history.label


@each_plan
def test_the_order_and_the_day_of_arrival_cannot_matter(name):
    last = at(min([JUDGED[name].late_until] + [OLDER.late_until for _ in JUDGED[name].exclusive_with]), 23)
    for history, before, look in crowd(name):
        rng = random.Random(history.label)
        numbers = [record.number for record in history.records]
        renamed = dict(zip(numbers, rng.sample(numbers, len(numbers)), strict=True))

        def again(record, renamed=renamed, rng=rng):
            late = record.arrived > last
            return replace(
                record,
                number=renamed[record.number],
                arrived=record.arrived if late else last - timedelta(hours=rng.randint(0, 900)),
                corrects=renamed.get(record.corrects),
                voids=renamed.get(record.voids),
            )

        records = [again(record) for record in history.records]
        decisions = [replace(decision, record=renamed[decision.record]) for decision in history.decisions]
        rng.shuffle(records)
        rng.shuffle(decisions)
        after = look(replace(history, records=tuple(records), decisions=tuple(decisions)))

        def known_as(line, renamed=renamed):
            if line.origin != "record":
                return line
            ref = str(renamed[int(line.ref)]) if line.ref.isdigit() else line.ref
            return replace(line, number=renamed[line.number], ref=ref)

        assert {known_as(line) for line in before.lines} == set(after.lines), history.label
        assert replace(before, lines=()) == replace(after, lines=()), history.label


@pytest.mark.parametrize("name", [name for name, plan in PLANS.items() if plan.kinds], scope="module")
def test_one_record_more_of_a_course_of_its_own_loses_no_demand(name):
    plan, more = JUDGED[name], 0
    modes = [mode for _, modes in plan.kinds for mode in modes]
    for history, before, look in crowd(name):
        rng = random.Random(history.label)
        begins = at(
            plan.starts + timedelta(days=rng.randint(-3, (plan.cut_off - plan.starts).days + 3)), rng.randint(6, 20)
        )
        record = hours(
            1, rng.choice((1, 45, 400)), begins.strftime("%Y-%m-%d %H:%M"), mode=rng.choice(modes), course="new"
        )
        record = replace(record, entry=history.entries[0].number)
        after = look(replace(history, records=(*history.records, record)))
        for demand, old, new in zip(plan.demands, before.standings, after.standings, strict=True):
            if isinstance(demand, Minutes | Share):
                assert new.have >= old.have, (history.label, demand.code)
                more += new.have > old.have
            assert new.met or not old.met, (history.label, demand.code)
        assert after.reached or not before.reached, history.label
    assert more > MANY // 4


@each_plan
def test_a_single_step_never_turns_not_met_into_met(name):
    """For whoever has no exemption; two steps need a duplicate to fail, so they are shown by hand instead."""
    plan, tried, lost = JUDGED[name], Counter(), Counter()
    allowed = [step for step in steps(plan) if step[0] not in DUPLICATES]
    for place, (history, before, look) in enumerate(crowd(name)):
        if history.exemptions:
            continue
        for what, refined in (allowed[place % len(allowed)], allowed[(place + 1) % len(allowed)]):
            after = look(plan=refined)
            tried[what] += 1
            for old, new in zip(before.standings, after.standings, strict=False):
                assert old.met or not new.met, (history.label, what, old.demand)
                lost[what] += old.met and not new.met
            assert before.reached or not after.reached, (history.label, what)
    assert set(tried) == {what for what, _ in allowed}
    assert sum(lost.values()) > 20, lost


# --- Where more hours lose something ------------------------------------------------------------------------------
def counted(demand, *records, plan=P4):
    return standing(judge(teacher(records=records), plan=plan), demand).have


def test_a_shorter_record_that_ends_first_makes_a_longer_one_its_duplicate():
    longer, shorter = hours(1, 90, "2026-05-01 08:30", lasts=90), hours(2, 10, "2026-05-01 08:00")
    assert (counted("online", longer), counted("online", longer, shorter)) == (90, 10)


def test_under_caps_of_days_and_courses_one_record_takes_the_room_of_two():
    plan = replace(P4, caps=(Cap("day", "day", ("online",), 100), Cap("course", "course", ("online",), 100)))
    a, b = hours(1, 100, "2026-05-01 10:00", course="y"), hours(2, 100, "2026-05-02 08:00", course="x")
    one_more = hours(3, 100, "2026-05-01 08:00", course="x")
    assert (counted("online", a, b, plan=plan), counted("online", a, b, one_more, plan=plan)) == (200, 100)


def test_under_a_cap_of_two_kinds_one_takes_the_room_of_the_other():
    plan = replace(P4, caps=(Cap("day", "day", ("online", "research"), 100),))
    research, online = (
        hours(1, 100, "2026-05-01 10:00", mode="school-research", course="y"),
        hours(2, 100, "2026-05-01 08:00"),
    )
    assert (counted("research", research, plan=plan), counted("research", research, online, plan=plan)) == (100, 0)
