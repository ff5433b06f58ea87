"""School plans for tests: written, submitted and approved through the actions."""

import pytest

from weineng.kernel.refusals import Refused
from weineng.planning.actions import approve_school_plan, draft_school_plan, edit_school_plan, submit_school_plan
from weineng.planning.rules import PlanContent, questionnaire
from weineng.programmes.models import Enrolment

OPEN = {"dimensions": ("learner-analysis", "teaching-design"), "points": ("A1", "A2", "A3", "B1")}
ANSWERS = {question["code"]: {"score": 3, "note": ""} for question in questionnaire()["school"]}


def content(**changes):
    """A whole plan; its theme works on the first point that it opens."""
    first = [*changes.get("points", OPEN["points"])][:1]
    fields = {
        "environment": "multimedia", "diagnosis": ANSWERS, "goals": "人人会用数据看学情",
        "themes": ({"title": "数据驱动的学情分析", "points": first},),
        "timetable": ({"step": "启动", "from": "2026-04-01", "to": "2026-04-30", "who": "信息长"},),
        "needs": "学情分析工具", "assessment": "校内评审组", **OPEN,
    }  # fmt: skip
    return PlanContent(**(fields | changes))


def submitted(programme, unit, writer, **changes):
    plan = draft_school_plan(by=writer.actor, programme=programme.pk, unit=unit)
    edit_school_plan(by=writer.actor, plan=plan.pk, content=content(**changes), revision=plan.revision)
    return submit_school_plan(by=writer.actor, plan=plan.pk)


def approve(world, programme, unit, writer, **changes):
    """A plan of the unit in force."""
    plan = submitted(programme, unit, writer, **changes)
    return approve_school_plan(by=world.office.actor, plan=plan.pk)


def enrol(programme, member):
    """The member takes part (without the programme's own rules of who does)."""
    version = programme.versions.get(number=1)
    return Enrolment.objects.create(
        programme=programme, version=version, person_id=member.person, since=version.published_at.date()
    )


def refusal(call, **kwargs):
    with pytest.raises(Refused) as caught:
        call(**kwargs)
    return caught.value.code
