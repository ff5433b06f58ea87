"""A week before a task's day whoever has not done it is told, once, in their own language."""

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from tests.p4 import publish_p4
from tests.planning.plans import approve, enrol
from tests.progress.scene import SETTLE, Here
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.notices.models import Message
from weineng.notices.queries import told
from weineng.planning.actions import choose_points
from weineng.programmes.effects import touch
from weineng.programmes.models import EnrolledSchool, Enrolment
from weineng.progress.actions import recount, remind_of_tasks

DUE = datetime(2026, 5, 15, 9, tzinfo=CIVIL)  # choose, in every batch but those that have a day of their own


@pytest.fixture
def p4(world):
    return publish_p4(world)


@pytest.fixture
def people(world, p4, set_clock):
    """Three of the nine-year school, one of the kindergarten, which is in the second batch (its day is next year)."""
    set_clock(DUE - timedelta(days=8))
    approve(world, p4, world.nine_year, world.cio)
    EnrolledSchool.objects.filter(unit=world.nine_year).update(batch="pilot")
    EnrolledSchool.objects.filter(unit=world.kindergarten).update(batch="second-batch")
    rows = [enrol(p4, m) for m in (world.teacher, world.colleague, world.leader, world.kindergarten_teachers[0])]
    touch(enrolments=[row.pk for row in rows])
    recount(by=SETTLE)
    choose_points(by=world.colleague.actor, enrolment=rows[1].pk, points=["A1", "A2", "B1"])
    return rows


def reminded():
    rows = Message.objects.filter(event="task-due").order_by("person")
    return [(row.person, row.params["task"]["en"], row.params["due"]) for row in rows]


def test_a_week_before_its_day_and_not_sooner(world, people, set_clock):
    assert remind_of_tasks(by=SETTLE) == 0
    set_clock(DUE - timedelta(days=7))
    assert remind_of_tasks(by=SETTLE) == 2
    assert reminded() == [
        (world.teacher.person, "Choose your points", "2026-05-15"), (world.leader.person, "Choose your points", "2026-05-15"),
    ]  # fmt: skip
    assert remind_of_tasks(by=SETTLE) == 0
    set_clock(DUE)
    assert remind_of_tasks(by=SETTLE) == 0
    assert len(reminded()) == 2


def test_whoever_comes_later_is_told_too_until_the_day_has_passed(world, p4, people, set_clock):
    set_clock(DUE)
    remind_of_tasks(by=SETTLE)
    late = enrol(p4, world.loner)
    touch(enrolments=[late.pk])
    recount(by=SETTLE)
    assert remind_of_tasks(by=SETTLE) == 1
    later = enrol(p4, world.cio)
    touch(enrolments=[later.pk])
    recount(by=SETTLE)
    set_clock(DUE + timedelta(days=1))
    assert remind_of_tasks(by=SETTLE) == 0
    assert {person for person, _task, _due in reminded()} == {
        world.teacher.person,
        world.leader.person,
        world.loner.person,
    }


def test_a_demand_that_is_met_or_exempt_is_no_task(world, p4, people, set_clock):
    scene = Here(p4, owner=world.district, leaf=world.maths, school=world.nine_year)
    scene.hours(people[0].pk, 900)
    scene.exempt(people[1].pk, "online")
    set_clock(datetime(2026, 10, 28, 9, tzinfo=CIVIL))
    scene.recount(*(row.pk for row in people))
    remind_of_tasks(by=SETTLE)
    online = [person for person, task, _due in reminded() if task == "Online courses" or "nline" in task]
    assert online == [world.leader.person]


def test_who_has_left_is_left_in_peace(world, p4, people, set_clock):
    Enrolment.objects.filter(pk__in=[people[0].pk, people[2].pk]).update(left_on=DUE.date() - timedelta(days=9))
    touch(enrolments=[row.pk for row in people])
    recount(by=SETTLE)
    set_clock(DUE)
    assert remind_of_tasks(by=SETTLE) == 0


def test_the_sentence_is_in_the_readers_language(world, people, set_clock):
    set_clock(DUE)
    remind_of_tasks(by=SETTLE)
    message = Message.objects.filter(event="task-due").order_by("pk").first()
    said = {}
    for language in ("zh-hans", "zh-hant", "en"):
        with translation.override(language):
            said[language] = told(message).text
    assert said == {
        "zh-hans": "“选择能力点”应在2026年5月15日前完成。", "zh-hant": "「選擇能力點」應在2026年5月15日前完成。",
        "en": "Choose your points is due on 15 May 2026.",
    }  # fmt: skip


def test_only_the_platform_reminds(world, people):
    with pytest.raises(Refused) as caught:
        remind_of_tasks(by=world.office.actor)
    assert caught.value.code == "platform-only"
