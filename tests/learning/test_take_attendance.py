"""The attendance of our own sessions becomes records, and stops being one when a session changes."""

from datetime import datetime, timedelta

import pytest

from weineng.activities.actions import (
    SessionPlan,
    add_product,
    change_session,
    close_session,
    enter_sign_ins,
    plan_session,
    reopen_session,
    restore_session,
    strike_sign_in,
    void_session,
    write_minutes,
)
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import take_attendance
from weineng.learning.models import Record

START = datetime(2026, 3, 4, 14, 0, tzinfo=CIVIL)
LOOP = platform("settle")
PLAN = SessionPlan("school-research", "lesson-study", "磨课", START, START + timedelta(minutes=90), 90)


@pytest.fixture
def session(world, set_clock):
    set_clock(START - timedelta(days=1))
    by = world.leader.actor
    session = plan_session(by=by, unit=world.maths, programme="p4-district", plan=PLAN)
    set_clock(START + timedelta(hours=2))
    enter_sign_ins(by=by, session=session.pk, people=[world.teacher.person, world.colleague.person])
    write_minutes(by=by, session=session.pk, text="记录", revision=0)
    add_product(by=by, session=session.pk, title="教案")
    assert take_attendance(by=LOOP) == 0
    close_session(by=by, session=session.pk)
    return session


def in_force():
    return sorted(Record.objects.in_force().values_list("person", "minutes"))


def test_each_who_was_there_earns_the_minutes_once(world, session):
    assert take_attendance(by=LOOP) == 2
    assert in_force() == sorted([(world.teacher.person, 90), (world.colleague.person, 90)])
    assert take_attendance(by=LOOP) == 0
    record = Record.objects.get(person=world.teacher.person)
    assert (record.mode, record.unit_id, record.event_on.isoformat()) == ("school-research", world.maths, "2026-03-04")


def test_a_void_session_earns_nothing_and_a_restored_one_again(world, session):
    take_attendance(by=LOOP)
    void_session(by=world.cio.actor, session=session.pk, reason="没有开")
    assert take_attendance(by=LOOP) == 2
    assert in_force() == []
    restore_session(by=world.cio.actor, session=session.pk, reason="开了")
    take_attendance(by=LOOP)
    assert in_force() == sorted([(world.teacher.person, 90), (world.colleague.person, 90)])


def test_a_struck_sign_in_withdraws_only_its_own(world, session):
    take_attendance(by=LOOP)
    strike_sign_in(by=world.leader.actor, session=session.pk, person=world.colleague.person, reason="早退")
    assert take_attendance(by=LOOP) == 1
    assert in_force() == [(world.teacher.person, 90)]


def test_a_corrected_length_replaces_what_was_earned(world, session):
    take_attendance(by=LOOP)
    by = world.leader.actor
    reopen_session(by=by, session=session.pk, reason="时长写错")
    take_attendance(by=LOOP)
    assert in_force() == []
    change_session(by=by, session=session.pk, plan=SessionPlan(**(vars(PLAN) | {"duration": 45})), revision=0)
    close_session(by=by, session=session.pk)
    take_attendance(by=LOOP)
    assert in_force() == sorted([(world.teacher.person, 45), (world.colleague.person, 45)])
