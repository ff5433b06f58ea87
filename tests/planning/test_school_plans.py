"""The school's plan: written by the school, judged by the district, by nobody who wrote in it, never lost."""

from datetime import datetime
from functools import partial

import pytest
from django.db import transaction
from django.urls import resolve
from django.utils import translation

from tests.planning.plans import ANSWERS, approve, content, refusal, submitted
from weineng.audit.models import Line
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.notices.models import Message
from weineng.organisations.actions import merge_people
from weineng.organisations.models import UnitFlag
from weineng.planning.actions import (
    approve_school_plan,
    discard_school_plan,
    draft_school_plan,
    edit_school_plan,
    file_school_plan,
    reopen_school_plan,
    return_school_plan,
    submit_school_plan,
    unfile_school_plan,
    withdraw_school_plan,
)
from weineng.planning.models import PLAN_STATES, SchoolPlan
from weineng.planning.permissions import VIEW
from weineng.planning.queries import plan_in_force, plan_in_work, plans_to_review, reviews_of
from weineng.planning.rules import PlanContent, plan_lacks
from weineng.programmes.models import EnrolledSchool, Programme

NOW = datetime(2026, 3, 2, 9, tzinfo=CIVIL)


@pytest.fixture(autouse=True)
def _today(set_clock):
    set_clock(NOW)


def test_who_may_write(world, p4):
    for who in (world.teacher, world.leader, world.office, world.wu, world.kindergarten_cio, world.auditor):
        assert refusal(draft_school_plan, by=who.actor, programme=p4.pk, unit=world.nine_year) == "not-found"
    first = draft_school_plan(by=world.cio.actor, programme=p4.pk, unit=world.nine_year)
    assert draft_school_plan(by=world.principal.actor, programme=p4.pk, unit=world.nine_year).pk == first.pk
    EnrolledSchool.objects.filter(unit=world.nine_year).delete()
    assert (
        refusal(draft_school_plan, by=world.cio.actor, programme=p4.pk, unit=world.nine_year) == "school-not-enrolled"
    )


def test_without_a_published_document_nothing_is_submitted_or_approved(world, p4):
    """A programme that has been founded and whose document is not there yet: the plan waits in work."""
    bare = Programme.objects.create(code="bare", owner_id=world.district, title={"en": "Bare"})
    EnrolledSchool.objects.create(programme=bare, unit_id=world.nine_year, batch="pilot", since=NOW.date())
    plan = draft_school_plan(by=world.cio.actor, programme=bare.pk, unit=world.nine_year)
    edit_school_plan(by=world.cio.actor, plan=plan.pk, content=content(), revision=plan.revision)
    assert refusal(submit_school_plan, by=world.cio.actor, plan=plan.pk) == "programme-not-published"
    assert SchoolPlan.objects.get(pk=plan.pk).state == "draft"
    published = submitted(p4, world.nine_year, world.cio)
    SchoolPlan.objects.filter(pk=plan.pk).update(state="submitted")
    assert refusal(approve_school_plan, by=world.office.actor, plan=plan.pk) == "programme-not-published"
    assert SchoolPlan.objects.get(pk=plan.pk).state == "submitted"
    assert approve_school_plan(by=world.office.actor, plan=published.pk).state == "approved"


STEP = {"step": "启动", "from": "2026-04-01", "to": "2026-04-30", "who": "信息长"}


