"""The API as a platform's engineer meets it: keys, answers row by row, every way of being wrong."""

import json

import pytest
from django.db import IntegrityError

from tests.rest.conftest import NOW, URL
from weineng.accounts.actions import revoke_api_key
from weineng.learning.actions import _delivery, issue_api_key
from weineng.learning.models import Batch, Record


def a_record(member, name="r-1", **changes):
    fields = {
        "id": name, "person_type": "id-card", "person_number": member.number, "mode": "online", "course": "101", "title": "微课",
        "starts_at": "2026-03-07T08:00:00+08:00", "ends_at": "2026-03-07T09:30:00+08:00", "minutes": 90,
    }  # fmt: skip
    return {k: v for k, v in (fields | changes).items() if v is not ...}


def test_a_delivery_is_answered_row_by_row_in_input_order(world, call):
    rows = [
        a_record(world.teacher, "a"),
        a_record(world.teacher, "b", minutes="ninety"),
        "not an object",
        a_record(world.teacher, "c", colour="blue"),
        a_record(world.teacher, "d", ends_at="yesterday"),
        a_record(world.colleague, "e", minutes=...),
        a_record(world.colleague, "a", minutes=1),
        a_record(world.colleague, "f"),
        a_record(world.teacher, "a"),
    ]
    status, answer = call({"records": rows})
    assert status == 200
    assert [(r["id"], r["status"], r["code"]) for r in answer["results"]] == [
        ("a", "created", ""), ("b", "refused", "field-unreadable"), ("", "refused", "row-not-object"),
        ("c", "refused", "field-unknown"), ("d", "refused", "field-unreadable"), ("e", "refused", "minutes-missing"),
        ("a", "conflict", "conflict"), ("f", "created", ""), ("a", "unchanged", ""),
    ]  # fmt: skip
    assert {k: answer[k] for k in ("created", "unchanged", "conflict", "refused")} == {
        "created": 2, "unchanged": 1, "conflict": 1, "refused": 5,
    }  # fmt: skip
    assert Record.objects.count() == 2


def test_a_dry_run_stores_nothing(world, call):
    status, answer = call({"records": [a_record(world.teacher)], "dry_run": True})
    assert (status, answer["dry_run"], answer["created"], Record.objects.count()) == (200, True, 1, 0)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 422, "body-not-json"),
        ("{", 422, "body-not-json"),
        (b"\xff\xfe", 422, "body-not-json"),
        ([], 422, "records-missing"),
        ({}, 422, "records-missing"),
        ({"records": {}}, 422, "records-missing"),
        ({"records": []}, 422, "records-out-of-range"),
        ({"records": [{}] * 1001}, 422, "records-out-of-range"),
        ("[" * 100_000, 422, "body-not-json"),
        ('{"records": [{"id": "a", "minutes": NaN}]}', 422, "body-not-json"),
        ('{"records": [{"id": "a", "minutes": 1e999}]}', 422, "body-not-json"),
        ('{"records": [{"id": "\\ud800"}]}', 422, "body-not-json"),
        ({"records": [{"id": "a"}], "dryrun": True}, 422, "field-unknown"),
        ({"records": [{"id": "a"}], "dry_run": "true"}, 422, "field-unreadable"),
        ({"records": [{"id": "a"}], "dry_run": None}, 422, "field-unreadable"),
        ({"records": [{"id": "a"}], "name": ["x"]}, 422, "field-unreadable"),
        ({"records": [{"id": "a"}], "name": "x" * 201}, 422, "field-unreadable"),
        ({"records": [{"id": "a"}], "name": "x\0"}, 422, "field-unreadable"),
        ('{"records": ["' + "x" * 6_000_000 + '"]}', 413, "body-too-big"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_whole(call, body, status, code):
    answered, error = call(body)
    assert (answered, error["code"], "%" in error["message"]) == (status, code, False)
    if code.startswith("field-"):
        assert error["params"]["field"] in body
        assert error["params"]["field"] in error["message"]
    assert (Record.objects.count(), Batch.objects.count()) == (0, 0)


def test_a_body_of_unknown_length_is_refused_by_name(client, key):
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "HTTP_AUTHORIZATION": f"Bearer {key[1]}"}
    answer = client.generic("POST", URL, "{}", content_type="application/json", **chunked)
    assert (answer.status_code, answer.json()["code"]) == (411, "length-missing")


