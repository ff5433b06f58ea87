"""Spreadsheets in by page and command: what was understood, applied once, given back marked, taken back."""

import io
import re
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.planning.plans import enrol
from tests.world import id_number
from weineng.accounts.models import Grant
from weineng.assessment.models import Result
from weineng.files.models import Blob
from weineng.insight.actions import carry_out_sheets, intakes
from weineng.insight.models import Intake
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.ids import seal_id
from weineng.learning.models import Record
from weineng.organisations.actions import enter_person
from weineng.organisations.models import Person, Roster
from weineng.organisations.rules import Post, mask
from weineng.organisations.rules.rosters import PROBLEMS

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)
HEAD = "姓名,性别,证件类型,证件号码,手机号,学校标识码,学校名称,教研组,任教学段,任教学科,岗位,编制,在岗状态,教师资格,工号,入职日期"
GOOD = (
    "田新,女,居民身份证,519901199001010118,19900001111,3151990032,锦霖区白石镇九年一贯制学校,数学教研组,初中,数学,教师,在编,在岗,有,0091,"
    "2020-09-01"
)
BAD = (
    GOOD.replace("田新", "田错")
    .replace("519901199001010118,19900001111", "519901199001010119,")
    .replace("0091", "0092")
)


@pytest.fixture
def office(world, client, sign_in, set_clock, p4):
    set_clock(NOW)
    grant = Grant.objects.get(person=world.office.person, role="office")
    sign_in(client, world.office, f"grant:{grant.pk}")
    return client


def send(client, url, text, name="名册.csv", **more):
    return client.post(url, {"file": SimpleUploadedFile(name, text.encode()), **more})


def good_number():
    from weineng.organisations.rules import check_number

    for last in "0123456789X":
        try:
            return check_number("id-card", f"51990119900101011{last}")
        except Exception:  # noqa: BLE001 (the wrong check characters)
            continue
    raise AssertionError


def test_a_roster_in_three_steps_and_back(world, office):
    good = GOOD.replace("519901199001010118", good_number())
    assert office.get("/imports/").status_code == 200
    head = HEAD.replace("编制", "编制性质").replace("性别", "教师性别")
    sent = send(office, "/imports/", f"{head}\n{good}\n{BAD}")
    assert sent.status_code == 302, sent.content.decode()[:2000]
    where = sent.headers["Location"]
    page = office.get(where).content.decode()
    assert "田错" in page
    understood = dict(re.findall(r'</span>\s<span class="name">(\w+)</span>(?: →\s(\w+))?', " ".join(page.split())))
    assert understood == dict.fromkeys(head.split(","), "") | {"编制性质": "编制", "教师性别": "性别"}
    assert not Person.objects.filter(name="田新").exists()
    office.post(where)
    assert Person.objects.filter(name__in=["田新", "田错"]).values_list("name", flat=True).get() == "田新"
    count = Person.objects.count()
    office.post(where)
    assert Person.objects.count() == count
    marked = office.get(f"{where}annotated/")
    sheet = openpyxl.load_workbook(io.BytesIO(marked.content)).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows()][:3] == ["姓名", "田新", "田错"]
    undone = office.post(f"/imports/undo/{seal_id('organisations.roster', Roster.objects.get().pk)}/")
    assert undone.status_code == 302
    assert not Person.objects.filter(name="田新").exists()


def test_an_export_sent_back_changes_nothing(world, office):
    enter_person(by=world.office.actor, name="无号", post=Post(world.maths, subject="机器人"), phone="0755-1234567")
    exported = office.get(f"/imports/roster/{seal_id('organisations.unit', world.district)}/export/")
    assert exported.status_code == 200
    sent = office.post("/imports/", {"file": SimpleUploadedFile("back.xlsx", exported.content)})
    page = office.get(sent.headers["Location"])
    rows = openpyxl.load_workbook(io.BytesIO(exported.content)).worksheets[0].max_row - 1
    assert page.context["counts"] == {"new": 0, "changed": 0, "same": rows, "wrong": 0, "warning": 0, "twice": 0}
    assert rows > 10


