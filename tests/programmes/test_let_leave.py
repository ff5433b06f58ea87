"""Somebody leaves, and is back; office staff get a host school, and lose it."""

from datetime import date

import pytest

from weineng.organisations.effects import rebuild_closure, since
from weineng.organisations.models import Edge, Unit
from weineng.programmes.actions import attach_host, detach_host, enrol_people, enrol_school, let_leave, undo_leave
from weineng.programmes.models import Enrolment, Touched
from weineng.programmes.permissions import VIEW
from weineng.programmes.queries import school_of_enrolment


def test_leaving_and_back(world, enrolled, refusal):
    row = enrolled[world.loner.person]
    call = {"by": world.office.actor, "enrolment": row.pk}
    assert refusal(let_leave, **call, on=date(2026, 2, 1), reason=" ") == "reason-missing"
    assert refusal(let_leave, **call, on=date(2026, 1, 4), reason="调离") == "before-enrolment"
    assert refusal(undo_leave, **call, reason="x") == "not-left"
    Touched.objects.all().delete()
    left = let_leave(**call, on=date(2026, 2, 1), reason="调离")
    assert (str(left.left_on), left.left_reason) == ("2026-02-01", "调离")
    assert refusal(let_leave, **call, on=date(2026, 2, 1), reason="x") == "already-left"
    assert [e.pk for e in Enrolment.objects.taking_part(date(2026, 1, 31)).filter(pk=row.pk)] == [row.pk]
    assert not Enrolment.objects.taking_part(date(2026, 2, 1)).filter(pk=row.pk).exists()
    back = undo_leave(**call, reason="弄错了")
    assert (back.left_on, back.left_reason) == (None, "")
    assert list(Touched.objects.values_list("enrolment", flat=True)) == [row.pk, row.pk]


def test_who_may(world, enrolled, refusal):
    row = enrolled[world.loner.person]
    for who in (world.loner, world.teacher, world.principal, world.wu, world.kindergarten_cio, world.auditor):
        call = {"by": who.actor, "enrolment": row.pk}
        assert refusal(let_leave, **call, on=date(2026, 2, 1), reason="x") == "not-found"
        assert refusal(undo_leave, **call, reason="x") == "not-found"
        assert refusal(attach_host, **call, host=world.nine_year) == "not-found"
        assert refusal(detach_host, **call, reason="x") == "not-found"
    assert let_leave(by=world.cio.actor, enrolment=row.pk, on=date(2026, 2, 1), reason="x").left_on == date(2026, 2, 1)


@pytest.fixture
def clerk(world, p4, enrolled):
    office = Unit.objects.create(name="社会事业局", level="school", kind="office")
    Edge.objects.create(child=office, parent_id=world.district, during=since(None))
    rebuild_closure(office.pk)
    person = world.enter("简一", office.pk)
    enrol_school(by=world.office.actor, programme=p4.pk, unit=office.pk, batch="pilot")
    enrol_people(by=world.office.actor, programme=p4.pk, unit=office.pk)
    return Enrolment.objects.get(person=person.person)


@pytest.mark.slow
def test_office_staff_work_under_the_plan_of_a_host_school(world, clerk, refusal):
    call = {"by": world.office.actor, "enrolment": clerk.pk}
    assert school_of_enrolment(clerk) == world.everybody[-1].unit
    assert refusal(attach_host, **call, host=world.vocational) == "host-not-enrolled"
    assert refusal(attach_host, **call, host=world.everybody[-1].unit) == "host-not-enrolled"
    assert refusal(attach_host, **call, host=world.sibling_school) == "not-found"
    assert not Enrolment.objects.within(world.cio.actor, VIEW).filter(pk=clerk.pk).exists()
    hosted = attach_host(**call, host=world.nine_year)
    assert school_of_enrolment(hosted) == world.nine_year
    assert Enrolment.objects.within(world.cio.actor, VIEW).filter(pk=clerk.pk).exists()
    assert refusal(detach_host, **call, reason="") == "reason-missing"
    assert detach_host(**call, reason="换学校").host_id is None
    assert refusal(detach_host, **call, reason="x") == "no-host"


def test_who_belongs_to_a_school_needs_no_host(world, enrolled, refusal):
    call = {"by": world.office.actor, "enrolment": enrolled[world.teacher.person].pk}
    assert refusal(attach_host, **call, host=world.nine_year) == "host-not-needed"
