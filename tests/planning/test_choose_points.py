"""A teacher's choice: what is refused at each boundary, what is frozen, what a new school changes."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tests.p4 import p4_document, publish_p4
from tests.planning.plans import approve, content, enrol, refusal
from tests.web.reading import text
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.organisations.models import Person
from weineng.planning.actions import (
    approve_school_plan,
    choose_points,
    edit_school_plan,
    reopen_school_plan,
    return_school_plan,
    submit_school_plan,
    write_group_plan,
)
from weineng.planning.effects import mark_passed, unmark_passed
from weineng.planning.models import Choice
from weineng.planning.queries import (
    choice_in_force,
    chosen_points,
    group_plan_to_write,
    passed_points,
    suggestions,
    task_list,
)
from weineng.planning.rules import GroupContent, check_choice, check_opened, points_needed, suggest_points, weak_spots
from weineng.programmes.documents import to_json
from weineng.programmes.models import EnrolledSchool, Enrolment, Touched
from weineng.programmes.rules import ChoiceRule

RULE = ChoiceRule("dimension", 2, {"smart-education": 3}, 3, 1)
AXIS = {
    "A1": "learner-analysis",
    "B1": "learner-analysis",
    "A2": "teaching-design",
    "A3": "teaching-design",
    "A5": "learning-guidance",
}
NOW = datetime(2026, 4, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def opened(world, p4, set_clock):
    """The nine-year school's plan is in force: A1 B1 A2 A3 in two dimensions; the teacher is enrolled."""
    set_clock(NOW)
    approve(world, p4, world.nine_year, world.cio)
    return enrol(p4, world.teacher)


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (["A1", "A2"], "too-few-points"),
        (["A1", "B1"], "too-few-points"),
        (["A2", "A3", "A4"], "point-not-opened"),
        (["A1", "A2", "A5"], "point-not-opened"),
        ([], "too-few-points"),
    ],
)
def test_a_choice_that_does_not_fit_is_refused(world, opened, points, code):
    assert refusal(choose_points, by=world.teacher.actor, enrolment=opened.pk, points=points) == code
    assert Choice.objects.count() == 0


def test_every_opened_dimension_needs_a_point(world, p4, set_clock):
    set_clock(NOW)
    approve(world, p4, world.nine_year, world.cio, points=("A1", "A2", "A3", "A4"))
    enrolment = enrol(p4, world.teacher)
    assert (
        refusal(choose_points, by=world.teacher.actor, enrolment=enrolment.pk, points=["A2", "A3", "A4"])
        == "axis-not-covered"
    )


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh-hans", "请在“学情分析”中至少选择1个。"),
        ("zh-hant", "請在「學情分析」中至少選擇1個。"),
        ("en", "Choose at least 1 in Learner analysis."),
    ],
)
def test_the_dimension_is_called_by_its_name(language, sentence):
    with pytest.raises(Refused) as caught:
        check_choice(RULE, AXIS, dimensions={"learner-analysis"}, opened={"A2", "A3", "A5"}, points={"A2", "A3", "A5"})
    with translation.override(language):
        assert str(caught.value) == sentence


def test_a_choice_freezes_what_it_was_made_under(world, p4, opened):
    choice = choose_points(
        by=world.teacher.actor, enrolment=opened.pk, points=["A1", "A2", "A3"], diagnosis={"teaching-design": 2}
    )
    assert (choice.dimensions, choice.opened) == (["learner-analysis", "teaching-design"], ["A1", "A2", "A3", "B1"])
    assert [(p.point, p.dimension) for p in chosen_points(opened.pk)] == [
        ("A1", "learner-analysis"), ("A2", "teaching-design"), ("A3", "teaching-design"),
    ]  # fmt: skip
    assert Touched.objects.filter(enrolment=opened.pk).count() == 1
    again = choose_points(by=world.teacher.actor, enrolment=opened.pk, points=["A3", "A2", "A1"])
    assert again.pk == choice.pk
    approve(
        world,
        p4,
        world.nine_year,
        world.cio,
        points=("A1", "A2", "A3", "A5"),
        dimensions=("learner-analysis", "teaching-design", "learning-guidance"),
    )
    assert choice_in_force(opened.pk).dimensions == ["learner-analysis", "teaching-design"]