def test_a_large_roster_goes_in_while_one_is_elsewhere(world, office, monkeypatch):
    monkeypatch.setattr(intakes, "AT_ONCE", 1)
    rows = [GOOD.replace("519901199001010118", id_number(700 + n)).replace("田新", f"田{n}") for n in range(3)]
    where = send(office, "/imports/", "\n".join([HEAD, *rows])).headers["Location"]
    assert office.get(where).context["intake"].state == "read"
    assert office.post(where).headers["Location"] == where
    waiting = office.get(where)
    assert waiting.context["work"].state == "waiting"
    page = waiting.content.decode().split("<main")[1].split("</main")[0]
    assert re.findall(r'<form[^>]*action="([^"]*)"', page) == [f"{where}cancel/"]
    going = f"{where}going/?doing=coming"
    assert f'hx-get="{going}"' in page
    assert "下一份就是它。" in page
    with CaptureQueriesContext(connection) as asked:
        assert "下一份就是它。" in office.get(going).content.decode()
    assert [query["sql"] for query in asked if '"reading"' in query["sql"]] == []
    Intake.objects.update(begun=1)
    assert "已经开始" in office.get(going).content.decode()
    Intake.objects.update(gone=2)
    told = office.get(going).content.decode()
    assert "2 / 3" in told
    assert re.findall(r"<p data-said>(.*?)</p>", told) == ["3行中已处理2行。"]
    start = " ".join(office.get("/imports/").content.decode().split())
    assert where in start
    assert "2 / 3" in start
    assert office.post(where).status_code == 302  # asked again
    carry_out_sheets(by=platform("take"))
    done = office.get(where)
    assert (done.context["intake"].state, done.context["counts"]["new"]) == ("done", 3)
    assert "hx-get" not in done.content.decode()
    assert office.get(going).headers["HX-Refresh"] == "true"
    assert Person.objects.filter(name__in=["田0", "田1", "田2"]).count() == 3
    assert where not in office.get("/imports/").content.decode()


def test_whoever_waits_hears_how_far_it_is_and_may_change_their_mind(world, office, monkeypatch):
    monkeypatch.setattr(intakes, "AT_ONCE", 0)
    good = GOOD.replace("519901199001010118", good_number())
    first, second = (send(office, "/imports/", f"{HEAD}\n{good}").headers["Location"] for _time in range(2))
    for where in (first, second):
        office.post(where)
    page = office.get(second).content.decode()
    region = re.search(r'<p class="unseen" role="status"([^>]*)></p>', page)[1]
    assert f'hx-get="{second}going/?doing=coming"' in region
    assert 'hx-select="[data-said]"' in region
    assert (
        region not in office.get(f"{second}going/?doing=coming").content.decode()
    )  # it stays while the figures are put anew
    assert re.findall(r"<p data-said>(.*?)</p>", page) == ["前面还有1份表格。"]
    assert office.get(f"{second}cancel/").status_code == 405
    assert office.post(f"{first}cancel/").headers["Location"] == first
    assert re.findall(r"<p data-said>(.*?)</p>", office.get(second).content.decode()) == ["下一份就是它。"]
    assert office.get(first).context["intake"].state == "read"
    Intake.objects.filter(state="waiting").update(begun=1)  # the worker is at it
    assert office.post(f"{second}cancel/").headers["Location"] == second
    office.post(second)
    carry_out_sheets(by=platform("take"))
    assert office.post(f"{second}cancel/").status_code == 422


@pytest.mark.parametrize(("code", "said"), [("not-found", "你已不能在那里导入或撤回表格"), ("broken", "broken")])
def test_what_could_not_be_brought_in_says_why_and_can_be_asked_for_again(world, office, code, said):
    good = GOOD.replace("519901199001010118", good_number())
    where = send(office, "/imports/", f"{HEAD}\n{good}").headers["Location"]
    Intake.objects.update(state="refused", refused_for=code)
    assert said in office.get(where).content.decode()
    assert office.post(where).status_code == 302
    assert office.get(where).context["intake"].state == "done"
    assert Person.objects.filter(name="田新").exists()


