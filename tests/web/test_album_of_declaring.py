"""The pages of declaring and of the handbook in a real browser: accessible, no wider than a phone, large enough for a thumb."""

from datetime import datetime

import pytest
from django.urls import reverse

from tests.p1 import POINTS, publish_p1
from tests.planning.plans import enrol
from tests.web.test_album import act_as, walk  # noqa: F401 (fixtures)
from weineng.kernel.clock import CIVIL
from weineng.planning.actions import (
    agree_declarations,
    choose_points,
    declare_points,
    do_task,
    return_declarations,
)
from weineng.planning.models import Declaration

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 4, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def group(world, set_clock):
    """Two of the maths group have declared, one of these has done the handbook, the third has only chosen."""
    set_clock(NOW)
    p1 = publish_p1(world)
    for member in (world.teacher, world.colleague, world.leader):
        row = enrol(p1, member)
        choose_points(by=member.actor, enrolment=row.pk, points=[*POINTS, "B1"])
        if member is not world.leader:
            declare_points(by=member.actor, enrolment=row.pk, points=["A1", "A2", "A3"])
            do_task(by=member.actor, enrolment=row.pk, task="tasks", note="摘录和反思见教研组活页")
    keys = dict(Declaration.objects.filter(enrolment__person=world.teacher.person).values_list("point", "pk"))
    agree_declarations(by=world.leader.actor, declarations=[keys["A1"]])
    return_declarations(by=world.leader.actor, declarations=[keys["A2"]], advice="先选弱项，再选这一项")


def test_the_pages_of_declaring(world, group, act_as, walk):  # noqa: F811 (fixtures)
    act_as(world.teacher)
    walk(("declare", reverse("plans:declare")), ("handbook", reverse("plans:handbook")))
    walk(("diagnose", reverse("plans:diagnose")))
    act_as(world.leader, "group-leader")
    walk(("answer", reverse("plans:answer", kwargs={"unit": world.maths})))
    act_as(world.cio, "cio")
    walk(("answers", reverse("plans:answers")))
    assert walk.wrong == []
