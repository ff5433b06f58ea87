"""From what a platform says to the hours on the teacher's page: over the door, by the worker, once."""

import re
from datetime import datetime, timedelta

import pytest

from tests.learning.saying import COMPLETED, HOME, statement, voiding
from tests.progress.scene import ZONE, Scene, plan
from tests.settling import run_once
from tests.web.signing import client_of
from weineng.learning.actions import agree_home, agree_rule, name_person
from weineng.learning.models import Provider, Record
from weineng.learning.rules import AgreedRule
from weineng.progress.models import Standing

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=ZONE)
AT = datetime(2026, 3, 7, 9, 0, tzinfo=ZONE)


@pytest.fixture
def enrolled(world, set_clock):
    """The teacher takes part in P4; the office has agreed what the platform's statements mean."""
    set_clock(NOW)
    scene = Scene(plan("p4-district"), owner=world.district, leaf=world.maths, school=world.nine_year)
    enrolment = scene.enrol(person=world.teacher.person)
    scene.recount(enrolment)
    source = Provider.objects.get(code="qingyun").pk
    agree_home(by=world.office.actor, provider=source, home_page=HOME, person_type="platform:qingyun")
    rule = AgreedRule(verbs=frozenset({COMPLETED}), mode="online", below=True, needs="completion")
    agree_rule(by=world.office.actor, provider=source, rule=rule)
    return enrolment


def hours_of(member, enrolment):
    """(the course is among the teacher's records, minutes of the online demand, text of the home page)."""
    browser = client_of(member)
    text = " ".join(re.sub(r"<[^>]+>", " ", browser.get("/my/").content.decode()).split())
    have = Standing.objects.get(enrolment=enrolment, demand="online").have
    return "微课制作" in browser.get("/learning/").content.decode(), have, text


def test_what_was_said_stands_on_the_teachers_page_and_goes_when_it_is_voided(world, enrolled, xapi):
    said = [statement(n, "t1", AT + timedelta(hours=2 * n)) for n in (1, 2)]
    assert xapi("POST", "statements", body=said).status_code == 200
    assert xapi("POST", "statements", body=said[::-1], at="1.0.3").status_code == 200  # the same again
    run_once()
    assert hours_of(world.teacher, enrolled)[:2] == (False, 0)
    name_person(by=world.office.actor, record=Record.objects.order_by("pk").first().pk, person=world.teacher.person)
    run_once()
    listed, minutes, shown = hours_of(world.teacher, enrolled)
    assert (listed, minutes, "在线网络课程 4 / 20 学时" in shown) == (True, 180, True)
    assert xapi("POST", "statements", body=[voiding(3, 1, NOW), voiding(4, 2, NOW)]).status_code == 200
    run_once()
    assert hours_of(world.teacher, enrolled)[1] == 0
