"""What is told about two records that are one person reaches the account of the person in force; parted again, each its own."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail

from tests.assessment.panel import enrolled
from tests.district import second_office
from weineng.accounts.models import Grant
from weineng.assessment.actions import ResultRow, import_results, take_back_results
from weineng.assessment.models import ResultsSheet
from weineng.audit.effects import record
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import bring_hours, take_back_hours
from weineng.learning.models import HoursSheet
from weineng.learning.rules import RecordRow
from weineng.notices.actions import read_messages, send_due
from weineng.notices.effects import notify
from weineng.notices.models import Message
from weineng.notices.queries import own_messages, unread_count
from weineng.organisations.actions import merge_people, unmerge_people
from weineng.organisations.models import Person
from weineng.planning.queries import people_in_charge
from weineng.programmes.actions import ask_exemption, end_exemption, grant_exemption

NOW = datetime(2026, 3, 2, 9, tzinfo=CIVIL)
LOOP = platform("settle")


@pytest.fixture(autouse=True)
def _now(world, set_clock):
    set_clock(NOW)


def merge(world):
    """The colleague turns out to be the teacher, entered twice."""
    pair = {"kept": world.teacher.person, "gone": world.colleague.person}
    return merge_people(by=world.office.actor, reason="同一人", end_numbers=True, **pair)


def part(world, merged):
    unmerge_people(by=world.office.actor, merge=merged.pk, reason="两个人")


def told(member, event):
    """What the account of a member reads of an event: its params without the words."""
    rows = own_messages(member.actor).filter(event=event)
    return [
        {key: value for key, value in row.params.items() if key in ("count", "source")} for row in rows.order_by("pk")
    ]


def hours(world):
    rows = [
        RecordRow(
            name, "id-card", member.number, member.name, "online", f"c-{name}", "微课", NOW - timedelta(days=2),
            NOW - timedelta(days=1), 60,
        )
        for name, member in (("a", world.teacher), ("b", world.teacher), ("c", world.colleague))
    ]  # fmt: skip
    bring_hours(by=world.office.actor, provider="qingyun", rows=rows, name="三月.xlsx")


def take_hours_back(world):
    take_back_hours(by=world.office.actor, sheet=HoursSheet.objects.get().pk, reason="发错了")


def results(world):
    rows = [
        ResultRow("id-card", member.number, member.name, "point", point, "pass", date(2026, 2, 1))
        for member, point in ((world.teacher, "A1"), (world.teacher, "A2"), (world.colleague, "A1"))
    ]
    import_results(by=world.office.actor, programme="p4-district", unit=world.district, rows=rows, name="结果.xlsx")


def take_results_back(world):
    take_back_results(by=world.office.actor, sheet=ResultsSheet.objects.get().pk, reason="发错了")


@pytest.fixture
def brought(world, p4):
    for member in (world.teacher, world.colleague):
        enrolled(p4, member, "A1", "A2")
    hours(world)
    results(world)


TAKEN_BACK = [(take_hours_back, "hours-taken-back"), (take_results_back, "results-taken-back")]


@pytest.mark.parametrize(("take_back", "event"), TAKEN_BACK)
def test_taken_back_after_a_merge_is_told_once_to_the_person_in_force(world, brought, take_back, event):
    merge(world)
    take_back(world)
    assert list(Message.objects.filter(event=event).values_list("person", "params__count")) == [
        (world.teacher.person, 3)
    ]
    assert [one["count"] for one in told(world.teacher, event)] == [3]
    assert [one["count"] for one in told(world.colleague, event)] == []


@pytest.mark.parametrize(("take_back", "event"), TAKEN_BACK)
def test_taken_back_after_a_merge_was_undone_is_told_to_each(world, brought, take_back, event):
    part(world, merge(world))
    take_back(world)
    assert [one["count"] for one in told(world.teacher, event)] == [2]
    assert [one["count"] for one in told(world.colleague, event)] == [1]


def test_what_was_told_before_a_merge_is_read_by_the_person_in_force_until_it_is_undone(world, brought):
    mine, theirs = told(world.teacher, "hours-recorded"), told(world.colleague, "hours-recorded")
    before = unread_count(world.teacher.actor), unread_count(world.colleague.actor)
    assert min(before) > 0
    merged = merge(world)
    Message.objects.filter(event="records-merged").delete()
    assert told(world.teacher, "hours-recorded") == [*mine, *theirs]
    assert unread_count(world.teacher.actor) == sum(before)
    part(world, merged)
    Message.objects.filter(event="records-parted").delete()
    assert (told(world.teacher, "hours-recorded"), told(world.colleague, "hours-recorded")) == (mine, theirs)
    assert (unread_count(world.teacher.actor), unread_count(world.colleague.actor)) == before


def test_reading_all_reads_what_either_record_was_told(world, brought):
    merge(world)
    read_messages(by=world.teacher.actor)
    assert unread_count(world.teacher.actor) == 0


def test_an_exemption_of_the_other_record_is_told_to_the_person_in_force(world, p4):
    row = enrolled(p4, world.colleague)
    second = second_office(world)
    asked = ask_exemption(
        by=world.office.actor, enrolment=row.pk, demand="research", starts=NOW.date(), ends=date(2026, 6, 30), reason="产假"
    )  # fmt: skip
    merge(world)
    grant_exemption(by=second.actor, exemption=asked.pk)
    end_exemption(by=second.actor, exemption=asked.pk, reason="已返岗")
    rows = Message.objects.filter(event__startswith="exemption-").order_by("pk")
    assert list(rows.values_list("event", "person")) == [
        ("exemption-granted", world.teacher.person), ("exemption-ended", world.teacher.person),
    ]  # fmt: skip


def test_who_is_in_charge_is_the_person_in_force_of_each_role(world):
    Grant.objects.filter(role="principal", unit=world.nine_year).update(person=world.colleague.person)
    assert people_in_charge(world.nine_year, "cio", "principal") == {world.cio.person, world.colleague.person}
    Person.objects.filter(pk=world.colleague.person).update(merged_into=world.teacher.person)
    assert people_in_charge(world.nine_year, "cio", "principal") == {world.cio.person, world.teacher.person}


def test_the_digest_goes_to_the_person_in_force_in_one_mail(world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Person.objects.filter(pk=world.teacher.person).update(mail="kept@example.test")
    Person.objects.filter(pk=world.colleague.person).update(mail="gone@example.test")
    Message.objects.all().delete()
    cause = record(by=LOOP, verb="planning.approve")
    pair = [world.teacher.person, world.colleague.person]
    for event in ("plan-approved", "group-plan-published"):
        notify(cause=cause, event=event, people=pair, params={"group": "数学", "theme": "课"}, about="plan:1")
    merged = merge(world)
    Message.objects.filter(event="records-merged").delete()
    assert send_due(by=LOOP) == 4
    assert [sent.to for sent in mail.outbox] == [["kept@example.test"]]
    notify(cause=cause, event="plan-approved", people=pair[1:], about="plan:2")
    assert send_due(by=LOOP) == 0  # they had their digest of the day
    part(world, merged)
    Message.objects.filter(event="records-parted").delete()
    Message.objects.filter(person=world.colleague.person, mailed_at__isnull=False).delete()
    assert send_due(by=LOOP) == 1
    assert [sent.to for sent in mail.outbox[1:]] == [["gone@example.test"]]
