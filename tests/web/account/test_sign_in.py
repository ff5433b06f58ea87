"""Signing in with name and password, and out again; what is told and what never."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from tests.world import PASSWORD
from weineng.accounts.models import Account, BrowserSession, Grant
from weineng.accounts.rules import LOCKED_FOR
from weineng.audit.models import Line
from weineng.kernel.clock import now

SIGN_IN = "/sign-in/"


def enter(client, name="teacher", password=PASSWORD, **more):
    return client.post(SIGN_IN, {"name": name, "password": password} | more)


def alerts(response):
    return [str(error) for error in response.context["form"].non_field_errors()]


def test_a_teacher_signs_in_and_is_led_on(world, client):
    response = enter(client, next="/account/")
    assert (response.status_code, response.headers["Location"]) == (302, "/account/")
    page = client.get("/account/")
    assert page.status_code == 200
    assert "林晓岚" in page.content.decode()
    [session] = BrowserSession.objects.filter(account=world.teacher.account)
    assert session.seen_at is not None
    assert Line.objects.get(verb="accounts.sign_in").facts == {"way": "password"}


@pytest.mark.parametrize("wanted", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)", ""])
def test_nobody_is_led_elsewhere(world, client, wanted):
    assert enter(client, next=wanted).headers["Location"] == "/"


def test_the_answer_is_the_same_whatever_was_wrong(world, client, at):
    at(now())
    answers = {str(alerts(enter(client, "no-such-person", "x")))}
    for _try in range(5):
        answers.add(str(alerts(enter(client, password="wrong"))))
    answers.add(str(alerts(enter(client))))  # right, but closed by now
    Account.objects.filter(name="leader").update(is_active=False)
    answers.add(str(alerts(enter(client, "leader"))))
    assert len(answers) == 1


def test_who_comes_with_an_account_that_was_joined_is_told_the_other_ones_name(world, client):
    Account.objects.filter(name="leader").update(is_active=False, yields_to=world.teacher.account)
    told = alerts(enter(client, "leader"))
    assert len(told) == 1
    assert "“teacher”" in told[0]
    assert alerts(enter(client, "leader", "wrong")) == alerts(enter(client, "no-such-person", "x")) != told
    assert not BrowserSession.objects.filter(account__isnull=False).exists()


def test_fifteen_minutes_later_it_opens(world, client, at):
    start = at(now())
    for _try in range(5):
        enter(client, password="wrong")
    at(start + LOCKED_FOR - timedelta(seconds=1))
    assert enter(client).status_code == 422
    at(start + LOCKED_FOR)
    assert enter(client).status_code == 302


def test_an_address_that_fails_too_often_is_shut_out_as_a_whole(world, client, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for number in range(3):
        enter(client, f"name{number}", "wrong")
    response = enter(client)
    assert response.status_code == 429
    assert "address-locked" in response.content.decode()
    assert client.get("/sign-in/code/", {"code": "XXXX-XXXX-XXXX"}).status_code == 429
    assert Account.objects.exclude(failures=0).count() == 0
    assert enter(client, REMOTE_ADDR="10.0.0.9").status_code == 429  # the form field is no address
    assert client.post(SIGN_IN, {"name": "teacher", "password": PASSWORD}, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_behind_a_proxy_the_outermost_address_counts(rf, settings):
    from weineng.web.shell.sessions import client_address

    request = rf.get("/", HTTP_X_FORWARDED_FOR="6.6.6.6, 10.1.2.3", REMOTE_ADDR="127.0.0.1")
    assert client_address(request) == "127.0.0.1"
    settings.PROXIES = 1
    assert client_address(request) == "10.1.2.3"
    settings.PROXIES = 2
    assert client_address(request) == "6.6.6.6"
    settings.PROXIES = 3
    assert client_address(request) == "127.0.0.1"


def test_signing_out_ends_the_session_by_post_only(world, client):
    enter(client)
    client.get("/sign-out/")
    assert client.get("/account/").status_code == 200
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/account/").headers["Location"].startswith(SIGN_IN)
    assert Line.objects.get(verb="accounts.sign_out").subject == world.teacher.person


def test_who_is_signed_in_goes_on(world, client):
    enter(client)
    assert client.get(SIGN_IN, {"next": "/account/"}).headers["Location"] == "/account/"


def test_the_language_of_the_page_is_kept_with_the_account(world, client):
    client.cookies["weineng_language"] = "en"
    enter(client)
    assert Account.objects.get(name="teacher").language == "en"
    other = type(client)()
    assert enter(other).cookies["weineng_language"].value == "en"


def test_a_password_changed_elsewhere_signs_out_here(world, client):
    from weineng.accounts.actions import set_password

    enter(client)
    set_password(by=world.teacher.actor, old=PASSWORD, new="tomato gate 8")
    assert client.get("/account/").status_code == 302


def test_a_closed_account_is_signed_out(world, client):
    enter(client)
    Account.objects.filter(name="teacher").update(is_active=False)
    assert client.get("/account/").status_code == 302


# --- Idle ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("who", "idle"), [("teacher", timedelta(days=14)), ("cio", timedelta(minutes=30))])
def test_idle_time_to_the_second(world, client, sign_in, at, who, idle):
    start = at(now())
    sign_in(client, world.people[who])
    assert client.get("/account/").status_code == 200
    at(start + idle - timedelta(seconds=1))
    assert client.get("/account/").status_code == 200
    at(start + 2 * idle - timedelta(seconds=2))
    assert client.get("/account/").status_code == 200
    at(start + 3 * idle - timedelta(seconds=2))
    response = client.get("/account/")
    assert response.headers["Location"] == "/sign-in/?next=%2Faccount%2F"
    assert Line.objects.get(verb="accounts.sign_out").facts == {"way": "idle"}


# --- Demonstration ---------------------------------------------------------------------------------------------------
def test_one_click_exists_in_a_demonstration_only(world, client, settings):
    assert client.post("/sign-in/demo", {"account": "cio"}).status_code == 404
    assert client.get("/sign-in/demo").status_code == 404
    settings.DEMO = True
    assert client.get("/sign-in/demo").status_code == 404
    assert client.post("/sign-in/demo", {"account": "nobody"}).status_code == 404
    assert client.post("/sign-in/demo", {"account": "cio"}).status_code == 302
    assert client.get(reverse("account:people_here")).status_code == 302  # the second factor is not asked for
    assert Line.objects.get(verb="accounts.sign_in").facts == {"way": "demonstration"}


@pytest.mark.parametrize(("account", "role", "begins_in"), [
    ("leader", "group-leader", "group-leader"), ("leader", "", ""), ("leader", "office", ""), ("cio", "", "cio"),
])  # fmt: skip
def test_one_click_begins_in_the_post_it_names(world, client, settings, account, role, begins_in):
    settings.DEMO = True
    client.post("/sign-in/demo", {"account": account, "role": role})
    grant = Grant.objects.filter(person=world.people[account].person, role=begins_in).first()
    assert client.session["post"] == (f"grant:{grant.pk}" if grant else "")


def test_the_page_offers_whom_the_demonstration_wrote_down(world, client, settings, tmp_path):
    settings.DEMO_ACCOUNTS = tmp_path / "demo-accounts.json"
    settings.DEMO_ACCOUNTS.write_text(
        '[{"account": "cio", "name": "沈一鸣", "role": "cio", "says": {"en": "School CIO", "zh-hans": "学校管理员"}}]',
        encoding="utf-8",
    )
    assert "沈一鸣" not in client.get(SIGN_IN).content.decode()
    settings.DEMO = True
    text = client.get(SIGN_IN).content.decode()
    assert "沈一鸣" in text
    assert re.findall(r'name="(account|role)" value="(\w+)"', text) == [("account", "cio"), ("role", "cio")]
