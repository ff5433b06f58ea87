"""What the school's and the district's actions on a plan share."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.planning.models import PLAN_MOVES, SchoolPlan
from weineng.planning.queries import axis_of_points, flags_on
from weineng.planning.rules import PlanContent, check_opened
from weineng.programmes.models import Version
from weineng.programmes.queries import document_of

CONTENT = tuple(PlanContent.__dataclass_fields__)


def check_plan(row: SchoolPlan) -> None:
    """Whether what the plan opens fits the programme's document and the school's flags today."""
    version = newest_version(row.programme_id)
    document = document_of(version)
    check_opened(document.choice, axis_of_points(document), row.dimensions, row.points, flags_on(row.unit_id, today()))


def newest_version(programme: int) -> int:
    """The version in force for a programme. Refuses `programme-not-published`."""
    version = Version.objects.filter(programme=programme).order_by("-number").values_list("pk", flat=True).first()
    if version is None:
        raise Refused("programme-not-published", _("The programme has no published document yet."))
    return version


def move_plan(row: SchoolPlan, to: str, **fields: Any) -> None:
    """One conditional UPDATE; its row count is the verdict. Refuses `plan-state`."""
    allowed = [state for state, moves in PLAN_MOVES.items() if to in moves]
    if not SchoolPlan.objects.filter(pk=row.pk, state__in=allowed).update(state=to, **fields):
        raise Refused("plan-state", _("This cannot be done with a plan that is %(state)s."), state=row.state)
    for name, value in (fields | {"state": to}).items():
        setattr(row, name, value)
