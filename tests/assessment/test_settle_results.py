"""From handed in to decided: who is asked, in which order, and what follows by itself."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.assessment.panel import LOOP, decide, enrolled, hand_in, rate, settle, through_advice, waiting
from tests.planning.plans import refusal
from weineng.accounts.models import Grant
from weineng.assessment.actions import open_review, release_reviews, settle_results
from weineng.assessment.actions import settle as settling
from weineng.assessment.measures import eligible
from weineng.assessment.models import Assignment, Dossier, Result, StageRun
from weineng.assessment.queries import dossiers_waiting_for_reviewers
from weineng.audit.models import Line
from weineng.evidence.actions import withdraw_submission
from weineng.evidence.models import Submission
from weineng.kernel.clock import CIVIL
from weineng.ops.checks import findings
from weineng.programmes.models import Enrolment, Version

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def submission(world, p4, set_clock):
    set_clock(NOW)
    enrolled(p4, world.teacher, "A1", "A2", "A3")
    return hand_in(p4, world.teacher)


def test_self_comes_first_then_two_peers_of_the_group_then_two_of_the_panel(world, submission):
    assert settle() == 2
    assert [a.reviewer_id for a in waiting(submission, "self")] == [world.teacher.person]
    assert waiting(submission, "peer") == []
    rate(world, waiting(submission, "self")[0], "pass")
    settle()
    group = {world.colleague.person, world.leader.person, world.two_posts.person}
    peers = {a.reviewer_id for a in waiting(submission, "peer")}
    assert len(peers) == 2
    assert peers <= group
    for assignment in waiting(submission, "peer"):
        rate(world, assignment, "pass")
    settle()
    panel = [a.reviewer_id for a in waiting(submission, "panel")]
    assert len(set(panel)) == 2
    assert set(panel) <= {member.person for member in world.panel}


def test_a_second_round_does_nothing_and_writes_nothing(world, submission):
    settle()
    with CaptureQueriesContext(connection) as caught:
        assert settle() == 0
    assert [one["sql"] for one in caught if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []
    assert (Dossier.objects.count(), Line.objects.filter(verb="assessment.settle").count()) == (1, 1)


def test_advice_does_not_count(world, submission):
    through_advice(world, submission, level="fail")
    for assignment in waiting(submission, "panel"):
        rate(world, assignment, "pass")
    settle()
    assert Result.objects.get().level == "pass"


def test_a_panel_too_small_waits_and_goes_on_when_it_grows(world, p4, submission):
    Grant.objects.filter(role="panel-member", person__in=[member.person for member in world.panel[1:]]).delete()
    through_advice(world, submission)
    assert len(waiting(submission, "panel")) == 1
    rate(world, waiting(submission, "panel")[0], "pass")
    assert settle() == 0
    assert Result.objects.count() == 0
    world.grant(world.panel[1].person, "panel-member", world.nine_year)
    settle()
    rate(world, waiting(submission, "panel")[0], "pass")
    settle()
    assert Result.objects.get().level == "pass"


def test_without_peers_in_the_group_the_same_subject_helps_then_the_zone_then_nobody(world, p4, set_clock):
    set_clock(NOW)
    submission = hand_in(p4, world.loner)  # no group, the only music teacher of the district
    settle()
    rate(world, waiting(submission, "self")[0], "pass")
    settle()
    run = StageRun.objects.get(dossier__submission=submission, stage="peers")
    assert (run.state, run.skipped_because) == ("skipped", "nobody-eligible")
    assert len(waiting(submission, "panel")) == 2
    helped = world.enter("音乐二", world.nine_year, subject="音乐", stage="primary")
    other = hand_in(p4, world.loner, "A2")
    settle()
    rate(world, waiting(other, "self")[0], "pass")
    settle()
    assert [(a.reviewer_id, a.basis) for a in waiting(other, "peer")] == [(helped.person, "same-subject-in-school")]


def test_nobody_reviews_themselves_and_the_database_holds_it(world, p4, set_clock):
    set_clock(NOW)
    submission = hand_in(p4, world.panel[0])
    world.grant(world.panel[0].person, "panel-member", world.vocational)
    for member in world.vocational_teachers:
        world.grant(member.person, "panel-member", world.vocational)
    through_advice(world, submission)
    asked = Assignment.objects.filter(run__dossier__submission=submission).exclude(role="self")
    assert world.panel[0].person not in set(asked.values_list("reviewer", flat=True))
    assert not asked.filter(reviewer=world.wu.person).exists()


def test_late_advice_is_not_waited_for(world, submission, set_clock):
    settle()
    set_clock(NOW + timedelta(days=7, hours=10))
    assert settle() == 0
    set_clock(NOW + timedelta(days=8))
    settle()
    assert StageRun.objects.get(stage="self").state == "done"
    assert waiting(submission, "self") == []
    assert len(waiting(submission, "peer")) == 2


def test_what_is_taken_back_is_no_longer_reviewed(world, submission):
    settle()
    withdraw_submission(by=world.teacher.actor, submission=submission.pk)
    settle()
    assert [d.state for d in Dossier.objects.order_by("pk")] == ["void"]
    assert waiting(submission, "self") == []
    Submission.objects.filter(pk=submission.pk).update(state="submitted")
    settle()
    assert [d.state for d in Dossier.objects.order_by("pk")][-1] == "open"
    assert len(waiting(submission, "self")) == 1


def test_only_the_newest_version_is_judged_when_it_is_taken_back_and_handed_in_again_within_a_round(world, submission):
    settle()
    (own,) = waiting(submission, "self")
    withdraw_submission(by=world.teacher.actor, submission=submission.pk)
    Submission.objects.filter(pk=submission.pk).update(state="submitted")
    assert refusal(open_review, by=world.teacher.actor, assignment=own.pk) == "dossier-closed"
    settle()
    dossiers = Dossier.objects.order_by("version")
    assert list(dossiers.values_list("version", "state")) == [(1, "void"), (2, "open")]
    decide(world, submission, "pass", "pass")
    assert list(dossiers.values_list("version", "state")) == [(1, "void"), (2, "decided")]
    assert Result.objects.values_list("submission", "level").get() == (submission.pk, "pass")


def test_a_dossier_that_cannot_go_on_is_named_and_holds_nobody_else_up(world, p4, submission, set_clock):
    other = hand_in(p4, world.colleague)
    decide(world, other, "pass", "pass")
    third = hand_in(p4, world.leader)
    through_advice(world, third)
    for assignment in waiting(third, "panel"):
        rate(world, assignment, "pass")
    blocked = Result.objects.get()
    Result.objects.filter(pk=blocked.pk).update(submission=third)  # a result stands already where there can be only one
    assert settle() > 0
    stuck = Dossier.objects.get(submission=third)
    assert stuck.state == "open"
    assert NOW <= stuck.stuck_at < NOW + timedelta(minutes=1)
    assert stuck.stuck_because.startswith("IntegrityError")
    says = next(finding for finding in findings() if finding.check == "dossiers")
    assert (says.level, says.says.startswith(f"1 cannot go on, the first ({stuck.pk}): Int")) == ("fail", True)
    assert settle() == 0
    decide(world, submission, "pass", "pass")
    assert Result.objects.filter(submission=submission).values_list("level", flat=True).get() == "pass"
    Result.objects.filter(pk=blocked.pk).update(submission=other)
    set_clock(NOW + timedelta(minutes=9))
    assert settle() == 0
    set_clock(NOW + timedelta(minutes=11))
    settle()
    stuck.refresh_from_db()
    assert (stuck.state, stuck.stuck_at, stuck.stuck_because) == ("decided", None, "")
    assert next(finding.level for finding in findings() if finding.check == "dossiers") == "ok"


def test_what_follows_one_that_failed_after_it_was_logged_has_a_line_of_its_own(world, p4, submission, monkeypatch):
    other = hand_in(p4, world.colleague)
    for row in (submission, other):
        through_advice(world, row)
    for row in (submission, other):
        for assignment in waiting(row, "panel"):
            rate(world, assignment, "pass")
    real, failed = settling.mark_passed, []

    def fails_once(**given):
        if not failed:
            failed.append(given)
            raise ValueError("broken")
        return real(**given)

    monkeypatch.setattr(settling, "mark_passed", fails_once)
    Line.objects.filter(verb="assessment.settle").update(verb="before")
    settle()
    assert [row.state for row in Dossier.objects.order_by("pk")] == ["open", "decided"]
    assert Line.objects.filter(verb="assessment.settle").count() == 1


def test_a_dossier_that_cannot_begin_is_named_and_holds_nobody_else_up(world, p4, submission, set_clock):
    bad = Version.objects.create(programme=p4, number=2, source="", document={}, digest="", published_at=NOW)
    blocked, stays = enrolled(p4, world.colleague), hand_in(p4, world.colleague)
    Enrolment.objects.filter(pk=blocked.pk).update(version=bad)
    assert settle() == 3  # one begins and is given to its author, the other is named
    assert [a.reviewer_id for a in waiting(submission, "self")] == [world.teacher.person]
    stuck = Dossier.objects.get(submission=stays)
    assert (stuck.state, stuck.stage, stuck.runs.count()) == ("open", "", 0)
    says = next(finding for finding in findings() if finding.check == "dossiers")
    assert (says.level, f"the first ({stuck.pk})" in says.says) == ("fail", True)
    assert settle() == 0
    Enrolment.objects.filter(pk=blocked.pk).update(version=p4.versions.get(number=1))
    set_clock(NOW + timedelta(minutes=9))
    assert settle() == 0
    set_clock(NOW + timedelta(minutes=11))
    settle()
    stuck.refresh_from_db()
    assert (stuck.stage, stuck.stuck_at, stuck.stuck_because) == ("self", None, "")
    assert [a.reviewer_id for a in waiting(stays, "self")] == [world.colleague.person]
    assert next(finding.level for finding in findings() if finding.check == "dossiers") == "ok"


def test_a_dossier_that_finds_no_third_waits_for_one_and_is_seen(world, submission):
    Grant.objects.filter(person=world.panel[2].person, role="panel-member").delete()
    through_advice(world, submission)
    for assignment, level in zip(waiting(submission, "panel"), ("fail", "excellent"), strict=True):
        assert not dossiers_waiting_for_reviewers().exists()
        rate(world, assignment, level)
    assert settle() == 0
    assert [d.submission_id for d in dossiers_waiting_for_reviewers()] == [submission.pk]
    world.grant(world.panel[2].person, "panel-member", world.nine_year)
    settle()
    assert not dossiers_waiting_for_reviewers().exists()
    rate(world, waiting(submission, "third")[0], "pass")
    settle()
    assert Result.objects.get().level == "pass"


def test_the_nearest_zone_helps_and_the_county_only_where_there_is_no_zone(world, p4, set_clock):
    set_clock(NOW)
    outside = world.enter("远方音乐", world.computing, subject="音乐", stage="junior")  # the district, but no zone
    inside = world.enter("邻校音乐", world.play, subject="音乐", stage="preschool")
    zoned, unzoned = hand_in(p4, world.loner), hand_in(p4, outside, "A2")
    settle()
    dossiers = {d.submission_id: d.pk for d in Dossier.objects.all()}
    pools = eligible("same-zone", dossiers.values(), NOW.date())
    assert pools == {
        dossiers[zoned.pk]: {inside.person}, dossiers[unzoned.pk]: {world.loner.person, inside.person},
    }  # fmt: skip


def test_work_is_spread_evenly(world, p4, set_clock):
    set_clock(NOW)
    for point in ("A1", "A2", "A3"):
        through_advice(world, hand_in(p4, world.teacher, point))
    loads = [Assignment.objects.filter(reviewer=member.person, role="panel").count() for member in world.panel]
    assert sorted(loads) == [2, 2, 2]


def test_only_the_platform_settles(world):
    assert refusal(settle_results, by=world.office.actor) == "platform-only"
    assert refusal(release_reviews, by=world.office.actor) == "platform-only"
    assert LOOP.system
