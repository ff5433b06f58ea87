"""The group's plan: derived from the school's, written by who leads it, within what the school opened."""

from datetime import datetime

import pytest

from tests.planning.plans import approve, refusal
from weineng.audit.models import Line
from weineng.kernel.clock import CIVIL
from weineng.notices.models import Message
from weineng.planning.actions import publish_group_plan, withdraw_group_plan, write_group_plan
from weineng.planning.models import GroupPlan
from weineng.planning.permissions import VIEW
from weineng.planning.queries import group_plan_to_write
from weineng.planning.rules import GroupContent

NOW = datetime(2026, 3, 2, 9, tzinfo=CIVIL)
GOOD = GroupContent("以数据看学情", ("A1", "A2"), ({"title": "磨课", "on": "2026-05-06", "form": "lesson-study"},))


@pytest.fixture
def write(world, p4, set_clock):
    """Save the mathematics group's plan as its leader, from revision 0 on; the school's plan is in force."""
    set_clock(NOW)
    approve(world, p4, world.nine_year, world.cio)

    def save(content=GOOD, revision=0, by=world.leader, **changes):
        content = GroupContent(**(vars(content) | changes))
        return write_group_plan(by=by.actor, programme=p4.pk, unit=world.maths, content=content, revision=revision)

    return save


def verbs():
    """What was done to groups' plans, in order."""
    return list(Line.objects.filter(thing_type="planning.groupplan").order_by("pk").values_list("verb", flat=True))


def test_it_starts_from_the_schools_plan_and_is_stored_by_the_first_save(world, p4, write):
    begun = group_plan_to_write(p4.pk, world.maths)
    assert (begun.theme, begun.points, begun.state) == ("数据驱动的学情分析", ["A1", "A2", "A3", "B1"], "draft")
    assert (begun.pk, begun.revision, GroupPlan.objects.count(), verbs()) == (None, 0, 0, [])
    row = write()
    assert (GroupPlan.objects.get(), row.revision, row.theme) == (row, 1, GOOD.theme)
    assert verbs() == ["planning.draft_group", "planning.edit_group"]
    assert group_plan_to_write(p4.pk, world.maths) == row


def test_without_a_school_plan_there_is_none(world, p4, set_clock):
    set_clock(NOW)
    world.grant(world.vocational_teachers[0].person, "group-leader", world.computing)
    by = world.vocational_teachers[0].actor
    asked = {"by": by, "programme": p4.pk, "unit": world.computing, "content": GOOD, "revision": 0}
    assert refusal(write_group_plan, **asked) == "no-plan-in-force"
    assert refusal(group_plan_to_write, programme=p4.pk, group=world.computing) == "no-plan-in-force"


def test_who_may_write(world, write):
    row = write(by=world.cio)
    for who in (world.teacher, world.wu, world.office, world.kindergarten_cio):
        assert refusal(write, revision=1, by=who) == "not-found"
        assert refusal(publish_group_plan, by=who.actor, plan=row.pk) == "not-found"


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"points": ("A1", "A5")}, "point-not-opened"), ({"pairs": ({"helper": 0, "helped": -1},)}, "not-a-member")],
)
def test_it_stays_within_the_school_and_the_group(write, changes, code):
    assert refusal(write, **changes) == code
    assert (GroupPlan.objects.count(), verbs()) == (0, [])


NONSENSE = [
    ({"activities": ({"title": "磨课", "on": "1999-13-77", "form": "lesson-study"},)}, "activity-date"),
    ({"activities": ({"title": "磨课", "on": "2026-05-06", "form": "x"},)}, "activity-form-unknown"),
    ({"pairs": ("teacher teacher",)}, "pair-of-one"),
    ({"pairs": ("teacher colleague", "teacher colleague")}, "pair-twice"),
]


def pair_of(world, words):
    """ "teacher colleague" as a pair; "-" for one who is not named."""
    helper, helped = (None if key == "-" else getattr(world, key).person for key in words.split())
    return {"helper": helper, "helped": helped}


def filled(world, changes):
    pairs = {"pairs": tuple(pair_of(world, pair) for pair in changes["pairs"])} if "pairs" in changes else {}
    return changes | pairs


