"""Follow merges and splits of schools: the plan in force comes along where the other school has none of its own."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.organisations.effects import keep_followed, read_reorganisations
from weineng.organisations.models import Reorganisation
from weineng.organisations.reach import require_platform
from weineng.planning.actions._plans import CONTENT, touch_counted
from weineng.planning.models import SchoolPlan
from weineng.planning.queries import plan_in_force, plan_in_work
from weineng.programmes.models import EnrolledSchool

READER = "planning"


@transaction.atomic
def follow_plans(*, by: Actor) -> int:
    """Give the school that people went to a copy of the plan in force of the one they came from, approved as that was, in every
    programme in which it has none in force or in work; it goes again when the merge or split is taken back. Returns how many
    merges and splits were followed. Refuses `platform-only`."""
    require_platform(by)
    back = read_reorganisations(reader=READER, back=True)
    for row in back:
        plans = SchoolPlan.objects.filter(pk__in=row.followed[READER]["plans"])
        unused = list(plans.filter(choices__isnull=True, group_plans__isnull=True).order_by("pk"))
        for plan in unused:
            touch_counted(plan)
        SchoolPlan.objects.filter(pk__in=[plan.pk for plan in unused]).delete()
        facts = {"plans": len(unused)}
        line = record(by=by, verb="planning.follow_reorganisation", thing=row, unit=row.other_id, facts=facts)
        keep_followed(cause=line, row=row, reader=READER, wrote=None)
    rows = read_reorganisations(reader=READER)
    for row in rows:
        copies = [copy.pk for copy in _copies(row)]
        facts = {"plans": len(copies)}
        line = record(by=by, verb="planning.follow_reorganisation", thing=row, unit=row.other_id, facts=facts)
        keep_followed(cause=line, row=row, reader=READER, wrote={"plans": copies})
    return len(back) + len(rows)


def _copies(row: Reorganisation) -> list[SchoolPlan]:
    made = []
    running = EnrolledSchool.objects.filter(until__isnull=True, programme__closed_on__isnull=True)
    here = running.filter(unit=row.other)
    for programme in here.order_by("programme").values_list("programme", flat=True):
        plan = plan_in_force(programme, row.unit_id)
        if plan is None or plan_in_force(programme, row.other_id) or plan_in_work(programme, row.other_id):
            continue
        held = SchoolPlan.objects.filter(programme=programme, unit=row.other)
        content: dict[str, Any] = {name: getattr(plan, name) for name in CONTENT}
        copy = SchoolPlan.objects.create(
            programme_id=programme, unit=row.other, number=(held.aggregate(top=Max("number"))["top"] or 0) + 1,
            state="approved", approved_on=max(row.on, plan.approved_on or row.on), decided_at=now(), edited_at=now(),
            edited_by=plan.edited_by, hands=plan.hands, submitted_at=plan.submitted_at, submitted_by=plan.submitted_by, **content,
        )  # fmt: skip
        touch_counted(copy)
        made.append(copy)
    return made
