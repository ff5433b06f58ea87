"""Plan P3 from its publication to what is confirmed and checked: 25 periods online open the rest, peers look, then a backbone
teacher of the school, experts of the county confirm, city and province draw samples; a bad one widens.
"""

import re
from datetime import datetime

import pytest

from tests.journeys.reviewing import everybody_rates
from tests.journeys.stage import cast
from tests.p4 import PLANS
from tests.planning.plans import refusal
from tests.standard import load_standard
from weineng.accounts.models import Grant
from weineng.assessment.models import Assignment, Result, Sample, SampledResult
from weineng.assessment.rules import draw
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import accept_records
from weineng.learning.rules import RecordRow
from weineng.notices.models import Message
from weineng.ops.demo import handing_in
from weineng.planning.actions import choose_points
from weineng.programmes.actions import enrol_people, enrol_school
from weineng.programmes.models import Enrolment, Programme
from weineng.progress.models import Standing
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

POINTS = ("A4", "B1")  # as the demonstration hands them in


def p3_source():
    """The shipped text, every line of it, its days seven years later."""
    text = (PLANS / "p3-province.yaml").read_text(encoding="utf-8").replace("2024-02-29", "2024-02-28")
    return re.sub(r"\b20(\d\d)(?=-\d\d-\d\d)", lambda year: f"20{int(year[1]) + 7}", text)


def unit(pk):
    return oid(pk, "organisations.unit")


def people_of_the_plan(world):
    """A backbone teacher, three experts of the county, one of the city and of the province, and the offices of both."""
    world.grant(world.chinese_teachers[0].person, "backbone", world.nine_year)
    for member in (*world.vocational_teachers, world.kindergarten_teachers[0]):
        world.grant(member.person, "expert", world.district)
    for key, place in (("city", world.city), ("province", world.province)):
        expert = world.enter(f"{key}专家", place, key=f"{key}_expert")
        office = world.enter(f"{key}工程办", place, key=f"{key}_office")
        world.grant(expert.person, "expert", place)
        world.grant(office.person, "office", place)


def a_programme_begins(stage, world):
    """The province publishes the plan as it is, says what is assumed, and starts it; a school and its people take part."""
    office = stage.as_(world.province_office.name, "office")
    page = office.get("/programmes/publish/")
    page.send({"owner": page.form(holds="source").option("owner", "岷岭省"), "source": p3_source()}, holds="source")
    row = Programme.objects.get(code="p3-province")
    office.get(f"/programmes/{oid(row)}/").send({"confirm_assumptions": "1"}, do="start")
    by = world.office.actor
    enrol_school(by=by, programme=row.pk, unit=world.nine_year, batch="pilot")
    enrol_people(by=by, programme=row.pk, unit=world.nine_year)
    stage.settle()
    return row


def learn(world, member, mode, month):
    """25 periods in five days."""
    rows = [
        RecordRow(
            source_id=f"{member.key}-{mode}-{day}", person_type="id-card", person_number=member.number, mode=mode,
            course=f"{mode}{day}", title="研修", starts_at=datetime(2026, month, day, 8, tzinfo=CIVIL),
            ends_at=datetime(2026, month, day, 12, tzinfo=CIVIL), minutes=225,
        )
        for day in range(2, 7)
    ]  # fmt: skip
    said = accept_records(by=world.provider, provider="qingyun", rows=rows)
    assert [row.status for row in said] == ["created"] * 5


def online_comes_first(stage, world, members):
    """Nothing is chosen before the 25 periods online; with them the gate opens."""
    for member in members:
        row = Enrolment.objects.get(person=member.person)
        assert refusal(choose_points, by=member.actor, enrolment=row.pk, points=POINTS) == "gate-closed"
        learn(world, member, "online", 3)
    stage.settle()
    for member in members:
        page = stage.as_(member.name).get("/points/")
        scores = {name: "3" for name in page.form(holds="points").names if name.startswith("score_")}
        page.send(scores | {"points": POINTS}, holds="points", stay=True)
        learn(world, member, "school-research", 4)


