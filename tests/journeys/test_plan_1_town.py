"""Plan P1 from the roster to the certificates of a town, through the pages of everybody who has a part in it.

The office publishes the plan and brings a roster; teachers choose and declare; the group sends back and agrees; the handbook is
done; what fails fails the whole until it is handed in again; the town's experts accept; the county's certificates follow.
"""

import csv
import io
import re

import pytest

from tests.journeys.reviewing import everybody_rates
from tests.journeys.stage import cast
from tests.p1 import p1_source
from tests.standard import load_standard
from weineng.accounts.models import Grant
from weineng.assessment.models import StageRun
from weineng.certification.models import Certificate
from weineng.evidence.models import Submission
from weineng.notices.models import Message
from weineng.ops.demo import handing_in
from weineng.ops.demo.cast import HEADINGS, NINE_YEAR, id_number
from weineng.organisations.models import Posting
from weineng.planning.models import Declaration
from weineng.programmes.models import Enrolment, Programme
from weineng.progress.models import Standing
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

POINTS = ("A4", "B1", "A3")  # as the demonstration hands them in: 10 credits each
CHOSEN = (*POINTS, "A13")
CONTRACT = ("聘用", id_number(900))


def office(stage, world):
    return stage.as_(world.office.name, "office")


def unit(pk):
    return oid(pk, "organisations.unit")


# --- The office ---------------------------------------------------------------------------------------------------------
def a_programme_begins(stage, world):
    """Published from its text, the assumptions confirmed, started."""
    page = office(stage, world).get("/programmes/publish/")
    owner = page.form(holds="source").option("owner", "锦霖区")
    page.send({"owner": owner, "source": p1_source()}, holds="source")
    row = Programme.objects.get(code="p1-town")
    page = office(stage, world).get(f"/programmes/{oid(row)}/")
    assert "一项代表全部任务" in page.text  # an assumed line, said before it holds
    page.send({"confirm_assumptions": "1"}, do="start")
    row.refresh_from_db()
    assert row.started_on is not None
    return row


def the_roster_decides_who_is_in(stage, world, programme):
    """Everybody on the establishment and in post; not who works on a contract."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(HEADINGS)
    where = ("3151990032", NINE_YEAR, "数学教研组", "初中", "数学", "教师")
    for name, number, kind in ((world.teacher.name, world.teacher.number, "在编"), (*CONTRACT, "合同制")):
        sheet.writerow([name, "女", "居民身份证", number, "", *where, kind, "在岗", "是", "", "2020-09-01"])
    page = office(stage, world).get("/imports/")
    file = ("教师名册.csv", out.getvalue().encode("utf-8-sig"), "text/csv")
    page = office(stage, world).send_file(page, {}, {"file": file}, holds="once")
    page = page.send(holds="once")
    contract = Posting.objects.get(person__name=CONTRACT[0])
    assert contract.establishment == "contract"
    address = f"/programmes/{oid(programme)}/schools/"
    office(stage, world).get(address).send({"pick": unit(world.nine_year), "batch": "assess"}, do="enrol")
    office(stage, world).get(f"{address}{unit(world.nine_year)}/").send(holds="once", stay=True)
    people = set(Enrolment.objects.filter(programme=programme).values_list("person", flat=True))
    assert (world.teacher.person in people, world.colleague.person in people) == (True, True)
    assert contract.person_id not in people
    stage.settle()


def the_plan_of_the_school_is_approved(stage, world):
    """Nobody opens points in this plan; the school files how it will work and assess all the same."""
    cio = stage.as_(world.cio.name, "cio")
    page = cio.get(f"/plans/school/{unit(world.nine_year)}/").send(holds="once")
    scores = {name: "3" for name in page.form(do="submit").names if name.startswith("score_")}
    page.send(
        scores | {
            "environment": "multimedia", "goals": "人人完成30学分实践应用", "theme_0": "用好身边的资源",
            "step_0": "校本应用考核", "from_0": "2026-03-16", "to_0": "2026-11-30", "who_0": "评审组",
            "needs": "工具应用", "assessment": "校内外结合的评审组",
        },
        do="submit", stay=True,
    )  # fmt: skip
    page = office(stage, world).get("/plans/review/?state=submitted")
    office(stage, world).get(page.link(NINE_YEAR, "/judge/")).send(do="approve")


def the_panel_combines_insiders_and_outsiders(stage, world):
    """Its members teach in another school so far; the school's CIO adds one of its own."""
    cio = stage.as_(world.cio.name, "cio")
    page = cio.get(f"/accounts/roles/at/{unit(world.nine_year)}/give/")
    person = page.form(holds="person").option("person", world.loner.name)
    page.send({"person": person, "role": "panel-member"}, holds="person", stay=True)