@pytest.mark.parametrize(
    "field", ["id", "person_number", "person_type", "title", "course", "reason", "supersedes", "voids"]
)
def test_a_character_that_cannot_be_stored_is_named_with_its_field(world, call, field):
    status, answer = call({"records": [a_record(world.teacher, **{field: "a\0b"}), a_record(world.teacher, "good")]})
    assert (status, answer["created"], answer["refused"]) == (200, 1, 1)
    assert (answer["results"][0]["code"], answer["results"][0]["params"]) == ("field-unreadable", {"field": field})


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "too-long-ago", "starts_at"),
        (
            {"starts_at": "0001-01-01T00:00:00+14:00", "ends_at": "0001-01-01T00:00:00+14:00"},
            "too-long-ago",
            "starts_at",
        ),
        ({"ends_at": "9999-12-31T23:59:59-14:00"}, "in-the-future", "ends_at"),
        ({"starts_at": "2026-03-07T08:00:00"}, "time-without-zone", "starts_at"),
        ({"ends_at": "2026-03-07"}, "time-without-zone", "ends_at"),
        ({"minutes": 123456789012345678901234567890}, "field-unreadable", "minutes"),
        ({"minutes": 10**12}, "minutes-out-of-range", "minutes"),
        ({"minutes": ..., "periods": "NaN"}, "field-unreadable", "periods"),
        ({"minutes": ..., "periods": "1e-99999999"}, "periods-not-agreed", "periods"),
        ({"title": {"a": [[[[]]]]}}, "field-not-text", "title"),
        ({"person_number": "9" * 3_000_000}, "text-too-long", "person_number"),
        ({"person_number": ""}, "person-missing", "person_number"),
        ({"supersedes": "x" * 100_000}, "text-too-long", "supersedes"),
    ],
)
def test_one_bad_record_is_told_by_its_field_and_holds_up_nobody(world, call, changes, code, field):
    rows = [a_record(world.teacher, "bad", **changes), a_record(world.teacher, "good")]
    status, answer = call({"records": rows})
    assert (status, [r["status"] for r in answer["results"]]) == (200, ["refused", "created"])
    assert (answer["results"][0]["code"], answer["results"][0]["params"]["field"]) == (code, field)
    assert [r["id"] for r in call("", method="get")[1]["records"]] == ["good"]


def test_what_was_never_seen_and_waits_is_told(world, call):
    unknown = a_record(world.teacher, person_number="51990119900100999X")
    status, answer = call({"records": [unknown, a_record(world.teacher, "known")]})
    assert (status, [(r["status"], r["person_found"]) for r in answer["results"]]) == (
        200,
        [("created", False), ("created", True)],
    )


def test_a_rule_of_the_database_that_breaks_leaves_nothing_behind(world, call, monkeypatch):
    def breaks(*_given, **_words):
        raise IntegrityError("in the middle")

    monkeypatch.setattr(_delivery, "notify_each", breaks)
    status, answer = call({"records": [a_record(world.teacher)]})
    assert (status, answer["code"]) == (500, "broken")
    assert (Record.objects.count(), Batch.objects.count()) == (0, 0)


def test_a_field_of_a_wrong_type_never_breaks_the_server(world, call):
    fields, values = ["minutes", "title", "starts_at", "periods", "person_number"], [True, 1.5, "1", [], {}, None]
    records = [
        a_record(world.teacher, f"{field}-{place}", **{field: value})
        for field in fields
        for place, value in enumerate(values)
    ]
    status, answer = call({"records": records})
    assert status == 200
    taken = [result["id"] for result in answer["results"] if result["status"] != "refused"]
    assert taken == [
        "title-2",
        "periods-5",
        "person_number-2",
    ]  # "1" is a title and a number nobody has; null is left out


def test_without_a_good_key_nothing_opens(world, call, key):
    for token in ("", "wrong", key[1][:-1], key[1] + "x"):
        status, _error = call({"records": [a_record(world.teacher)]}, token=token)
        assert status == 401
    revoke_api_key(by=world.office.actor, key=key[0].pk)
    assert call({"records": [a_record(world.teacher)]})[0] == 401
    assert Record.objects.count() == 0


def test_a_key_opens_only_its_own_provider(world, call):
    from weineng.learning.actions import admit_provider

    admit_provider(by=world.office.actor, unit=world.district, code="other", name="别的平台")
    for url in ("/api/v1/providers/other/records", "/api/v1/providers/none/records"):
        assert call({"records": [a_record(world.teacher)]}, url=url)[1]["code"] == "not-found"
        assert call({"records": ["x"]}, url=url)[0] == 404
        assert call("", url=url, method="get")[0] == 404


def test_a_key_without_the_scope_only_reads_or_only_writes(world, client, set_clock):
    set_clock(NOW)
    for scope, post, get in (("records.write", 200, 404), ("records.read", 404, 200)):
        _row, plain = issue_api_key(
            by=world.office.actor, unit=world.district, provider="qingyun", label=scope, scopes=[scope]
        )
        headers = {"Authorization": f"Bearer {plain}"}
        body = json.dumps({"records": [a_record(world.teacher, scope)]})
        assert client.post(URL, body, content_type="application/json", headers=headers).status_code == post
        assert client.get(URL, headers=headers).status_code == get


def test_what_was_delivered_can_be_read_back_page_by_page(world, call):
    call({"records": [a_record(world.teacher, f"r{n}") for n in range(5)]})
    call({"records": [a_record(world.teacher, "fix", minutes=10, supersedes="r0"), {"id": "gone", "voids": "r1"}]})
    seen, cursor = [], ""
    for _page in range(4):
        status, answer = call("", url=f"{URL}?limit=2&cursor={cursor}", method="get")
        assert status == 200
        seen += [(r["id"], r["state"]) for r in answer["records"]]
        cursor = answer["next"]
        if not cursor:
            break
    assert seen == [
        ("r0", "corrected"), ("r1", "voided"), ("r2", "in-force"), ("r3", "in-force"), ("r4", "in-force"), ("fix", "in-force"),
        ("gone", "void"),
    ]  # fmt: skip
    assert call("", url=f"{URL}?limit=0", method="get")[1]["code"] == "limit-out-of-range"
    assert call("", url=f"{URL}?cursor=x", method="get")[1]["code"] == "cursor-unknown"


def test_an_answer_names_nobody(world, call):
    call({"records": [a_record(world.teacher, person_name="林晓岚")]})
    status, answer = call("", method="get")
    text = json.dumps(answer, ensure_ascii=False)
    assert status == 200
    assert world.teacher.number not in text
    assert "林晓岚" not in text
