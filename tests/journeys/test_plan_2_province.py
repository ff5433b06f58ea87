"""Plan P2 from its publication by a province to a teacher's certificate, through the doors.

The province publishes and starts; a district enrols a school and approves its plan; the teacher learns online, meets her group,
hands in; self, peers and panel judge; the city draws a sample and looks once more; the certificate waits for it. The plan's own
split of the thirty periods is shown and asks for nothing; the roll-out shows what the district has started.
"""

import pytest

from tests.journeys.stage import cast, http_client
from tests.journeys.steps import look, online, research, reviews
from tests.standard import load_standard
from weineng.assessment.models import Assignment, Result, Sample
from weineng.certification.models import Certificate
from weineng.ops.demo import handing_in
from weineng.planning.models import SchoolPlan
from weineng.programmes.models import Enrolment, Programme
from weineng.programmes.queries import PLANS
from weineng.progress.models import Standing
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

POINTS = ("A4", "B1", "A3")  # as the demonstration hands them in, of two dimensions
YEARS = (("2023-", "2029-"), ("2022-", "2028-"), ("2021-", "2027-"), ("2020-", "2026-"))


def source():
    """The shipped text, its years being 2026 to 2028."""
    text = (PLANS / "p2-province.yaml").read_text(encoding="utf-8")
    for old, new in YEARS:
        text = text.replace(old, new)
    return text


def unit(pk):
    return oid(pk, "organisations.unit")


def the_province_publishes_and_starts(stage, world):
    office = stage.as_(world.loner.name, "office")
    page = office.get("/programmes/publish/")
    page.send({"owner": page.form(holds="source").option("owner", "岷岭省"), "source": source()}, holds="source")
    row = Programme.objects.get(code="p2-province")
    office.get(f"/programmes/{oid(row)}/").send({"confirm_assumptions": "1"}, do="start")
    row.refresh_from_db()
    assert (row.owner_id, row.started_on is not None) == (world.province, True)
    return row


def the_district_brings_a_school_in(stage, world, programme):
    office = stage.as_(world.office.name, "office")
    address = f"/programmes/{oid(programme)}/schools/"
    office.get(address).send({"pick": unit(world.nine_year), "batch": "pilot"}, do="enrol")
    office.get(f"{address}{unit(world.nine_year)}/").send(holds="once", stay=True)
    assert Enrolment.objects.filter(programme=programme, person=world.teacher.person).exists()


def the_plan_of_the_school_is_approved(stage, world):
    """Two dimensions at least are opened, and the points of them."""
    cio = stage.as_(world.cio.name, "cio")
    page = cio.get(f"/plans/school/{unit(world.nine_year)}/").send(holds="once")
    scores = {name: "3" for name in page.form(do="submit").names if name.startswith("score_")}
    page.send(
        scores | {
            "environment": "multimedia", "goals": "人人完成50学时", "dimensions": ["learner-analysis", "teaching-design"],
            "points": list(POINTS), "theme_0": "用好身边的资源", "theme_points_0": [POINTS[0]], "step_0": "整校推进",
            "from_0": "2026-07-06", "to_0": "2026-12-18", "who_0": "信息长", "needs": "工具应用", "assessment": "校内评审组",
        },
        do="submit", stay=True,
    )  # fmt: skip
    assert SchoolPlan.objects.get().state == "submitted", page.text[:800]
    page = stage.as_(world.office.name, "office").get("/plans/review/?state=submitted")
    page = stage.as_(world.office.name, "office").get(page.link("白石镇九年一贯制学校", "/judge/"))
    page.send(do="approve")
    assert SchoolPlan.objects.get().state == "approved"


def all_but_the_last_point(stage, world):
    stage.as_(world.teacher.name).get("/points/").send({"points": POINTS}, holds="points", stay=True)
    online(world, [("id-card", world.teacher.number)] * 10)
    research(world, stage, day="2026-09-16")
    stage.forward("2026-10-12T09:00")
    teacher = cast(world.teacher, 1)
    for number in (1, 2):
        handing_in.hand_in(stage, teacher, number)
    handing_in.record_lesson(stage, teacher)
    reviews(world, stage)


