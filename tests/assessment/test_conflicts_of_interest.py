"""Nobody judges themselves, nor twice, under whichever record: merges are followed before, during and after a review."""

import pytest

from tests.assessment.panel import conclude, rate, settle, waiting
from tests.planning.plans import refusal
from weineng.assessment.actions import finish_review, open_review, overturn_result, reassign_review, save_ratings
from weineng.assessment.models import Assignment, Result
from weineng.assessment.queries import assigned_to, review_page, waiting_for
from weineng.assessment.rules import RatingDraft
from weineng.notices.models import Message
from weineng.organisations.actions import merge_people, unmerge_people

pytestmark = pytest.mark.slow


def merge(world, kept, gone):
    return merge_people(by=world.office.actor, kept=kept.person, gone=gone.person, reason="同一个人", end_numbers=True)


def asked(submission, role):
    """Who has a part in a role that stands, by their person ids."""
    rows = Assignment.objects.filter(run__dossier__submission=submission, role=role).exclude(state="void")
    return set(rows.values_list("reviewer", flat=True))


@pytest.mark.parametrize("kept", ["author", "reviewer"])  # the reviewer's school, without a panel, is home if they are
def test_a_reviewer_who_turns_out_to_be_the_author_loses_the_dossier_and_another_gets_it(world, advised, kept):
    panel = waiting(advised, "panel")
    given, reviewer = panel[0], world.member(panel[0].reviewer_id)
    people = (world.teacher, reviewer) if kept == "author" else (reviewer, world.teacher)
    merge(world, *people)
    author = people[0]
    assert list(waiting_for(author.actor)) == []
    assert list(assigned_to(author.actor).exclude(role="self")) == []
    for call in (open_review, finish_review):
        assert refusal(call, by=author.actor, assignment=given.pk) == "not-found"
    assert refusal(review_page, by=author.actor, assignment=given.pk, returns=2) == "not-found"
    drafts = [RatingDraft(1, (), "", 0)]
    assert refusal(save_ratings, by=author.actor, assignment=given.pk, drafts=drafts) == "not-found"
    settle()
    given.refresh_from_db()
    assert (given.state, given.void_reason) == ("void", "own-dossier")
    others = {member.person for member in world.panel} - {reviewer.person}
    assert asked(advised, "panel") == (others if kept == "author" else others & {a.reviewer_id for a in panel})


def test_what_the_author_rated_under_another_record_does_not_decide(world, advised):
    first, second = waiting(advised, "panel")
    rate(world, first, "excellent")
    merge(world, world.teacher, world.member(first.reviewer_id))
    rate(world, second, "pass")
    settle()
    assert Result.objects.count() == 0
    (third,) = waiting(advised, "panel")
    assert third.reviewer_id not in {first.reviewer_id, second.reviewer_id}
    rate(world, third, "pass")
    settle()
    assert Result.objects.get().level == "pass"


def test_a_merge_taken_back_before_the_round_leaves_the_reviewer_the_dossier(world, advised):
    given = waiting(advised, "panel")[0]
    reviewer = world.member(given.reviewer_id)
    unmerge_people(by=world.office.actor, merge=merge(world, world.teacher, reviewer).pk, reason="两个人")
    settle()
    assert [row.pk for row in waiting_for(reviewer.actor)] == [given.pk]


def test_two_reviewers_who_turn_out_to_be_one_person_judge_once(world, advised):
    first, second = waiting(advised, "panel")
    merge(world, world.member(first.reviewer_id), world.member(second.reviewer_id))
    settle()
    second.refresh_from_db()
    assert (second.state, second.void_reason) == ("void", "twice")
    rest = {member.person for member in world.panel} - {first.reviewer_id, second.reviewer_id}
    assert asked(advised, "panel") == {first.reviewer_id} | rest
    for assignment, level in zip(waiting(advised, "panel"), ("pass", "fail"), strict=True):
        rate(world, assignment, level)
    settle()
    assert waiting(advised, "third") == []  # nobody else is left, and nobody is asked again under another record


def test_nobody_overturns_their_own_result_under_another_record(world, advised):
    conclude(world, advised, "fail", "fail")
    result = Result.objects.get()
    world.grant(world.loner.person, "office", world.district)
    merge(world, world.loner, world.teacher)
    call = {"result": result.pk, "level": "excellent", "reason": "重看"}
    assert refusal(overturn_result, by=world.loner.actor, **call) == "own-result"
    assert overturn_result(by=world.office.actor, **call).level == "excellent"
    told = Message.objects.filter(event="result-overturned")
    assert [message.person for message in told] == [world.loner.person]  # who reads the messages of both records


def test_nobody_overturns_their_own_judgement_under_another_record(world, advised):
    conclude(world, advised, "fail", "fail")
    judge = world.member(Assignment.objects.filter(role="panel", state="done").order_by("pk").first().reviewer_id)
    world.grant(world.loner.person, "office", world.district)
    merge(world, world.loner, judge)
    call = {"result": Result.objects.get().pk, "level": "pass", "reason": "重看"}
    assert refusal(overturn_result, by=world.loner.actor, **call) == "own-judgement"


def test_nobody_assigns_their_own_dossier_nor_gives_it_to_one_who_has_a_part_under_another_record(world, advised):
    first, second = waiting(advised, "panel")
    free = next(m for m in world.panel if m.person not in {first.reviewer_id, second.reviewer_id})
    taken = merge(world, free, world.member(second.reviewer_id))
    call = {"assignment": first.pk, "to": free.person, "reason": "病假"}
    assert refusal(reassign_review, by=world.cio.actor, **call) == "not-eligible"
    unmerge_people(by=world.office.actor, merge=taken.pk, reason="两个人")
    merge(world, world.cio, world.teacher)
    assert refusal(reassign_review, by=world.cio.actor, **call) == "own-dossier"
    assert reassign_review(by=world.office.actor, **call).reviewer_id == free.person
