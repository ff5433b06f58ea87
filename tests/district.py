"""The district's programme P4 in the invented world, for tests of everything above `programmes`.

    p4 = start_p4(world)                          # standard loaded, P4 published and started by the office on 2026-01-05
    enrolled = enrol_nine_year(world, p4)         # its school takes part in the pilot, its people are enrolled
    plan = approve_plan(world, p4)                # D: learner-analysis, teaching-design, learning-guidance; P: POINTS
    choose(world, enrolled[world.teacher.person]) # three points of it

Set the clock yourself where dates matter; the office's second member for exemptions is `second_office(world)`.
"""

from datetime import date

from tests.standard import load_standard
from weineng.programmes import queries as programme_queries
from weineng.programmes.actions import enrol_people, enrol_school, publish_programme, start_programme
from weineng.programmes.models import Enrolment, Programme

CODE = "p4-district"
SOURCE = (programme_queries.PLANS / f"{CODE}.yaml").read_text(encoding="utf-8")
ON = date(2026, 1, 5)


def publish_p4(world, source=SOURCE):
    load_standard()
    return publish_programme(by=world.office.actor, source=source, owner=world.district).version


def start_p4(world, source=SOURCE):
    version = publish_p4(world, source)
    start_programme(by=world.office.actor, programme=version.programme_id, confirm_assumptions=True)
    return Programme.objects.get(pk=version.programme_id)


def enrol_nine_year(world, p4, on=None):
    """{person: Enrolment} of the nine-year school."""
    enrol_school(by=world.office.actor, programme=p4.pk, unit=world.nine_year, batch="pilot", since=on)
    enrol_people(by=world.office.actor, programme=p4.pk, unit=world.nine_year, on=on)
    return {row.person_id: row for row in Enrolment.objects.filter(programme=p4).order_by("pk")}


def second_office(world):
    """A second member of the district's project office."""
    member = world.enter("廖以宁", world.district, key="second_office")
    world.grant(member.person, "office", world.district)
    return member
