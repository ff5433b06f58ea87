"""An exemption is asked for by one and granted by another, holds on its dates, and can be ended."""

from datetime import date

import pytest
from django.utils.translation import override

from tests.district import second_office
from weineng.kernel.actors import Actor
from weineng.notices.models import Message
from weineng.notices.queries import told
from weineng.organisations.actions import merge_people
from weineng.programmes.actions import ask_exemption, end_exemption, grant_exemption
from weineng.programmes.models import Exemption, Touched


@pytest.fixture
def second(world):
    return second_office(world)


@pytest.fixture
def asked(world, enrolled):
    return ask(world, enrolled)


def ask(world, enrolled, **changes):
    call = {
        "by": world.office.actor, "enrolment": enrolled[world.teacher.person].pk, "demand": "research",
        "starts": date(2026, 1, 1), "ends": date(2026, 6, 30), "reason": "产假",
    }  # fmt: skip
    return ask_exemption(**(call | changes))


def behalf(member, of):
    """What `member` may do acting for `of`."""
    actor = of.actor
    return Actor(person=member.person, on_behalf_of=of.person, door="web", nodes=actor.nodes)


def test_it_holds_once_a_second_person_granted_it(world, asked, second):
    assert not Exemption.objects.in_force(date(2026, 2, 1)).exists()
    Touched.objects.all().delete()
    row = grant_exemption(by=second.actor, exemption=asked.pk)
    assert (row.asked_by, row.granted_by) == (world.office.person, second.person)
    assert [list(Exemption.objects.in_force(day)) for day in (date(2025, 12, 31), date(2026, 7, 1))] == [[], []]
    assert [list(Exemption.objects.in_force(day)) for day in (date(2026, 1, 1), date(2026, 6, 30))] == [[row], [row]]
    assert list(Touched.objects.values_list("enrolment", flat=True)) == [asked.enrolment_id]
    message = Message.objects.get(event="exemption-granted")
    assert message.person == world.teacher.person
    with override("en"):
        assert told(message).text == "You are exempt from School-based research on the points: 产假"


def test_nobody_behind_the_asking_may_grant_it(world, asked, second, refusal):
    refused = [
        world.office.actor,  # who asked
        behalf(second, world.office),  # for who asked
        behalf(world.office, second),  # who asked, for another
        behalf(world.teacher, second),  # whom it concerns, for another
        Actor(door="settle", system=True),
    ]
    for by in refused:
        assert refusal(grant_exemption, by=by, exemption=asked.pk) == "self-approval"
    assert Exemption.objects.get().granted_at is None


def test_whom_the_asker_acted_for_may_not_grant_it_either(world, enrolled, second, refusal):
    asked = ask(world, enrolled, by=behalf(world.office, second))
    assert (asked.asked_by, asked.asked_for) == (world.office.person, second.person)
    assert refusal(grant_exemption, by=second.actor, exemption=asked.pk) == "self-approval"


def test_nor_whoever_asked_under_another_record(world, enrolled, asked, second, refusal):
    world.grant(world.loner.person, "office", world.district)
    merged = {"kept": world.loner.person, "gone": second.person, "reason": "同一个人", "end_numbers": True}
    other = ask(world, enrolled, by=second.actor, demand="online")
    deputy = behalf(world.wu, second)
    merge_people(by=world.office.actor, **merged)
    assert refusal(grant_exemption, by=world.loner.actor, exemption=other.pk) == "self-approval"
    assert refusal(grant_exemption, by=deputy, exemption=other.pk) == "self-approval"
    assert grant_exemption(by=world.loner.actor, exemption=asked.pk).granted_by == world.loner.person


def test_others_find_nothing(world, enrolled, asked, refusal):
    for who in (world.teacher, world.cio, world.principal, world.wu, world.auditor):
        assert refusal(ask, world=world, enrolled=enrolled, by=who.actor) == "not-found"
        assert refusal(grant_exemption, by=who.actor, exemption=asked.pk) == "not-found"
        assert refusal(end_exemption, by=who.actor, exemption=asked.pk, reason="x") == "not-found"


def test_refusals_of_asking(world, enrolled, asked, refusal):
    call = {"world": world, "enrolled": enrolled}
    assert refusal(ask, **call) == "already-asked"
    assert refusal(ask, **call, starts=date(2026, 6, 30), ends=None) == "already-asked"
    assert refusal(ask, **call, demand="sleep") == "demand-unknown"
    assert refusal(ask, **call, demand="*", reason=" ") == "reason-missing"
    assert refusal(ask, **call, demand="*", ends=date(2025, 12, 31)) == "dates-out-of-order"
    assert ask(world, enrolled, starts=date(2026, 7, 1), ends=None).pk
    assert ask(world, enrolled, demand="*").pk


def test_it_can_be_turned_down_or_taken_back_and_asked_for_again(world, enrolled, asked, second, refusal):
    assert refusal(end_exemption, by=second.actor, exemption=asked.pk, reason="") == "reason-missing"
    end_exemption(by=second.actor, exemption=asked.pk, reason="没有证明")
    assert Message.objects.filter(event="exemption-ended").count() == 0  # it never held
    assert refusal(grant_exemption, by=second.actor, exemption=asked.pk) == "exemption-ended"
    again = ask(world, enrolled)
    grant_exemption(by=second.actor, exemption=again.pk)
    assert refusal(grant_exemption, by=second.actor, exemption=again.pk) == "already-granted"
    end_exemption(by=world.office.actor, exemption=again.pk, reason="提前返校")
    assert not Exemption.objects.in_force(date(2026, 2, 1)).exists()
    assert Message.objects.filter(event="exemption-ended").count() == 1
    assert refusal(end_exemption, by=world.office.actor, exemption=again.pk, reason="x") == "exemption-ended"
