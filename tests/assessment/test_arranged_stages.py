"""A panel from inside and outside the school, stages handed over to the training team, blind ones, and a school's own mode (P1)."""

from datetime import datetime

import pytest

from tests.assessment.panel import hand_in, rate, settle, waiting
from tests.planning.plans import refusal
from tests.plans import stand
from weineng.accounts.models import Grant
from weineng.assessment.actions import (
    approve_mode,
    end_mode,
    hand_over_stage,
    open_review,
    propose_mode,
    return_mode,
    take_stage_back,
    withdraw_mode,
)
from weineng.assessment.models import Assignment, Dossier, HandOver, OwnMode, Result
from weineng.assessment.queries import held_up_below, modes_to_approve, review_ended, review_page, stalled
from weineng.assessment.rules import ModeStage, mixed, problem_of_mode, without_names
from weineng.evidence.models import Submission
from weineng.kernel.clock import CIVIL, now
from weineng.notices.models import Message
from weineng.planning.models import SchoolPlan
from weineng.programmes.queries import document_in_force
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)
OWN = [ModeStage("backbone", 1, 7), ModeStage("panel", 3, 10, decides=True, third=True)]


@pytest.fixture
def p1(world, set_clock):
    """The panel of three teaches elsewhere; two teachers of the school itself are on it as well."""
    set_clock(NOW)
    for member in world.chinese_teachers:
        world.grant(member.person, "panel-member", world.nine_year)
    return stand(world, "p1-town", ("  - code: panel\n", "  - code: panel\n    blind: true\n"))


def inside(world):
    return {member.person for member in world.chinese_teachers}


def outside(world):
    return {member.person for member in world.panel}


def asked(submission, role="panel"):
    return {part.reviewer_id for part in waiting(submission, role)}


def told(person, event):
    return Message.objects.filter(person=person, event=event).count()


@pytest.mark.parametrize(
    ("free", "places", "chosen"),
    [
        ([1, 2, 8, 9], 2, [1, 8]),
        ([8, 9, 1, 2], 2, [1, 8]),
        ([8, 9], 2, [8]),  # the place of an insider stays free
        ([1, 2], 2, [1]),
        ([1, 2, 8], 3, [1, 8, 2]),
        ([], 2, []),
    ],
)
def test_places_are_kept_for_insiders_and_outsiders(free, places, chosen):
    assert mixed(free, {1, 2}, places, insiders=1, outsiders=1) == chosen
    assert mixed(free, {1, 2}, places, insiders=0, outsiders=0) == free[:places]


def test_a_panel_is_mixed_from_inside_and_outside_the_school(world, p1):
    for number in range(4):
        submission = hand_in(p1, world.teacher, ("A1", "A2", "A3", "A4")[number])
        settle()
        parts = asked(submission)
        assert (len(parts & inside(world)), len(parts & outside(world))) == (1, 1)


def test_without_anybody_from_outside_the_place_stays_free_until_somebody_is_named(world, p1):
    Grant.objects.filter(role="panel-member", person__in=outside(world)).delete()
    submission = hand_in(p1, world.teacher)
    settle()
    assert len(asked(submission)) == 1
    (row,) = stalled(held_up_below(world.cio.actor, world.nine_year))
    assert row.lacking
    world.grant(world.panel[0].person, "panel-member", world.nine_year)
    settle()
    assert asked(submission) - inside(world) == {world.panel[0].person}


def team(world):
    """Two of the town's training team, and one of the county's, who is further away."""
    for member in world.vocational_teachers:
        world.grant(member.person, "training-team", world.zone)
    world.grant(world.kindergarten_teachers[0].person, "training-team", world.district)
    return {member.person for member in world.vocational_teachers}


def where(world, p1, stage="panel"):
    return {"programme": p1.pk, "unit": world.nine_year, "stage": stage}


def test_a_school_hands_its_panel_over_to_the_towns_team_and_takes_it_back(world, p1):
    town = team(world)
    submission = hand_in(p1, world.teacher)
    settle()
    first, second = waiting(submission, "panel")
    open_review(by=world.member(second.reviewer_id).actor, assignment=second.pk)
    rate(world, first, "pass")
    hand_over_stage(by=world.cio.actor, **where(world, p1))
    assert [told(person, "stage-handed-over") for person in town] == [1, 1]
    assert told(world.kindergarten_teachers[0].person, "stage-handed-over") == 0
    assert review_ended(world.member(second.reviewer_id).actor, second.pk).why == "handed-over"
    settle()
    assert len(asked(submission, "team")) == 1  # what was finished stands
    assert asked(submission, "team") < town
    other = hand_in(p1, world.colleague)
    beside = hand_in(p1, world.kindergarten_teachers[1])
    settle()
    assert asked(other, "team") == town
    assert asked(beside, "team") == set()  # another school
    take_stage_back(by=world.principal.actor, **where(world, p1))
    assert [told(person, "stage-taken-back") for person in town] == [1, 1]
    settle()
    assert asked(other, "team") == set()
    parts = asked(other)
    assert (len(parts & inside(world)), len(parts & outside(world))) == (1, 1)
    assert len(asked(submission)) == 1
    hand_over_stage(by=world.cio.actor, **where(world, p1))  # and once more
    settle()
    assert asked(other, "team") == town
    for part in waiting(other, "team"):
        rate(world, part, "pass")
    settle()
    assert Result.objects.values_list("person", "level").get() == (world.colleague.person, "pass")


