"""A platform tries its programs out: answered as in earnest, among invented people, and nothing of it reaches anybody."""

import json
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction

from tests.learning.saying import COMPLETED, HOME, say, statement
from tests.rest.test_document import example
from tests.rest.test_providers import a_record
from weineng.accounts.models import ApiKey
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.learning.actions import (
    admit_provider,
    agree_home,
    agree_rule,
    change_provider,
    issue_api_key,
    read_statements,
    resolve_records,
)
from weineng.learning.models import Batch, Provider, Reckoning, Record, RefusedRow
from weineng.learning.queries import providers_within, records_within, unknown_within
from weineng.learning.rules import AgreedRule
from weineng.notices.models import Message
from weineng.ops.contract import served
from weineng.programmes.models import Touched
from weineng.statements.models import Agent, Pending, Source, Statement

BASE = "/api/v1/providers/qingyun"
SCOPES = ("records.write", "records.read")


@pytest.fixture
def trying(world, key):
    """The plain text of a key of the sandbox; `key` is one in earnest."""
    return issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="联调", scopes=SCOPES, sandbox=True
    )[1]


@pytest.fixture
def try_out(call, trying):
    def send(what, body="", method="get"):
        return call(body, f"{BASE}/{what}", token=trying, method=method)

    return send


@dataclass(frozen=True)
class Invented:
    number: str


def invented(person, name, **changes):
    return a_record(Invented(f"invented-{person}"), name, **changes)


@pytest.fixture
def tried(world, try_out):
    """What was answered to a known person (twice), one under another number with another name, a real teacher's number, one in
    the wrong, a conflict."""
    rows = [
        invented(1, "a"), invented(1, "a"), invented(1, "b", person_type="passport", person_name="别人", minutes=30),
        a_record(world.teacher, "real"), invented(2, "c", minutes="x"), invented(2, "a"),
    ]  # fmt: skip
    return try_out("records", {"records": rows}, "post")


def test_it_answers_as_in_earnest_about_invented_people(tried, try_out):
    status, answer = tried
    assert status == 200
    told = [(row["status"], row["code"], row["person_found"], row["name_differs"]) for row in answer["results"]]
    assert told == [
        ("created", "", True, False), ("unchanged", "", True, False), ("created", "", True, True), ("created", "", False, False),
        ("refused", "field-unreadable", False, False), ("conflict", "conflict", False, False),
    ]  # fmt: skip
    rows = try_out("records")[1]["records"]
    assert [(row["id"], row["person_found"]) for row in rows] == [("a", True), ("b", True), ("real", False)]
    assert [row["id"] for row in try_out("refused")[1]["refused"]] == ["c", "a"]
    total = try_out("reconciliation")[1]["total"]
    assert total == {
        "records": 3, "minutes": 210, "people": 1, "unknown": 1, "unknown_people": 1, "corrected": 0, "voided": 0, "passes": 0,
    }  # fmt: skip
    assert try_out("counted")[1]["programmes"] == []
    try_out("records", {"records": [{"id": "v", "voids": "a"}, invented(1, "b", minutes=5, supersedes="b")]}, "post")
    states = [(row["id"], row["state"], row["person_found"]) for row in try_out("records")[1]["records"]]
    assert states == [
        ("a", "voided", True), ("b", "corrected", True), ("real", "in-force", False), ("v", "void", True), ("b", "in-force", True),
    ]  # fmt: skip


def test_nothing_of_it_reaches_anybody(world, tried, call):
    assert resolve_records(by=platform("settle")) == 0  # though the teacher's number is known
    assert [*Record.objects.filter(person__isnull=False)] == [*Record.objects.filter(unit__isnull=False)] == []
    assert (Message.objects.count(), Touched.objects.count()) == (0, 0)
    for member in (world.office, world.teacher):
        assert [*records_within(member.actor)] == []
    assert [*unknown_within(world.office.actor)] == []
    assert [row.code for row in providers_within(world.office.actor)] == ["qingyun"]
    for what, empty in (("records", "records"), ("deliveries", "deliveries"), ("refused", "refused")):
        assert call("", f"{BASE}/{what}", method="get")[1][empty] == []


def test_what_is_in_earnest_stays_out_of_it(world, call, try_out):
    call({"records": [a_record(world.teacher, "a")]})
    assert try_out("records")[1]["records"] == []
    assert try_out("records", {"records": [a_record(world.teacher, "a", minutes=1)]}, "post")[1]["created"] == 1
    admit_provider(by=world.office.actor, unit=world.district, code="other", name="别的平台")
    assert call("", "/api/v1/providers/other/sandbox", method="get")[0] == 404
    for address in ("/api/v1/providers/other/records", "/api/v1/providers/qingyun~sandbox/records"):
        assert call("", address, method="get")[0] == 404
    assert try_out("sandbox", method="delete")[1]["records"] == 0
    assert [row["minutes"] for row in call("", f"{BASE}/records", method="get")[1]["records"]] == [90]