def test_a_plan_approved_anew_with_more_points_is_frozen_by_the_next_choice(world, opened):
    by = world.teacher.actor
    first = choose_points(by=by, enrolment=opened.pk, points=["A1", "A2", "A3"])
    wider = ("learner-analysis", "teaching-design", "learning-guidance")
    plan = approve_again(world, first.school_plan, content(dimensions=wider, points=("A1", "A2", "A3", "A5")))
    assert refusal(choose_points, by=by, enrolment=opened.pk, points=["A1", "A2", "A3"]) == "axis-not-covered"
    assert choice_in_force(opened.pk) == first  # what was chosen stays as it was frozen
    approve_again(world, plan, content(points=("A1", "A2", "A3", "A4")))
    second = choose_points(by=by, enrolment=opened.pk, points=["A1", "A2", "A3"])
    assert (second.opened, second.school_plan_id) == (["A1", "A2", "A3", "A4"], plan.pk)
    assert choice_in_force(opened.pk) == second != first


def approve_again(world, plan, changed):
    """The same plan, its approval taken back, changed and approved again."""
    reopen_school_plan(by=world.office.actor, plan=plan.pk, reason="看漏一页")
    return_school_plan(by=world.office.actor, plan=plan.pk, comment="请修改")
    plan.refresh_from_db()
    edit_school_plan(by=world.cio.actor, plan=plan.pk, content=changed, revision=plan.revision)
    submit_school_plan(by=world.cio.actor, plan=plan.pk)
    return approve_school_plan(by=world.office.actor, plan=plan.pk)


def test_a_plan_approved_anew_without_another_opening_changes_no_choice(world, opened):
    call = {"by": world.teacher.actor, "enrolment": opened.pk, "points": ["A1", "A2", "A3"]}
    first = choose_points(**call)
    approve_again(world, first.school_plan, content(goals="新目标", points=("B1", "A3", "A2", "A1")))
    assert choose_points(**call) == first


def test_a_version_applied_to_the_enrolment_is_frozen_by_the_next_choice(world, p4, opened):
    call = {"by": world.teacher.actor, "enrolment": opened.pk, "points": ["A1", "A2", "A3"]}
    first = choose_points(**call)
    version = p4.versions.get()
    version.pk, version.number = None, 2
    version.save()
    Enrolment.objects.filter(pk=opened.pk).update(version=version)
    second = choose_points(**call)
    assert (first.version.number, second.version.number) == (1, 2)
    assert choose_points(**call) == second != first


def test_a_passed_point_stays_and_counts_under_a_new_plan(world, p4, opened):
    by = world.teacher.actor
    choose_points(by=by, enrolment=opened.pk, points=["A1", "A2", "A3"])
    line = _line()
    assert mark_passed(cause=line, enrolments=[opened.pk], point="A2") == 1
    assert mark_passed(cause=line, enrolments=[opened.pk], point="B1") == 0
    assert refusal(choose_points, by=by, enrolment=opened.pk, points=["A1", "B1", "A3"]) == "passed-point-dropped"
    approve(
        world,
        p4,
        world.nine_year,
        world.cio,
        points=("B1", "A5", "A6"),
        dimensions=("learner-analysis", "learning-guidance"),
    )
    assert refusal(choose_points, by=by, enrolment=opened.pk, points=["A2", "A3", "B1"]) == "point-not-opened"
    choice = choose_points(by=by, enrolment=opened.pk, points=["A2", "B1", "A5"])
    assert [(p.point, p.passed_at is not None) for p in chosen_points(opened.pk)] == [
        ("A2", True),
        ("A5", False),
        ("B1", False),
    ]
    assert choice.dimensions == ["learner-analysis", "learning-guidance"]
    assert unmark_passed(cause=line, enrolments=[opened.pk], point="A2") == 2  # in the earlier choice too
    choose_points(by=by, enrolment=opened.pk, points=["A5", "B1", "A6"])


def test_a_point_passed_after_it_was_dropped_counts_and_is_kept_by_itself(world, p4, opened):
    by = world.teacher.actor
    choose_points(by=by, enrolment=opened.pk, points=["A1", "A2", "A3"])
    choose_points(by=by, enrolment=opened.pk, points=["B1", "A2", "A3"])
    assert (
        mark_passed(cause=_line(), enrolments=[opened.pk], point="A1") == 1
    )  # its evidence was with the panel already
    assert list(passed_points(opened.pk)) == ["A1"]
    choose_points(by=by, enrolment=opened.pk, points=["A2", "A3"])
    assert [(p.point, p.passed_at is not None) for p in chosen_points(opened.pk)] == [
        ("A1", True),
        ("A2", False),
        ("A3", False),
    ]
    assert refusal(choose_points, by=by, enrolment=opened.pk, points=["B1", "A2", "A3"]) == "passed-point-dropped"


