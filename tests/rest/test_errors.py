"""An error is always of the API's form, in the caller's language, whatever went wrong."""

import json

import pytest
from django.db import OperationalError

from tests.rest.conftest import URL
from weineng.accounts.actions import revoke_api_key
from weineng.kernel.clock import today
from weineng.learning.actions import issue_api_key
from weineng.ops.contract import served
from weineng.rest.refusals import MEANINGS
from weineng.rest.v1 import providers

FILLED = {"provider": "qingyun", "programme": "p4-district", "unit": "0" * 13, "number": "nothing"}


def operations():
    for path, methods in json.loads(served())["paths"].items():
        for method, operation in methods.items():
            yield method, path.format(**FILLED), operation["x-permission"]


def asked(client, url, method="get", **headers):
    answer = getattr(client, method)(url, headers={"Accept-Language": "en", **headers})
    return answer, json.loads(answer.content)


@pytest.mark.parametrize(("method", "url", "permission"), list(operations()))
def test_nothing_with_a_permission_opens_without_a_good_key(client, key, world, method, url, permission):
    if permission is None:
        assert asked(client, url, method)[0].status_code != 401
        return
    for sent, code in (
        ({}, "key-missing"),
        ({"Authorization": "Basic eDp5"}, "key-missing"),
        ({"Authorization": "Bearer"}, "key-unknown"),
        ({"Authorization": f"Bearer {key[1]}x"}, "key-unknown"),
        ({"Authorization": f"Bearer {key[1][:-1]}"}, "key-unknown"),
        ({"Authorization": "Bearer \u00ff"}, "key-unknown"),
    ):
        answer, error = asked(client, url, method, **sent)
        assert (answer.status_code, error) == (401, {"code": code, "message": MEANINGS[code], "params": {}})
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "url", "sent"),
    [
        ("get", URL, "updated_since=bad"), ("get", URL, "limit=1&provider=qingyun"), ("get", URL, "limit=1&request=1"),
        ("get", URL, "Limit=1"),
        ("post", URL, "dry_run=true"), ("get", URL.replace("records", "changes"), "since=2026-03-01"),
    ],
)  # fmt: skip
def test_no_parameter_is_ignored(client, key, world, method, url, sent):
    unknown = sent.rpartition("&")[2].partition("=")[0]
    answer, error = asked(client, f"{url}?{sent}", method, Authorization=f"Bearer {key[1]}")
    message = MEANINGS["parameter-unknown"]
    assert (answer.status_code, error) == (
        422, {"code": "parameter-unknown", "message": message, "params": {"parameter": unknown}},
    )  # fmt: skip


def test_every_operation_with_a_key_refuses_parameters_that_it_does_not_have(client, key, world, office_key):
    """Also where everything else about the call is right, or would be refused later."""
    office = office_key("standings.read", "figures.read", "people.read")
    for method, url, permission in operations():
        plain = key[1] if "/providers/" in url else office
        needed = "unit=0000000000000&" if url.endswith("/figures") else ""
        answer, error = asked(client, f"{url}?{needed}colour=red", method, Authorization=f"Bearer {plain}")
        assert (url, error.get("params") == {"parameter": "colour"}) == (url, permission is not None)
        assert (url, answer.status_code) == (url, 404 if permission is None else 422)


def test_the_holder_of_a_key_learns_what_became_of_it(client, key, world, at):
    from datetime import timedelta

    row, plain = key
    ends = today() + timedelta(days=1)
    fields = {"unit": world.district, "provider": "qingyun", "label": "x", "scopes": ["records.read"]}
    _row, short = issue_api_key(by=world.office.actor, expires_on=ends, **fields)
    revoke_api_key(by=world.office.actor, key=row.pk)
    at(row.created_at + timedelta(days=1))
    for token, code in ((plain, "key-revoked"), (short, "key-expired")):
        answer, error = asked(client, URL, Authorization=f"Bearer {token}")
        assert (answer.status_code, error["code"]) == (401, code)


@pytest.mark.parametrize(
    "url", ["/api/v1/", "/api/v1/nothing", "/api/v1/providers/", "/api/v1", "/api/v2/providers/x/records"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_no_address_is_not_found_in_the_same_form(client, db, url, method):
    answer, error = asked(client, url, method)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json; charset=utf-8")
    assert error == {
        "code": "not-found", "message": "There is nothing here, or it is not within your reach.", "params": {"thing": ""},
    }  # fmt: skip


def test_a_method_that_an_address_does_not_have(client, key):
    answer = client.delete(URL, headers={"Authorization": f"Bearer {key[1]}"})
    assert (answer.status_code, sorted(answer.headers["Allow"].split(", "))) == (405, ["GET", "POST"])


def test_messages_are_in_the_language_that_is_asked_for(client, db):
    said = {
        language: client.get(URL, headers={"Accept-Language": language}).json()["message"]
        for language in ("zh-Hans", "zh-Hant", "en")
    }
    assert said == {
        "zh-Hans": "请求没有带密钥。请发送请求头“Authorization: Bearer <密钥>”。",
        "zh-Hant": "請求沒有帶金鑰。請傳送標頭「Authorization: Bearer <金鑰>」。",
        "en": "The call has no key. Send the header “Authorization: Bearer <key>”.",
    }


def test_what_breaks_has_a_reference_in_answer_and_log(client, key, monkeypatch, caplog):
    def breaks(*_given, **_words):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(providers, "delivered", breaks)
    answer, error = asked(client, URL, Authorization=f"Bearer {key[1]}")
    reference = error["params"]["reference"]
    assert (answer.status_code, error["code"]) == (500, "broken")
    assert "secret" not in answer.content.decode()
    assert reference in caplog.text
    assert "a secret of the inside" in caplog.text


def test_a_database_that_does_not_answer_is_told_with_when_to_come_back(client, key, monkeypatch):
    def away(*_given, **_words):
        raise OperationalError("connection refused")

    monkeypatch.setattr(providers, "delivered", away)
    answer, error = asked(client, URL, Authorization=f"Bearer {key[1]}")
    assert (answer.status_code, error["code"], answer.headers["Retry-After"]) == (503, "unavailable", "10")
    assert "refused" not in answer.content.decode()