def test_the_database_lets_nobody_be_found_in_it(world, tried):
    source = Provider.objects.get(pk__lt=0)
    for change in ({"person": world.teacher.person}, {"unit": world.maths}):
        with pytest.raises(IntegrityError, match="record_in_sandbox_of_nobody"), transaction.atomic():
            Record.objects.filter(provider=source).update(**change)
    with pytest.raises(IntegrityError, match="provider_sandbox_of_nobody"), transaction.atomic():
        Provider.objects.filter(pk=source.pk).update(owner=world.district)
    with pytest.raises(IntegrityError, match="provider_sandbox_of_nobody"), transaction.atomic():
        Provider.objects.filter(pk=-source.pk).update(days_ahead=1)


def test_statements_are_read_by_what_is_agreed_with_the_platform(world, trying, try_out, call):
    real = Provider.objects.get(code="qingyun")
    agree_home(by=world.office.actor, provider=real.pk, home_page=HOME, person_type="platform:qingyun")
    at = datetime(2026, 3, 7, 9, 0, tzinfo=CIVIL)
    say(statement(1, "invented-3", at), statement(2, "t9", at), statement(3, "invented-3", at, result={}), sandbox=True)
    read_statements(by=platform("settle"))
    assert try_out("records")[1]["records"] == []  # nothing is agreed yet
    agree_rule(
        by=world.office.actor,
        provider=real.pk,
        rule=AgreedRule(verbs=frozenset({COMPLETED}), mode="online", below=True),
    )
    assert read_statements(by=platform("settle")) == 3  # it is read again
    assert [row["person_found"] for row in try_out("records")[1]["records"]] == [True, False]
    assert [row["code"] for row in try_out("refused")[1]["refused"]] == ["duration-missing"]
    assert call("", f"{BASE}/records", method="get")[1]["records"] == []
    assert (Message.objects.count(), Touched.objects.count()) == (0, 0)


def test_the_store_of_a_sandbox_is_another_than_that_of_its_platform(world, key, client):
    keys = {}
    for sandbox in (False, True):
        keys[sandbox] = issue_api_key(
            by=world.office.actor, unit=world.district, provider="qingyun", label="x", sandbox=sandbox,
            scopes=["statements.write", "statements.read", "records.write", "records.read"],
        )[1]  # fmt: skip
    every = issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="x", scopes=["statements.read_all"],
        expires_on=date(2026, 9, 1),
    )[1]  # fmt: skip

    def xapi(plain, method="GET", body=None):
        headers = {"Authorization": f"Bearer {plain}", "X-Experience-API-Version": "2.0.0"}
        answer = getattr(client, method.lower())(
            "/xapi/2.0/statements", body, content_type="application/json", headers=headers
        )
        return answer.json()

    at = datetime(2026, 3, 7, 9, 0, tzinfo=CIVIL)
    xapi(keys[True], "POST", statement(1, "invented-1", at))
    assert [one["id"][-1] for one in xapi(keys[True])["statements"]] == ["1"]
    assert xapi(keys[False])["statements"] == []
    xapi(keys[False], "POST", statement(2, "t2", at))
    for plain in (keys[False], every):  # the office's own, of all its platforms
        assert [one["id"][-1] for one in xapi(plain)["statements"]] == ["2"]
    box = f"{BASE}/sandbox"
    bearer = {"Authorization": f"Bearer {keys[True]}"}
    assert client.get(box, headers=bearer).json()["statements"] == 1
    assert client.delete(box, headers=bearer).json()["statements"] == 0
    assert [row.source.code for row in Statement.objects.all()] == ["qingyun"]
    assert [row.statement.source.code for row in Pending.objects.all()] == ["qingyun"]
    assert set(Agent.objects.values_list("source__code", flat=True)) == {"qingyun"}
    xapi(keys[True], "POST", statement(1, "invented-1", at))  # at once: what a process remembers is not of this one
    assert [one["id"][-1] for one in xapi(keys[True])["statements"]] == ["1"]
    assert set(Agent.objects.values_list("source__code", flat=True)) == {"qingyun", "qingyun~sandbox"}
    sources = sorted(Source.objects.values_list("code", "unit"))
    assert sources == [("qingyun", world.district), ("qingyun~sandbox", None)]


