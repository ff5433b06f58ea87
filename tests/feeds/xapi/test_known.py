"""Agents and activities: what is known of them where one may read, and an answer also about what nobody has heard of."""

import json
from datetime import timedelta

import pytest

from tests.feeds.xapi.conftest import basic
from weineng.accounts.rules import name_of_key
from weineng.audit.models import Line
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.learning.actions import admit_provider, issue_api_key
from weineng.learning.models import Provider
from weineng.statements.rules.documents import tag_of

BOTH = pytest.mark.parametrize("at", ["2.0", "1.0.3"])
ACCOUNT = {"homePage": "https://qingyun.example", "name": "甲-4be2"}
AGENT = {"objectType": "Agent", "name": "曾国强", "account": ACCOUNT}
COURSE = "https://qingyun.example/course/1"
WHOSE = ("qingyun", "other", "zhixing")  # of the district, of the district, of an office elsewhere


@pytest.fixture
def known(world, keys, client, db):
    """Each platform has named the agent and described the course in words of its own."""
    admit_provider(by=world.wu.actor, unit=world.sibling, code="zhixing", name="别处的平台")
    given = {"unit": world.sibling, "provider": "zhixing", "label": "x", "scopes": ["statements.write"]}
    plain = {**keys, "zhixing": issue_api_key(by=world.wu.actor, **given)[1]}
    for code in WHOSE:
        definition = {"name": {"zh-CN": f"课-{code}", f"x-{code}": code}, "type": f"https://{code}.example/type"}
        said = {
            "actor": AGENT | {"name": f"名-{code}"}, "verb": {"id": "https://w3id.org/xapi/dod-isd/verbs/completed"},
            "object": {"id": COURSE, "definition": definition},
        }  # fmt: skip
        headers = {"Authorization": basic(code, plain[code]), "X-Experience-API-Version": "2.0.0"}
        answer = client.post("/xapi/2.0/statements", json.dumps(said), content_type="application/json", headers=headers)
        assert answer.status_code == 200


def issue_reader(world, by="office", unit=None, **words):
    given = {"scopes": ["statements.read_all"], "expires_on": today() + timedelta(days=366), "label": "监测"} | words
    return issue_api_key(by=world.people[by].actor, unit=unit or world.district, provider="qingyun", **given)[1]


@BOTH
def test_a_person_is_what_was_asked_and_the_names_known_where_one_reads(xapi, known, at):
    answer = xapi("GET", "agents", {"agent": json.dumps(AGENT)}, at=at)
    assert (answer.status_code, answer["ETag"]) == (200, f'"{tag_of(answer.content)}"')
    assert json.loads(answer.content) == {
        "objectType": "Person",
        "name": ["曾国强", "名-qingyun"],
        "account": [ACCOUNT],
    }
    assert not Line.objects.filter(verb="statements.read_all").exists()  # it reads its own
    unknown = {"mbox": "mailto:nobody@example.cn"}
    answer = xapi("GET", "agents", {"agent": json.dumps(unknown)}, at=at)
    assert json.loads(answer.content) == {"objectType": "Person", "mbox": ["mailto:nobody@example.cn"]}
    assert xapi("HEAD", "agents", {"agent": json.dumps(unknown)}, at=at).status_code == 200
    for params, code in (
        ({}, "parameter-missing"),
        ({"agent": '{"name":"x"}'}, "parameter-unreadable"),
        ({"agent": "true"}, "parameter-unreadable"),
    ):
        answer = xapi("GET", "agents", params, at=at)
        assert (answer.status_code, json.loads(answer.content)["code"]) == (400, code)


@BOTH
def test_an_activity_is_what_its_platform_said_of_it(xapi, known, at):
    answer = xapi("GET", "activities", {"activityId": COURSE}, at=at)
    assert (answer.status_code, answer["ETag"]) == (200, f'"{tag_of(answer.content)}"')
    assert json.loads(answer.content) == {
        "objectType": "Activity", "id": COURSE,
        "definition": {"name": {"zh-CN": "课-qingyun", "x-qingyun": "qingyun"}, "type": "https://qingyun.example/type"},
    }  # fmt: skip
    unknown = {"objectType": "Activity", "id": f"{COURSE}?never"}
    assert json.loads(xapi("GET", "activities", {"activityId": unknown["id"]}, at=at).content) == unknown
    assert [xapi("GET", "activities", params, at=at).status_code for params in ({}, {"activityId": "true"})] == [
        400,
        400,
    ]


def test_who_reads_all_hears_of_the_platforms_of_its_office_and_of_no_other(world, client, known):
    plain = issue_reader(world)
    headers = {"Authorization": basic(name_of_key(plain), plain), "X-Experience-API-Version": "2.0.0"}
    person = client.get("/xapi/2.0/agents", {"agent": json.dumps(AGENT)}, headers=headers).json()
    assert person["name"] == ["曾国强", "名-qingyun", "名-other"]
    course = client.get("/xapi/2.0/activities", {"activityId": COURSE}, headers=headers).json()
    lines = Line.objects.filter(verb="statements.read_all").order_by("pk")
    assert [(line.unit, line.facts["what"], line.facts["given"]) for line in lines] == [
        (world.district, "agents", ["agent"]), (world.district, "activities", ["activityId"]),
    ]  # fmt: skip
    assert "4be2" not in str([vars(line) for line in lines])
    assert course["definition"] == {
        "name": {"zh-CN": "课-qingyun", "x-other": "other", "x-qingyun": "qingyun"}, "type": "https://qingyun.example/type",
    }  # fmt: skip


def test_who_hands_out_the_reading_of_all(world, keys, db):
    assert issue_reader(world)
    for words, code in (
        ({"expires_on": None}, "key-dates"), ({"expires_on": today() + timedelta(days=367)}, "key-dates"),
        ({"by": "cio"}, "not-found"), ({"by": "wu", "unit": world.sibling}, "not-found"), ({"by": "auditor"}, "not-found"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            issue_reader(world, **words)
        assert refusal.value.code == code
    assert Provider.objects.filter(code="qingyun", owner=world.district).exists()
