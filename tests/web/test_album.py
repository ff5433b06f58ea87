"""Every page of the journeys in a real browser: no accessibility violation, nothing wider than a phone, nothing to press on
it that a thumb would miss, few bytes.

With WEINENG_TEST_ALBUM=1 the pages are also photographed into docs/album (360 and 1440 px).
"""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test.testcases import LiveServerThread
from PIL import Image

from tests.evidence.conftest import look_in_this_process
from tests.files.conftest import files_in
from tests.p4 import publish_p4
from tests.web.axe import violations
from tests.web.scenes import NOW, middle_of_the_year
from tests.web.signing import signed_in
from weineng.accounts.models import Grant
from weineng.activities.actions import open_session, sign_in
from weineng.kernel.ids import seal_id
from weineng.learning.actions import issue_api_key
from weineng.learning.models import Provider
from weineng.ops.demo.papers import pdf as paper
from weineng.planning.queries import chosen_points
from weineng.programmes.models import Programme

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ALBUM = Path(__file__).parents[2] / "docs" / "album"
TALLEST = 2400
LARGEST = 180_000
SMALL = (Path(__file__).parent / "small_targets.js").read_text()
PARTS = ("一、分析目的与对象", "二、分析内容与工具", "三、实施步骤与时间", "四、三个班前测数据的汇总表")


@pytest.fixture(scope="module")
def built(once_kept, tmp_path_factory):
    """The scene, built once a module; files are looked into in this process."""
    with files_in(tmp_path_factory.mktemp("files")), pytest.MonkeyPatch.context() as patch:
        look_in_this_process(patch)
        yield once_kept(
            lambda world, set_to: middle_of_the_year(
                world, publish_p4(world), set_to, paper("七年级数学学情分析方案", PARTS)
            )
        )


@pytest.fixture
def school(built, world, set_clock):
    """The scene, a minute later."""
    set_clock(NOW + timedelta(minutes=1))
    return built


@pytest.fixture
def act_as(page, live_server):
    """`act_as(member, role)`: the browser is signed in as them in that post ('' = for oneself)."""

    def enter(member, role="", language="zh-hans"):
        grant = Grant.objects.filter(person=member.person, role=role).first()
        signed_in(page.context, live_server, member, f"grant:{grant.pk}" if grant else "")
        cookies = ((settings.LANGUAGE_COOKIE_NAME, language), ("weineng_theme", "light"))
        page.context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies])

    return enter


# Parts that are fetched after the page, and pictures of the pages of a document, have come.
QUIET = "() => !document.querySelector('.htmx-request') && [...document.images].every((image) => image.complete)"


def look(page, name, *, whole=True):
    """What is wrong with the page that is open, at the desk and on the phone."""
    wrong = []
    page.wait_for_load_state("load")
    page.wait_for_function(QUIET)
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 900 if width > 500 else 740})
        wrong += [f"{name} {width} {found}" for found in violations(page)]
        wrong += [f"{name} {width}: {small}" for small in page.evaluate(SMALL)] if width < 500 else []
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
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    picture = Image.open(io.BytesIO(page.screenshot()))
    ALBUM.mkdir(exist_ok=True)
    picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(ALBUM / name, optimize=True)
    assert (ALBUM / name).stat().st_size <= LARGEST, name


def oid(row, kind=""):
    return seal_id(kind or row._meta.label_lower, row.pk)


@pytest.fixture
def walk(page, live_server):
    """`walk(("home", "/my/"), …)`: open each page and look at it; what is wrong is in `walk.wrong`."""

    def go(*pages):
        for name, path in pages:
            answer = page.goto(live_server.url + path)
            assert answer.status == (404 if name == "not-found" else 200), (name, answer.status)
            assert page.url == live_server.url + path, name  # not the sign-in page in its place
            go.wrong += look(page, name)

    def press(name, path, button, *, whole=True):
        page.goto(live_server.url + path)
        with page.expect_navigation():
            page.locator(button).first.click()
        go.wrong += look(page, name, whole=whole)

    def see(name, *, whole=True):
        go.wrong += look(page, name, whole=whole)

    go.wrong, go.press, go.see = [], press, see
    return go


def test_the_pages_of_teachers(world, school, act_as, walk):
    person = oid(school.enrolments["teacher"])
    act_as(world.teacher)
    walk(
        ("home", "/my/"), ("person", f"/progress/{person}/"), ("evidence", "/evidence/"),
        ("task-draft", f"/evidence/{oid(school.draft)}/"), ("task-under-review", f"/evidence/{oid(school.reviewed)}/"),
        ("task-returned", f"/evidence/{oid(school.returned)}/"), ("records", "/learning/"), ("sessions", "/sessions/"),
        ("session", f"/sessions/{oid(school.sessions['first'])}/"), ("not-found", "/evidence/nothing/"),
    )  # fmt: skip
    walk.press("record", "/learning/", "tbody a")
    walk.press("task-refused", f"/evidence/{oid(school.draft)}/", "button[value=seal]")
    walk.press("task-recording-draft", "/evidence/item/recording/-/", "main form button")
    act_as(world.teacher, language="en")
    walk(("home-en", "/my/"))
    act_as(world.colleague)
    walk(("home-begin", "/my/"), ("choose", "/points/"))
    walk.press("choose-refused", "/points/", "main form .buttons .button")
    act_as(world.leader)
    walk(("home-finished", "/my/"), ("certificate", f"/certificates/{oid(school.certificate)}/"))
    walk(("verified", f"/verify/{school.certificate.code}/"))
    act_as(world.leader, language="en")
    walk(("verified-en", f"/verify/{school.certificate.code}/"))
    assert walk.wrong == []


