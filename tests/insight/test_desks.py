"""A desk: what waits for the decision of whoever sits there, and nothing that others decide; who needs help first."""

from datetime import date, datetime, timedelta

import pytest

from tests.assessment.panel import hand_in, settle, through_advice
from tests.district import second_office
from tests.planning.plans import approve, submitted
from tests.plans import stand
from tests.progress.scene import Here
from weineng.accounts.models import Grant
from weineng.activities.actions import SessionPlan, plan_session
from weineng.assessment.actions import ask_acceptance, propose_mode, refuse_school
from weineng.assessment.rules import ModeStage
from weineng.insight.queries import desk_of
from weineng.kernel.clock import CIVIL
from weineng.organisations.actions import ask_erasure, merge_people
from weineng.organisations.models import Unit
from weineng.planning.actions import draft_school_plan, return_school_plan
from weineng.planning.models import SchoolPlan
from weineng.programmes.actions import ask_exemption

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def desk(world, p4, set_clock):
    set_clock(NOW)

    def of(member, unit):
        found = desk_of(member.actor, p4, Unit.objects.get(pk=unit))
        return {line.code: line.count for line in found.waiting}

    return of


def test_a_schools_plan_waits_for_the_school_then_for_the_district(world, p4, desk):
    assert desk(world.cio, world.nine_year) == {"school-plan-missing": 1}
    assert desk(world.office, world.district) == {}
    draft_school_plan(by=world.cio.actor, programme=p4.pk, unit=world.nine_year)
    assert desk(world.cio, world.nine_year) == {"school-plan-draft": 1}
    plan = submitted(p4, world.nine_year, world.cio)
    submitted(p4, world.kindergarten, world.kindergarten_cio)
    assert desk(world.cio, world.nine_year) == {}
    assert desk(world.office, world.district) == {"plans": 2}
    assert desk(world.office, world.nine_year) == {"plans": 1}
    assert desk(world.wu, world.sibling) == {}
    return_school_plan(by=world.office.actor, plan=plan.pk, comment="请补充时间表")
    assert desk(world.cio, world.nine_year) == {"school-plan-returned": 1}
    assert desk(world.office, world.district) == {"plans": 1}


def test_a_school_that_takes_no_part_has_no_plan_to_write(world, p4, desk):
    assert desk(world.wu, world.sibling_school) == {}


def test_groups_publish_once_the_schools_plan_is_in_force(world, p4, desk):
    approve(world, p4, world.nine_year, world.cio)
    assert desk(world.cio, world.nine_year) == {"group-plans": 2}
    assert desk(world.leader, world.maths) == {"group-plans": 1}
    assert desk(world.kindergarten_cio, world.kindergarten) == {"school-plan-missing": 1}
    Unit.objects.filter(pk=world.chinese).update(closed_on=date(2026, 8, 1))
    assert desk(world.cio, world.nine_year) == {"group-plans": 1}


def test_a_session_that_is_over_waits_for_who_holds_it(world, p4, desk, set_clock):
    plan = SessionPlan(
        kind="school-research", form="lesson-study", title="用数据看学情", points=("A1",), starts_at=NOW + timedelta(hours=1),
        ends_at=NOW + timedelta(hours=3), duration=90,
    )  # fmt: skip
    plan_session(by=world.leader.actor, unit=world.maths, programme=p4.code, plan=plan)
    assert desk(world.leader, world.maths) == {}
    set_clock(NOW + timedelta(hours=4))
    assert desk(world.leader, world.maths) == {"sessions": 1}
    assert desk(world.cio, world.nine_year) == {"school-plan-missing": 1, "sessions": 1}
    assert desk(world.office, world.district) == {}  # whoever may not close it is not asked to


def test_an_exemption_waits_for_a_second_person_only(world, p4, desk):
    scene = Here(p4, owner=world.district, leaf=world.maths, school=world.nine_year)
    enrolment = scene.enrol(world.teacher.person)
    asked = {"enrolment": enrolment, "demand": "online", "starts": date(2026, 9, 1), "ends": None, "reason": "病假"}
    ask_exemption(by=world.office.actor, **asked)
    assert desk(world.office, world.district) == {}
    world.grant(world.loner.person, "office", world.district)
    assert desk(world.loner, world.district) == {"exemptions": 1}
    assert desk(world.loner, world.vocational) == {}
    world.grant(world.teacher.person, "office", world.district)
    assert desk(world.teacher, world.district) == {}  # it is about themselves
    world.grant(world.colleague.person, "office", world.district)
    assert desk(world.colleague, world.district) == {"exemptions": 1}
    merged = {"kept": world.colleague.person, "gone": world.teacher.person, "reason": "同一个人", "end_numbers": True}
    merge_people(by=world.office.actor, **merged)
    assert desk(world.colleague, world.district) == {}  # it is about themselves, under another record


