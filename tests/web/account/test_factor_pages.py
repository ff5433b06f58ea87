"""A strong role opens nothing before its second factor; setting one up, passing it, losing the telephone."""

import re
from base64 import b32decode
from datetime import timedelta

import pytest
from django_otp.oath import hotp

from tests.world import PASSWORD
from weineng.accounts.models import Account, Factor
from weineng.accounts.queries import has_second_factor
from weineng.kernel.clock import machine_now, now

ASK, NEW = "/sign-in/second-factor/", "/sign-in/second-factor/new/"


def token(secret, steps=0):
    return f"{hotp(b32decode(secret), int(machine_now().timestamp()) // 30 + steps):06}"


@pytest.fixture
def start(at):
    return at(now())


@pytest.fixture
def half(world, client, start):
    """Signed in as the CIO with the password only."""
    client.post("/sign-in/", {"name": "cio", "password": PASSWORD})
    return client


def secret_on(page):
    return re.search(r"<code>([A-Z2-7 ]{32,})</code>", page.content.decode())[1].replace(" ", "")


def set_up(client):
    secret = secret_on(client.get(NEW))
    page = client.post(NEW, {"token": token(secret)})
    return secret, re.findall(r"<code>(\w{4}-\w{4}-\w{4})</code>", page.content.decode())


@pytest.mark.parametrize("path", ["/account/", "/accounts/", "/account/password/", "/"])
def test_nothing_opens_before(half, path):
    page = half.get(path, follow=True)
    assert "沈一鸣" not in page.content.decode() or page.redirect_chain[-1][0].startswith("/sign-in/")
    if path != "/":
        assert half.get(path).headers["Location"].startswith("/sign-in/")
        assert half.get("/sign-in/").headers["Location"].startswith(ASK)


def test_set_up_and_go_on(world, half):
    assert half.get(ASK).headers["Location"] == NEW
    first = secret_on(half.get(NEW))
    assert secret_on(half.get(NEW)) == first  # a reload does not make the scanned picture worthless
    wrong = half.post(NEW, {"token": "000000" if token(first) != "000000" else "000001"})
    assert wrong.status_code == 422
    assert secret_on(wrong) == first
    secret, codes = set_up(half)
    assert (secret, len(codes)) == (first, 10)
    assert has_second_factor(world.cio.account)
    assert half.get("/account/").status_code == 200


def test_next_time_it_is_asked_for(world, client, half, at, start):
    secret, codes = set_up(half)
    half.post("/sign-out/")
    at(start + timedelta(minutes=2))
    led = half.post("/sign-in/", {"name": "cio", "password": PASSWORD, "next": "/accounts/"})
    assert led.headers["Location"] == f"{ASK}?next=%2Faccounts%2F"
    assert half.get(NEW).headers["Location"].startswith(ASK)  # the password alone sets up no other telephone
    assert half.post(NEW, {"token": token(secret)}).headers["Location"].startswith(ASK)
    assert half.post(ASK, {"token": "12 34"}).status_code == 422
    passed = half.post(ASK, {"token": token(secret), "next": "/accounts/"})
    assert passed.headers["Location"] == "/accounts/"
    half.post("/sign-out/")
    half.post("/sign-in/", {"name": "cio", "password": PASSWORD})
    assert half.post(ASK, {"token": token(secret)}).status_code == 422  # counts once
    assert half.post(ASK, {"token": codes[0], "recovery": "1"}).status_code == 302


def test_five_wrong_codes_close_the_account(world, half, at, start):
    secret, _codes = set_up(half)
    half.post("/sign-out/")
    at(start + timedelta(minutes=2))
    half.post("/sign-in/", {"name": "cio", "password": PASSWORD})
    for _try in range(5):
        assert half.post(ASK, {"token": "000000"}).status_code == 422
    assert half.post(ASK, {"token": token(secret)}).status_code == 422
    assert Account.objects.get(name="cio").locked_until is not None


def test_a_teacher_may_have_one_and_do_without_again(world, client, sign_in, start):
    sign_in(client, world.teacher)
    set_up(client)
    assert has_second_factor(world.teacher.account)
    codes = client.post("/account/second-factor/recovery/")
    assert codes.headers["Cache-Control"] == "private, no-store"
    assert client.post("/account/second-factor/remove/").status_code == 302
    assert not Factor.objects.filter(account=world.teacher.account).exists()


def test_a_strong_role_cannot_remove_it(world, half):
    set_up(half)
    assert half.post("/account/second-factor/remove/").status_code == 422
    assert has_second_factor(world.cio.account)
