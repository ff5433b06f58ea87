"""The settle loop follows the roster: touches, newcomers, leavers, and back."""

from datetime import date, datetime

import pytest

from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.organisations.actions import change_posting, end_posting, enter_person, move_unit, transfer_person
from weineng.organisations.models import Change, Posting
from weineng.organisations.rules import Post
from weineng.programmes.actions import enrol_people, enrol_school, let_leave, take_changes
from weineng.programmes.models import EnrolledSchool, Enrolment, Touched


@pytest.fixture
def settle(enrolled):
    def take():
        Touched.objects.all().delete()
        return take_changes(by=platform("settle"))

    take()
    return take


def touched():
    return set(Touched.objects.values_list("enrolment", flat=True))


def of(member):
    return Enrolment.objects.get(person=member.person)


def post_of(member):
    return Posting.objects.get(person=member.person, home=True, during__endswith__isnull=True)


def test_nothing_changed(settle):
    assert (settle(), Touched.objects.count()) == (0, 0)


def test_a_persons_change_touches_only_them_and_is_taken_once(world, enrolled, settle):
    change_posting(
        by=world.cio.actor,
        posting=post_of(world.teacher).pk,
        on=date(2026, 1, 5),
        post=Post(world.chinese, subject="语文"),
    )
    assert settle() == 1
    assert touched() == {enrolled[world.teacher.person].pk}
    assert Touched.objects.values_list("lane", flat=True)[0] == 0
    assert (settle(), Change.objects.exclude(read_by=["programmes"]).count()) == (0, 0)


def test_a_units_change_touches_everybody_below(world, enrolled, settle):
    move_unit(by=world.office.actor, unit=world.nine_year, to=world.district, on=date(2026, 1, 5))
    settle()
    assert touched() == {row.pk for row in enrolled.values()}
    assert Enrolment.objects.filter(left_on__isnull=False).count() == 0


def test_a_newcomer_of_a_school_whose_list_follows_the_roster_is_enrolled(world, p4, settle):
    person = enter_person(by=world.cio.actor, name="丁一", post=Post(world.maths), on=date(2026, 1, 2))
    settle()
    row = Enrolment.objects.get(person=person.pk)
    assert (row.since, row.version.number) == (p4.started_on, 1)
    assert row.pk in touched()


def test_a_newcomer_of_next_month_is_enrolled_from_then(world, settle):
    person = enter_person(by=world.cio.actor, name="丁一", post=Post(world.maths), on=date(2026, 2, 2))
    settle()
    assert Enrolment.objects.get(person=person.pk).since == date(2026, 2, 2)


def test_a_newcomer_elsewhere_or_out_of_scope_is_not(world, p4, settle):
    enter_person(by=world.office.actor, name="丁一", post=Post(world.computing), on=date(2026, 1, 2))
    enter_person(by=world.cio.actor, name="丁二", post=Post(world.maths, in_post="retired"), on=date(2026, 1, 2))
    enrol_school(by=world.office.actor, programme=p4.pk, unit=world.kindergarten, batch="pilot")
    enter_person(by=world.office.actor, name="丁三", post=Post(world.play), on=date(2026, 1, 2))  # list not made yet
    before = Enrolment.objects.count()
    settle()
    assert Enrolment.objects.count() == before
    enrol_people(by=world.office.actor, programme=p4.pk, unit=world.kindergarten)
    assert EnrolledSchool.objects.get(unit=world.kindergarten).people_since == date(2026, 1, 5)


def test_who_retires_leaves_from_that_day_and_is_back_if_it_was_a_mistake(world, settle, set_clock):
    change_posting(
        by=world.cio.actor,
        posting=post_of(world.loner).pk,
        on=date(2026, 3, 1),
        post=Post(world.nine_year, in_post="retired"),
    )
    settle()
    assert (of(world.loner).left_on, of(world.loner).left_reason) == (date(2026, 3, 1), "retired")
    assert Enrolment.objects.taking_part(date(2026, 2, 28)).filter(person=world.loner.person).exists()
    change_posting(by=world.cio.actor, posting=post_of(world.loner).pk, on=date(2026, 3, 1), post=Post(world.nine_year))
    settle()
    assert (of(world.loner).left_on, of(world.loner).left_reason) == (None, "")


def test_who_moves_out_of_the_district_leaves(world, settle):
    world.grant(world.office.person, "office", world.city)
    transfer_person(
        by=world.office.actor, person=world.teacher.person, post=Post(world.sibling_group), on=date(2026, 4, 1)
    )
    settle()
    assert (of(world.teacher).left_on, of(world.teacher).left_reason) == (date(2026, 4, 1), "moved-out")


def test_who_changes_to_another_school_of_the_district_stays_enrolled_once(world, settle):
    transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.computing), on=date(2026, 4, 1))
    settle()
    assert of(world.teacher).left_on is None


def test_who_has_no_post_any_more_stays_until_somebody_decides(world, settle):
    end_posting(by=world.cio.actor, posting=post_of(world.loner).pk, on=date(2026, 2, 1), reason="辞职")
    settle()
    assert of(world.loner).left_on is None
    assert of(world.loner).pk in touched()


def test_what_a_person_decided_is_not_undone_by_the_roster(world, settle, set_clock):
    let_leave(by=world.office.actor, enrolment=of(world.loner).pk, on=date(2026, 2, 1), reason="病故")
    set_clock(datetime(2026, 3, 1, 9, tzinfo=CIVIL))
    change_posting(
        by=world.cio.actor,
        posting=post_of(world.loner).pk,
        on=date(2026, 3, 1),
        post=Post(world.nine_year, in_post="retired"),
    )
    settle()
    assert (of(world.loner).left_on, of(world.loner).left_reason) == (date(2026, 2, 1), "病故")
