"""What was brought in before: who, when, which file, does it stand; a sheet of hours or results taken back by page."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from tests.planning.plans import enrol
from tests.settling import run_once
from weineng.accounts.models import Grant
from weineng.assessment.models import Result, ResultsSheet
from weineng.audit.models import Line
from weineng.kernel.clock import CIVIL
from weineng.learning.models import HoursSheet, Record
from weineng.progress.models import Counted
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def office(world, client, sign_in, set_clock, p4):
    set_clock(NOW)
    sign_in(client, world.office, f"grant:{Grant.objects.get(person=world.office.person, role='office').pk}")
    for member in (world.teacher, world.colleague):
        enrol(p4, member)
    return client


def send(client, kind, name, *lines, **more):
    file = SimpleUploadedFile(name, "\n".join(lines).encode())
    where = client.post(f"/imports/{kind}/", {"file": file, **more}).headers["Location"]
    return client.post(where)


@pytest.fixture
def sheets(world, office):
    """A sheet of hours with a row that was known before, and one of results."""
    head = "记录编号,姓名,证件号码,学习方式,课程代码,课程名称,日期,分钟"
    one = f"a,林晓岚,{world.teacher.number},线上,c1,微课,2026-03-01,90"
    two = f"b,{world.colleague.name},{world.colleague.number},线上,c2,慕课,2026-03-02,45"
    send(office, "hours", "一月.csv", head, one, provider="qingyun")
    send(office, "hours", "二月.csv", head, one, two, "c,x,1,线上,c3,,2026-03-02,45", provider="qingyun")
    results = "姓名,证件号码,项目,能力点,等级,认定日期"
    point = f"林晓岚,{world.teacher.number},能力点,A1,合格,2026-05-01"
    send(office, "results", "结果.csv", results, point, f"林晓岚,{world.teacher.number},课堂实录,,优秀,2026-05-02")
    return HoursSheet.objects.get(name="二月.csv"), ResultsSheet.objects.get()


def address(sheet):
    kind = "hours" if isinstance(sheet, HoursSheet) else "results"
    return f"/imports/past/{kind}/{oid(sheet)}/"


def main(answer):
    return answer.content.decode().split("<main")[1].split("</main")[0]


def test_the_list_says_who_brought_in_what(world, office, sheets):
    page = office.get("/imports/past/?kind=hours")
    assert [row.name for row in page.context["head"].rows] == ["二月.csv", "一月.csv"]
    assert page.context["names"] == {world.office.person: world.office.name}
    text = main(page)
    assert [word in text for word in ("二月.csv", world.office.name, "已导入", address(sheets[0]))] == [True] * 4
    assert [row.name for row in office.get("/imports/past/?kind=results").context["head"].rows] == ["结果.csv"]
    assert "/imports/past/" in main(office.get("/imports/"))


def test_results_belong_to_the_office_of_the_present_post(world, office, sheets, client, sign_in):
    world.grant(world.office.person, "office", world.city)
    grant = Grant.objects.get(person=world.office.person, role="office", unit=world.city)
    sign_in(client, world.office, f"grant:{grant.pk}")
    send(
        client,
        "results",
        "全市.csv",
        "姓名,证件号码,等级,认定日期,能力点",
        f"林晓岚,{world.teacher.number},合格,2026-05-01,A2",
    )
    assert list(ResultsSheet.objects.order_by("pk").values_list("unit", flat=True)) == [world.district, world.city]


@pytest.mark.parametrize(
    ("named", "unit"), [([], "district"), (["--unit", "519902"], "sibling"), (["--unit", "519900"], "city")]
)
def test_by_command_they_belong_to_the_owner_or_the_office_that_is_named(world, office, tmp_path, named, unit):
    for other in (world.city, world.sibling):
        world.grant(world.office.person, "office", other)
    file = tmp_path / "结果.csv"
    file.write_text(f"姓名,证件号码,等级,认定日期,能力点\n林晓岚,{world.teacher.number},合格,2026-05-01,A2\n")
    call_command("import", "results", str(file), "--programme", "p4-district", "--as", "office", *named)
    assert ResultsSheet.objects.get().unit_id == world.units[unit]


def counted():
    return sorted(Counted.objects.filter(origin="record", reason="").values_list("minutes", flat=True))


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_however_long(world, office, sheets, many, django_assert_num_queries):
    sheet = sheets[0]
    for number in range(many):
        HoursSheet.objects.create(provider=sheet.provider, name=f"{number}.csv", by=world.office.person, at=NOW, rows=0)
    with django_assert_num_queries(8):
        office.get("/imports/past/?kind=hours")


def test_hours_are_taken_back_by_page(world, office, sheets):
    run_once()
    assert counted() == [45, 90]
    where = address(sheets[0])
    page = office.get(where)
    figures = page.context["figures"]
    assert (figures["people"], figures["rows"], figures["minutes"], page.context["left"]) == (1, 1, 45, 0)
    assert [(row.name, row.about, row.amount) for row in page.context["rows"]] == [(world.colleague.name, "慕课", 45)]
    assert office.post(where, {"reason": ""}).status_code == 422
    assert office.post(where, {"reason": "发错了"}).headers["Location"] == where
    run_once()
    assert counted() == [90]
    assert list(Record.objects.in_force().values_list("source_id", flat=True)) == ["a"]
    text = main(office.get(where))
    assert "发错了" in text
    assert "<form" not in text
    assert "已撤回" in main(office.get("/imports/past/?kind=hours"))
    lines = Line.objects.count()
    again = office.post(where, {"reason": "再来"})
    assert (again.status_code, "这份表格已经撤回。" in again.content.decode(), Line.objects.count()) == (
        422,
        True,
        lines,
    )


def test_results_are_taken_back_by_page_and_their_page_says_so(world, office, sheets):
    where = address(sheets[1])
    page = office.get(where)
    assert (page.context["figures"]["people"], page.context["figures"]["rows"]) == (1, 2)
    assert sorted((row.name, row.about) for row in page.context["rows"]) == [("林晓岚", "A1"), ("林晓岚", "课堂实录")]
    result = Result.objects.get(point="A1")
    assert "随表格一并撤回" not in main(office.get(f"/results/{oid(result)}/"))
    assert office.post(where, {"reason": "发错了"}).status_code == 302
    assert not Result.objects.filter(overturned_at__isnull=True).exists()
    one = office.get(f"/results/{oid(result)}/")
    assert ("随表格一并撤回" in main(one), one.context["decides"]) == (True, False)
    assert office.post(where, {"reason": "再来"}).status_code == 422


@pytest.mark.parametrize("who", ["wu", "teacher", "cio", "auditor"])
def test_others_find_no_sheet(world, office, sheets, client, sign_in, who):
    member = world.people[who]
    sign_in(client, member)
    for sheet in sheets:
        assert client.get(address(sheet)).status_code == 404
        assert client.post(address(sheet), {"reason": "x"}).status_code == 404
    assert Record.objects.in_force().count() == 2


def test_rosters_stand_there_with_their_files(world, office):
    head = "姓名,证件号码,学校名称,工号"
    file = SimpleUploadedFile(
        "九月名册.csv", f"{head}\n林晓岚,{world.teacher.number},锦霖区白石镇九年一贯制学校,N77".encode()
    )
    where = office.post("/imports/", {"file": file}).headers["Location"]
    office.post(where)
    page = office.get("/imports/past/?kind=rosters")
    assert [(row.name, row.changed) for row in page.context["head"].rows] == [("九月名册.csv", 1)]
    roster = page.context["head"].rows[0]
    assert office.post(f"/imports/undo/{oid(roster)}/").headers["Location"] == "/imports/past/"
    assert "已撤回" in main(office.get("/imports/past/?kind=rosters"))
