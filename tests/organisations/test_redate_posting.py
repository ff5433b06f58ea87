from datetime import date

import pytest

from tests.organisations.posts import posts
from tests.world import SINCE
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import found_unit, post_person, redate_posting, transfer_person
from weineng.organisations.models import Posting
from weineng.organisations.rules import Post

DAY = date(2025, 11, 1)


def test_a_wrong_day_is_corrected_on_both_sides(world):
    new = transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=DAY)
    right = date(2025, 12, 1)
    redate_posting(by=world.office.actor, posting=new.pk, on=right)
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, right), (world.play, True, right, None)]
    redate_posting(by=world.office.actor, posting=new.pk, on=DAY)
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, DAY), (world.play, True, DAY, None)]
    with pytest.raises(Refused) as refused:
        redate_posting(by=world.office.actor, posting=new.pk, on=SINCE)
    assert refused.value.code == "post-ends-too-soon"
    with pytest.raises(NotFound):
        redate_posting(by=world.kindergarten_cio.actor, posting=new.pk, on=right)
    with pytest.raises(NotFound):
        redate_posting(by=world.wu.actor, posting=new.pk, on=right)


def test_a_second_post_moves_alone(world):
    second = Posting.objects.get(person=world.two_posts.person, home=False)
    redate_posting(by=world.office.actor, posting=second.pk, on=DAY)
    assert posts(world.two_posts.person) == [(world.computing, True, SINCE, None), (world.maths, False, DAY, None)]


def test_refusals(world):
    office = world.office.actor
    late = found_unit(by=office, parent=world.nine_year, name="英语教研组", level="group", kind="group", opened_on=DAY)
    new = post_person(by=office, person=world.loner.person, post=Post(late.pk), on=date(2025, 12, 1))
    with pytest.raises(Refused) as refused:
        redate_posting(by=office, posting=new.pk, on=date(2025, 10, 31))
    assert refused.value.code == "unit-not-there-yet"
