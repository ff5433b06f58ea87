"""Which schools take part: batches, who decides, what is refused, the way back."""

from tests.district import SOURCE
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.programmes.actions import enrol_people, enrol_school, publish_programme, start_programme, unenrol_school
from weineng.programmes.models import EnrolledSchool, Enrolment
from weineng.programmes.permissions import ENROL
from weineng.programmes.queries import programmes_within


def enrol(world, p4, **changes):
    call = {"by": world.office.actor, "programme": p4.pk, "unit": world.nine_year, "batch": "pilot"}
    return enrol_school(**(call | changes))


def test_a_school_takes_part_in_a_batch(world, p4):
    row = enrol(world, p4)
    assert (row.unit_id, row.batch, str(row.since), row.until) == (world.nine_year, "pilot", "2026-01-05", None)
    assert Enrolment.objects.count() == 0


def test_the_same_again_changes_nothing_and_another_batch_moves_it(world, p4):
    first = enrol(world, p4)
    assert enrol(world, p4).pk == first.pk
    assert enrol(world, p4, batch="second-batch").pk == first.pk
    assert list(EnrolledSchool.objects.values_list("batch", flat=True)) == ["second-batch"]
    assert Line.objects.filter(verb="programmes.enrol_school").count() == 2


def test_the_school_itself_and_strangers_cannot(world, p4, refusal):
    for who in (world.cio, world.principal, world.teacher, world.wu, world.auditor, world.kindergarten_cio):
        assert refusal(enrol, world=world, p4=p4, by=who.actor) == "not-found"
        call = {"by": who.actor, "programme": p4.pk, "unit": world.nine_year, "reason": "x"}
        assert refusal(unenrol_school, **call) == "not-found"
    assert refusal(enrol, world=world, p4=p4, unit=world.sibling_school) == "not-found"
    assert EnrolledSchool.objects.count() == 0


def test_refusals(world, p4, refusal):
    assert refusal(enrol, world=world, p4=p4, batch="third") == "batch-unknown"
    assert refusal(enrol, world=world, p4=p4, batch="summary") == "batch-unknown"  # a phase, but no batch of schools
    assert refusal(enrol, world=world, p4=p4, unit=world.zone) == "kind-not-in-scope"
    assert refusal(enrol, world=world, p4=p4, unit=world.maths) == "kind-not-in-scope"
    world.grant(world.office.person, "office", world.province)
    assert refusal(enrol, world=world, p4=p4, unit=world.sibling_school) == "outside-programme"
    assert refusal(enrol, world=world, p4=p4, unit=world.moved) == "outside-programme"


def test_a_school_withdraws_with_its_people_and_comes_back_with_them(world, p4, enrolled, refusal):
    call = {"by": world.office.actor, "programme": p4.pk, "unit": world.nine_year}
    assert refusal(unenrol_school, **call, reason="") == "reason-missing"
    unenrol_school(**call, reason="改为明年参加")
    assert {(str(e.left_on), e.left_reason) for e in Enrolment.objects.all()} == {("2026-01-05", "school-withdrawn")}
    assert refusal(unenrol_school, **call, reason="x") == "school-not-enrolled"
    assert refusal(enrol_people, by=world.office.actor, programme=p4.pk, unit=world.nine_year) == "school-not-enrolled"
    enrol(world, p4)
    done = enrol_people(by=world.office.actor, programme=p4.pk, unit=world.nine_year)
    assert (done.new, done.back, done.same) == (0, len(enrolled), 0)
    assert Enrolment.objects.filter(left_on__isnull=False).count() == 0


def test_a_programme_started_above_is_open_to_whoever_may_enrol_schools_below(world, standard):
    """Before any of their schools takes part, but not before it has started."""
    version = publish_programme(by=platform("ops"), source=SOURCE, owner=world.province).version

    def seen(member):
        return [row.pk for row in programmes_within(member.actor, ENROL)]

    assert [seen(member) for member in (world.office, world.wu, world.cio)] == [[], [], []]
    start_programme(by=platform("ops"), programme=version.programme_id, confirm_assumptions=True)
    assert [seen(member) for member in (world.office, world.wu)] == [[version.programme_id]] * 2
    assert [seen(member) for member in (world.teacher, world.auditor, world.leader)] == [[], [], []]
