"""Keys and tokens at the door of the record store: how they are shown, what they open, when they end, how often they may call."""

import json
from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.urls import resolve

from tests.feeds.xapi.conftest import basic
from weineng.accounts.actions import issue_access_token, issue_office_key, revoke_api_key
from weineng.accounts.queries import actor_of_key
from weineng.accounts.rules import name_of_key
from weineng.feeds.xapi import door
from weineng.kernel.allowance import Allowance
from weineng.kernel.clock import today
from weineng.learning.actions import issue_api_key

ABOUT_NOBODY = {"agent": '{"mbox":"mailto:nobody@example.cn"}'}


@pytest.fixture
def key(world):
    return issue(world)


def issue(world, *scopes):
    given = {"provider": "qingyun", "label": "主服务器", "scopes": scopes or ("statements.read",)}
    return issue_api_key(by=world.office.actor, unit=world.district, **given)


@pytest.fixture
def shown(client):
    """`shown("Bearer …")` → (status, code, headers) of a call that reads."""

    def call(authorization):
        headers = {"X-Experience-API-Version": "2.0.0"} | ({"Authorization": authorization} if authorization else {})
        answer = client.get("/xapi/2.0/agents", ABOUT_NOBODY, headers=headers)
        return answer.status_code, json.loads(answer.content).get("code", ""), answer.headers

    return call


def test_a_key_is_shown_as_name_and_password_or_as_bearer_or_changed_for_a_token(world, key, shown):
    row, plain = key
    _row, token = issue_access_token(by=actor_of_key(row, "feeds"), key=row.pk)
    good = [basic(name, plain) for name in (name_of_key(plain), row.prefix, "qingyun")] + [
        f"Bearer {plain}",
        f"Bearer {token}",
    ]
    assert [shown(words)[:2] for words in good] == [(200, "")] * 5
    wrong = [
        ("", "key-missing"), ("Basic", "key-missing"), ("Basic !", "key-missing"), ("Basic:eDp5", "key-missing"),
        (basic("other", plain), "key-unknown"), (basic("", plain), "key-unknown"), (basic(row.prefix, token), "key-unknown"),
        (basic(row.prefix, plain[:-1]), "key-unknown"), (f"Bearer {plain}x", "key-unknown"), (f"Bearer {token}x", "token-expired"),
    ]  # fmt: skip
    assert [shown(words)[:2] for words, _code in wrong] == [(401, code) for _words, code in wrong]
    assert shown("")[2]["WWW-Authenticate"].startswith("Basic ")


def test_the_old_key_opens_until_it_is_revoked_and_the_new_one_goes_on(world, key, shown):
    row, plain = key
    _new, after = issue(world)
    _row, token = issue_access_token(by=actor_of_key(row, "feeds"), key=row.pk)
    assert [shown(f"Bearer {one}")[0] for one in (plain, token, after)] == [200, 200, 200]
    revoke_api_key(by=world.office.actor, key=row.pk)
    assert [shown(f"Bearer {one}")[:2] for one in (plain, token, after)] == [
        (401, "key-revoked"),
        (401, "key-revoked"),
        (200, ""),
    ]


def test_a_scope_that_is_missing_is_named(world, shown):
    _row, plain = issue(world, "statements.write", "state", "profile", "records.read", "records.write")
    assert shown(f"Bearer {plain}")[:2] == (403, "scope-missing")
    row, plain = issue(world, "statements.write", "statements.read")
    _row, less = issue_access_token(by=actor_of_key(row, "feeds"), key=row.pk, scopes=["statements/write"])
    assert [shown(f"Bearer {one}")[0] for one in (plain, less)] == [200, 403]


def test_an_offices_own_system_reads_by_a_key_of_its_own(world, shown):
    given = {
        "by": world.office.actor,
        "unit": world.district,
        "label": "监测",
        "expires_on": today() + timedelta(days=9),
    }
    for scopes, status in ((["statements.read_all"], 200), (["standings.read"], 403)):
        assert shown(f"Bearer {issue_office_key(scopes=scopes, **given)[1]}")[0] == status


def test_who_is_refused_has_sent_all_and_the_connection_goes_on(db, settings):
    address = "/xapi/2.0/activities/state"
    view, _given, named = resolve(address)
    for size, left in ((300_000, b""), (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1, b"x")):
        request = RequestFactory().generic("PUT", address, b"x" * size)
        assert view(request, **named).status_code == 400  # no version
        assert request.read(1) == left


def test_a_key_that_calls_too_often_is_told_to_wait_and_holds_up_no_other(world, key, shown, monkeypatch):
    _other, plain = issue(world)
    monkeypatch.setattr(door, "_calls", Allowance(rate=0.1, burst=2))
    assert [shown(f"Bearer {key[1]}")[0] for _time in range(2)] == [200, 200]
    status, code, headers = shown(f"Bearer {key[1]}")
    assert (status, code, headers["Retry-After"]) == (429, "too-many-calls", "10")
    assert shown(f"Bearer {plain}")[0] == 200