def test_two_people_editing_one_plan(world, p4):
    plan = draft_school_plan(by=world.cio.actor, programme=p4.pk, unit=world.nine_year)
    edit_school_plan(by=world.cio.actor, plan=plan.pk, content=content(goals="甲"), revision=0)
    late = {"by": world.principal.actor, "plan": plan.pk, "content": content(goals="乙")}
    assert refusal(edit_school_plan, **late, revision=0) == "stale-revision"
    assert SchoolPlan.objects.get().goals == "甲"
    assert edit_school_plan(**late, revision=1).goals == "乙"
    assert SchoolPlan.objects.get().hands == sorted([world.cio.person, world.principal.person])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"diagnosis": {}}, "diagnosis-incomplete"),
        ({"diagnosis": {k: v for k, v in ANSWERS.items() if k != "support"}}, "diagnosis-incomplete"),
        ({"environment": ""}, "environment-missing"),
        ({"goals": " "}, "goals-missing"),
        ({"themes": ()}, "themes-missing"),
        ({"themes": ({"title": " ", "points": ["A1"]},)}, "theme-without-title"),
        ({"themes": ({"title": "数据", "points": []}, {"title": "资源", "points": []})}, "theme-without-points"),
        ({"themes": ({"title": "数据", "points": ["A1", "A5"]},)}, "theme-point-not-opened"),
        ({"timetable": ()}, "timetable-missing"),
        *(({"timetable": (STEP, STEP | {part: ""})}, "timetable-step-incomplete") for part in STEP),
        ({"dimensions": ("teaching-design",), "points": ("A2",)}, "dimensions-too-few"),
        ({"points": ("A2", "A3")}, "dimension-without-point"),
        ({"points": ("A1", "A2", "A5")}, "point-outside-dimensions"),
        ({"points": ("A1", "A2", "Z1")}, "point-unknown"),
        ({"dimensions": ("teaching-design", "astrology"), "points": ("A2",)}, "dimension-unknown"),
    ],
)
def test_a_plan_that_does_not_fit_cannot_be_submitted(world, p4, changes, code):
    plan = draft_school_plan(by=world.cio.actor, programme=p4.pk, unit=world.nine_year)
    edit_school_plan(by=world.cio.actor, plan=plan.pk, content=content(**changes), revision=0)
    assert refusal(submit_school_plan, by=world.cio.actor, plan=plan.pk) == code
    assert SchoolPlan.objects.get().state == "draft"


def test_an_unanswered_question_with_its_reason_and_a_theme_without_points_beside_one_with_them_will_do(world, p4):
    answers = ANSWERS | {"support": {"score": None, "note": "今年刚成立支持小组"}}
    themes = (*content().themes, {"title": "资源共建共享", "points": []})
    plan = submitted(p4, world.nine_year, world.cio, diagnosis=answers, themes=themes)
    assert (plan.state, plan.diagnosis["support"]["note"]) == ("submitted", "今年刚成立支持小组")


def test_everything_that_lacks_is_named_with_its_field(world):
    empty = PlanContent(themes=({"title": "", "points": []},), timetable=({"step": "启动"}, {"who": "信息长"}))
    questions = [("diagnosis-incomplete", f"score_{code}") for code in ANSWERS]
    assert [(lack.code, lack.field) for lack in plan_lacks(empty)] == [
        *questions, ("goals-missing", "goals"), ("environment-missing", "environment"), ("theme-without-title", "theme_0"),
        ("theme-without-points", "theme_points_0"), ("timetable-step-incomplete", "from_0"), ("timetable-step-incomplete", "step_1"),
    ]  # fmt: skip
    assert plan_lacks(content()) == []


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("zh-hans", ("请在“学情分析”中至少开放一个能力点。", "请至少开放2个维度。", "目前的状态为“等待区县审核”，不能进行此操作。")),
        ("zh-hant", ("請在「學情分析」中至少開放一個能力點。", "請至少開放2個維度。", "目前的狀態為「等待區縣審核」，不能進行此操作。")),
    ],
)  # fmt: skip
def test_refusals_speak_in_the_readers_words(world, p4, language, sentences):
    with pytest.raises(Refused) as without:
        submitted(p4, world.nine_year, world.cio, points=("A2", "A3"))
    with pytest.raises(Refused) as few:
        submitted(p4, world.nine_year, world.cio, dimensions=("teaching-design",), points=("A2",))
    submitted(p4, world.nine_year, world.cio)
    with pytest.raises(Refused) as state:
        submit_school_plan(by=world.cio.actor, plan=SchoolPlan.objects.get().pk)
    with translation.override(language):
        assert (str(without.value), str(few.value), str(state.value)) == sentences


