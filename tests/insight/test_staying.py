"""What is said, before a merge or split of units, to stay with the old one."""

from datetime import datetime, timedelta

import pytest

from tests.district import start_p4
from tests.organisations.test_merge_units import ON
from tests.planning.plans import approve
from weineng.activities.actions import SessionPlan, plan_session, void_session
from weineng.assessment.models import HandOver, OwnMode
from weineng.insight.queries import staying_at
from weineng.kernel.clock import CIVIL, now
from weineng.planning.models import GroupPlan
from weineng.programmes.actions import enrol_school


@pytest.fixture
def p4(world, set_clock):
    set_clock(datetime(2026, 1, 10, 9, tzinfo=CIVIL))
    row = start_p4(world)
    enrol_school(by=world.office.actor, programme=row.pk, unit=world.nine_year, batch="pilot")
    return row


def session(world, p4, begins):
    plan = SessionPlan("school-research", "lesson-study", "课例研讨", begins, begins + timedelta(hours=1), 60)
    return plan_session(by=world.leader.actor, unit=world.maths, programme=p4.code, plan=plan)


def test_plans_arrangements_and_sessions_to_come_are_told(world, p4):
    plan = approve(world, p4, world.nine_year, world.cio)
    GroupPlan.objects.create(programme=p4, unit_id=world.maths, school_plan=plan, edited_at=now())
    HandOver.objects.create(programme=p4, stage="school", unit_id=world.nine_year, at=now())
    OwnMode.objects.create(
        programme=p4, unit_id=world.nine_year, state="ended", stages=[], why="已停用", submitted_at=now()
    )
    begins = datetime(2026, 2, 1, 15, tzinfo=CIVIL)
    _before, _after, void = (session(world, p4, begins + timedelta(days=days)) for days in (-1, 0, 9))
    void_session(by=world.office.actor, session=void.pk, reason="改期")
    told = staying_at(world.office.actor, world.nine_year, [world.maths], ON)
    assert (told.plans, told.group_plans, told.arrangements, told.coming, told.sessions) == (1, 1, 1, 1, 1)
    elsewhere = staying_at(world.office.actor, world.nine_year, (), ON)  # the group goes along as it is
    assert (elsewhere.group_plans, elsewhere.coming, elsewhere.sessions) == (0, 0, 0)
