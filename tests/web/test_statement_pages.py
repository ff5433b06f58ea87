"""What is agreed with a platform, on its pages; people whom nobody knows are named and taken back."""

from datetime import datetime, timedelta

import pytest

from tests.learning.saying import COMPLETED, COURSE, HOME, say, statement
from tests.reach.test_query_counts import asked
from tests.web.signing import client_of
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import agree_home, agree_rule, read_statements, state_books
from weineng.learning.models import AccountHome, Naming, Provider, Record, StatementRule
from weineng.learning.rules import AgreedRule, Books
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)
AT = NOW - timedelta(days=3)


@pytest.fixture
def office(world, set_clock):
    set_clock(NOW)
    return client_of(world.office)


@pytest.fixture
def source(world):
    return Provider.objects.get(code="qingyun")


def read():
    return read_statements(by=platform("settle"))


def agree(world, source):
    agree_home(by=world.office.actor, provider=source.pk, home_page=HOME, person_type="platform:qingyun")
    rule = AgreedRule(verbs=frozenset({COMPLETED}), mode="online", below=True)
    return agree_rule(by=world.office.actor, provider=source.pk, rule=rule)


def test_an_office_agrees_from_what_was_said_and_ends_it(office, source):
    say(statement(1, "t1", AT))
    page = f"/learning/providers/{oid(source)}/statements/"
    shown = office.get(page).content.decode()
    assert (COURSE in shown, "未形成记录：没有规则" in shown) == (True, True)
    form = f"{page}rule/?verb={COMPLETED}&activity={COURSE}"
    assert f'value="{COURSE}"' in office.get(form).content.decode()
    answer = office.post(form, {"verbs": [COMPLETED], "activity": COURSE, "minutes_by": "length", "mode": "online"})
    assert (answer.status_code, "请填写课程时长。" in answer.content.decode()) == (422, True)
    answer = office.post(
        form, {"verbs": [COMPLETED], "activity": COURSE, "minutes_by": "length", "minutes": "60", "mode": "online", "needs": "completion"}
    )  # fmt: skip
    assert (answer.status_code, answer["Location"]) == (302, page)
    answer = office.post(page, {"home_page": "id.qingyun.example", "person_type": "platform:qingyun"})
    assert (answer.status_code, "账号主页须以http://或https://开头。" in answer.content.decode()) == (422, True)
    assert office.post(page, {"home_page": HOME, "person_type": "platform:qingyun"}).status_code == 302
    read()
    assert list(Record.objects.values_list("minutes", "course")) == [(60, COURSE)]
    shown = office.get(page).content.decode()
    assert ("形成记录" in shown, "未形成记录" in shown, HOME in shown, "课程已完成" in shown) == (
        True,
        False,
        True,
        True,
    )
    rule, home = StatementRule.objects.get(), AccountHome.objects.get()
    assert office.post(f"/learning/homes/{oid(home)}/end/").status_code == 302
    assert office.post(f"/learning/rules/{oid(rule)}/end/").status_code == 302
    assert office.post(f"/learning/rules/{oid(rule)}/end/").status_code == 422
    assert HOME not in office.get(page).content.decode()


def test_what_came_of_nothing_is_not_shown_as_records(world, office, source):
    agree(world, source)
    page = f"/learning/providers/{oid(source)}/statements/"
    say(statement(1, "t1", AT, result={}))  # how long it took is not said
    read()
    shown = office.get(page).content.decode()
    assert ("有规则对应，但没有有效记录" in shown, "形成记录" in shown) == (True, False)
    say(statement(2, "t1", AT))
    read()
    shown = office.get(page).content.decode()
    assert ("有规则对应，但没有有效记录" in shown, "形成记录" in shown) == (False, True)


@pytest.mark.parametrize(("length", "offered"), [(500, 1), (501, 0), (100_000, 0)])
def test_long_ids_are_cut_and_offered_only_where_a_rule_can_name_them(world, office, source, length, offered):
    activity = COURSE + "x" * (length - len(COURSE))
    verb = f"https://qingyun.example/verbs/{'v' * 91}"  # one more than is shown
    say(statement(1, "t1", AT, object={"objectType": "Activity", "id": activity}, verb={"id": verb}))
    page = f"/learning/providers/{oid(source)}/statements/"
    shown = office.get(page).content.decode()
    assert f"<code>{activity[:119]}…</code>" in shown
    assert f">{verb[:119]}…</th>" in shown
    assert shown.count(f"{page}rule/?verb=") == offered


