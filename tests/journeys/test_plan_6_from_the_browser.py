"""A sixth plan, written in the browser only: begun from nothing, line by line in forms, judged on a sample teacher, published, started;
then a teacher of it from the roster to the certificate.

Its lines are mixed from four of the five plans: credits and a handbook (P1), peers who advise (P2), a gate and a share of practice
(P3), a daily cap (P4).
"""

import pytest

from tests.journeys.reviewing import everybody_rates
from tests.journeys.stage import Stage, cast
from tests.journeys.test_plan_3_province import learn, unit, verdict
from tests.standard import load_standard
from tests.web.signing import signed_in
from weineng.accounts.models import Grant
from weineng.certification.models import Certificate
from weineng.ops.demo import handing_in
from weineng.planning.actions import choose_points
from weineng.programmes.actions import enrol_people, enrol_school
from weineng.programmes.models import Draft, Enrolment, Programme
from weineng.progress.models import Counted, Standing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

POINTS = ("A4", "B1")  # as the demonstration hands them in
LANGUAGES = ("zh-hans", "zh-hant", "en")


class Clerk:
    """Somebody at the pages of one draft."""

    def __init__(self, page, url):
        self.page, self.url = page, url

    def open(self, place):
        self.page.goto(f"{self.url}line/{place}/")

    def say(self, **fields):
        """Fill, pick and tick; `title` in all three languages."""
        for name, value in fields.items():
            if name == "title":
                for language in LANGUAGES:
                    self.page.fill(f'[name="line.title.{language}"]', value)
                continue
            found = self.page.locator(f'[name="line.{name}"]')
            if isinstance(value, tuple):
                for one in value:
                    self.page.check(f'[name="line.{name}"][value="{one}"]')
            elif found.evaluate("one => one.tagName") == "SELECT":
                found.select_option(value)
            else:
                found.fill(value)

    def press(self, do):
        with self.page.expect_navigation():
            self.page.locator(f'.save-bar button[value="{do}"]').click()

    def write(self, place, first=None, **then):
        """One line: what decides which fields there are comes first."""
        self.open(place)
        if first is not None:
            self.say(**first)
            self.press("save")
        self.say(**then)
        self.press("done")

    def sample(self, preset):
        """The verdict of a sample that begins so, told beside the draft without leaving the page."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/sample/")):
            self.page.click(f'#sample button[value="{preset}"]')
        self.page.wait_for_function("() => !document.querySelector('.htmx-request')")
        return self.page.locator("#standing .verdict").inner_text().strip()


def begun(page, live_server):
    page.goto(f"{live_server.url}/programmes/")
    page.get_by_role("link", name="编写方案").click()
    page.get_by_role("link", name="开始编写方案").click()
    page.select_option("#id_owner", label="锦霖区")
    page.fill("#id_code", "sixth")
    for language, title in zip(LANGUAGES, ("第六方案", "第六方案", "A sixth plan"), strict=True):
        page.fill(f"#id_{language}", title)
    with page.expect_navigation():
        page.get_by_role("button", name="开始").click()
    return Clerk(page, page.url)


def every_line_is_written(clerk):
    """Numbers of its own, on lines of all kinds of plans."""
    online = {"code": "research", "from": "records", "title": "校本研修"}
    clerk.write("kinds/new", online, **{"match.mode": ("school-research",)})
    clerk.write("caps/new", code="day-online", per="day", kinds=("online",), periods="4")
    clerk.write(
        "gates/new",
        code="first-online",
        title="先学8学时",
        kinds=("online",),
        periods="8",
        opens=("research",),
        before="keep",
    )
    clerk.write("demands/0", periods="16")
    share = {"code": "practice", "type": "share", "title": "实践占比"}
    clerk.write("demands/new", share, kinds=("research",), share="50", of="online")
    clerk.write("points/part", credits="10")
    clerk.write("choice/part", **{"points.credits": "20"})
    clerk.write("demands/new", {"code": "credits", "type": "credits", "title": "学分"}, minimum="20")
    clerk.write("handbook/new", code="diary", title="研修手册")
    clerk.write("demands/new", {"code": "handbook", "type": "items", "title": "手册任务"}, item="handbook", minimum="1")
    peers = {
        "code": "peers",
        "by": "group-peers",
        "reviewers": "2",
        "decides": "false",
        "days": "14",
        "title": "教研组互评",
    }
    clerk.write("stages/new", **peers)
    clerk.open("stages/1")
    clerk.press("raise")


def what_is_wrong_stands_beside_its_field(clerk):
    """Typed while the page stays: saved, refused beside the field, and the sample waits; then right again."""
    page = clerk.page
    clerk.open("demands/0")
    field = page.locator('[name="line.periods"]')
    with page.expect_response(lambda answer: "/line/" in answer.url):
        field.fill("sixteen")
        field.press("Tab")
    page.wait_for_selector("#f-line-periods-said .field-error")
    assert field.input_value() == "sixteen"
    assert "periods: sixteen" in Draft.objects.get().source
    with page.expect_response(lambda answer: "/line/" in answer.url):
        field.fill("16")
        field.press("Tab")
    page.wait_for_function("() => !document.querySelector('#f-line-periods-said .field-error')")
    assert clerk.sample("short") == "进行中"
    assert clerk.sample("enough") == "合格"
    with page.expect_response(lambda answer: "/line/" in answer.url):
        field.fill("17")  # the sample had just enough
        field.press("Tab")
    page.wait_for_function("() => document.querySelector('#standing .verdict').innerText.includes('进行中')")
    field.fill("16")
    clerk.press("done")


def it_is_published_and_started(clerk):
    page = clerk.page
    with page.expect_navigation():
        page.locator('#publish button[value="publish"]').click()
    page.check("#confirm")
    with page.expect_navigation():
        page.locator('button[value="start"]').click()
    row = Programme.objects.get(code="sixth")
    assert row.started_on is not None
    return row


def a_teacher_passes(world, stage, row):
    """Hours behind the gate and under the cap, two points, the handbook, peers and the panel."""
    by, member = world.office.actor, world.teacher
    enrol_school(by=by, programme=row.pk, unit=world.nine_year, batch="year")
    enrol_people(by=by, programme=row.pk, unit=world.nine_year)
    mine = Enrolment.objects.get(person=member.person)
    stage.forward("2026-05-11T09:00")
    learn(world, member, "online", 3)
    learn(world, member, "school-research", 4)
    choose_points(by=member.actor, enrolment=mine.pk, points=POINTS)
    stage.as_(member.name).get("/handbook/").send({"note": "写在活页上"}, holds="note")
    stage.as_(world.leader.name, "group-leader").get(f"/declarations/{unit(world.maths)}/").send(do="agree")
    for number in range(2):
        handing_in.hand_in(stage, cast(member, 1), number)
    everybody_rates(stage, world)
    counted = Counted.objects.filter(enrolment=mine.pk, kind="online")
    assert {(line.reason, line.ref, line.minutes) for line in counted} == {("", "", 180), ("cap", "day-online", 45)}
    met = dict(Standing.objects.filter(enrolment=mine.pk).values_list("demand", "verdict"))
    assert met == dict.fromkeys(("online", "points", "practice", "credits", "handbook"), "met") | {"overall": "pass"}
    assert verdict(member) == "pass"


def test_a_sixth_plan_is_written_in_the_browser_and_runs(world, live_server, page, set_clock, one_connection):
    load_standard()
    stage = Stage(world, set_clock)
    stage.forward("2026-01-05T09:00")
    signed_in(
        page.context,
        live_server,
        world.office,
        f"grant:{Grant.objects.get(person=world.office.person, role='office').pk}",
    )
    clerk = begun(page, live_server)
    every_line_is_written(clerk)
    what_is_wrong_stands_beside_its_field(clerk)
    row = it_is_published_and_started(clerk)
    a_teacher_passes(world, stage, row)
    [paper] = Certificate.objects.filter(person=world.teacher.person, revoked_at=None)
    assert paper.number in stage.as_(world.teacher.name).get("/certificates/").text
