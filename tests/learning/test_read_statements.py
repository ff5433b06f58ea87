"""What platforms say becomes records: once, in any order, by what is agreed, and back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.learning.saying import COMPLETED, COURSE, HOME, say, sid_of, statement, voiding
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.learning.actions import (
    admit_provider,
    agree_home,
    agree_rule,
    change_provider,
    end_home,
    end_rule,
    name_person,
    read_statements,
    resolve_records,
    restore_record,
    unname_person,
    void_record,
)
from weineng.learning.models import Batch, Naming, Provider, Record, RefusedRow
from weineng.learning.queries import said_lately, unknown_people
from weineng.learning.rules import AgreedRule
from weineng.learning.rules import statements as statements_of
from weineng.learning.rules.statements import course_code
from weineng.notices.models import Message
from weineng.organisations.actions import change_person
from weineng.programmes.models import Touched
from weineng.statements.models import Pending, Statement

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)
AT = NOW - timedelta(days=3)
RULE = AgreedRule(verbs=frozenset({COMPLETED}), mode="online", below=True)


@pytest.fixture(autouse=True)
def _today(set_clock):
    set_clock(NOW)


@pytest.fixture
def source(world):
    return Provider.objects.get(code="qingyun")


@pytest.fixture
def agreed(world, source):
    agree_home(by=world.office.actor, provider=source.pk, home_page=HOME, person_type="platform:qingyun")
    return agree_rule(by=world.office.actor, provider=source.pk, rule=RULE)


def read():
    return read_statements(by=platform("settle"))


def standing():
    """(statement's number, minutes, person) of the records in force."""
    rows = Record.objects.in_force().order_by("source_id", "revision")
    return [(int(row.source_id[-12:]), row.minutes, row.person_id) for row in rows]


def named(world, account="t1", member=None):
    """Say that an account is a member's, by one of its records."""
    row = Record.objects.in_force().filter(person__isnull=True, person_name=f"人{account}").first()
    return name_person(by=world.office.actor, record=row.pk, person=(member or world.teacher).person)


def test_a_statement_becomes_a_record_that_traces_to_it(world, agreed):
    say(statement(1, "t1", AT))
    assert read() == 1
    row = Record.objects.get()
    assert (row.source_id, row.minutes, row.mode, row.course, row.title, row.ends_at, row.starts_at, row.person_name) == (
        sid_of(1), 90, "online", COURSE, "微课制作", AT, AT - timedelta(minutes=90), "人t1",
    )  # fmt: skip
    assert (row.person_id, row.person_type, row.canonical) == (None, "platform:qingyun", f"qingyun:{COURSE}")
    assert list(Batch.objects.values_list("door", "created", "refused")) == [("xapi", 1, 0)]
    assert not Pending.objects.exists()
    assert read() == 0


def test_what_is_said_before_anything_is_agreed_is_kept_and_read_then(world, source):
    say(statement(1, "t1", AT))
    assert read() == 1
    assert standing() == []
    agree_rule(by=world.office.actor, provider=source.pk, rule=RULE)
    read()
    assert list(RefusedRow.objects.values_list("source_id", "code", "params__home")) == [
        (sid_of(1), "account-not-agreed", HOME)
    ]
    agree_home(by=world.office.actor, provider=source.pk, home_page=HOME, person_type="platform:qingyun")
    read()
    assert standing() == [(1, 90, None)]


def test_naming_somebody_gives_them_all_records_of_the_number_and_those_to_come(world, agreed):
    say(statement(1, "t1", AT), statement(2, "t1", AT + timedelta(hours=5)), statement(3, "t2", AT))
    read()
    Touched.objects.all().delete()
    assert named(world) == 2
    assert standing() == [(1, 90, world.teacher.person), (2, 90, world.teacher.person), (3, 90, None)]
    assert set(Record.objects.filter(person=world.teacher.person).values_list("unit", flat=True)) == {world.maths}
    say(statement(4, "t1", AT + timedelta(hours=9)))
    read()
    assert standing()[3] == (4, 90, world.teacher.person)
    told = Message.objects.filter(person=world.teacher.person, event="hours-arriving")
    assert list(told.values_list("params__source", flat=True)) == [Provider.objects.get(code="qingyun").name]


def test_taking_a_naming_back_makes_its_records_nobodys(world, agreed):
    say(statement(1, "t1", AT), statement(3, "t2", AT))
    read()
    named(world)
    named(world, "t2", world.colleague)
    naming = Naming.objects.get(person=world.teacher.person)
    with pytest.raises(Refused) as refusal:
        unname_person(by=world.office.actor, naming=naming.pk, reason=" ")
    assert refusal.value.code == "reason-missing"
    assert unname_person(by=world.office.actor, naming=naming.pk, reason="认错了人") == 1
    assert standing() == [(1, 90, None), (3, 90, world.colleague.person)]
    assert resolve_records(by=platform("settle")) == 0
    with pytest.raises(Refused) as refusal:
        unname_person(by=world.office.actor, naming=naming.pk, reason="认错了人")
    assert refusal.value.code == "naming-ended"
    named(world, "t1", world.leader)
    assert standing() == [(1, 90, world.leader.person), (3, 90, world.colleague.person)]


def test_who_may_say_who_somebody_is(world, agreed):
    say(statement(1, "t1", AT))
    read()
    row = Record.objects.get()
    for actor, code in (
        (world.wu.actor, "not-found"),
        (world.cio.actor, "not-found"),
        (world.teacher.actor, "not-found"),
    ):
        with pytest.raises(Refused) as refusal:
            name_person(by=actor, record=row.pk, person=world.teacher.person)
        assert refusal.value.code == code
    with pytest.raises(Refused) as refusal:
        name_person(by=world.office.actor, record=row.pk, person=world.office.person)
    assert refusal.value.code == "own-record"
    named(world)
    with pytest.raises(Refused) as refusal:
        name_person(by=world.office.actor, record=row.pk, person=world.colleague.person)
    assert refusal.value.code == "not-found"
    assert standing() == [(1, 90, world.teacher.person)]


def test_people_are_known_by_their_mail_and_by_its_hash(world, agreed):
    hashed = "b12e1e9cdf698477d1037d334a9688ee5c6d1288"  # of mailto:han.mei@bai.example
    say(
        statement(1, "", AT, actor={"mbox": "mailto:Han.Mei@bai.example"}),
        statement(2, "", AT + timedelta(hours=3), actor={"mbox_sha1sum": hashed}),
        statement(3, "", AT, actor={"mbox": "mailto:else@bai.example"}),
    )
    read()
    assert standing() == [(1, 90, None), (2, 90, None), (3, 90, None)]
    change_person(by=world.office.actor, person=world.teacher.person, mail="han.mei@bai.example")
    assert resolve_records(by=platform("settle")) == 1
    assert standing() == [(1, 90, world.teacher.person), (2, 90, world.teacher.person), (3, 90, None)]
    say(statement(4, "", AT + timedelta(hours=6), actor={"mbox_sha1sum": hashed}))
    read()
    assert standing()[3] == (4, 90, world.teacher.person)
    change_person(by=world.office.actor, person=world.colleague.person, mail="han.mei@bai.example")
    say(statement(5, "", AT + timedelta(hours=9), actor={"mbox_sha1sum": hashed}))
    read()
    assert standing()[4] == (5, 90, None)


def test_a_voided_statement_loses_its_record_whichever_comes_first(world, agreed):
    say(statement(1, "t1", AT))
    read()
    say(voiding(2, 1, NOW))
    read()
    assert standing() == []
    say(voiding(4, 3, NOW))
    read()
    say(statement(3, "t1", AT))
    read()
    assert standing() == []
    say(statement(5, "t1", AT), voiding(6, 5, NOW))
    read()
    assert standing() == []


def test_the_same_in_any_order_and_any_parts_gives_the_same_records(world, agreed):
    said = [statement(n, f"t{n % 3}", AT + timedelta(hours=n)) for n in range(1, 9)]
    said += [voiding(11, 2, NOW), voiding(12, 5, NOW), statement(13, "t1", AT, result={"completion": True})]
    expected = [(n, 90, None) for n in (1, 3, 4, 6, 7, 8)]
    draw = Random(7)
    for _turn in range(6):
        sent = said * 2
        draw.shuffle(sent)
        while sent:
            part = draw.randint(1, 5)
            say(*sent[:part])
            del sent[:part]
            read()
        assert standing() == expected
        assert list(RefusedRow.objects.values_list("source_id", "code")) == [(sid_of(13), "duration-missing")]
        Record.objects.filter(void_of__isnull=False).delete()
        Record.objects.all().delete()
        RefusedRow.objects.all().delete()
        Statement.objects.all().delete()


def test_something_else_agreed_corrects_what_was_read_and_back_again(world, source, agreed):
    say(statement(1, "t1", AT))
    read()
    half = agree_rule(
        by=world.office.actor, provider=source.pk, rule=replace(RULE, activity=COURSE, below=False, minutes=45)
    )
    read()
    assert standing() == [(1, 45, None)]
    end_rule(by=world.office.actor, rule=half.pk)
    read()
    assert standing() == [(1, 90, None)]
    assert Record.objects.count() == 3
    end_rule(by=world.office.actor, rule=agreed.pk)
    read()
    assert standing() == []
    agree_rule(by=world.office.actor, provider=source.pk, rule=RULE)
    read()
    assert standing() == [(1, 90, None)]
    read()
    before = Record.objects.count()
    agree_rule(by=world.office.actor, provider=source.pk, rule=replace(RULE, activity="https://else.example/"))
    read()
    assert Record.objects.count() == before


def test_accounts_no_longer_agreed_lose_their_records_until_they_are_agreed_anew(world, source, agreed):
    say(statement(1, "t1", AT))
    read()
    named(world)
    home = source.account_homes.get()
    end_home(by=world.office.actor, home=home.pk)
    read()
    assert standing() == []
    agree_home(by=world.office.actor, provider=source.pk, home_page=HOME, person_type="platform:qingyun")
    read()
    assert standing() == [(1, 90, world.teacher.person)]


def test_what_an_office_voided_stays_void_when_it_is_read_again(world, source, agreed):
    say(statement(1, "t1", AT))
    read()
    named(world)
    void_record(by=world.office.actor, record=Record.objects.get().pk, reason="重复申报")
    agree_rule(by=world.office.actor, provider=source.pk, rule=replace(RULE, activity="https://else.example/"))
    read()
    assert standing() == []
    restore_record(by=world.office.actor, record=Record.objects.order_by("pk").first().pk, reason="核实无误")
    assert standing() == [(1, 90, world.teacher.person)]


def test_a_suspended_platform_waits(world, source, agreed):
    change_provider(by=world.office.actor, provider=source.pk, name=source.name, period_minutes=0, active=False)
    say(statement(1, "t1", AT))
    assert read() == 0
    change_provider(by=world.office.actor, provider=source.pk, name=source.name, period_minutes=0, active=True)
    assert read() == 1
    assert standing() == [(1, 90, None)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"verbs": frozenset()}, "verbs-missing"),
        ({"verbs": frozenset({"completed"})}, "verb-not-an-address"),
        ({"activity": "course 7"}, "activity-not-an-address"),
        ({"below": False}, "activity-missing"),
        ({"needs": "luck"}, "need-unknown"),
        ({"least_score": 2}, "score-out-of-range"),
        ({"minutes_by": "guess"}, "minutes-by-unknown"),
        ({"minutes_by": "length"}, "length-missing"),
        ({"minutes": 0}, "minutes-out-of-range"),
        ({"minutes": 44_641}, "minutes-out-of-range"),
        ({"mode": "evidence"}, "derived-kind"),
        ({"mode": "sleep"}, "mode-unknown"),
        ({"course": "x" * 121}, "text-too-long"),
        ({"activity": "https://x.example/" + "x" * 500}, "text-too-long"),
        ({}, "rule-there-already"),
    ],
)
def test_what_cannot_be_agreed(world, source, agreed, change, code):
    with pytest.raises(Refused) as refusal:
        agree_rule(by=world.office.actor, provider=source.pk, rule=replace(RULE, **change))
    assert refusal.value.code == code