def peers_backbone_and_county_look(stage, world, members):
    """Each dossier goes from two of the group to the backbone teacher and on to two experts of the county, who confirm."""
    for member in members:
        for number in range(2):
            handing_in.hand_in(stage, cast(member, 1), number)
    everybody_rates(stage, world)
    rows = Assignment.objects.filter(state="done").order_by("pk")
    per_dossier = {}
    for row in rows.select_related("run__dossier"):
        per_dossier.setdefault(row.run.dossier.submission_id, []).append(row.basis)
    assert list(per_dossier.values()) == [["group"] * 2 + ["backbone"] + ["experts-county"] * 2] * 4
    assert {verdict(member) for member in members} == {"pass"}
    profile = Standing.objects.get(enrolment__person=members[0].person, demand="overall").detail["profile"]
    assert "pass" in profile.values()
    assert (
        "能力画像" in stage.as_(members[0].name).get("/my/").text
        or "画像" in stage.as_(members[0].name).get("/my/").text
    )


def verdict(member):
    return Standing.objects.get(enrolment__person=member.person, demand="overall").verdict


def sample(stage, office, programme, code, place, seed):
    """An office fixes the list and draws, on its pages; anybody draws again."""
    visitor = stage.as_(office.name, "office")
    page = visitor.get(f"/samples/frame/{oid(programme)}/{code}/{unit(place)}/").send(holds="until")
    page.send({"seed": seed}, do="draw")
    row = Sample.objects.get(stage=code)
    lines = visitor.http.get(f"/samples/{oid(row)}/drawn/numbers.csv").text.splitlines()[1:]
    numbers = [(int(line.split(",")[0]), line.split(",")[2]) for line in lines]
    wanted = row.parts.get().wanted
    assert sorted(draw(f"{seed}{row.secret}", [number for number, _taken in numbers], wanted)) == [
        n for n, taken in numbers if taken == "1"
    ]
    stage.settle()
    return row


def the_city_draws_a_bad_sample(stage, world, programme, members):
    """One of four is drawn and does not hold: all four are looked at; who lost a point hands in again and is confirmed anew."""
    row = sample(stage, world.city_office, programme, "city-sample", world.city, "福彩 2026-09-01 07 12 33")
    drawn = SampledResult.objects.get(drawn=1).result
    everybody_rates(stage, world, failing=(drawn.point,))
    lowered = Result.objects.filter(source="sample").order_by("pk")
    assert (SampledResult.objects.filter(drawn=2).count(), row.parts.get().widened_at is not None) == (3, True)
    assert {result.point for result in lowered} == {drawn.point}
    assert lowered.count() == 2  # both teachers' evidence for that point
    assert [verdict(member) for member in members] == ["in-progress"] * 2
    assert Message.objects.filter(event="sample-lowered").count() == 2
    row.refresh_from_db()
    assert row.state == "done"
    for member in members:
        page = stage.as_(member.name).get(f"/evidence/item/point/{drawn.point}/")
        handing_in.consent(page.send(action="/evidence/item/"))
    everybody_rates(stage, world)
    assert [verdict(member) for member in members] == ["pass"] * 2


def the_province_draws_a_good_one(stage, world, programme, members):
    """What the province draws holds: nothing changes, and those concerned are told."""
    row = sample(stage, world.province_office, programme, "province-sample", world.province, "体彩 2026-11-02 04 19 28")
    assert row.size == 4
    reviewer = Assignment.objects.get(state="assigned").reviewer_id
    assert reviewer == world.province_expert.person
    everybody_rates(stage, world)
    row.refresh_from_db()
    assert (row.state, list(SampledResult.objects.filter(stratum__sample=row, drawn=1).values_list("outcome", flat=True))) == (
        "done", ["same"],
    )  # fmt: skip
    assert [verdict(member) for member in members] == ["pass"] * 2
    page = stage.as_(world.province_office.name, "office").get(f"/samples/{oid(row)}/")
    assert "体彩 2026-11-02 04 19 28" in page.text


def test_a_province_from_publication_to_samples(world, stage):
    load_standard()
    people_of_the_plan(world)
    stage.forward("2026-01-12T09:00")
    programme = a_programme_begins(stage, world)
    members = (world.teacher, world.colleague)
    stage.forward("2026-05-11T09:00")
    online_comes_first(stage, world, members)
    stage.forward("2026-05-18T09:00")
    peers_backbone_and_county_look(stage, world, members)
    stage.forward("2026-09-02T09:00")
    the_city_draws_a_bad_sample(stage, world, programme, members)
    stage.forward("2026-11-03T09:00")
    the_province_draws_a_good_one(stage, world, programme, members)
    assert Grant.objects.filter(role="expert").count() == 5