def test_a_smart_education_school_opens_three_dimensions(world, p4):
    UnitFlag.objects.create(unit_id=world.nine_year, flag="smart-education", during=(NOW.date(), None))
    plan = draft_school_plan(by=world.cio.actor, programme=p4.pk, unit=world.nine_year)
    edit_school_plan(by=world.cio.actor, plan=plan.pk, content=content(), revision=0)
    assert refusal(submit_school_plan, by=world.cio.actor, plan=plan.pk) == "dimensions-too-few"


def test_a_flag_given_after_submission_counts_at_approval(world, p4):
    plan = submitted(p4, world.nine_year, world.cio)
    UnitFlag.objects.create(unit_id=world.nine_year, flag="smart-education", during=(NOW.date(), None))
    assert refusal(approve_school_plan, by=world.office.actor, plan=plan.pk) == "dimensions-too-few"


def test_the_district_returns_and_approves_and_everything_is_kept(world, p4):
    plan = submitted(p4, world.nine_year, world.cio)
    assert list(plans_to_review(world.office.actor)) == [plan]
    assert list(plans_to_review(world.wu.actor)) == []
    office = world.office.actor
    assert refusal(return_school_plan, by=office, plan=plan.pk, comment=" ") == "comment-missing"
    return_school_plan(by=office, plan=plan.pk, comment="时间表太粗")
    told = set(Message.objects.filter(event="plan-returned").values_list("person", flat=True))
    assert told == {world.cio.person, world.principal.person}
    assert refusal(approve_school_plan, by=office, plan=plan.pk) == "plan-state"
    edit_school_plan(by=world.cio.actor, plan=plan.pk, content=content(goals="更清楚的目标"), revision=1)
    submit_school_plan(by=world.cio.actor, plan=plan.pk)
    approve_school_plan(by=office, plan=plan.pk, comment="很好")
    assert plan_in_force(p4.pk, world.nine_year).goals == "更清楚的目标"
    assert [(r.verdict, r.comment, r.content["goals"]) for r in reviews_of(plan.pk)] == [
        ("approved", "很好", "更清楚的目标"), ("returned", "时间表太粗", "人人会用数据看学情"),
    ]  # fmt: skip
    filed = file_school_plan(by=office, plan=plan.pk)
    assert (filed.state, filed.filing_number) == ("filed", "P4-DISTRICT-2026-0001")
    assert refusal(reopen_school_plan, by=office, plan=plan.pk, reason="错") == "plan-state"


def test_a_filing_can_be_taken_back_and_its_number_stays_with_the_plan(world, p4):
    office = world.office.actor
    plan = approve(world, p4, world.nine_year, world.cio)
    file_school_plan(by=office, plan=plan.pk)
    assert refusal(unfile_school_plan, by=office, plan=plan.pk, reason=" ") == "reason-missing"
    for who in (world.wu, world.principal, world.auditor, world.teacher, world.panel[0]):
        assert refusal(unfile_school_plan, by=who.actor, plan=plan.pk, reason="误备案") == "not-found"
    row = unfile_school_plan(by=office, plan=plan.pk, reason="误备案")
    assert (row.state, row.filed_at, plan_in_force(p4.pk, world.nine_year).pk) == ("approved", None, plan.pk)
    line = Line.objects.get(verb="planning.unfile")
    assert (line.thing, line.reason, line.facts) == (plan.pk, "误备案", {"number": "P4-DISTRICT-2026-0001"})
    told = Message.objects.filter(event="plan-unfiled").order_by("person")
    assert [message.person for message in told] == sorted([world.cio.person, world.principal.person])
    assert told[0].params == {"number": "P4-DISTRICT-2026-0001", "reason": "误备案"}
    other = approve(world, p4, world.kindergarten, world.kindergarten_cio)
    assert file_school_plan(by=office, plan=other.pk).filing_number == "P4-DISTRICT-2026-0002"
    assert file_school_plan(by=office, plan=plan.pk).filing_number == "P4-DISTRICT-2026-0001"
    assert Message.objects.filter(event="plan-filed", person=world.cio.person).count() == 2