def test_agreeing_is_the_offices_that_admitted_the_platform(world, source, agreed):
    for actor in (world.wu.actor, world.cio.actor, world.auditor.actor, world.provider):
        for act in (
            lambda by: agree_rule(by=by, provider=source.pk, rule=replace(RULE, course="x")),
            lambda by: agree_home(by=by, provider=source.pk, home_page="https://x.example", person_type="passport"),
            lambda by: end_rule(by=by, rule=agreed.pk),
            lambda by: end_home(by=by, home=source.account_homes.get().pk),
        ):
            with pytest.raises(Refused) as refusal:
                act(actor)
            assert refusal.value.code == "not-found"
    for home, kind, code in (
        ("qingyun", "passport", "home-not-an-address"), ("https://x.example", "shoe-size", "person-type-unknown"),
        (HOME, "passport", "home-taken"), (f"https://{'x' * 300}", "passport", "text-too-long"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            agree_home(by=world.office.actor, provider=source.pk, home_page=home, person_type=kind)
        assert refusal.value.code == code


def test_what_was_said_lately_says_whether_a_rule_names_it(world, source, agreed):
    other = {"id": "http://adlnet.gov/expapi/verbs/experienced"}
    say(statement(1, "t1", AT), statement(2, "t2", AT), statement(3, "t1", AT, verb=other), voiding(4, 1, NOW))
    shown = [(one.verb, one.activity, one.title, one.count, one.named) for one in said_lately(source)]
    assert shown == [(other["id"], COURSE, "微课制作", 1, False), (COMPLETED, COURSE, "微课制作", 2, True)]


def test_what_was_said_lately_says_whether_a_record_stands(world, source, agreed):
    other, none = f"{COURSE}9", f"{COURSE}8"
    told = {"objectType": "Activity", "id": other}
    refused = statement(1, "t1", AT, object=told, result={})  # a rule names it; how long it took is not said
    say(
        refused,
        statement(2, "t1", AT),
        statement(3, "t2", AT, result={}),
        statement(4, "t1", AT, object=told | {"id": none}),
    )
    say(statement(5, "t3", AT), sandbox=True)
    read()
    say(voiding(6, 4, NOW))
    read()
    assert list(RefusedRow.objects.order_by("pk").values_list("source_id", flat=True)) == [sid_of(1), sid_of(3)]
    shown = {one.activity: (one.count, one.named, one.stands) for one in said_lately(source)}
    assert shown == {other: (1, True, False), COURSE: (2, True, True), none: (1, True, False)}
    end_rule(by=world.office.actor, rule=agreed.pk)
    read()
    assert {one.activity: (one.named, one.stands) for one in said_lately(source)} == dict.fromkeys(
        shown, (False, False)
    )


def test_unknown_people_are_listed_by_what_waits_for_them(world, source, agreed):
    say(statement(1, "t1", AT), statement(2, "t2", AT), statement(3, "t1", AT + timedelta(days=1)))
    read()
    rows = unknown_people(world.office.actor, source.pk)
    shown = [(row["name"], row["records"], row["minutes"], row["first_on"], row["last_on"]) for row in rows]
    day = AT.date()
    assert shown == [("人t1", 2, 180, day, day + timedelta(days=1)), ("人t2", 1, 90, day, day)]
    assert list(unknown_people(world.wu.actor, source.pk)) == []


@pytest.mark.parametrize(
    ("written", "new", "at"),
    [
        ("20260307T010000Z", True, datetime(2026, 3, 7, 1, tzinfo=UTC)),
        ("2026-03-07t09:00:00,5+08", True, datetime(2026, 3, 7, 1, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-03-07T01:00:00.123456789Z", False, datetime(2026, 3, 7, 1, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-03-07T01:00:00", False, datetime(2026, 3, 7, 1, tzinfo=UTC)),
    ],
)
def test_every_way_of_writing_a_moment_is_read(world, agreed, written, new, at):
    say(statement(1, "t1", AT, timestamp=written), new=new)
    read()
    assert Record.objects.get().ends_at == at


def test_a_character_that_no_record_may_hold_is_left_out(world, agreed):
    said = statement(1, "t1", AT)
    said["actor"]["name"], said["object"]["definition"]["name"] = "林\0晓岚", {"zh-CN": "微课\0制作"}
    said["result"]["response"] = "\0"
    say(said)
    assert read() == 1
    row = Record.objects.get()
    assert (row.person_name, row.title) == ("林晓岚", "微课制作")


def test_a_statement_that_breaks_is_refused_and_holds_nobody_up(world, agreed, source, monkeypatch, caplog):
    """Whatever nobody thought of: here a title that the database does not take."""
    other = admit_provider(by=world.office.actor, unit=world.district, code="yunfan", name="云帆")
    agree_home(by=world.office.actor, provider=other.pk, home_page=HOME, person_type="platform:yunfan")
    agree_rule(by=world.office.actor, provider=other.pk, rule=RULE)
    bad = {2, 5}
    for number in range(1, 7):
        say(statement(number, "t1", AT) | {"object": {"id": f"{COURSE}/{'bad' if number in bad else number}"}})
    say(statement(11, "t2", AT), provider="yunfan")
    monkeypatch.setattr(
        statements_of, "course_code", lambda activity: "\0" if activity.endswith("bad") else course_code(activity)
    )
    assert read() == 7
    assert {int(sid[-12:]) for sid in Record.objects.values_list("source_id", flat=True)} == {1, 3, 4, 6, 11}
    refused = RefusedRow.objects.order_by("source_id").values_list("source_id", "code", "batch__provider__code")
    assert list(refused) == [(sid_of(number), "statement-unreadable", "qingyun") for number in sorted(bad)]
    assert [one.levelname for one in caplog.records if "cannot be read" in one.message] == ["ERROR", "ERROR"]
    assert (read(), Pending.objects.count()) == (0, 0)
