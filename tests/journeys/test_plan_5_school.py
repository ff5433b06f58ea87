"""Plan P5 of one school: what it takes from its city, peers and panel, and the acceptance that the city's training team signs,
person by person, with a refusal and its way back; then the school is completed.
"""

import re

import pytest

from tests.journeys.reviewing import everybody_rates
from tests.journeys.stage import cast
from tests.journeys.test_plan_3_province import learn, unit, verdict
from tests.p4 import PLANS
from tests.planning.plans import approve
from tests.standard import load_standard
from weineng.assessment.models import Acceptance, Result
from weineng.insight.queries.states import StatesOn
from weineng.kernel.clock import today
from weineng.notices.models import Message
from weineng.ops.demo import handing_in
from weineng.planning.actions import choose_points
from weineng.programmes.actions import enrol_people, enrol_school
from weineng.programmes.models import Enrolment, Programme
from weineng.programmes.queries import document_in_force
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

POINTS = ("A4", "B1")


def p5_source():
    """The shipped text with its days six years later, for a school of nine years, completed when one in ten of its people are."""
    text = (PLANS / "p5-school.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("[junior, complete-middle, senior]", "[nine-year]"),
        ("_share: {value: 95", "_share: {value: 10"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return re.sub(r"\b20(\d\d)(?=-\d\d-\d\d)", lambda year: f"20{int(year[1]) + 6}", text)


def the_city_publishes_the_schools_plan(stage, world):
    office = stage.as_(world.city_office.name, "office")
    page = office.get("/programmes/publish/")
    page.send({"owner": page.form(holds="source").option("owner", "澄州市"), "source": p5_source()}, holds="source")
    row = Programme.objects.get(code="p5-school")
    page = office.get(f"/programmes/{oid(row)}/")
    assert "38处" in page.text  # of the city's plan, which is not at hand, every line
    page.send({"confirm_assumptions": "1"}, do="start")
    enrol_school(by=world.office.actor, programme=row.pk, unit=world.nine_year, batch="advance")
    enrol_people(by=world.office.actor, programme=row.pk, unit=world.nine_year)
    approve(world, row, world.nine_year, world.cio, dimensions=(), points=())
    stage.settle()
    return row


def the_school_assesses(stage, world, members):
    """Hours, two points each, peers, panel."""
    for member in members:
        learn(world, member, "online", 9)
        learn(world, member, "school-research", 10)
        choose_points(by=member.actor, enrolment=Enrolment.objects.get(person=member.person).pk, points=POINTS)
        for number in range(2):
            handing_in.hand_in(stage, cast(member, 1), number)
    everybody_rates(stage, world)
    assert [verdict(member) for member in members] == ["pass"] * 2


def state_of_the_school(world, programme):
    row = StatesOn(programme, document_in_force(programme.pk), world.city, today()).schools[world.nine_year]
    return row.state, row.lacks


def the_city_accepts(stage, world, programme, members):
    """The school asks; one of two is refused, hands in again and is accepted; the school is signed for, and completed."""
    assert state_of_the_school(world, programme) == ("started", ("not-accepted",))
    address = f"/acceptance/{oid(programme)}/acceptance/{unit(world.nine_year)}/"
    stage.as_(world.cio.name, "cio").get(address).send(do="ask")
    assert Message.objects.filter(event="acceptance-asked", person=world.city_team.person).count() == 1
    team = stage.as_(world.city_team.name, "training-team")
    first, second = (Enrolment.objects.get(person=member.person) for member in members)
    page = team.get(address)
    page = team.post(
        f"{address}do/", [*page.form(action="/do/").fields, ("pick", oid(first)), ("do", "accept")], came_from=page.url
    )
    team.get(address).send({"reason": "课堂实录与教案不符"}, do="refuse", action=f"{oid(second)}/")
    assert sorted(Result.objects.filter(source="acceptance").values_list("point", "level")) == [
        ("A4", "fail"),
        ("B1", "fail"),
    ]
    stage.settle()
    assert [verdict(member) for member in members] == ["pass", "in-progress"]
    told = Message.objects.get(person=members[1].person, event="results-refused")
    assert told.params["reason"] == "课堂实录与教案不符"
    for point in POINTS:
        page = stage.as_(members[1].name).get(f"/evidence/item/point/{point}/")
        handing_in.consent(page.send(action="/evidence/item/"))
    everybody_rates(stage, world)
    assert verdict(members[1]) == "pass"
    page = team.get(address)
    assert "待验收" in page.text
    page = team.post(
        f"{address}do/", [*page.form(action="/do/").fields, ("pick", oid(second)), ("do", "accept")], came_from=page.url
    )
    page.send(do="sign")
    assert Acceptance.objects.get().state == "accepted"
    assert state_of_the_school(world, programme) == ("completed", ())
    team.get(address).send({"reason": "签错学校"}, do="take-back", action="/do/")
    assert state_of_the_school(world, programme) == ("started", ("not-accepted",))
    team.get(address).send(do="sign")
    assert state_of_the_school(world, programme) == ("completed", ())


def test_a_school_from_its_citys_plan_to_its_acceptance(world, stage):
    load_standard()
    for key, role in (("city_office", "office"), ("city_team", "training-team")):
        member = world.enter({"city_office": "市工程办", "city_team": "市培训团队"}[key], world.city, key=key)
        world.grant(member.person, role, world.city)
    members = (world.teacher, world.colleague)
    stage.forward("2026-09-01T09:00")
    programme = the_city_publishes_the_schools_plan(stage, world)
    stage.forward("2026-11-09T09:00")
    the_school_assesses(stage, world, members)
    stage.forward("2026-12-01T09:00")
    the_city_accepts(stage, world, programme, members)
