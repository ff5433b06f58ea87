from dataclasses import replace
from datetime import date

import pytest

from tests.organisations.posts import posts
from tests.organisations.test_change_posting import home
from tests.world import SINCE
from weineng.audit.models import Line
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import change_posting, transfer_person
from weineng.organisations.models import Posting
from weineng.organisations.queries import home_leaves
from weineng.organisations.rules import Post

DAY = date(2025, 11, 1)


def test_the_home_post_moves_and_the_past_stays(world):
    transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=DAY)
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, DAY), (world.play, True, DAY, None)]
    assert [row["leaf"] for row in home_leaves([world.teacher.person], DAY)] == [world.play]
    assert Line.objects.get(verb="organisations.transfer_person").facts == {"on": "2025-11-01", "left": world.maths}


def test_a_late_transfer_ends_everything_later_at_the_school_left(world):
    row, post = home(world.teacher)
    change_posting(by=world.cio.actor, posting=row.pk, on=date(2026, 1, 1), post=replace(post, unit=world.chinese))
    transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=DAY)
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, DAY), (world.play, True, DAY, None)]


def test_a_late_transfer_leaves_the_next_one_alone(world):
    later = date(2026, 2, 1)
    transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.computing), on=later)
    transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=DAY)
    assert posts(world.teacher.person) == [
        (world.maths, True, SINCE, DAY), (world.play, True, DAY, later), (world.computing, True, later, None),
    ]  # fmt: skip


def test_where_one_had_a_second_post_one_has_the_home_post_now(world):
    transfer_person(
        by=world.office.actor, person=world.two_posts.person, post=Post(world.maths, subject="数学"), on=DAY
    )
    assert posts(world.two_posts.person) == [
        (world.maths, False, SINCE, DAY), (world.computing, True, SINCE, DAY), (world.maths, True, DAY, None),
    ]  # fmt: skip


def test_refusals(world):
    _row, post = home(world.teacher)
    for person, new, on, code in (
        (world.teacher, post, DAY, "same-post"),
        (world.unplaced, Post(world.play), date(2026, 2, 1), "no-home-post"),
        (world.teacher, Post(world.zone), DAY, "post-not-here"),
        (world.teacher, Post(world.play, stage="x"), DAY, "post-word-unknown"),
    ):
        with pytest.raises(Refused) as refused:
            transfer_person(by=world.office.actor, person=person.person, post=new, on=on)
        assert refused.value.code == code


def test_person_old_and_new_unit_must_be_within_reach(world):
    for who in (world.wu, world.cio, world.kindergarten_cio, world.teacher):
        with pytest.raises(NotFound):
            transfer_person(by=who.actor, person=world.teacher.person, post=Post(world.play), on=DAY)
    with pytest.raises(NotFound):  # the second post is the CIO's to see, the home post is another school's
        transfer_person(by=world.cio.actor, person=world.two_posts.person, post=Post(world.maths), on=DAY)
    assert Posting.objects.filter(person=world.two_posts.person).count() == 2
