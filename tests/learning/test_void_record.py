"""An office's decisions about single records, and their ways back."""

from datetime import datetime, timedelta

import pytest

from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.learning.actions import accept_records, decide_overlap, end_decision, restore_record, void_record
from weineng.learning.models import Decision, Record
from weineng.learning.rules import RecordRow
from weineng.notices.models import Message
from weineng.organisations.actions import merge_people

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)


@pytest.fixture
def record(world, set_clock):
    set_clock(NOW)
    starts = NOW - timedelta(days=1)
    row = RecordRow(
        "a",
        "id-card",
        world.teacher.number,
        world.teacher.name,
        "online",
        "c",
        "微课",
        starts,
        starts + timedelta(hours=1),
        60,
    )
    accept_records(by=world.provider, provider="qingyun", rows=[row])
    return Record.objects.get()


def told(event):
    rows = Message.objects.filter(event=event).order_by("pk")
    return list(rows.values_list("person", "params__title", "params__reason"))


def code(call, **kwargs):
    with pytest.raises(Refused) as refusal:
        call(**kwargs)
    return refusal.value.code


@pytest.mark.parametrize("action", [void_record, restore_record, decide_overlap, end_decision])
def test_only_the_office_decides_and_says_why(world, record, action):
    for who in (world.teacher, world.cio, world.wu, world.auditor, world.kindergarten_cio):
        assert code(action, by=who.actor, record=record.pk, reason="因为") == "not-found"
    assert code(action, by=world.office.actor, record=record.pk, reason=" ") == "reason-missing"


def test_nobody_decides_about_their_own_record(world, record):
    Record.objects.filter(pk=record.pk).update(person=world.office.person)
    for action in (void_record, decide_overlap):
        assert code(action, by=world.office.actor, record=record.pk, reason="因为") == "own-record"


def test_nor_about_a_record_of_theirs_under_another_id(world, record):
    void_record(by=world.office.actor, record=record.pk, reason="平台误报")
    world.grant(world.loner.person, "office", world.district)
    merge_people(
        by=world.office.actor, kept=world.loner.person, gone=world.teacher.person, reason="同一个人", end_numbers=True
    )
    for action in (void_record, restore_record, decide_overlap, end_decision):
        assert code(action, by=world.loner.actor, record=record.pk, reason="因为") == "own-record"
    assert restore_record(by=world.office.actor, record=record.pk, reason="平台已更正").minutes == 60
    assert told("record-restored") == [(world.loner.person, "微课", "平台已更正")]  # who reads the messages now


def test_a_voided_record_can_be_restored_once(world, record):
    by = world.office.actor
    assert code(restore_record, by=by, record=record.pk, reason="因为") == "not-voided"
    void = void_record(by=by, record=record.pk, reason="平台误报")
    assert (void.void_of_id, void.minutes) == (record.pk, 0)
    assert Record.objects.in_force().count() == 0
    assert told("record-voided") == [(world.teacher.person, "微课", "平台误报")]
    assert code(void_record, by=by, record=record.pk, reason="再来") == "already-voided"
    again = restore_record(by=by, record=record.pk, reason="平台已更正")
    assert told("record-restored") == [(world.teacher.person, "微课", "平台已更正")]
    assert list(Record.objects.in_force().values_list("pk", "minutes")) == [(again.pk, 60)]
    assert code(restore_record, by=by, record=record.pk, reason="再来") == "already-restored"
    assert void_record(by=by, record=again.pk, reason="又错了").void_of_id == again.pk


def test_a_decision_on_an_overlap_can_be_taken_back(world, record):
    by = world.office.actor
    assert code(end_decision, by=by, record=record.pk, reason="因为") == "not-decided"
    decide_overlap(by=by, record=record.pk, reason="同时在两处")
    assert told("overlap-decided") == [(world.teacher.person, "微课", "同时在两处")]
    assert code(decide_overlap, by=by, record=record.pk, reason="同时在两处") == "already-decided"
    end_decision(by=by, record=record.pk, reason="查实")
    assert told("overlap-decision-ended") == [(world.teacher.person, "微课", "查实")]
    assert Decision.objects.filter(ended_at__isnull=True).count() == 0
    decide_overlap(by=by, record=record.pk, reason="又查")
    assert Decision.objects.count() == 2


def deliver(world, **changes):
    starts = NOW - timedelta(days=1)
    given = RecordRow(
        "a", "id-card", world.teacher.number, world.teacher.name, "online", "c", "微课", starts, starts + timedelta(hours=1), 60
    )  # fmt: skip
    row = RecordRow(**(vars(given) | changes))
    return accept_records(by=world.provider, provider="qingyun", rows=[row])[0]


@pytest.fixture
def restored(world, record):
    void_record(by=world.office.actor, record=record.pk, reason="平台误报")
    return restore_record(by=world.office.actor, record=record.pk, reason="平台已更正")


def test_what_an_office_restored_its_platform_still_knows_by_its_id(world, restored):
    assert (restored.source_id, restored.revision) == ("a", 2)
    again = deliver(world)
    assert (again.status, again.record) == ("unchanged", restored.pk)


def test_what_an_office_restored_its_platform_can_correct(world, restored):
    assert deliver(world, minutes=45).status == "conflict"
    assert deliver(world, minutes=45, supersedes="a").status == "created"
    assert list(Record.objects.in_force().values_list("source_id", "minutes")) == [("a", 45)]


def test_what_an_office_restored_its_platform_can_void(world, restored):
    answer = accept_records(by=world.provider, provider="qingyun", rows=[RecordRow("v", voids="a", reason="误报")])[0]
    assert (answer.status, answer.code) == ("created", "")
    assert Record.objects.in_force().count() == 0
    assert code(restore_record, by=world.office.actor, record=restored.pk, reason=" ") == "reason-missing"
    assert restore_record(by=world.office.actor, record=restored.pk, reason="再核").revision == 3


def test_a_record_is_restored_once_however_often_it_is_voided(world, record, restored):
    by = world.office.actor
    assert code(restore_record, by=by, record=record.pk, reason="再来") == "already-restored"
    void_record(by=by, record=restored.pk, reason="还是误报")
    assert code(restore_record, by=by, record=record.pk, reason="再来") == "already-restored"
    assert restore_record(by=by, record=restored.pk, reason="再核").revision == 3
    assert list(Record.objects.in_force().values_list("revision", "minutes")) == [(3, 60)]
