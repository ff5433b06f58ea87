"""The pages of those who decide, correct and look things up: as in test_album.py."""

import pytest

from tests.district import second_office
from tests.settling import run_once
from tests.web.test_album import act_as, built, oid, school, walk  # noqa: F401 (the scene, signing in, looking)
from weineng.assessment.actions import open_review, return_dossier
from weineng.assessment.models import Assignment, Result
from weineng.kernel.ids import seal_id
from weineng.organisations.models import Posting
from weineng.programmes.actions import begin_draft, save_draft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_review_that_a_colleague_has_ended(page, live_server, world, school, act_as, walk):  # noqa: F811 (fixtures)
    mine = school.assignment
    other = Assignment.objects.filter(run=mine.run).exclude(pk=mine.pk).get()
    act_as(world.member(mine.reviewer_id))
    page.goto(f"{live_server.url}/review/{oid(mine)}/")
    page.locator("main .note form button").click()
    page.locator("[name=comment-1]").fill("数据来源要写明班级和人数。")
    page.wait_for_selector("#saved:not(:empty)")
    by = world.member(other.reviewer_id).actor
    open_review(by=by, assignment=other.pk)
    return_dossier(by=by, assignment=other.pk, advice="请补充前测数据")
    page.locator("[name=comment-2]").fill("分析报告请写出教学改进的下一步。")
    with page.expect_navigation():
        page.locator("#saved button").click()
    walk.see("review-over")
    assert page.locator("textarea").input_value() == "分析报告请写出教学改进的下一步。"
    assert walk.wrong == []


def test_a_result_that_an_office_overturns(page, live_server, world, school, act_as, walk):  # noqa: F811 (fixtures)
    certified = school.enrolments["leader"]
    row = Result.objects.filter(enrolment=certified.pk, item="point").order_by("point").first()
    act_as(world.office, "office")
    walk(("results", "/results/"), ("result", f"/results/{oid(row)}/"))
    page.get_by_label("不合格").check()
    page.get_by_label("原因").fill("抽查：原始数据与教学报告不一致，经学校核实。")
    with page.expect_navigation():
        page.get_by_role("button", name="查看改判的影响").click()
    walk.see("result-follows")
    with page.expect_navigation():
        page.get_by_role("button", name="改判为“不合格”").click()
    walk.see("result-overturned")
    act_as(world.office, "office", language="en")
    walk(("result-overturned-en", page.url.removeprefix(live_server.url)))
    assert walk.wrong == []


def test_units_and_people(page, live_server, world, school, act_as, walk):  # noqa: F811 (fixtures)
    unit = {key: seal_id("organisations.unit", world.units[key]) for key in ("nine_year", "district", "vocational")}
    person = f"/units/people/{seal_id('organisations.person', world.teacher.person)}/"
    post = Posting.objects.get(person=world.teacher.person)
    act_as(world.office, "office")
    walk(
        ("unit", f"/units/{unit['district']}/"), ("unit-people", f"/units/{unit['nine_year']}/people/"), ("person-known", person),
        ("unit-found", f"/units/{unit['district']}/found/"), ("person-transfer", f"{person}transfer/"),
        ("post-change", f"/units/posts/{oid(post)}/"), ("person-enter", f"/units/{unit['nine_year']}/people/enter/"),
        ("person-erase-not-yet", f"{person}erase/"),
        ("unit-merge", f"/units/{unit['nine_year']}/merge/"), ("unit-split", f"/units/{unit['nine_year']}/split/"),
        ("figures-by-stage", f"/progress/unit/{unit['district']}/cuts/"), ("erasures-none", "/units/erasures/"),
    )  # fmt: skip
    page.goto(f"{live_server.url}/units/{unit['vocational']}/move/")
    page.get_by_label("隶属于").select_option(label="城区片")
    with page.expect_navigation():
        page.get_by_role("button", name="查看将发生的变化").click()
    walk.see("unit-move")
    page.goto(f"{live_server.url}{person}")
    page.get_by_text("查看完整号码", exact=True).first.click()
    page.get_by_label("查看号码的原因").fill("核对继续教育学分")
    with page.expect_navigation():
        page.get_by_role("button", name="查看完整号码").last.click()
    assert world.teacher.number in page.content()
    page.goto(f"{live_server.url}{person}transfer/")
    page.get_by_label("单位").select_option(label="锦霖区职业教育中心 › 机电教研组")
    with page.expect_navigation():
        page.locator("button[value=look]").click()
    walk.see("person-transfer-follows")
    act_as(world.cio, "cio", language="en")
    walk(("unit-people-en", f"/units/{unit['nine_year']}/people/"))
    assert walk.wrong == []