def test_another_self_diagnosis_of_the_same_points_is_written_down(world, opened):
    call = {"by": world.teacher.actor, "enrolment": opened.pk, "points": ["A1", "A2", "A3"]}
    first = choose_points(**call, diagnosis={"teaching-design": 2})
    again = choose_points(**call, diagnosis={"teaching-design": 4})
    assert (again.pk, again.diagnosis) == (first.pk, {"teaching-design": 4})
    assert choose_points(**call).diagnosis == {"teaching-design": 4}
    assert Touched.objects.filter(enrolment=opened.pk).count() == 1


def test_one_whose_records_were_merged_chooses_for_the_old_enrolment(world, p4, opened):
    Person.objects.filter(pk=world.teacher.person).update(merged_into=world.colleague.person)
    choice = choose_points(by=world.colleague.actor, enrolment=opened.pk, points=["A1", "A2", "A3"])
    assert choice.enrolment_id == opened.pk


def test_suggestions_begin_with_weak_spots_and_fit_the_plan(world, p4, opened):
    assert suggestions(opened, {"teaching-design": 1, "learner-analysis": 5}) == ("A1", "A2", "A3")
    assert suggestions(opened, {"teaching-design": 5, "learner-analysis": 1}) == ("A1", "A2", "B1")
    choose_points(by=world.teacher.actor, enrolment=opened.pk, points=["A1", "A2", "A3"])
    mark_passed(cause=_line(), enrolments=[opened.pk], point="A3")
    assert suggestions(opened, {"teaching-design": 5, "learner-analysis": 1}) == ("A1", "A3", "B1")
    assert suggestions(enrol(p4, world.vocational_teachers[0]), {}) == ()


def test_weak_spots_are_the_low_scores_weakest_first():
    scores = {"learning-guidance": 3, "teaching-design": 1, "learner-analysis": 3, "academic-assessment": 4}
    assert weak_spots(scores) == ("teaching-design", "learner-analysis", "learning-guidance")


def test_who_may_choose(world, p4, opened):
    for who in (world.colleague, world.wu, world.cio, world.office):
        assert refusal(choose_points, by=who.actor, enrolment=opened.pk, points=["A1", "A2", "A3"]) == "not-found"


def test_without_a_plan_in_force_nothing_can_be_chosen(world, p4, set_clock):
    set_clock(NOW)
    enrolment = enrol(p4, world.vocational_teachers[0])
    by = world.vocational_teachers[0].actor
    assert refusal(choose_points, by=by, enrolment=enrolment.pk, points=["A1", "A2", "A3"]) == "no-plan-in-force"


def test_after_the_end_and_after_leaving_nothing_can_be_chosen(world, opened, set_clock):
    by = world.teacher.actor
    assert (
        refusal(choose_points, by=by, enrolment=opened.pk, points=["A1", "A2", "A3"], diagnosis={"teaching-design": 6})
        == "diagnosis-out-of-range"
    )
    assert (
        refusal(choose_points, by=by, enrolment=opened.pk, points=["A1", "A2", "A3"], diagnosis={"x": 5})
        == "diagnosis-unknown"
    )
    Enrolment.objects.filter(pk=opened.pk).update(left_on=NOW.date())
    assert refusal(choose_points, by=by, enrolment=opened.pk, points=["A1", "A2", "A3"]) == "enrolment-left"
    Enrolment.objects.filter(pk=opened.pk).update(left_on=None)
    set_clock(datetime(2027, 6, 30, 23, 59, tzinfo=CIVIL))
    choose_points(by=by, enrolment=opened.pk, points=["A1", "A2", "A3"])
    set_clock(datetime(2027, 7, 1, 0, 1, tzinfo=CIVIL))
    assert refusal(choose_points, by=by, enrolment=opened.pk, points=["A1", "A2", "B1"]) == "cycle-over"


def test_the_list_of_tasks_follows_the_choice(world, opened):
    assert [(t.code, t.done) for t in task_list(opened)] == [
        ("choose", False),
        ("online", None),
        ("recording", None),
        ("research", None),
    ]
    choose_points(by=world.teacher.actor, enrolment=opened.pk, points=["A1", "A2", "A3"])
    mark_passed(cause=_line(), enrolments=[opened.pk], point="A1")
    assert [(t.code, t.point, t.done) for t in task_list(opened)] == [
        ("choose", "", True), ("point", "A1", True), ("point", "A2", False), ("point", "A3", False),
        ("online", "", None), ("recording", "", None), ("research", "", None),
    ]  # fmt: skip


