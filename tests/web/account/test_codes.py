"""From slip to signed in: three screens, works without script, and a forgotten password."""

import re

import pytest
from django.core import mail

from tests.world import PASSWORD
from weineng.accounts.actions import issue_codes, mail_codes
from weineng.accounts.models import Account
from weineng.accounts.queries import account_by_password
from weineng.kernel.actors import platform

pytestmark = pytest.mark.slow

CODE = "/sign-in/code/"
NEW = "tomato gate 8"


@pytest.fixture
def slip(world):
    Account.objects.filter(name="teacher").update(activated_at=None)
    [slip] = issue_codes(by=world.cio.actor, accounts=[world.teacher.account])
    return slip


def test_three_screens(world, client, slip):
    first = client.post(CODE, {"code": slip.code.lower()})
    text = first.content.decode()
    assert first.status_code == 200
    assert "林晓岚" in text
    assert "锦霖区白石镇九年一贯制学校" in text
    second = client.post(CODE, {"code": slip.code, "do": "me"})
    assert 'name="password"' in second.content.decode()
    third = client.post(CODE, {"code": slip.code, "do": "set", "password": NEW})
    assert third.headers["Location"] == "/account/activated/"
    assert "teacher" in client.get("/account/activated/").content.decode()
    assert account_by_password("teacher", NEW) is not None


def test_the_picture_on_the_slip_opens_the_second_screen(world, client, slip):
    page = client.get(CODE, {"code": slip.code})
    assert "林晓岚" in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"


def test_a_bad_password_keeps_the_screen_and_the_code(world, client, slip):
    page = client.post(CODE, {"code": slip.code, "do": "set", "password": "123"})
    assert page.status_code == 422
    assert slip.code in page.content.decode()
    assert client.post(CODE, {"code": slip.code, "do": "set", "password": NEW}).status_code == 302


def test_the_same_form_sent_twice_signs_in_once(world, client, slip):
    client.get("/sign-in/")
    form = {"code": slip.code, "do": "set", "password": NEW, "once": "a" * 20}
    assert client.post(CODE, form).status_code == 302
    assert client.post(CODE, form).status_code in (302, 422)
    assert account_by_password("teacher", NEW) is not None


@pytest.mark.parametrize("code", ["", "XXXX-XXXX-XXXX", "' or 1=1 --", "\0"])
def test_wrong_codes_are_told_and_counted(world, client, slip, code, settings):
    settings.AXES_FAILURE_LIMIT = 2
    assert client.post(CODE, {"code": code}).status_code in (200, 422)
    client.post(CODE, {"code": "AAAA-AAAA-AAAA"})
    client.post(CODE, {"code": "AAAA-AAAA-AAAA"})
    assert client.post(CODE, {"code": slip.code}).status_code == 429


def test_used_and_replaced_codes_say_so(world, client, slip):
    client.post(CODE, {"code": slip.code, "do": "set", "password": NEW})
    used = client.post(CODE, {"code": slip.code})
    assert "code" in used.context["form"].errors
    [fresh] = issue_codes(by=world.cio.actor, accounts=[world.teacher.account])
    issue_codes(by=world.cio.actor, accounts=[world.teacher.account])
    replaced = client.post(CODE, {"code": fresh.code})
    assert used.context["form"].errors != replaced.context["form"].errors


def test_a_strong_role_goes_on_to_the_second_factor(world, client):
    [slip] = issue_codes(by=world.principal.actor, accounts=[world.cio.account])
    done = client.post(CODE, {"code": slip.code, "do": "set", "password": NEW})
    assert done.headers["Location"].startswith("/sign-in/second-factor/")
    assert client.get("/account/").headers["Location"].startswith("/sign-in/")


def test_forgotten(world, client):
    answers = set()
    for name in ("teacher", "no-such-person"):
        page = client.post("/sign-in/forgotten/", {"name": name})
        answers.add(re.sub(r'(csrf\S*|once)" value="\S+"|data-csrf="\S+"', "", page.content.decode()))
    assert len(answers) == 1
    assert mail_codes(by=platform("settle")) == 1
    code = re.search(r"\b\w{4}-\w{4}-\w{4}\b", mail.outbox[0].body)[0]
    assert client.post(CODE, {"code": code, "do": "set", "password": NEW}).status_code == 302
    assert account_by_password("teacher", PASSWORD) is None