@pytest.mark.parametrize(("changes", "code"), NONSENSE)
def test_what_is_not_well_formed_is_not_saved(world, write, changes, code):
    assert refusal(write, **filled(world, changes)) == code
    assert (GroupPlan.objects.count(), verbs()) == (0, [])


LACKING = [
    ({"theme": " "}, "theme-missing"),
    ({"activities": ()}, "activities-missing"),
    ({"activities": (*GOOD.activities, {"title": " ", "on": "2026-05-06", "form": "lesson-study"})}, "activity-incomplete"),
    ({"activities": ({"title": "磨课", "on": "", "form": "lesson-study"},)}, "activity-incomplete"),
    ({"activities": ({"title": "磨课", "on": "2026-05-06", "form": ""},)}, "activity-incomplete"),
    ({"pairs": ("teacher -",)}, "pair-incomplete"),
    ({"pairs": ("- teacher",)}, "pair-incomplete"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code"), LACKING)
def test_what_lacks_something_is_kept_but_not_published(world, write, changes, code):
    plan = write(**filled(world, changes))
    assert refusal(publish_group_plan, by=world.leader.actor, plan=plan.pk) == code
    assert [row.state for row in GroupPlan.objects.all()] == ["draft"]


@pytest.mark.parametrize(("changes", "code"), LACKING)
def test_a_published_plan_stays_complete(world, write, changes, code):
    plan = write()
    publish_group_plan(by=world.leader.actor, plan=plan.pk)
    before = GroupPlan.objects.values().get()
    assert refusal(write, revision=1, **filled(world, changes)) == code
    assert GroupPlan.objects.values().get() == before
    withdraw_group_plan(by=world.leader.actor, plan=plan.pk)
    assert write(revision=1, **filled(world, changes)).revision == 2


def test_who_began_from_the_same_page_sees_that_somebody_else_saved(world, write):
    write()
    assert refusal(write, by=world.cio, theme="另一个主题") == "stale-revision"
    assert GroupPlan.objects.get().theme == GOOD.theme


def test_it_is_published_with_theme_and_activities_and_can_be_taken_back(world, write):
    by = world.leader.actor
    plan = write(theme=" ")
    assert refusal(publish_group_plan, by=by, plan=plan.pk) == "theme-missing"
    write(theme="主题", activities=(), revision=1)
    assert refusal(publish_group_plan, by=by, plan=plan.pk) == "activities-missing"
    write(pairs=({"helper": world.teacher.person, "helped": world.colleague.person},), revision=2)
    assert refusal(write, revision=2) == "stale-revision"
    assert publish_group_plan(by=by, plan=plan.pk).state == "published"
    told = set(Message.objects.filter(event="group-plan-published").values_list("person", flat=True))
    assert told == {world.teacher.person, world.colleague.person, world.two_posts.person}
    assert refusal(publish_group_plan, by=by, plan=plan.pk) == "plan-state"
    assert write(theme="改一个字", revision=3).state == "published"
    assert withdraw_group_plan(by=by, plan=plan.pk).state == "draft"
    assert refusal(withdraw_group_plan, by=by, plan=plan.pk) == "plan-state"


def test_it_follows_the_schools_newer_plan(world, p4, write):
    plan = write(points=("A1", "A3"))
    newer = approve(world, p4, world.nine_year, world.cio, points=("A1", "A2"))
    row = group_plan_to_write(p4.pk, world.maths)
    assert (row.pk, row.school_plan, row.points, row.revision) == (plan.pk, newer, ["A1"], 2)
    plan.refresh_from_db()
    assert (plan.points, plan.revision) == (["A1", "A3"], 1)  # nothing is stored by looking
    assert refusal(write, points=("A1", "A3"), revision=1) == "stale-revision"
    assert refusal(write, points=("A1", "A3"), revision=2) == "point-not-opened"
    row = write(points=("A1", "A2"), revision=2)
    assert (row.pk, row.school_plan, row.points, row.revision) == (plan.pk, newer, ["A1", "A2"], 3)
    assert verbs()[2:] == ["planning.rest_group", "planning.edit_group"]


def test_who_reads_it(world, write):
    plan = write()
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
