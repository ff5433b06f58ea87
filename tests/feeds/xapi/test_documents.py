"""State, agent profiles and activity profiles in both versions: what is kept, merged, refused, found again, and by whom."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.utils.http import parse_http_date

from weineng.accounts.actions import issue_access_token
from weineng.accounts.queries import actor_of_key, key_shown
from weineng.audit.models import Line
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import issue_api_key
from weineng.statements.models import Document
from weineng.statements.rules.documents import tag_of

AGENT = json.dumps({"account": {"homePage": "https://qingyun.example", "name": "甲"}})
ACTIVITY = "https://qingyun.example/course/1"
REGISTRATION = "ec531277-b57b-4c15-8d91-d292c5b2b8f7"
STATE = ("activities/state", "stateId", {"activityId": ACTIVITY, "agent": AGENT})
AGENTS = ("agents/profile", "profileId", {"agent": AGENT})
ACTIVITIES = ("activities/profile", "profileId", {"activityId": ACTIVITY})
SHELVES = [STATE, AGENTS, ACTIVITIES]
EVERYWHERE = [(shelf, at) for shelf in SHELVES for at in ("2.0", "1.0.3")]
everywhere = pytest.mark.parametrize(("shelf", "at"), EVERYWHERE, ids=[f"{shelf[0]} {at}" for shelf, at in EVERYWHERE])


@pytest.fixture
def on(xapi):
    """`on(shelf, "PUT", "name", body, at=…, **headers)`: a call about one document; without a name about all of its context."""

    def call(shelf, method, name=None, body=None, more=None, **how):
        path, word, context = shelf
        params = context | ({word: name} if name is not None else {}) | (more or {})
        return xapi(method, path, params, body, **how)

    return call


def kept(on, shelf, name="a", **how):
    answer = on(shelf, "GET", name, **how)
    return answer.content if answer.status_code == 200 else answer.status_code


def said(answer):
    return answer.status_code, answer.content and json.loads(answer.content)["code"]


@everywhere
def test_a_document_is_given_back_byte_by_byte_until_it_is_deleted(on, shelf, at):
    assert said(on(shelf, "GET", "a", at=at)) == (404, "not-found")
    content = "第一课 \0\xff".encode("latin-1", "ignore") + b"\x00\xff"
    answer = on(shelf, "PUT", "a", content, at=at, Content_Type="Text/Plain; charset=utf-8", If_None_Match="*")
    assert (answer.status_code, answer.content) == (204, b"")
    answer = on(shelf, "GET", "a", at=at, Accept_Encoding="gzip")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, content, "Text/Plain; charset=utf-8")
    assert answer["ETag"] == f'"{tag_of(content)}"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    head = on(shelf, "HEAD", "a", at=at)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", answer["ETag"])
    same = on(shelf, "GET", "a", at=at, If_None_Match=answer["ETag"])
    assert (same.status_code, same.content) == (304, b"")
    assert [on(shelf, "DELETE", "a", at=at).status_code for _time in range(2)] == [204, 204]
    assert kept(on, shelf, at=at) == 404


@everywhere
def test_replacing_asks_for_a_condition_and_keeps_it(on, shelf, at):
    careful = at == "2.0" or shelf is not STATE
    if at == "1.0.3" and shelf is not STATE:
        assert said(on(shelf, "PUT", "a", {"v": 1}, at=at)) == (400, "condition-missing")
        assert kept(on, shelf, at=at) == 404
    assert on(shelf, "PUT", "a", {"v": 1}, at=at, If_None_Match="*").status_code == 204
    first = on(shelf, "GET", "a", at=at)
    answer = on(shelf, "PUT", "a", {"v": 2}, at=at)
    if careful:
        assert said(answer) == (409, "document-exists")
        assert "If-Match" in json.loads(answer.content)["message"]
        assert kept(on, shelf, at=at) == first.content
        assert on(shelf, "PUT", "a", {"v": 2}, at=at, If_Match=first["ETag"]).status_code == 204
    else:
        assert answer.status_code == 204
    assert json.loads(kept(on, shelf, at=at)) == {"v": 2}
    for method, headers in (
        ("PUT", {"If_Match": first["ETag"]}), ("POST", {"If_Match": first["ETag"]}), ("DELETE", {"If_Match": first["ETag"]}),
        ("PUT", {"If_None_Match": "*"}), ("POST", {"If_None_Match": "*"}),
    ):  # fmt: skip
        assert said(on(shelf, method, "a", {"v": 3}, at=at, **headers)) == (412, "precondition-failed")
    assert json.loads(kept(on, shelf, at=at)) == {"v": 2}
    now = on(shelf, "GET", "a", at=at)["ETag"]
    assert on(shelf, "POST", "a", {"w": 1}, at=at, If_Match=now).status_code == 204
    assert json.loads(kept(on, shelf, at=at)) == {"v": 2, "w": 1}
    now = on(shelf, "GET", "a", at=at)["ETag"]
    assert on(shelf, "DELETE", "a", at=at, If_Match=now).status_code == 204
    assert said(on(shelf, "PUT", "a", {"v": 3}, at=at, If_Match=now)) == (412, "precondition-failed")
    assert kept(on, shelf, at=at) == 404


@everywhere
def test_posting_merges_objects_and_refuses_all_else(on, shelf, at):
    assert on(shelf, "POST", "a", {"x": "foo", "y": {"deep": 1, "er": 2}}, at=at).status_code == 204
    assert on(shelf, "POST", "a", {"x": "bash", "y": {"deep": 3}, "z": 1}, at=at).status_code == 204
    whole = kept(on, shelf, at=at)
    assert json.loads(whole) == {"x": "bash", "y": {"deep": 3}, "z": 1}
    for body, kind, code in (
        (b"abc", "text/plain", "document-not-object"), (b'{"x":1}', "text/plain", "document-not-object"),
        (b'{"x":1', "application/json", "document-not-json"), (b"[1]", "application/json", "document-not-object"),
        (b"{}", "no header", "content-type-unreadable"),
    ):  # fmt: skip
        assert said(on(shelf, "POST", "a", body, at=at, Content_Type=kind)) == (400, code)
    assert kept(on, shelf, at=at) == whole
    assert on(shelf, "PUT", "b", b"plain", at=at, Content_Type="text/plain", If_None_Match="*").status_code == 204
    assert said(on(shelf, "POST", "b", {"x": 1}, at=at)) == (400, "document-not-object")
    assert kept(on, shelf, "b", at=at) == b"plain"
    assert said(on(shelf, "PUT", "c", b"{", at=at)) == (400, "document-not-json")


@everywhere
def test_the_names_of_a_context_also_since_a_moment(on, shelf, at, set_clock):
    begun = datetime(2026, 3, 7, 9, 0, tzinfo=CIVIL)
    for minute, name in enumerate(("a", "b", "书签")):
        set_clock(begun + timedelta(minutes=minute))
        on(shelf, "POST", name, {"n": 1}, at=at)
    set_clock(begun + timedelta(minutes=5))
    on(shelf, "POST", "a", {"m": 1}, at=at)
    answer = on(shelf, "GET", at=at)
    assert json.loads(answer.content) == ["b", "书签", "a"]
    assert answer["ETag"] == f'"{tag_of(answer.content)}"'
    latest = parse_http_date(answer["Last-Modified"])
    assert latest == parse_http_date(on(shelf, "GET", "a", at=at)["Last-Modified"])
    assert latest == (begun + timedelta(minutes=5)).timestamp()

    def since(moment):
        return json.loads(on(shelf, "GET", at=at, more={"since": moment.isoformat()}).content)

    assert since(begun + timedelta(seconds=90)) == ["书签", "a"]
    assert since(begun + timedelta(minutes=4)) == ["a"]
    assert since(Document.objects.get(name="a").changed_at) == []  # exclusive
    assert json.loads(on(shelf, "GET", at=at, more={"since": "2026-03-07T01:01:30Z"}).content) == ["书签", "a"]


@everywhere
def test_parameters_are_there_and_can_be_read(on, xapi, shelf, at):
    path, word, context = shelf
    full = context | {word: "a"}
    for method in ("GET", "PUT", "POST", "DELETE"):
        for name in context:
            less = {key: value for key, value in full.items() if key != name}
            assert said(xapi(method, path, less, {}, at=at)) == (400, "parameter-missing"), (method, name)
            for wrong in ("true", "not JSON", ""):
                assert said(xapi(method, path, full | {name: wrong}, {}, at=at)) == (400, "parameter-unreadable"), (
                    method,
                    name,
                )
        assert said(xapi(method, path, full | {word.upper(): "a"}, {}, at=at)) == (400, "parameter-unknown")
    for method in ("PUT", "POST", *(() if shelf is STATE else ("DELETE",))):
        assert said(xapi(method, path, context, {}, at=at)) == (400, "parameter-missing")
        assert said(on(shelf, method, "a", {}, {"since": "2026-03-07T01:01:30Z"}, at=at)) == (400, "parameter-unknown")
    for name in ("", "a" * 1025, "a\0b"):
        assert said(on(shelf, "PUT", name, {}, at=at)) == (400, "parameter-unreadable")
    assert said(on(shelf, "GET", at=at, more={"since": "not a timestamp"})) == (400, "parameter-unreadable")
    wrong = {"registration": "true"} if shelf is STATE else {"registration": REGISTRATION}
    code = "parameter-unreadable" if shelf is STATE else "parameter-unknown"
    assert said(on(shelf, "GET", "a", at=at, more=wrong)) == (400, code)
    assert not Document.objects.exists()


@pytest.mark.parametrize("at", ["2.0", "1.0.3"])
def test_states_of_a_registration_are_apart_and_all_of_a_context_are_deleted_at_once(on, at):
    there, elsewhere = {"registration": REGISTRATION}, {"registration": REGISTRATION.replace("e", "f")}
    other = (STATE[0], STATE[1], STATE[2] | {"activityId": f"{ACTIVITY}2"})
    for more, value in ((None, 0), (there, 1), (elsewhere, 2)):
        assert on(STATE, "PUT", "a", {"of": value}, more, at=at).status_code == 204
    assert on(STATE, "PUT", "b", {}, there, at=at).status_code == 204
    assert on(other, "PUT", "a", {}, at=at).status_code == 204
    assert [json.loads(kept(on, STATE, more=more, at=at))["of"] for more in (None, there, elsewhere)] == [0, 1, 2]
    assert json.loads(on(STATE, "GET", at=at, more=there).content) == ["a", "b"]
    assert json.loads(on(STATE, "GET", at=at).content) == ["a", "b"]
    assert on(STATE, "DELETE", at=at, more=there).status_code == 204
    assert [json.loads(on(STATE, "GET", at=at, more=more).content) for more in (there, elsewhere)] == [[], ["a"]]
    assert on(STATE, "DELETE", at=at).status_code == 204
    assert [json.loads(on(shelf, "GET", at=at).content) for shelf in (STATE, other)] == [[], ["a"]]


@everywhere
def test_a_platform_finds_and_blocks_nothing_of_another(on, shelf, at):
    assert on(shelf, "POST", "a", {"of": "qingyun-7c1f"}, at=at).status_code == 204
    tag = on(shelf, "GET", "a", at=at)["ETag"]
    assert said(on(shelf, "GET", "a", at=at, key="other")) == (404, "not-found")
    assert json.loads(on(shelf, "GET", at=at, key="other").content) == []
    assert said(on(shelf, "PUT", "a", {}, at=at, key="other", If_Match=tag)) == (412, "precondition-failed")
    assert on(shelf, "PUT", "a", {"of": "other-55e0"}, at=at, key="other", If_None_Match="*").status_code == 204
    assert on(shelf, "DELETE", "a", at=at, key="other").status_code == 204
    if shelf is STATE:
        assert on(shelf, "DELETE", at=at, key="other").status_code == 204
    assert json.loads(kept(on, shelf, at=at)) == {"of": "qingyun-7c1f"}


@pytest.mark.parametrize(
    ("scopes", "open_to"),
    [
        (["statements.write", "statements.read"], []),
        (["state"], ["activities/state"]),
        (["profile"], ["agents/profile", "activities/profile"]),
    ],
)
def test_each_scope_opens_its_own_resources(world, client, scopes, open_to):
    issued = issue_api_key(by=world.office.actor, unit=world.district, provider="qingyun", label="x", scopes=scopes)
    for token in (issued[1], issue_access_token(by=actor_of_key(issued[0], "feeds"), key=issued[0].pk)[1]):
        headers = {"Authorization": f"Bearer {token}", "X-Experience-API-Version": "2.0.0"}
        answers = {
            path: client.get(f"/xapi/2.0/{path}", context, headers=headers).status_code
            for path, _word, context in SHELVES
        }
        assert answers == {path: 200 if path in open_to else 403 for path, *_more in SHELVES}
    assert key_shown(issued[1]).scopes == scopes


def test_a_call_written_as_a_form_carries_its_conditions_in_the_old_version_only(client, keys, on):
    from tests.feeds.xapi.conftest import basic

    form = STATE[2] | {
        "stateId": "a", "content": '{"a":1}', "Authorization": basic("qingyun", keys["qingyun"]), "X-Experience-API-Version": "1.0.3",
        "Content-Type": "application/json", "If-None-Match": "*",
    }  # fmt: skip
    send = {"content_type": "application/x-www-form-urlencoded"}
    answers = [client.post("/xapi/1.0.3/activities/state?method=PUT", urlencode(form), **send) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [204, 412]
    assert json.loads(kept(on, STATE, at="1.0.3")) == {"a": 1}
    assert client.post("/xapi/2.0/activities/state?method=PUT", urlencode(form), **send).status_code == 400


def test_each_change_has_its_line_without_personal_values(on):
    on(STATE, "PUT", "a", {"secret": "9d2f"})
    on(STATE, "POST", "a", {"b": 1})
    on(STATE, "DELETE", "a")
    lines = Line.objects.filter(verb__in=("statements.keep_document", "statements.drop_documents")).order_by("pk")
    assert [{name: value for name, value in line.facts.items() if name != "key"} for line in lines] == [
        {"kind": "state", "bytes": 18, "merged": False},
        {"kind": "state", "bytes": 23, "merged": True},
        {"kind": "state", "count": 1},
    ]
    assert "9d2f" not in str([vars(line) for line in lines])


def test_a_body_too_large_is_refused(on, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert on(STATE, "PUT", "a", b"x" * 1000, Content_Type="text/plain").status_code == 204
    assert said(on(STATE, "PUT", "b", b"x" * 1001, Content_Type="text/plain")) == (413, "body-too-big")
