"""Who is enrolled by the document's scope, who is not, and that a second time changes nothing."""

from datetime import date

import pytest

from tests.district import SOURCE, publish_p4
from weineng.notices.models import Message
from weineng.organisations.models import Person, Posting, Unit
from weineng.programmes.actions import enrol_people, enrol_school, let_leave, start_programme
from weineng.programmes.models import EnrolledSchool, Enrolment, Touched
from weineng.programmes.queries import (
    document_in_force,
    eligible_posts,
    enrolments_of_school,
    people_by_school,
)


def enrol(world, p4, unit, **changes):
    return enrol_people(**({"by": world.office.actor, "programme": p4.pk, "unit": unit} | changes))


def people():
    return set(Enrolment.objects.values_list("person", flat=True))


@pytest.fixture
def school(world, p4):
    return enrol_school(by=world.office.actor, programme=p4.pk, unit=world.nine_year, batch="pilot")


def of_nine_year(world):
    return (
        world.teacher, world.colleague, world.leader, *world.chinese_teachers, world.loner, world.cio, world.principal,
    )  # fmt: skip


def test_everybody_in_post_of_the_school_and_nobody_else(world, p4, school):
    done = enrol(world, p4, world.nine_year)
    assert people() == {member.person for member in of_nine_year(world)}  # not the retired, unplaced, two_posts, panel
    assert (done.new, done.back, done.same, done.left) == (8, 0, 0, 0)
    rows = Enrolment.objects.all()
    assert {(str(r.since), r.left_on, r.left_reason, r.version.number) for r in rows} == {("2026-01-05", None, "", 1)}
    assert set(Touched.objects.values_list("enrolment", flat=True)) == {row.pk for row in rows}
    assert set(Message.objects.filter(event="enrolled").values_list("person", flat=True)) == people()


def test_a_second_time_changes_nothing(world, p4, school):
    enrol(world, p4, world.nine_year)
    before = Touched.objects.count()
    done = enrol(world, p4, world.nine_year)
    assert (done.new, done.back, done.same) == (0, 0, 8)
    assert (Touched.objects.count(), Message.objects.filter(event="enrolled").count()) == (before, 8)


def test_the_whole_district_at_once_takes_only_schools_that_take_part(world, p4, school):
    enrol(world, p4, world.district)
    assert people() == {member.person for member in of_nine_year(world)}


def test_schools_are_counted_together_as_one_by_one(world, p4, school):
    enrol_school(by=world.office.actor, programme=p4.pk, unit=world.vocational, batch="pilot")
    enrol(world, p4, world.district)
    let_leave(
        by=world.office.actor,
        enrolment=Enrolment.objects.get(person=world.loner.person).pk,
        on=date(2026, 1, 5),
        reason="调离",
    )
    double = world.enter("林晓岚", world.maths)  # enrolled under a record that is merged into another one's
    Enrolment.objects.filter(person=world.teacher.person).update(person=double.person)
    Person.objects.filter(pk=double.person).update(merged_into=world.teacher.person)
    Posting.objects.filter(person=double.person).delete()
    document = document_in_force(p4.pk)
    posts = eligible_posts(p4, document).filter(during__contains=date(2026, 1, 5))
    one_by_one = {
        unit: (
            posts.filter(school=unit).values("person").distinct().count(),
            enrolments_of_school(p4.pk, unit).taking_part(date(2026, 1, 5)).count(),
        )
        for unit in (world.nine_year, world.vocational)
    }
    assert people_by_school(p4, document) == one_by_one
    assert one_by_one == {world.nine_year: (8, 7), world.vocational: (6, 6)}


def test_the_cio_enrols_the_own_school_only(world, p4, school, refusal):
    assert enrol(world, p4, world.nine_year, by=world.cio.actor).new == 8
    for who in (world.teacher, world.principal, world.wu, world.kindergarten_cio, world.auditor, world.leader):
        assert refusal(enrol, world=world, p4=p4, unit=world.nine_year, by=who.actor) == "not-found"


def test_a_group_alone(world, p4, school):
    enrol(world, p4, world.maths)
    assert people() == {world.teacher.person, world.colleague.person, world.leader.person}
    assert EnrolledSchool.objects.get().people_since is None


def test_a_school_that_does_not_take_part(world, p4, school, refusal):
    assert refusal(enrol, world=world, p4=p4, unit=world.vocational) == "school-not-enrolled"


def test_the_day_decides(world, p4, school):
    newcomer = world.enter("温以安", world.maths, since=date(2026, 3, 1))
    enrol(world, p4, world.maths, on=date(2026, 2, 28))
    assert newcomer.person not in people()
    enrol(world, p4, world.maths, on=date(2026, 3, 1))
    assert newcomer.person in people()


def test_whom_a_person_let_leave_stays_out(world, p4, school):
    enrol(world, p4, world.nine_year)
    row = Enrolment.objects.get(person=world.loner.person)
    let_leave(by=world.office.actor, enrolment=row.pk, on=date(2026, 1, 6), reason="病故")
    done = enrol(world, p4, world.nine_year)
    assert (done.new, done.back, done.same, done.left) == (0, 0, 7, 1)


def test_at_offices_only_licensed_staff(world, p4):
    office = Unit.objects.create(name="社会事业局", level="school", kind="office")
    from weineng.organisations.effects import rebuild_closure, since
    from weineng.organisations.models import Edge

    Edge.objects.create(child=office, parent_id=world.district, during=since(None))
    rebuild_closure(office.pk)
    licensed, unlicensed, unknown = (world.enter(name, office.pk) for name in ("甲", "乙", "丙"))
    Person.objects.filter(pk=unlicensed.person).update(licence=False)
    Person.objects.filter(pk=unknown.person).update(licence=None)
    enrol_school(by=world.office.actor, programme=p4.pk, unit=office.pk, batch="pilot")
    enrol(world, p4, office.pk)
    assert people() == {licensed.person}


def test_establishment_and_state_decide_where_the_document_says_so(world, early):
    source = SOURCE.replace("    value: any", "    value: [established]")
    version = publish_p4(world, source)
    start_programme(by=world.office.actor, programme=version.programme_id, confirm_assumptions=True)
    p4 = version.programme
    Posting.objects.filter(person=world.loner.person).update(establishment="contract")
    Posting.objects.filter(person=world.colleague.person).update(in_post="long-leave")
    Posting.objects.filter(person=world.leader.person).update(in_post="seconded-out")
    enrol_school(by=world.office.actor, programme=p4.pk, unit=world.nine_year, batch="pilot")
    enrol(world, p4, world.nine_year)
    left_out = {world.loner.person, world.leader.person}
    assert people() == {member.person for member in of_nine_year(world)} - left_out


def test_one_who_was_merged_is_enrolled_once(world, p4, school):
    enrol(world, p4, world.nine_year)
    Person.objects.filter(pk=world.loner.person).update(merged_into=world.colleague.person)
    Posting.objects.filter(person=world.loner.person).delete()
    kept = Enrolment.objects.get(person=world.colleague.person)
    kept.delete()
    Enrolment.objects.filter(person=world.loner.person).update(version=kept.version_id)
    assert enrol(world, p4, world.nine_year).new == 0
