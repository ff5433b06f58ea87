"""A teacher's pages from enrolment to a decided point, and what the offices above see of it."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.assessment.panel import enrolled, hand_in, rate, waiting
from tests.district import second_office
from tests.files import samples
from tests.planning.plans import approve, enrol
from tests.settling import run_once
from tests.web.reading import text
from weineng.accounts.models import Grant
from weineng.audit.effects import record
from weineng.evidence.effects import return_submission
from weineng.evidence.models import Submission
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.ids import seal_id
from weineng.learning.actions import accept_records
from weineng.learning.models import Record
from weineng.learning.rules import RecordRow
from weineng.programmes.actions import ask_exemption, grant_exemption
from weineng.programmes.effects import touch

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)
RECORD = re.compile(r'href="(/learning/\w{13}/)"')
CRUMBS = re.compile(r'(?<=href=")/progress/unit/\w+/(?:\?on=[\d-]+)?(?=">(?!<b))')


@pytest.fixture
def visit(client, sign_in, set_clock, world, p4):
    set_clock(NOW)
    approve(world, p4, world.nine_year, world.cio)

    def go(member, url, data=None, role=""):
        grant = Grant.objects.filter(person=member.person, role=role).first()
        sign_in(client, member, f"grant:{grant.pk}" if grant else "")
        return client.post(url, data) if data is not None else client.get(url)

    return go


def there(answer):
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return answer.headers["Location"]


def learn(world, member, count=3):
    starts = NOW - timedelta(days=9)
    rows = [
        RecordRow(
            f"r{n}", "id-card", member.number, member.name, "online", f"c{n}", f"课程 {n}", starts + timedelta(days=n),
            starts + timedelta(days=n, hours=2), 120,
        )
        for n in range(count)
    ]  # fmt: skip
    accept_records(by=world.provider, provider="qingyun", rows=rows)


def test_a_teachers_way_through_the_pages(world, p4, visit, client):
    me = world.teacher
    assert "progress" not in text(visit(me, "/my/"))  # not enrolled: told so, in words
    assert "你还没有参加项目" in text(visit(me, "/evidence/"))
    enrolment = enrol(p4, me)
    text(visit(me, "/my/"))
    run_once()
    home = text(visit(me, "/my/"))
    assert "/points/" in home
    assert re.findall(r'class="button primary big" href="([^"]+)"', home) == ["/points/"]
    assert re.findall(r"截止5月15日\(周五\)（\d+天前）(?=</span></p>)", home) == ["截止5月15日(周五)（109天前）"]
    there(visit(me, "/points/", {"points": ["A1", "A2", "A3"]}))
    learn(world, me)
    run_once()
    own, of_the_school = text(visit(me, "/learning/")), text(visit(world.cio, "/learning/", role="cio"))
    assert "课程 1" in own
    assert ('data-label="姓名">林晓岚<' in own, 'data-label="姓名">林晓岚<' in of_the_school) == (False, True)
    word = seal_id("programmes.enrolment", enrolment.pk)
    person = text(visit(me, f"/progress/{word}/"))
    assert "课程 2" in person
    records = {f"/learning/{seal_id('learning.record', pk)}/" for pk in Record.objects.values_list("pk", flat=True)}
    assert set(RECORD.findall(person)) == records
    led = text(visit(world.leader, f"/progress/{word}/", role="group-leader"))
    assert ("课程 2" in led, RECORD.findall(led)) == (True, [])  # no link to what one may not open
    text(visit(me, "/evidence/"))
    text(visit(me, "/evidence/item/point/A1/"))
    task = there(visit(me, "/evidence/item/point/A1/", {}))
    page = text(visit(me, task))
    assert "evidence.item:" in page
    text(visit(me, f"{task}do/", {"do": "seal"}), 422)
    row = Submission.objects.get()
    for item, name, data in zip(
        row.items.order_by("seq"), ("方案.pdf", "报告.mp4"), (samples.pdf(2), samples.video(2)), strict=True
    ):
        purpose = f"evidence.item:{seal_id('evidence.item', item.pk)}"
        there(
            visit(me, "/feeds/uploads/form", {"purpose": purpose, "next": task, "file": SimpleUploadedFile(name, data)})
        )
    page = text(visit(me, task))
    assert "方案.pdf" in page
    there(visit(me, f"{task}do/", {"do": "seal", "asks_consent": "1", "consent": "none-visible", "note": "请多提意见"}))
    text(visit(me, task))
    text(visit(me, "/my/"))
    for role in ("self", "peer", "panel"):
        run_once()
        for assignment in waiting(row, role):
            reviewer = world.member(assignment.reviewer_id)
            visit(reviewer, f"/review/{seal_id('assessment.assignment', assignment.pk)}/open/", {})
            text(visit(reviewer, f"/review/{seal_id('assessment.assignment', assignment.pk)}/"))
            rate(world, assignment, "pass")
    run_once()
    assert Submission.objects.get().state == "decided"
    text(visit(me, task))
    assert text(visit(me, "/my/"))
    text(visit(me, f"/progress/{word}/"))


def test_what_was_sent_back_says_until_when_it_may_come_again(world, p4, visit, set_clock):
    enrolled(p4, world.teacher, "A1")
    row = hand_in(p4, world.teacher)
    return_submission(cause=record(by=platform("t"), verb="assessment.return"), submission=row.pk, advice="补充数据")
    task = f"/evidence/{seal_id('evidence.submission', row.pk)}/"
    for day, told in ((datetime(2027, 8, 31, 23, tzinfo=CIVIL), True), (datetime(2027, 9, 1, 0, tzinfo=CIVIL), False)):
        set_clock(day)
        page = text(visit(world.teacher, task))
        assert ("补充数据" in page, "可重新提交到" in page) == (True, told)


def test_offices_see_figures_and_the_people_behind_them(world, p4, visit):
    for member in (world.teacher, world.colleague, world.loner):
        enrol(p4, member)
    learn(world, world.teacher)
    run_once()
    heads = {
        "office": world.office,
        "cio": world.cio,
        "principal": world.principal,
        "group-leader": world.leader,
        "auditor": world.auditor,
    }
    for role, member in heads.items():
        page = there(visit(member, "/progress/", role=role))
        text(visit(member, page, role=role))
        text(visit(member, f"{page}people/", role=role))
        text(visit(member, f"{page}people/?verdict=in-progress", role=role))
        text(visit(member, f"{page}?on=2026-08-01", role=role))
    school = f"/progress/unit/{seal_id('organisations.unit', world.nine_year)}/"
    for path in (school, f"{school}people/"):
        past = CRUMBS.findall(text(visit(world.office, f"{path}?on=2026-08-01", role="office")))
        now = CRUMBS.findall(text(visit(world.office, path, role="office")))
        assert past == [f"{link}?on=2026-08-01" for link in now]  # who looks back stays on that day
        assert len(now) >= 3
    word = seal_id("programmes.enrolment", p4.enrolments.get(person=world.teacher.person).pk)
    seen = (
        (world.office, "office", 200),
        (world.cio, "cio", 200),
        (world.wu, "office", 404),
        (world.colleague, "", 404),
    )
    for member, role, status in seen:
        assert visit(member, f"/progress/{word}/", role=role).status_code == status
    district = f"/progress/unit/{seal_id('organisations.unit', world.district)}/"
    assert visit(world.wu, district, role="office").status_code == 404
    assert visit(world.cio, district, role="cio").status_code == 404


def test_an_office_voids_a_record_and_takes_it_back(world, p4, visit):
    learn(world, world.teacher, 1)
    record = f"/learning/{seal_id('learning.record', world.teacher.person and p4 and _first())}/"
    text(visit(world.teacher, record))
    text(visit(world.office, record, role="office"))
    assert visit(world.wu, record, role="office").status_code == 404
    text(visit(world.office, record, {"do": "void", "reason": ""}, role="office"), 422)
    there(visit(world.office, record, {"do": "void", "reason": "误报"}, role="office"))
    text(visit(world.office, record, role="office"))
    there(visit(world.office, record, {"do": "restore", "reason": "查实"}, role="office"))
    text(visit(world.office, "/learning/providers/", role="office"))


def _first():
    from weineng.learning.models import Record

    return Record.objects.order_by("pk").values_list("pk", flat=True).first()


def test_a_desk_leads_to_what_waits_and_to_whom_to_help(world, p4, visit):
    enrolment = enrol(p4, world.teacher)
    touch(enrolments=[enrolment.pk])
    run_once()
    school = f"/progress/unit/{seal_id('organisations.unit', world.nine_year)}/"
    page = text(visit(world.cio, school, role="cio"))
    groups = "/plans/groups/"
    assert f'<a href="{groups}">2个教研组还没有发布规划</a>' in page
    assert f"/progress/{seal_id('programmes.enrolment', enrolment.pk)}/" in page
    assert "最需要帮助的人" in page
    assert "目前没有等你处理的事" in text(visit(world.principal, school, role="principal"))
    past = text(visit(world.cio, f"{school}?on=2026-08-01", role="cio"))
    assert "等你处理" not in past


def test_what_waits_for_a_reviewer_is_not_the_authors_delay(world, p4, visit, set_clock):
    touch(enrolments=[enrolled(p4, world.teacher, "A1", "A2", "B1").pk])
    submission = hand_in(p4, world.teacher, "A1")
    run_once()
    set_clock(datetime(2026, 12, 1, 9, tzinfo=CIVIL))
    home = text(visit(world.teacher, "/my/"))
    late = {
        name
        for name in ("A1", "A2", "B1")
        for line in home.split("<li class=")
        if f"{name} " in line and "已逾期" in line
    }
    assert late == {"A2", "B1"}
    assert waiting(submission, "self")[0].reviewer_id == world.teacher.person
    assert '<a href="/review/">1份送审材料等你评审</a>' in home


def test_what_one_is_exempt_from_is_neither_open_nor_the_next_step(world, p4, visit):
    enrolment = enrol(p4, world.teacher)
    second = second_office(world)
    for demand in ("online", "points", "recording"):
        asked = ask_exemption(
            by=world.office.actor, enrolment=enrolment.pk, demand=demand, starts=NOW.date(), ends=None, reason="病假"
        )
        grant_exemption(by=second.actor, exemption=asked.pk)
    run_once()
    home = text(visit(world.teacher, "/my/"))
    states = re.findall(r'<li class="(\w+)">(<a|<span)[^>]*>([^<]+)<', home)
    assert {name: (state, tag) for state, tag, name in states} == {
        "选择能力点": ("closed", "<span"),
        "在线网络课程": ("closed", "<span"),
        "课堂实录": ("closed", "<span"),
        "参加能力点的校本教研": ("open", "<a"),
    }
    assert home.count("已免除") == 3
    assert 'class="button primary big" href="/sessions/"' in home
