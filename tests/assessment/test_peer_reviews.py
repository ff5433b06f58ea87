"""Reviews by oneself and by peers, and any review that is taken back while its stage is settled."""

from datetime import datetime

import pytest

from tests.assessment.panel import enrolled, hand_in, rate, settle, through_advice, waiting
from tests.planning.plans import refusal
from weineng.assessment.actions import _steps as settling
from weineng.assessment.actions import (
    open_review,
    reopen_review,
    return_dossier,
)
from weineng.assessment.models import Result, StageRun
from weineng.evidence.models import Submission
from weineng.kernel.clock import CIVIL

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def submission(world, p4, set_clock):
    set_clock(NOW)
    enrolled(p4, world.teacher, "A1", "A2", "A3")
    return hand_in(p4, world.teacher)


def actor(world, assignment):
    return world.member(assignment.reviewer_id).actor


def test_the_author_cannot_take_back_what_was_opened(world, submission):
    from weineng.evidence.actions import withdraw_submission

    settle()
    rate(world, waiting(submission, "self")[0], "pass")  # one's own look does not lock it
    settle()
    assert Submission.objects.get().state == "submitted"
    peer = waiting(submission, "peer")[0]
    open_review(by=actor(world, peer), assignment=peer.pk)
    assert Submission.objects.get().state == "opened"
    assert refusal(withdraw_submission, by=world.teacher.actor, submission=submission.pk) == "already-opened"


@pytest.mark.parametrize("role", ["panel", "peer"])
def test_who_takes_a_review_back_while_its_stage_is_settled_is_waited_for(world, p4, submission, monkeypatch, role):
    settle()
    rate(world, waiting(submission, "self")[0], "pass")
    settle()
    if role == "panel":
        through_advice(world, submission)
    first, second = waiting(submission, role)
    rate(world, first, "fail")
    rate(world, second, "excellent")
    held, by = settling.held, actor(world, first)

    def taken_back_first(run):  # between the worker's look and its lock
        if run.pk == first.run_id:
            monkeypatch.setattr(settling, "held", held)
            reopen_review(by=by, assignment=first.pk)
        return held(run)

    monkeypatch.setattr(settling, "held", taken_back_first)
    hand_in(p4, world.colleague)  # the round has something to keep
    settle()
    first.refresh_from_db()
    run = StageRun.objects.get(pk=first.run_id)
    assert (first.state, run.state, Result.objects.count()) == ("opened", "waiting", 0)
    rate(world, first, "excellent")
    settle()
    run.refresh_from_db()
    assert run.state == "done"


def test_peers_cannot_return(world, submission):
    settle()
    rate(world, waiting(submission, "self")[0], "pass")
    settle()
    peer = waiting(submission, "peer")[0]
    open_review(by=actor(world, peer), assignment=peer.pk)
    assert refusal(return_dossier, by=actor(world, peer), assignment=peer.pk, advice="x") == "not-deciding"
