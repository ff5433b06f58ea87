"""A form sent after the session ended comes back after signing in again, to its writer only."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.world import PASSWORD
from weineng.accounts.actions import set_password
from weineng.accounts.models import BrowserSession
from weineng.accounts.rules import IDLE
from weineng.kernel.clock import now

PATH = "/account/sessions/end/"  # any page that takes a form
WROTE = {"session": "what I wrote, three lines\n二\n三", "once": "b" * 20}


def enter(client, name="teacher", password=PASSWORD):
    return client.post("/sign-in/", {"name": name, "password": password})


def idle(world, client, at):
    start = at(now())
    enter(client)
    client.get("/account/")
    at(start + IDLE)


def elsewhere(world, client, at):
    enter(client)
    set_password(by=world.teacher.actor, old=PASSWORD, new="tomato gate 8")


def other_tab(world, client, at):
    enter(client)
    client.post("/sign-out/")


@pytest.mark.parametrize(("ended", "password"), [(idle, PASSWORD), (elsewhere, "tomato gate 8"), (other_tab, PASSWORD)])
def test_it_comes_back(world, client, at, ended, password):
    ended(world, client, at)
    sent = client.post(PATH, WROTE)
    assert sent.headers["Location"] == "/sign-in/?next=%2Fkept%2F"
    assert enter(client, password=password).headers["Location"] == "/kept/"
    page = client.get("/kept/")
    assert page.context["kept"].path == PATH
    assert page.context["kept"].fields == [("session", WROTE["session"])]
    assert "二" in page.content.decode()


def test_nobody_else_sees_it(world, client, at):
    idle(world, client, at)
    client.post(PATH, WROTE)
    assert enter(client, "leader").status_code == 302
    page = client.get("/kept/")
    assert page.context["kept"] is None
    assert "what I wrote" not in page.content.decode()
    client.post("/sign-out/")
    enter(client)
    assert client.get("/kept/").context["kept"] is None  # thrown away, not kept for later


def test_it_is_encrypted_while_it_waits(world, client, at):
    idle(world, client, at)
    client.post(PATH, WROTE)
    waiting = dict(client.session.items())
    assert waiting.keys() == {"left", "kept"}
    assert "what I wrote" not in str(waiting)


def test_what_nobody_was_signed_in_for_is_not_kept(world):
    client = Client()
    assert client.post(PATH, WROTE).headers["Location"] == "/sign-in/?next=%2F"
    assert BrowserSession.objects.count() == 0


def test_it_waits_twelve_hours(world, client, at):
    for hours, there in ((timedelta(hours=12) - timedelta(seconds=1), True), (timedelta(hours=12), False)):
        idle(world, client, at)
        client.post(PATH, WROTE)
        at(now() + hours)
        enter(client)
        assert (client.get("/kept/").context["kept"] is not None) is there


def test_a_strong_role_passes_the_second_factor_first(world, client, sign_in, at):
    start = at(now())
    sign_in(client, world.cio)
    client.get("/account/")
    at(start + timedelta(minutes=30))
    client.post(PATH, WROTE)
    assert enter(client, "cio").headers["Location"].startswith("/sign-in/second-factor/")
    assert client.get("/kept/").status_code == 302


def test_passwords_are_never_kept(world, client, at):
    idle(world, client, at)
    client.post("/account/password/", {"old": "secret one", "password": "secret two", "note": "kept"})
    enter(client)
    assert client.get("/kept/").context["kept"].fields == [("note", "kept")]