def test_the_days_are_those_of_the_schools_batch_and_titles_come_along(world, opened):
    EnrolledSchool.objects.filter(unit=world.nine_year).update(batch="second-batch")
    choose_points(by=world.teacher.actor, enrolment=opened.pk, points=["A1", "A2", "A3"])
    tasks = {(t.code, t.point): t for t in task_list(opened)}
    assert {key: str(t.due_on) for key, t in tasks.items()} == {
        ("choose", ""): "2027-03-15", ("point", "A1"): "2027-05-15", ("point", "A2"): "2027-05-15", ("point", "A3"): "2027-05-15",
        ("online", ""): "2027-05-31", ("recording", ""): "2027-05-31", ("research", ""): "2027-05-31",
    }  # fmt: skip
    assert tasks["point", "A1"].title["en"] == "Technology-supported learner analysis"
    assert [(t.demand, t.title["en"]) for t in (tasks["online", ""],)] == [("online", "Online courses")]
    assert tasks["point", "A1"].demand == "points"
    late = [key for key, t in tasks.items() if t.overdue(date(2027, 5, 16))]
    assert sorted(late) == [("point", "A1"), ("point", "A2"), ("point", "A3")]


POINTS = st.sets(st.sampled_from(sorted(AXIS)))
DIMENSIONS = st.sets(st.sampled_from(sorted(set(AXIS.values()))), min_size=2)


@given(dimensions=DIMENSIONS, opened=POINTS, points=POINTS, passed=POINTS)
def test_a_choice_is_accepted_exactly_when_the_rule_holds(dimensions, opened, points, passed):
    fits = (
        passed <= points <= opened | passed
        and len(points) >= max(3, len(dimensions))
        and all(any(AXIS[p] == d for p in points) for d in dimensions)
    )
    try:
        check_choice(RULE, AXIS, dimensions=dimensions, opened=opened, points=points, passed=passed)
        accepted = True
    except Refused:
        accepted = False
    assert accepted == fits
    assert points_needed(RULE, dimensions) == max(3, len(dimensions))


SCORES = st.dictionaries(st.sampled_from(sorted(set(AXIS.values()))), st.integers(1, 5))


@given(dimensions=DIMENSIONS, opened=POINTS, passed=POINTS, scores=SCORES, nearest=POINTS)
def test_what_is_suggested_is_accepted_and_something_is_wherever_anything_would_be(
    dimensions, opened, passed, scores, nearest
):
    opened = {p for p in opened if AXIS[p] in dimensions}
    rule = {"dimensions": dimensions, "opened": opened, "passed": passed}
    taken = suggest_points(RULE, AXIS, **rule, scores=scores, nearest=nearest)
    if taken:
        check_choice(RULE, AXIS, **rule, points=taken)
    else:
        with pytest.raises(Refused):
            check_choice(RULE, AXIS, **rule, points=opened | passed)


@given(
    dimensions=st.sets(st.sampled_from([*sorted(set(AXIS.values())), "astrology"])),
    points=st.sets(st.sampled_from([*sorted(AXIS), "Z9"])),
    smart=st.booleans(),
)
def test_a_plan_may_open_exactly_what_the_rule_says(dimensions, points, smart):
    fits = (
        points <= set(AXIS)
        and dimensions <= set(AXIS.values())
        and len(dimensions) >= (3 if smart else 2)
        and all(any(AXIS[p] == d for p in points) for d in dimensions)
        and all(AXIS[p] in dimensions for p in points)
    )
    try:
        check_opened(RULE, AXIS, dimensions, points, {"smart-education"} if smart else set())
        accepted = True
    except Refused:
        accepted = False
    assert accepted == fits


def _line():
    from weineng.audit.effects import record
    from weineng.kernel.actors import platform

    return record(by=platform("test"), verb="assessment.decide")


# --- Where nobody opens anything -------------------------------------------------------------------------------------
@pytest.fixture
def free(world, set_clock):
    """`free(**choice)`: the teacher takes part under a document in which no school opens points."""
    set_clock(NOW)

    def build(**choice):
        programme = publish_p4(world)
        document = p4_document()
        rule = replace(document.choice, opened_minimum=0, opened_minimum_for_flag={}, **choice)
        points = replace(document.points, credits=1000, credits_for={"A2": 750})
        programme.versions.update(document=to_json(replace(document, choice=rule, points=points)))
        return programme, enrol(programme, world.teacher)

    return build


