"""OAuth 2, client credentials: a token for a key, in the words of RFC 6749."""

import re

import pytest

from tests.rest.conftest import URL
from weineng.accounts.actions import revoke_api_key
from weineng.accounts.models import AccessToken
from weineng.accounts.queries import key_shown
from weineng.accounts.rules import name_of_key
from weineng.kernel.allowance import Allowance
from weineng.rest import tokens

FORM = "application/x-www-form-urlencoded"
PLAIN = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749, 5.2


@pytest.fixture
def ask_token(client):
    """`ask_token("grant_type=…", basic=(name, password))` → (status, answer, headers)."""

    def ask(form="grant_type=client_credentials", basic=None, method="post", kind=FORM, **headers):
        if basic:
            from base64 import b64encode

            headers["Authorization"] = f"Basic {b64encode(':'.join(basic).encode()).decode()}"
        answer = getattr(client, method)("/api/oauth/token", form, content_type=kind, headers=headers)
        return answer.status_code, answer.json(), answer.headers

    return ask


def test_a_key_is_changed_for_a_token_that_opens_the_same(client, key, ask_token):
    name, plain = name_of_key(key[1]), key[1]
    in_form = f"grant_type=client_credentials&scope=records.read&client_id={name}&client_secret={plain}"
    for sent, scope in (
        (ask_token(basic=(name, plain)), "records.write records.read"),
        (ask_token(in_form), "records.read"),
    ):
        status, answer, headers = sent
        token = answer.pop("access_token")
        assert (status, answer) == (200, {"token_type": "Bearer", "expires_in": 3600, "scope": scope})
        assert (headers["Cache-Control"], headers["Pragma"]) == ("no-store", "no-cache")
        assert key_shown(token) == key[0]
        assert client.get(URL, headers={"Authorization": f"Bearer {token}"}).status_code == 200
        for where in ("/api/v1/programmes", "/api/v1/units"):
            answers = [client.get(where, headers={"Authorization": f"Bearer {shown}"}) for shown in (token, plain)]
            assert answers[0].status_code == answers[1].status_code
            assert answers[0].json() == answers[1].json()


def test_who_is_no_client_gets_none(world, key, ask_token):
    name, plain = name_of_key(key[1]), key[1]
    pairs = [("wn_00000000", plain), (name, plain + "x"), (name, "")]
    assert {(s, a["error"], h["WWW-Authenticate"]) for s, a, h in (ask_token(basic=pair) for pair in pairs)} == {
        (401, "invalid_client", 'Basic realm="Weineng"')
    }
    assert ask_token()[0] == 401
    revoke_api_key(by=world.office.actor, key=key[0].pk)
    assert ask_token(basic=(name, plain))[:1] == (401,)
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ("", "invalid_request"),
        ("scope=records.read", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=client_credentials&scope=everything", "invalid_scope"),
        ("grant_type=client_credentials&scope=records.read+statements.write", "invalid_scope"),
        ("grant_type=client_credentials&client_secret=x", "invalid_request"),
        ("grant_type=client_credentials&x=" + "x" * 4096, "invalid_request"),
    ],
)
def test_what_is_wrong_with_a_form_is_said(key, ask_token, form, error):
    status, answer, _headers = ask_token(form, basic=(name_of_key(key[1]), key[1]))
    assert (status, answer["error"], bool(PLAIN.fullmatch(answer["error_description"]))) == (400, error, True)
    assert not AccessToken.objects.exists()


def test_only_forms_by_post_and_keys_shown_in_one_way(key, ask_token):
    pair = (name_of_key(key[1]), key[1])
    assert [ask_token("{}", pair, kind="application/json")[0], ask_token({}, pair, method="get", kind=None)[0]] == [
        400,
        400,
    ]
    assert ask_token(Authorization=f"Bearer {key[1]}")[1]["error"] == "invalid_request"


def test_a_program_that_asks_for_each_call_is_told_to_wait(key, ask_token, monkeypatch):
    monkeypatch.setattr(tokens, "tokens", Allowance(rate=0.1, burst=2))
    pair = (name_of_key(key[1]), key[1])
    assert [ask_token(basic=pair)[0] for _time in range(3)] == [200, 200, 429]
    status, answer, headers = ask_token(basic=pair)
    assert (status, answer["error"], headers["Retry-After"]) == (429, "temporarily_unavailable", "10")
