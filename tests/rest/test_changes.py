"""A platform follows what changes here about its records, and hears of nobody whom it did not name."""

import json
from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.learning.saying import COMPLETED, COURSE, HOME, say, sid_of, statement
from tests.rest.conftest import NOW
from tests.rest.test_document import example, without_ids
from tests.rest.test_providers import a_record
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import (
    admit_provider,
    agree_home,
    agree_rule,
    bring_hours,
    end_rule,
    issue_api_key,
    name_person,
    place_records,
    read_statements,
    resolve_records,
    restore_record,
    take_back_hours,
    unname_person,
    void_record,
)
from weineng.learning.models import HoursSheet, Naming, Provider, Record, StatementRule
from weineng.learning.rules import AgreedRule, RecordRow
from weineng.ops.contract import served
from weineng.organisations.actions import change_person, enter_person, merge_people, unmerge_people
from weineng.organisations.rules import Number, Post

BASE = "/api/v1/providers/qingyun"
ACCOUNT = {"person_type": "platform:qingyun"}


@pytest.fixture
def other(world, key):
    """The plain text of a key of another platform of the same office."""
    admit_provider(by=world.office.actor, unit=world.district, code="other", name="别的平台")
    scopes = ["records.write", "records.read"]
    return issue_api_key(by=world.office.actor, unit=world.district, provider="other", label="x", scopes=scopes)[1]


@pytest.fixture
def heard(call, other):
    """`heard()` → (what, id, other) of each change since the last call; `heard("other")` the same of the other platform."""
    cursors = {"qingyun": "", "other": ""}

    def read(code="qingyun", **query):
        asked = "&".join(f"{name}={value}" for name, value in ({"cursor": cursors[code]} | query).items())
        given = {"token": other} if code == "other" else {}
        status, answer = call("", f"/api/v1/providers/{code}/changes?{asked}", method="get", **given)
        assert status == 200
        cursors[code] = answer["next"]
        return [(row["what"], row["id"], row["other"]) for row in answer["changes"]]

    return read


def record_of(source_id):
    return Record.objects.filter(source_id=source_id).order_by("-revision").first().pk


def test_what_an_office_voids_and_restores_is_told_once_and_to_its_platform(world, call, heard, other):
    call({"records": [a_record(world.teacher, "a"), a_record(world.teacher, "b")]})
    call({"records": [a_record(world.teacher, "z")]}, "/api/v1/providers/other/records", token=other)
    call({"records": [{"id": "v", "voids": "b"}]})  # its own doing
    assert heard() == []
    void_record(by=world.office.actor, record=record_of("a"), reason="重复申报")
    assert heard() == [("voided", "a", "")]
    restore_record(by=world.office.actor, record=record_of("a"), reason="核实无误")
    assert heard() == [("restored", "a", "")]
    assert (heard(), heard("other")) == ([], [])
    void_record(by=world.office.actor, record=record_of("z"), reason="重复申报")
    assert (heard(), heard("other")) == ([], [("voided", "z", "")])


def test_it_can_be_read_in_parts_and_from_the_beginning(world, call):
    call({"records": [a_record(world.teacher, name) for name in "abc"]})
    for name in "abc":
        void_record(by=world.office.actor, record=record_of(name), reason="重复申报")

    def page(query):
        answer = call("", f"{BASE}/changes?{query}", method="get")[1]
        return [row["id"] for row in answer["changes"]], answer["more"], answer["next"]

    first, more, on = page("limit=2")
    assert (first, more) == (["a", "b"], True)
    last, more, end = page(f"limit=2&cursor={on}")
    assert (last, more) == (["c"], False)
    assert page(f"cursor={end}") == ([], False, end)
    assert page("")[0] == ["a", "b", "c"]


