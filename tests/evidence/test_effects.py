"""What assessment writes down, and what each reader may see of it."""

import pytest
from django.db.models import Q
from django.utils.translation import override

from tests.evidence.conftest import POINTS, fill, item_of, put
from tests.files import samples
from weineng.audit.effects import record
from weineng.evidence.actions import (
    detach_file,
    draft_submission,
    seal_submission,
    start_next_attempt,
    take_files,
    withdraw_submission,
)
from weineng.evidence.effects import decide_submission, lock_submission, overturn_submission, return_submission
from weineng.evidence.models import Event, Submission
from weineng.evidence.permissions import VIEW
from weineng.evidence.queries import checklist, files_for, item_states, limits_for_item, purpose_of, submission_page
from weineng.files.models import Use
from weineng.kernel.actors import platform
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import NotFound, Refused
from weineng.notices.queries import own_messages
from weineng.notices.queries import told as told_
from weineng.organisations.actions import merge_people
from weineng.programmes.models import Touched

from tests.files.conftest import bring  # isort: skip

pytestmark = pytest.mark.django_db


def cause(verb="assessment.act"):
    return record(by=platform("settle"), verb=verb)


def refusal(action, **kw):
    with pytest.raises(Refused) as why:
        action(**kw)
    return why.value.code


def test_the_first_opening_is_noted_once(sealed):
    assert lock_submission(cause=cause(), submission=sealed.pk)
    assert not lock_submission(cause=cause(), submission=sealed.pk)
    row = Submission.objects.get()
    assert (row.state, row.opened_at is not None) == ("opened", True)
    assert Event.objects.filter(kind="opened").count() == 1


def test_what_was_withdrawn_is_not_opened_returned_or_decided(world, sealed):
    withdraw_submission(by=world.teacher.actor, submission=sealed.pk)
    assert refusal(lock_submission, cause=cause(), submission=sealed.pk) == "not-handed-in"
    assert refusal(return_submission, cause=cause(), submission=sealed.pk, advice="x") == "not-handed-in"
    assert refusal(decide_submission, cause=cause(), submission=sealed.pk, level="pass") == "not-handed-in"
    assert refusal(overturn_submission, cause=cause(), submission=sealed.pk, level="pass") == "not-decided"


def test_a_return_opens_the_next_version_beside_the_one_that_was_judged(world, sealed):
    by = world.teacher.actor
    Touched.objects.all().delete()
    row = return_submission(cause=cause(), submission=sealed.pk, advice="请补充数据来源。")
    assert (row.state, row.version, row.advice) == ("returned", 2, "请补充数据来源。")
    assert Touched.objects.count() == 1
    assert told(world.teacher) == [
        "Your evidence for A1 Technology-supported learner analysis was returned with advice."
    ]
    assert checklist(row).ready
    plan = item_of(row, 1)
    (old,) = Use.objects.of("evidence.item", [plan.pk])
    detach_file(by=by, use=old.pk)
    put(by, row, 1, samples.pdf(5), "方案二.pdf")
    seal_submission(by=by, submission=row.pk)
    page = submission_page(by, row.pk)
    assert [(v.number, v.advice, [[u.file_name for u in p.files] for p in v.pieces]) for v in page.versions] == [
        (2, "", [["方案二.pdf"], ["报告.mp4"]]),
        (1, "请补充数据来源。", [["方案.pdf"], ["报告.mp4"]]),
    ]
    assert [e.kind for e in page.timeline] == ["drafted", "submitted", "returned", "submitted"]


def test_a_decision_ends_the_attempt_and_the_next_one_starts_with_its_files(world, sealed):
    by = world.teacher.actor
    assert refusal(start_next_attempt, by=by, submission=sealed.pk) == "not-decided"
    row = decide_submission(cause=cause(), submission=sealed.pk, level="fail")
    assert (row.state, row.level, row.decided_at is not None) == ("decided", "fail", True)
    assert told(world.teacher) == ["Your evidence for A1 Technology-supported learner analysis: not passed."]
    assert refusal(decide_submission, cause=cause(), submission=sealed.pk, level="pass") == "not-handed-in"
    assert refusal(draft_submission, by=by, enrolment=row.enrolment, item="point", point="A1") == "already-decided"
    assert refusal(start_next_attempt, by=world.colleague.actor, submission=sealed.pk) == "not-found"
    again = start_next_attempt(by=by, submission=sealed.pk)
    assert (again.attempt, again.version, again.state, again.consent) == (2, 1, "draft", "none-visible")
    assert checklist(again).ready
    assert refusal(start_next_attempt, by=by, submission=sealed.pk) == "attempt-open"
    assert draft_submission(by=by, enrolment=row.enrolment, item="point", point="A1") == again
    seal_submission(by=by, submission=again.pk)
    decide_submission(cause=cause(), submission=again.pk, level="excellent")
    assert refusal(start_next_attempt, by=by, submission=again.pk) == "nothing-to-better"
    assert [s.attempt for s in submission_page(by, again.pk).attempts] == [1]


def test_a_pass_may_be_bettered_and_an_overturned_level_is_written_down(world, sealed):
    decide_submission(cause=cause(), submission=sealed.pk, level="pass")
    overturn_submission(cause=cause(), submission=sealed.pk, level="fail")
    assert Submission.objects.get().level == "fail"
    overturn_submission(cause=cause(), submission=sealed.pk, level="pass")
    assert start_next_attempt(by=world.teacher.actor, submission=sealed.pk).attempt == 2


