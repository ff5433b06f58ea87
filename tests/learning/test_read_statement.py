"""What a statement becomes: by which rule, of how many minutes, whose."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from weineng.learning.rules import AgreedRule, RecordRow, RowResult, Understanding, duration_seconds, read_statement

COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
PASSED = "http://adlnet.gov/expapi/verbs/passed"
LESSON = "https://qingyun.example/courses/7/lessons/2"
HOME = "https://id.minling.example/teachers"
AT = datetime(2025, 10, 8, 4, 0, tzinfo=UTC)
SID = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
ANY = AgreedRule(verbs=frozenset({COMPLETED}), mode="online", below=True)


def statement(**changes: Any) -> dict[str, Any]:
    """A teacher finished a lesson in 45 minutes and 59 seconds."""
    said = {
        "id": SID, "actor": {"account": {"homePage": HOME, "name": "T0001"}, "name": "韩梅"}, "verb": {"id": COMPLETED},
        "object": {"id": LESSON, "definition": {"name": {"en": "Lesson 2", "zh-CN": "第二课"}}},
        "result": {"completion": True, "success": True, "score": {"scaled": 0.8}, "duration": "PT45M59S"},
    }  # fmt: skip
    return said | changes


def understood(*rules: AgreedRule) -> Understanding:
    return Understanding("qingyun", rules or (ANY,), {HOME: "platform:qingyun"})


def read(said: dict[str, Any], *rules: AgreedRule) -> RecordRow | RowResult | None:
    return read_statement(said, understood(*rules), AT)


def test_a_statement_that_a_rule_names_becomes_one_row():
    assert read(statement()) == RecordRow(
        source_id=SID, person_type="platform:qingyun", person_number="T0001", person_name="韩梅", mode="online", course=LESSON,
        title="第二课",
        starts_at=datetime(2025, 10, 8, 3, 14, 1, tzinfo=UTC), ends_at=AT, minutes=45, passed=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("PT0S", 0), ("PT59S", 59), ("PT60S", 60), ("PT1H30M", 5_400), ("P1DT1S", 86_401), ("P2W", 1_209_600), ("PT0.5H", 1_800),
        ("PT59.9S", Decimal("59.9")), ("P0Y0M0DT45M", 2_700), ("P1M", None), ("P1Y", None), ("PT", None), ("P", None), ("45M", None),
        ("PT-5M", None), ("", None), ("PT１M", None),
    ],
)  # fmt: skip
def test_durations(duration: str, seconds: Decimal | None):
    assert duration_seconds(duration) == seconds


@pytest.mark.parametrize(
    ("change", "duration", "minutes", "starts"),
    [
        ({}, "PT59S", 0, datetime(2025, 10, 8, 3, 59, 1, tzinfo=UTC)),
        ({}, "PT60S", 1, datetime(2025, 10, 8, 3, 59, tzinfo=UTC)),
        ({"minutes": 40}, "PT41M", 40, datetime(2025, 10, 8, 3, 19, tzinfo=UTC)),
        ({"minutes": 40}, "PT40M", 40, datetime(2025, 10, 8, 3, 20, tzinfo=UTC)),
        ({"minutes": 40}, "PT39M", 39, datetime(2025, 10, 8, 3, 21, tzinfo=UTC)),
        ({"minutes_by": "length", "minutes": 90}, "PT5M", 90, datetime(2025, 10, 8, 3, 55, tzinfo=UTC)),
        ({"minutes_by": "length", "minutes": 90}, None, 90, datetime(2025, 10, 8, 2, 30, tzinfo=UTC)),
        ({"minutes_by": "length", "minutes": 90}, "P1M", 90, datetime(2025, 10, 8, 2, 30, tzinfo=UTC)),
    ],
)
def test_minutes(change: dict[str, Any], duration: str | None, minutes: int, starts: datetime):
    row = read(statement(result={"duration": duration} if duration else {}), replace(ANY, **change))
    assert isinstance(row, RecordRow)
    assert (row.minutes, row.starts_at, row.ends_at) == (minutes, starts, AT)


@pytest.mark.parametrize(
    ("change", "result", "code"),
    [
        ({}, {}, "duration-missing"),
        ({}, {"duration": "P1M"}, "duration-missing"),
        ({"needs": "completion"}, {"duration": "PT9M"}, "not-finished"),
        ({"needs": "completion"}, {"duration": "PT9M", "completion": False, "success": True}, "not-finished"),
        ({"needs": "success"}, {"duration": "PT9M", "completion": True}, "not-passed"),
        ({"least_score": Decimal("0.6")}, {"duration": "PT9M"}, "score-too-low"),
        ({"least_score": Decimal("0.6")}, {"duration": "PT9M", "score": {"scaled": 0.59}}, "score-too-low"),
        ({"least_score": Decimal("0.6")}, {"duration": "PT9M", "score": {"raw": 9}}, "score-too-low"),
    ],
)
def test_what_a_rule_asks_for_and_the_result_does_not_say(change: dict[str, Any], result: dict[str, Any], code: str):
    answer = read(statement(result=result), replace(ANY, **change))
    assert isinstance(answer, RowResult)
    assert (answer.source_id, answer.status, answer.code) == (SID, "refused", code)


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"needs": "completion"}, {"completion": True}),
        ({"needs": "success"}, {"success": True}),
        ({"least_score": Decimal("0.6")}, {"score": {"scaled": 0.6}}),
        ({"least_score": Decimal("0.6")}, {"score": {"scaled": 1}}),
    ],
)
def test_what_a_rule_asks_for_and_the_result_says(change: dict[str, Any], result: dict[str, Any]):
    row = read(statement(result={"duration": "PT9M", **result}), replace(ANY, **change))
    assert isinstance(row, RecordRow)
    assert row.minutes == 9


def test_what_no_rule_names_is_no_learning_event():
    assert read(statement(verb={"id": PASSED})) is None
    assert read(statement(), replace(ANY, below=False, activity=LESSON + "0")) is None
    assert read(statement(), replace(ANY, activity="https://other.example/")) is None
    assert read(statement(object={"objectType": "StatementRef", "id": SID})) is None
    assert read_statement(statement(), Understanding("qingyun", (), {HOME: "register-code"}), AT) is None


def test_the_nearest_rule_decides_and_the_newer_of_two_alike():
    exact = replace(ANY, activity=LESSON, below=False, course="exact")
    near = replace(ANY, activity=LESSON[:-2], course="near")
    far = replace(ANY, activity="https://qingyun.example/", course="far")
    newer = replace(far, course="newer")
    for rules, expected in (
        ((exact, near, far, newer), "exact"), ((newer, far, near, exact), "exact"), ((near, ANY, far), "near"),
        ((far, newer, ANY), "newer"),
        ((newer, far, ANY), "far"), ((replace(exact, verbs=frozenset({PASSED})), near), "near"),
    ):  # fmt: skip
        row = read(statement(), *rules)
        assert isinstance(row, RecordRow)
        assert row.course == expected


@pytest.mark.parametrize(
    ("actor", "person"),
    [
        ({"mbox": "mailto:Han.Mei@Bai.example"}, ("mail-sha1", "b12e1e9cdf698477d1037d334a9688ee5c6d1288")),
        ({"mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}, ("mail-sha1", "ebd31e95054c018b10727ccffd2ef2ec3a016ee9")),
        ({"openid": "https://han.example/"}, ("openid", "https://han.example/")),
    ],
)  # fmt: skip
def test_whose_it_is(actor: dict[str, Any], person: tuple[str, str]):
    row = read(statement(actor=actor))
    assert isinstance(row, RecordRow)
    assert (row.person_type, row.person_number) == person


def test_accounts_of_a_home_page_that_nobody_agreed_on_and_groups_are_nobody():
    other = read(statement(actor={"account": {"homePage": "https://else.example", "name": "T0001"}}))
    group = read(statement(actor={"objectType": "Group", "account": {"homePage": HOME, "name": "T0001"}}))
    assert isinstance(other, RowResult)
    assert isinstance(group, RowResult)
    assert (other.code, other.params) == ("account-not-agreed", {"home": "https://else.example", "field": "actor"})
    assert (group.code, group.params) == ("person-missing", {"field": "actor"})


def test_long_ids_of_activities_stay_different_as_codes_of_courses():
    one, other = (read(statement(object={"id": f"https://qingyun.example/{'x' * 200}{end}"})) for end in "ab")
    assert isinstance(one, RecordRow)
    assert isinstance(other, RecordRow)
    assert len(one.course) == len(other.course) == 120
    assert one.course != other.course
