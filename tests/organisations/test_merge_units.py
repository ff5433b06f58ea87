"""Units are merged and split, and that is taken back: posts, groups and the tree, on both sides of the day."""

from datetime import date

import pytest

from tests.organisations.posts import posts
from tests.world import SINCE
from weineng.accounts.models import Grant
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.refusals import NotFound, Refused
from weineng.notices.models import Message
from weineng.organisations.actions import (
    end_posting,
    enter_person,
    found_unit,
    merge_units,
    move_unit,
    post_person,
    reopen_unit,
    set_flag,
    split_unit,
    undo_reorganisation,
)
from weineng.organisations.models import Closure, Edge, Posting, Unit
from weineng.organisations.queries import path_of, preview_merge, preview_split
from weineng.organisations.reach import people_below
from weineng.organisations.rules import Post

BY = platform("test")
ON = date(2026, 2, 1)
BEFORE = date(2026, 1, 31)


def merge(world, unit, into, *, by=None, on=ON):
    return merge_units(by=by or world.office.actor, unit=unit, into=into, on=on, reason="布局调整")


def undo(world, row, *, by=None):
    return undo_reorganisation(by=by or world.office.actor, reorganisation=row.pk, reason="误录")


def refusal(call, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return refused.value.code


def state():
    """Everything a merge or split may write."""
    return (
        sorted(Posting.objects.values_list("person", "unit", "school", "home", "during", "staff_number").order_by("pk"), key=str),
        sorted(Edge.objects.values_list("child", "parent", "during").order_by("pk"), key=str),
        sorted(Closure.objects.values_list("ancestor", "unit", "depth", "during").order_by("pk"), key=str),
    )  # fmt: skip


def people_of(unit, on):
    return {row["person"] for row in people_below({unit}, on)}


def test_people_and_groups_go_along_from_the_day_and_the_past_stays(world):
    gone, kept = people_of(world.kindergarten, BEFORE), people_of(world.vocational, BEFORE)
    going = preview_merge(by=world.office.actor, unit=world.kindergarten, into=world.vocational, on=ON)
    assert ([group.pk for group in going.groups], going.joined, going.people) == ([world.play], (), len(gone))
    row = merge(world, world.kindergarten, world.vocational)
    assert row.people == len(gone)
    assert people_of(world.kindergarten, BEFORE) == gone
    assert people_of(world.vocational, ON) == gone | kept
    assert [unit.pk for unit in path_of(world.play, ON)][-3:] == [world.district, world.vocational, world.play]
    assert [unit.pk for unit in path_of(world.play, BEFORE)][-2:] == [world.kindergarten, world.play]
    teacher = world.kindergarten_teachers[0].person
    assert posts(teacher) == [(world.play, True, SINCE, ON), (world.play, True, ON, None)]
    schools = Posting.objects.filter(person=teacher).order_by("during").values_list("school", flat=True)
    assert list(schools) == [world.kindergarten, world.vocational]
    assert Unit.objects.get(pk=world.kindergarten).closed_on == ON
    lines = Line.objects.filter(verb="organisations.merge_units")
    assert set(lines.values_list("unit", flat=True)) == {None, world.kindergarten, world.vocational}
    assert set(lines.exclude(subject=None).values_list("subject", flat=True)) == gone
    assert set(Message.objects.filter(event="unit-merge").values_list("person", flat=True)) == gone


def test_groups_of_one_name_are_joined_and_two_posts_at_one_unit_are_one(world):
    same = found_unit(by=BY, parent=world.vocational, name="学前综合教研组", level="group", kind="group")
    one, two = (member.person for member in world.kindergarten_teachers)
    post_person(by=BY, person=one, post=Post(same.pk, staff_number="7"), on=date(2025, 10, 1))
    before = state()
    row = merge(world, world.kindergarten, world.vocational)
    assert posts(one) == [
        (world.play, True, SINCE, ON), (same.pk, False, date(2025, 10, 1), ON), (same.pk, True, ON, None),
    ]  # fmt: skip
    assert posts(two) == [(world.play, True, SINCE, ON), (same.pk, True, ON, None)]
    closed = Unit.objects.filter(closed_on=ON).order_by("pk").values_list("pk", flat=True)
    assert set(closed) == {world.kindergarten, world.play}
    undo(world, row)
    assert [part for part in zip(state(), before, strict=True) if part[0] != part[1]] == []
    assert not Unit.objects.filter(pk__in=(world.kindergarten, world.play), closed_on__isnull=False).exists()


def test_a_merge_holds_for_what_begins_later_and_is_taken_back_exactly(world):
    later = date(2026, 5, 1)
    new = enter_person(by=BY, name="钱小满", post=Post(world.kindergarten, subject="美术"), on=later).pk
    end_posting(
        by=BY, posting=Posting.objects.get(person=world.kindergarten_teachers[1].person).pk, on=date(2026, 4, 1)
    )
    before = state()
    row = merge(world, world.kindergarten, world.nine_year)
    assert posts(new) == [(world.nine_year, True, later, None)]
    assert posts(world.kindergarten_teachers[1].person)[-1] == (world.play, True, ON, date(2026, 4, 1))
    undo(world, row)
    assert state() == before
    assert Message.objects.filter(event="merge-undone").count() == row.people
    assert refusal(undo, world, row) == "reorganisation-undone"
    merge(world, world.kindergarten, world.nine_year)  # and once more


def test_a_group_is_merged_with_another_of_its_school(world):
    before = state()
    row = merge(world, world.maths, world.chinese)
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, ON), (world.chinese, True, ON, None)]
    assert people_of(world.chinese, ON) >= {world.teacher.person, world.chinese_teachers[0].person}
    assert Unit.objects.get(pk=world.maths).closed_on == ON
    undo(world, row)
    assert state() == before