# --- The teacher and the group ---------------------------------------------------------------------------------------------
def points_are_chosen_and_declared(stage, world):
    """Four chosen; two declared at once, one of them sent back; in the end three, agreed in one go."""
    teacher, leader = stage.as_(world.teacher.name), stage.as_(world.leader.name, "group-leader")
    page = teacher.get("/points/")
    scores = {name: "3" for name in page.form(holds="points").names if name.startswith("score_")}
    page = page.send(scores | {"points": CHOSEN}, holds="points")
    assert page.url.endswith("/points/declared/")
    page = page.send({"points": ["A4", "A13"]}, holds="points")
    assert leader.http.get(f"/evidence/item/point/{POINTS[0]}/").status_code == 404  # nobody else's business
    group = f"/declarations/{unit(world.maths)}/"
    page = leader.get(group)
    wanted = Declaration.objects.get(point="A13")
    page.send({"declaration": [oid(wanted)], "advice": "先做演示文稿，不做可视化"}, do="return")
    page = teacher.get("/points/declared/")
    assert "先做演示文稿" in page.text
    page = page.send(do="A13")
    page = page.send({"points": ["B1", "A3"]}, holds="points")
    page = leader.get(group).send(do="agree")
    states = {row.point: row.state for row in Declaration.objects.filter(withdrawn_at=None)}
    assert states == dict.fromkeys(sorted(POINTS), "agreed")
    assert "已告知" in page.text


def only_what_is_declared_can_be_handed_in(stage, world):
    listed = stage.as_(world.teacher.name).get("/evidence/")
    shown = {href.split("/point/")[1].strip("/") for href, _said in listed.read.links if "/item/point/" in href}
    assert shown == set(POINTS)
    assert stage.as_(world.teacher.name).http.get("/evidence/item/point/A13/").status_code == 404


def the_handbook_is_done_and_confirmed(stage, world):
    teacher, leader = stage.as_(world.teacher.name), stage.as_(world.leader.name, "group-leader")
    teacher.get("/handbook/").send({"note": "摘录在活页"}, holds="note")
    group = f"/declarations/{unit(world.maths)}/"
    page = leader.get(group)
    assert "摘录在活页" in page.text
    page.send({"advice": "请附课例反思"}, do="return")
    page = teacher.get("/handbook/")
    assert "请附课例反思" in page.text
    page.send({"note": "摘录与课例反思在活页"}, holds="note")
    page = leader.get(group)
    page.send(do="agree")
    assert met(world, stage)["handbook"] == "met"


def met(world, stage):
    stage.settle()
    rows = Standing.objects.filter(enrolment__person=world.teacher.person)
    return dict(rows.values_list("demand", "verdict"))


