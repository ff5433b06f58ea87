"""What was entered before, beside and after a merge or split of units: every post is at the school its group stands below, and
none at a unit that is no more."""

from datetime import date, datetime

import pytest

from tests.organisations.posts import posts
from tests.organisations.rosters import apply, row_of, whole
from tests.organisations.test_merge_units import BY, ON, merge, people_of, refusal, undo
from tests.world import SINCE
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import (
    close_unit,
    enter_person,
    found_unit,
    merge_people,
    move_unit,
    post_person,
    reopen_unit,
    split_unit,
    transfer_person,
    undo_roster,
    unmerge_people,
)
from weineng.organisations.models import Edge, Posting, Unit
from weineng.organisations.queries import preview_merge
from weineng.organisations.rules import Post

LATER = date(2026, 3, 1)


def astray():
    """Posts at a group on days on which it stands below another school, and at units that are no more."""
    rows = Posting.objects.select_related("unit").order_by("pk")
    found = [row for row in rows if row.unit.closed_on and (row.during.upper or date.max) > row.unit.closed_on]
    for row in rows.filter(unit__level="group"):
        edges = Edge.objects.filter(child=row.unit, kind="line", during__overlap=row.during)
        found += [row for parent in edges.order_by("pk").values_list("parent", flat=True) if parent != row.school_id]
    return [(row.person_id, row.unit.name, row.school_id, row.during) for row in found]


@pytest.fixture
def same(world):
    """A group of the other school that bears the name of the kindergarten's."""
    return found_unit(by=BY, parent=world.vocational, name="学前综合教研组", level="group", kind="group").pk


def test_who_came_to_a_group_that_went_along_goes_back_with_it(world):
    row = merge(world, world.kindergarten, world.vocational)
    came = enter_person(by=BY, name="新来的", post=Post(world.play), on=LATER).pk
    other = enter_person(by=BY, name="另一位", post=Post(world.vocational), on=LATER).pk
    undo(world, row)
    assert astray() == []
    assert posts(came) == [(world.play, True, LATER, None)]
    assert Posting.objects.get(person=came).school_id == world.kindergarten
    assert came in people_of(world.kindergarten, LATER)
    assert posts(other) == [(world.vocational, True, LATER, None)]


def test_a_group_that_has_moved_on_since_is_not_joined(world, same):
    move_unit(by=BY, unit=world.play, to=world.nine_year, on=LATER)
    assert preview_merge(by=BY, unit=world.kindergarten, into=world.vocational, on=ON).joined == ()
    row = merge(world, world.kindergarten, world.vocational)
    assert astray() == []
    teacher = world.kindergarten_teachers[0].person
    assert list(Posting.objects.filter(person=teacher).order_by("during").values_list("school", flat=True)) == [
        world.kindergarten, world.vocational, world.nine_year,
    ]  # fmt: skip
    undo(world, row)
    assert astray() == []
    assert Unit.objects.get(pk=world.play).closed_on is None


def test_who_is_split_off_a_group_that_has_moved_on_since_is_at_the_school_of_the_new_group(world):
    move_unit(by=BY, unit=world.play, to=world.vocational, on=LATER)
    teacher = world.kindergarten_teachers[0].person
    row = split_unit(by=BY, unit=world.play, name="小班教研组", people=[teacher], on=ON, reason="分组")
    assert astray() == []
    assert posts(teacher)[-1] == (row.other_id, True, ON, None)
    undo(world, row)
    assert astray() == []


def test_nobody_is_joined_with_a_group_that_has_moved_on_since(world, same):
    move_unit(by=BY, unit=same, to=world.nine_year, on=LATER)
    merge(world, world.kindergarten, world.vocational)
    assert astray() == []
    assert Unit.objects.get(pk=world.play).closed_on is None


def test_records_parted_after_a_merge_of_units_are_where_the_units_went(world, same):
    one, two = (member.person for member in world.kindergarten_teachers)
    post_person(by=BY, person=two, post=Post(world.kindergarten), on=date(2025, 10, 1))
    people = merge_people(by=BY, kept=one, gone=two, reason="重复", end_numbers=True)
    merge(world, world.kindergarten, world.vocational)
    unmerge_people(by=BY, merge=people.pk, reason="误录", leave_numbers=True)
    assert astray() == []
    assert [post[:2] for post in posts(one)] == [(world.play, True), (same, True)]
    assert {post[:2] for post in posts(two) if post[3] is None} == {(same, True), (world.vocational, False)}


def test_records_parted_after_a_unit_was_closed_are_there_until_then(world):
    teachers = [member.person for member in (*world.kindergarten_teachers, world.kindergarten_cio)]
    people = merge_people(by=BY, kept=teachers[0], gone=teachers[1], reason="重复", end_numbers=True)
    for person in (teachers[0], teachers[2]):
        transfer_person(by=BY, person=person, post=Post(world.vocational), on=ON)
    close_unit(by=BY, unit=world.play, on=ON)
    unmerge_people(by=BY, merge=people.pk, reason="误录", leave_numbers=True)
    assert astray() == []
    assert posts(teachers[1]) == [(world.play, True, SINCE, ON)]


def test_a_roster_is_not_taken_back_to_a_unit_that_is_no_more(world):
    one, two = world.kindergarten_teachers
    moved = (row_of(member, world, number, school=world.nine_year) for number, member in ((2, one), (3, two)))
    rows = (*moved, row_of(world.kindergarten_cio, world, 4))
    roster = apply(world, *rows).roster
    merge(world, world.kindergarten, world.vocational, on=LATER)
    before = whole()
    assert refusal(undo_roster, by=world.office.actor, roster=roster) == "roster-in-use"
    assert whole() == before


def test_records_parted_after_a_split_are_at_the_school_of_their_group(world):
    people = merge_people(
        by=BY, kept=world.two_posts.person, gone=world.teacher.person, reason="重复", end_numbers=True
    )
    row = split_unit(by=BY, unit=world.nine_year, name="分校", groups=[world.maths], on=ON, reason="分校独立")
    unmerge_people(by=BY, merge=people.pk, reason="误录", leave_numbers=True)
    assert astray() == []
    assert world.teacher.person in people_of(row.other_id, ON)


def test_a_school_that_was_opened_again_is_merged_once_more(world):
    first = merge(world, world.kindergarten, world.vocational)
    reopen_unit(by=BY, unit=world.kindergarten)
    came = enter_person(by=BY, name="新来的", post=Post(world.kindergarten), on=LATER).pk
    second = merge(world, world.kindergarten, world.vocational, on=date(2026, 4, 1))
    assert posts(came)[-1] == (world.vocational, True, date(2026, 4, 1), None)
    assert refusal(undo, world, first) == "reorganised-since"
    undo(world, second)
    assert posts(came) == [(world.kindergarten, True, LATER, None)]


def test_that_a_unit_is_going_to_be_closed_is_told_as_such(world, set_clock):
    set_clock(datetime(2026, 2, 20, 9, tzinfo=CIVIL))
    merge(world, world.kindergarten, world.vocational, on=date(2026, 9, 1))
    with pytest.raises(Refused, match="将撤销") as refused:
        enter_person(by=BY, name="新来的", post=Post(world.kindergarten), on=LATER)
    assert refused.value.code == "unit-closed"
