from datetime import date

import pytest

from tests.organisations.posts import posts
from tests.organisations.test_change_posting import home
from tests.world import SINCE
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import end_posting, post_person
from weineng.organisations.models import Change, Posting
from weineng.organisations.queries import home_leaves
from weineng.organisations.rules import Post

DAY = date(2026, 2, 1)


def test_who_has_no_post_is_counted_as_unplaced_where_the_last_one_was(world):
    row, _ = home(world.teacher)
    end_posting(by=world.cio.actor, posting=row.pk, on=DAY, reason="left the profession")
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, DAY)]
    assert list(home_leaves([world.teacher.person], DAY)) == [
        {"person": world.teacher.person, "leaf": world.maths, "leaf_kind": "unplaced"}
    ]
    assert Change.objects.get(person=world.teacher.person).during.lower == DAY


def test_a_wrong_end_is_taken_back(world):
    row, _ = home(world.teacher)
    end_posting(by=world.cio.actor, posting=row.pk, on=DAY)
    end_posting(by=world.cio.actor, posting=row.pk, on=None)
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, None)]


def test_the_post_that_goes_on_becomes_the_home_post(world):
    row, _ = home(world.two_posts)
    end_posting(by=world.office.actor, posting=row.pk, on=DAY)
    assert [row["leaf"] for row in home_leaves([world.two_posts.person], DAY)] == [world.maths]
    assert sum(p.home for p in Posting.objects.filter(person=world.two_posts.person, during__contains=DAY)) == 1
    with pytest.raises(Refused) as refused:
        end_posting(by=world.office.actor, posting=row.pk, on=None)
    assert refused.value.code == "home-post-overlaps"


def test_refusals(world):
    row, _ = home(world.teacher)
    with pytest.raises(Refused) as refused:
        end_posting(by=world.cio.actor, posting=row.pk, on=SINCE)
    assert refused.value.code == "post-ends-too-soon"


def test_outside_ones_reach(world):
    row, _ = home(world.teacher)
    for who in (world.wu, world.kindergarten_cio, world.teacher):
        with pytest.raises(NotFound):
            end_posting(by=who.actor, posting=row.pk, on=DAY)
    second = post_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=DAY)
    with pytest.raises(NotFound):
        end_posting(by=world.cio.actor, posting=second.pk, on=date(2026, 3, 1))