def test_work_without_reviewers_and_work_given_to_me(world, p4, desk):
    Grant.objects.filter(role="panel-member").delete()
    submission = hand_in(p4, world.teacher)
    settle()
    assert desk(world.teacher, world.maths) == {"reviews": 1}  # one's own view of it comes first
    assert "reviewers" not in desk(world.cio, world.nine_year)
    through_advice(world, submission)
    assert desk(world.teacher, world.maths) == {}
    assert desk(world.cio, world.nine_year) == {"school-plan-missing": 1, "reviewers": 1}
    assert desk(world.principal, world.nine_year) == {
        "school-plan-missing": 1
    }  # who may name no reviewers is not asked to
    assert desk(world.kindergarten_cio, world.kindergarten) == {"school-plan-missing": 1}


def test_who_is_furthest_from_a_pass_comes_first_with_what_is_missing(world, p4, set_clock):
    set_clock(NOW)
    scene = Here(p4, owner=world.district, leaf=world.maths, school=world.nine_year)
    finished, begun, idle = (scene.enrol(m.person) for m in (world.leader, world.colleague, world.teacher))
    elsewhere = scene.enrol(world.kindergarten_teachers[0].person)
    scene.finish(finished)
    scene.choose(begun, ["A1", "A3", "A5"])
    scene.hours(begun, 900)
    scene.recount(finished, begun, idle, elsewhere)
    school = Unit.objects.get(pk=world.nine_year)
    behind = desk_of(world.cio.actor, p4, school).behind
    assert [(row.enrolment, row.name, row.met, row.verdict) for row in behind] == [
        (idle, world.teacher.name, 0, "not-begun"), (begun, world.colleague.name, 1, "in-progress"),
    ]  # fmt: skip
    assert behind[1].leaf == "数学教研组"
    assert [(title, reason.code) for title, reason in behind[0].lacks] == [
        ("在线网络课程", "minutes-short"), ("能力点实践应用认证材料", "minutes-short"),
    ]  # fmt: skip
    assert desk_of(world.office.actor, p4, Unit.objects.get(pk=world.district)).behind == ()
    assert desk_of(world.wu.actor, p4, school).behind == ()
    for _ in range(9):
        scene.recount(scene.enrol(leaf=world.maths))
    assert len(desk_of(world.cio.actor, p4, school).behind) == 5


def test_an_erasure_waits_for_a_second_person(world, p4, desk):
    second = second_office(world)
    ask_erasure(by=world.office.actor, person=world.unplaced.person, reason="request 1")
    assert desk(second, world.district) == {"erasures": 1}
    assert desk(second, world.nine_year) == {"erasures": 1}
    assert desk(second, world.vocational) == {}
    assert desk(world.office, world.district) == {}  # who asked
    assert "erasures" not in {**desk(world.cio, world.nine_year), **desk(world.wu, world.sibling)}


def test_own_modes_wait_for_the_office_and_a_refused_acceptance_for_the_school(world, set_clock):
    set_clock(NOW)
    p1 = stand(world, "p1-town")
    SchoolPlan.objects.create(programme=p1, unit_id=world.nine_year, number=1, state="filed", edited_at=NOW)
    own = [ModeStage("panel", 3, 14, decides=True, third=True)]
    propose_mode(by=world.cio.actor, programme=p1.pk, unit=world.nine_year, stages=own, why="三人评审")
    world.grant(world.vocational_teachers[0].person, "expert", world.zone)
    where = {"programme": p1.pk, "stage": "acceptance", "unit": world.nine_year}
    refuse_school(by=world.vocational_teachers[0].actor, reason="缺会议记录", **where)

    def desk(member, unit):
        return {line.code: line.count for line in desk_of(member.actor, p1, Unit.objects.get(pk=unit)).waiting}

    assert desk(world.office, world.district) == {"own-modes": 1}
    assert desk(world.office, world.kindergarten) == {}
    assert desk(world.cio, world.nine_year)["acceptance"] == 1
    assert "acceptance" not in desk(world.kindergarten_cio, world.kindergarten)
    assert desk(world.wu, world.sibling) == {}
    ask_acceptance(by=world.cio.actor, **where)
    assert "acceptance" not in desk(world.cio, world.nine_year)
