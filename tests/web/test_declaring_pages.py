"""From choosing to the group's word, and the handbook, through pages: a teacher's, a group leader's, a school's."""

from datetime import datetime

import pytest
from django.urls import reverse

from tests.p1 import POINTS, publish_p1
from tests.p4 import publish_p4
from tests.planning.plans import enrol
from tests.web.reading import text
from weineng.accounts.models import Grant
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.notices.models import Message
from weineng.organisations.actions import merge_people
from weineng.organisations.models import Unit
from weineng.planning.actions import choose_points, declare_points, do_task
from weineng.planning.models import Declaration, Diagnosis, HandbookEntry
from weineng.planning.rules import questionnaire
from weineng.programmes.models import EnrolledSchool
from weineng.programmes.rules import HandbookTask
from weineng.progress.actions import recount_everything
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

NOW = datetime(2026, 4, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def visit(client, sign_in, set_clock):
    set_clock(NOW)

    def go(member, url, data=None, role=""):
        grant = Grant.objects.filter(person=member.person, role=role).first()
        sign_in(client, member, f"grant:{grant.pk}" if grant else "")
        return client.post(url, data) if data is not None else client.get(url)

    return go


@pytest.fixture
def p1(world):
    return publish_p1(world)


@pytest.fixture
def mine(world, p1, set_clock):
    set_clock(NOW)
    mine = enrol(p1, world.teacher)
    choose_points(by=world.teacher.actor, enrolment=mine.pk, points=[*POINTS, "B1"])
    return mine


def test_a_teacher_chooses_then_declares_and_withdraws(world, p1, visit):
    enrol(p1, world.teacher)
    me, page = world.teacher, reverse("plans:declare")
    assert "还没有选择能力点" in text(visit(me, page))
    chosen = visit(me, reverse("plans:choose"), {"points": [*POINTS, "B1"]})
    assert (chosen.status_code, chosen.headers["Location"]) == (302, page)
    told = text(visit(me, page))
    assert (told.count('name="points"'), told.count("未申报"), told.count('name="withdraw"')) == (4, 4, 0)
    assert "请至少勾选一项" in text(visit(me, page, {}), 422)
    assert visit(me, page, {"points": ["A1", "A2"]}).status_code == 302
    told = text(visit(me, page))
    assert (told.count('name="points"'), told.count("等待教研组答复"), told.count('name="withdraw"')) == (2, 2, 2)
    assert visit(me, page, {"withdraw": "A1"}).status_code == 302
    assert list(Declaration.objects.filter(withdrawn_at=None).values_list("point", flat=True)) == ["A2"]
    assert "没有申报A1" in text(visit(me, page, {"withdraw": "A1"}), 422)
    listed, item = text(visit(me, reverse("evidence:list"))), {"item": "point"}
    shown = [reverse("evidence:item", kwargs=item | {"point": point}) in listed for point in ("A1", "A2", "B1")]
    assert (shown, page in listed) == ([False, True, False], True)


def test_a_group_s_leader_answers_for_all_in_one_go(world, p1, mine, visit):
    declare_points(by=world.teacher.actor, enrolment=mine.pk, points=["A1", "A2"])
    other = enrol(p1, world.colleague)
    choose_points(by=world.colleague.actor, enrolment=other.pk, points=POINTS)
    do_task(by=world.colleague.actor, enrolment=other.pk, task="tasks", note="摘录见活页")
    boss, page = world.leader, reverse("plans:answer", kwargs={"unit": world.maths})
    told = text(visit(boss, page, role="group-leader"))
    assert (told.count("checked"), "摘录见活页" in told, "已选能力点，未申报" in told) == (3, True, True)
    listed = visit(boss, reverse("plans:answers"), role="group-leader")
    assert (listed.status_code, listed.headers["Location"]) == (302, page)
    assert "请至少勾选一项" in text(visit(boss, page, {"do": "agree"}, role="group-leader"), 422)
    ticked = {
        "declaration": [oid(row) for row in Declaration.objects.all()],
        "entry": [oid(HandbookEntry.objects.get())],
    }
    sent = visit(boss, page, {"do": "return", "advice": "", **ticked}, role="group-leader")
    assert (text(sent, 422).count("checked"), "请说明需要修改什么" in text(sent, 422)) == (3, True)
    assert visit(boss, page, {"do": "agree", **ticked}, role="group-leader").status_code == 302
    assert [row.state for row in Declaration.objects.order_by("point")] == ["agreed", "agreed"]
    assert HandbookEntry.objects.get().state == "confirmed"
    told = text(visit(boss, page, role="group-leader"))
    assert told.count("checked") == 0
    one = {"declaration": [ticked["declaration"][0]]}
    assert visit(boss, page, {"do": "return", "advice": "先选弱项", **one}, role="group-leader").status_code == 302
    assert "先选弱项" in text(visit(world.teacher, reverse("plans:declare")))
    assert Message.objects.filter(person=world.teacher.person, event="declarations-returned").count() == 1


def test_where_one_tick_is_refused_nothing_of_the_form_is_answered(world, visit, set_clock):
    set_clock(NOW)
    words = {"zh-hans": "写", "zh-hant": "寫", "en": "Write"}
    p1 = publish_p1(world, handbook=(HandbookTask("write", words, "school"),))
    mine = enrol(p1, world.teacher)
    choose_points(by=world.teacher.actor, enrolment=mine.pk, points=POINTS)
    (row,) = declare_points(by=world.teacher.actor, enrolment=mine.pk, points=["A1"])
    entry = do_task(by=world.teacher.actor, enrolment=mine.pk, task="write")
    page, ticked = (
        reverse("plans:answer", kwargs={"unit": world.maths}),
        {"declaration": [oid(row)], "entry": [oid(entry)]},
    )
    for do in ("agree", "return"):
        sent = visit(world.leader, page, {"do": do, "advice": "改", **ticked}, role="group-leader")
        assert "由学校确认" in text(sent, 422)
        assert (Declaration.objects.get().state, HandbookEntry.objects.get().state) == ("waiting", "waiting")
        assert not Message.objects.filter(person=world.teacher.person, event__startswith="declarations-").exists()
    for do, state in (("agree", ("agreed", "confirmed")), ("return", ("returned", "returned"))):
        sent = visit(world.cio, page, {"do": do, "advice": "改", **ticked}, role="cio")
        assert sent.status_code == 302
        assert (Declaration.objects.get().state, HandbookEntry.objects.get().state) == state


def test_the_school_sees_group_by_group_who_has_not(world, p1, mine, visit):
    declare_points(by=world.teacher.actor, enrolment=mine.pk, points=["A1", "A2"])
    for member in (world.colleague, *world.chinese_teachers, *world.kindergarten_teachers):
        enrol(p1, member)
    theirs = text(visit(world.kindergarten_cio, reverse("plans:answers"), role="cio"))
    names = [Unit.objects.get(pk=pk).name in theirs for pk in (world.play, world.maths, world.chinese)]
    assert names == [True, False, False]
    told = text(visit(world.cio, reverse("plans:answers"), role="cio"))
    cells = [row.split('class="n"')[1:] for row in told.split("<tr>")[2:]]
    figures = [[int("".join(c for c in cell.split(">")[1] if c.isdigit())) for cell in row] for row in cells]
    assert sorted(figures) == [[2, 1, 0, 2, 2], [2, 2, 0, 2, 0]]
    for outsider, role in (
        (world.wu, "cio"),
        (world.kindergarten_cio, "cio"),
        (world.teacher, ""),
        (world.office, "office"),
    ):
        assert visit(outsider, reverse("plans:answer", kwargs={"unit": world.maths}), role=role).status_code == 404
    recount_everything(by=platform("settle"), programme=p1.pk)
    desk = text(visit(world.cio, reverse("progress:unit", kwargs={"unit": world.nine_year}), role="cio"))
    assert "2项申报的能力点或手册任务等你答复" in desk


def test_a_teacher_does_a_task_on_the_phone_and_takes_it_back(world, p1, mine, visit):
    me, page = world.teacher, reverse("plans:handbook")
    assert "研修手册提出的全部任务" in text(visit(me, page))
    assert visit(me, page, {"task": "tasks", "note": "摘录见活页"}).status_code == 302
    told = text(visit(me, page))
    assert ("摘录见活页" in told, "等待确认" in told) == (True, True)
    assert "长长" in text(visit(me, page, {"task": "tasks", "note": "长" * 2001}), 422)
    assert visit(me, page, {"task": "tasks", "do": "undo"}).status_code == 302
    assert HandbookEntry.objects.count() == 0
    assert "没有标为完成" in text(visit(me, page, {"task": "tasks", "do": "undo"}), 422)


def test_the_self_diagnosis_is_handed_in_by_itself(world, p1, mine, visit):
    me, page = world.teacher, reverse("plans:diagnose")
    scores = {f"score_{code}": "3" for code in ("learner-analysis", "teaching-design", "learning-guidance")}
    assert "请回答每一个问题" in text(visit(me, page, scores), 422)
    assert visit(me, page, {**scores, "score_academic-assessment": "5"}).status_code == 302
    assert Diagnosis.objects.get().answers["academic-assessment"] == 5
    assert "已提交" in text(visit(me, page))


def test_what_is_left_names_each_act_and_leads_to_its_page(world, p1, mine, visit):
    recount_everything(by=platform("settle"), programme=p1.pk)
    home = text(visit(world.teacher, reverse("progress:home")))
    assert [reverse(name) in home for name in ("plans:declare", "plans:handbook", "plans:diagnose")] == [
        True,
        True,
        False,
    ]
    declare_points(by=world.teacher.actor, enrolment=mine.pk, points=["A1"])
    home = text(visit(world.teacher, reverse("progress:home")))
    item = reverse("evidence:item", kwargs={"item": "point", "point": "A1"})
    assert (item in home, item.replace("A1", "A2") in home) == (True, False)


def test_the_pages_of_merged_records_are_those_of_the_enrolment_that_stands(world, p1, visit):
    twin, me = world.enter("重复", world.maths), world.teacher
    older, mine = enrol(p1, twin), enrol(p1, me)
    choose_points(by=twin.actor, enrolment=older.pk, points=POINTS)
    choose_points(by=me.actor, enrolment=mine.pk, points=[*POINTS, "B1"])
    merge_people(by=world.office.actor, kept=me.person, gone=twin.person, reason="同一人", end_numbers=True)
    shown = text(visit(me, reverse("plans:declare")))
    assert [f'value="{point}"' in shown for point in (*POINTS, "B1")] == [True] * 4
    assert visit(me, reverse("plans:declare"), {"points": ["B1"]}).status_code == 302
    assert visit(me, reverse("plans:handbook"), {"task": "tasks", "note": "见活页"}).status_code == 302
    scores = {f"score_{question['code']}": "3" for question in questionnaire()["teacher"]}
    assert visit(me, reverse("plans:diagnose"), scores).status_code == 302
    rows = (Declaration.objects.get(), HandbookEntry.objects.get(), Diagnosis.objects.get())
    assert [row.enrolment_id for row in rows] == [mine.pk] * 3
    recount_everything(by=platform("settle"), programme=p1.pk)
    item = reverse("evidence:item", kwargs={"item": "point", "point": "B1"})
    assert [item in text(visit(me, reverse(name))) for name in ("progress:home", "evidence:list")] == [True, True]


def test_where_nothing_is_declared_there_are_no_such_pages(world, visit):
    enrol(publish_p4(world), world.teacher)
    assert EnrolledSchool.objects.count() == 3
    for name in ("plans:declare", "plans:handbook"):
        assert visit(world.teacher, reverse(name)).status_code == 404
    assert visit(world.leader, reverse("plans:answers"), role="group-leader").status_code == 404