def standing(world):
    rows = Standing.objects.filter(enrolment__person=world.teacher.person)
    return {row.demand: (row.have, row.verdict) for row in rows}


def what_is_advised_is_shown_and_asks_for_nothing(stage, world):
    """25 of 30 periods of practice are there, of them 10 of the 15 that are advised for evidence."""
    found = standing(world)
    assert found["online"] == (900, "met")
    assert found["practice"] == (1125, "open")
    home = stage.as_(world.teacher.name).get("/my/").text
    assert "建议，不作要求" in home
    assert "能力点实践应用认证材料 10 / 15" in home
    assert "综合应用能力点课堂实录 5 / 5" in home


def the_city_draws_a_sample(stage, world, programme):
    """One of the three results, by a seed that was not known when the list was fixed; its expert finds what the panel found."""
    office = stage.as_(world.kindergarten_cio.name, "office")
    address = f"/samples/frame/{oid(programme)}/city-sample/{unit(world.city)}/"
    page = office.get(address).send({"until": "2026-10-12"}, holds="until")
    page.send({"seed": "2026-10-12 03 11 17"}, do="draw")
    sample = Sample.objects.get()
    assert (sample.size, sample.state, sample.seed) == (3, "running", "2026-10-12 03 11 17")
    public = http_client().get(f"/samples/{oid(sample)}/drawn/").text  # signed out
    assert sample.seed in public
    assert world.teacher.name not in public
    return sample


def the_certificate_waits_for_it(stage, world, sample):
    stage.forward("2026-11-09T09:00")
    handing_in.hand_in(stage, cast(world.teacher, 1), 0)
    reviews(world, stage)
    assert standing(world)["overall"] == (4, "pass")
    assert Certificate.objects.count() == 0
    assert "市级质量抽检" in stage.as_(world.teacher.name).get("/certificates/").text
    expert = world.kindergarten_teachers[1]
    assert set(Assignment.objects.filter(state="assigned").values_list("reviewer", flat=True)) == {expert.person}
    look(stage, [(1, expert)])
    stage.settle()
    sample.refresh_from_db()
    assert (sample.state, Result.objects.filter(overturned_at__isnull=False).count()) == ("done", 0)
    certificate = Certificate.objects.get(person=world.teacher.person)
    teacher = stage.as_(world.teacher.name)
    assert certificate.number in teacher.get("/certificates/").text
    assert teacher.http.get(f"/certificates/{oid(certificate)}/pdf/").content[:5] == b"%PDF-"


def the_roll_out_shows_what_was_started(stage, world):
    page = stage.as_(world.loner.name, "office").get(f"/progress/unit/{unit(world.province)}/roll-out/").text
    assert "区县中20%已启动" in page
    assert "已达到" in page
    page = stage.as_(world.office.name, "office").get(f"/progress/unit/{unit(world.district)}/roll-out/").text
    assert "须有95%的人完成" in page


def test_a_province_from_its_plan_to_a_certificate(world, stage):
    load_standard()
    world.grant(world.loner.person, "office", world.province)
    world.grant(world.kindergarten_cio.person, "office", world.city)
    world.grant(world.kindergarten_teachers[1].person, "expert", world.city)
    programme = the_province_publishes_and_starts(stage, world)
    stage.forward("2026-07-01T09:00")
    the_district_brings_a_school_in(stage, world, programme)
    the_plan_of_the_school_is_approved(stage, world)
    stage.forward("2026-09-01T09:00")
    all_but_the_last_point(stage, world)
    what_is_advised_is_shown_and_asks_for_nothing(stage, world)
    sample = the_city_draws_a_sample(stage, world, programme)
    the_certificate_waits_for_it(stage, world, sample)
    the_roll_out_shows_what_was_started(stage, world)
