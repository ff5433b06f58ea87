"""Plans in the browser's words: written by the school, judged by the district, chosen from by the teacher."""

import re
from datetime import datetime

import pytest

from tests.district import second_office
from tests.planning.plans import ANSWERS, approve, content, enrol, submitted
from weineng.audit.models import Line
from weineng.kernel.clock import CIVIL
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import Refused
from weineng.organisations.models import UnitFlag
from weineng.planning.actions import (
    approve_school_plan,
    draft_school_plan,
    edit_school_plan,
    return_school_plan,
    submit_school_plan,
)
from weineng.planning.models import GroupPlan, SchoolPlan
from weineng.planning.queries import chosen_points, reviews_of
from weineng.standards.models import Edition, Point
from weineng.web.plans import choosing

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 2, 9, tzinfo=CIVIL)
WRITTEN = {
    "revision": "0", "environment": "multimedia", "goals": "人人会用数据看学情", "dimensions": ["learner-analysis", "teaching-design"],
    "points": ["A1", "B1", "A2", "A3"], "theme_0": "数据驱动", "theme_points_0": ["A1", "A3"], "step_0": "启动", "from_0": "2026-04-01",
    "to_0": "2026-04-30", "who_0": "信息长", "needs": "工具", "assessment": "评审组",
    **{f"score_{code}": "3" for code in ANSWERS},
}  # fmt: skip


@pytest.fixture
def visit(client, sign_in, set_clock, p4):
    set_clock(NOW)

    def go(member, url, data=None, post=""):
        sign_in(client, member, post)
        return client.post(url, data) if data is not None else client.get(url)

    return go


def follow(answer):
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return answer.headers["Location"]


def grant_of(world, member, role):
    from weineng.accounts.models import Grant

    return f"grant:{Grant.objects.get(person=member.person, role=role).pk}"


def test_a_plan_from_first_word_to_the_teachers_choice(world, p4, visit, client):
    cio, office = grant_of(world, world.cio, "cio"), grant_of(world, world.office, "office")
    school = follow(visit(world.cio, "/plans/", post=cio))
    edit = follow(visit(world.cio, school, {}, post=cio))
    assert visit(world.cio, edit, post=cio).status_code == 200
    wrong = visit(world.cio, edit, WRITTEN | {"points": ["A2"], "do": "submit"}, post=cio)
    assert wrong.status_code == 422
    revision = re.search(r'name="revision" value="(\d+)"', wrong.content.decode())[1]
    right = visit(world.cio, edit, WRITTEN | {"do": "submit", "revision": revision}, post=cio)
    read = follow(right)
    assert visit(world.cio, read, post=cio).status_code == 200
    assert visit(world.office, "/plans/review/", post=office).status_code == 200
    judge = f"{read}judge/"
    assert visit(world.office, judge, post=office).status_code == 200
    assert visit(world.office, judge, {"do": "return", "comment": ""}, post=office).status_code == 422
    follow(visit(world.office, judge, {"do": "approve", "comment": "好"}, post=office))
    assert SchoolPlan.objects.get().state == "approved"
    enrolment = enrol(p4, world.teacher)
    assert visit(world.teacher, "/points/").status_code == 200
    assert visit(world.teacher, "/points/", {"points": ["A1", "A2"]}).status_code == 422
    follow(visit(world.teacher, "/points/", {"points": ["A1", "A2", "A3"], "score_teaching-design": "2"}))
    assert [row.point for row in chosen_points(enrolment.pk)] == ["A1", "A2", "A3"]
    leader = grant_of(world, world.leader, "group-leader")
    group = follow(visit(world.leader, "/plans/groups/", post=leader))
    lines = Line.objects.count()
    assert visit(world.leader, group, post=leader).status_code == 200
    assert (GroupPlan.objects.count(), Line.objects.count()) == (0, lines)  # looking writes nothing
    written = {
        "theme": "磨课",
        "points": ["A1"],
        "revision": "0",
        "title_0": "研课",
        "on_0": "2026-05-06",
        "form_0": "lesson-study",
        "do": "publish",
    }
    without = visit(world.leader, group, written | {"theme": ""}, post=leader)  # kept as a draft, not published
    assert (without.status_code, GroupPlan.objects.get().state) == (422, "draft")
    revision = re.search(r'name="revision" value="(\d+)"', without.content.decode())[1]
    follow(visit(world.leader, group, written | {"revision": revision}, post=leader))
    assert GroupPlan.objects.get().state == "published"
    follow(visit(world.leader, group, written | {"revision": "2", "theme": "再磨课", "do": "withdraw"}, post=leader))
    assert [(row.state, row.theme) for row in GroupPlan.objects.all()] == [("draft", "再磨课")]
    for url in (judge, edit, school, group):
        assert visit(world.wu, url).status_code == 404