def test_somebody_unknown_is_named_and_it_is_taken_back(world, office, source):
    agree(world, source)
    say(statement(1, "t1", AT), statement(2, "t1", AT + timedelta(hours=4)))
    read()
    waiting = f"/learning/providers/{oid(source)}/unknown/"
    shown = office.get(waiting).content.decode()
    first = Record.objects.order_by("pk").first()
    page = f"/learning/unknown/{oid(first)}/"
    assert (page in shown, "人t1" in shown, "T1" in shown) == (True, True, False)  # the number is masked
    assert "没有找到" in office.get(page).content.decode()  # nobody is called so
    found = office.get(page, {"q": world.teacher.name}).content.decode()
    person = oid(world.teacher.person, "organisations.person")
    assert person in found
    assert office.post(f"{page}?q={world.teacher.name}", {"person": "0" * 13}).status_code == 422
    answer = office.post(f"{page}?q={world.teacher.name}", {"person": person})
    assert (answer.status_code, answer["Location"]) == (302, waiting)
    assert set(Record.objects.values_list("person", flat=True)) == {world.teacher.person}
    assert "没有待认领人员" in office.get(waiting).content.decode()
    assert office.get(page).status_code == 404
    naming = Naming.objects.get()
    end = f"/learning/namings/{oid(naming)}/end/"
    assert end in office.get(f"/learning/{oid(first)}/").content.decode()
    assert end not in client_of(world.cio).get(f"/learning/{oid(first)}/").content.decode()
    assert office.post(end, {"reason": ""}).status_code == 422
    assert office.post(end, {"reason": "认错了人"}).status_code == 302
    assert set(Record.objects.values_list("person", flat=True)) == {None}


def test_lists_ask_no_more_for_three_than_for_one(world, office, source):
    agree(world, source)
    counts = []
    for number in range(1, 4):
        say(statement(number, f"t{number}", AT))
        read()
        urls = (f"/learning/providers/{oid(source)}/unknown/", f"/learning/providers/{oid(source)}/statements/")
        counts.append([asked(office, url)[0] for url in urls])
    assert counts[1] == counts[0]
    assert counts[2] == counts[0]


def test_an_office_sees_both_books_and_what_counts(world, office, source):
    page = f"/learning/providers/{oid(source)}/account/"
    shown = office.get(page).content.decode()
    assert ("平台未报送" in shown, "2026" in shown) == (False, True)
    agree(world, source)
    say(statement(1, "t1", AT), statement(2, "t2", AT))
    read()
    shown = office.get(page).content.decode()
    assert ("平台未报送" in shown, "平台没有报送这些日期的账目。" in shown) == (True, True)
    by = world.provider
    state_books(by=by, provider="qingyun", days=[Books(AT.date(), 2, 180, 2)])
    assert "平台报送过账目的日期均一致。" in office.get(page).content.decode()
    state_books(by=by, provider="qingyun", days=[Books(AT.date(), 2, 181, 2)])
    assert "有1天不一致。" in office.get(page).content.decode()
    early = office.get(page, {"since": "2026-01-01", "until": "2026-01-31"}).content.decode()
    assert "这些日期双方均无记录。" in early
    for since, until in (("2026-02-01", "2026-01-31"), ("2024-01-01", "2026-01-31"), ("x", "2026-01-31")):
        answer = office.get(page, {"since": since, "until": until})
        assert ("field-error" in answer.content.decode(), "这些日期双方均无记录。" in answer.content.decode()) == (
            True,
            False,
        )


@pytest.mark.parametrize("code", ["青云", "Qingyun", "qing_yun"])
def test_a_short_code_that_does_not_fit_is_told_the_rule_it_must_keep(office, code):
    form = {"code": code, "name": "青云二期", "period_minutes": "45", "active": "on"}
    answer = office.post("/learning/providers/", form)
    assert (answer.status_code, "代码为2至39个小写字母、数字和连字符。" in answer.content.decode()) == (422, True)
    assert not Provider.objects.filter(name="青云二期").exists()