def test_the_pages_of_those_who_lead(world, school, act_as, walk, set_clock):
    unit = {key: seal_id("organisations.unit", world.units[key]) for key in ("maths", "nine_year", "district")}
    act_as(world.leader, "group-leader")
    set_clock(NOW + timedelta(minutes=15))
    session = open_session(by=world.leader.actor, session=school.sessions["today"].pk)
    sign_in(by=world.colleague.actor, session=session.pk, code=session.code)
    walk(
        ("session-open", f"/sessions/{oid(session)}/"), ("session-plan", f"/sessions/plan/{unit['maths']}/"),
        ("group-plan", f"/plans/group/{unit['maths']}/"),
    )  # fmt: skip
    act_as(world.teacher)
    walk(("session-sign-in", f"/sessions/{oid(session)}/sign-in/"))
    act_as(world.cio, "cio")
    walk(
        ("school-overview", f"/progress/unit/{unit['nine_year']}/"), ("school-plan-show", f"/plans/{oid(school.plan)}/"),
        ("people", f"/progress/unit/{unit['nine_year']}/people/"),
    )  # fmt: skip
    walk.press("school-plan-edit", f"/plans/school/{unit['nine_year']}/", "main form button")
    act_as(world.office, "office")
    platform = Provider.objects.get(code="qingyun")
    given = {"unit": world.district, "provider": "qingyun", "label": "x", "scopes": ["records.write"]}
    issue_api_key(by=world.office.actor, **given, sandbox=True)
    walk(
        ("overview", f"/progress/unit/{unit['district']}/"), ("person-by-office", f"/progress/{oid(school.enrolments['teacher'])}/"),
        ("providers", "/learning/providers/"), ("provider", f"/learning/providers/{oid(platform)}/"),
        *((what, f"/learning/providers/{oid(platform)}/{what}/") for what in ("onboarding", "sandbox", "sheets")),
        ("programme", f"/programmes/{oid(Programme.objects.get())}/"), ("imports", "/imports/"),
        ("keys", "/accounts/keys/"), ("key-of-an-office", "/accounts/keys/new/office/"), ("interface", "/api/"),
        ("plan-judge", f"/plans/{oid(school.plan)}/judge/"),
    )  # fmt: skip
    act_as(world.member(school.assignment.reviewer_id))
    walk(("review", "/review/"))
    walk.press("review-dossier", f"/review/{oid(school.assignment)}/", "main .note form button", whole=False)
    act_as(world.kindergarten_teachers[0])
    walk(("review-none", "/review/"))
    assert walk.wrong == []


def keys(page, *pressed):
    for key in pressed:
        page.keyboard.press(key)


def test_a_dossier_is_reviewed_by_keyboard(page, live_server, world, school, act_as):
    act_as(world.member(school.assignment.reviewer_id))
    page.goto(f"{live_server.url}/review/{oid(school.assignment)}/")
    page.locator("main .note form button").focus()
    keys(page, "Enter")
    page.wait_for_selector("#review")
    keys(page, "j", "k", "1", "2", "3", "4")
    page.wait_for_selector("#saved:not(:empty)")
    assert page.locator("[name=tick-1]:checked").count() == 4
    keys(page, "c")
    assert page.evaluate("document.activeElement.name") == "comment-1"
    page.keyboard.type("sources are clear; jk12s")  # letters in a field are letters
    keys(page, "Escape", "u")  # what was written stays
    assert (page.locator("[name=tick-1]:checked").count(), page.locator("[name=comment-1]").input_value()) == (
        3, "sources are clear; jk12s",
    )  # fmt: skip
    keys(page, "4", "j", "1", "2", "3", "4")
    assert page.locator("[name=tick-2]:checked").count() == 4
    keys(page, "u")
    assert page.locator("[name=tick-2]:checked").count() == 3
    keys(page, "s")
    page.wait_for_url("**/review/")
    school.assignment.refresh_from_db()
    assert school.assignment.state == "done"
    kept = school.assignment.ratings.order_by("seq").values_list("seq", "level", "comment")
    assert list(kept) == [(1, "pass", "sources are clear; jk12s"), (2, "pass", "")]


def test_points_are_chosen_by_keyboard(page, live_server, world, school, act_as):
    act_as(world.colleague)
    page.goto(f"{live_server.url}/points/")
    for _ in range(60):
        keys(page, "Tab")
        value, is_button = page.evaluate(
            "[document.activeElement.name === 'points' && document.activeElement.value, document.activeElement.matches('main button')]"
        )
        if value in ("A1", "A2", "A3"):
            keys(page, "Space")
        elif is_button:
            break
    with page.expect_navigation():
        keys(page, "Enter")
    assert [row.point for row in chosen_points(school.enrolments["colleague"].pk)] == ["A1", "A2", "A3"]


@pytest.fixture
def served(settings, tmp_path):
    """A server that sends as the real one does: hashed and packed static files, pages packed."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    settings.STATIC_ROOT, settings.HASHED_STATIC = tmp_path / "static", True
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    call_command("collectstatic", interactive=False, verbosity=0)
    thread = LiveServerThread("localhost", static_handler=lambda application: application)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None
    yield f"http://localhost:{thread.port}"
    thread.terminate()


def test_a_teachers_home_costs_few_bytes(page, served, world, school):
    class Server:
        url = served

    signed_in(page.context, Server, world.teacher)
    line, sent = page.context.new_cdp_session(page), []
    line.send("Network.enable")
    line.on("Network.loadingFinished", lambda told: sent.append(told["encodedDataLength"]))
    costs = []
    for _ in range(2):
        sent.clear()
        page.goto(f"{served}/my/", wait_until="networkidle")
        costs.append(round(sum(sent)))
    first, again = costs
    assert (first <= 80_000, again <= 20_000) == (True, True), costs
    assert again > 1_000  # it was counted