def test_a_plan_filed_by_mistake_is_taken_back_on_its_page(world, p4, visit):
    cio, office = grant_of(world, world.cio, "cio"), grant_of(world, world.office, "office")
    plan = approve(world, p4, world.nine_year, world.cio)
    read = f"/plans/{seal_id('planning.schoolplan', plan.pk)}/"
    judge = f"{read}judge/"

    def number_shown(state):
        pages = (
            (world.office, judge, office),
            (world.office, f"/plans/review/?state={state}", office),
            (world.cio, read, cio),
        )
        return {"P4-DISTRICT-2026-0001" in visit(who, url, post=post).content.decode() for who, url, post in pages}

    assert number_shown("approved") == {False}
    follow(visit(world.office, judge, {"do": "file", "comment": ""}, post=office))
    assert number_shown("filed") == {True}
    wordless = visit(world.office, judge, {"do": "unfile", "comment": ""}, post=office)
    assert (wordless.status_code, "请说明原因" in wordless.content.decode()) == (422, True)
    assert visit(world.cio, judge, {"do": "unfile", "comment": "误备案"}, post=cio).status_code == 404
    follow(visit(world.office, judge, {"do": "unfile", "comment": "误备案"}, post=office))
    assert SchoolPlan.objects.get().state == "approved"
    assert number_shown("approved") == {False}


def test_a_group_waits_for_the_schools_plan(world, p4, visit):
    leader = grant_of(world, world.leader, "group-leader")
    group = follow(visit(world.leader, "/plans/groups/", post=leader))
    assert visit(world.leader, group, post=leader).status_code == 200
    assert visit(world.leader, group, {"do": "save", "revision": "0"}, post=leader).status_code == 422
    assert visit(world.leader, group, {"do": "withdraw", "revision": "0"}, post=leader).status_code == 422


def test_a_teacher_without_a_plan_in_force_is_told_to_wait(world, p4, visit):
    enrol(p4, world.vocational_teachers[0])
    assert visit(world.vocational_teachers[0], "/points/").status_code == 200


def test_a_school_cannot_take_the_districts_approval_back(world, p4, visit):
    plan = approve(world, p4, world.nine_year, world.cio)
    address = f"/plans/{seal_id('planning.schoolplan', plan.pk)}/do/"
    for deed in ("submit", "withdraw", "discard"):
        assert visit(world.cio, address, {"do": deed}, post=grant_of(world, world.cio, "cio")).status_code == 422
    assert SchoolPlan.objects.get().state == "approved"


def test_what_the_office_cannot_do_with_a_plan_is_said(world, p4, visit):
    first = approve(world, p4, world.nine_year, world.cio)
    approve(world, p4, world.nine_year, world.cio, goals="新目标")
    office, address = (
        grant_of(world, world.office, "office"),
        f"/plans/{seal_id('planning.schoolplan', first.pk)}/judge/",
    )
    for deed in ("approve", "file", "return", "reopen"):
        answer = visit(world.office, address, {"do": deed, "comment": "看漏"}, post=office)
        assert answer.status_code == 422, deed
    assert [row.state for row in SchoolPlan.objects.order_by("pk")] == ["superseded", "approved"]


@pytest.fixture
def draft(world, p4, visit):
    """(the plan, the address of its page, a function that saves it as somebody): a draft of the nine-year school."""
    plan = draft_school_plan(by=world.cio.actor, programme=p4.pk, unit=world.nine_year)
    address = f"/plans/{seal_id('planning.schoolplan', plan.pk)}/edit/"

    def save(member, revision, role="cio", do="save", **changes):
        written = WRITTEN | {"revision": str(revision), "do": do} | changes
        return visit(member, address, written, post=grant_of(world, member, role))

    return plan, address, save


