"""A platform's way from its registration to the first day that agrees, its sandbox, and the sheets that are the twins of its calls."""

import csv
import io
import re
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from tests.learning.saying import COMPLETED, HOME, say, statement
from tests.learning.test_accept_records import row, send
from tests.reach.test_query_counts import asked
from tests.web.signing import client_of
from weineng.accounts.models import Grant
from weineng.accounts.roles import SOURCE
from weineng.audit.models import Line
from weineng.insight.sheets import HOURS, apply_hours, read_hours
from weineng.kernel.actors import Actor, platform
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import (
    accept_records,
    agree_home,
    agree_rule,
    issue_api_key,
    read_statements,
    state_books,
    void_record,
)
from weineng.learning.models import HoursSheet, Provider, Reckoning, Record
from weineng.learning.queries import onboarding_of, today_there
from weineng.learning.rules import INVENTED, AgreedRule, Books, RecordRow, invented_number
from weineng.rest.refusals import MEANINGS
from weineng.sheets import say as words
from weineng.sheets import write_sheet
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)
DAYS = {"since": "2026-03-01", "until": "2026-03-10"}
TRYING = Actor(door="rest", sources=frozenset({"qingyun~sandbox"}), source_permissions=SOURCE)


@pytest.fixture
def office(world, set_clock):
    set_clock(NOW)
    return client_of(world.office)


@pytest.fixture
def source(world):
    return Provider.objects.get(code="qingyun")


@pytest.fixture
def pages(source):
    return f"/learning/providers/{oid(source)}/"


@pytest.fixture
def trying(world, source):
    return key(world, sandbox=True)


def key(world, *, sandbox):
    return issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="x", scopes=["records.write"], sandbox=sandbox
    )  # fmt: skip


def tried(*rows):
    accept_records(by=TRYING, provider="qingyun~sandbox", rows=rows)


def invented(name, number="invented-1", **changes):
    at = NOW - timedelta(days=3)
    given = {"mode": "online", "course": "101", "starts_at": at, "ends_at": at + timedelta(minutes=90), "minutes": 90}
    return RecordRow(name, "passport", number, **given | changes)


def steps(world, source):
    return {step.code: step.state for step in onboarding_of(world.office.actor, source.pk)}


