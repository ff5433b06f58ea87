"""The school writes its plan, version by version."""

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.notices.effects import notify
from weineng.organisations.reach import require_unit
from weineng.planning.actions._plans import (
    CONTENT,
    check_plan,
    content_of,
    hold_school,
    move_plan,
    opens_points,
    refuse_state,
    stale,
)
from weineng.planning.models import SchoolPlan
from weineng.planning.permissions import WRITE_SCHOOL_PLAN
from weineng.planning.queries import people_in_charge, plan_in_force, plan_in_work
from weineng.planning.rules import PlanContent, check_content, plan_lacks


@transaction.atomic
def draft_school_plan(*, by: Actor, programme: int, unit: int) -> SchoolPlan:
    """Begin a plan, or go on with the one in work; after an approved one the new version starts as its copy.

    Refuses `school-not-enrolled`; `not-found` outside one's reach.
    """
    require_unit(by, WRITE_SCHOOL_PLAN, unit)
    if not hold_school(programme, unit):
        raise Refused("school-not-enrolled", _("This school does not take part in the programme."))
    if existing := plan_in_work(programme, unit):
        return existing
    last = plan_in_force(programme, unit)
    content: dict[str, Any] = {name: getattr(last, name) for name in CONTENT} if last else {}
    number = SchoolPlan.objects.filter(programme=programme, unit=unit).aggregate(top=Max("number"))["top"] or 0
    plan = SchoolPlan.objects.create(
        programme_id=programme,
        unit_id=unit,
        number=number + 1,
        edited_at=now(),
        edited_by=by.person,
        hands=sorted(by.hands),
        **content,
    )
    record(by=by, verb="planning.draft", thing=plan, unit=unit, facts={"number": plan.number})
    return plan


@transaction.atomic
def edit_school_plan(*, by: Actor, plan: int, content: PlanContent, revision: int) -> SchoolPlan:
    """Save the plan's content. `revision` is the one the page was made from.

    Refuses `stale-revision` when somebody else saved meanwhile (their text is kept), `plan-not-editable`, those of `check_content`.
    """
    row = _writable(by, plan)
    if row.state not in ("draft", "returned"):
        raise Refused("plan-not-editable", _("A plan can be edited while it is a draft or was returned."))
    check_content(content)
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(content).items()}
    saved = SchoolPlan.objects.filter(pk=row.pk, revision=revision).update(
        **values,
        edited_at=now(),
        edited_by=by.person,
        revision=F("revision") + 1,
        hands=sorted({*row.hands, *by.hands}),
    )
    if not saved:
        raise stale()
    record(by=by, verb="planning.edit", thing=row, unit=row.unit_id, facts={"revision": revision + 1})
    row.refresh_from_db()
    return row


@transaction.atomic
def submit_school_plan(*, by: Actor, plan: int) -> SchoolPlan:
    """Hand the plan in for review.

    Refuses `plan-state`, those of `check_opened`, the codes of `plan_lacks`.
    """
    row = _writable(by, plan)
    refuse_state(row, "draft", "returned")
    check_plan(row)
    for lack in plan_lacks(content_of(row, PlanContent), opens=opens_points(row.programme_id)):
        raise lack
    move_plan(row, "submit", submitted_at=now(), submitted_by=by.person, hands=sorted({*row.hands, *by.hands}))
    line = record(by=by, verb="planning.submit", thing=row, unit=row.unit_id, facts={"number": row.number})
    params = {"school": row.unit.name}
    notify(
        cause=line,
        event="plan-submitted",
        people=people_in_charge(row.unit_id, "office"),
        params=params,
        link=f"/plans/{seal_id('planning.schoolplan', row.pk)}/judge/",
    )
    return row


@transaction.atomic
def withdraw_school_plan(*, by: Actor, plan: int) -> SchoolPlan:
    """Take a submitted plan back before it was judged. Refuses `plan-state`."""
    row = _writable(by, plan)
    move_plan(row, "withdraw", submitted_at=None, submitted_by=None)
    record(by=by, verb="planning.withdraw", thing=row, unit=row.unit_id)
    return row


@transaction.atomic
def discard_school_plan(*, by: Actor, plan: int) -> None:
    """Throw away a draft that was never judged. Refuses `plan-state`, `plan-was-judged`."""
    row = _writable(by, plan)
    refuse_state(row, "draft")
    if row.reviews.exists():
        raise Refused("plan-was-judged", _("A plan that was judged is kept."))
    record(by=by, verb="planning.discard", thing=row, unit=row.unit_id, facts={"number": row.number})
    row.delete()


def _writable(by: Actor, plan: int) -> SchoolPlan:
    rows = SchoolPlan.objects.within(by, WRITE_SCHOOL_PLAN, changing=True).select_for_update(of=("self",))
    return get_or_refuse(rows.select_related("unit"), pk=plan)