def test_what_is_refused_of_handing_over(world, p1):
    assert refusal(hand_over_stage, by=world.cio.actor, **where(world, p1)) == "no-training-team"
    team(world)
    assert refusal(hand_over_stage, by=world.cio.actor, **where(world, p1, "acceptance")) == "not-delegable"
    for member in (world.teacher, world.office, world.kindergarten_cio, world.wu):
        assert refusal(hand_over_stage, by=member.actor, **where(world, p1)) == "not-found"
    assert refusal(take_stage_back, by=world.cio.actor, **where(world, p1)) == "not-handed-over"
    hand_over_stage(by=world.cio.actor, **where(world, p1))
    assert refusal(hand_over_stage, by=world.cio.actor, **where(world, p1)) == "handed-over"
    assert refusal(take_stage_back, by=world.office.actor, **where(world, p1)) == "not-found"
    assert HandOver.objects.filter(ended_at__isnull=True).count() == 1


def test_a_blind_stage_shows_no_name_wherever_it_is_written(world, p1):
    submission = hand_in(p1, world.teacher)
    school = "锦霖区白石镇九年一贯制学校"
    Submission.objects.filter(pk=submission.pk).update(note=f"{school}{world.teacher.name}：见附件")
    settle()
    part = waiting(submission, "panel")[0]
    by = world.member(part.reviewer_id).actor
    page = review_page(by, part.pk, 2)
    assert page.shown(page.submission.note) == "*" * len(school) + "***：见附件"
    assert page.shown(f"{world.teacher.name}-教案.docx") == "***-教案.docx"
    assert without_names("王一", ["王", "王一"]) == "**"


def test_a_blind_page_has_no_name_in_it(world, p1, client, sign_in):
    submission = hand_in(p1, world.teacher)
    Submission.objects.filter(pk=submission.pk).update(note=f"{world.teacher.name}的教案")
    settle()
    part = waiting(submission, "panel")[0]
    member = world.member(part.reviewer_id)
    open_review(by=member.actor, assignment=part.pk)

    sign_in(client, member)
    text = client.get(f"/review/{oid(part)}/").content.decode()
    assert "***的教案" in text
    assert world.teacher.name not in text


# --- A school's own mode ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("stages", "code"),
    [
        (OWN, ""),
        ([], "stage-wrong"),
        ([ModeStage("experts", 3, 10, decides=True, third=True)], "stage-wrong"),
        ([ModeStage("panel", 0, 10, decides=True, third=True)], "stage-wrong"),
        (OWN[::-1], "last-decides"),
        ([ModeStage("panel", 3, 10)], "last-decides"),
        ([ModeStage("group-peers", 3, 10, decides=True, third=True)], "decision-to-panel"),
        ([ModeStage("panel", 1, 10, decides=True, third=True)], "too-few-reviewers"),
        ([ModeStage("panel", 2, 10, decides=True, third=True)], ""),
        ([ModeStage("panel", 2, 10, decides=True)], "third-missing"),
        ([ModeStage("training-team", 2, 10, decides=True, third=True)], ""),
    ],
)
def test_what_a_mode_may_be(world, p1, stages, code):
    assert problem_of_mode(stages, document_in_force(p1.pk).stages) == code


@pytest.fixture
def planned(world, p1):
    """The school's plan is approved."""
    SchoolPlan.objects.create(programme=p1, unit_id=world.nine_year, number=1, state="approved", edited_at=now())
    return {"programme": p1.pk, "unit": world.nine_year}


def test_a_school_goes_by_its_own_stages_once_the_county_has_approved_them(world, p1, planned):
    world.grant(world.loner.person, "backbone", world.nine_year)
    before = hand_in(p1, world.teacher)
    settle()
    propose_mode(by=world.cio.actor, stages=OWN, why="校本三人评审", **planned)
    assert told(world.office.person, "mode-proposed") == 1
    assert [row.unit_id for row in modes_to_approve(world.office.actor, p1.pk)] == [world.nine_year]
    assert list(modes_to_approve(world.wu.actor, p1.pk)) == []
    approve_mode(by=world.office.actor, **planned)
    assert told(world.cio.person, "mode-approved") == told(world.principal.person, "mode-approved") == 1
    submission, beside = hand_in(p1, world.teacher, "A2"), hand_in(p1, world.kindergarten_teachers[0])
    settle()
    stages = dict(Dossier.objects.order_by("pk").values_list("submission", "stage"))
    assert stages == {before.pk: "panel", submission.pk: "own-1", beside.pk: "panel"}
    (backbone,) = waiting(submission, "backbone")
    rate(world, backbone, "fail")
    settle()
    parts = asked(submission)
    assert len(parts) == 3
    assert (bool(parts & inside(world)), bool(parts & outside(world))) == (True, True)
    for part, level in zip(waiting(submission, "panel"), ("pass", "fail", "pass"), strict=True):
        rate(world, part, level)
    settle()
    assert Result.objects.values_list("point", "level").get() == ("A2", "pass")
    end_mode(by=world.office.actor, reason="市里统一", **planned)
    assert told(world.cio.person, "mode-ended") == 1
    after = hand_in(p1, world.teacher, "A3")
    settle()
    assert Dossier.objects.get(submission=after).stage == "panel"


