from datetime import date

import pytest

from tests.organisations.posts import posts
from tests.world import SINCE
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import post_person
from weineng.organisations.models import Change
from weineng.organisations.queries import home_leaves, members_of
from weineng.organisations.rules import Post

DAY, END = date(2026, 2, 1), date(2026, 7, 1)


def test_a_second_post_is_shown_and_not_counted(world):
    post_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=DAY, until=END)
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, None), (world.play, False, DAY, END)]
    assert world.teacher.person in {p.pk for p in members_of(world.play, DAY)}
    assert [row["leaf"] for row in home_leaves([world.teacher.person], DAY)] == [world.maths]
    change = Change.objects.get(person=world.teacher.person)
    assert (change.during.lower, change.during.upper) == (DAY, END)


def test_who_has_no_post_gets_a_home_post(world):
    post_person(by=world.cio.actor, person=world.unplaced.person, post=Post(world.maths), on=DAY)
    assert posts(world.unplaced.person) == [
        (world.chinese, True, SINCE, date(2026, 1, 1)),
        (world.maths, True, DAY, None),
    ]


def test_a_post_that_begins_before_the_home_post_is_home_until_then(world):
    post_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=date(2025, 6, 1))
    assert posts(world.teacher.person) == [
        (world.play, True, date(2025, 6, 1), SINCE), (world.play, False, SINCE, None), (world.maths, True, SINCE, None),
    ]  # fmt: skip


def test_refusals(world):
    for post, on, until, code in (
        (Post(world.maths, subject="物理"), DAY, None, "post-there-already"),
        (Post(world.play), DAY, DAY, "post-ends-too-soon"),
        (Post(world.zone), DAY, None, "post-not-here"),
        (Post(world.play, in_post="gone"), DAY, None, "post-word-unknown"),
    ):
        with pytest.raises(Refused) as refused:
            post_person(by=world.office.actor, person=world.teacher.person, post=post, on=on, until=until)
        assert refused.value.code == code


def test_person_and_unit_must_both_be_within_reach(world):
    for who in (world.wu, world.cio, world.kindergarten_cio, world.teacher):
        with pytest.raises(NotFound):
            post_person(by=who.actor, person=world.teacher.person, post=Post(world.play), on=DAY)
    with pytest.raises(NotFound):
        post_person(by=world.office.actor, person=world.wu.person, post=Post(world.play), on=DAY)
