"""How far schools and counties are, and the roll-out against its plan: every number from the rows of its day."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from tests.insight.province import NAMES, Province, target
from tests.progress.scene import at, plan
from weineng.assessment.models import Acceptance
from weineng.insight.queries import roll_out
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import Unit, UnitFlag
from weineng.programmes.rules import Quota, Stage, UnitStates

pytestmark = pytest.mark.slow


@pytest.fixture
def province(world, set_clock):
    def make(**lines):
        made = Province(world, set_clock, **lines)
        made.at(date(2026, 6, 1))
        return made

    return make


def test_a_school_is_completed_with_a_plan_and_enough_people_and_says_what_it_lacks(province, world):
    scene = province()
    for school in ("kindergarten", "nine_year", "vocational"):
        scene.takes_part(school)
    scene.takes_part("sibling_school", batch="second-batch")
    for school in ("kindergarten", "nine_year", "sibling_school"):
        scene.plans(school)
    scene.people(world.teacher, world.colleague, passed=1)
    scene.people(*world.kindergarten_teachers, world.kindergarten_cio, passed=1)
    scene.people(world.sibling_teacher, passed=1)
    scene.at(date(2026, 6, 1))
    assert scene.states() == {
        "kindergarten": ("started", ("share-short",)),  # 1 of 3
        "nine_year": ("completed", ()),  # 1 of 2, exactly the half
        "vocational": ("started", ("plan-missing", "share-short")),  # nobody is not enough
        "sibling_school": ("not-begun", ("batch-not-begun",)),
        "moved": ("not-begun", ("not-enrolled", "plan-missing", "share-short")),
    }


def test_a_document_says_when_a_school_is_started_and_whether_it_needs_a_plan(province, world):
    scene = province(units=UnitStates(school_started_with_plan=True, school_completed_with_plan=False))
    scene.takes_part("nine_year")
    scene.takes_part("vocational")
    scene.plans("kindergarten")
    scene.plans("vocational")
    scene.people(world.teacher, passed=1)
    scene.at(date(2026, 6, 1))
    assert scene.states("district") == {
        "kindergarten": ("not-begun", ("not-enrolled", "share-short")),
        "nine_year": ("completed", ()),
        "vocational": ("started", ("share-short",)),
    }


@pytest.mark.parametrize(("state", "approved", "counts"), [
    ("approved", date(2026, 6, 1), True), ("filed", date(2026, 6, 1), True), ("superseded", date(2026, 6, 1), True),
    ("approved", date(2026, 6, 2), False), ("submitted", None, False), ("returned", None, False),
])  # fmt: skip
def test_a_plan_counts_from_the_day_of_its_approval(province, state, approved, counts):
    scene = province()
    scene.takes_part("nine_year")
    scene.plans("nine_year", state=state, on=approved)
    lacks = () if counts else ("plan-missing",)
    assert scene.states("nine_year", date(2026, 6, 1)) == {"nine_year": ("started", (*lacks, "share-short"))}


def test_a_past_day_takes_the_tree_the_plans_and_the_verdicts_of_that_day(province, world):
    scene = province()
    for school in ("nine_year", "moved"):
        scene.takes_part(school, batch="prepare", since=date(2025, 9, 1))
        scene.plans(school, on=date(2026, 3, 2))
    scene.people(world.teacher, passed=1, day=date(2026, 5, 4))
    scene.at(date(2026, 6, 1))
    days = [date(2026, 3, 1), date(2026, 3, 2), date(2026, 5, 3), date(2026, 5, 4), date(2026, 6, 1)]
    assert [scene.states("nine_year", day)["nine_year"] for day in days] == [
        ("started", ("plan-missing", "share-short")),
        ("started", ("share-short",)),
        ("started", ("share-short",)),
        ("completed", ()),
        ("completed", ()),
    ]
    before, after = (scene.look(on=day).schools[world.moved].county for day in (date(2025, 12, 31), date(2026, 1, 1)))
    assert (before, after) == (world.district, world.sibling)


def test_where_acceptance_is_asked_every_accepting_stage_has_signed_by_the_end_of_the_day(province, world):
    accepting = [
        Stage(code, {}, "experts", 1, decides=False, days=9, does="accepts", level="county") for code in ("one", "two")
    ]
    stages = (*plan("p4-district").stages, *accepting)
    scene = province(units=UnitStates(school_completed_accepted=True), stages=stages)
    scene.takes_part("nine_year")
    scene.plans("nine_year")
    scene.people(world.teacher, passed=1)
    scene.at(date(2026, 7, 1))

    def sign(stage, state="accepted", unit="nine_year"):
        Acceptance.objects.create(
            programme=scene.programme, stage=stage, unit_id=world.units[unit], state=state, asked_at=at("2026-06-01 08:00"),
            decided_at=at("2026-06-20 23:59") if state != "open" else None,
        )  # fmt: skip

    def state(on=None):
        return scene.states("nine_year", on)["nine_year"]

    short = ("started", ("not-accepted",))
    assert state() == short
    sign("one")
    sign("two", "open")
    sign("two", unit="vocational")
    assert state() == short
    Acceptance.objects.filter(stage="two", state="open").update(state="refused", decided_at=at("2026-06-20 10:00"))
    assert state() == short
    Acceptance.objects.filter(stage="two", state="refused").update(state="accepted")
    assert [state(date(2026, 6, day))[0] for day in (19, 20)] == ["started", "completed"]
    assert state() == ("completed", ())


def test_a_county_is_started_by_plans_in_a_batch_that_has_begun_and_completed_by_its_schools(province, world):
    scene = province()
    for school, batch in (("nine_year", "pilot"), ("vocational", "pilot"), ("sibling_school", "second-batch")):
        scene.takes_part(school, batch)
        scene.plans(school)
    scene.people(world.teacher, passed=1)
    scene.at(date(2026, 6, 1))
    assert scene.counties() == {"锦霖区": ("started", 3, 2, 1, 2), "青石区": ("not-begun", 2, 0, 0, 0)}
    lines = {"county_started_plans": 3, "county_started_in_begun_batch": False, "county_completed_schools": 34}
    scene.version = scene.publish(replace(scene.document, units=UnitStates(**lines)))
    assert scene.counties()["锦霖区"][0] == "not-begun"  # 2 of 3 plans; 1 of 3 schools is less than 34 %
    assert scene.counties()["青石区"] == ("not-begun", 2, 0, 0, 1)
    lines = {"county_started_plans": 1, "county_started_in_begun_batch": False, "county_completed_schools": 33}
    scene.version = scene.publish(replace(scene.document, units=UnitStates(**lines)))
    assert [row[0] for row in scene.counties().values()] == ["completed", "started"]


def test_a_step_counts_what_came_in_its_time_or_in_all(province, world):
    spring, summer = (date(2026, 3, 1), date(2026, 4, 30)), (date(2026, 5, 1), date(2026, 8, 31))
    steps = [
        target(f"{per}-{name}", per=per, starts=starts, ends=ends, share=40)
        for name, (starts, ends) in (("spring", spring), ("summer", summer))
        for per in ("period", "cumulative")
    ]
    scene = province(targets=(*steps, target("autumn", starts=date(2026, 9, 1), share=100)))
    for school in ("nine_year", "kindergarten"):
        scene.takes_part(school)
        scene.plans(school)
    scene.people(world.teacher, passed=1, day=date(2026, 4, 10))
    scene.people(*world.kindergarten_teachers, passed=1, day=date(2026, 5, 4))
    scene.at(date(2026, 6, 1))
    province_name = "岷岭省"
    assert scene.steps() == [
        ("period-spring", province_name, 5, 1, 2, "missed"),
        ("cumulative-spring", province_name, 5, 1, 2, "missed"),
        ("period-summer", province_name, 5, 1, 2, "running"),
        ("cumulative-summer", province_name, 5, 2, 2, "reached"),
        ("autumn", province_name, 5, 0, 5, "to-come"),
    ]
    assert [s.on for s in scene.look().steps[:3]] == [date(2026, 4, 30), date(2026, 4, 30), date(2026, 6, 1)]
    found = {s.target.code: s for s in scene.look().steps}
    behind = {code: ([u.unit for u in step.inside], {u.unit for u in step.missing}) for code, step in found.items()}
    assert behind["period-summer"][0] == [world.kindergarten]
    assert behind["cumulative-summer"][0] == [world.kindergarten, world.nine_year]
    assert behind["cumulative-summer"][1] == {world.vocational, world.sibling_school, world.moved}
    assert scene.steps(on=date(2026, 4, 9))[:2] == [
        ("period-spring", province_name, 5, 0, 2, "running"), ("cumulative-spring", province_name, 5, 0, 2, "running"),
    ]  # fmt: skip


def test_units_founded_later_are_told_apart(province, world):
    scene = province(targets=(target(starts=date(2026, 2, 1), share=50),))
    Unit.objects.filter(pk=world.nine_year).update(opened_on=date(2026, 2, 2))
    Unit.objects.filter(pk=world.vocational).update(closed_on=date(2026, 3, 1))
    scene.takes_part("nine_year")
    scene.plans("nine_year")
    scene.people(world.teacher, passed=1)
    scene.at(date(2026, 6, 1))
    [step] = scene.look().steps
    assert (step.of, step.have, step.need, step.later) == (4, 0, 2, 1)
    assert world.vocational in {one.unit for one in step.missing}  # closed since, and still missed
    Unit.objects.filter(pk=world.nine_year).update(opened_on=date(2026, 2, 1))
    [step] = scene.look().steps
    assert (step.of, step.have, step.need, step.later) == (5, 1, 3, 0)


def test_the_denominator_is_not_older_than_the_programme(province, world):
    scene = province(targets=(target(starts=date(2020, 1, 1), share=50),))
    Unit.objects.filter(pk=world.moved).update(opened_on=scene.programme.started_on)
    assert scene.steps()[0][2] == 5
    Unit.objects.filter(pk=world.moved).update(opened_on=date(2026, 1, 2))
    assert scene.steps()[0][2] == 4


def test_flags_levels_numbers_and_shares(province, world):
    flagged = target("flagged", flag="pilot", number=2, share=30)
    each = target("each", of="counties", state="started", under="city", share=20)
    schools = target("schools", state="started", under="county", share=50, number=9)
    scene = province(targets=(flagged, each, schools))
    for school, until in (("nine_year", None), ("kindergarten", None), ("vocational", date(2026, 1, 1))):
        UnitFlag.objects.create(unit_id=world.units[school], flag="pilot", during=DateRange(date(2025, 9, 1), until))
    scene.takes_part("nine_year")
    scene.plans("nine_year")
    scene.people(world.teacher, passed=1)
    scene.at(date(2026, 6, 1))
    assert scene.steps() == [
        ("flagged", "岷岭省", 2, 1, 2, "running"),
        ("each", "澄州市", 2, 1, 1, "reached"),
        ("schools", "锦霖区", 3, 1, 2, "running"),
        ("schools", "青石区", 2, 0, 1, "running"),
    ]
    assert scene.look().steps[0].by_share == 1  # 30 % of 2: the number counts, the share is told beside it
    assert scene.look().steps[2].by_share is None
    assert scene.steps("district")[0] == ("flagged", "锦霖区", 2, 1, 1, "reached")  # the number is the province's
    number_only = replace(scene.document, targets=(target("number", number=2),))
    scene.version = scene.publish(number_only)
    assert [row[3:] for row in scene.steps()] == [(1, 2, "running")]
    assert [row[3:] for row in scene.steps("district")] == [(1, None, "running")]


def test_people_are_counted_as_the_overview_counts_them(province, world):
    done = target("done", of="teachers", share=100)
    begun = target(
        "begun", of="teachers", state="started", per="period", starts=date(2026, 5, 1), ends=date(2026, 5, 31), share=50
    )
    flagged = target("flagged", of="teachers", flag="rural", share=100)
    scene = province(targets=(done, begun, flagged))
    UnitFlag.objects.create(unit_id=world.kindergarten, flag="rural", during=DateRange(date(2025, 9, 1), None))
    scene.people(world.teacher, world.colleague, passed=1, day=date(2026, 4, 10))
    scene.people(*world.kindergarten_teachers, world.kindergarten_cio, passed=2, day=date(2026, 5, 4))
    scene.at(date(2026, 6, 1))
    assert [row[2:] for row in scene.steps()] == [(5, 3, 5, "running"), (5, 2, 3, "missed"), (3, 2, 3, "running")]


def test_what_may_be_sent_on_is_a_share_of_those_who_took_part_that_year(province, world):
    title = {"en": "Cases", "zh-hans": "案例", "zh-hant": "案例"}
    quotas = (
        Quota("cases", title, "city", year=True, share=50, round="down", least=1),
        Quota("up", title, "county", year=False, share=50, round="up", least=0),
        Quota("least", title, "city", year=True, share=1, round="down", least=2),
    )
    scene = province(quotas=quotas)
    scene.people(world.teacher, world.colleague, world.leader, passed=1)
    more = [scene.enrol(member.person) for member in (*world.kindergarten_teachers, world.sibling_teacher)]
    for row in more[:2]:
        scene.hours(row, 45)
    scene.recount(*more)
    scene.at(date(2026, 6, 1))

    def allowed(on=None):
        return [(a.quota.code, a.name, a.base, a.allowed) for a in scene.look(on=on).allowances]

    assert allowed() == [
        ("cases", "澄州市", 3, 1), ("up", "锦霖区", 3, 2), ("up", "青石区", 0, 0), ("least", "澄州市", 3, 2),
    ]  # fmt: skip
    scene.at(date(2027, 6, 1))
    assert allowed() == [
        ("cases", "澄州市", 0, 1), ("up", "锦霖区", 3, 2), ("up", "青石区", 0, 0), ("least", "澄州市", 0, 2),
    ]  # fmt: skip
    assert allowed(date(2026, 12, 31))[0] == ("cases", "澄州市", 3, 1)


def test_only_within_reach(province, world):
    scene = province()
    assert roll_out(world.office.actor, scene.programme, world.district).unit.pk == world.district
    for actor, unit in (
        (world.office.actor, world.province),
        (world.wu.actor, world.district),
        (Actor(), world.district),
    ):
        with pytest.raises(NotFound):
            roll_out(actor, scene.programme, unit)


def test_more_schools_and_people_ask_no_more(province, world):
    steps = tuple(target(f"t{n}", starts=date(2026, 1 + n, 1), per="period", share=50) for n in range(3))
    scene = province(targets=steps)
    for school in NAMES:
        scene.takes_part(school)
        scene.plans(school)
    scene.people(world.teacher, *world.kindergarten_teachers, world.sibling_teacher, passed=3)
    scene.at(date(2026, 6, 1))

    def queries(unit):
        with CaptureQueriesContext(connection) as asked:
            scene.look(unit)
        return len(asked)

    assert queries("nine_year") == queries("province")
