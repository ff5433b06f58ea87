from dataclasses import replace
from datetime import date

import pytest

from tests.organisations.posts import posts
from tests.world import SINCE
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import change_posting
from weineng.organisations.models import Change, Posting
from weineng.organisations.queries import preview_posts
from weineng.organisations.rules import Post

pytestmark = pytest.mark.slow

DAY = date(2026, 2, 1)


def home(member, **facts):
    row = Posting.objects.get(person=member.person, home=True, **facts)
    post = Post(
        row.unit_id, row.establishment, row.in_post, row.stage, row.subject, row.post, row.staff_number, row.entered_on
    )
    return row, post


def test_a_change_closes_the_row_and_opens_another(world):
    row, post = home(world.teacher)
    new = change_posting(by=world.cio.actor, posting=row.pk, on=DAY, post=replace(post, in_post="retired"))
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, DAY), (world.maths, True, DAY, None)]
    assert (Posting.objects.get(pk=row.pk).in_post, new.in_post, new.establishment) == (
        "in-post",
        "retired",
        "established",
    )
    assert new.pk != row.pk
    change = Change.objects.get(person=world.teacher.person)
    assert (change.during.lower, change.during.upper) == (DAY, None)


def test_a_change_on_the_first_day_is_a_correction(world):
    row, post = home(world.teacher)
    new = change_posting(by=world.cio.actor, posting=row.pk, on=SINCE, post=replace(post, subject="物理"))
    assert [(p.pk, p.subject) for p in Posting.objects.filter(person=world.teacher.person)] == [(new.pk, "物理")]


def test_a_late_change_holds_until_the_next_known_one(world):
    row, post = home(world.teacher)
    change_posting(by=world.cio.actor, posting=row.pk, on=DAY, post=replace(post, post="年级组长"))
    late = date(2025, 11, 1)
    change_posting(by=world.cio.actor, posting=row.pk, on=late, post=replace(post, unit=world.chinese))
    assert posts(world.teacher.person) == [
        (world.maths, True, SINCE, late), (world.chinese, True, late, DAY), (world.maths, True, DAY, None),
    ]  # fmt: skip
    assert preview_posts(by=world.cio.actor, person=world.teacher.person, on=late).posts == 2


def test_changing_back_leaves_what_was_there_before(world):
    row, post = home(world.teacher)
    new = change_posting(by=world.cio.actor, posting=row.pk, on=DAY, post=replace(post, in_post="long-leave"))
    change_posting(by=world.cio.actor, posting=new.pk, on=DAY, post=post)
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, None)]


def test_a_second_post_becomes_the_home_post(world):
    second = Posting.objects.get(person=world.two_posts.person, home=False)
    change_posting(by=world.office.actor, posting=second.pk, on=DAY, home=True)
    rows = Posting.objects.filter(person=world.two_posts.person).order_by("during", "unit")
    assert {(r.unit_id, r.home, r.during.lower) for r in rows} == {
        (world.computing, True, SINCE), (world.maths, False, SINCE), (world.computing, False, DAY), (world.maths, True, DAY),
    }  # fmt: skip


def test_refusals(world):
    row, post = home(world.teacher)
    for change, on, code in (
        (replace(post, unit=world.play), DAY, "other-school"),
        (post, DAY, "nothing-changes"),
        (replace(post, stage="x"), DAY, "post-word-unknown"),
        (replace(post, subject="物理"), date(2025, 8, 31), "post-not-then"),
    ):
        with pytest.raises(Refused) as refused:
            change_posting(by=world.office.actor, posting=row.pk, on=on, post=change)
        assert refused.value.code == code


def test_outside_ones_reach(world):
    row, post = home(world.teacher)
    for who in (world.wu, world.kindergarten_cio, world.teacher, world.principal):
        with pytest.raises(NotFound):
            change_posting(by=who.actor, posting=row.pk, on=DAY, post=replace(post, subject="物理"))
        with pytest.raises(NotFound):
            preview_posts(by=who.actor, person=world.teacher.person, on=DAY)
    with pytest.raises(NotFound):
        change_posting(by=world.office.actor, posting=0, on=DAY, post=post)
