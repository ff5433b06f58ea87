"""Reviewers are told in one message a programme how many dossiers wait and till when, and of what is no longer theirs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.assessment.panel import decide, hand_in, rate, settle, through_advice, waiting
from weineng.accounts.models import Grant
from weineng.assessment.actions import open_review, reassign_review, return_dossier
from weineng.assessment.models import Assignment
from weineng.evidence.actions import withdraw_submission
from weineng.kernel.clock import now
from weineng.kernel.ids import seal_id
from weineng.notices.actions import read_messages
from weineng.notices.models import Message
from weineng.notices.queries import told
from weineng.organisations.actions import merge_people

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


def test_panel_and_third_are_told_alike_and_learn_neither_author_nor_each_other(world, p4):
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    for part, level in zip(waiting(submission, "panel"), ("fail", "excellent"), strict=True):
        rate(world, part, level)
    settle()
    assert waiting(submission, "third") != []
    for member in world.panel:
        [message] = messages(member)
        assert set(message.params) == {"programme", "count", "due"}
        assert (message.params["programme"], message.link) == (p4.title, "/review/")
        with translation.override("en"):
            text = told(message).text
        assert text.startswith(f"{p4.title['en']}: dossiers that wait for your review: 1, the first until ")
        names = {one.name for one in world.everybody} - {member.name}
        assert not [name for name in names if name in text]


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


def test_whoever_opens_a_dossier_has_seen_that_some_wait(world, p4):
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    one, other = waiting(submission, "panel")
    open_review(by=world.member(one.reviewer_id).actor, assignment=one.pk)
    assert [read for _count, _due, read in counts(one.reviewer_id)] == [True]
    assert [read for _count, _due, read in counts(other.reviewer_id)] == [False]


def test_what_is_given_to_somebody_else_before_it_was_seen_is_not_told(world, p4):
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    one, other = waiting(submission, "panel")
    third = next(member for member in world.panel if member.person not in (one.reviewer_id, other.reviewer_id))
    reassign_review(by=world.cio.actor, assignment=one.pk, to=third.person, reason="病假")
    assert counts(one.reviewer_id) == []
    assert counts(other.reviewer_id) == [(*given(other.reviewer_id), False)]
    assert counts(third) == [(*given(third.person), False)]
    assert messages(one.reviewer_id, "review-ended") == []  # nothing of theirs is lost


def test_what_was_mailed_is_not_unsaid_but_no_longer_waits_on_the_bell(world, p4):
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    one, _other = waiting(submission, "panel")
    due = given(one.reviewer_id)[1]
    Message.objects.filter(person=one.reviewer_id).update(mailed_at=now())
    reassign_review(by=world.cio.actor, assignment=one.pk, to=None, reason="病假")
    assert counts(one.reviewer_id) == [(1, due, True)]


def test_who_had_begun_is_told_when_it_is_given_to_somebody_else(world, p4, client, sign_in):
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    one, other = waiting(submission, "panel")
    reviewer = world.member(one.reviewer_id)
    open_review(by=reviewer.actor, assignment=one.pk)
    reassign_review(by=world.cio.actor, assignment=one.pk, to=None, reason="病假")
    [message] = messages(reviewer, "review-ended")
    assert message.params == {"programme": p4.title}
    assert message.link == f"/review/{seal_id('assessment.assignment', one.pk)}/"
    assert messages(other.reviewer_id, "review-ended") == []
    sign_in(client, reviewer)
    page = client.get(message.link, headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "The office has given this dossier to somebody else" in page.text
    assert world.teacher.name not in page.text


def test_a_return_tells_the_other_one_who_had_begun(world, p4):
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    one, other = waiting(submission, "panel")
    for part in (one, other):
        open_review(by=world.member(part.reviewer_id).actor, assignment=part.pk)
    return_dossier(by=world.member(one.reviewer_id).actor, assignment=one.pk, advice="补充材料")
    assert messages(one.reviewer_id, "review-ended") == []
    assert [row.params for row in messages(other.reviewer_id, "review-ended")] == [{"programme": p4.title}]


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


def test_a_round_with_nothing_new_tells_nobody(world, p4):
    submission = hand_in(p4, world.teacher)
    decide(world, submission, "pass", "pass")
    read = {member.person: counts(member) for member in world.everybody}
    settle()
    assert {member.person: counts(member) for member in world.everybody} == read


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


def merged(world, gone):
    """A reviewer turns out to be somebody entered twice; returns who they are in force."""
    kept = world.enter("并入者", world.member(gone.person).unit)
    merge_people(by=world.office.actor, kept=kept.person, gone=gone.person, reason="同一人", end_numbers=True)
    return kept


@pytest.fixture
def one_merged(world, p4):
    """A panel member was told of a dossier and is merged into another record then: the review, who they are, the other."""
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    part, other = waiting(submission, "panel")
    return part, merged(world, world.member(part.reviewer_id)), other


def on_the_bell(person):
    """(how many wait, whether it is read) of what they read under any record of theirs."""
    rows = Message.objects.of(person.person).filter(event="reviews-waiting").order_by("pk")
    return [(row.params["count"], row.read_at is not None) for row in rows]


def test_a_merged_reviewer_who_opens_the_review_has_seen_it(world, p4, one_merged):
    part, kept, other = one_merged
    assert on_the_bell(kept) == [(1, False)]
    open_review(by=kept.actor, assignment=part.pk)
    assert on_the_bell(kept) == [(1, True)]
    assert counts(other.reviewer_id) == [(*given(other.reviewer_id), False)]


def test_what_a_merged_reviewer_loses_is_told_no_more(world, p4, one_merged):
    part, kept, other = one_merged
    reassign_review(by=world.cio.actor, assignment=part.pk, to=None, reason="病假")
    assert on_the_bell(kept) == []
    assert counts(other.reviewer_id) == [(*given(other.reviewer_id), False)]


def test_what_a_merged_reviewer_gets_further_is_in_one_message(world, p4, one_merged):
    part, kept, other = one_merged
    for member in world.panel:
        if member.person not in (part.reviewer_id, other.reviewer_id):
            Grant.objects.filter(role="panel-member", person=member.person).delete()
    world.grant(kept.person, "panel-member", world.district)
    further = hand_in(p4, world.colleague)
    through_advice(world, further)
    assert {row.reviewer_id for row in waiting(further, "panel")} == {kept.person, other.reviewer_id}
    assert on_the_bell(kept) == [(2, False)]


def test_two_records_of_a_reviewer_told_apart_are_told_as_one(world, p4):
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    one, other = (world.member(part.reviewer_id) for part in waiting(submission, "panel"))
    merge_people(by=world.office.actor, kept=one.person, gone=other.person, reason="同一人", end_numbers=True)
    further = hand_in(p4, world.colleague)
    through_advice(world, further)
    left = Assignment.objects.filter(reviewer__in=(one.person, other.person), state__in=("assigned", "opened"))
    assert on_the_bell(one) == [(left.exclude(role="self").count(), False)]
