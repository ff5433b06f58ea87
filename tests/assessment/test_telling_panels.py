"""What the panel of a dossier is told: that it waits, that it is theirs no longer, under whichever of two merged records."""

import pytest
from django.utils import translation

from tests.assessment.panel import conclude, hand_in, rate, settle, through_advice, waiting
from tests.assessment.test_telling_reviewers import counts, given, messages
from weineng.accounts.models import Grant
from weineng.assessment.actions import open_review, reassign_review, return_dossier
from weineng.assessment.models import Assignment
from weineng.kernel.clock import now
from weineng.kernel.ids import seal_id
from weineng.notices.models import Message
from weineng.notices.queries import told
from weineng.organisations.actions import merge_people

pytestmark = pytest.mark.slow


def test_panel_and_third_are_told_alike_and_learn_neither_author_nor_each_other(world, advised, p4_advised):
    for part, level in zip(waiting(advised, "panel"), ("fail", "excellent"), strict=True):
        rate(world, part, level)
    settle()
    assert waiting(advised, "third") != []
    for member in world.panel:
        [message] = messages(member)
        assert set(message.params) == {"programme", "count", "due"}
        assert (message.params["programme"], message.link) == (p4_advised.title, "/review/")
        with translation.override("en"):
            text = told(message).text
        assert text.startswith(f"{p4_advised.title['en']}: dossiers that wait for your review: 1, the first until ")
        names = {one.name for one in world.everybody} - {member.name}
        assert not [name for name in names if name in text]


def test_whoever_opens_a_dossier_has_seen_that_some_wait(world, advised):
    one, other = waiting(advised, "panel")
    open_review(by=world.member(one.reviewer_id).actor, assignment=one.pk)
    assert [read for _count, _due, read in counts(one.reviewer_id)] == [True]
    assert [read for _count, _due, read in counts(other.reviewer_id)] == [False]


def test_what_is_given_to_somebody_else_before_it_was_seen_is_not_told(world, advised):
    one, other = waiting(advised, "panel")
    third = next(member for member in world.panel if member.person not in (one.reviewer_id, other.reviewer_id))
    reassign_review(by=world.cio.actor, assignment=one.pk, to=third.person, reason="病假")
    assert counts(one.reviewer_id) == []
    assert counts(other.reviewer_id) == [(*given(other.reviewer_id), False)]
    assert counts(third) == [(*given(third.person), False)]
    assert messages(one.reviewer_id, "review-ended") == []  # nothing of theirs is lost


def test_what_was_mailed_is_not_unsaid_but_no_longer_waits_on_the_bell(world, advised):
    one, _other = waiting(advised, "panel")
    due = given(one.reviewer_id)[1]
    Message.objects.filter(person=one.reviewer_id).update(mailed_at=now())
    reassign_review(by=world.cio.actor, assignment=one.pk, to=None, reason="病假")
    assert counts(one.reviewer_id) == [(1, due, True)]


def test_who_had_begun_is_told_when_it_is_given_to_somebody_else(world, advised, p4_advised, client, sign_in):
    one, other = waiting(advised, "panel")
    reviewer = world.member(one.reviewer_id)
    open_review(by=reviewer.actor, assignment=one.pk)
    reassign_review(by=world.cio.actor, assignment=one.pk, to=None, reason="病假")
    [message] = messages(reviewer, "review-ended")
    assert message.params == {"programme": p4_advised.title}
    assert message.link == f"/review/{seal_id('assessment.assignment', one.pk)}/"
    assert messages(other.reviewer_id, "review-ended") == []
    sign_in(client, reviewer)
    page = client.get(message.link, headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "The office has given this dossier to somebody else" in page.text
    assert world.teacher.name not in page.text


def test_a_return_tells_the_other_one_who_had_begun(world, advised, p4_advised):
    one, other = waiting(advised, "panel")
    for part in (one, other):
        open_review(by=world.member(part.reviewer_id).actor, assignment=part.pk)
    return_dossier(by=world.member(one.reviewer_id).actor, assignment=one.pk, advice="补充材料")
    assert messages(one.reviewer_id, "review-ended") == []
    assert [row.params for row in messages(other.reviewer_id, "review-ended")] == [{"programme": p4_advised.title}]


def test_a_round_with_nothing_new_tells_nobody(world, advised):
    conclude(world, advised, "pass", "pass")
    read = {member.person: counts(member) for member in world.everybody}
    settle()
    assert {member.person: counts(member) for member in world.everybody} == read


def merged(world, gone):
    """A reviewer turns out to be somebody entered twice; returns who they are in force."""
    kept = world.enter("并入者", world.member(gone.person).unit)
    merge_people(by=world.office.actor, kept=kept.person, gone=gone.person, reason="同一人", end_numbers=True)
    return kept


@pytest.fixture
def one_merged(world, advised):
    """A panel member was told of a dossier and is merged into another record then: the review, who they are, the other."""
    part, other = waiting(advised, "panel")
    return part, merged(world, world.member(part.reviewer_id)), other


def on_the_bell(person):
    """(how many wait, whether it is read) of what they read under any record of theirs."""
    rows = Message.objects.of(person.person).filter(event="reviews-waiting").order_by("pk")
    return [(row.params["count"], row.read_at is not None) for row in rows]


def test_a_merged_reviewer_who_opens_the_review_has_seen_it(world, one_merged):
    part, kept, other = one_merged
    assert on_the_bell(kept) == [(1, False)]
    open_review(by=kept.actor, assignment=part.pk)
    assert on_the_bell(kept) == [(1, True)]
    assert counts(other.reviewer_id) == [(*given(other.reviewer_id), False)]


def test_what_a_merged_reviewer_loses_is_told_no_more(world, one_merged):
    part, kept, other = one_merged
    reassign_review(by=world.cio.actor, assignment=part.pk, to=None, reason="病假")
    assert on_the_bell(kept) == []
    assert counts(other.reviewer_id) == [(*given(other.reviewer_id), False)]


def test_what_a_merged_reviewer_gets_further_is_in_one_message(world, p4_advised, one_merged):
    part, kept, other = one_merged
    for member in world.panel:
        if member.person not in (part.reviewer_id, other.reviewer_id):
            Grant.objects.filter(role="panel-member", person=member.person).delete()
    world.grant(kept.person, "panel-member", world.district)
    further = hand_in(p4_advised, world.colleague)
    through_advice(world, further)
    assert {row.reviewer_id for row in waiting(further, "panel")} == {kept.person, other.reviewer_id}
    assert on_the_bell(kept) == [(2, False)]


def test_two_records_of_a_reviewer_told_apart_are_told_as_one(world, advised, p4_advised):
    one, other = (world.member(part.reviewer_id) for part in waiting(advised, "panel"))
    merge_people(by=world.office.actor, kept=one.person, gone=other.person, reason="同一人", end_numbers=True)
    further = hand_in(p4_advised, world.colleague)
    through_advice(world, further)
    left = Assignment.objects.filter(reviewer__in=(one.person, other.person), state__in=("assigned", "opened"))
    assert on_the_bell(one) == [(left.exclude(role="self").count(), False)]
