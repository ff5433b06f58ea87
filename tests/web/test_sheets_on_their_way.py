"""The pages of sheets that the worker reads, brings in and takes back: what is going on, how to stop it, what came of it."""

import re
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.insight.sheets import LOOP, hours_of, results_of, row, sheet_of
from tests.planning.plans import enrol
from weineng.accounts.models import Grant
from weineng.insight.actions import carry_out_sheets, intakes, read_sheets, taking_back
from weineng.insight.models import Intake, TakeBack
from weineng.kernel.clock import CIVIL
from weineng.kernel.ids import seal_id
from weineng.learning.models import HoursSheet, Record
from weineng.organisations.models import Person, Roster

pytestmark = pytest.mark.slow


@pytest.fixture
def office(world, client, sign_in, set_clock, p4, monkeypatch):
    """The office at its desk; every sheet is large and heavy."""
    monkeypatch.setattr(intakes, "LIGHT", 0)
    for module in (intakes, taking_back):
        monkeypatch.setattr(module, "AT_ONCE", 0)
    set_clock(datetime(2026, 9, 1, 9, tzinfo=CIVIL))
    for member in (world.teacher, world.colleague):
        enrol(p4, member)
    sign_in(client, world.office, f"grant:{Grant.objects.get(person=world.office.person, role='office').pk}")
    return client


def send(client, start, data, **more):
    return client.post(start, {"file": SimpleUploadedFile("表.csv", data), **more}).headers["Location"]


def main_of(answer):
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split("<main")[1].split("</main")[0].split())


def forms(text):
    return re.findall(r'<form[^>]*action="([^"]*)"', text)


def said(text):
    return re.findall(r"<p data-said>(.*?)</p>", text)


@pytest.mark.parametrize("kind", ["roster", "hours", "results"])
def test_a_heavy_sheet_is_read_while_one_is_elsewhere(world, office, kind):
    data = {"roster": sheet_of(row(1)), "hours": hours_of(world.teacher), "results": results_of(world.teacher)}[kind]
    more = {"provider": "qingyun"} if kind == "hours" else {}
    where = send(office, "/imports/" if kind == "roster" else f"/imports/{kind}/", data, **more)
    page, going = main_of(office.get(where)), f"{where}going/?doing=reading"
    assert (forms(page), said(page)) == ([f"{where}throw-away/"], ["下一份就读它。"])
    assert f'hx-get="{going}"' in page
    assert page.count(f'href="{where}"') == 1  # to look again, without script
    assert office.post(where).status_code == 422
    with CaptureQueriesContext(connection) as asked:
        assert said(office.get(going).content.decode()) == ["下一份就读它。"]
    assert [query["sql"] for query in asked if '"reading"' in query["sql"]] == []
    told = []
    for gone, rows in ((0, 0), (1, 3), (3, 3)):
        Intake.objects.update(begun=1, gone=gone, rows=rows)
        told += said(office.get(going).content.decode())
    assert told == ["已经开始：正在打开文件。", "3行中已读取1行。", "3行已全部读完，正在与已有信息核对。"]
    assert where in main_of(office.get("/imports/"))
    read_sheets(by=LOOP)
    assert office.get(going).headers["HX-Refresh"] == "true"
    read = office.get(where)
    assert (read.context["counts"]["new"], read.context["intake"].state) == (1, "read")
    office.post(where)
    page = main_of(office.get(where))
    assert (forms(page), said(page)) == ([f"{where}cancel/"], ["下一份就是它。"])
    assert office.get(going).headers["HX-Refresh"] == "true"
    assert office.post(f"{where}cancel/").headers["Location"] == where
    assert office.get(where).context["intake"].state == "read"
    office.post(where)
    carry_out_sheets(by=LOOP)
    done = office.get(where)
    assert (done.context["counts"]["new"], done.context["intake"].state) == (1, "done")
    assert "throw-away" not in done.content.decode()
    assert office.get(f"{where}annotated/").status_code == 200
    assert where not in main_of(office.get("/imports/"))


@pytest.mark.parametrize("start", ["/imports/", "/imports/results/"])
def test_what_cannot_be_read_says_so_and_is_put_away(office, start):
    where = send(office, start, b"a,b\n1,2")
    read_sheets(by=LOOP)
    page = main_of(office.get(where))
    assert ("文件无法读取" in page, "文件已删除。" in page, forms(page)) == (True, True, [f"{where}throw-away/"])
    assert Intake.objects.get().said in page.replace("&quot;", '"')
    assert "无法读取" in main_of(office.get("/imports/"))
    assert office.post(f"{where}throw-away/").headers["Location"] == start
    assert (office.get(where).status_code, Intake.objects.exists()) == (404, False)


def test_what_broke_in_the_reading_says_what_to_do(office):
    where = send(office, "/imports/", sheet_of(row(1)))
    Intake.objects.update(state="unreadable", refused_for="broken")
    assert "请重新上传" in main_of(office.get(where))


def test_a_sheet_of_hours_that_was_refused_says_why(world, office):
    where = send(office, "/imports/hours/", hours_of(world.teacher), provider="qingyun")
    read_sheets(by=LOOP)
    Intake.objects.update(state="refused", refused_for="provider-suspended", said="这个平台已停用。")
    assert "这个平台已停用。" in main_of(office.get(where))
    office.post(where)
    carry_out_sheets(by=LOOP)
    assert Record.objects.count() == 1