def test_its_date_is_set_and_what_comes_in_is_judged_and_dated_by_it(try_out, world, call):
    later = {"starts_at": "2026-09-01T08:00:00+08:00", "ends_at": "2026-09-01T08:45:00+08:00"}
    assert (
        try_out("records", {"records": [invented(1, "a", **later)]}, "post")[1]["results"][0]["code"] == "in-the-future"
    )
    assert try_out("sandbox", {"today": "2026-09-02"}, "post")[1]["today"] == "2026-09-02"
    assert try_out("records", {"records": [invented(1, "a", **later)]}, "post")[1]["created"] == 1
    assert try_out("records")[1]["records"][0]["arrived_at"] == "2026-09-02T01:00:00+00:00"
    assert [day["on"] for day in try_out("reconciliation")[1]["days"]] == ["2026-09-01"]
    day = {"on": "2026-09-01", "records": 1, "minutes": 90, "people": 1}
    assert try_out("reconciliation", {"days": [day]}, "post") == (200, {"changed": 1})
    assert call({"records": [a_record(world.teacher, "a", **later)]})[1]["results"][0]["code"] == "in-the-future"
    assert try_out("sandbox", {"today": None}, "post")[1]["today"] == "2026-03-10"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"today": "1999-12-31"}, "date-out-of-range"), ({"today": "2100-01-01"}, "date-out-of-range"), ({"today": 7}, "field-unreadable"),
        ({"today": "soon"}, "field-unreadable"), ({}, "field-unreadable"), ([], "field-unreadable"),
        ({"today": None, "x": 1}, "field-unknown"),
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_is_refused(try_out, body, code):
    status, answer = try_out("sandbox", body, "post")
    assert (status, answer["code"]) == (422, code)


def test_one_call_empties_it_and_nothing_else(world, tried, try_out, call):
    call({"records": [a_record(world.teacher, "a"), a_record(world.teacher, "a", minutes=1)]})
    day = {"on": "2026-03-07", "records": 1, "minutes": 90, "people": 1}
    for send in (try_out, lambda what, body, method: call(body, f"{BASE}/{what}", method=method)):
        send("reconciliation", {"days": [day]}, "post")
    try_out("records", {"records": [{"id": "v", "voids": "a"}, invented(1, "b", minutes=5, supersedes="b")]}, "post")
    assert try_out("sandbox")[1]["records"] == 5
    assert try_out("sandbox", method="delete")[1]["records"] == 0
    for model in (Record, Batch, Reckoning):
        assert [row.provider.code for row in model.objects.all()] == ["qingyun"]
    assert [row.batch.provider.code for row in RefusedRow.objects.all()] == ["qingyun"]
    assert try_out("records", {"records": [invented(2, "a")]}, "post")[1]["created"] == 1


def test_a_key_in_earnest_opens_no_sandbox(call, trying):
    for method, body in (("get", ""), ("post", {"today": None}), ("delete", "")):
        status, answer = call(body, f"{BASE}/sandbox", method=method)
        assert (status, answer["code"]) == (422, "sandbox-only")


def test_a_key_that_only_reads_changes_nothing_in_it(world, key, call, at):
    plain = issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="x", scopes=["records.read"], sandbox=True
    )[1]
    assert call("", f"{BASE}/sandbox", token=plain, method="get")[0] == 200
    for method, body in (("post", {"today": None}), ("delete", "")):
        assert call(body, f"{BASE}/sandbox", token=plain, method=method)[0] == 404


def test_its_key_never_reads_what_was_said_in_earnest(world, key):
    given = {
        "unit": world.district,
        "provider": "qingyun",
        "label": "x",
        "scopes": ["statements.read", "statements.read_all"],
    }
    with pytest.raises(Refused) as refusal:
        issue_api_key(by=world.office.actor, **given, expires_on=date(2026, 9, 1), sandbox=True)
    assert refusal.value.code == "scope-in-earnest"
    assert not ApiKey.objects.filter(sandbox=True).exists()


def test_it_keeps_to_what_is_agreed_and_stays_open_while_the_platform_is_suspended(world, try_out):
    real = Provider.objects.get(code="qingyun")
    change_provider(by=world.office.actor, provider=real.pk, name="青云", period_minutes=45, active=False)
    row = invented(1, "a", periods="2")
    del row["minutes"]
    assert try_out("records", {"records": [row]}, "post")[1]["created"] == 1
    assert try_out("records")[1]["records"][0]["minutes"] == 90


def test_the_examples_are_true(try_out):
    document = json.loads(served())
    try_out("records", {"records": [invented(1, "a")]}, "post")
    path = "/providers/{provider}/sandbox"
    assert try_out("sandbox") == (200, example(document, path, "get")[1])
    sent, expected = example(document, path, "post")
    assert try_out("sandbox", sent, "post") == (200, expected)
    assert try_out("sandbox", method="delete") == (200, example(document, path, "delete")[1])
