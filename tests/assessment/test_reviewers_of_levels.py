"""Backbone teachers review again, experts of a level confirm; whoever may not judge somebody is not asked (P3)."""

from datetime import datetime

import pytest

from tests.assessment.panel import LOOP, hand_in, rate, settle, waiting
from tests.planning.plans import refusal
from tests.plans import stand
from weineng.accounts.models import Grant
from weineng.accounts.roles import ROLES
from weineng.assessment.actions import end_recusal, open_review, recuse_reviewer, release_reviews, return_dossier
from weineng.assessment.measures import eligible
from weineng.assessment.models import Assignment, Dossier, Recusal, Result, StageRun
from weineng.assessment.queries import held_up_below, review_ended, review_page, stalled
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL, now, today
from weineng.notices.models import Message
from weineng.organisations.models import Person
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def p3(world, set_clock):
    """Two backbone teachers of the nine-year school, three experts of its county, one of the county beside it."""
    set_clock(NOW)
    programme = stand(
        world,
        "p3-province",
        ("cut_off: {value: 2023", "cut_off: {value: 2027"),
        ("late_until: {value: 2024", "late_until: {value: 2028"),
    )
    for member in world.chinese_teachers:
        world.grant(member.person, "backbone", world.nine_year)
    for member in (*world.vocational_teachers, world.kindergarten_teachers[0]):
        world.grant(member.person, "expert", world.district)
    world.grant(world.sibling_teacher.person, "expert", world.sibling)
    world.grant(world.wu.person, "backbone", world.sibling_school)
    return programme


def through_peers(world, submission):
    settle()
    for part in waiting(submission, "peer"):
        rate(world, part, "pass")
    settle()


def through_backbone(world, submission, level="pass"):
    through_peers(world, submission)
    for part in waiting(submission, "backbone"):
        rate(world, part, level)
    settle()


def people(parts):
    return {part.reviewer_id for part in parts}


def test_peers_then_a_backbone_teacher_then_two_experts_of_the_county_decide(world, p3):
    submission = hand_in(p3, world.teacher)
    through_peers(world, submission)
    (backbone,) = waiting(submission, "backbone")
    assert (backbone.basis, backbone.reviewer_id in people_of(world.chinese_teachers)) == ("backbone", True)
    rate(world, backbone, "fail")
    settle()
    experts = waiting(submission, "expert")
    assert [part.basis for part in experts] == ["experts-county"] * 2
    assert people(experts) < people_of((*world.vocational_teachers, world.kindergarten_teachers[0]))
    by = world.member(experts[0].reviewer_id).actor
    assert [(said.role, said.level) for said in review_page(by, experts[0].pk, 2).advice if said.seq == 1] == [
        ("peer", "pass"), ("peer", "pass"), ("backbone", "fail"),
    ]  # fmt: skip
    rate(world, experts[0], "excellent")
    rate(world, experts[1], "fail")
    settle()
    (third,) = waiting(submission, "third")
    assert (third.basis, third.reviewer_id in people(experts)) == ("experts-county", False)
    rate(world, third, "pass")
    settle()
    assert Result.objects.values_list("person", "point", "level").get() == (world.teacher.person, "A1", "pass")
    assert settle() == 0


def people_of(members):
    return {member.person for member in members}


def test_nobody_reviews_their_own_work_in_any_stage(world, p3):
    one, two = world.chinese_teachers
    world.grant(one.person, "expert", world.district)
    Grant.objects.filter(person=two.person, role="backbone").delete()
    submission = hand_in(p3, one)
    through_backbone(world, submission)
    run = StageRun.objects.get(dossier__submission=submission, stage="backbone")
    assert (run.state, run.skipped_because) == ("skipped", "nobody-eligible")
    assert one.person not in people(Assignment.objects.filter(run__dossier__submission=submission))


def test_whoever_reviewed_as_backbone_is_not_asked_again_as_expert(world, p3):
    for member in world.chinese_teachers:
        world.grant(member.person, "expert", world.district)
    submission = hand_in(p3, world.teacher)
    through_backbone(world, submission)
    done = people(Assignment.objects.filter(run__dossier__submission=submission, role="backbone", state="done"))
    assert len(done) == 1
    assert done & people(waiting(submission, "expert")) == set()


def test_without_experts_the_decision_waits_and_the_office_sees_whom_it_lacks(world, p3):
    Grant.objects.filter(role="expert", unit=world.district).delete()
    submission = hand_in(p3, world.teacher)
    through_backbone(world, submission)
    assert Dossier.objects.get().stage == "county"
    (row,) = stalled(held_up_below(world.office.actor, world.district))
    assert (row.dossier.submission_id, row.lacking, row.role) == (submission.pk, True, ROLES["expert"].title)


def test_an_expert_returns_with_advice_and_one_whose_role_ended_is_replaced(world, p3):
    submission = hand_in(p3, world.teacher)
    through_backbone(world, submission)
    first, second = waiting(submission, "expert")
    Grant.objects.filter(person=first.reviewer_id, role="expert").update(ends_on=today())
    assert release_reviews(by=platform("settle")) == 1
    settle()
    asked = people(waiting(submission, "expert"))
    assert (len(asked), first.reviewer_id in asked, second.reviewer_id in asked) == (2, False, True)
    by = world.member(second.reviewer_id).actor
    open_review(by=by, assignment=second.pk)
    assert return_dossier(by=by, assignment=second.pk, advice="补充数据").state == "returned"