def test_the_office_of_the_level_that_approves_is_told_however_near_another_one_is(world, set_clock):
    set_clock(NOW)
    p1 = stand(world, "p1-town", ("approved_by: {value: county,", "approved_by: {value: city,"))
    planned = {"programme": p1.pk, "unit": world.nine_year}
    SchoolPlan.objects.create(programme=p1, unit_id=world.nine_year, number=1, state="approved", edited_at=now())
    world.grant(world.auditor.person, "office", world.city)
    world.grant(world.loner.person, "office", world.province)
    propose_mode(by=world.cio.actor, stages=OWN, why="校本三人评审", **planned)
    people = Message.objects.filter(event="mode-proposed").values_list("person", flat=True)
    assert list(people) == [world.auditor.person]
    assert refusal(approve_mode, by=world.office.actor, **planned) == "not-found"
    assert approve_mode(by=world.auditor.actor, **planned).state == "approved"


def test_proposals_are_returned_withdrawn_and_replaced(world, p1, planned):
    propose_mode(by=world.cio.actor, stages=OWN, why="一", **planned)
    propose_mode(by=world.cio.actor, stages=OWN[1:], why="二", **planned)
    assert list(OwnMode.objects.order_by("pk").values_list("state", flat=True)) == ["withdrawn", "submitted"]
    assert refusal(return_mode, by=world.office.actor, comment=" ", **planned) == "comment-missing"
    return_mode(by=world.office.actor, comment="请加复评", **planned)
    assert Message.objects.get(person=world.cio.person, event="mode-returned").params == {"comment": "请加复评"}
    assert refusal(approve_mode, by=world.office.actor, **planned) == "nothing-proposed"
    propose_mode(by=world.principal.actor, stages=OWN, why="三", **planned)
    withdraw_mode(by=world.cio.actor, **planned)
    assert refusal(withdraw_mode, by=world.cio.actor, **planned) == "nothing-proposed"
    assert refusal(end_mode, by=world.cio.actor, reason="x", **planned) == "no-mode-in-force"


def test_what_is_refused_of_own_modes(world, p1):
    here = {"programme": p1.pk, "unit": world.nine_year}
    asks = {"stages": OWN, "why": "校本", **here}
    assert refusal(propose_mode, by=world.cio.actor, **asks) == "no-plan-in-force"
    SchoolPlan.objects.create(programme=p1, unit_id=world.nine_year, number=1, state="filed", edited_at=now())
    assert refusal(propose_mode, by=world.cio.actor, **asks | {"why": " "}) == "reason-missing"
    assert refusal(propose_mode, by=world.cio.actor, **asks | {"stages": OWN[:1]}) == "last-decides"
    for member in (world.teacher, world.office, world.kindergarten_cio, world.wu):
        assert refusal(propose_mode, by=member.actor, **asks) == "not-found"
    world.grant(world.cio.person, "office", world.district)
    propose_mode(by=world.cio.actor, **asks)
    assert refusal(approve_mode, by=world.cio.actor, **here) == "self-approval"
    world.grant(world.auditor.person, "office", world.city)  # not the level that the document names
    for member in (world.principal, world.auditor, world.wu):
        assert refusal(approve_mode, by=member.actor, **here) == "not-found"
    approve_mode(by=world.office.actor, **here)
    assert refusal(end_mode, by=world.office.actor, reason=" ", **here) == "reason-missing"
    assert refusal(end_mode, by=world.wu.actor, reason="x", **here) == "not-found"
    end_mode(by=world.principal.actor, reason="不再采用", **here)
    p3 = stand(world, "p3-province")
    assert refusal(propose_mode, by=world.cio.actor, **asks | {"programme": p3.pk}) == "no-own-mode"


def test_assignments_of_a_mode_name_their_basis(world, p1, planned):
    propose_mode(
        by=world.cio.actor, stages=[ModeStage("training-team", 2, 10, decides=True, third=True)], why="委托", **planned
    )
    approve_mode(by=world.office.actor, **planned)
    town = team(world)
    submission = hand_in(p1, world.teacher)
    settle()
    rows = Assignment.objects.filter(run__dossier__submission=submission)
    assert {(row.role, row.basis) for row in rows} == {("team", "training-team")}
    assert {row.reviewer_id for row in rows} == town
