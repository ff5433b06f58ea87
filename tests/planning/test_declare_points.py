"""A teacher declares which of the chosen points are assessed; the group agrees or sends back; what was decided stays."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.assessment.panel import hand_in, settle, waiting
from tests.p1 import POINTS, publish_p1
from tests.p4 import p4_document, publish_p4
from tests.planning.plans import approve, enrol, refusal
from tests.progress.scene import SETTLE, Here, standing
from weineng.accounts.actions import end_grant
from weineng.accounts.models import Grant
from weineng.assessment.actions import open_review, return_dossier
from weineng.audit.models import Line
from weineng.evidence.actions import draft_submission, seal_submission
from weineng.evidence.models import Submission
from weineng.kernel.clock import CIVIL
from weineng.notices.models import Message
from weineng.organisations.actions import merge_people, unmerge_people
from weineng.organisations.effects import rebuild_closure, since
from weineng.organisations.models import Edge, Merge, Unit
from weineng.planning.actions import (
    agree_declarations,
    choose_points,
    confirm_tasks,
    declare_points,
    do_task,
    return_declarations,
    withdraw_declaration,
)
from weineng.planning.models import Declaration
from weineng.planning.queries import asking_within, declared_points, withdrawable
from weineng.programmes.actions import attach_host
from weineng.programmes.models import Touched
from weineng.programmes.rules import Gate
from weineng.progress.actions import recount

NOW = datetime(2026, 4, 1, 9, tzinfo=CIVIL)


@pytest.fixture(autouse=True)
def _today(set_clock):
    set_clock(NOW)


@pytest.fixture
def p1(world):
    return publish_p1(world)


@pytest.fixture
def mine(world, p1):
    """The teacher's enrolment, four points chosen."""
    mine = enrol(p1, world.teacher)
    choose_points(by=world.teacher.actor, enrolment=mine.pk, points=[*POINTS, "B1"])
    return mine


def declare(world, enrolment, *points, who=None):
    return declare_points(by=(who or world.teacher).actor, enrolment=enrolment.pk, points=points)


def states(enrolment):
    return {point: row.state for point, row in declared_points(enrolment).items()}


def keys(*rows):
    return [row.pk for row in rows]


def told(member, event):
    return list(
        Message.objects.filter(person=member.person, event=event).order_by("pk").values_list("params", flat=True)
    )


def test_what_is_declared_waits_for_the_group_which_is_told_once(world, mine):
    declare(world, mine, "A1", "A2")
    declare(world, mine, "A1", "B1")
    assert states(mine) == {"A1": "waiting", "A2": "waiting", "B1": "waiting"}
    assert declare(world, mine, "A1") == []
    lines = Line.objects.filter(verb="planning.declare").order_by("pk")
    assert [line.facts["points"] for line in lines] == [["A1", "A2"], ["B1"]]
    assert (len(told(world.leader, "points-declared")), len(told(world.cio, "points-declared"))) == (2, 0)


@pytest.mark.parametrize(("points", "code"), [(["A1", "C7"], "point-not-chosen"), ([], "nothing-ticked")])
def test_what_cannot_be_declared(world, mine, points, code):
    assert refusal(declare_points, by=world.teacher.actor, enrolment=mine.pk, points=points) == code
    assert Declaration.objects.count() == 0


def test_only_one_s_own_while_one_takes_part_and_in_time(world, mine, set_clock):
    for other in (world.leader, world.cio, world.office, world.wu, world.colleague):
        assert refusal(declare_points, by=other.actor, enrolment=mine.pk, points=["A1"]) == "not-found"
    set_clock(datetime(2026, 12, 31, 23, 59, tzinfo=CIVIL))
    declare(world, mine, "A1")
    set_clock(datetime(2027, 1, 1, 0, 1, tzinfo=CIVIL))
    assert refusal(declare_points, by=world.teacher.actor, enrolment=mine.pk, points=["A2"]) == "cycle-over"
    assert refusal(withdraw_declaration, by=world.teacher.actor, enrolment=mine.pk, point="A1") == "cycle-over"
    set_clock(NOW)
    type(mine).objects.update(left_on=NOW.date())
    assert refusal(declare_points, by=world.teacher.actor, enrolment=mine.pk, points=["A2"]) == "enrolment-left"