def test_training_teams_are_those_of_their_level_or_the_nearest(world, p3):
    submission = hand_in(p3, world.teacher)
    settle()
    dossier = Dossier.objects.get(submission=submission).pk
    world.grant(world.colleague.person, "training-team", world.zone)
    world.grant(world.leader.person, "training-team", world.district)
    world.grant(world.sibling_teacher.person, "training-team", world.city)
    found = {
        basis: eligible(basis, [dossier], today())[dossier]
        for basis in ("training-team-town", "training-team-county", "training-team-city", "training-team")
    }
    assert found == {
        "training-team-town": {world.colleague.person}, "training-team-county": {world.leader.person},
        "training-team-city": {world.sibling_teacher.person}, "training-team": {world.colleague.person},
    }  # fmt: skip


def test_who_may_not_judge_somebody_gives_all_of_theirs_back_and_can_take_that_back(world, p3):
    first, other = hand_in(p3, world.teacher), hand_in(p3, world.colleague)
    settle()
    again = hand_in(p3, world.teacher, "A2")
    settle()
    kin = next(part for part in waiting(first, "peer") if part.reviewer_id != world.colleague.person)
    by = world.member(kin.reviewer_id).actor
    open_review(by=by, assignment=kin.pk)
    assert refusal(recuse_reviewer, by=by, assignment=kin.pk, reason=" ") == "reason-missing"
    recusal = recuse_reviewer(by=by, assignment=kin.pk, reason="本人是其配偶")
    assert review_ended(by, kin.pk).why == "recused"
    settle()
    for submission in (first, again):
        assert kin.reviewer_id not in people(waiting(submission, "peer"))
        assert len(waiting(submission, "peer")) == 2
    assert may_be_asked(kin.reviewer_id) == {other.pk}
    assert Message.objects.filter(person=kin.reviewer_id, event="review-ended").count() == 0
    assert refusal(end_recusal, by=world.wu.actor, recusal=recusal.pk) == "not-found"
    end_recusal(by=by, recusal=recusal.pk)
    assert refusal(end_recusal, by=by, recusal=recusal.pk) == "not-found"
    assert Recusal.objects.get().ended_at is not None
    assert may_be_asked(kin.reviewer_id) == {first.pk, other.pk, again.pk}


@pytest.mark.parametrize("side", ["reviewer", "judged"])
def test_who_may_not_judge_somebody_gives_back_what_was_given_under_other_records_too(world, p3, side):
    first, other = hand_in(p3, world.teacher), hand_in(p3, world.colleague)
    settle()
    kin = next(part for part in waiting(first, "peer") if part.reviewer_id != world.colleague.person)
    by = world.member(kin.reviewer_id).actor
    twin = kin.reviewer_id if side == "reviewer" else world.teacher.person
    gone = Person.objects.create(name="另一记录", name_order="a", created_at=now(), merged_into_id=twin).pk
    moved = waiting(other, "peer")[0]
    changed = (
        {"reviewer": gone, "judged": world.teacher.person}
        if side == "reviewer"
        else {"judged": gone, "reviewer": kin.reviewer_id}
    )
    Assignment.objects.filter(run=moved.run).exclude(pk=moved.pk).delete()
    Assignment.objects.filter(pk=moved.pk).update(**changed)
    recuse_reviewer(by=by, assignment=kin.pk, reason="本人是其配偶")
    moved.refresh_from_db()
    assert (moved.state, moved.void_reason) == ("void", "recused")


def test_a_recusal_takes_dossiers_back_once_a_merge_shows_whom_it_is_about(world, p3):
    first, _other = hand_in(p3, world.teacher), hand_in(p3, world.colleague)
    settle()
    part = waiting(first, "peer")[0]
    gone = Person.objects.create(name="另一记录", name_order="a", created_at=now())
    Recusal.objects.create(reviewer_id=part.reviewer_id, judged=gone, reason="亲属", at=now())
    assert release_reviews(by=LOOP) == 0
    Person.objects.filter(pk=gone.pk).update(merged_into=world.teacher.person)
    assert release_reviews(by=LOOP) == 1
    settle()
    assert part.reviewer_id not in people(waiting(first, "peer"))


def may_be_asked(person):
    """The submissions that somebody could be given as a peer of the group."""
    dossiers = dict(Dossier.objects.values_list("pk", "submission"))
    return {dossiers[pk] for pk, pool in eligible("group", dossiers, today()).items() if person in pool}


def test_a_review_that_is_finished_cannot_be_given_back(world, p3):
    submission = hand_in(p3, world.teacher)
    settle()
    part = waiting(submission, "peer")[0]
    by = world.member(part.reviewer_id).actor
    rate(world, part, "pass")
    assert refusal(recuse_reviewer, by=by, assignment=part.pk, reason="亲属") == "already-finished"
    assert refusal(recuse_reviewer, by=world.wu.actor, assignment=part.pk, reason="亲属") == "not-found"


def test_the_pages_offer_to_give_a_dossier_back_and_to_take_that_back(world, p3, client, sign_in):
    submission = hand_in(p3, world.teacher)
    settle()
    part = waiting(submission, "peer")[0]
    member = world.member(part.reviewer_id)
    sign_in(client, member)
    url = f"/review/{oid(part)}/"
    client.post(f"{url}open/")
    assert f"{url}recuse/" in client.get(url).content.decode()
    assert client.post(f"{url}recuse/", {"reason": "本人是其配偶"}).headers["Location"] == "/review/"
    page = client.get("/review/").content.decode()
    assert "本人是其配偶" in page
    assert world.teacher.name not in page
    recusal = Recusal.objects.get()
    assert client.post(f"/review/recusals/{oid(recusal)}/end/").status_code == 302
    assert "本人是其配偶" not in client.get("/review/").content.decode()