def test_what_was_only_read_is_thrown_away_with_its_file(world, office):
    where = send(office, "/imports/", f"{HEAD}\n{GOOD.replace('519901199001010118', good_number())}").headers[
        "Location"
    ]
    assert f'action="{where}throw-away/"' in office.get(where).content.decode()
    assert office.get(f"{where}throw-away/").status_code == 405
    assert office.post(f"{where}throw-away/").headers["Location"] == "/imports/"
    assert [office.get(where).status_code, office.post(f"{where}throw-away/").status_code] == [404, 404]
    assert not Intake.objects.exists()
    assert Blob.objects.get().erased_at is not None
    where = send(office, "/imports/", f"{HEAD}\n{GOOD.replace('519901199001010118', good_number())}").headers[
        "Location"
    ]
    office.post(where)
    assert "throw-away" not in office.get(where).content.decode()


def test_a_roster_taken_back_says_so_and_can_be_brought_in_again(world, office):
    where = send(office, "/imports/", f"{HEAD}\n{GOOD.replace('519901199001010118', good_number())}").headers[
        "Location"
    ]
    office.post(where)
    assert f'{where}again/"' not in office.get(where).content.decode()
    office.post(f"/imports/undo/{seal_id('organisations.roster', Roster.objects.get().pk)}/")
    page = office.get(where).content.decode()
    assert "名册已经撤回" in page
    assert "名册已经导入" not in page
    assert "能导入的都已导入" not in page
    assert f'action="{where}again/"' in page
    assert office.post(where).status_code == 422
    assert not Person.objects.filter(name="田新").exists()
    assert office.post(f"{where}again/").headers["Location"] == where
    read = office.get(where)
    assert (read.context["intake"].state, read.context["counts"]["new"]) == ("read", 1)
    office.post(where)
    assert Person.objects.filter(name="田新").exists()
    assert "名册已经导入" in office.get(where).content.decode()


@pytest.mark.parametrize(("kind", "more"), [("hours", {"provider": "qingyun"}), ("results", {})])
def test_hours_or_results_that_are_refused_are_not_kept(office, kind, more):
    answer = send(office, f"/imports/{kind}/", "姓名,证件号码\n林晓岚,519901199001010118\n", **more)
    assert (answer.status_code, "<form" in answer.content.decode()) == (422, True)
    assert Blob.objects.get().erased_at is not None


def test_a_file_that_is_refused_is_not_kept(office):
    assert send(office, "/imports/", "不,知,道\n1,2,3").status_code == 422
    assert Blob.objects.get().erased_at is not None


def test_anothers_upload_is_not_found(world, office, client, sign_in):
    where = send(office, "/imports/", f"{HEAD}\n{GOOD.replace('519901199001010118', good_number())}").headers[
        "Location"
    ]
    sign_in(client, world.wu)
    assert [client.get(url).status_code for url in (where, f"{where}going/", f"{where}annotated/")] == [404, 404, 404]
    assert client.post(where).status_code == 404