def test_where_nothing_is_declared_every_chosen_point_is_assessed(world):
    programme = publish_p4(world)
    approve(world, programme, world.nine_year, world.cio)
    mine = enrol(programme, world.teacher)
    choose_points(by=world.teacher.actor, enrolment=mine.pk, points=["A1", "A2", "A3"])
    assert refusal(declare_points, by=world.teacher.actor, enrolment=mine.pk, points=["A1"]) == "nothing-declared-here"
    assert draft_submission(by=world.teacher.actor, enrolment=mine.pk, item="point", point="A1").state == "draft"


def test_a_gate_that_refuses_closes_declaring_too(world, mine):
    gate = Gate("first", p4_document().title, ("online",), 450, (), "refuse")
    version = mine.version
    version.pk, version.number, version.document = None, 2, version.document | {"gates": [vars(gate)]}
    version.save()
    type(mine).objects.update(version=version)
    assert refusal(declare_points, by=world.teacher.actor, enrolment=mine.pk, points=["A1"]) == "gate-closed"


def test_only_declared_points_are_handed_in(world, mine):
    draft = {"by": world.teacher.actor, "enrolment": mine.pk, "item": "point"}
    assert refusal(draft_submission, **draft, point="A1") == "not-declared"
    assert refusal(draft_submission, **draft, point="C7") == "point-not-chosen"
    declare(world, mine, "A1")
    assert draft_submission(**draft, point="A1").state == "draft"
    assert refusal(draft_submission, **draft, point="A2") == "not-declared"


def test_what_is_no_longer_declared_is_not_handed_in(world, mine):
    declare(world, mine, "A1")
    draft = draft_submission(by=world.teacher.actor, enrolment=mine.pk, item="point", point="A1")
    withdraw_declaration(by=world.teacher.actor, enrolment=mine.pk, point="A1")
    assert refusal(seal_submission, by=world.teacher.actor, submission=draft.pk) == "not-declared"


def test_a_group_is_asked_with_as_many_queries_as_one_teacher(world, p1, mine, django_assert_num_queries):
    declare(world, mine, "A1", "A2")
    actor = world.leader.actor
    with CaptureQueriesContext(connection) as one:
        (asking,) = asking_within(actor, p1.pk)
    assert (asking.name, asking.waiting, asking.chosen, asking.mine) == (world.teacher.name, 2, True, False)
    for member in (world.colleague, world.leader, *world.chinese_teachers, *world.kindergarten_teachers):
        theirs = enrol(p1, member)
        choose_points(by=member.actor, enrolment=theirs.pk, points=POINTS)
        declare(world, theirs, "A1", who=member)
    with django_assert_num_queries(len(one)):
        found = asking_within(actor, p1.pk)
    assert {asking.name: asking.mine for asking in found} == {
        world.teacher.name: False, world.colleague.name: False, world.leader.name: True,
    }  # fmt: skip
    assert len(asking_within(world.cio.actor, p1.pk)) == 5
    assert asking_within(world.office.actor, p1.pk) == asking_within(world.teacher.actor, p1.pk) == []


def test_a_declaration_is_withdrawn_while_its_point_was_never_decided(world, mine):
    scene = Here(None, owner=world.district, leaf=world.maths, school=world.nine_year, code="p1-town")
    rows = declare(world, mine, "A1", "A2", "A3")
    agree_declarations(by=world.leader.actor, declarations=keys(*rows))
    withdraw_declaration(by=world.teacher.actor, enrolment=mine.pk, point="A1")
    assert states(mine) == {"A2": "agreed", "A3": "agreed"}
    assert refusal(withdraw_declaration, by=world.teacher.actor, enrolment=mine.pk, point="A1") == "not-declared"
    declare(world, mine, "A1")
    assert states(mine) == {"A1": "waiting", "A2": "agreed", "A3": "agreed"}  # the group says so anew
    scene.result(mine.pk, "A2", "fail")
    overturned = scene.result(mine.pk, "A3", "fail")
    type(overturned).objects.filter(pk=overturned.pk).update(overturned_at=NOW)
    for point in ("A2", "A3"):
        assert (
            refusal(withdraw_declaration, by=world.teacher.actor, enrolment=mine.pk, point=point) == "already-decided"
        )
    withdraw_declaration(by=world.teacher.actor, enrolment=mine.pk, point="A1")
    assert list(states(mine)) == ["A2", "A3"]