def test_without_opening_every_point_that_may_be_chosen_is_on_offer(world, free):
    _programme, row = free(points_minimum=2, environments=("multimedia", "blended"))
    by = world.teacher.actor
    choice = choose_points(by=by, enrolment=row.pk, points=["A1", "B1"])
    assert (choice.school_plan_id, choice.dimensions) == (None, [])
    assert {code[0] for code in choice.opened} == {"A", "B"}
    assert refusal(choose_points, by=by, enrolment=row.pk, points=["A1", "C1"]) == "point-not-offered"
    assert refusal(choose_points, by=by, enrolment=row.pk, points=["A1"]) == "too-few-points"
    assert [p.point for p in chosen_points(row.pk)] == ["A1", "B1"]


@pytest.mark.parametrize(
    ("points", "code"), [(["A1", "A2"], "too-few-credits"), (["A1", "A3"], ""), (["A1", "A2", "A3"], "")]
)
def test_so_many_credits_are_chosen_at_least(world, free, points, code):
    _programme, row = free(points_minimum=1, credits=2000)
    by = world.teacher.actor
    if code:
        with pytest.raises(Refused) as caught:
            choose_points(by=by, enrolment=row.pk, points=points)
        assert (caught.value.code, caught.value.params["needed"], caught.value.params["have"]) == (code, "20", "17.5")
    else:
        choose_points(by=by, enrolment=row.pk, points=points)
        assert [p.point for p in chosen_points(row.pk)] == points


def test_what_is_suggested_there_is_accepted(world, free):
    _programme, row = free(points_minimum=2, credits=2750, dimensions=("teaching-design",))
    suggested = suggestions(row, {"teaching-design": 2})
    assert len(suggested) == 3
    choose_points(by=world.teacher.actor, enrolment=row.pk, points=suggested)
    assert tuple(p.point for p in chosen_points(row.pk)) == suggested


def test_a_school_opens_only_what_may_be_chosen():
    opened = {"dimensions": ["learner-analysis", "teaching-design"], "points": ["A1", "A2"], "flags": ()}
    check_opened(RULE, AXIS, **opened, may=["A1", "A2"])
    assert refusal(check_opened, rule=RULE, axis_of=AXIS, **opened, may=["A1", "A3"]) == "point-not-offered"


def test_the_page_says_what_is_asked(client, sign_in, world, free):
    free(points_minimum=2, credits=2000)
    page = text(sign_in(client, world.teacher).get("/points/"))
    assert "请至少选择2个能力点" in page
    assert "合计至少20学分" in page
    assert "维度" not in page.split("<main")[1].split("<form")[0]


def test_groups_and_sessions_there_work_on_every_point_that_may_be_chosen(client, sign_in, world, free):
    programme, _row = free(
        points_minimum=2, environments=("multimedia",), dimensions=("learner-analysis", "teaching-design")
    )
    themes = ({"title": "学情", "points": ["A1"]},)
    plan = approve(world, programme, world.nine_year, world.cio, dimensions=(), points=(), themes=themes)
    enrol(programme, world.leader)
    pages = sign_in(client, world.leader)
    offered = ["A1", "A2", "A3", "A4"]
    group = reverse("plans:group", kwargs={"unit": world.maths})
    for path in (reverse("sessions:plan", kwargs={"unit": world.maths}), group):
        assert [value for value, _label in pages.get(path).context["form"].fields["points"].choices] == offered
    write = {"by": world.leader.actor, "programme": programme.pk, "unit": world.maths}
    row = write_group_plan(**write, content=GroupContent(theme="学情", points=("A1", "A4")), revision=0)
    assert row.points == ["A1", "A4"]
    outside = GroupContent(theme="学情", points=("A5",))
    assert refusal(write_group_plan, **write, content=outside, revision=1) == "point-not-opened"
    approve(world, programme, world.nine_year, world.cio, dimensions=(), points=(), themes=themes)
    assert group_plan_to_write(programme.pk, world.maths).points == ["A1", "A4"]
    read = text(pages.get(reverse("plans:show", kwargs={"plan": plan})))
    assert ("学校开放什么" in read, "学情" in read) == (False, True)
