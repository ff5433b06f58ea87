"""The group's plan: derived from the school's, written by who leads it, within what the school opened."""

from datetime import datetime

import pytest

from tests.planning.plans import approve, refusal
from weineng.kernel.clock import CIVIL
from weineng.notices.models import Message
from weineng.planning.actions import draft_group_plan, edit_group_plan, publish_group_plan, withdraw_group_plan
from weineng.planning.models import GroupPlan
from weineng.planning.permissions import VIEW
from weineng.planning.rules import GroupContent

NOW = datetime(2026, 3, 2, 9, tzinfo=CIVIL)
GOOD = GroupContent("以数据看学情", ("A1", "A2"), ({"title": "磨课", "on": "2026-05-06", "form": "lesson-study"},))


@pytest.fixture
def plan(world, p4, set_clock):
    set_clock(NOW)
    approve(world, p4, world.nine_year, world.cio)
    return draft_group_plan(by=world.leader.actor, programme=p4.pk, unit=world.maths)


def test_it_starts_from_the_schools_plan(world, p4, plan):
    assert (plan.theme, plan.points, plan.state) == ("数据驱动的学情分析", ["A1", "A2", "A3", "B1"], "draft")
    assert draft_group_plan(by=world.cio.actor, programme=p4.pk, unit=world.maths).pk == plan.pk


def test_without_a_school_plan_there_is_none(world, p4, set_clock):
    set_clock(NOW)
    world.grant(world.vocational_teachers[0].person, "group-leader", world.computing)
    by = world.vocational_teachers[0].actor
    assert refusal(draft_group_plan, by=by, programme=p4.pk, unit=world.computing) == "no-plan-in-force"


def test_who_may_write(world, p4, plan):
    for who in (world.teacher, world.wu, world.office, world.kindergarten_cio):
        assert refusal(draft_group_plan, by=who.actor, programme=p4.pk, unit=world.maths) == "not-found"
        assert refusal(edit_group_plan, by=who.actor, plan=plan.pk, content=GOOD, revision=0) == "not-found"
        assert refusal(publish_group_plan, by=who.actor, plan=plan.pk) == "not-found"


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"points": ("A1", "A5")}, "point-not-opened"), ({"pairs": ({"helper": 0, "helped": -1},)}, "not-a-member")],
)
def test_it_stays_within_the_school_and_the_group(world, plan, changes, code):
    content = GroupContent(**(vars(GOOD) | changes))
    assert refusal(edit_group_plan, by=world.leader.actor, plan=plan.pk, content=content, revision=0) == code
    assert GroupPlan.objects.get().revision == 0


def test_it_is_published_with_theme_and_activities_and_can_be_taken_back(world, plan):
    by = world.leader.actor
    edit_group_plan(by=by, plan=plan.pk, content=GroupContent(theme=" "), revision=0)
    assert refusal(publish_group_plan, by=by, plan=plan.pk) == "theme-missing"
    edit_group_plan(by=by, plan=plan.pk, content=GroupContent(theme="主题"), revision=1)
    assert refusal(publish_group_plan, by=by, plan=plan.pk) == "activities-missing"
    pairs = ({"helper": world.teacher.person, "helped": world.colleague.person},)
    edit_group_plan(by=by, plan=plan.pk, content=GroupContent(**(vars(GOOD) | {"pairs": pairs})), revision=2)
    assert refusal(edit_group_plan, by=by, plan=plan.pk, content=GOOD, revision=2) == "stale-revision"
    assert publish_group_plan(by=by, plan=plan.pk).state == "published"
    told = set(Message.objects.filter(event="group-plan-published").values_list("person", flat=True))
    assert told == {world.teacher.person, world.colleague.person, world.two_posts.person}
    assert refusal(publish_group_plan, by=by, plan=plan.pk) == "plan-state"
    assert withdraw_group_plan(by=by, plan=plan.pk).state == "draft"
    assert refusal(withdraw_group_plan, by=by, plan=plan.pk) == "plan-state"


def test_it_follows_the_schools_newer_plan(world, p4, plan):
    by = world.leader.actor
    edit_group_plan(by=by, plan=plan.pk, content=GroupContent(**(vars(GOOD) | {"points": ("A1", "A3")})), revision=0)
    newer = approve(world, p4, world.nine_year, world.cio, points=("A1", "A2"))
    row = draft_group_plan(by=by, programme=p4.pk, unit=world.maths)
    assert (row.pk, row.school_plan_id, row.points, row.revision) == (plan.pk, newer.pk, ["A1"], 2)
    assert draft_group_plan(by=by, programme=p4.pk, unit=world.maths).revision == 2
    content = GroupContent(**(vars(GOOD) | {"points": ("A1", "A3")}))
    assert refusal(edit_group_plan, by=by, plan=plan.pk, content=content, revision=2) == "point-not-opened"


def test_who_reads_it(world, plan):
    readers = {m.key for m in world.everybody if GroupPlan.objects.within(m.actor, VIEW).filter(pk=plan.pk).exists()}
    assert readers == {
        "teacher",
        "colleague",
        "leader",
        "two_posts",
        "cio",
        "principal",
        "office",
        "auditor",
        "panel_1",
        "panel_2",
        "panel_3",
    }