def test_who_has_read_the_advice_of_a_return_does_not_withdraw_the_point(world, mine, p1):
    declare(world, mine, "A1", "A2")
    handed_in = [hand_in(p1, world.teacher, point) for point in ("A1", "A2")]
    settle()
    first, _second = (waiting(row, "panel")[0] for row in handed_in)
    assert withdrawable(mine, {"A1", "A2"}) == {"A1", "A2"}
    reviewer, withdraw = world.member(first.reviewer_id).actor, {"by": world.teacher.actor, "enrolment": mine.pk}
    open_review(by=reviewer, assignment=first.pk)
    assert refusal(withdraw_declaration, **withdraw, point="A1") == "under-review"
    return_dossier(by=reviewer, assignment=first.pk, advice="请补充数据")
    assert refusal(withdraw_declaration, **withdraw, point="A1") == "under-review"
    Submission.objects.filter(pk=handed_in[0].pk).update(state="submitted")  # handed in again
    assert refusal(withdraw_declaration, **withdraw, point="A1") == "under-review"
    assert withdrawable(mine, {"A1", "A2"}) == {"A2"}
    withdraw_declaration(**withdraw, point="A2")  # nobody has opened it
    assert states(mine) == {"A1": "waiting"}


def test_the_group_agrees_for_all_in_one_go_and_tells_each(world, p1, mine):
    theirs = enrol(p1, world.colleague)
    choose_points(by=world.colleague.actor, enrolment=theirs.pk, points=POINTS)
    rows = [*declare(world, mine, "A1", "A2"), *declare(world, theirs, "A3", who=world.colleague)]
    for outsider in (world.teacher, world.colleague, world.wu, world.office, world.kindergarten_cio):
        assert refusal(agree_declarations, by=outsider.actor, declarations=keys(*rows)) == "not-found"
    assert agree_declarations(by=world.leader.actor, declarations=keys(*rows)) == 3
    assert agree_declarations(by=world.leader.actor, declarations=keys(*rows)) == 0
    assert (states(mine), states(theirs)) == ({"A1": "agreed", "A2": "agreed"}, {"A3": "agreed"})
    assert told(world.teacher, "declarations-agreed") == [{"points": "A1, A2"}]
    assert told(world.colleague, "declarations-agreed") == [{"points": "A3"}]
    assert Line.objects.filter(verb="planning.agree").count() == 3
    assert refusal(agree_declarations, by=world.leader.actor, declarations=[]) == "nothing-ticked"


def test_nobody_agrees_to_their_own(world, p1):
    own = enrol(p1, world.leader)
    choose_points(by=world.leader.actor, enrolment=own.pk, points=POINTS)
    rows = declare(world, own, "A1", who=world.leader)
    assert (len(told(world.leader, "points-declared")), len(told(world.cio, "points-declared"))) == (0, 1)
    assert refusal(agree_declarations, by=world.leader.actor, declarations=keys(*rows)) == "self-approval"
    assert refusal(return_declarations, by=world.leader.actor, declarations=keys(*rows), advice="换") == "self-approval"
    assert agree_declarations(by=world.cio.actor, declarations=keys(*rows)) == 1


def test_what_office_staff_declare_and_do_is_answered_by_their_host_school(world):
    p1 = publish_p1(world, scope=p4_document().scope)
    office = Unit.objects.create(name="社会事业局", level="school", kind="office")
    Edge.objects.create(child=office, parent_id=world.district, during=since(None))
    rebuild_closure(office.pk)
    clerk = world.enter("简一", office.pk)
    theirs = enrol(p1, clerk)
    attach_host(by=world.office.actor, enrolment=theirs.pk, host=world.nine_year)
    choose_points(by=clerk.actor, enrolment=theirs.pk, points=POINTS)
    rows = declare(world, theirs, "A1", "A2", who=clerk)
    entry = do_task(by=clerk.actor, enrolment=theirs.pk, task="tasks")
    assert (len(told(world.cio, "points-declared")), len(told(world.cio, "task-done"))) == (1, 1)
    for unit in ({}, {"unit": world.nine_year}, {"below": world.nine_year}):
        (asked,) = asking_within(world.cio.actor, p1.pk, **unit)
        assert (asked.name, asked.group, asked.waiting) == (clerk.name, world.nine_year, 3)
    assert asking_within(world.cio.actor, p1.pk, unit=world.maths) == []
    for outsider in (world.leader, world.wu, world.kindergarten_cio, clerk):
        assert asking_within(outsider.actor, p1.pk) == []
        assert refusal(agree_declarations, by=outsider.actor, declarations=keys(*rows)) == "not-found"
        assert refusal(confirm_tasks, by=outsider.actor, entries=[entry.pk]) == "not-found"
    assert agree_declarations(by=world.cio.actor, declarations=keys(*rows)) == 2
    assert confirm_tasks(by=world.cio.actor, entries=[entry.pk]) == 1
    assert states(theirs) == {"A1": "agreed", "A2": "agreed"}


