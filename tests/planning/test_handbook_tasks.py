"""Tasks of the handbook: done by the teacher, confirmed by whom the document names, sent back, taken back."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.p1 import p1_document, publish_p1
from tests.planning.plans import enrol, refusal
from tests.progress.scene import SETTLE, standing
from weineng.audit.models import Line
from weineng.kernel.clock import CIVIL
from weineng.notices.models import Message
from weineng.planning.actions import confirm_tasks, diagnose, do_task, return_tasks, undo_task
from weineng.planning.models import Diagnosis, HandbookEntry
from weineng.planning.queries import handbook_of
from weineng.programmes.rules import Demand, HandbookTask
from weineng.progress.actions import recount

NOW = datetime(2026, 4, 1, 9, tzinfo=CIVIL)
WORDS = {"zh-hans": "读", "zh-hant": "讀", "en": "Read"}
TASKS = (HandbookTask("read", WORDS), HandbookTask("write", WORDS | {"en": "Write"}, "school"))
SCORES = {"learner-analysis": 2, "teaching-design": 3, "learning-guidance": 4, "academic-assessment": 5}


@pytest.fixture(autouse=True)
def _today(set_clock):
    set_clock(NOW)


@pytest.fixture
def mine(world):
    """A programme with two tasks, the second confirmed by the school, and a self-diagnosis that is demanded."""
    demands = tuple(replace(d, minimum=2) if d.code == "handbook" else d for d in p1_document().demands)
    demands += (Demand("know-thyself", "items", WORDS, 1, item="self-diagnosis"),)
    return enrol(publish_p1(world, handbook=TASKS, demands=demands), world.teacher)


def do(world, mine, task, note=""):
    return do_task(by=world.teacher.actor, enrolment=mine.pk, task=task, note=note)


def states(mine):
    return {task: row.state for task, row in handbook_of(mine).items()}


def told(member):
    return list(
        Message.objects.filter(person=member.person)
        .exclude(event="enrolled")
        .order_by("pk")
        .values_list("event", "params")
    )


def test_who_confirms_is_told_and_confirms_in_one_go(world, mine):
    one, two = do(world, mine, "read", "  摘录在活页里 "), do(world, mine, "write")
    assert (one.note, states(mine)) == ("摘录在活页里", {"read": "waiting", "write": "waiting"})
    assert (told(world.leader), told(world.cio)) == ([("task-done", {})], [("task-done", {})])
    for outsider in (world.teacher, world.colleague, world.wu, world.office, world.kindergarten_cio):
        assert refusal(confirm_tasks, by=outsider.actor, entries=[one.pk]) == "not-found"
    assert refusal(confirm_tasks, by=world.leader.actor, entries=[one.pk, two.pk]) == "school-confirms"
    assert states(mine) == {"read": "waiting", "write": "waiting"}
    assert confirm_tasks(by=world.leader.actor, entries=[one.pk]) == 1
    assert confirm_tasks(by=world.cio.actor, entries=[one.pk, two.pk]) == 1
    assert confirm_tasks(by=world.cio.actor, entries=[one.pk, two.pk]) == 0
    assert states(mine) == {"read": "confirmed", "write": "confirmed"}
    assert told(world.teacher) == [
        ("tasks-confirmed", {"tasks": WORDS}),
        ("tasks-confirmed", {"tasks": WORDS | {"en": "Write"}}),
    ]
    recount(by=SETTLE)
    assert (standing(mine.pk, "handbook").have, standing(mine.pk, "handbook").verdict) == (2, "met")


def test_what_is_sent_back_is_done_again_and_a_confirmation_is_taken_back_so(world, mine):
    row = do(world, mine, "read")
    back = {"by": world.leader.actor, "entries": [row.pk]}
    assert refusal(return_tasks, **back, advice="") == "comment-missing"
    confirm_tasks(**back)
    assert refusal(do_task, by=world.teacher.actor, enrolment=mine.pk, task="read") == "already-confirmed"
    assert refusal(undo_task, by=world.teacher.actor, enrolment=mine.pk, task="read") == "already-confirmed"
    assert return_tasks(**back, advice="写具体些") == 1
    assert (states(mine), told(world.teacher)[-1]) == (
        {"read": "returned"}, ("tasks-returned", {"tasks": WORDS, "advice": "写具体些"}),
    )  # fmt: skip
    recount(by=SETTLE)
    assert standing(mine.pk, "handbook").have == 0
    do(world, mine, "read", "改好了")
    assert HandbookEntry.objects.values_list("advice", "note").get() == ("", "改好了")
    undo_task(by=world.teacher.actor, enrolment=mine.pk, task="read")
    assert (states(mine), HandbookEntry.objects.count()) == ({}, 0)
    assert refusal(undo_task, by=world.teacher.actor, enrolment=mine.pk, task="read") == "task-not-done"
    verbs = Line.objects.filter(verb__startswith="planning.", subject=world.teacher.person).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "planning.do_task", "planning.confirm_task", "planning.return_task", "planning.do_task", "planning.undo_task",
    ]  # fmt: skip


def test_what_is_no_task_of_one_s_own(world, mine, set_clock):
    assert refusal(do_task, by=world.teacher.actor, enrolment=mine.pk, task="sing") == "task-unknown"
    assert refusal(do_task, by=world.teacher.actor, enrolment=mine.pk, task="read", note="长" * 2001) == "text-too-long"
    assert refusal(do_task, by=world.colleague.actor, enrolment=mine.pk, task="read") == "not-found"
    assert refusal(confirm_tasks, by=world.leader.actor, entries=[]) == "nothing-ticked"
    set_clock(datetime(2027, 1, 1, 0, 1, tzinfo=CIVIL))
    assert refusal(do_task, by=world.teacher.actor, enrolment=mine.pk, task="read") == "cycle-over"
    assert HandbookEntry.objects.count() == 0


def test_a_self_diagnosis_counts_once_every_question_is_answered(world, mine):
    few = {"learner-analysis": 2}
    assert refusal(diagnose, by=world.teacher.actor, enrolment=mine.pk, scores=few) == "diagnosis-incomplete"
    assert refusal(diagnose, by=world.teacher.actor, enrolment=mine.pk, scores=SCORES | {"x": 1}) == "diagnosis-unknown"
    assert refusal(diagnose, by=world.leader.actor, enrolment=mine.pk, scores=SCORES) == "not-found"
    assert Diagnosis.objects.count() == 0
    diagnose(by=world.teacher.actor, enrolment=mine.pk, scores=SCORES)
    recount(by=SETTLE)
    assert standing(mine.pk, "know-thyself").verdict == "met"
    diagnose(by=world.teacher.actor, enrolment=mine.pk, scores=SCORES | few)
    assert (Diagnosis.objects.get().answers, Diagnosis.objects.get().handed_in_at is None) == (SCORES | few, False)