def test_what_is_refused_when_units_are_merged(world):
    assert refusal(merge, world, world.zone, world.nine_year) == "level-not-merged"
    assert refusal(merge, world, world.nine_year, world.maths) == "level-differs"
    assert refusal(merge, world, world.nine_year, world.nine_year) == "same-unit"
    assert refusal(merge, world, world.maths, world.play) == "other-school"
    late = found_unit(by=BY, parent=world.zone, name="新校", level="school", kind="primary", opened_on=ON)
    assert refusal(merge, world, world.nine_year, late.pk, on=BEFORE) == "unit-not-there-yet"
    assert refusal(merge, world, late.pk, world.nine_year, on=BEFORE) == "unit-not-there-yet"
    merge(world, late.pk, world.nine_year, on=date(2026, 3, 1))
    assert refusal(merge, world, late.pk, world.nine_year) == "unit-closed"
    assert refusal(merge, world, world.nine_year, late.pk) == "unit-closed"
    with pytest.raises(NotFound):
        merge(world, world.kindergarten, world.sibling_school)
    with pytest.raises(NotFound):
        merge(world, world.sibling_school, world.kindergarten)
    with pytest.raises(NotFound):
        merge(world, world.kindergarten, world.nine_year, by=world.cio.actor)


def test_people_and_groups_are_split_off_into_a_school_of_their_own(world):
    set_flag(by=BY, unit=world.nine_year, flag="rural", held=True, on=date(2025, 10, 1))
    before = state()
    going = preview_split(
        by=world.office.actor, unit=world.nine_year, groups=[world.maths], people=[world.loner.person], on=ON
    )
    row = split_unit(
        by=world.office.actor, unit=world.nine_year, name="白石第二学校", groups=[world.maths], people=[world.loner.person],
        on=ON, reason="分校独立", kind="junior", stages=["junior"],
    )  # fmt: skip
    new = row.other
    assert (new.kind, new.stages, new.flags, new.opened_on) == ("junior", ["junior"], ["rural"], ON)
    assert [unit.pk for unit in path_of(world.maths, ON)][-3:] == [world.zone, new.pk, world.maths]
    assert posts(world.loner.person) == [(world.nine_year, True, SINCE, ON), (new.pk, True, ON, None)]
    assert posts(world.two_posts.person)[-1][:2] == (world.maths, False)
    assert Posting.objects.get(person=world.two_posts.person, during__contains=ON, home=False).school_id == new.pk
    assert row.people == going.people == len(people_of(new.pk, ON))
    assert going.staying == len(people_of(world.nine_year, ON) - {world.unplaced.person})
    undo(world, row)
    after = state()
    assert (after[0], set(after[1]) - set(before[1])) == (
        before[0],
        {(new.pk, world.zone, Edge.objects.get(child=new).during)},
    )
    assert Unit.objects.get(pk=new.pk).closed_on == ON  # never there
    assert set(Message.objects.filter(event="split-undone").values_list("person", flat=True)) == {
        int(person) for person in row.wrote["posts"]
    }


