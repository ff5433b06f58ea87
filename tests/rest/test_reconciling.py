"""What a platform's engineer asks: what did I send, what was refused and why, are we reconciled?"""

import pytest

from tests.rest.test_providers import a_record
from weineng.learning.actions import admit_provider, issue_api_key
from weineng.learning.models import Provider, Reckoning, RefusedRow

BASE = "/api/v1/providers/qingyun"


@pytest.fixture
def read(call):
    def get(what, **query):
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        status, answer = call("", f"{BASE}/{what}?{asked}", method="get")
        assert status == 200
        return answer

    return get


@pytest.fixture
def sent(world, call):
    """Three deliveries and a dry run: one refused and one in conflict, of which the second is mended later."""
    rows = [
        a_record(world.teacher, "a"), a_record(world.teacher, "a", minutes=1), a_record(world.teacher, "b", minutes="x"), "no object",
        a_record(world.colleague, "c", starts_at="2026-03-08T08:00:00+08:00", ends_at="2026-03-08T09:30:00+08:00"),
    ]  # fmt: skip
    call({"records": rows, "name": "first"})
    call({"records": [a_record(world.teacher, "dry", minutes="x")], "dry_run": True})
    call({"records": [a_record(world.teacher, "b"), a_record(world.teacher, "u", person_number="51990119900100999X")]})
    call({"records": [a_record(world.teacher, "a", minutes=60, supersedes="a"), {"id": "v", "voids": "c"}]})


def test_every_delivery_with_what_became_of_it(sent, read):
    rows = read("deliveries")["deliveries"]
    keys = ("name", "way", "rows", "created", "unchanged", "conflict", "refused")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("first", "rest", 5, 2, 0, 1, 2), ("", "rest", 2, 2, 0, 0, 0), ("", "rest", 2, 2, 0, 0, 0),
    ]  # fmt: skip
    first = read("deliveries", limit=1)
    assert [row["name"] for row in first["deliveries"]] == ["first"]
    assert read("deliveries", limit=2, cursor=first["next"])["deliveries"] == rows[1:]


def test_every_refusal_with_its_reason_until_it_is_mended(sent, read):
    rows = read("refused")["refused"]
    assert [(row["place"], row["id"], row["status"], row["code"], row["params"], row["settled"]) for row in rows] == [
        (2, "a", "conflict", "conflict", {"id": "a"}, True), (3, "b", "refused", "field-unreadable", {"field": "minutes"}, True),
        (4, "", "refused", "row-not-object", {}, False),
    ]  # fmt: skip
    assert {row["delivery"] for row in rows} == {read("deliveries", limit=1)["deliveries"][0]["id"]}
    assert read("refused", only="waiting")["refused"] == rows[2:]
    first = read("refused", limit=2)
    assert (first["refused"], read("refused", limit=2, cursor=first["next"])["refused"]) == (rows[:2], rows[2:])


def test_what_was_refused_in_a_delivery_is_not_settled_by_the_same_delivery(world, call, read):
    call({"records": [a_record(world.teacher, "a"), a_record(world.teacher, "a", minutes=1)]})
    assert [row["settled"] for row in read("refused")["refused"]] == [False]
    call({"records": [a_record(world.teacher, "a")]})  # known already: the conflict is still open
    assert [row["settled"] for row in read("refused")["refused"]] == [False]


