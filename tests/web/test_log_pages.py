"""The log as people read it: about oneself, about those of one's units on the line's day, and never who judged."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.assessment.panel import enrolled, hand_in, rate, through_advice, waiting
from tests.certification.conftest import SETTLE
from tests.progress.scene import Scene, plan
from tests.web.reading import text
from weineng.accounts.actions import note_sign_in
from weineng.accounts.models import Grant
from weineng.assessment.actions import reopen_review
from weineng.audit.models import Line
from weineng.certification.actions import award_due, revoke_certificate
from weineng.certification.models import Certificate
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import issue_api_key
from weineng.organisations.actions import (
    change_person,
    close_unit,
    enter_person,
    found_unit,
    merge_people,
    reveal_identity,
    transfer_person,
)
from weineng.organisations.rules import Post
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def visit(client, sign_in, at, world):
    at(NOW)

    def go(member, url, role=""):
        post = f"grant:{Grant.objects.get(person=member.person, role=role).pk}" if role else ""
        sign_in(client, member, post)
        return client.get(url)

    return go


def lines(page):
    """(who, what, reason) of each line, without markup, newest first."""
    found = []
    for row in re.findall(r"<tr>(?!<th)(.*?)</tr>", page, re.DOTALL):
        cells = [
            re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip()
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        ]
        found += [tuple(cells[1:])] if cells else []
    return found


def person(member, query=""):
    return f"/log/people/{oid(member.person, 'organisations.person')}/{query}"


# --- Who sees what -------------------------------------------------------------------------------------------------
def test_a_line_says_who_did_what_and_why_to_oneself_the_office_and_the_auditor(world, visit):
    reveal_identity(by=world.office.actor, person=world.teacher.person, type="id-card", reason="核对名册")
    transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.chinese), on=date(2026, 5, 4))
    told = [("白若溪", "办理调动 日期2026-05-04", "– 无"), ("白若溪", "查看完整证件号码", "核对名册")]
    assert lines(text(visit(world.teacher, person(world.teacher)))) == told
    assert lines(text(visit(world.office, person(world.teacher), "office"))) == told
    assert lines(text(visit(world.auditor, person(world.teacher), "auditor"))) == told
    for member, role in (
        (world.colleague, ""),
        (world.cio, "cio"),
        (world.principal, "principal"),
        (world.leader, "group-leader"),
    ):
        assert visit(member, person(world.teacher), role).status_code == 404
    for role in ("office", "auditor"):
        assert visit(world.wu, person(world.teacher), role).status_code == 404


def test_an_office_sees_the_lines_of_the_days_on_which_somebody_stood_under_it(world, visit, at):
    member = world.moved_teacher  # their school stood under the district until 2026
    at(datetime(2025, 12, 1, 9, tzinfo=CIVIL))
    change_person(by=world.office.actor, person=member.person, phone="19900001111")
    at(datetime(2026, 2, 1, 9, tzinfo=CIVIL))
    change_person(by=world.wu.actor, person=member.person, phone="19900002222")
    at(NOW)
    theirs = world.enter("钱程", world.sibling)
    world.grant(theirs.person, "office", world.sibling)
    changed = "修改人员信息"
    assert [row[:2] for row in lines(text(visit(world.office, person(member), "office")))] == [("白若溪", changed)]
    assert [row[:2] for row in lines(text(visit(theirs, person(member), "office")))] == [("吴无名", changed)]
    both = [("吴无名", changed), ("白若溪", changed)]
    assert [row[:2] for row in lines(text(visit(member, person(member))))] == both
    assert [
        row[:2] for row in lines(text(visit(world.wu, person(member), "auditor")))
    ] == both  # theirs now, with everything


def test_lines_of_a_merged_record_are_lines_about_the_person(world, visit):
    reveal_identity(by=world.office.actor, person=world.colleague.person, type="id-card", reason="核对名册")
    merge_people(
        by=world.office.actor, kept=world.teacher.person, gone=world.colleague.person, reason="同一人", end_numbers=True
    )
    for member in (world.teacher, world.colleague):
        page = text(visit(world.office, person(member), "office"))
        assert [row[2] for row in lines(page)] == ["同一人", "核对名册"]


def test_what_somebody_does_with_their_own_account_is_shown_to_them_and_the_auditor(world, visit):
    note_sign_in(by=world.teacher.actor, account=world.teacher.account, way="password")
    assert [row[1] for row in lines(text(visit(world.teacher, person(world.teacher))))] == ["登录"]
    assert [row[1] for row in lines(text(visit(world.auditor, person(world.teacher), "auditor")))] == ["登录"]
    assert lines(text(visit(world.office, person(world.teacher), "office"))) == []


# --- Blind ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def judged(world, p4, at):
    """The teacher's evidence, rated by two of the panel."""
    at(NOW)
    enrolled(p4, world.teacher, "A1", "A2", "A3")
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    panel = waiting(submission, "panel")
    for assignment in panel:
        rate(world, assignment, "pass")
    reopen_review(by=world.member(panel[0].reviewer_id).actor, assignment=panel[0].pk)
    rate(world, panel[0], "pass")
    return submission, [world.member(assignment.reviewer_id).name for assignment in panel]


