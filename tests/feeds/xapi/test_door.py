"""What holds for every resource: the version, the key, the method, the parameters, and answers in one form."""

import json

import pytest

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
