"""A change of a programme in the browser's words: proposed, looked at, its people page by page, decided by a second person."""

from datetime import datetime

import pytest

from tests.district import SOURCE, second_office
from tests.progress.scene import ZONE, Scene, plan
from tests.settling import run_once
from tests.standard import load_standard
from weineng.programmes.models import Enrolment, Programme, Proposal, Version
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

TIGHTER = SOURCE.replace("      value: 20\n", "      value: 22\n")


@pytest.fixture
def scene(world, set_clock):
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    load_standard()
    scene = Scene(plan("p4-district"), owner=world.district, leaf=world.maths, school=world.nine_year)
    Version.objects.update(source=SOURCE)
    for member in (world.teacher, world.colleague):
        scene.finish(scene.enrol(member.person))
    scene.enrol(world.leader.person)
    scene.recount(*Enrolment.objects.order_by("pk").values_list("pk", flat=True))
    return scene


@pytest.fixture
def office(world, visitor):
    return lambda url, data=None, who=None: visitor(who or world.office, url, data, "office")


def proposed(scene, office, source=TIGHTER):
    sent = {"source": source, "everybody": "all", "reason": "省里改了要求"}
    answer = office(f"/programmes/{oid(scene.programme)}/versions/propose/", sent)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return answer.headers["Location"]


def text(answer, status=200):
    assert answer.status_code == status
    return " ".join(answer.content.decode().split("<main")[1].split())


def test_a_change_is_proposed_looked_at_and_confirmed(world, scene, office):
    second = second_office(world)
    form = text(office(f"/programmes/{oid(scene.programme)}/versions/propose/"))
    assert "programme: p4-district" in form
    url = proposed(scene, office)
    assert "即将预览" in text(office(url))
    run_once()
    mine, theirs = text(office(url)), text(office(url, who=second))
    assert ("撤回修订" in mine, 'value="confirm"' in mine) == (True, False)
    assert ("撤回修订" in theirs, 'value="confirm"' in theirs) == (False, True)
    assert "在线网络课程：至少20学时。" in theirs
    assert "在线网络课程：至少22学时。" in theirs
    people = text(office(f"{url}people/?was=pass&becomes=in-progress"))
    assert {name for name in (m.name for m in world.everybody) if f">{name}<" in people} == {
        world.teacher.name, world.colleague.name,
    }  # fmt: skip
    assert "没有相关人员" in text(office(f"{url}people/?papers=issued"))
    assert "2" in text(
        office(f"{url}people/?lost=online&verdict=other&school={oid(world.nine_year, 'organisations.unit')}")
    )
    assert "白石镇九年一贯制学校" in text(office(f"{url}schools/"))
    assert office(f"{url}people/?school=x").status_code == 404
    row = Proposal.objects.get()
    refused = office(f"{url}do/", {"do": "confirm", "look": "other"}, second)
    assert (refused.status_code, "不是目前的情况" in refused.content.decode()) == (422, True)
    done = office(f"{url}do/", {"do": "confirm", "look": row.look_mark}, second)
    assert done.status_code == 302
    assert "正在生效" in text(office(url))
    run_once()
    assert "已生效" in text(office(url))
    listed = text(office(f"/programmes/{oid(scene.programme)}/versions/"))
    assert "修订为第2版" in listed
    back = office(
        f"/programmes/{oid(scene.programme)}/versions/again/", {"version": "1", "everybody": "all", "reason": "收回"}
    )
    assert back.status_code == 302
    assert Proposal.objects.filter(state="proposed").count() == 1
    assert "有一份修订等待确认" in text(office(f"/programmes/{oid(scene.programme)}/"))


def test_a_wrong_document_lists_its_problems(scene, office):
    sent = {"source": SOURCE.replace("per: day", "per: daily"), "everybody": "all", "reason": "x"}
    answer = office(f"/programmes/{oid(scene.programme)}/versions/propose/", sent)
    assert "caps.day-online.per" in text(answer, 422)
    same = office(f"/programmes/{oid(scene.programme)}/versions/propose/", {**sent, "source": SOURCE})
    assert "现行的就是这份方案。" in text(same, 422)
    assert not Proposal.objects.exists()


def test_refused_withdrawn_looked_at_again(world, scene, office):
    second, url = second_office(world), proposed(scene, office)
    run_once()
    assert office(f"{url}do/", {"do": "look"}, second).status_code == 302
    assert "即将预览" in text(office(url))
    run_once()
    assert text(office(f"{url}do/", {"do": "refuse", "reason": ""}, second), 422)
    assert office(f"{url}do/", {"do": "refuse", "reason": "先不改"}, second).status_code == 302
    assert "先不改" in text(office(url))
    again = proposed(scene, office)
    assert office(f"{again}do/", {"do": "withdraw"}).status_code == 302
    assert office(f"{again}do/", {"do": "other"}).status_code == 404
    assert list(Proposal.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "withdrawn"]


def test_a_sibling_office_finds_nothing(world, scene, office):
    url = proposed(scene, office)
    for end in ("", "people/", "schools/"):
        assert office(url + end, who=world.wu).status_code == 404
    for end in ("", "propose/"):
        assert office(f"/programmes/{oid(scene.programme)}/versions/{end}", who=world.wu).status_code == 404
    assert office(f"{url}do/", {"do": "withdraw"}, world.wu).status_code == 404
    again = {"version": "1", "everybody": "all", "reason": "x"}
    assert office(f"/programmes/{oid(scene.programme)}/versions/again/", again, world.wu).status_code == 404


def test_an_office_below_reads_the_document_of_a_programme_above_and_not_how_it_is_changed(world, scene, office):
    Programme.objects.update(owner=world.province)
    here = f"/programmes/{oid(scene.programme)}/"
    assert office(here).status_code == 200
    assert [office(f"{here}versions/{end}").status_code for end in ("", "propose/")] == [404, 404]
