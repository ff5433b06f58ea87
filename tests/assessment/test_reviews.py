"""A reviewer's work: open, tick, save, finish, return; what is refused and who sees nothing."""

from datetime import datetime, timedelta

import pytest

from tests.assessment.panel import conclude, hand_in, rate, settle, through_advice, ticks_for, waiting
from tests.planning.plans import refusal
from weineng.assessment.actions import (
    add_phrase,
    drop_phrase,
    finish_review,
    open_review,
    overturn_result,
    reassign_review,
    reopen_review,
    return_dossier,
    save_ratings,
)
from weineng.assessment.models import Assignment, Dossier, Phrase, Rating, Result
from weineng.assessment.permissions import VIEW_RESULTS
from weineng.assessment.queries import advice_for, review_page, submissions_assigned, waiting_for
from weineng.assessment.rules import RatingDraft
from weineng.audit.models import Line
from weineng.evidence.models import Submission
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.notices.models import Message
from weineng.planning.queries import chosen_points

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def p4(p4_advised):
    return p4_advised


@pytest.fixture
def submission(advised):
    return advised


@pytest.fixture
def panel(submission):
    """The two panel members' assignments."""
    return waiting(submission, "panel")


def actor(world, assignment):
    return world.member(assignment.reviewer_id).actor


def save(world, assignment, seq=1, level="pass", revision=0, **changes):
    fields = {"ticks": ticks_for(assignment.run.dossier.submission, seq, level), "comment": "好", "revision": revision}
    draft = RatingDraft(seq, **(fields | changes))
    told = save_ratings(by=actor(world, assignment), assignment=assignment.pk, drafts=[draft])[seq]
    if isinstance(told, Refused):
        raise told
    return told


def test_only_who_was_asked_opens_it(world, submission, panel):
    first = panel[0]
    outsiders = [m for m in world.everybody if m.person != first.reviewer_id]
    for member in outsiders:
        assert refusal(open_review, by=member.actor, assignment=first.pk) == "not-found"
        assert refusal(review_page, by=member.actor, assignment=first.pk, returns=2) == "not-found"
    assert open_review(by=actor(world, first), assignment=first.pk).state == "opened"
    sees = {m.key for m in world.everybody if Submission.objects.filter(submissions_assigned(m.actor)).exists()}
    assert sees == {world.member(a.reviewer_id).key for a in Assignment.objects.exclude(state="void")}


def test_saving_as_often_as_one_likes_and_two_windows(world, panel):
    first = panel[0]
    assert refusal(save, world=world, assignment=first) == "not-opened"
    open_review(by=actor(world, first), assignment=first.pk)
    assert save(world, first, level="fail").level == "fail"
    assert save(world, first, level="excellent", revision=1).level == "excellent"
    assert refusal(save, world=world, assignment=first, level="fail", revision=1) == "stale-revision"
    assert refusal(save, world=world, assignment=first, ticks=["pass:99"], revision=2) == "tick-unknown"
    assert refusal(save, world=world, assignment=first, comment="x" * 2001, revision=2) == "comment-too-long"
    assert Rating.objects.get(assignment=first).level == "excellent"


def test_one_piece_that_is_refused_holds_the_others_not_up(world, panel):
    first = panel[0]
    by = actor(world, first)
    open_review(by=by, assignment=first.pk)
    save(world, first, 1, "pass")
    lines = Line.objects.filter(verb="assessment.save").count()
    submission = first.run.dossier.submission
    drafts = [RatingDraft(seq, ticks_for(submission, seq, "excellent"), "好", 0) for seq in (1, 2)]
    drafts.append(RatingDraft(3, (), "", 0))
    told = save_ratings(by=by, assignment=first.pk, drafts=drafts)
    assert (told[1].code, told[2].level, told[3].code) == ("stale-revision", "excellent", "evidence-not-rated")
    levels = Rating.objects.filter(assignment=first).order_by("seq").values_list("seq", "level", "revision")
    assert list(levels) == [(1, "pass", 1), (2, "excellent", 1)]
    assert Line.objects.filter(verb="assessment.save").count() == lines + 1
    finished = [RatingDraft(seq, (), "改", 1) for seq in (1, 2)]
    Rating.objects.filter(assignment=first).update(final=True)
    assert {one.code for one in save_ratings(by=by, assignment=first.pk, drafts=finished).values()} == {
        "stale-revision"
    }