def test_nobody_but_the_auditor_learns_from_the_log_who_judged(world, visit, judged):
    submission, names = judged
    url = f"/log/evidence/{oid(submission)}/"
    peers = {member.name for member in (world.colleague, world.leader)}
    own, office = text(visit(world.teacher, url)), text(visit(world.office, url, "office"))
    for page, reader in ((own, "林晓岚"), (office, "白若溪")):
        assert [name for name in (*names, *peers) if name in page] == []
        assert ("不显示", "完成评审 A1", "– 无") in lines(page), reader
    assert {who for who, what, _why in lines(text(visit(world.auditor, url, "auditor"))) if what == "完成评审 A1"} == {
        "林晓岚", *names, *peers,
    }  # fmt: skip
    assert ("林晓岚", "完成评审 A1", "– 无") in lines(own)  # their own look is no secret
    for name in names:
        assert name not in text(visit(world.teacher, person(world.teacher)))
        assert name not in text(visit(world.office, person(world.teacher), "office"))
    assert (
        visit(world.member(waiting_reviewer(submission)), url).status_code == 404
    )  # a reviewer opens no log of what they judge


def test_who_audits_elsewhere_learns_nothing_more_here(world, visit, judged):
    submission, names = judged
    world.grant(world.office.person, "auditor", world.sibling)
    page = text(visit(world.office, f"/log/evidence/{oid(submission)}/", "office"))
    assert [name for name in names if name in page] == []
    assert ("不显示", "完成评审 A1", "– 无") in lines(page)


def waiting_reviewer(submission):
    return (
        Line.objects.filter(verb="assessment.finish").exclude(person=submission.person_id).order_by("pk").first().person
    )


def test_what_the_office_said_inside_is_not_told_to_the_person_concerned(world, visit):
    scene = Scene(plan("p4-district"), owner=world.district, leaf=world.maths, school=world.nine_year)
    enrolment = scene.enrol(world.teacher.person)
    scene.finish(enrolment)
    scene.recount(enrolment)
    award_due(by=SETTLE)
    row = Certificate.objects.get()
    revoke_certificate(by=world.office.actor, certificate=row.pk, because="issued-in-error", reason="教研员来电举报")
    url = f"/log/certificates/{oid(row)}/"
    office, own = lines(text(visit(world.office, url, "office"))), lines(text(visit(world.teacher, url)))
    assert office == [
        ("白若溪", f"撤销证书 {row.number}", "教研员来电举报"),
        ("平台", f"签发证书 {row.number}", "– 无"),
    ]
    assert own == [("不显示", f"撤销证书 {row.number}", "– 无"), ("平台", f"签发证书 {row.number}", "– 无")]
    assert (
        url in text(visit(world.office, f"/certificates/{oid(row)}/", "office")),
        visit(world.cio, url, "cio").status_code,
    ) == (True, 404)