def test_what_is_wrong_is_said_in_a_sentence(world, office):
    """Reader and register share some codes; none of them reaches the page or the marked file."""
    other = GOOD.replace("519901199001010118", world.sibling_teacher.number).replace("田新", world.sibling_teacher.name)
    twice = GOOD.replace("519901199001010118", good_number())
    sent = send(office, "/imports/", "\n".join([HEAD, other, twice, twice.replace("数学教研组", "语文教研组"), twice]))
    page = office.get(sent.headers["Location"]).content.decode()
    assert str(PROBLEMS["works-elsewhere"]) in page
    for code in PROBLEMS:
        assert code not in page


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.xlsx", b"PK\x03\x04broken"), ("a.csv", b""), ("a.xlsx", b"%PDF-1.4 x"), ("a.csv", b"x,y\n1,2\n")],
)
def test_a_file_that_is_no_roster_is_refused_with_a_reason(office, name, data):
    answer = office.post("/imports/", {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 422
    assert Person.objects.filter(name="x").count() == 0


def test_hours_and_results_by_page_and_by_command(world, office, p4, tmp_path, capsys):
    enrol(p4, world.teacher)
    number = world.teacher.number
    head = "姓名,证件号码,学习方式,课程代码,课程名称,日期,学时"
    hours = f"{head}\n林晓岚,{number},线上,c1,微课,2026-03-01,2\n林晓岚,{number},心灵感应,c2,微课,2026-03-02,2\n"
    sent = send(office, "/imports/hours/", hours, "学时.csv", provider="qingyun")
    assert sent.status_code == 302, sent.content.decode()[:2000]
    where = sent.headers["Location"]
    assert office.get(where).context["counts"] == {"new": 1, "same": 0, "wrong": 1, "warning": 0}
    assert Record.objects.count() == 0
    office.post(where)
    assert Record.objects.values_list("minutes", "person").get() == (90, world.teacher.person)
    file = tmp_path / "学时.csv"
    file.write_text(hours)
    with pytest.raises(SystemExit):
        call_command("import", "hours", str(file), "--programme", "p4-district", "--provider", "qingyun")
    assert capsys.readouterr().out == "new=0 same=1 wrong=1 warning=0\n"
    head = "姓名,证件号码,项目,能力点,等级,认定日期"
    results = f"{head}\n林晓岚,{number},能力点,A1,合格,2026-05-01\n林晓岚,{number},课堂实录,,优秀,2026-05-02\n"
    place = Path(tmp_path / "结果.csv")
    place.write_text(results)
    call_command("import", "results", str(place), "--programme", "p4-district")
    call_command("import", "items", str(place), "--programme", "p4-district")
    assert capsys.readouterr().out == "new=2 same=0 wrong=0 warning=0\nnew=0 same=2 wrong=0 warning=0\n"
    assert sorted(Result.objects.values_list("item", "level")) == [("point", "pass"), ("recording", "excellent")]


def test_others_bring_nothing_in(world, client, sign_in, office):
    for who in (world.teacher, world.auditor):
        sign_in(client, who)
        assert client.get("/imports/").status_code == 404


HOURS_HEAD = "记录编号,姓名,证件号码,学习方式,课程代码,日期,分钟"


def test_a_preview_speaks_the_sheets_words_and_shows_no_number_in_full(world, p4, office):
    rows = [
        f"a,林晓岚,{world.teacher.number},线上,c1,2026-03-01,90",
        f"b,林晓岚,{world.teacher.number},网络研修,,2026-03-02,90",
    ]
    sent = send(office, "/imports/hours/", "\n".join([HOURS_HEAD, *rows]), provider="qingyun")
    page = office.get(sent.headers["Location"])
    main = page.content.decode().split("<main")[1].split("</main")[0]
    assert page.context["samples"] == [
        (2, [
            ("记录编号", "a", False), ("姓名", "林晓岚", False), ("证件号码", mask(world.teacher.number), False),
            ("学习方式", "网络研修", False), ("课程代码", "c1", False), ("日期", "2026-03-01", False), ("分钟", "90", True),
        ]),
    ]  # fmt: skip
    assert world.teacher.number not in main
    assert page.context["wrong"] == [(3, "林晓岚", ["课程代码：此单元格不能为空。"])]


def test_an_empty_sheet_says_so(world, p4, office):
    sent = send(office, "/imports/results/", "姓名,证件号码,等级,评定日期\n")
    main = office.get(sent.headers["Location"]).content.decode().split("<main")[1].split("</main")[0]
    assert "表头下面没有数据行" in main
    assert "<form" not in main


def test_the_columns_of_a_sheet_are_said_beforehand(world, p4, office):
    page = office.get("/imports/hours/")
    assert page.context["needed"] == ["姓名", "证件号码", "学习方式", "课程代码", "日期", "分钟 / 学时"]
    assert page.context["more"] == [
        "记录编号", "证件类型", "课程名称", "开始时间", "结束时间", "是否合格", "更正的记录编号", "作废的记录编号", "原因",
    ]  # fmt: skip