def test_a_finished_review_can_be_taken_back_until_something_is_built_on_it(world, panel):
    first, second = panel
    by = actor(world, first)
    open_review(by=by, assignment=first.pk)
    assert refusal(reopen_review, by=by, assignment=first.pk) == "not-finished"
    rate(world, first, "pass")
    assert refusal(reopen_review, by=actor(world, second), assignment=first.pk) == "not-found"
    settle()  # one of two has answered: nothing is built on it
    reopen_review(by=by, assignment=first.pk)
    first.refresh_from_db()
    kept = Rating.objects.filter(assignment=first).order_by("seq").values_list("level", "final", "comment")
    assert (first.state, first.done_at, list(kept)) == ("opened", None, [("pass", False, "建议")] * 2)
    assert Line.objects.filter(verb="assessment.reopen", thing=first.pk).count() == 1
    rate(world, second, "excellent")
    settle()  # it waits for the first one again
    assert not Result.objects.exists()
    rate(world, first, "excellent")
    settle()
    assert [result.level for result in Result.objects.all()] == ["excellent"]
    assert refusal(reopen_review, by=by, assignment=first.pk) == "dossier-closed"


def test_a_review_stays_handed_in_once_a_third_reviewer_was_asked_or_the_next_stage_has_begun(world, panel):
    first, second = panel
    rate(world, first, "pass")
    rate(world, second, "fail")
    settle()
    assert Assignment.objects.filter(run=first.run, role="third").count() == 1
    assert refusal(reopen_review, by=actor(world, first), assignment=first.pk) == "review-built-on"
    peer = Assignment.objects.filter(run__dossier=first.run.dossier, role="peer").order_by("pk").first()
    assert refusal(reopen_review, by=actor(world, peer), assignment=peer.pk) == "review-built-on"


def test_finishing_needs_every_piece_and_advice_for_a_fail(world, panel):
    first = panel[0]
    by = actor(world, first)
    open_review(by=by, assignment=first.pk)
    assert refusal(finish_review, by=by, assignment=first.pk) == "not-rated"
    save(world, first, 1, "pass")
    assert refusal(finish_review, by=by, assignment=first.pk) == "not-rated"
    save(world, first, 2, "fail", comment=" ")
    assert refusal(finish_review, by=by, assignment=first.pk) == "advice-missing"
    save(world, first, 2, "fail", comment="缺少结论", revision=1)
    finish_review(by=by, assignment=first.pk)
    assert refusal(finish_review, by=by, assignment=first.pk) == "already-finished"
    assert refusal(save, world=world, assignment=first, revision=1) == "already-finished"


def test_the_page_shows_the_rubric_advice_and_no_name(world, submission, panel):
    page = review_page(actor(world, panel[0]), panel[0].pk, 2)
    assert [(part.seq, part.rated, part.needed, len(part.lines) > 0) for part in page.evidence] == [
        (1, True, True, True), (2, True, True, True),
    ]  # fmt: skip
    assert {advice.role for advice in page.advice} == {"self", "peer"}
    assert (page.left, page.returns_left) == (1, 2)


def test_the_queue_is_in_the_order_of_due_days(world, p4, submission, panel):
    other = hand_in(p4, world.colleague)
    through_advice(world, other)
    member = world.member(panel[0].reviewer_id)
    mine = Assignment.objects.filter(reviewer=member.person, state="assigned")
    Assignment.objects.filter(pk=panel[0].pk).update(due_on=NOW.date() + timedelta(days=60))
    assert list(waiting_for(member.actor)) == list(mine.order_by("due_on", "assigned_at", "pk"))
    assert waiting_for(member.actor).last() == panel[0]
    assert list(waiting_for(world.wu.actor)) == []


def test_a_return_opens_the_attempt_again_with_advice_twice_at_most(world, submission, panel):
    for turn in (1, 2):
        first = waiting(submission, "panel")[0]
        by = actor(world, first)
        assert refusal(return_dossier, by=by, assignment=first.pk, advice="x") == "not-opened"
        open_review(by=by, assignment=first.pk)
        assert refusal(return_dossier, by=by, assignment=first.pk, advice=" ") == "advice-missing"
        return_dossier(by=by, assignment=first.pk, advice="请补充数据")
        submission.refresh_from_db()
        assert (submission.state, submission.version) == ("returned", turn + 1)
        assert waiting(submission, "panel") == []
        assert Message.objects.filter(event="evidence-returned", person=world.teacher.person).count() == turn
        Submission.objects.filter(pk=submission.pk).update(state="submitted")
        through_advice(world, submission)
    first = waiting(submission, "panel")[0]
    open_review(by=actor(world, first), assignment=first.pk)
    assert refusal(return_dossier, by=actor(world, first), assignment=first.pk, advice="x") == "no-returns-left"
    assert Dossier.objects.filter(state="returned").count() == 2


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        (datetime(2027, 8, 31, 23, 59, tzinfo=CIVIL), None),
        (datetime(2027, 9, 1, 0, 0, tzinfo=CIVIL), "return-too-late"),
    ],
)
def test_a_return_leaves_a_day_to_hand_in_again(world, submission, panel, set_clock, instant, code):
    first = panel[0]
    open_review(by=actor(world, first), assignment=first.pk)
    set_clock(instant)
    if code is None:
        assert return_dossier(by=actor(world, first), assignment=first.pk, advice="请补充数据").state == "returned"
    else:
        assert refusal(return_dossier, by=actor(world, first), assignment=first.pk, advice="x") == code
        assert Dossier.objects.get().state == "open"