def file(content, name="f.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    return {"file": SimpleUploadedFile(name, data)}


def taken(office, pages, what, **days):
    answer = office.post(f"{pages}sheets/{what}/", DAYS | days | {"as": "csv"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


# --- Onboarding ------------------------------------------------------------------------------------------------------
def test_each_step_is_done_when_it_is_done_and_the_next_one_is_said(world, office, source, pages):
    codes = ["registered", "sandbox-key", "tried", "agreed", "key", "first-record", "people", "reconciled"]
    open_ones = dict.fromkeys(codes, "open") | {"registered": "done", "agreed": "needless"}
    assert steps(world, source) == open_ones
    shown = office.get(f"{pages}onboarding/").content.decode()
    assert ("下一步：沙箱密钥。" in shown, "?provider=qingyun&amp;sandbox=1" in shown) == (True, True)
    form = office.get("/accounts/keys/new/?provider=qingyun&sandbox=1").content.decode()
    assert (
        re.search(r'<input[^>]*name="sandbox"[^>]*>', form)[0].count(" checked"),
        'value="qingyun" selected' in form,
    ) == (1, True)
    key(world, sandbox=True)
    tried(invented("a"), invented("b", mode="no"))
    assert steps(world, source) == open_ones | {"sandbox-key": "done", "tried": "doing"}
    tried(invented("b"))
    key(world, sandbox=False)
    assert steps(world, source) == open_ones | {"sandbox-key": "done", "tried": "done", "key": "done"}
    say(statement(1, "t1", NOW - timedelta(days=3)))
    assert steps(world, source)["agreed"] == "open"
    agree_home(by=world.office.actor, provider=source.pk, home_page=HOME, person_type="platform:qingyun")
    agree_rule(by=world.office.actor, provider=source.pk, rule=AgreedRule(frozenset({COMPLETED}), "online", below=True))
    read_statements(by=platform("settle"))
    so_far = steps(world, source)
    assert [so_far[code] for code in codes[3:]] == ["done", "done", "done", "doing", "open"]
    for minutes, state in ((91, "doing"), (90, "done")):
        state_books(by=platform("ops"), provider="qingyun", days=[Books(NOW.date() - timedelta(days=3), 1, minutes, 1)])
        assert steps(world, source)["reconciled"] == state
    shown = office.get(f"{pages}onboarding/").content.decode()
    assert ("下一步：人员全部识别。" in shown, "1人尚未认领" in shown) == (True, True)


def test_whoever_delivers_already_need_not_try_anything_out(world, office, source, pages):
    send(world, row(world.teacher, "a"))
    found = steps(world, source)
    assert [found[code] for code in ("sandbox-key", "tried", "key", "first-record", "people")] == [
        "needless", "needless", "open", "done", "done",
    ]  # fmt: skip
    key(world, sandbox=True)
    assert steps(world, source)["sandbox-key"] == "done"


def test_its_lists_ask_no_more_for_three_than_for_one(world, office, pages, trying):
    counts = []
    for number in range(3):
        tried(invented(f"r{number}"), invented(f"w{number}", mode="no"), invented(f"u{number}", "E519900"))
        counts.append([asked(office, f"{pages}{what}")[0] for what in ("sandbox/", "onboarding/", "sheets/")])
    assert counts[1] == counts[0]
    assert counts[2] == counts[0]


def test_another_office_finds_nothing_of_it(world, office, source, pages, trying):
    tried(invented("a"))
    Grant.objects.create(
        person_id=world.sibling_teacher.person, role="office", unit_id=world.sibling, starts_on=NOW.date()
    )
    other = client_of(world.sibling_teacher)
    assert other.get("/learning/providers/").status_code == 200
    for what in ("onboarding/", "sandbox/", "sheets/", "sandbox/sample/"):
        assert (what, other.get(f"{pages}{what}").status_code) == (what, 404)
    assert other.post(f"{pages}sandbox/empty/").status_code == 404
    assert other.post(f"{pages}sandbox/date/", {"today": "2027-02-01"}).status_code == 404
    assert other.post(f"{pages}sheets/records/", DAYS).status_code == 404
    assert Record.objects.filter(provider__lt=0).count() == 1


HEADED = {
    "zh-hans": {"code": "原因代码", "number": "变动序号", "changed": "变动代码"},
    "zh-hant": {"code": "原因代碼", "number": "變動序號", "changed": "變動代碼"},
    "en": {"code": "Why (code)", "number": "Place in the feed", "changed": "What changed (code)"},
}


@pytest.mark.parametrize("language", HEADED)
def test_codes_and_places_are_headed_as_what_they_are(world, office, source, trying, tmp_path, language):
    heads = {}
    for what in ("refused", "counted", "check", "changes"):
        out = tmp_path / f"{what}.csv"
        call_command("export", what, provider="qingyun", out=out, language=language)
        heads[what] = out.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    words = HEADED[language]
    assert [heads["refused"][6], heads["counted"][8], heads["check"][4]] == [words["code"]] * 3
    assert [heads["changes"][0], heads["changes"][5]] == [words["number"], words["changed"]]


# --- Sandbox ---------------------------------------------------------------------------------------------------------
def test_an_office_sees_what_is_right_and_wrong_and_empties_it_with_a_line(world, office, source, pages, trying):
    assert "还没有调试内容" in office.get(f"{pages}sandbox/").content.decode()
    tried(invented("a"), invented("b", "E519900"), invented("c", mode="no"))
    shown = office.get(f"{pages}sandbox/").content.decode()
    assert ("mode-unknown" in shown, "E519900" in shown) == (True, False)
    table = taken(office, pages, "check")
    assert [(row[0], row[1], row[4]) for row in table[1:]] == [
        ("有误", "c", "mode-unknown"), ("正确", "a", ""), ("正确，请留意", "b", ""),
    ]  # fmt: skip
    send(world, row(world.teacher, "real"))
    assert office.get(f"{pages}sandbox/empty/").status_code == 405
    assert office.post(f"{pages}sandbox/empty/").status_code == 302
    assert list(Record.objects.values_list("source_id", flat=True)) == ["real"]
    line = Line.objects.get(verb="learning.empty_sandbox")
    assert (line.person, line.unit, line.facts["records"]) == (world.office.person, world.district, 2)
    assert "还没有调试内容" in office.get(f"{pages}sandbox/").content.decode()


def test_an_office_sets_its_date_and_takes_that_back(world, office, source, pages, trying):
    def said():
        page = office.get(f"{pages}sandbox/").content.decode()
        return re.search("沙箱服务器日期为([^。]+)。", page)[1], re.search(r'name="today"[^>]*', page)[0].count(
            "2027-02-01"
        )

    assert (said(), today_there("qingyun~sandbox")) == (("3月10日(周二)", 0), NOW.date())
    assert office.get(f"{pages}sandbox/date/").status_code == 405
    assert office.post(f"{pages}sandbox/date/", {"today": "2027-02-01"}).status_code == 302
    assert (said(), today_there("qingyun~sandbox")) == (("2027年2月1日(周一)", 1), date(2027, 2, 1))
    assert today_there("qingyun") == NOW.date()
    for wrong in ("1999-12-31", "2100-01-01", "someday"):
        answer = office.post(f"{pages}sandbox/date/", {"today": wrong})
        assert (answer.status_code, answer.content.decode().count('aria-invalid="true"')) == (422, 1)
    assert today_there("qingyun~sandbox") == date(2027, 2, 1)
    assert office.post(f"{pages}sandbox/date/", {"today": ""}).status_code == 302
    assert said() == ("3月10日(周二)", 0)
    lines = Line.objects.filter(verb="learning.set_server_date").order_by("pk")
    assert [(line.person, line.unit, line.facts["days_ahead"]) for line in lines] == [
        (world.office.person, world.district, 328), (world.office.person, world.district, 0),
    ]  # fmt: skip


def test_the_sample_goes_into_the_sandbox_and_nowhere_else(world, office, source, pages, trying):
    answer = office.get(f"{pages}sandbox/sample/")
    offered = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [offered.cell(2, column).value for column in (2, 4, 5)] == ["甲一", "invented-1", "网络研修"]
    sent = office.post(f"{pages}sandbox/", file(answer.content, "sample.xlsx"))
    assert sent.status_code == 302
    rows = Record.objects.order_by("pk").values_list("provider", "person", "invented", "passed")
    assert list(rows) == [(-source.pk, None, 1, True), (-source.pk, None, 2, False), (-source.pk, None, 3, False)]
    office.post(f"{pages}sandbox/empty/")
    assert (Record.objects.count(), HoursSheet.objects.count()) == (0, 0)


def test_whoever_tries_may_have_the_number_of_an_invented_person(world, office, pages, trying):
    """Nobody may bring in rows about themselves; an invented person is nobody."""
    member = next(one for one in world.everybody if one.person <= len(INVENTED))
    Grant.objects.create(person_id=member.person, role="office", unit_id=world.district, starts_on=NOW.date())
    rows = [f"{name},{invented_number(number)},网络研修,1,2026-03-07,45" for number, name in INVENTED.items()]
    text = "\n".join(["姓名,证件号码,学习方式,课程代码,日期,分钟", *rows])
    post = f"grant:{Grant.objects.get(person=member.person, role='office').pk}"
    assert client_of(member, post).post(f"{pages}sandbox/", file(text)).status_code == 302
    assert Record.objects.count() == len(INVENTED)


def test_a_sheet_that_is_tried_says_row_by_row_what_is_wrong(world, office, pages, trying):
    text = "姓名,证件号码,学习方式,课程代码,日期,分钟\n甲一,invented-1,网络研修,1,2026-03-07,45\n乙二,invented-2,网络,1,2026-03-07,45\n"
    answer = office.post(f"{pages}sandbox/", file(text))
    assert answer.status_code == 200
    assert answer.context["wrong_rows"] == [(3, ["学习方式：“网络”不在本列的列表中。"])]
    shown = answer.content.decode()
    assert ("没有错误" in shown, shown.count("data-focus")) == (False, 1)  # nor does the page say that nothing is wrong
    assert Record.objects.get().provider_id < 0
    assert "没有错误" in office.get(f"{pages}sandbox/").content.decode()
    answer = office.post(f"{pages}sandbox/", file(b"\0\1", "x.xlsx"))
    assert answer.status_code == 422


def test_without_a_sandbox_nothing_is_tried(office, pages):
    assert "沙箱尚未开通" in office.get(f"{pages}sandbox/").content.decode()
    assert office.post(f"{pages}sandbox/empty/").status_code == 404
    assert office.post(f"{pages}sandbox/date/", {"today": "2027-02-01"}).status_code == 404


# --- Sheets ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def delivered(world, office):
    """One who is known, one whom nobody knows, one that is wrong; the first is voided by the office."""
    send(world, row(world.teacher, "a", person_name="林晓岚", passed=True), row(world.teacher, "b", person_number="519901199001010011"),
         row(world.teacher, "c", mode="no"))  # fmt: skip
    void_record(by=world.office.actor, record=Record.objects.get(source_id="a").pk, reason="重复申报")


def test_every_table_says_what_the_call_says_and_nobodys_name_or_number(world, office, source, pages, delivered):
    tables = {
        what: taken(office, pages, what)
        for what in ("records", "deliveries", "refused", "reconciliation", "counted", "changes")
    }
    void = Record.objects.get(void_of__isnull=False)
    assert [(r[0], r[3], r[4], r[10], r[11]) for r in tables["records"][1:]] == [
        ("a", "voided", "是", "90", "是"), ("b", "in-force", "否", "90", "否"), (void.source_id, "void", "是", "0", "否"),
    ]  # fmt: skip
    assert [r[4:] for r in tables["deliveries"][1:]] == [["3", "2", "0", "0", "1"]]
    assert [(r[2], r[3], r[5], r[6], r[7]) for r in tables["refused"][1:]] == [("3", "c", "mode", "mode-unknown", "否")]
    assert [r[0:2] + r[3:4] + r[5:] for r in tables["reconciliation"][1:]] == [
        ["2026-03-07", "1", "90", "1", "", "0", "", "1", "平台未报送"]
    ]
    assert tables["counted"][1:] == []
    assert [r[2:] for r in tables["changes"][1:]] == [["a", "被办公室作废", "", "voided"]]
    everything = str(tables)
    assert [
        word in everything for word in (world.teacher.name, "林晓岚", world.teacher.number, "519901199001010011")
    ] == [False] * 4
    lines = Line.objects.filter(verb="insight.export_platform").order_by("pk").values_list("facts", "unit", "person")
    assert [(facts["table"], unit, person) for facts, unit, person in lines] == [
        (what, world.district, world.office.person) for what in tables
    ]


def test_a_table_is_of_its_days_and_those_that_cannot_be_asked_for_are_said(office, pages, delivered):
    assert taken(office, pages, "records", since="2026-03-08")[1:] == []
    assert taken(office, pages, "deliveries", until="2026-03-09")[1:] == []
    assert office.post(f"{pages}sheets/nothing/", DAYS).status_code == 404
    for wrong in ({"since": "2024-01-01"}, {"since": "2026-03-11"}, {"since": "x"}):
        answer = office.post(f"{pages}sheets/records/", DAYS | wrong)
        assert (wrong, answer.status_code) == (wrong, 422)
    answer = office.post(f"{pages}sheets/records/", DAYS | {"as": "xlsx"})
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].max_row == 4


def test_a_platforms_books_come_as_a_sheet_and_wrong_rows_stay_out(office, source, pages, delivered):
    head = "日期,记录数,分钟,人数,合格数\n"
    answer = office.post(f"{pages}sheets/", file(f"{head}2026-03-07,1,90,1,0\n2026-03-08,0,0,0,\n"))
    assert answer.status_code == 302
    assert list(Reckoning.objects.order_by("on").values_list("records", "minutes", "people", "passes")) == [
        (1, 90, 1, 0), (0, 0, 0, None),
    ]  # fmt: skip
    assert taken(office, pages, "reconciliation")[1][-1] == "一致"
    sent = f"{head}2026-03-07,2,90,1,0\n2026-03-07,1,1,1,1\n2026-03-11,1,1,1,1\n2026-03-06,-1,1,1,1\n"
    answer = office.post(f"{pages}sheets/", file(sent))
    shown = answer.content.decode()
    assert (answer.status_code, "已保存1天的账目" in shown) == (200, True)
    assert [number for number in range(2, 6) if f"第{number}行" in shown] == [3, 4, 5]
    assert list(Reckoning.objects.order_by("on").values_list("records", flat=True)) == [2, 0]
    assert office.post(f"{pages}sheets/", file("a,b\n1,2\n")).status_code == 422


def test_hours_sheets_correct_and_void_and_say_who_passed(world, office):
    base = {"name": world.teacher.name, "id_type": "身份证", "id_number": world.teacher.number, "mode": "网络研修", "course": "1",
            "day": "2026-03-07", "minutes": 45}  # fmt: skip

    def bring(*rows):
        reading = read_hours(write_sheet(HOURS(), [base | one for one in rows], words), "h.xlsx")
        done = apply_hours(
            by=world.office.actor, provider="qingyun", rows=reading.rows, period_minutes=45, name="h.xlsx"
        )
        return [one.verdict for one in done]

    both = {"record_id": "r1", "passed": "是"}, {"record_id": "r2", "start": "10:00"}
    assert (bring(*both), bring(*both)) == (["ok", "ok"], ["duplicate-of", "duplicate-of"])
    corrected = {"record_id": "r1", "minutes": 60, "supersedes": "r1", "reason": "补时"}
    assert bring(corrected, {"record_id": "v", "voids": "r2"}) == ["ok", "ok"]
    standing = Record.objects.in_force().values_list("source_id", "minutes", "passed", "reason")
    assert list(standing) == [("r1", 60, False, "补时")]


def test_the_commands_write_and_read_the_same(world, office, delivered, tmp_path, capsys):
    out, book = tmp_path / "both.csv", tmp_path / "books.csv"
    book.write_text("日期,记录数,分钟,人数\n2026-03-07,1,90,1\n2026-03-07,1,90,1\n")
    with pytest.raises(SystemExit):
        call_command("import", "books", str(book), "--provider", "qingyun", "--as", "office")
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "new=1 same=0 wrong=1 warning=0\n", "row 3: day: day-twice: 同一天报送了两次。\n",
    )  # fmt: skip
    call_command(
        "export", "reconciliation", "--provider", "qingyun", "--out", str(out), "--language", "en", "--as", "office"
    )
    assert capsys.readouterr().out == f"{out}: 1 rows\n"
    line = out.read_text(encoding="utf-8-sig").splitlines()[1]
    assert line == "2026-03-07,1,1,90,90,1,1,0,,1,agrees"
    call_command("export", "refused", "--provider", "qingyun", "--out", str(out), "--language", "en")
    (refused,) = csv.reader(out.read_text(encoding="utf-8-sig").splitlines()[1:])
    assert refused[2:] == ["3", "c", str(MEANINGS["mode-unknown"]), "mode", "mode-unknown", "no"]
    with pytest.raises(CommandError, match=r"^not-found: "):
        call_command("export", "check", "--provider", "qingyun", "--out", str(out))
    with pytest.raises(CommandError, match="Say --programme"):
        call_command("import", "hours", str(book), "--provider", "qingyun")