def test_who_saves_second_sees_what_was_saved_meanwhile_and_goes_on_from_it(world, draft):
    plan, _address, save = draft
    follow(save(world.principal, 0, "principal", goals="校长写的目标", who_0="校长"))
    late = save(world.cio, 0, goals="我写了一个小时的目标")
    page = late.content.decode()
    assert (late.status_code, "校长写的目标" in page, "我写了一个小时的目标" in page) == (422, True, True)
    plan.refresh_from_db()
    assert (plan.goals, revision_in(late)) == ("校长写的目标", "1")
    follow(save(world.cio, 1, goals="我写了一个小时的目标"))
    plan.refresh_from_db()
    assert plan.goals == "我写了一个小时的目标"


def revision_in(answer):
    return re.search(r'name="revision" value="(\d+)"', answer.content.decode())[1]


def test_who_saves_after_the_plan_was_handed_in_keeps_the_text(world, draft, visit, p4):
    plan, address, save = draft
    edit_school_plan(by=world.principal.actor, plan=plan.pk, content=content(), revision=0)
    submit_school_plan(by=world.principal.actor, plan=plan.pk)
    late = save(world.cio, 0, goals="我写了一个小时的目标")
    assert (late.status_code, "我写了一个小时的目标" in late.content.decode()) == (422, True)
    assert 'value="save"' not in late.content.decode()  # nothing can be saved now
    plan.refresh_from_db()
    assert (plan.state, plan.goals) == ("submitted", content().goals)
    assert follow(visit(world.cio, address, post=grant_of(world, world.cio, "cio"))) == address.replace("edit/", "")


def test_who_writes_a_draft_that_was_thrown_away_gets_the_text_back(world, draft, visit):
    plan, address, save = draft
    principal = grant_of(world, world.principal, "principal")
    follow(visit(world.principal, address.replace("edit/", "do/"), {"do": "discard"}, post=principal))
    late = save(world.cio, 0, goals="我写了一个小时的目标")
    assert late.status_code == 404
    assert re.findall(r'<blockquote class="kept-text">(.*?)</blockquote>', late.content.decode()) == [
        "我写了一个小时的目标"
    ]
    assert not SchoolPlan.objects.filter(pk=plan.pk).exists()


def test_the_enter_key_in_a_plan_saves_the_draft(world, p4, draft, visit):
    _plan, address, _save = draft
    first_button = re.compile(r'<form method="post"(?:(?!</form>).)*?<button([^>]*)>', re.DOTALL)
    page = visit(world.cio, address, post=grant_of(world, world.cio, "cio")).content.decode()
    assert ' name="do" value="save"' in first_button.search(page[page.index("<main") :])[1]
    approve(world, p4, world.kindergarten, world.kindergarten_cio)
    group = f"/plans/group/{seal_id('organisations.unit', world.play)}/"
    leader = world.kindergarten_cio
    page = visit(leader, group, post=grant_of(world, leader, "cio")).content.decode()
    assert ' name="do" value="save"' in first_button.search(page[page.index("<main") :])[1]


def test_a_line_that_was_only_begun_is_kept(world, draft, visit):
    plan, address, save = draft
    begun = {"step_1": "", "from_1": "2026-05-01", "to_1": "2026-05-31", "who_1": "教研组长"}
    below = {
        "step_2": "",
        "from_2": "",
        "to_2": "",
        "who_2": "",
        "step_3": "总结",
        "from_3": "",
        "to_3": "",
        "who_3": "",
    }
    follow(save(world.cio, 0, **begun, **below))
    plan.refresh_from_db()
    assert [(step["step"], step["from"], step["to"], step["who"]) for step in plan.timetable] == [
        ("启动", "2026-04-01", "2026-04-30", "信息长"),
        ("", "2026-05-01", "2026-05-31", "教研组长"),
        ("总结", "", "", ""),
    ]
    page = visit(world.cio, address, post=grant_of(world, world.cio, "cio")).content.decode()
    assert re.findall(r'name="who_(\d)" value="([^"]*)"', page) == [("0", "信息长"), ("1", "教研组长")]


@pytest.mark.parametrize(("kind", "field", "lines"), [("steps", "step", 3), ("themes", "theme", 2)])
def test_lines_grow_and_nothing_typed_is_lost(world, draft, kind, field, lines):
    plan, _address, save = draft
    more = save(world.cio, 0, do=f"more-{kind}", goals="还没保存", from_0="2026-13-77")
    assert (more.status_code, revision_in(more)) == (200, "0")
    assert "还没保存" in more.content.decode()
    assert names_like(field, more) == [f"{field}_{n}" for n in range(lines)]
    sent = {f"{field}_{n}": f"第{n}行" for n in range(9)}
    grown = save(world.cio, 0, do=f"more-{kind}", **sent)
    assert names_like(field, grown) == [f"{field}_{n}" for n in range(10)]
    plan.refresh_from_db()
    assert (plan.revision, plan.goals) == (0, "")  # asking for a line saves nothing
    follow(save(world.cio, 0, **sent))
    plan.refresh_from_db()
    assert [
        row["step" if kind == "steps" else "title"] for row in getattr(plan, "timetable" if kind == "steps" else kind)
    ] == [*sent.values()]