def test_what_is_refused_when_a_unit_is_split(world):
    def split(**given):
        asked = {"by": world.office.actor, "unit": world.nine_year, "name": "新校", "people": [world.loner.person]}
        return split_unit(**{**asked, "on": ON, "reason": "分校", **given})

    assert refusal(split, people=[]) == "nobody-goes"
    assert refusal(split, people=[world.wu.person]) == "person-not-here"
    assert refusal(split, groups=[world.play]) == "group-not-here"
    assert refusal(split, name="锦霖区第一幼儿园") == "unit-name-taken"
    assert refusal(split, name=" ") == "unit-name-missing"
    assert refusal(split, reason="") == "reason-missing"
    assert refusal(split, unit=world.zone) == "level-not-merged"
    for other in (world.cio, world.wu):
        with pytest.raises(NotFound):
            split(by=other.actor)


def test_what_was_built_on_it_stands_in_the_way_of_taking_it_back(world):
    row = merge(world, world.kindergarten, world.vocational)
    member = world.kindergarten_teachers[0].person
    post = Posting.objects.get(person=member, during__contains=ON)
    end_posting(by=BY, posting=post.pk, on=date(2026, 6, 1))
    assert refusal(undo, world, row) == "posts-changed-since"
    end_posting(by=BY, posting=post.pk, on=None)
    moved = move_unit(by=BY, unit=world.play, to=world.nine_year, on=date(2026, 3, 1))
    assert refusal(undo, world, row) == "posts-changed-since"
    move_unit(by=BY, unit=moved.pk, to=world.vocational, on=date(2026, 3, 1))
    assert refusal(undo, world, row) == "unit-moved-since"


def test_later_merges_and_newcomers_stand_in_the_way(world):
    row = split_unit(
        by=BY, unit=world.nine_year, name="分校", people=[world.loner.person], on=ON, reason="分校独立"
    )  # fmt: skip
    later = merge(world, world.vocational, world.nine_year)
    assert refusal(undo, world, row, by=BY) == "reorganised-since"
    undo(world, later)
    came = enter_person(by=BY, name="新来的", post=Post(row.other_id), on=date(2026, 4, 1))
    assert refusal(undo, world, row) == "unit-has-people"
    Posting.objects.filter(person=came).delete()
    group = found_unit(by=BY, parent=row.other_id, name="新组", level="group", kind="group")
    assert refusal(undo, world, row) == "unit-has-units"
    Closure.objects.filter(unit=group).delete()
    Edge.objects.filter(child=group).delete()
    grant = world.grant(world.loner.person, "cio", row.other_id)
    assert refusal(undo, world, row) == "roles-given-since"
    Grant.objects.filter(pk=getattr(grant, "pk", grant)).delete()
    Grant.objects.filter(unit=row.other_id).delete()
    undo(world, row)


def test_a_unit_that_was_opened_again_or_whose_name_is_taken_does_not_come_back(world):
    row = merge(world, world.kindergarten, world.vocational)
    reopen_unit(by=BY, unit=world.kindergarten)
    assert refusal(undo, world, row) == "unit-changed-since"
    Unit.objects.filter(pk=world.kindergarten).update(closed_on=ON)
    found_unit(by=BY, parent=world.zone, name="锦霖区第一幼儿园", level="school", kind="kindergarten", opened_on=ON)
    assert refusal(undo, world, row) == "unit-name-taken"