def test_the_books_by_day_are_the_sums_of_the_records(sent, read):
    answer = read("reconciliation", since="2026-03-01", until="2026-03-10")
    day = {
        "records": 3,
        "minutes": 240,
        "people": 1,
        "unknown": 1,
        "unknown_people": 1,
        "corrected": 1,
        "voided": 0,
        "passes": 0,
    }
    assert answer == {
        "since": "2026-03-01", "until": "2026-03-10", "refused_waiting": 1, "total": day | {"voided": 1}, "stated": [],
        "differing": 0,
        "days": [
            day | {"on": "2026-03-07"},
            dict.fromkeys(day, 0) | {"on": "2026-03-08", "voided": 1},
        ],
    }  # fmt: skip
    for book in answer["days"]:
        stands = [row for row in read("records", on=book["on"])["records"] if row["state"] == "in-force"]
        assert (len(stands), sum(row["minutes"] for row in stands)) == (book["records"], book["minutes"])
    assert read("reconciliation", since="2026-03-08", until="2026-03-08")["days"] == answer["days"][1:]
    assert read("reconciliation") == answer | {"since": "2026-02-08"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("since=2026-03-02&until=2026-03-01", "days-out-of-range"), ("since=2025-03-01&until=2026-03-03", "days-out-of-range"),
        ("since=yesterday", "parameter-unreadable"), ("until=2026-02-30", "parameter-unreadable"),
        ("since=2026-03-1", "parameter-unreadable"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_asked_for(call, query, code):
    status, error = call("", f"{BASE}/reconciliation?{query}", method="get")
    assert (status, error["code"]) == (422, code)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_break_nothing(call, day):
    for query in (f"until={day}", f"since={day}&until={day}"):
        assert call("", f"{BASE}/reconciliation?{query}", method="get")[0] == 200
    assert call("", f"{BASE}/records?on={day}", method="get")[0] == 200


def test_another_platforms_deliveries_are_not_found_while_they_are_there(world, sent, client, call):
    admit_provider(by=world.office.actor, unit=world.district, code="other", name="别的平台")
    _row, plain = issue_api_key(
        by=world.office.actor, unit=world.district, provider="other", label="x", scopes=["records.read"]
    )
    assert RefusedRow.objects.filter(batch__provider=Provider.objects.get(code="qingyun")).count() == 3
    for what in ("deliveries", "refused", "reconciliation"):
        assert call("", f"{BASE}/{what}", token=plain, method="get")[0] == 404
        status, answer = call("", f"/api/v1/providers/other/{what}", token=plain, method="get")
        assert (status, "a" in str(answer.get("refused", "")), answer.get("deliveries", [])) == (200, False, [])


def test_who_only_writes_reads_nothing(world, sent, call):
    _row, plain = issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="x", scopes=["records.write"]
    )
    for what in ("records", "deliveries", "refused", "reconciliation"):
        assert call("", f"{BASE}/{what}", token=plain, method="get")[0] == 404


NUMBERS = ("on", "records", "minutes", "people")
ONE = dict(zip(NUMBERS, ("2026-03-07", 1, 1, 1), strict=True))


def state(call, *days, **more):
    said = [dict(zip(NUMBERS, day, strict=True)) for day in days]
    return call({"days": said}, f"{BASE}/reconciliation", **more)


def test_both_books_lie_beside_each_other_until_they_agree(sent, read, call):
    assert state(call, ("2026-03-07", 3, 240, 2), ("2026-03-08", 1, 90, 1), ("2026-03-09", 1, 45, 1)) == (
        200,
        {"changed": 3},
    )
    answer = read("reconciliation", since="2026-03-01", until="2026-03-10")
    assert (answer["differing"], [row["on"] for row in answer["stated"]]) == (
        2,
        ["2026-03-07", "2026-03-08", "2026-03-09"],
    )
    assert answer["stated"][1] == {"on": "2026-03-08", "records": 1, "minutes": 90, "people": 1, "passes": None}
    assert state(call, ("2026-03-08", 0, 0, 0), ("2026-03-07", 3, 240, 2)) == (200, {"changed": 1})
    assert read("reconciliation", since="2026-03-01", until="2026-03-10")["differing"] == 1
    for said in ((4, 240, 2), (3, 241, 2), (3, 240, 1)):
        state(call, ("2026-03-07", *said))
        assert read("reconciliation", since="2026-03-07", until="2026-03-07")["differing"] == 1


def test_passes_are_compared_where_the_platform_says_how_many_it_has(world, read, call):
    rows = [a_record(world.teacher, "a", passed=True), a_record(world.colleague, "b", passed=False)]
    call({"records": [*rows, a_record(world.teacher, "c", passed="yes"), a_record(world.teacher, "a")]})
    assert [(row["id"], row["passed"]) for row in read("records")["records"]] == [("a", True), ("b", False)]
    assert [(row["id"], row["code"]) for row in read("refused")["refused"]] == [
        ("c", "field-unreadable"),
        ("a", "conflict"),
    ]
    assert read("reconciliation")["total"]["passes"] == 1
    day = {"on": "2026-03-07", "records": 2, "minutes": 180, "people": 2}
    for passes, differing in ((None, 0), (1, 0), (2, 1), (0, 1)):
        assert call({"days": [day | {"passes": passes}]}, f"{BASE}/reconciliation") == (200, {"changed": 1})
        answer = read("reconciliation")
        assert (answer["differing"], answer["stated"]) == (differing, [day | {"passes": passes}])
    call({"records": [{"id": "v", "voids": "a"}]})
    assert read("reconciliation")["total"]["passes"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"days": []}, "days-missing"), ({}, "field-unreadable"), ([], "field-unreadable"), ({"days": [1]}, "field-unreadable"),
        ({"days": [], "day": 1}, "field-unknown"), ({"days": [{"on": "2026-03-07", "records": 1, "minutes": 1}]}, "field-unreadable"),
        ({"days": [{"on": "2026-03-07", "records": True, "minutes": 1, "people": 1}]}, "field-unreadable"),
        ({"days": [{"on": "2026-03-07", "records": 1, "minutes": 1, "people": 1, "passes": "1"}]}, "field-unreadable"),
        ({"days": [{"on": "2026-03-07", "records": 1, "minutes": 1, "people": 1, "passes": -1}]}, "number-out-of-range"),
        ({"days": [{"on": "2026-03-07", "records": 1, "minutes": 1, "people": 1, "passes": 2**31}]}, "number-out-of-range"),
        ({"days": [{"on": "2026-02-30", "records": 1, "minutes": 1, "people": 1}]}, "field-unreadable"),
        ({"days": [{"on": "2026-03-07", "records": 1, "minutes": 1, "people": 1, "x": 1}]}, "field-unknown"),
        ({"days": [{"on": "2026-03-07", "records": -1, "minutes": 1, "people": 1}]}, "number-out-of-range"),
        ({"days": [{"on": "2026-03-07", "records": 2**31, "minutes": 1, "people": 1}]}, "number-out-of-range"),
        ({"days": [{"on": "2026-03-07", "records": 1, "minutes": 10**12 + 1, "people": 1}]}, "number-out-of-range"),
        ({"days": [{"on": "2026-03-11", "records": 1, "minutes": 1, "people": 1}]}, "day-out-of-range"),
        ({"days": [{"on": "1999-12-31", "records": 1, "minutes": 1, "people": 1}]}, "day-out-of-range"),
        ({"days": [{"on": "2026-03-07", "records": 1, "minutes": 1, "people": 1}] * 2}, "day-twice"),
        ({"days": [{"on": "2026-03-07", "records": 1, "minutes": 1, "people": 1}] * 401}, "too-many-days"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_said(call, body, code):
    status, answer = call(body, f"{BASE}/reconciliation")
    assert (status // 100, answer["code"]) == (4, code)
    assert not Reckoning.objects.exists()


def test_who_only_reads_says_nothing_and_nobody_says_it_of_others(world, sent, call):
    _row, plain = issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="x", scopes=["records.read"]
    )
    assert state(call, ("2026-03-07", 1, 1, 1), token=plain)[0] == 404
    assert call({"days": [ONE]}, "/api/v1/providers/activities/reconciliation")[0] == 404