def names_like(field, answer):
    return re.findall(rf'<input type="text" name="({field}_\d+)"', answer.content.decode())


def test_what_a_plan_lacks_is_said_beside_each_field_and_the_rest_is_kept(world, draft, visit):
    plan, address, save = draft
    lacking = {
        "score_devices": "",
        "note_network": "没有网络",
        "score_network": "",
        "environment": "",
        "theme_points_0": [],
    }
    begun = {
        "step_1": "",
        "from_1": "",
        "to_1": "",
        "who_1": "",
        "step_2": "总结",
        "from_2": "2026-11-01",
        "to_2": "",
        "who_2": "组长",
    }
    refused = save(world.cio, 0, do="submit", **lacking, **begun)
    assert refused.status_code == 422
    wrong = re.findall(r'id="id_([\w-]+)_error"', refused.content.decode())
    assert wrong == ["score_devices", "environment", "theme_points_0", "to_1"]  # the empty line was closed up
    plan.refresh_from_db()
    assert (plan.state, plan.timetable[1]["step"], plan.diagnosis["network"]) == (
        "draft", "总结", {"score": None, "note": "没有网络"},
    )  # fmt: skip
    page = visit(world.cio, address, post=grant_of(world, world.cio, "cio")).content.decode()
    assert re.search(r'name="note_network" value="没有网络"', page)
    complete = lacking | {"score_devices": "2", "environment": "smart", "theme_points_0": ["A1", "B1"]}
    follow(save(world.cio, revision_in(refused), do="submit", **complete))
    plan.refresh_from_db()
    assert (plan.state, plan.themes) == ("submitted", [{"title": "数据驱动", "points": ["A1", "B1"]}])
    read = visit(world.teacher, address.replace("edit/", "")).content.decode()
    assert ("没有网络" in read, "A1 B1" in read) == (True, True)


def test_a_refused_judgement_keeps_the_comment(world, p4, visit):
    plan = submitted(p4, world.nine_year, world.cio)
    address, office = (
        f"/plans/{seal_id('planning.schoolplan', plan.pk)}/judge/",
        grant_of(world, world.office, "office"),
    )
    UnitFlag.objects.create(unit_id=world.nine_year, flag="smart-education", during=(NOW.date(), None))
    refused = visit(world.office, address, {"do": "approve", "comment": "一段很长的评语"}, post=office)
    assert (refused.status_code, "一段很长的评语" in refused.content.decode()) == (422, True)
    return_school_plan(by=second_office(world).actor, plan=plan.pk, comment="短")
    late = visit(world.office, address, {"do": "return", "comment": "另一段很长的评语"}, post=office)
    assert (late.status_code, "另一段很长的评语" in late.content.decode()) == (422, True)
    assert [review.comment for review in reviews_of(plan.pk)] == ["短"]


def test_the_second_who_saves_a_groups_plan_sees_the_first_ones(world, p4, visit):
    approve(world, p4, world.nine_year, world.cio)
    leader, cio = grant_of(world, world.leader, "group-leader"), grant_of(world, world.cio, "cio")
    group = follow(visit(world.leader, "/plans/groups/", post=leader))
    written = {
        "theme": "组长的主题",
        "points": ["A1"],
        "revision": "0",
        "title_0": "研课",
        "on_0": "2026-05-06",
        "form_0": "",
        "do": "save",
    }
    follow(visit(world.leader, group, written, post=leader))
    late = visit(world.cio, group, written | {"theme": "信息长的主题"}, post=cio)
    page = late.content.decode()
    assert (late.status_code, "组长的主题" in page, "信息长的主题" in page, revision_in(late)) == (422, True, True, "1")
    begun = {
        "revision": "1",
        "theme": "两人的主题",
        "title_1": "",
        "on_1": "2026-06-01",
        "form_1": "",
        "helper_0": str(world.teacher.person),
    }
    follow(visit(world.cio, group, written | begun | {"helped_0": ""}, post=cio))
    row = GroupPlan.objects.get()
    assert (row.theme, [activity["on"] for activity in row.activities]) == ("两人的主题", ["2026-05-06", "2026-06-01"])
    assert row.pairs == [{"helper": world.teacher.person, "helped": None}]
    more = visit(
        world.cio, group, written | begun | {"do": "more-activities", "title_2": "", "theme": "还没保存"}, post=cio
    )
    assert (more.status_code, names_like("title", more)) == (200, [f"title_{n}" for n in range(4)])
    assert "还没保存" in more.content.decode()


