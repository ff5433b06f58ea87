"""Acceptance on its pages: the school asks, experts decide, everybody concerned sees what became of it."""

import re

import pytest

from tests.assessment.accepting import accepting
from tests.assessment.sampling import decided
from tests.files.conftest import places  # noqa: F401 (a fixture)
from tests.progress.scene import at
from tests.reach.districts import file_of
from tests.reach.test_query_counts import asked
from tests.standard import load_standard
from tests.web.signing import client_of
from weineng.accounts.models import Grant
from weineng.assessment.models import Acceptance, Assignment, Dossier, Rating, StageRun
from weineng.evidence.models import Item
from weineng.kernel.clock import now
from weineng.programmes.models import EnrolledSchool
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow


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


def handed_in(member, row, text):
    """A file in the first piece of evidence of a result."""
    item = Item.objects.get(submission=row.submission_id, seq=1)
    return file_of("evidence.item", item.pk, member.person, lambda word: f"{text}{word}")


@pytest.mark.usefixtures("places")
def test_who_accepts_sees_what_they_accept_and_nobody_else_does(world, set_clock, visitor, client):
    set_clock(at("2026-11-02 09:00"))
    load_standard()
    scene, (expert, second) = accepting(world), world.vocational_teachers
    (mine,), (other,) = decided(scene, world.teacher, "A1"), decided(scene, world.colleague, "A1")
    handed_in(world.teacher, mine, "我的"), handed_in(world.colleague, other, "旁人")
    scene.result(mine.enrolment, "A2")
    dossier = Dossier.objects.create(
        submission=mine.submission, version=1, person=mine.person, enrolment=mine.enrolment, stage="", state="decided", opened_at=now()
    )  # fmt: skip
    run = StageRun.objects.create(dossier=dossier, stage="panel", place=2, wanted=2, decides=True, state="done")
    part = Assignment.objects.create(
        run=run, reviewer_id=second.person, judged=mine.person, role="panel", state="done", assigned_at=now(), done_at=now()
    )  # fmt: skip
    Rating.objects.create(assignment=part, seq=1, level="pass", comment="目标写得清楚", final=True, saved_at=now())
    school = f"/acceptance/{oid(scene.programme)}/acceptance/{oid(world.nine_year, 'organisations.unit')}/"
    urls = [f"{school}{oid(row.enrolment, 'programmes.enrolment')}/evidence/" for row in (mine, other)]
    assert [url in visitor(expert, school, role="expert").content.decode() for url in urls] == [True, True]
    text = visitor(expert, urls[0], role="expert").content.decode()
    assert "目标写得清楚" in text
    assert "我的材料.txt" in text
    assert "旁人" not in text
    assert world.colleague.name not in text
    (link,) = set(re.findall(r'href="(/feeds/files/[^"]+)"', text))
    part_of = client.get(link, headers={"range": "bytes=0-5"})
    assert (part_of.status_code, b"".join(part_of.streaming_content)) == (206, "我的".encode())
    assert visitor(second, link, role="expert").status_code == 404  # good for one reader
    judged = visitor(second, school, role="expert").content.decode()
    assert [url in judged for url in urls] == [False, True]
    assert [visitor(second, url, role="expert").status_code for url in urls] == [404, 200]
    assert visitor(world.cio, urls[0], role="cio").status_code == 404
    assert urls[0] not in visitor(world.cio, school, role="cio").content.decode()
    for member, unit in ((world.leader, world.zone), (world.sibling_teacher, world.sibling)):
        world.grant(member.person, "expert", unit)
        assert visitor(member, urls[0], role="expert").status_code == 404
    world.grant(world.teacher.person, "expert", world.zone)
    assert visitor(world.teacher, urls[0], role="expert").status_code == 404
