"""The group's plan, derived from the school's."""

from dataclasses import asdict

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.notices.effects import notify
from weineng.organisations.models import Posting
from weineng.organisations.queries import school_of
from weineng.organisations.reach import require_unit
from weineng.planning.models import GroupPlan, SchoolPlan
from weineng.planning.permissions import WRITE_GROUP_PLAN
from weineng.planning.queries import group_plan, plan_in_force
from weineng.planning.rules import GroupContent


@transaction.atomic
def draft_group_plan(*, by: Actor, programme: int, unit: int) -> GroupPlan:
    """Begin the group's plan from the school's plan in force, or go on with it: where the school has a newer plan in force
    since, the group's plan now rests on that one and keeps of its points what is still open.

    Refuses `no-plan-in-force` while the school has none; `not-found` outside one's reach.
    """
    require_unit(by, WRITE_GROUP_PLAN, unit)
    school_plan = plan_in_force(programme, school_of(unit).pk)
    if existing := group_plan(programme, unit):
        return _rest_on(by, existing, school_plan)
    if school_plan is None:
        raise Refused("no-plan-in-force", _("The school plan has not been approved yet."))
    theme = school_plan.themes[0].get("title", "") if school_plan.themes else ""
    plan = GroupPlan.objects.create(
        programme_id=programme, unit_id=unit, school_plan=school_plan, theme=theme, points=school_plan.points,
        edited_at=now(), edited_by=by.person,
    )  # fmt: skip
    record(by=by, verb="planning.draft_group", thing=plan, unit=unit)
    return plan


@transaction.atomic
def edit_group_plan(*, by: Actor, plan: int, content: GroupContent, revision: int) -> GroupPlan:
    """Save the group's plan; a published one stays published. Refuses `stale-revision`, `point-not-opened`, `not-a-member`."""
    row = _writable(by, plan)
    _check(row, content)
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(content).items()}
    saved = GroupPlan.objects.filter(pk=row.pk, revision=revision).update(
        **values, edited_at=now(), edited_by=by.person, revision=F("revision") + 1
    )
    if not saved:
        raise Refused(
            "stale-revision", _("Somebody else has changed this meanwhile. Reload to see it; your text is below.")
        )
    record(by=by, verb="planning.edit_group", thing=row, unit=row.unit_id, facts={"revision": revision + 1})
    row.refresh_from_db()
    return row


@transaction.atomic
def publish_group_plan(*, by: Actor, plan: int) -> GroupPlan:
    """Publish it: the members are told. Refuses `theme-missing`, `activities-missing`, `plan-state`."""
    row = _writable(by, plan)
    if not row.theme.strip():
        raise Refused("theme-missing", _("Give the plan a theme."), field="theme")
    if not row.activities:
        raise Refused("activities-missing", _("Add at least one activity."), field="activities")
    if not GroupPlan.objects.filter(pk=row.pk, state="draft").update(state="published", published_at=now()):
        raise Refused("plan-state", _("This cannot be done with a plan that is %(state)s."), state=row.state)
    line = record(by=by, verb="planning.publish_group", thing=row, unit=row.unit_id)
    members = (
        Posting.objects.filter(unit=row.unit_id, during__contains=today())
        .order_by("pk")
        .values_list("person", flat=True)
    )
    params = {"group": row.unit.name, "theme": row.theme}
    notify(
        cause=line,
        event="group-plan-published",
        people=members,
        params=params,
        link=f"/plans/group/{seal_id('planning.groupplan', row.pk)}/show/",
    )
    row.refresh_from_db()
    return row


@transaction.atomic
def withdraw_group_plan(*, by: Actor, plan: int) -> GroupPlan:
    """Make a published plan a draft again. Refuses `plan-state`."""
    row = _writable(by, plan)
    if not GroupPlan.objects.filter(pk=row.pk, state="published").update(state="draft", published_at=None):
        raise Refused("plan-state", _("This cannot be done with a plan that is %(state)s."), state=row.state)
    record(by=by, verb="planning.withdraw_group", thing=row, unit=row.unit_id)
    row.refresh_from_db()
    return row


def _rest_on(by: Actor, plan: GroupPlan, school_plan: SchoolPlan | None) -> GroupPlan:
    if school_plan is None or plan.school_plan_id == school_plan.pk:
        return plan
    kept = [point for point in plan.points if point in school_plan.points]
    facts = {"school_plan": school_plan.number, "before": plan.school_plan.number, "points": kept}
    plan.school_plan, plan.points, plan.revision = school_plan, kept, plan.revision + 1
    plan.save(update_fields=["school_plan", "points", "revision"])
    record(by=by, verb="planning.rest_group", thing=plan, unit=plan.unit_id, facts=facts)
    return plan


def _check(row: GroupPlan, content: GroupContent) -> None:
    if closed := sorted(set(content.points) - set(row.school_plan.points)):
        raise Refused(
            "point-not-opened", _("Your school has not opened point %(point)s."), field="points", point=closed[0]
        )
    people = {person for pair in content.pairs for person in pair.values()}
    members = Posting.objects.filter(unit=row.unit_id, during__contains=today(), person__in=people).values_list(
        "person", flat=True
    )
    if strangers := people - set(members.order_by("pk")):
        raise Refused("not-a-member", _("%(count)s of these people do not belong here."), count=len(strangers))


def _writable(by: Actor, plan: int) -> GroupPlan:
    rows = GroupPlan.objects.within(by, WRITE_GROUP_PLAN, changing=True).select_for_update(of=("self",))
    return get_or_refuse(rows.select_related("unit", "school_plan"), pk=plan)
