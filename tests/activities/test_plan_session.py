"""Whoever is told of a session gets from the message to the session."""

from datetime import datetime

import pytest

from weineng.activities.actions import SessionPlan, plan_session
from weineng.kernel.clock import CIVIL
from weineng.notices.models import Message

pytestmark = pytest.mark.django_db


def test_the_message_leads_every_member_to_the_session(world, client, sign_in):
    plan = SessionPlan(
        "school-research", "lesson-study", "用数据看学情", datetime(2026, 4, 22, 14, tzinfo=CIVIL),
        datetime(2026, 4, 22, 16, tzinfo=CIVIL), 90,
    )  # fmt: skip
    plan_session(by=world.leader.actor, unit=world.maths, programme="", plan=plan)
    told = list(Message.objects.filter(event="session-planned").order_by("person"))
    assert world.teacher.person in {row.person for row in told}
    (link,) = {row.link for row in told}
    sign_in(client, world.teacher)
    answer = client.get(link)
    assert (answer.status_code, "用数据看学情" in answer.content.decode()) == (200, True)