def test_a_result_is_overturned_and_taken_back(world, submission):
    conclude(world, submission, "pass", "pass")
    result = Result.objects.get()
    for who in (world.teacher, world.cio, world.wu, world.auditor, world.panel[0]):
        assert refusal(overturn_result, by=who.actor, result=result.pk, level="fail", reason="x") == "not-found"
    by = world.office.actor
    assert refusal(overturn_result, by=by, result=result.pk, level="great", reason="x") == "level-unknown"
    assert refusal(overturn_result, by=by, result=result.pk, level="fail", reason=" ") == "reason-missing"
    assert refusal(overturn_result, by=by, result=result.pk, level="pass", reason="x") == "level-same"
    down = overturn_result(by=by, result=result.pk, level="fail", reason="材料与他人雷同")
    assert [row.passed_at for row in chosen_points(submission.enrolment) if row.point == "A1"] == [None]
    assert refusal(overturn_result, by=by, result=result.pk, level="fail", reason="x") == "already-overturned"
    up = overturn_result(by=by, result=down.pk, level="pass", reason="查实为本人作品")
    assert chosen_points(submission.enrolment).get(point="A1").passed_at is not None
    assert list(Result.objects.filter(overturned_at__isnull=True)) == [up]
    told = Message.objects.filter(event="result-overturned", person=world.teacher.person)
    assert told.count() == 2


def test_nobody_overturns_their_own_result_or_judgement(world, p4, submission):
    conclude(world, submission, "pass", "pass")
    judge = world.member(Assignment.objects.filter(role="panel").order_by("pk").first().reviewer_id)
    world.grant(judge.person, "office", world.district)
    world.grant(world.teacher.person, "office", world.district)
    result = Result.objects.get().pk
    assert refusal(overturn_result, by=judge.actor, result=result, level="fail", reason="x") == "own-judgement"
    assert refusal(overturn_result, by=world.teacher.actor, result=result, level="fail", reason="x") == "own-result"


def test_a_dossier_is_given_to_another_reviewer(world, submission, panel):
    first, second = panel
    third = next(m for m in world.panel if m.person not in {first.reviewer_id, second.reviewer_id})
    by = world.cio.actor
    for who in (world.teacher, world.wu, world.leader, world.kindergarten_cio):
        assert (
            refusal(reassign_review, by=who.actor, assignment=first.pk, to=third.person, reason="病假") == "not-found"
        )
    assert refusal(reassign_review, by=by, assignment=first.pk, to=third.person, reason="") == "reason-missing"
    for to in (world.teacher.person, second.reviewer_id, world.wu.person, world.colleague.person):
        assert refusal(reassign_review, by=by, assignment=first.pk, to=to, reason="病假") == "not-eligible"
    assert Assignment.objects.get(pk=first.pk).state == "assigned"
    new = reassign_review(by=by, assignment=first.pk, to=third.person, reason="病假")
    assert refusal(reassign_review, by=by, assignment=first.pk, to=None, reason="病假") == "already-finished"
    assert {a.reviewer_id for a in waiting(submission, "panel")} == {second.reviewer_id, new.reviewer_id}


def test_who_sees_a_result(world, submission):
    conclude(world, submission, "pass", "pass")
    sees = {m.key for m in world.everybody if Result.objects.within(m.actor, VIEW_RESULTS).exists()}
    assert sees == {"teacher", "cio", "principal", "office", "auditor"}


def test_the_author_reads_the_advice_and_never_who_gave_it(world, submission):
    conclude(world, submission, "pass", "pass")
    said = advice_for(submission)
    assert {row["assignment__role"] for row in said} == {"self", "peer", "panel"}
    assert not any("reviewer" in key for row in said for key in row)


def test_phrases_are_ones_own(world):
    by = world.panel[0].actor
    phrase = add_phrase(by=by, text=" 数据来源请写明 ")
    assert add_phrase(by=by, text="数据来源请写明").pk == phrase.pk
    assert refusal(add_phrase, by=by, text=" ") == "text-missing"
    assert refusal(drop_phrase, by=world.panel[1].actor, phrase=phrase.pk) == "not-found"
    drop_phrase(by=by, phrase=phrase.pk)
    assert Phrase.objects.count() == 0