def test_somebody_is_found_and_lost_again_once_for_each_number_and_platform(world, call, heard, other):
    unknown = [a_record(world.teacher, name, person_number="90017", **ACCOUNT) for name in "ab"]
    call({"records": [*unknown, a_record(world.teacher, "c", person_number="90018", **ACCOUNT)]})
    elsewhere = a_record(world.teacher, "z", person_number="90017", **ACCOUNT)
    call({"records": [elsewhere]}, "/api/v1/providers/other/records", token=other)
    name_person(by=world.office.actor, record=record_of("a"), person=world.teacher.person)
    assert (heard(), heard("other")) == ([("person-found", "a", "")], [("person-found", "z", "")])
    call({"records": [a_record(world.teacher, "d", person_number="90017", **ACCOUNT)]})
    assert heard() == []  # that was in the answer
    unname_person(by=world.office.actor, naming=Naming.objects.get().pk, reason="认错人了")
    assert (heard(), heard("other")) == ([("person-lost", "a", "")], [("person-lost", "z", "")])


def test_somebody_who_is_entered_later_is_found(world, call, heard):
    call(
        {"records": [a_record(world.teacher, name, person_type="passport", person_number="E12345678") for name in "ab"]}
    )
    assert resolve_records(by=platform("settle")) == 0
    numbers = [Number("passport", "E12345678")]
    enter_person(
        by=world.office.actor,
        name="林晓岚",
        post=Post(world.play, staff_number="20011"),
        on=date(2026, 2, 1),
        numbers=numbers,
    )
    assert resolve_records(by=platform("settle")) == 1
    assert heard() == [("person-found", "a", "")]


@pytest.fixture
def twin(world):
    """The teacher, entered once more under a passport."""
    numbers = [Number("passport", "E12345678")]
    post = Post(world.play, staff_number="20011")
    return enter_person(by=world.office.actor, name="林晓岚", post=post, on=date(2026, 2, 1), numbers=numbers).pk


def test_that_two_are_one_is_told_to_whoever_named_both(world, call, heard, other, twin):
    passport = {"person_type": "passport", "person_number": "E12345678"}
    call(
        {
            "records": [
                a_record(world.teacher, "a"),
                a_record(world.teacher, "b"),
                a_record(world.teacher, "p", **passport),
            ]
        }
    )
    call({"records": [a_record(world.teacher, "q", **passport)]}, "/api/v1/providers/other/records", token=other)
    merged = merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin, reason="one person")
    place_records(by=platform("settle"))
    assert (heard(), heard("other")) == ([("same-person", "p", "a")], [])  # the other one named only one of them
    change_person(by=world.office.actor, person=world.teacher.person, name="林小岚")
    place_records(by=platform("settle"))
    assert heard() == []
    unmerge_people(by=world.office.actor, merge=merged.pk, reason="two people")
    place_records(by=platform("settle"))
    assert (heard(), heard("other")) == ([("not-same-person", "p", "a")], [])
    place_records(by=platform("settle"))
    merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin, reason="one person")
    place_records(by=platform("settle"))
    assert heard() == [("same-person", "p", "a")]


def test_what_comes_under_the_other_number_after_the_merge_is_told_then_and_once(world, call, heard, twin):
    passport = {"person_type": "passport", "person_number": "E12345678"}
    call({"records": [a_record(world.teacher, "a")]})
    merged = merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin, reason="one person")
    place_records(by=platform("settle"))
    assert heard() == []
    call({"records": [a_record(world.teacher, "dry", **passport)], "dry_run": True})
    assert heard() == []
    call({"records": [a_record(world.teacher, "p", **passport), a_record(world.teacher, "q", **passport)]})
    assert heard() == [("same-person", "p", "a")]
    call({"records": [a_record(world.teacher, "r", **passport), a_record(world.teacher, "b")]})
    place_records(by=platform("settle"))
    assert heard() == []
    unmerge_people(by=world.office.actor, merge=merged.pk, reason="two people")
    place_records(by=platform("settle"))
    assert heard() == [("not-same-person", "p", "a")]


