"""A certificate that is earned waits for the acceptance its document asks for; taken back, it ends."""

from datetime import datetime

import pytest

from tests.assessment.accepting import accepting, here
from tests.assessment.panel import rate, settle
from tests.assessment.sampling import decided, sampling
from tests.assessment.sampling import here as frame_at
from tests.progress.scene import ZONE
from weineng.assessment.actions import (
    accept_people,
    draw_sample,
    frame_sample,
    overturn_result,
    refuse_person,
    sign_acceptance,
    stop_sample,
    take_back_acceptance,
    take_back_person,
)
from weineng.assessment.models import Assignment, Result
from weineng.certification.actions import award_due
from weineng.certification.models import Certificate
from weineng.certification.queries import certificates_waiting, waiting_within
from weineng.kernel.actors import platform
from weineng.organisations.models import Posting

pytestmark = pytest.mark.slow

SETTLE = platform("settle")


@pytest.fixture
def scene(world, set_clock):
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    return accepting(world)


@pytest.fixture
def passed(scene, world):
    enrolment = scene.enrol(world.teacher.person)
    scene.finish(enrolment)
    scene.recount(enrolment)
    return enrolment


def waits(enrolment):
    return [(wait.why, wait.stage["en"]) for wait in certificates_waiting([enrolment])]


def test_it_waits_for_the_person_and_for_the_school(world, scene, passed):
    expert = world.vocational_teachers[0].actor
    assert award_due(by=SETTLE) == 0
    assert waits(passed) == [("acceptance", "Acceptance")]
    (count,) = waiting_within(world.cio.actor, scene.programme.pk)
    assert (count.why, count.people) == ("acceptance", 1)
    assert waiting_within(world.wu.actor, scene.programme.pk) == []
    accept_people(by=expert, enrolments=[passed], **here(world, scene))
    assert (award_due(by=SETTLE), waits(passed)) == (0, [("acceptance", "Acceptance")])
    sign_acceptance(by=expert, **here(world, scene))
    assert (waits(passed), award_due(by=SETTLE)) == ([], 1)
    assert award_due(by=SETTLE) == 0
    assert waiting_within(world.cio.actor, scene.programme.pk) == []


@pytest.mark.parametrize("what", ["person", "school", "refused"])
def test_it_ends_when_the_acceptance_is_taken_back_and_comes_again(world, scene, passed, what):
    expert, where = world.vocational_teachers[0].actor, here(world, scene)
    accept_people(by=expert, enrolments=[passed], **where)
    sign_acceptance(by=expert, **where)
    assert award_due(by=SETTLE) == 1
    if what == "person":
        take_back_person(by=expert, enrolment=passed, reason="看错人", **where)
    elif what == "school":
        take_back_acceptance(by=expert, reason="签错学校", **where)
    else:
        refuse_person(by=expert, enrolment=passed, reason="材料不是本人的", **where)
        scene.recount(passed)
    assert award_due(by=SETTLE) == 1
    assert Certificate.objects.get().revoked_because == ("result-overturned" if what == "refused" else "not-accepted")
    assert award_due(by=SETTLE) == 0
    if what == "refused":
        take_back_person(by=expert, enrolment=passed, reason="核实为本人", **where)
        scene.recount(passed)
    if what != "school":
        accept_people(by=expert, enrolments=[passed], **where)
    else:
        sign_acceptance(by=expert, **where)
    assert award_due(by=SETTLE) == 1
    assert Certificate.objects.filter(revoked_at__isnull=True).count() == 1


def test_what_was_issued_before_anybody_was_to_accept_stays_and_what_comes_later_waits(world, scene, passed):
    expert, where = world.vocational_teachers[0].actor, here(world, scene)
    accept_people(by=expert, enrolments=[passed], **where)
    sign_acceptance(by=expert, **where)
    award_due(by=SETTLE)
    scene.result(passed, "B1")
    scene.recount(passed)
    assert award_due(by=SETTLE) == 0
    assert Certificate.objects.get().revoked_at is None


def test_what_was_said_last_holds_also_at_another_school(world, scene, passed):
    expert, where = world.vocational_teachers[0].actor, here(world, scene)
    accept_people(by=expert, enrolments=[passed], **where)
    sign_acceptance(by=expert, **where)
    take_back_acceptance(by=expert, reason="签错学校", **where)
    Posting.objects.filter(person=world.teacher.person).update(unit=world.play, school=world.kindergarten)
    scene.result(passed, "B1")
    scene.recount(passed)
    there = where | {"unit": world.kindergarten}
    accept_people(by=expert, enrolments=[passed], **there)
    sign_acceptance(by=expert, **there)
    assert (waits(passed), award_due(by=SETTLE)) == ([], 1)


def test_the_home_of_the_teacher_says_for_what_it_waits(world, scene, passed, client, sign_in):
    sign_in(client, world.teacher)
    assert "镇级验收" in client.get("/my/").content.decode()


@pytest.mark.parametrize("end", ["same", "stopped"])
def test_it_waits_for_a_sample_that_drew_a_result_and_no_longer_than_that(world, set_clock, monkeypatch, end):
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    scene = sampling(world, share=100)
    enrolment = scene.enrol(world.teacher.person)
    scene.finish(enrolment)
    decided(scene, world.teacher, "A2", enrolment=enrolment)
    scene.recount(enrolment)
    office = world.office.actor
    sample = frame_sample(by=office, **frame_at(world, scene))
    assert waits(enrolment) == []
    draw_sample(by=office, sample=sample.pk)
    assert (waits(enrolment), award_due(by=SETTLE)) == ([("sample", "Samples by the city")], 0)
    settle()
    monkeypatch.setattr("weineng.certification.measures.RECENT", 0)  # nothing was decided or counted lately
    assert award_due(by=SETTLE, recent=True) == 0
    (part,) = Assignment.objects.filter(state="assigned", role="expert")
    if end == "stopped":
        stop_sample(by=office, sample=sample.pk, reason="名单有误")
    else:
        rate(world, part, "pass")
        settle()
    assert (waits(enrolment), award_due(by=SETTLE, recent=True)) == ([], 1)


def test_why_a_certificate_ended_follows_the_last_word(world, scene, passed):
    expert, where = world.vocational_teachers[0].actor, here(world, scene)
    accept_people(by=expert, enrolments=[passed], **where)
    sign_acceptance(by=expert, **where)
    take_back_acceptance(by=expert, reason="签错学校", **where)
    Posting.objects.filter(person=world.teacher.person).update(unit=world.play, school=world.kindergarten)
    scene.result(passed, "B1")
    there = where | {"unit": world.kindergarten}
    accept_people(by=expert, enrolments=[passed], **there)
    sign_acceptance(by=expert, **there)
    assert award_due(by=SETTLE) == 1
    found = Result.objects.filter(enrolment=passed, point="", overturned_at__isnull=True).get()
    overturn_result(by=world.office.actor, result=found.pk, level="fail", reason="不符")
    scene.recount(passed)
    assert award_due(by=SETTLE) == 1
    assert Certificate.objects.get().revoked_because == "result-overturned"