def test_a_point_of_another_edition_is_shown_nowhere(world, p4, visit):
    approve(world, p4, world.nine_year, world.cio)
    other = Edition.objects.get()
    other.pk, other.code = None, "another-edition"
    other.save()
    for point in Point.objects.all():
        point.pk, point.edition, point.title = None, other, {"zh-hans": "另一版的标题"}
        point.save()
    leader = grant_of(world, world.leader, "group-leader")
    group = follow(visit(world.leader, "/plans/groups/", post=leader))
    page = visit(world.leader, group, post=leader).content.decode()
    assert re.findall(r'name="points" value="(\w+)"', page) == ["A1", "A2", "A3", "B1"]
    assert "另一版的标题" not in page
    follow(visit(world.leader, group, {"theme": "磨课", "points": ["A1"], "revision": "0", "do": "save"}, post=leader))
    plan = GroupPlan.objects.get()
    read = visit(world.teacher, f"/plans/group/{seal_id('planning.groupplan', plan.pk)}/show/").content.decode()
    assert read.count("<b>A1</b>") == 1
    assert "另一版的标题" not in read


def test_while_a_gate_is_closed_the_points_are_read_and_not_chosen(world, p4, visit, monkeypatch):
    approve(world, p4, world.nine_year, world.cio)
    enrol(p4, world.teacher)
    ticks = re.compile(r'name="points" value="(\w+)"( *(?:checked)? *disabled)?')
    opened = visit(world.teacher, "/points/").content.decode()
    offered = [code for code, _off in ticks.findall(opened)]
    assert [code for code, off in ticks.findall(opened) if not off] == offered
    assert "选定这些" in opened
    monkeypatch.setattr(choosing, "closed_gate", lambda enrolment: Refused("gate-closed", "先学满10学时。"))
    closed = visit(world.teacher, "/points/").content.decode()
    main = closed.split("<main")[1].split("</main")[0]
    assert [code for code, off in ticks.findall(main) if off] == offered
    assert ("先学满10学时。" in main, "请在5月15日" in main) == (True, True)
    assert "<button" not in main


def test_a_programme_may_let_schools_open_environments(world, p4, draft, visit):
    version = p4.versions.get()
    version.document["choice"]["axis"] = "environment"
    version.save()
    plan, address, save = draft
    page = visit(world.cio, address, post=grant_of(world, world.cio, "cio")).content.decode()
    assert re.findall(r'name="dimensions" value="([\w-]+)"', page) == ["multimedia", "blended", "smart"]
    assert "至少2个环境，每个环境至少一个能力点。" in page
    environments = {"dimensions": ["multimedia", "blended"], "points": ["A1", "A2", "B1"], "theme_points_0": ["A1"]}
    follow(save(world.cio, 0, do="submit", **environments))
    approve_school_plan(by=world.office.actor, plan=plan.pk)
    read = visit(world.teacher, address.replace("edit/", "")).content.decode()
    assert '<span class="name">多媒体教学环境</span> · <span class="name">混合学习环境</span>' in " ".join(read.split())
    enrolment = enrol(p4, world.teacher)
    page = visit(world.teacher, "/points/").content.decode()
    assert "学校开放的2个环境中，每个至少选一个。" in page
    assert re.findall(r"<legend>(\w+环境) <span", page) == ["多媒体教学环境", "混合学习环境"]
    wrong = visit(world.teacher, "/points/", {"points": ["A1", "A2"]})
    assert wrong.status_code == 422
    follow(visit(world.teacher, "/points/", {"points": ["A1", "A2", "B1"]}))
    assert [(row.point, row.dimension) for row in chosen_points(enrolment.pk)] == [
        ("A1", "multimedia"), ("A2", "multimedia"), ("B1", "blended"),
    ]  # fmt: skip
