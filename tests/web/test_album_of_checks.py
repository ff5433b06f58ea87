"""The pages of acceptance, of samples and of how a school is assessed: as in test_album.py."""

import pytest

from tests.assessment.accepting import accepting
from tests.assessment.accepting import here as school_of
from tests.assessment.sampling import decided, sampling
from tests.assessment.sampling import here as city_of
from tests.insight.province import half_way
from tests.plans import stand
from tests.progress.scene import at
from tests.web.test_album import act_as, walk  # noqa: F401 (signing in, looking)
from weineng.assessment.actions import (
    accept_people,
    approve_mode,
    ask_acceptance,
    draw_sample,
    frame_sample,
    hand_over_stage,
    propose_mode,
    refuse_person,
)
from weineng.assessment.rules import ModeStage
from weineng.kernel.clock import now
from weineng.kernel.ids import seal_id
from weineng.planning.models import SchoolPlan
from weineng.web.shell.addresses import oid

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_acceptance(world, set_clock, act_as, walk):  # noqa: F811 (fixtures)
    set_clock(at("2026-11-02 09:00"))
    scene, expert = accepting(world), world.vocational_teachers[0]
    people = [scene.enrol(member.person) for member in (world.teacher, world.colleague, world.leader, world.loner)]
    for enrolment in people:
        for point in ("A1", "A2", "A3"):
            scene.result(enrolment, point)
    where = school_of(world, scene)
    ask_acceptance(by=world.cio.actor, **where)
    accept_people(by=expert.actor, enrolments=people[:1], **where)
    refuse_person(by=expert.actor, enrolment=people[1], reason="A2的演示文稿与课堂实录不是同一节课。", **where)
    page = f"/acceptance/{oid(scene.programme)}/acceptance/{oid(world.nine_year, 'organisations.unit')}/"
    act_as(expert, "expert")
    walk(("acceptance", "/acceptance/"), ("acceptance-school", page))
    act_as(world.cio, "cio")
    walk(("acceptance-cio", page))
    act_as(expert, "expert", language="en")
    walk(("acceptance-school-en", page))
    assert walk.wrong == []


def test_samples(world, set_clock, act_as, walk):  # noqa: F811 (fixtures)
    set_clock(at("2026-11-02 09:00"))
    scene = sampling(world, share=30, strata=("county", "subject"))
    for member in (world.teacher, world.colleague, *world.chinese_teachers):
        decided(scene, member, "A1", "A2", "A3")
    frame = f"/samples/frame/{oid(scene.programme)}/city-sample/{oid(world.city, 'organisations.unit')}/"
    act_as(world.office, "office")
    sample = frame_sample(by=world.office.actor, **city_of(world, scene))
    walk(("samples", "/samples/"), ("sample-frame", frame), ("sample-fixed", f"/samples/{oid(sample)}/"))
    draw_sample(by=world.office.actor, sample=sample.pk, seed="福彩3D 2026294 0 7 4")
    walk(("sample", f"/samples/{oid(sample)}/"), ("sample-public", f"/samples/{oid(sample)}/drawn/"))
    assert walk.wrong == []


def test_how_a_school_is_assessed(world, set_clock, act_as, walk):  # noqa: F811 (fixtures)
    set_clock(at("2026-09-01 09:00"))
    p1 = stand(world, "p1-town")
    where = {"programme": p1.pk, "unit": world.nine_year}
    SchoolPlan.objects.create(programme=p1, unit_id=world.nine_year, number=1, state="approved", edited_at=now())
    world.grant(world.vocational_teachers[0].person, "training-team", world.zone)
    own = [ModeStage("backbone", 1, 7), ModeStage("panel", 3, 14, decides=True, third=True)]
    page = f"/stages/{oid(p1)}/{oid(world.nine_year, 'organisations.unit')}/"
    act_as(world.cio, "cio")
    hand_over_stage(by=world.cio.actor, stage="panel", **where)
    walk(("stages", page), ("stages-propose", f"{page}own/"))
    propose_mode(by=world.cio.actor, stages=own, why="先由骨干教师复评，再由三人评审组评定。", **where)
    act_as(world.office, "office")
    walk(("stages-waiting", "/stages/"), ("stages-judge", page))
    approve_mode(by=world.office.actor, **where)
    act_as(world.cio, "cio")
    walk(("stages-own", page))
    assert walk.wrong == []


def test_the_roll_out_of_a_province(page, live_server, world, set_clock, act_as, walk):  # noqa: F811 (fixtures)
    scene = half_way(world, set_clock, profile=True)
    world.grant(world.loner.person, "office", world.province)
    unit = {
        key: f"/progress/unit/{seal_id('organisations.unit', world.units[key])}" for key in ("province", "district")
    }
    act_as(world.loner, "office")
    walk(
        ("roll-out", f"{unit['province']}/roll-out/"),
        ("roll-out-schools", f"{unit['province']}/roll-out/units/?of=schools"),
    )
    act_as(world.office, "office")
    walk(("roll-out-county", f"{unit['district']}/roll-out/"))
    enrolment = scene.programme.enrolments.get(person=world.teacher.person)
    act_as(world.teacher)
    walk(("profile", f"/progress/{oid(enrolment)}/"))
    assert walk.wrong == []