# --- Units, filters, pages -------------------------------------------------------------------------------------------
def test_the_log_of_a_unit(world, visit):
    unit = found_unit(by=world.office.actor, parent=world.nine_year, name="物理教研组", level="group", kind="group")
    close_unit(by=world.office.actor, unit=unit.pk, on=date(2026, 9, 1), reason="并入数学组")
    url = f"/log/units/{oid(unit)}/"
    told = [("白若溪", "撤销单位 日期2026-09-01", "并入数学组"), ("白若溪", "设立单位", "– 无")]
    assert lines(text(visit(world.office, url, "office"))) == told
    assert url in text(visit(world.office, f"/units/{oid(unit)}/", "office"))
    assert visit(world.wu, url, "office").status_code == 404
    assert (
        visit(world.auditor, "/log/", "auditor").headers["Location"]
        == f"/log/units/{oid(world.district, 'organisations.unit')}/"
    )
    assert visit(world.teacher, "/log/").headers["Location"] == person(world.teacher)


def test_the_log_of_a_unit_names_people_and_programs(world, visit, client, at):
    at(NOW)
    entered = enter_person(by=world.cio.actor, name="查慧敏", post=Post(world.maths), on=date(2026, 9, 1))
    person_log = text(visit(world.office, f"/log/people/{oid(entered)}/", "office"))
    assert lines(person_log) == [("沈一鸣", "录入人员 日期2026-09-01", "– 无")]
    about_unit = text(visit(world.office, f"/log/units/{oid(world.maths, 'organisations.unit')}/", "office"))
    assert lines(about_unit) == [("沈一鸣", "录入人员 查慧敏 日期2026-09-01", "– 无")]
    key, plain = issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="主服务器", scopes=["records.write"]
    )
    client.post(
        "/api/v1/providers/qingyun/records",
        {"records": [{"id": "1"}], "name": "九月"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {plain}"},
    )
    about_district = lines(
        text(visit(world.office, f"/log/units/{oid(world.district, 'organisations.unit')}/", "office"))
    )
    assert about_district[0] == (f"程序 青云研修平台 {key.prefix}", "报送学习记录 青云研修平台", "– 无")


def test_filters_and_pages(world, visit, at):
    for number in range(53):
        at(datetime(2026, 3, 1, 9, tzinfo=CIVIL) + timedelta(days=number))
        change_person(by=world.office.actor, person=world.teacher.person, phone=f"199{number + 1:08}")
    reveal_identity(by=world.office.actor, person=world.teacher.person, type="id-card", reason="核对名册")
    at(NOW)
    first = text(visit(world.office, person(world.teacher), "office"))
    assert len(lines(first)) == 50
    following = re.search(r'href="(\?[^"]*after=[^"]*)"', first)[1].replace("&amp;", "&")
    assert len(lines(text(visit(world.office, person(world.teacher, following), "office")))) == 4
    assert (
        len(lines(text(visit(world.office, person(world.teacher, "?verb=organisations.reveal_identity"), "office"))))
        == 1
    )
    week = text(visit(world.office, person(world.teacher, "?since=2026-03-02&until=2026-03-08"), "office"))
    assert len(lines(week)) == 7
    ever = text(visit(world.office, person(world.teacher, "?since=0001-01-01&until=9999-12-31"), "office"))
    assert len(lines(ever)) == 50
    none = text(visit(world.office, person(world.teacher, "?since=2026-08-01"), "office"))
    assert (lines(none), 'name="since"' in none) == ([], True)


@pytest.mark.parametrize("count", [1, 3])
def test_a_log_asks_as_often_for_three_lines_as_for_one(world, visit, count):
    for number in range(count):
        reveal_identity(by=world.office.actor, person=world.teacher.person, type="id-card", reason=f"核对名册{number}")
    visit(world.office, person(world.teacher), "office")
    with CaptureQueriesContext(
        connection,
    ) as caught:
        page = text(visit(world.office, person(world.teacher), "office"))
    assert len(lines(page)) == count
    QUERIES.append(len(caught))
    assert len(set(QUERIES)) == 1


QUERIES: list[int] = []
