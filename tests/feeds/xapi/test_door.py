"""What holds for every resource: the version, the key, the method, the parameters, and answers in one form."""

import json

import pytest
from django.db import OperationalError

BOTH = pytest.mark.parametrize("at", ["2.0", "1.0.3"])


def said(answer):
    return answer.status_code, json.loads(answer.content)


@BOTH
def test_about_answers_everybody_with_or_without_a_version(client, at):
    expected = {"version": ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0"]}
    for path in ("about", "about/"):
        answer = client.get(f"/xapi/{at}/{path}")
        assert said(answer) == (200, expected)
        assert answer["X-Experience-API-Version"] == {"2.0": "2.0.0", "1.0.3": "1.0.3"}[at]
    assert client.head(f"/xapi/{at}/about").content == b""


@BOTH
def test_a_method_or_parameter_that_a_resource_does_not_know_is_refused(xapi, at):
    answer = xapi("DELETE", "about", at=at)
    assert (*said(answer), answer["Allow"]) == (
        405,
        {"code": "method-unknown", "message": "This resource has no method DELETE.", "params": {"method": "DELETE"}},
        "GET, HEAD",
    )
    status, body = said(xapi("GET", "about", {"foo": "bar"}, at=at))
    assert (status, body["code"], body["params"]) == (400, "parameter-unknown", {"name": "foo"})


@BOTH
def test_an_address_of_no_resource_is_refused_in_json(xapi, at):
    for path in ("", "statement", "statements/x", "about/x"):
        answer = xapi("POST", path, at=at, body={})
        assert (answer.status_code, answer["X-Experience-API-Version"]) == (404, {"2.0": "2.0.0", "1.0.3": "1.0.3"}[at])
        assert said(answer)[1]["code"] == "not-found"


@pytest.mark.parametrize(
    ("at", "version", "code"),
    [
        ("2.0", "2.0.0", ""), ("2.0", "2.0", ""), ("2.0", "2.0.17", ""), ("2.0", "1.0.3", "version-unknown"),
        ("2.0", "2.1.0", "version-unknown"),
        ("2.0", None, "version-missing"), ("1.0.3", "1.0", ""), ("1.0.3", "1.0.0", ""), ("1.0.3", "1.0.9", ""),
        ("1.0.3", "2.0.0", "version-unknown"), ("1.0.3", "0.95", "version-unknown"), ("1.0.3", "1.0.3 ", "version-unknown"),
        ("1.0.3", None, "version-missing"),
    ],
)  # fmt: skip
def test_versions_that_are_spoken_at_an_address(xapi, at, version, code):
    answer = xapi("GET", "statements", at=at, **{"X-Experience-API-Version": version})
    status, body = said(answer)
    assert (status, body.get("code", "")) == (400 if code else 200, code)
    assert answer["X-Experience-API-Version"] == {"2.0": "2.0.0", "1.0.3": "1.0.3"}[at]


@BOTH
def test_a_database_that_does_not_answer_is_said_in_json_whatever_was_asked(xapi, at, monkeypatch):
    def broken(_milliseconds):
        raise OperationalError("gone")

    monkeypatch.setattr("weineng.statements.measures.writing.writing_since", broken)
    for params in ({}, {"unknown": "x"}):
        answer = xapi("GET", "statements", params, at=at)
        assert (answer.status_code, said(answer)[1]["code"], answer["Retry-After"]) == (503, "unavailable", "10")