# --- Who looks at it -----------------------------------------------------------------------------------------------------------
def one_failed_item_fails_the_whole(stage, world):
    """30 credits of declared points are asked for, and none of them failed: one is, is handed in again, and passes."""
    teacher = cast(world.teacher, 1)
    for number in range(3):
        handing_in.hand_in(stage, teacher, number)
    everybody_rates(stage, world, failing=("A3",))
    for run in StageRun.objects.filter(stage="panel"):
        schools = [world.member(one.reviewer_id).school for one in run.assignments.all()]
        assert sorted(school == world.nine_year for school in schools) == [False, True]
    levels = dict(Submission.objects.filter(state="decided").values_list("point", "level"))
    assert levels == {"A4": "pass", "B1": "pass", "A3": "fail"}
    found = met(world, stage)
    assert (found["credits"], found["items"], found["overall"]) == ("open", "open", "in-progress")
    page = stage.as_(world.teacher.name).get("/points/declared/")
    assert not re.search(r'name="withdraw"', page.html)  # what was decided stays declared
    home = stage.as_(world.teacher.name).get("/my/")
    assert "A3" in home.text
    page = stage.as_(world.teacher.name).get("/evidence/item/point/A3/")
    assert "请写明数据来源" in page.text
    handing_in.consent(page.send(action="/evidence/item/"))
    everybody_rates(stage, world)
    found = met(world, stage)
    assert [found[code] for code in ("credits", "items", "handbook", "overall")] == ["met", "met", "met", "pass"]


# --- The town, the county ------------------------------------------------------------------------------------------------------
def certificates_wait_until_the_town_accepts(stage, world, programme):
    assert Certificate.objects.count() == 0
    expert = world.kindergarten_teachers[0]
    assert Grant.objects.filter(person=expert.person, role="expert").exists()
    address = f"/acceptance/{oid(programme)}/acceptance/{unit(world.nine_year)}/"
    stage.as_(world.cio.name, "cio").get(address).send(do="ask")
    town = stage.as_(expert.name, "expert")
    page = town.get(address)
    form, mine = page.form(action="/do/"), Enrolment.objects.get(person=world.teacher.person)
    picked = [*form.fields, ("pick", oid(mine)), ("do", "accept")]  # its boxes stand in the table, outside the form
    page = town.post(form.action, picked, came_from=page.url)
    page.send(do="sign")
    stage.settle()
    papers = Certificate.objects.filter(person=world.teacher.person, revoked_at=None)
    assert sorted(papers.values_list("point", flat=True)) == sorted(POINTS)


def each_point_has_its_certificate(stage, world):
    teacher = stage.as_(world.teacher.name)
    page = teacher.get("/certificates/")
    for paper in Certificate.objects.filter(person=world.teacher.person):
        assert paper.number in page.text
        assert teacher.http.get(f"/certificates/{oid(paper)}/pdf/").content[:5] == b"%PDF-"
    assert Message.objects.filter(person=world.teacher.person, event="certificate-issued").count() == len(POINTS)
    assert "合格" in teacher.get("/my/").text


def a_town_s_year(stage, world):
    load_standard()
    world.grant(world.kindergarten_teachers[0].person, "expert", world.zone)
    stage.forward("2026-01-05T09:00")
    programme = a_programme_begins(stage, world)
    stage.forward("2026-01-12T09:00")
    the_roster_decides_who_is_in(stage, world, programme)
    stage.forward("2026-03-02T09:00")
    the_plan_of_the_school_is_approved(stage, world)
    the_panel_combines_insiders_and_outsiders(stage, world)
    stage.forward("2026-03-16T09:00")
    points_are_chosen_and_declared(stage, world)
    only_what_is_declared_can_be_handed_in(stage, world)
    the_handbook_is_done_and_confirmed(stage, world)
    return programme


def test_a_town_from_the_roster_to_the_certificates(world, stage):
    programme = a_town_s_year(stage, world)
    stage.forward("2026-05-11T09:00")
    one_failed_item_fails_the_whole(stage, world)
    stage.forward("2026-06-15T09:00")
    certificates_wait_until_the_town_accepts(stage, world, programme)
    each_point_has_its_certificate(stage, world)
