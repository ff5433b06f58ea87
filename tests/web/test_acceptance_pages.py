"""Acceptance on its pages: the school asks, experts decide, everybody concerned sees what became of it."""

from tests.assessment.accepting import accepting
from tests.progress.scene import at
from tests.reach.test_query_counts import asked
from tests.web.signing import client_of
from weineng.accounts.models import Grant
from weineng.assessment.models import Acceptance
from weineng.programmes.models import EnrolledSchool
from weineng.web.shell.addresses import oid


def test_the_pages_decide_and_take_back(world, set_clock, visitor):
    set_clock(at("2026-11-02 09:00"))
    scene, expert = accepting(world), world.vocational_teachers[0]
    school = [scene.enrol(member.person) for member in (world.teacher, world.colleague)]
    for enrolment in school:
        scene.result(enrolment, "A1")
    url = f"/acceptance/{oid(scene.programme)}/acceptance/{oid(world.nine_year, 'organisations.unit')}/"
    picked = [oid(one, "programmes.enrolment") for one in school]
    assert visitor(world.cio, f"{url}do/", {"do": "ask"}, "cio").status_code == 302
    assert world.teacher.name in visitor(world.cio, url, role="cio").content.decode()
    listing = visitor(expert, "/acceptance/", role="expert").content.decode()
    assert url in listing
    assert visitor(expert, f"{url}do/", {"do": "sign"}, "expert").status_code == 422
    assert visitor(expert, f"{url}do/", {"do": "accept", "pick": picked}, "expert").status_code == 302
    assert visitor(expert, f"{url}do/", {"do": "sign"}, "expert").status_code == 302
    assert Acceptance.objects.get().state == "accepted"
    back = visitor(expert, f"{url}{picked[0]}/", {"do": "take-back", "reason": "看错"}, "expert")
    assert back.status_code == 302
    no = visitor(expert, f"{url}{picked[0]}/", {"do": "refuse", "reason": "材料不全"}, "expert")
    assert no.status_code == 302
    assert "材料不全" in visitor(world.cio, url, role="cio").content.decode()
    assert visitor(expert, f"{url}do/", {"do": "take-back", "reason": "签错"}, "expert").status_code == 302
    assert Acceptance.objects.get().state == "open"
    assert visitor(world.wu, url, role="cio").status_code == 404


def test_the_pages_ask_as_often_for_many_people_and_schools_as_for_one(world, set_clock):
    set_clock(at("2026-11-02 09:00"))
    scene, expert = accepting(world), world.vocational_teachers[0]
    grant = Grant.objects.get(person=expert.person, role="expert")
    browser = client_of(expert, f"grant:{grant.pk}")
    page = f"/acceptance/{oid(scene.programme)}/acceptance/{oid(world.nine_year, 'organisations.unit')}/"
    scene.result(scene.enrol(world.teacher.person), "A1")
    few = [asked(browser, url) for url in ("/acceptance/", page)]
    for member in (world.colleague, world.leader, *world.kindergarten_teachers):
        scene.result(scene.enrol(member.person), "A1")
    EnrolledSchool.objects.filter(unit=world.vocational).update(unit=world.sibling_school)
    more = [asked(browser, url) for url in ("/acceptance/", page)]
    assert [count for count, _length in more] == [count for count, _length in few]
    assert more[1][1] > few[1][1]