def test_a_plan_filed_by_mistake_goes_all_the_way_back_to_the_school(world, p4):
    office = world.office.actor
    first = approve(world, p4, world.nine_year, world.cio)
    file_school_plan(by=office, plan=first.pk)
    unfile_school_plan(by=office, plan=first.pk, reason="误备案")
    second = approve(world, p4, world.nine_year, world.cio, goals="新目标")
    reopen_school_plan(by=office, plan=second.pk, reason="看漏一页")
    assert plan_in_force(p4.pk, world.nine_year).state == "approved"  # as it stood before: no longer filed
    told = Message.objects.filter(event="plan-reopened").order_by("person")
    assert [message.person for message in told] == sorted([world.cio.person, world.principal.person])
    assert return_school_plan(by=office, plan=second.pk, comment="补第二页").state == "returned"


def test_nobody_takes_back_the_filing_of_a_plan_they_wrote(world, p4):
    plan = approve(world, p4, world.nine_year, world.cio)
    file_school_plan(by=world.office.actor, plan=plan.pk)
    world.grant(world.cio.person, "office", world.district)
    assert refusal(unfile_school_plan, by=world.cio.actor, plan=plan.pk, reason="误备案") == "self-approval"


@pytest.mark.parametrize("judge", [return_school_plan, approve_school_plan])
def test_nobody_judges_what_they_wrote(world, p4, judge):
    world.grant(world.cio.person, "office", world.district)
    world.grant(world.office.person, "principal", world.nine_year)
    plan = submitted(p4, world.nine_year, world.cio)
    extra = {"comment": "好"}
    assert refusal(judge, by=world.cio.actor, plan=plan.pk, **extra) == "self-approval"
    withdraw_school_plan(by=world.cio.actor, plan=plan.pk)
    edit_school_plan(by=world.office.actor, plan=plan.pk, content=content(), revision=1)
    submit_school_plan(by=world.cio.actor, plan=plan.pk)
    assert refusal(judge, by=world.office.actor, plan=plan.pk, **extra) == "self-approval"


def test_nor_what_they_wrote_under_another_record(world, p4):
    plan = submitted(p4, world.nine_year, world.cio)
    world.grant(world.loner.person, "office", world.district)
    merged = {"kept": world.loner.person, "gone": world.cio.person, "reason": "同一个人", "end_numbers": True}
    merge_people(by=world.office.actor, **merged)
    assert refusal(approve_school_plan, by=world.loner.actor, plan=plan.pk) == "self-approval"
    assert approve_school_plan(by=world.office.actor, plan=plan.pk).state == "approved"


def test_outsiders_judge_nothing(world, p4):
    plan = submitted(p4, world.nine_year, world.cio)
    for who in (world.wu, world.principal, world.auditor, world.teacher, world.panel[0]):
        assert refusal(approve_school_plan, by=who.actor, plan=plan.pk) == "not-found"
        assert refusal(return_school_plan, by=who.actor, plan=plan.pk, comment="x") == "not-found"
        assert refusal(file_school_plan, by=who.actor, plan=plan.pk) == "not-found"


def test_an_approval_can_be_taken_back_until_it_is_filed(world, p4):
    plan = approve(world, p4, world.nine_year, world.cio)
    office = world.office.actor
    assert refusal(reopen_school_plan, by=office, plan=plan.pk, reason="") == "reason-missing"
    assert reopen_school_plan(by=office, plan=plan.pk, reason="看漏一页").state == "submitted"
    assert plan_in_force(p4.pk, world.nine_year) is None
    approve_school_plan(by=office, plan=plan.pk)
    assert plan_in_force(p4.pk, world.nine_year).pk == plan.pk


