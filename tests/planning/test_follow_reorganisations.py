"""Schools become one, or one becomes two: taking part, host schools and the plan in force come along, and go back."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.district import enrol_nine_year, start_p4
from tests.planning.plans import approve
from tests.settling import run_once
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import (
    change_posting,
    enter_person,
    found_unit,
    merge_units,
    split_unit,
    undo_reorganisation,
)
from weineng.organisations.models import Posting, Reorganisation, Unit
from weineng.organisations.queries import stretch_of
from weineng.organisations.rules import Post
from weineng.planning.actions import choose_points
from weineng.planning.models import SchoolPlan
from weineng.planning.queries import plan_in_force
from weineng.programmes.actions import enrol_people, enrol_school
from weineng.programmes.effects import touch
from weineng.programmes.models import EnrolledSchool, Enrolment
from weineng.progress.actions import compare_with_recount
from weineng.progress.queries import overview

pytestmark = pytest.mark.slow

BY = platform("test")
ON = date(2026, 2, 1)


@pytest.fixture
def p4(world, set_clock):
    set_clock(datetime(2026, 1, 10, 9, tzinfo=CIVIL))
    row = start_p4(world)
    enrol_nine_year(world, row)
    set_clock(datetime(2026, 3, 2, 9, tzinfo=CIVIL))
    return row


def schools(p4):
    rows = EnrolledSchool.objects.filter(programme=p4).order_by("unit")
    return {row.unit_id: (row.batch, row.since, row.until, row.people_since) for row in rows}


def follow(p4):
    run_once()
    assert compare_with_recount(by=platform("settle"), programme=p4.pk) == []


def people(p4, unit, on=None):
    return overview(BY, p4.pk, unit, on).total.people


def undo(row):
    return undo_reorganisation(by=BY, reorganisation=row.pk, reason="误录")


def test_a_school_that_is_merged_takes_its_part_and_its_plan_along(world, p4):
    plan = approve(world, p4, world.nine_year, world.cio)
    host = Enrolment.objects.create(
        programme=p4,
        version=p4.versions.get(),
        person_id=world.auditor.person,
        since=date(2026, 1, 10),
        host_id=world.nine_year,
    )
    touch(enrolments=[host.pk])
    follow(p4)
    counted = people(p4, world.nine_year)
    row = merge_units(by=world.office.actor, unit=world.nine_year, into=world.vocational, on=ON, reason="布局调整")
    follow(p4)
    begun = date(2026, 1, 10)
    assert schools(p4) == {
        world.nine_year: ("pilot", begun, ON, None), world.vocational: ("pilot", ON, None, None),
    }  # fmt: skip
    copy = plan_in_force(p4.pk, world.vocational)
    assert (copy.points, copy.dimensions, copy.goals, copy.state) == (
        plan.points,
        plan.dimensions,
        plan.goals,
        "approved",
    )
    assert Enrolment.objects.get(pk=host.pk).host_id == world.vocational
    assert people(p4, world.nine_year, date(2026, 1, 31)) == counted
    assert people(p4, world.vocational) == counted
    post = Posting.objects.get(person=world.vocational_teachers[0].person)
    changed = replace(stretch_of(post).post, subject="物理")
    change_posting(by=BY, posting=post.pk, on=date(2026, 2, 10), post=changed)
    follow(p4)
    assert people(p4, world.vocational) == counted
    enrol_people(
        by=world.office.actor, programme=p4.pk, unit=world.vocational
    )  # who was there already: the office decides
    follow(p4)
    others = [member for member in world.everybody if member.school == world.vocational]
    assert people(p4, world.vocational) == counted + len(others)
    assert schools(p4)[world.vocational][3] == date(2026, 3, 2)  # its list follows the roster from then on
    choose_points(
        by=world.teacher.actor,
        enrolment=Enrolment.objects.get(person=world.teacher.person).pk,
        points=["A1", "A2", "A3"],
    )
    with pytest.raises(Refused) as refused:
        undo(row)
    assert refused.value.code == "plan-used-since"


def test_taken_back_everything_is_as_it_was(world, p4):
    approve(world, p4, world.nine_year, world.cio)
    follow(p4)
    before, plans = schools(p4), list(SchoolPlan.objects.order_by("pk").values())
    figures = {unit: overview(BY, p4.pk, unit) for unit in (world.nine_year, world.zone, world.district)}
    row = split_unit(by=BY, unit=world.nine_year, name="分校", groups=[world.maths], on=ON, reason="分校独立")
    follow(p4)
    assert schools(p4)[row.other_id] == ("pilot", ON, None, ON)
    assert plan_in_force(p4.pk, row.other_id) is not None
    assert people(p4, row.other_id) == people(p4, world.maths) > 0
    undo(row)
    follow(p4)
    assert (schools(p4), list(SchoolPlan.objects.order_by("pk").values())) == (before, plans)
    assert {unit: overview(BY, p4.pk, unit) for unit in figures} == figures
    assert Reorganisation.objects.get().taken_back == ["programmes", "planning"]


def test_a_school_that_takes_part_keeps_its_own_batch_and_plan(world, p4):
    enrol_school(by=world.office.actor, programme=p4.pk, unit=world.vocational, batch="first-batch")
    enrol_people(by=world.office.actor, programme=p4.pk, unit=world.vocational)
    own = approve(world, p4, world.nine_year, world.cio)
    follow(p4)
    before = schools(p4)
    row = merge_units(by=BY, unit=world.vocational, into=world.nine_year, on=ON, reason="布局调整")
    follow(p4)
    assert schools(p4)[world.nine_year] == before[world.nine_year]
    assert schools(p4)[world.vocational][2] == date(2026, 3, 2)  # it had not taken part before
    assert plan_in_force(p4.pk, world.nine_year) == own
    undo(row)
    follow(p4)
    assert schools(p4) == before


def test_what_is_dated_ahead_is_followed_on_its_day(world, p4, set_clock):
    row = merge_units(by=BY, unit=world.nine_year, into=world.vocational, on=date(2026, 4, 1), reason="布局调整")
    follow(p4)
    assert world.vocational not in schools(p4)
    assert people(p4, world.nine_year) > 0
    set_clock(datetime(2026, 4, 1, 9, tzinfo=CIVIL))
    follow(p4)
    assert (schools(p4)[world.vocational][1], people(p4, world.nine_year)) == (date(2026, 4, 1), 0)
    assert people(p4, world.nine_year, date(2026, 3, 31)) > 0
    undo(row)
    follow(p4)
    assert world.vocational not in schools(p4)


def test_a_unit_that_runs_a_programme_is_not_merged_away(world, p4):
    type(p4).objects.filter(pk=p4.pk).update(owner=world.nine_year)
    with pytest.raises(Refused) as refused:
        merge_units(by=BY, unit=world.nine_year, into=world.vocational, on=ON, reason="布局调整")
    assert refused.value.code == "runs-programme"


def test_two_schools_become_a_new_one_whose_list_goes_on(world, p4):
    new = found_unit(
        by=BY, parent=world.zone, name="中心学校", level="school", kind="nine-year", opened_on=date(2026, 1, 20)
    )
    follow(p4)
    counted = people(p4, world.nine_year)
    for school in (world.nine_year, world.kindergarten):  # of which the second did not take part
        merge_units(by=BY, unit=school, into=new.pk, on=ON, reason="布局调整")
        follow(p4)
    assert schools(p4)[new.pk] == ("pilot", ON, None, ON)
    assert people(p4, new.pk) == counted + 3
    enter_person(by=BY, name="新来的", post=Post(new.pk), on=date(2026, 2, 20))
    follow(p4)
    assert people(p4, new.pk) == counted + 4


def test_a_school_that_could_not_be_enrolled_does_not_come_to_take_part(world, p4):
    approve(world, p4, world.nine_year, world.cio)
    for into in (world.sibling_school, world.vocational):  # outside the programme; of a kind that does not take part
        Unit.objects.filter(pk=world.vocational).update(kind="area")
        row = merge_units(by=BY, unit=world.nine_year, into=into, on=ON, reason="布局调整")
        follow(p4)
        assert schools(p4).keys() == {world.nine_year}
        assert schools(p4)[world.nine_year][2] == ON
        assert plan_in_force(p4.pk, into) is None
        undo(row)
        follow(p4)


def test_who_was_attached_to_a_school_that_was_never_there_is_attached_to_the_old_one(world, p4):
    row = split_unit(by=BY, unit=world.nine_year, name="分校", groups=[world.maths], on=ON, reason="分校独立")
    follow(p4)
    version, since = p4.versions.get(), date(2026, 2, 2)
    host = Enrolment.objects.create(
        programme=p4, version=version, person_id=world.auditor.person, since=since, host=row.other
    )
    type(p4).objects.filter(pk=p4.pk).update(owner=row.other)
    with pytest.raises(Refused) as refused:
        undo(row)
    assert refused.value.code == "runs-programme"
    type(p4).objects.filter(pk=p4.pk).update(owner=world.district)
    undo(row)
    follow(p4)
    assert Enrolment.objects.get(pk=host.pk).host_id == world.nine_year
