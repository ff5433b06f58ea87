"""The group's plan, derived from the school's."""

from dataclasses import asdict

from django.db import transaction
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
from weineng.planning.actions._plans import content_of, refuse_state, stale
from weineng.planning.models import GroupPlan, SchoolPlan
from weineng.planning.permissions import WRITE_GROUP_PLAN
from weineng.planning.queries import group_plan_to_write, points_of_plan
from weineng.planning.rules import GroupContent, check_group_content, group_lacks


@transaction.atomic
def write_group_plan(*, by: Actor, programme: int, unit: int, content: GroupContent, revision: int) -> GroupPlan:
    """Save the group's plan; the first save begins it, from the school's plan in force. A published one stays published
    and complete.

    Where the school has a newer plan in force since, the group's plan rests on that one from now on. `revision` is the
    one of `group_plan_to_write` that the page was made from.

    Refuses `no-plan-in-force` while the school has none, `stale-revision`, `point-not-opened`, `not-a-member`, those of
    `check_group_content` and, where it is published, the codes of `group_lacks`; `not-found` outside one's reach.
    """
    require_unit(by, WRITE_GROUP_PLAN, unit)
    before = _hold(programme, unit)
    row = group_plan_to_write(programme, unit)
    if row.revision != revision:
        raise stale()
    _check(row, content)
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(content).items()}
    for name, value in {**values, "edited_at": now(), "edited_by": by.person, "revision": revision + 1}.items():
        setattr(row, name, value)
    row.save()
    if before is None:
        record(by=by, verb="planning.draft_group", thing=row, unit=unit)
    elif before.school_plan_id != row.school_plan_id:
        numbers = {"school_plan": row.school_plan.number, "before": before.school_plan.number}
        record(by=by, verb="planning.rest_group", thing=row, unit=unit, facts=numbers)
    record(by=by, verb="planning.edit_group", thing=row, unit=unit, facts={"revision": row.revision})
    return row


def _hold(programme: int, unit: int) -> GroupPlan | None:
    """The plan that is there already, locked; the school's plans are locked too: two who begin at once write one plan."""
    schools = SchoolPlan.objects.filter(programme=programme, unit=school_of(unit).pk).order_by("pk")
    list(schools.select_for_update(of=("self",)))
    rows = GroupPlan.objects.filter(programme=programme, unit=unit).select_for_update(of=("self",))
    return rows.select_related("school_plan").first()


@transaction.atomic
def publish_group_plan(*, by: Actor, plan: int) -> GroupPlan:
    """Publish it: the members are told. Refuses `plan-state` and the codes of `group_lacks`."""
    row = _writable(by, plan, "draft")
    for lack in group_lacks(content_of(row, GroupContent)):
        raise lack
    GroupPlan.objects.filter(pk=row.pk, state="draft").update(state="published", published_at=now())
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
    row = _writable(by, plan, "published")
    GroupPlan.objects.filter(pk=row.pk, state="published").update(state="draft", published_at=None)
    record(by=by, verb="planning.withdraw_group", thing=row, unit=row.unit_id)
    row.refresh_from_db()
    return row


def _check(row: GroupPlan, content: GroupContent) -> None:
    check_group_content(content)
    if closed := sorted(set(content.points) - set(points_of_plan(row.school_plan))):
        raise Refused(
            "point-not-opened", _("Your school has not opened point %(point)s."), field="points", point=closed[0]
        )
    people = {person for pair in content.pairs for person in pair.values() if person is not None}
    members = Posting.objects.filter(unit=row.unit_id, during__contains=today(), person__in=people).values_list(
        "person", flat=True
    )
    if strangers := people - set(members.order_by("pk")):
        raise Refused("not-a-member", _("%(count)s of these people do not belong here."), count=len(strangers))
    if row.state == "published":
        for lack in group_lacks(content):
            raise lack


def _writable(by: Actor, plan: int, state: str) -> GroupPlan:
    """The group's plan, locked, which has to be in this state."""
    rows = GroupPlan.objects.within(by, WRITE_GROUP_PLAN, changing=True).select_for_update(of=("self",))
    row = get_or_refuse(rows.select_related("unit", "school_plan"), pk=plan)
    refuse_state(row, state)
    return row