def test_taking_an_approval_back_brings_the_plan_before_it_into_force_again(world, p4):
    first = approve(world, p4, world.nine_year, world.cio)
    file_school_plan(by=world.office.actor, plan=first.pk)
    second = approve(world, p4, world.nine_year, world.cio, goals="新目标")
    assert plan_in_force(p4.pk, world.nine_year).pk == second.pk
    reopen_school_plan(by=world.office.actor, plan=second.pk, reason="看漏一页")
    restored = plan_in_force(p4.pk, world.nine_year)
    assert (restored.pk, restored.state, restored.filing_number) == (first.pk, "filed", "P4-DISTRICT-2026-0001")
    approve_school_plan(by=world.office.actor, plan=second.pk)
    assert plan_in_force(p4.pk, world.nine_year).pk == second.pk


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"diagnosis": {"devices": {"score": 6, "note": ""}}}, "diagnosis-out-of-range"),
        ({"diagnosis": {"devices": {"score": None, "note": " "}}}, "diagnosis-out-of-range"),
        ({"diagnosis": {"devices": {"score": 0, "note": "x"}}}, "diagnosis-out-of-range"),
        ({"diagnosis": {"horoscope": {"score": 3, "note": ""}}}, "diagnosis-unknown"),
        ({"environment": "underwater"}, "environment-unknown"),
        ({"timetable": ({"step": "启动", "from": "2026-04-30", "to": "2026-04-01", "who": ""},)}, "timetable-dates"),
        ({"timetable": ({"step": "启动", "from": "April", "to": "", "who": ""},)}, "timetable-dates"),
    ],
)
def test_what_is_not_well_formed_is_not_saved(world, p4, changes, code):
    plan = draft_school_plan(by=world.cio.actor, programme=p4.pk, unit=world.nine_year)
    call = {"by": world.cio.actor, "plan": plan.pk, "content": content(**changes), "revision": 0}
    assert refusal(edit_school_plan, **call) == code
    assert SchoolPlan.objects.get().revision == 0


def test_the_nearest_office_is_told_and_links_lead_somewhere(world, p4):
    far = world.enter("路远", world.city)
    world.grant(far.person, "office", world.city)
    plan = submitted(p4, world.nine_year, world.cio)
    told = Message.objects.filter(event="plan-submitted")
    assert [message.person for message in told] == [world.office.person]
    return_school_plan(by=world.office.actor, plan=plan.pk, comment="短")
    edit_school_plan(by=world.cio.actor, plan=plan.pk, content=content(), revision=1)
    submit_school_plan(by=world.cio.actor, plan=plan.pk)
    approve_school_plan(by=world.office.actor, plan=plan.pk)
    file_school_plan(by=world.office.actor, plan=plan.pk)
    unfile_school_plan(by=world.office.actor, plan=plan.pk, reason="误备案")
    reopen_school_plan(by=world.office.actor, plan=plan.pk, reason="看漏一页")
    links = {m.event: m.link for m in Message.objects.filter(event__startswith="plan-").order_by("pk")}
    names = {event: resolve(link).view_name for event, link in links.items()}
    assert names == {
        "plan-submitted": "plans:judge", "plan-returned": "plans:edit", "plan-approved": "plans:choose",
        "plan-filed": "plans:show", "plan-unfiled": "plans:show", "plan-reopened": "plans:show",
    }  # fmt: skip
    assert resolve(links["plan-submitted"]).kwargs == {"plan": plan.pk}


def plan_that_is(state, world, p4):
    """A plan of the nine-year school in a state, brought there through the actions."""
    cio, office = world.cio.actor, world.office.actor
    plan = draft_school_plan(by=cio, programme=p4.pk, unit=world.nine_year)
    edit_school_plan(by=cio, plan=plan.pk, content=content(), revision=0)
    if state != "draft":
        submit_school_plan(by=cio, plan=plan.pk)
    if state == "returned":
        return_school_plan(by=office, plan=plan.pk, comment="短")
    if state in ("approved", "filed", "superseded"):
        approve_school_plan(by=office, plan=plan.pk)
    if state == "filed":
        file_school_plan(by=office, plan=plan.pk)
    if state == "superseded":
        approve(world, p4, world.nine_year, world.cio, goals="新目标")
    plan.refresh_from_db()
    assert plan.state == state
    return plan


SCHOOL = {"submit": submit_school_plan, "withdraw": withdraw_school_plan, "discard": discard_school_plan}
OFFICE = {
    "return": partial(return_school_plan, comment="短"), "approve": approve_school_plan, "file": file_school_plan,
    "reopen": partial(reopen_school_plan, reason="看漏"), "unfile": partial(unfile_school_plan, reason="误备案"),
}  # fmt: skip
LEADS_TO = {  # from each state, the state each verb leads to; from every other pair nothing changes
    ("draft", "submit"): "submitted",
    ("draft", "discard"): "gone",
    ("submitted", "withdraw"): "draft",
    ("submitted", "return"): "returned",
    ("submitted", "approve"): "approved",
    ("returned", "submit"): "submitted",
    ("approved", "file"): "filed",
    ("approved", "reopen"): "submitted",
    ("filed", "unfile"): "approved",
}