def test_where_one_stands_item_by_item(world, enrolment, sealed, django_assert_num_queries):
    def states():
        return [(s.item, s.point, s.latest.state if s.latest else None, s.best) for s in item_states(enrolment)]

    assert states() == [
        ("point", "A1", "submitted", ""),
        ("point", "A5", None, ""),
        ("point", "A12", None, ""),
        ("recording", "", None, ""),
    ]
    decide_submission(cause=cause(), submission=sealed.pk, level="pass")
    start_next_attempt(by=world.teacher.actor, submission=sealed.pk)
    assert states()[0] == ("point", "A1", "draft", "pass")
    assert len(POINTS) == 3
    with django_assert_num_queries(2):
        item_states(enrolment)


def told(member):
    """What the teacher reads of the submission; every such message leads to it."""
    messages = list(own_messages(member.actor).exclude(event="records-merged"))
    assert {m.link for m in messages} == {f"/evidence/{seal_id('evidence.submission', Submission.objects.first().pk)}/"}
    with override("en"):
        return [told_(m).text for m in messages]


def test_a_person_whose_records_were_merged_goes_on_with_what_was_begun(world, draft):
    """The twin in the roster is the one that is kept; draft and uploads name the other."""
    twin = world.enter("林晓岚", world.maths, subject="数学", stage="junior")
    item = item_of(draft, 1)
    bring(world.teacher.actor, samples.pdf(), "方案.pdf", purpose=purpose_of(item.pk))
    merge_people(
        by=world.office.actor, kept=twin.person, gone=world.teacher.person, reason="one person", end_numbers=True
    )
    assert take_files(by=platform("worker")) == 1
    fill(twin.actor, draft)
    row = seal_submission(by=twin.actor, submission=draft.pk)
    assert row.unit_id == world.maths
    assert seen(twin.actor) == [draft]
    decide_submission(cause=cause(), submission=row.pk, level="pass")
    assert len(told(twin)) == 1
    assert start_next_attempt(by=twin.actor, submission=row.pk).attempt == 2


# --- Files that arrived when nobody was there ------------------------------------------------------------------------
def test_a_file_whose_browser_was_gone_finds_its_piece(world, draft):
    by = world.teacher.actor
    item = item_of(draft, 1)
    upload = bring(by, samples.pdf(), "方案.pdf", purpose=purpose_of(item.pk), limits=limits_for_item(by, item.pk))
    bring(world.colleague.actor, samples.pdf(3), "别人.pdf", purpose=purpose_of(item.pk))
    assert take_files(by=platform("worker")) == 1
    assert take_files(by=platform("worker")) == 0
    assert [u.upload_id for u in Use.objects.of("evidence.item", [item.pk])] == [upload.pk]


def test_a_file_that_came_after_handing_in_changes_nothing(world, draft):
    by = world.teacher.actor
    fill(by, draft)
    item = item_of(draft, 1)
    limits = limits_for_item(by, item.pk)
    seal_submission(by=by, submission=draft.pk)
    bring(by, samples.pdf(7), "晚.pdf", purpose=purpose_of(item.pk), limits=limits)
    assert take_files(by=platform("worker")) == 0
    assert [u.file_name for u in Use.objects.of("evidence.item", [item.pk])] == ["方案.pdf"]


# --- Who sees what ---------------------------------------------------------------------------------------------------
def seen(by, **kw):
    return list(Submission.objects.within(by, VIEW, **kw))


def names(by, row, **kw):
    try:
        return sorted(use.file_name for use in files_for(by, row.pk, **kw))
    except NotFound:
        return None


def test_readers(world, draft, enrol):
    other = draft_submission(by=world.wu.actor, enrolment=enrol(world.wu, "A1").pk, item="point", point="A1")
    fill(world.wu.actor, other)
    seal_submission(by=world.wu.actor, submission=other.pk)
    teacher, reviewer = world.teacher.actor, world.panel[0].actor
    given = Q(pk=draft.pk)
    everybody_else = [
        m.actor for m in (world.colleague, world.leader, world.cio, world.principal, world.wu, world.auditor)
    ]

    assert seen(teacher) == [draft]
    assert seen(world.office.actor) == []  # nobody sees what is being written
    assert seen(reviewer, assigned=given) == []
    fill(teacher, draft)
    row = seal_submission(by=teacher, submission=draft.pk)
    assert seen(teacher) == [draft]
    assert seen(world.office.actor) == [draft]
    assert seen(reviewer, assigned=given) == [draft]
    assert seen(reviewer) == []
    assert [names(by, row) for by in everybody_else] == [None] * 6
    assert seen(world.wu.actor) == [other]
    assert names(reviewer, row, assigned=given) == ["报告.mp4", "方案.pdf"]
    assert seen(world.provider, assigned=given) == []

    return_submission(cause=cause(), submission=row.pk, advice="补充")
    put(teacher, Submission.objects.get(pk=row.pk), 1, b"half a thought", "草稿.txt")
    assert names(teacher, row) == ["报告.mp4", "报告.mp4", "方案.pdf", "方案.pdf", "草稿.txt"]
    assert names(reviewer, row, assigned=given) == ["报告.mp4", "方案.pdf"]
    assert names(world.office.actor, row) == ["报告.mp4", "方案.pdf"]
    page = submission_page(reviewer, row.pk, given)
    assert (page.mine, [v.number for v in page.versions]) == (False, [1])
    assert submission_page(teacher, row.pk).mine


def test_an_office_sees_what_was_handed_in_under_it(world, enrol):
    """The school that moved away on 2026-01-01 is the sibling's in May; the district sees nothing of it."""
    by = world.moved_teacher.actor
    row = draft_submission(by=by, enrolment=enrol(world.moved_teacher, "A1").pk, item="point", point="A1")
    fill(by, row)
    seal_submission(by=by, submission=row.pk)
    assert seen(world.office.actor) == []
    assert seen(world.wu.actor) == [row]