def test_where_nobody_leads_the_group_the_school_is_told(world, mine):
    grant = Grant.objects.get(person=world.leader.person, role="group-leader")
    end_grant(by=world.office.actor, grant=grant.pk, reason="换人")
    declare(world, mine, "A1")
    assert (len(told(world.leader, "points-declared")), len(told(world.cio, "points-declared"))) == (0, 1)


def test_what_is_sent_back_stays_declared_until_the_teacher_acts(world, mine):
    rows = declare(world, mine, "A1", "A2")
    back = {"by": world.leader.actor, "declarations": keys(*rows)}
    assert refusal(return_declarations, **back, advice="  ") == "comment-missing"
    assert refusal(return_declarations, **back, advice="长" * 401) == "text-too-long"
    agree_declarations(**back)
    assert return_declarations(**back, advice="先选弱项") == 2  # an agreement is taken back in the same way
    assert states(mine) == {"A1": "returned", "A2": "returned"}
    assert told(world.teacher, "declarations-returned") == [{"points": "A1, A2", "advice": "先选弱项"}]
    declare(world, mine, "A1")
    assert states(mine) == {"A1": "waiting", "A2": "returned"}
    agree_declarations(**back)
    assert states(mine) == {"A1": "agreed", "A2": "agreed"}
    assert list(Declaration.objects.values_list("advice", flat=True)) == ["", ""]
    withdraw_declaration(by=world.teacher.actor, enrolment=mine.pk, point="A2")
    assert refusal(agree_declarations, **back) == "declaration-withdrawn"
    Here(None, owner=world.district, leaf=world.maths, school=world.nine_year, code="p1-town").result(mine.pk, "A1")
    assert (
        refusal(return_declarations, by=world.leader.actor, declarations=[rows[0].pk], advice="改") == "already-decided"
    )


def test_what_merged_records_declared_is_one_person_s_and_parts_again(world, p1, mine):
    twin = world.enter("重复", world.maths)
    theirs = enrol(p1, twin)
    choose_points(by=twin.actor, enrolment=theirs.pk, points=POINTS)
    rows = [*declare(world, mine, "A1"), *declare(world, theirs, "A1", "A2", who=twin)]
    agree_declarations(by=world.leader.actor, declarations=keys(rows[1]))
    merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin.person, reason="同一人", end_numbers=True)
    assert states(mine) == {"A1": "agreed", "A2": "waiting"}
    assert refusal(agree_declarations, by=world.cio.actor, declarations=[]) == "nothing-ticked"
    withdraw_declaration(by=world.teacher.actor, enrolment=mine.pk, point="A2")
    unmerge_people(by=world.office.actor, merge=Merge.objects.get().pk, reason="两个人")
    assert (states(mine), states(theirs)) == ({"A1": "waiting"}, {"A1": "agreed"})


def test_what_is_declared_is_counted_as_soon_as_it_is(world, mine):
    scene = Here(None, owner=world.district, leaf=world.maths, school=world.nine_year, code="p1-town")
    scene.result(mine.pk, "A1")
    scene.result(mine.pk, "B1", "fail")
    scene.recount(mine.pk)
    assert [(standing(mine.pk, code).have, standing(mine.pk, code).met) for code in ("credits", "items")] == [
        (0, False), (0, True),
    ]  # fmt: skip
    declare(world, mine, "A1", "B1")
    assert list(Touched.objects.values_list("enrolment", flat=True)) == [mine.pk]
    recount(by=SETTLE)
    assert [(standing(mine.pk, code).have, standing(mine.pk, code).met) for code in ("credits", "items")] == [
        (1000, False), (1, False),
    ]  # fmt: skip
    assert standing(mine.pk, "items").reasons == [{"code": "item-failed", "item": "point", "point": "B1"}]