def test_anothers_sheet_is_not_found(world, office, client, sign_in):
    roster = send(office, "/imports/", sheet_of(row(1)))
    hours = send(office, "/imports/hours/", hours_of(world.teacher), provider="qingyun")
    sign_in(client, world.wu)
    for where in (roster, hours):
        got = [client.get(f"{where}{part}").status_code for part in ("", "going/", "annotated/")]
        sent = [client.post(f"{where}{part}").status_code for part in ("", "cancel/", "throw-away/")]
        assert (got, sent) == ([404] * 3, [404] * 3)
    assert client.get(hours.replace("hours", "nothing")).status_code == 404
    assert Intake.objects.filter(state="arrived").count() == 2


@pytest.fixture
def going_back(office):
    """A roster that has gone in and is asked back: the list, and the page to which the request leads."""
    where = send(office, "/imports/", sheet_of(row(1), row(2)))
    read_sheets(by=LOOP)
    office.post(where)
    carry_out_sheets(by=LOOP)
    undo = f"/imports/undo/{seal_id('organisations.roster', Roster.objects.get().pk)}/"
    page = office.post(undo).headers["Location"]
    assert office.post(undo).headers["Location"] == page  # pressed twice
    return page


def test_a_large_roster_is_taken_back_while_one_is_elsewhere(world, office, going_back):
    page, going = main_of(office.get(going_back)), f"{going_back}going/?doing=back"
    assert (forms(page), said(page)) == ([f"{going_back}cancel/"], ["下一份就撤回它。"])
    assert f'hx-get="{going}"' in page
    told = []
    for gone in (0, 1):
        TakeBack.objects.update(begun=1, gone=gone)
        told += said(office.get(going).content.decode())
    assert told == ["已经开始：先核对是否已有其他信息以它为依据。", "2行中已撤回1行。"]
    past = main_of(office.get("/imports/past/"))
    assert (going_back in past, "撤回中" in past, "/imports/undo/" in past) == (True, True, False)
    assert Person.objects.filter(name__startswith="新人").count() == 2
    carry_out_sheets(by=LOOP)
    assert office.get(going).headers["HX-Refresh"] == "true"
    assert "一切已恢复到它导入之前。" in main_of(office.get(going_back))
    assert not Person.objects.filter(name__startswith="新人").exists()
    assert going_back not in main_of(office.get("/imports/past/"))
    assert office.post(f"{going_back}cancel/").status_code == 422


def test_it_can_be_left_as_it_is_after_all(office, going_back):
    assert office.get(f"{going_back}cancel/").status_code == 405
    assert office.post(f"{going_back}cancel/").headers["Location"] == going_back
    assert "没有撤回，也没有任何改动。" in main_of(office.get(going_back))
    assert carry_out_sheets(by=LOOP) == 0
    assert "/imports/undo/" in main_of(office.get("/imports/past/"))


def test_what_could_not_be_taken_back_says_why(office, going_back):
    Person.objects.filter(name="新人1").update(phone="19900001111")
    carry_out_sheets(by=LOOP)
    assert "名册中的人员此后有过变动，不能整体撤回。" in main_of(office.get(going_back))
    past = main_of(office.get("/imports/past/"))
    assert (going_back in past, "未能撤回" in past, "/imports/undo/" in past) == (True, True, True)
    TakeBack.objects.update(said="", refused_for="broken")
    assert "broken" in main_of(office.get(going_back))


def test_outside_ones_reach_it_is_not_found(world, office, client, sign_in, going_back):
    for who in (world.wu, world.cio):
        sign_in(client, who)
        assert [client.get(going_back).status_code, client.get(f"{going_back}going/").status_code] == [404, 404]
        assert client.post(f"{going_back}cancel/").status_code == 404
    assert TakeBack.objects.get().state == "waiting"


def test_a_large_sheet_of_hours_is_taken_back_from_its_page(world, office):
    where = send(office, "/imports/hours/", hours_of(world.teacher, world.colleague), provider="qingyun")
    read_sheets(by=LOOP)
    office.post(where)
    carry_out_sheets(by=LOOP)
    sheet = f"/imports/past/hours/{seal_id('learning.hourssheet', HoursSheet.objects.get().pk)}/"
    page = office.post(sheet, {"reason": "发错了"}).headers["Location"]
    waiting = main_of(office.get(sheet))
    assert (page in waiting, "reason" in waiting) == (True, False)
    assert Record.objects.in_force().count() == 2
    TakeBack.objects.update(state="refused", said="不行。")
    again = main_of(office.get(sheet))
    assert ("不行。" in again, "reason" in again) == (True, True)
    page = office.post(sheet, {"reason": "还是发错了"}).headers["Location"]
    carry_out_sheets(by=LOOP)
    assert "正在重新计算" in main_of(office.get(page))
    assert sheet in main_of(office.get(page))
    assert Record.objects.in_force().count() == 0
    assert "还是发错了" in main_of(office.get(sheet))