def test_two_records_of_one_person(page, live_server, world, school, act_as, walk):  # noqa: F811 (fixtures)
    person = f"/units/people/{seal_id('organisations.person', world.teacher.person)}/"
    certified = seal_id("organisations.person", world.leader.person)
    act_as(world.office, "office")
    walk(("person-twins", f"{person}merge/"), ("person-merge", f"{person}merge/{certified}/"))
    page.get_by_label("原因").fill("名册里录入了两次，学校已核实。")
    page.locator("[name=end_numbers]").check()
    with page.expect_navigation():
        page.locator("button[value=look]").click()
    walk.see("person-merge-follows")
    with page.expect_navigation():
        page.get_by_role("button", name="确认合并").click()
    walk.see("person-merged")
    page.get_by_role("link", name="撤销合并").click()
    walk.see("person-unmerge")
    page.get_by_label("原因").fill("核对后是两个人。")
    with page.expect_navigation():
        page.locator("button[value=look]").click()
    walk.see("person-unmerge-follows")
    walk(("person-gone", f"/units/people/{certified}/"))
    assert walk.wrong == []


def test_an_erasure(page, live_server, world, school, act_as, walk):  # noqa: F811 (fixtures)
    person = f"/units/people/{seal_id('organisations.person', world.unplaced.person)}/"
    second = second_office(world)
    act_as(world.office, "office")
    walk(("person-erase", f"{person}erase/"))
    page.get_by_label("原因").fill("本人申请（2026年第17号）")
    with page.expect_navigation():
        page.get_by_role("button", name="申请清除").click()
    walk.see("person-erase-asked")
    act_as(second, "office")
    walk(("erasures", "/units/erasures/"), ("person-erase-decide", f"{person}erase/"))
    page.get_by_text("确认清除", exact=True).click()
    with page.expect_navigation():
        page.get_by_role("button", name="永久清除").click()
    walk.see("person-being-erased")
    run_once()
    walk(("person-erased", person), ("erasures-done", "/units/erasures/"))
    assert "已清除人员" in page.content()
    assert world.unplaced.name not in page.content()
    assert walk.wrong == []


def test_the_log(page, live_server, world, school, act_as, walk):  # noqa: F811 (fixtures)
    person = seal_id("organisations.person", world.leader.person)
    act_as(world.office, "office")
    walk(("log-person", f"/log/people/{person}/"), ("log-certificate", f"/log/certificates/{oid(school.certificate)}/"))
    act_as(world.leader, language="en")
    walk(("log-own-en", f"/log/people/{person}/"))
    assert walk.wrong == []


def test_a_document_in_work(page, live_server, world, school, act_as, walk):  # noqa: F811 (fixtures)
    """Its lines with one that is wrong, the form of a line in two languages, its text, the sample beside them."""
    title = dict.fromkeys(("zh-hans", "zh-hant", "en"), "明年的方案")
    draft = begin_draft(
        by=world.office.actor, owner=world.district, origin="plan:p4-district", code="next", title=title, years=1
    )
    wrong = draft.source.replace("share: 95", "share: 950").replace("value: 95,", "value: 950,")
    act_as(world.office, "office")
    where = f"/programmes/drafts/{oid(draft)}/"
    walk(
        ("drafts", "/programmes/drafts/"),
        ("draft-begin", "/programmes/drafts/new/"),
        ("draft", where),
        ("draft-text", f"{where}text/"),
    )
    walk(("draft-line", f"{where}line/demands/0/"), ("draft-line-new", f"{where}line/stages/new/"))
    save_draft(by=world.office.actor, draft=draft.pk, source=wrong, revision=draft.revision)
    walk(("draft-wrong", where))
    act_as(world.office, "office", language="en")
    walk(("draft-line-en", f"{where}line/choice/part/"))
    assert walk.wrong == []


def test_a_line_is_written_by_keyboard_alone(page, live_server, world, school, act_as):  # noqa: F811 (fixtures)
    title = dict.fromkeys(("zh-hans", "zh-hant", "en"), "明年的方案")
    draft = begin_draft(by=world.office.actor, owner=world.district, origin="nothing", code="next", title=title)
    act_as(world.office, "office")
    page.goto(f"{live_server.url}/programmes/drafts/{oid(draft)}/line/demands/0/")
    page.locator("[name='line.code']").focus()
    for _time in range(60):
        if page.evaluate("document.activeElement.name") == "line.periods":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("24")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    draft.refresh_from_db()
    assert "periods: 24" in draft.source
    page.wait_for_selector("#said:has-text('24')")