def test_who_is_known_by_one_number_only_hears_of_the_other_one_when_its_record_finds_its_person(
    world, call, heard, twin
):
    call({"records": [a_record(world.teacher, "p", person_type="passport", person_number="E12345678")]})
    merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin, reason="one person")
    place_records(by=platform("settle"))
    call({"records": [a_record(world.teacher, "x", person_number="90017", **ACCOUNT)]})
    name_person(by=world.office.actor, record=record_of("x"), person=world.teacher.person)
    assert heard() == [("person-found", "x", ""), ("same-person", "p", "x")]


def test_a_merge_that_was_taken_back_before_anybody_heard_of_it_is_not_told(world, call, heard, twin):
    call(
        {
            "records": [
                a_record(world.teacher, "a"),
                a_record(world.teacher, "p", person_type="passport", person_number="E12345678"),
            ]
        }
    )
    merged = merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin, reason="one person")
    unmerge_people(by=world.office.actor, merge=merged.pk, reason="two people")
    place_records(by=platform("settle"))
    assert heard() == []


def test_what_goes_with_a_sheet_that_an_office_takes_back_is_told(world, call, heard):
    at = datetime(2026, 3, 7, 9, 30, tzinfo=CIVIL)
    row = RecordRow(
        "s", "id-card", world.teacher.number, mode="online", course="1", starts_at=at, ends_at=at, minutes=9
    )
    bring_hours(by=world.office.actor, provider="qingyun", rows=[row], name="三月.xlsx")
    take_back_hours(by=world.office.actor, sheet=HoursSheet.objects.get().pk, reason="发错了")
    assert heard() == [("voided", "s", "")]


def test_what_follows_from_agreeing_anew_is_told(world, heard):
    source = Provider.objects.get(code="qingyun").pk
    rule = AgreedRule(verbs=frozenset({COMPLETED}), mode="online", below=True)
    agree_home(by=world.office.actor, provider=source, home_page=HOME, person_type="platform:qingyun")
    agree_rule(by=world.office.actor, provider=source, rule=rule)
    say(statement(1, "t1", datetime(2026, 3, 7, 9, 0, tzinfo=CIVIL)))
    read_statements(by=platform("settle"))
    assert heard() == []
    shorter = replace(rule, activity=COURSE, below=False, minutes_by="length", minutes=45)
    agree_rule(by=world.office.actor, provider=source, rule=shorter)
    read_statements(by=platform("settle"))
    assert heard() == [("corrected", sid_of(1), "")]
    for row in StatementRule.objects.all():
        end_rule(by=world.office.actor, rule=row.pk)
    read_statements(by=platform("settle"))
    assert heard() == [("voided", sid_of(1), "")]


def test_neither_another_platform_nor_a_sandbox_reads_it(world, call, other):
    call({"records": [a_record(world.teacher, "a")]})
    void_record(by=world.office.actor, record=record_of("a"), reason="重复申报")
    assert call("", f"{BASE}/changes", token=other, method="get")[0] == 404
    given = {"unit": world.district, "provider": "qingyun", "label": "x", "scopes": ["records.read"]}
    trying = issue_api_key(by=world.office.actor, **given, sandbox=True)[1]
    answer = call("", f"{BASE}/changes", token=trying, method="get")
    assert answer == (200, {"changes": [], "next": "", "more": False})


def test_the_example_is_true(world, call):
    unknown = a_record(world.teacher, "QY-372", person_number="90017", **ACCOUNT)
    call({"records": [a_record(world.teacher, "QY-371"), unknown]})
    void_record(by=world.office.actor, record=record_of("QY-371"), reason="重复申报")
    name_person(by=world.office.actor, record=record_of("QY-372"), person=world.teacher.person)
    _nothing, expected = example(json.loads(served()), "/providers/{provider}/changes", "get")
    status, answer = call("", f"{BASE}/changes", method="get")
    assert (status, without_ids(answer)) == (200, without_ids(expected))
    assert datetime.fromisoformat(answer["changes"][0]["at"]) == NOW
