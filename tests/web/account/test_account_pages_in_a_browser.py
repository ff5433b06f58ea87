"""The way in, in a real browser: on a phone in a minute, without script, open to everybody; a form that comes back."""

import re
import time
from datetime import timedelta

import pytest
from django.conf import settings as platform_settings
from django.urls import reverse

from tests.web.signing import signed_in
from tests.web.test_browser import LOOKS, look
from tests.world import PASSWORD
from weineng.accounts.actions import delegate, enrol_second_factor, issue_codes, note_failure
from weineng.accounts.models import Account, BrowserSession, Grant
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.learning.actions import issue_api_key

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def slip(world):
    Account.objects.filter(name="teacher").update(activated_at=None)
    [slip] = issue_codes(by=world.cio.actor, accounts=[world.teacher.account])
    return slip


@pytest.mark.parametrize("scripts", [True, False])
def test_from_slip_to_ones_own_page_on_a_phone(live_server, browser, world, slip, scripts):
    context = browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=scripts)
    page = context.new_page()
    begun, typed = time.monotonic(), 0
    page.goto(live_server.url + "/sign-in/")
    page.locator("a[href='/sign-in/code/']").click()
    page.locator("#id_code").fill(slip.code.replace("-", "").lower())
    typed += 1
    page.locator("main form button").click()
    assert "林晓岚" in page.inner_text("main")
    page.locator("button[value=me]").click()
    page.locator("#id_password").fill("tomato gate 8")
    typed += 1
    page.locator("main form button").click()
    page.wait_for_url("**/account/activated/")
    assert "teacher" in page.inner_text("main")
    assert typed == 2
    assert time.monotonic() - begun < 20  # the machine's share of the two minutes
    context.close()


def addresses(world):
    unit = {"unit": world.nine_year}
    return {
        world.teacher: ["/account/", "/account/password/", "/sign-in/second-factor/new/", "/account/activated/"],
        world.cio: [
            "/account/", reverse("account:people", kwargs=unit), reverse("account:roles", kwargs=unit),
            reverse("account:give", kwargs={"unit": world.maths}),
            reverse("account:account", kwargs={"account": world.teacher.account}),
            reverse("account:lend", kwargs={"grant": Grant.objects.get(person=world.cio.person)}),
        ],
        world.office: [
            reverse("account:people", kwargs={"unit": world.district}), "/accounts/keys/", "/accounts/keys/new/",
            reverse("account:roles", kwargs={"unit": world.district}),
        ],
    }  # fmt: skip


def test_every_page_is_open_to_everybody(live_server, page, world, slip, settings, tmp_path):
    settings.DEMO = True
    settings.DEMO_ACCOUNTS = tmp_path / "demo.json"
    settings.DEMO_ACCOUNTS.write_text(
        '[{"account": "cio", "name": "沈一鸣", "says": {"zh-hans": "学校 CIO", "en": "CIO"}}]'
    )
    delegate(
        by=world.cio.actor, grant=Grant.objects.get(person=world.cio.person).pk, agent=world.teacher.person,
        ends_on=today() + timedelta(days=3),
    )  # fmt: skip
    issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="生产环境", scopes=["records.write"]
    )
    for _try in range(5):
        note_failure(by=Actor(door="web"), name="colleague")
    outside = ["/sign-in/", "/sign-in/code/", f"/sign-in/code/?code={slip.code}", "/sign-in/forgotten/"]
    for member, paths in {None: outside, **addresses(world)}.items():
        if member:
            signed_in(page.context, live_server, member)
        for place, (width, theme, language) in enumerate(LOOKS[:3]):
            for path in paths:
                how = (path, width, theme, language)
                found = look(page, live_server.url + path, *how[1:], again=place > 1)
                assert (how, found) == (how, ([], 0))
                assert page.url == live_server.url + path  # not the sign-in page in its place
                shot(page, member, path, width, language)


def shot(page, member, path, width, language):
    """For whoever wants to look: WEINENG_TEST_SHOTS names a folder."""
    import os
    from pathlib import Path

    if folder := os.environ.get("WEINENG_TEST_SHOTS"):
        name = re.sub(r"\W+", "-", f"{member.key if member else 'nobody'}{path}").strip("-")
        page.screenshot(path=str(Path(folder) / f"{name[:60]}-{width}-{language}.png"), full_page=True)


def test_a_form_comes_back_after_the_session_ended(live_server, browser, world):
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    signed_in(context, live_server, world.cio)
    give = live_server.url + reverse("account:give", kwargs={"unit": world.maths})
    page.goto(give)
    page.locator("#id_person").select_option(label="林晓岚")
    page.locator("input[name=role]").check()
    page.locator("#id_reason").fill("曾老师下学期轮岗")
    BrowserSession.objects.update(account=None)
    Account.objects.filter(name="cio").update(password="!gone")
    page.locator("main form.form button.primary").click()
    page.wait_for_url("**/sign-in/**")
    account = Account.objects.get(name="cio")
    account.set_password(PASSWORD)
    account.save()
    page.locator("#id_name").fill("cio")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form.form button.primary").click()
    page.wait_for_url("**/second-factor/**")
    code = _token(page)
    page.locator("#id_token").fill(code)
    page.locator("main form.form button.primary").click()
    page.locator("a.button.primary").click()
    assert "曾老师下学期轮岗" in page.inner_text("main")
    page.locator("main form.resend button").click()
    page.wait_for_url("**/accounts/roles/at/**")
    assert Grant.objects.get(person=world.teacher.person).reason == "曾老师下学期轮岗"
    context.close()


def _token(page):
    from base64 import b32decode

    from django_otp.oath import hotp

    from weineng.kernel.clock import machine_now

    page.locator("details summary").last.click()
    secret = page.locator("details code").inner_text().replace(" ", "")
    return f"{hotp(b32decode(secret), int(machine_now().timestamp()) // 30):06}"


def test_a_password_can_be_shown_while_it_is_typed(live_server, page, world, slip):
    page.goto(f"{live_server.url}/sign-in/code/?code={slip.code}")
    page.locator("button[value=me]").click()
    page.locator("#id_password").fill("tomato gate 8")
    page.locator("label.check input").check()
    assert page.locator("#id_password").get_attribute("type") == "text"
    assert platform_settings.DEMO is False


def test_the_picture_is_what_a_telephone_reads(world):
    enrolment = enrol_second_factor(by=world.cio.actor)
    assert re.fullmatch(
        r"otpauth://totp/Weineng%3Acio\?secret=[A-Z2-7]{32}&issuer=Weineng&digits=6&period=30", enrolment.uri
    )
