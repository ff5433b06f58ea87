"""Every page of the journeys in a real browser: no accessibility violation, nothing wider than a phone, few bytes.

With WEINENG_TEST_ALBUM=1 the pages are also photographed into docs/album (360 and 1440 px).
"""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.conf import settings
from PIL import Image

from tests.evidence.conftest import here  # noqa: F401 (files are looked into in this process)
from tests.files import samples
from tests.files.conftest import places  # noqa: F401 (a place for files of each test's own)
from tests.web.scenes import NOW, middle_of_the_year
from tests.web.signing import signed_in
from weineng.accounts.models import Grant
from weineng.activities.actions import open_session, sign_in
from weineng.kernel.ids import seal_id

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ALBUM = Path(__file__).parents[2] / "docs" / "album"
AXE = AXE_FILE_PATH.read_text()
TALLEST = 2400
LARGEST = 150_000


@pytest.fixture
def school(world, p4, set_clock):
    return middle_of_the_year(world, p4, set_clock, samples.pdf(2))


@pytest.fixture
def act_as(page, live_server):
    """`act_as(member, role)`: the browser is signed in as them in that post ('' = for oneself)."""

    def enter(member, role="", language="zh-hans"):
        grant = Grant.objects.filter(person=member.person, role=role).first()
        signed_in(page.context, live_server, member, f"grant:{grant.pk}" if grant else "")
        cookies = ((settings.LANGUAGE_COOKIE_NAME, language), ("weineng_theme", "light"))
        page.context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies])

    return enter


def look(page, name, *, whole=True):
    """What is wrong with the page that is open, at the desk and on the phone."""
    wrong = []
    page.evaluate(AXE)
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 900 if width > 500 else 740})
        found = page.evaluate("axe.run({resultTypes: ['violations']}).then((said) => said.violations)")
        wrong += [f"{name} {width} {v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]
        if over := page.evaluate("document.documentElement.scrollWidth - innerWidth"):
            wrong.append(f"{name} {width}: {over} px too wide")
        if os.environ.get("WEINENG_TEST_ALBUM"):
            photograph(page, f"{name}-{width}.png", width, whole)
    return wrong


def photograph(page, name, width, whole):
    """A small picture of the page, of at most TALLEST pixels; not `whole`: what is in sight."""
    if whole:
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(min(height, TALLEST), 640)})
    picture = Image.open(io.BytesIO(page.screenshot()))
    ALBUM.mkdir(exist_ok=True)
    picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(ALBUM / name, optimize=True)
    assert (ALBUM / name).stat().st_size <= LARGEST, name


def oid(row, kind=""):
    return seal_id(kind or row._meta.label_lower, row.pk)


def test_the_album(page, live_server, world, school, p4, act_as, set_clock):
    wrong = []

    def walk(pages):
        for name, path in pages:
            answer = page.goto(live_server.url + path)
            assert answer.status in (200, 404 if name == "not-found" else 200), (name, answer.status)
            wrong.extend(look(page, name))

    unit = {key: seal_id("organisations.unit", world.units[key]) for key in ("maths", "nine_year", "district")}
    person = {key: oid(row) for key, row in school.enrolments.items()}
    act_as(world.teacher)
    walk((
        ("home", "/my/"), ("person", f"/progress/{person['teacher']}/"), ("evidence", "/evidence/"),
        ("task-draft", f"/evidence/{oid(school.draft)}/"), ("task-under-review", f"/evidence/{oid(school.reviewed)}/"),
        ("task-returned", f"/evidence/{oid(school.returned)}/"), ("task-recording", "/evidence/item/recording/-/"),
        ("records", "/learning/"), ("sessions", "/sessions/"), ("session", f"/sessions/{oid(school.sessions['first'])}/"),
        ("not-found", "/evidence/nothing/"), ("certificates-none", "/certificates/"),
    ))  # fmt: skip
    page.goto(f"{live_server.url}/learning/")
    page.locator("tbody a").first.click()
    wrong += look(page, "record")
    page.goto(f"{live_server.url}/evidence/{oid(school.draft)}/")
    page.get_by_role("button", name="提交", exact=True).or_(page.locator("button[value=seal]")).first.click()
    wrong += look(page, "task-refused")
    page.goto(f"{live_server.url}/evidence/item/recording/-/")
    page.locator("main form button").first.click()
    wrong += look(page, "task-recording-draft")
    act_as(world.teacher, language="en")
    walk((("home-en", "/my/"),))
    act_as(world.colleague)
    walk((("home-begin", "/my/"), ("choose", "/points/")))
    page.locator("button[type=submit], main form .button").last.click()
    wrong += look(page, "choose-refused")
    act_as(world.wu)
    walk((("home-outside", "/my/"),))
    act_as(world.leader)
    walk(
        (
            ("home-finished", "/my/"),
            ("certificates", "/certificates/"),
            ("certificate", f"/certificates/{oid(school.certificate)}/"),
        )
    )
    act_as(world.leader, "group-leader")
    session = open_session(by=world.leader.actor, session=_now(set_clock, school).pk)
    sign_in(by=world.colleague.actor, session=session.pk, code=session.code)
    walk((
        ("session-open", f"/sessions/{oid(session)}/"), ("session-plan", f"/sessions/plan/{unit['maths']}/"),
        ("session-people", f"/sessions/{oid(session)}/people/"), ("group-plan", f"/plans/group/{unit['maths']}/"),
        ("group-overview", f"/progress/unit/{unit['maths']}/"),
    ))  # fmt: skip
    act_as(world.teacher)
    walk((("home-session", "/my/"), ("session-sign-in", f"/sessions/{oid(session)}/sign-in/")))
    act_as(world.cio, "cio")
    walk((
        ("school-overview", f"/progress/unit/{unit['nine_year']}/"), ("school-plan", f"/plans/school/{unit['nine_year']}/"),
        ("school-plan-show", f"/plans/{oid(school.plan)}/"), ("people", f"/progress/unit/{unit['nine_year']}/people/"),
    ))  # fmt: skip
    page.goto(f"{live_server.url}/plans/school/{unit['nine_year']}/")
    page.locator("main form button").first.click()
    wrong += look(page, "school-plan-edit")
    page.locator("button[value=submit]").click()
    wrong += look(page, "school-plan-submitted")
    act_as(world.office, "office")
    walk((
        ("overview", f"/progress/unit/{unit['district']}/"), ("person-by-office", f"/progress/{person['teacher']}/"),
        ("plan-queue", "/plans/review/"), ("providers", "/learning/providers/"), ("programmes", "/programmes/"),
        ("programme", f"/programmes/{oid(p4)}/"), ("programme-schools", f"/programmes/{oid(p4)}/schools/"),
        ("imports", "/imports/"), ("certificates-schools", "/certificates/schools/"),
    ))  # fmt: skip
    page.goto(f"{live_server.url}/plans/review/")
    page.locator("main tbody a").first.click()
    wrong += look(page, "plan-judge")
    act_as(world.member(school.assignment.reviewer_id))
    walk((("review", "/review/"), ("review-closed", f"/review/{oid(school.assignment)}/")))
    page.locator("main .note form button").click()
    wrong += look(page, "review-dossier", whole=False)
    act_as(world.kindergarten_teachers[0])
    walk((("review-none", "/review/"),))
    assert wrong == []


def _now(set_clock, school):
    set_clock(NOW + timedelta(minutes=15))
    return school.sessions["today"]
