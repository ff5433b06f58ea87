"""Experts accept results school by school and person by person; results stand meanwhile, and every decision has a way back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.assessment.accepting import accepting, here
from tests.planning.plans import refusal
from tests.progress.scene import at
from tests.races import race
from weineng.accounts.models import Grant
from weineng.assessment.actions import (
    accept_people,
    ask_acceptance,
    overturn_result,
    refuse_person,
    refuse_school,
    sign_acceptance,
    stop_asking,
    take_back_acceptance,
    take_back_person,
)
from weineng.assessment.models import Acceptance, AcceptedPerson, Assignment, Dossier, Recusal, Result, StageRun
from weineng.assessment.queries import (
    acceptance_of_schools,
    acceptance_page,
    accepting_stages,
    schools_accepting,
    submissions_assigned,
    submissions_to_accept,
)
from weineng.audit.models import Line
from weineng.evidence.models import Submission
from weineng.evidence.permissions import VIEW
from weineng.kernel.clock import now, today
from weineng.notices.models import Message
from weineng.organisations.models import Person, Posting
from weineng.programmes.documents import to_json
from weineng.programmes.models import Enrolment, Version

pytestmark = pytest.mark.slow


@pytest.fixture
def scene(world, set_clock, request):
    set_clock(at("2026-11-02 09:00"))
    return accepting(world, reviewers=getattr(request, "param", 1))


@pytest.fixture
def expert(world):
    return world.vocational_teachers[0]


@pytest.fixture
def school(world, scene):
    """Two people with results: the teacher passed two points and failed one, the colleague passed one."""
    mine, other = scene.enrol(world.teacher.person), scene.enrol(world.colleague.person)
    for point, level in (("A1", "pass"), ("A2", "excellent"), ("A3", "fail")):
        scene.result(mine, point, level)
    scene.result(other, "A1")
    return mine, other


def states(member, world, scene):
    page = acceptance_page(member.actor, **here(world, scene))
    return {one.enrolment: one.state for one in page.people}


def standing(enrolment):
    rows = Result.objects.filter(enrolment=enrolment, overturned_at__isnull=True).order_by("point")
    return [(row.point, row.level, row.source) for row in rows]


def decided(scene, enrolment):
    submission = scene.submit(enrolment, "A1")
    Submission.objects.filter(pk=submission.pk).update(state="decided", level="pass", decided_at=now())
    return submission


def told(person, *events):
    return list(Message.objects.filter(person=person, event__in=events).order_by("pk").values_list("event", flat=True))


def test_a_school_asks_and_those_who_accept_are_told(world, scene, school, expert):
    row = ask_acceptance(by=world.cio.actor, **here(world, scene))
    assert (row.state, row.due_on) == ("open", today() + timedelta(days=30))
    assert all(told(one.person, "acceptance-asked") == ["acceptance-asked"] for one in world.vocational_teachers)
    assert told(world.sibling_teacher.person, "acceptance-asked") == []
    for member in (world.teacher, world.office, expert, world.wu):
        assert refusal(ask_acceptance, by=member.actor, **here(world, scene)) == "not-found"
    stop_asking(by=world.cio.actor, **here(world, scene))
    assert refusal(stop_asking, by=world.cio.actor, **here(world, scene)) == "not-asked"
    elsewhere = here(world, scene) | {"stage": "panel"}
    assert refusal(ask_acceptance, by=world.cio.actor, **elsewhere) == "not-found"


def test_people_are_accepted_and_then_the_school(world, scene, school, expert):
    mine, other = school
    assert states(expert, world, scene) == {mine: "waits", other: "waits"}
    assert refusal(sign_acceptance, by=expert.actor, **here(world, scene)) == "people-wait"
    assert refusal(accept_people, by=expert.actor, enrolments=[], **here(world, scene)) == "nobody-chosen"
    assert accept_people(by=expert.actor, enrolments=[mine, other], **here(world, scene)) == 2
    assert told(world.teacher.person, "results-accepted") == ["results-accepted"]
    assert refusal(accept_people, by=expert.actor, enrolments=[mine], **here(world, scene)) == "not-found"
    assert sign_acceptance(by=expert.actor, **here(world, scene)).state == "accepted"
    assert (
        told(world.cio.person, "school-accepted")
        == told(world.principal.person, "school-accepted")
        == ["school-accepted"]
    )
    assert refusal(sign_acceptance, by=expert.actor, **here(world, scene)) == "already-accepted"
    assert refusal(ask_acceptance, by=world.cio.actor, **here(world, scene)) == "already-accepted"
    assert standing(mine) == [("A1", "pass", "sheet"), ("A2", "excellent", "sheet"), ("A3", "fail", "sheet")]
    newer = scene.result(mine, "A4")
    assert states(expert, world, scene) == {mine: "waits", other: "accepted"}
    accept_people(by=expert.actor, enrolments=[mine], **here(world, scene))
    assert AcceptedPerson.objects.get(enrolment=mine).through == newer.pk


@pytest.mark.parametrize("scene", [2], indirect=True)
def test_as_many_sign_as_the_stage_asks_for_each_once(world, scene, school, expert):
    accept_people(by=expert.actor, enrolments=school, **here(world, scene))
    assert sign_acceptance(by=expert.actor, **here(world, scene)).state == "open"
    assert refusal(sign_acceptance, by=expert.actor, **here(world, scene)) == "signed-already"
    assert told(world.cio.person, "school-accepted") == []
    assert sign_acceptance(by=world.vocational_teachers[1].actor, **here(world, scene)).state == "accepted"


def test_refusing_a_person_overturns_what_they_passed_and_can_be_taken_back(world, scene, school, expert):
    mine, other = school
    where = here(world, scene)
    assert refusal(refuse_person, by=expert.actor, enrolment=mine, reason=" ", **where) == "reason-missing"
    new = refuse_person(by=expert.actor, enrolment=mine, reason="课堂实录不是本人", **where)
    assert len(new) == 2
    assert standing(mine) == [("A1", "fail", "acceptance"), ("A2", "fail", "acceptance"), ("A3", "fail", "sheet")]
    assert standing(other) == [("A1", "pass", "sheet")]
    message = Message.objects.get(person=world.teacher.person, event="results-refused")
    assert message.params["reason"] == "课堂实录不是本人"
    assert states(expert, world, scene) == {mine: "refused", other: "waits"}
    again = scene.result(mine, "A4")
    assert states(expert, world, scene)[mine] == "waits"
    Result.objects.filter(pk=again.pk).delete()
    assert take_back_person(by=expert.actor, enrolment=mine, reason="核实为本人", **where) == 2
    assert standing(mine) == [("A1", "pass", "acceptance"), ("A2", "excellent", "acceptance"), ("A3", "fail", "sheet")]
    assert states(expert, world, scene)[mine] == "waits"
    assert told(world.teacher.person, "acceptance-taken-back") == ["acceptance-taken-back"]
    assert refusal(take_back_person, by=expert.actor, enrolment=mine, reason="再", **where) == "not-found"
    verbs = Line.objects.filter(subject=world.teacher.person, verb__startswith="assessment.").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["assessment.refuse_person", "assessment.take_back_person"]


def test_what_an_office_decided_after_a_refusal_is_not_put_back(world, scene, school, expert):
    mine, _other = school
    refuse_person(by=expert.actor, enrolment=mine, reason="材料不全", **here(world, scene))
    overturned = Result.objects.get(enrolment=mine, point="A2", source="acceptance", overturned_at__isnull=True)
    overturn_result(by=world.office.actor, result=overturned.pk, level="pass", reason="复核")
    assert take_back_person(by=expert.actor, enrolment=mine, reason="撤回", **here(world, scene)) == 1
    assert standing(mine)[:2] == [("A1", "pass", "acceptance"), ("A2", "pass", "overturn")]


def test_a_school_that_is_refused_asks_again_and_a_decision_is_taken_back(world, scene, school, expert):
    where = here(world, scene)
    ask_acceptance(by=world.cio.actor, **where)
    refuse_school(by=expert.actor, reason="评审组没有校外人员", **where)
    assert told(world.cio.person, "school-refused") == ["school-refused"]
    assert Acceptance.objects.values_list("state", "reason").get() == ("refused", "评审组没有校外人员")
    assert standing(school[0])[0] == ("A1", "pass", "sheet")
    assert ask_acceptance(by=world.principal.actor, **where).state == "open"
    assert refusal(take_back_acceptance, by=expert.actor, reason="x", **where) == "not-decided"
    accept_people(by=expert.actor, enrolments=school, **where)
    sign_acceptance(by=expert.actor, **where)
    assert refusal(refuse_school, by=expert.actor, reason="x", **where) == "already-accepted"
    assert refusal(take_back_acceptance, by=expert.actor, reason="", **where) == "reason-missing"
    row = take_back_acceptance(by=expert.actor, reason="签错学校", **where)
    assert (row.state, row.signatures, row.signers) == ("open", 0, [])
    assert told(world.cio.person, "school-acceptance-taken-back") == ["school-acceptance-taken-back"]
    assert sign_acceptance(by=expert.actor, **where).state == "accepted"


def test_only_experts_of_the_town_from_outside_the_school_decide(world, scene, school, expert):
    mine, _other = school
    world.grant(world.sibling_teacher.person, "expert", world.sibling)  # of another level and place
    world.grant(world.kindergarten_teachers[0].person, "expert", world.district)
    world.grant(world.kindergarten_teachers[1].person, "training-team", world.zone)
    for member in (world.sibling_teacher, *world.kindergarten_teachers, world.teacher, world.wu):
        assert refusal(accept_people, by=member.actor, enrolments=[mine], **here(world, scene)) == "not-found"
    for member in (world.cio, world.office):  # they see the page and decide nothing
        assert not acceptance_page(member.actor, **here(world, scene)).acts
        assert refusal(sign_acceptance, by=member.actor, **here(world, scene)) == "not-found"
    world.grant(world.leader.person, "expert", world.zone)
    assert refusal(accept_people, by=world.leader.actor, enrolments=[mine], **here(world, scene)) == "own-school"
    Grant.objects.filter(person=expert.person, role="expert").update(ends_on=today())
    assert refusal(accept_people, by=expert.actor, enrolments=[mine], **here(world, scene)) == "not-found"


def test_whoever_judged_somebody_does_not_accept_them(world, scene, school, expert):
    mine, other = school
    submission = decided(scene, mine)
    dossier = Dossier.objects.create(
        submission=submission, version=1, person_id=world.teacher.person, enrolment=mine, stage="", state="decided", opened_at=now()
    )  # fmt: skip
    run = StageRun.objects.create(dossier=dossier, stage="panel", place=2, wanted=2, decides=True, state="done")
    Assignment.objects.create(
        run=run,
        reviewer_id=expert.person,
        judged_id=world.teacher.person,
        role="panel",
        state="done",
        assigned_at=now(),
    )
    assert refusal(accept_people, by=expert.actor, enrolments=[mine, other], **here(world, scene)) == "own-judgement"
    assert accept_people(by=expert.actor, enrolments=[other], **here(world, scene)) == 1
    assert accept_people(by=world.vocational_teachers[1].actor, enrolments=[mine], **here(world, scene)) == 1


def test_the_list_counts_schools_and_shows_only_those_of_ones_own(world, scene, school, expert):
    (stage,) = accepting_stages(scene.programme.pk)
    found = schools_accepting(expert.actor, scene.programme.pk, stage)
    assert {unit.pk for unit in found} == {world.nine_year, world.kindergarten}  # the vocational school is in no zone
    assert list(schools_accepting(world.wu.actor, scene.programme.pk, stage)) == []
    accept_people(by=expert.actor, enrolments=[school[0]], **here(world, scene))
    refuse_person(by=expert.actor, enrolment=school[1], reason="缺", **here(world, scene))
    rows = {row.unit.pk: row for row in acceptance_of_schools(scene.programme.pk, "acceptance", list(found))}
    row = rows[world.nine_year]
    assert (row.people, row.accepted, row.refused, rows[world.kindergarten].people) == (2, 1, 1, 0)


def test_those_who_accept_open_the_evidence_of_a_school_that_asked(world, scene, school, expert):
    mine, _other = school
    submission = decided(scene, mine)
    Submission.objects.filter(pk=submission.pk).update(unit=world.maths, handed_in_on=today())

    def seen(member):
        rows = Submission.objects.within(member.actor, VIEW, assigned=submissions_assigned(member.actor))
        return rows.filter(pk=submission.pk).exists()

    assert not seen(expert)
    ask_acceptance(by=world.cio.actor, **here(world, scene))
    assert (seen(expert), seen(world.sibling_teacher), seen(world.vocational_teachers[1])) == (True, False, True)
    accept_people(by=expert.actor, enrolments=school, **here(world, scene))
    sign_acceptance(by=expert.actor, **here(world, scene))
    assert not seen(expert)


def test_merged_people_are_one_and_stay_accepted_after_a_move(world, scene, school, expert):
    mine, _other = school
    accept_people(by=expert.actor, enrolments=[mine], **here(world, scene))
    Posting.objects.filter(person=world.teacher.person).update(unit=world.play, school=world.kindergarten)
    page = acceptance_page(expert.actor, **here(world, scene) | {"unit": world.kindergarten})
    assert [(one.enrolment, one.state) for one in page.people] == [(mine, "accepted")]


def test_what_was_decided_before_a_move_is_taken_back_at_the_new_school(world, scene, school, expert):
    mine, _other = school
    refuse_person(by=expert.actor, enrolment=mine, reason="材料不全", **here(world, scene))
    Posting.objects.filter(person=world.teacher.person).update(unit=world.play, school=world.kindergarten)
    there = here(world, scene) | {"unit": world.kindergarten}
    assert refusal(take_back_person, by=expert.actor, enrolment=mine, reason="x", **here(world, scene)) == "not-found"
    assert take_back_person(by=expert.actor, enrolment=mine, reason="核实", **there) == 2
    assert AcceptedPerson.objects.get().state == "open"


def test_nobody_accepts_whom_they_said_they_may_not_judge(world, scene, school, expert):
    mine, other = school
    Recusal.objects.create(reviewer_id=expert.person, judged_id=world.teacher.person, reason="亲属", at=now())
    assert refusal(accept_people, by=expert.actor, enrolments=[mine], **here(world, scene)) == "own-judgement"
    assert accept_people(by=expert.actor, enrolments=[other], **here(world, scene)) == 1
    Recusal.objects.update(ended_at=now())
    assert accept_people(by=expert.actor, enrolments=[mine], **here(world, scene)) == 1


@pytest.mark.django_db(transaction=True)
def test_one_person_who_signs_twice_at_once_signs_once(world, set_clock):
    set_clock(at("2026-11-02 09:00"))
    scene = accepting(world, reviewers=2)
    enrolment, by = scene.enrol(world.teacher.person), world.vocational_teachers[0].actor
    scene.result(enrolment, "A1")
    accept_people(by=by, enrolments=[enrolment], **here(world, scene))

    def sign():
        return sign_acceptance(by=by, **here(world, scene))

    assert race(lambda: Acceptance.objects.select_for_update().get(), sign, sign) == ["done", "signed-already"]
    assert Acceptance.objects.values_list("state", "signatures").get() == ("open", 1)


def test_a_stage_is_for_those_whose_version_has_it_as_long_as_there_are_any(world, scene, school, expert):
    mine, other = school
    document = scene.document
    newer = replace(document, stages=tuple(stage for stage in document.stages if stage.does != "accepts"))
    version = Version.objects.create(
        programme=scene.programme, number=2, source="", document=to_json(newer), digest="2", published_at=now()
    )
    Enrolment.objects.filter(pk=other).update(version=version)
    assert states(expert, world, scene) == {mine: "waits"}
    assert refusal(refuse_person, by=expert.actor, enrolment=other, reason="x", **here(world, scene)) == "not-found"
    assert accept_people(by=expert.actor, enrolments=[mine], **here(world, scene)) == 1
    Enrolment.objects.filter(pk=mine).update(version=version)
    assert accepting_stages(scene.programme.pk) == ()


def test_whoever_is_hosted_by_a_school_does_not_decide_about_it_nor_open_its_evidence(world, scene, school, expert):
    own, where = scene.enrol(expert.person), here(world, scene)
    submission = decided(scene, school[0])
    ask_acceptance(by=world.cio.actor, **where)
    assert not acceptance_page(expert.actor, **where).insider
    assert Submission.objects.filter(submissions_to_accept(expert.actor), pk=submission.pk).exists()
    twin = world.enter("另一记录", world.computing, key="twin")
    Enrolment.objects.filter(pk=own).update(host=world.nine_year, person=twin.person)
    Person.objects.filter(pk=twin.person).update(merged_into=expert.person)
    assert acceptance_page(expert.actor, **where).insider
    assert refusal(accept_people, by=expert.actor, enrolments=[school[0]], **where) == "own-school"
    assert refusal(sign_acceptance, by=expert.actor, **where) == "own-school"
    assert not Submission.objects.filter(submissions_to_accept(expert.actor), pk=submission.pk).exists()
