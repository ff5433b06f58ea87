"""Reviewers are told in one message a programme how many dossiers wait and till when, and of what is no longer theirs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.assessment.panel import hand_in, rate, settle, through_advice, waiting
from weineng.accounts.models import Grant
from weineng.assessment.models import Assignment
from weineng.evidence.actions import withdraw_submission
from weineng.kernel.clock import now
from weineng.notices.actions import read_messages
from weineng.notices.models import Message

pytestmark = pytest.mark.slow


def messages(person, event="reviews-waiting"):
    return list(Message.objects.filter(person=getattr(person, "person", person), event=event).order_by("pk"))


def counts(person):
    """(how many wait, first day, whether it is read) of each message a person has."""
    return [(row.params["count"], row.params["due"], row.read_at is not None) for row in messages(person)]


def given(person):
    """How many dossiers wait for somebody and the first day, by the assignments themselves."""
    rows = Assignment.objects.filter(reviewer=person, state__in=("assigned", "opened")).exclude(role="self")
    days = sorted(str(row.due_on) for row in rows)
    return len(days), days[0] if days else None


def test_a_set_of_dossiers_makes_one_message_for_each_reviewer(world, p4):
    for point in ("A1", "A2", "A3"):
        for member in (world.teacher, world.colleague):
            hand_in(p4, member, point)
    settle()
    for part in Assignment.objects.filter(role="self"):
        rate(world, part, "pass")
    settle()
    asked = set(Assignment.objects.exclude(role="self").values_list("reviewer", flat=True))
    assert asked == {world.teacher.person, world.colleague.person, world.leader.person, world.two_posts.person}
    for person in asked:
        assert counts(person) == [(*given(person), False)]
    assert set(Message.objects.filter(event="reviews-waiting").values_list("person", flat=True)) == asked


def test_more_before_it_was_seen_extends_the_message(world, p4, set_clock):
    through_advice(world, hand_in(p4, world.teacher))
    first = {member.person: counts(member) for member in world.panel}
    later = now() + timedelta(hours=2)
    set_clock(later)
    for point in ("A2", "A3"):
        through_advice(world, hand_in(p4, world.teacher, point))
    for member in world.panel:
        assert counts(member) == [(*given(member.person), False)]
    asked = [person for person, told_first in first.items() if told_first]
    assert len(asked) == 2
    assert all(messages(person)[0].at >= later for person in asked)


def test_more_after_it_was_read_is_told_again(world, p4, set_clock):
    Grant.objects.filter(role="panel-member", person=world.panel[2].person).delete()
    through_advice(world, hand_in(p4, world.teacher))
    member = world.panel[0]
    due = given(member.person)[1]
    read_messages(by=member.actor)
    set_clock(now() + timedelta(days=1))
    through_advice(world, hand_in(p4, world.teacher, "A2"))
    assert counts(member) == [(1, due, True), (2, due, False)]


def test_more_after_it_was_mailed_is_told_again_and_the_first_counts_as_read(world, p4, set_clock):
    Grant.objects.filter(role="panel-member", person=world.panel[2].person).delete()
    through_advice(world, hand_in(p4, world.teacher))
    member = world.panel[0]
    due = given(member.person)[1]
    Message.objects.filter(person=member.person).update(mailed_at=now())
    set_clock(now() + timedelta(days=1))
    through_advice(world, hand_in(p4, world.teacher, "A2"))
    assert counts(member) == [(1, due, True), (2, due, False)]


def test_what_its_author_takes_back_is_no_longer_counted(world, p4):
    kept, taken = hand_in(p4, world.colleague), hand_in(p4, world.teacher)
    settle()
    for part in Assignment.objects.filter(role="self"):
        rate(world, part, "pass")
    settle()
    before = {person: given(person) for person in Assignment.objects.values_list("reviewer", flat=True)}
    withdraw_submission(by=world.teacher.actor, submission=taken.pk)
    settle()
    lost = {part.reviewer_id for part in Assignment.objects.filter(run__dossier__submission=taken, role="peer")}
    assert lost != set()
    for person in before:
        assert counts(person) == ([(*given(person), False)] if given(person)[0] else [])
    assert {part.reviewer_id for part in waiting(kept, "peer")} != set()


@pytest.mark.parametrize("dossiers", [1, 3])
def test_a_round_asks_as_often_for_many_as_for_one(world, p4, dossiers):
    for point in ("A1", "A2", "A3")[:dossiers]:
        hand_in(p4, world.teacher, point)
    settle()
    for part in Assignment.objects.filter(role="self"):
        rate(world, part, "pass")
    with CaptureQueriesContext(connection) as caught:
        settle()
    assert len([query for query in caught if "notices_message" in query["sql"]]) == 2
