"""Plans in the browser's words: written by the school, judged by the district, chosen from by the teacher."""

import re
from datetime import datetime

import pytest

from tests.planning.plans import approve, enrol
from weineng.audit.models import Line
from weineng.kernel.clock import CIVIL
from weineng.kernel.ids import seal_id
from weineng.planning.models import GroupPlan, SchoolPlan
from weineng.planning.queries import chosen_points

NOW = datetime(2026, 3, 2, 9, tzinfo=CIVIL)
WRITTEN = {
    "revision": "0", "environment": "multimedia", "goals": "人人会用数据看学情", "dimensions": ["learner-analysis", "teaching-design"],
    "points": ["A1", "B1", "A2", "A3"], "score_devices": "2", "theme_0": "数据驱动", "step_0": "启动", "from_0": "2026-04-01",
    "to_0": "2026-04-30", "who_0": "信息长", "needs": "工具", "assessment": "评审组",
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
    follow(visit(world.leader, group, {"do": "withdraw"}, post=leader))
    assert GroupPlan.objects.get().state == "draft"
    for url in (judge, edit, school, group):
        assert visit(world.wu, url).status_code == 404


def test_a_group_waits_for_the_schools_plan(world, p4, visit):
    leader = grant_of(world, world.leader, "group-leader")
    group = follow(visit(world.leader, "/plans/groups/", post=leader))
    assert visit(world.leader, group, post=leader).status_code == 200
    assert visit(world.leader, group, {"do": "save", "revision": "0"}, post=leader).status_code == 422
    assert visit(world.leader, group, {"do": "withdraw"}, post=leader).status_code == 404


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