@pytest.mark.parametrize("state", PLAN_STATES)
def test_every_verb_starts_from_its_own_states(world, p4, state):
    plan = plan_that_is(state, world, p4)
    before = list(SchoolPlan.objects.order_by("pk").values())
    verbs = [(verb, act, world.cio) for verb, act in SCHOOL.items()]
    verbs += [(verb, act, world.office) for verb, act in OFFICE.items()]
    for verb, act, by in verbs:
        with transaction.atomic():
            if to := LEADS_TO.get((state, verb)):
                act(by=by.actor, plan=plan.pk)
                assert [row.state for row in SchoolPlan.objects.order_by("pk")] == ([] if to == "gone" else [to]), verb
            else:
                assert refusal(act, by=by.actor, plan=plan.pk) == "plan-state", verb
                assert list(SchoolPlan.objects.order_by("pk").values()) == before, verb
            transaction.set_rollback(True)  # the next verb starts from the same state


def test_a_school_with_a_newer_draft_cannot_hand_the_approved_plan_in_again(world, p4):
    plan = plan_that_is("approved", world, p4)
    draft_school_plan(by=world.cio.actor, programme=p4.pk, unit=world.nine_year)
    assert refusal(submit_school_plan, by=world.cio.actor, plan=plan.pk) == "plan-state"
    assert plan_in_force(p4.pk, world.nine_year) == plan


@pytest.mark.parametrize("state", ["submitted", "approved", "filed", "superseded"])
def test_what_is_with_the_district_cannot_be_edited(world, p4, state):
    plan = plan_that_is(state, world, p4)
    call = {"by": world.cio.actor, "plan": plan.pk, "content": content(goals="乙"), "revision": plan.revision}
    assert refusal(edit_school_plan, **call) == "plan-not-editable"
    plan.refresh_from_db()
    assert plan.goals == content().goals


def test_a_newer_plan_supersedes_on_approval_only(world, p4):
    first = approve(world, p4, world.nine_year, world.cio)
    second = draft_school_plan(by=world.cio.actor, programme=p4.pk, unit=world.nine_year)
    assert (second.number, second.goals) == (2, first.goals)
    assert refusal(reopen_school_plan, by=world.office.actor, plan=first.pk, reason="x") == "plan-in-work"
    submit_school_plan(by=world.cio.actor, plan=second.pk)
    assert plan_in_force(p4.pk, world.nine_year).pk == first.pk
    approve_school_plan(by=world.office.actor, plan=second.pk)
    assert plan_in_force(p4.pk, world.nine_year).pk == second.pk
    first.refresh_from_db()
    assert first.state == "superseded"


def test_a_draft_can_be_thrown_away_unless_it_was_judged(world, p4):
    plan = submitted(p4, world.nine_year, world.cio)
    assert refusal(discard_school_plan, by=world.cio.actor, plan=plan.pk) == "plan-state"
    return_school_plan(by=world.office.actor, plan=plan.pk, comment="短")
    SchoolPlan.objects.filter(pk=plan.pk).update(state="draft")
    assert refusal(discard_school_plan, by=world.cio.actor, plan=plan.pk) == "plan-was-judged"
    plan.reviews.all().delete()
    discard_school_plan(by=world.cio.actor, plan=plan.pk)
    assert plan_in_work(p4.pk, world.nine_year) is None


def test_who_reads_a_plan(world, p4):
    approve(world, p4, world.nine_year, world.cio)
    readers = {m.key for m in world.everybody if SchoolPlan.objects.within(m.actor, VIEW).exists()}
    staff = {m.key for m in world.everybody if m.school == world.nine_year} - {"unplaced"}
    panel = {m.key for m in world.panel}
    assert readers == staff | panel | {"two_posts", "office", "auditor"}
