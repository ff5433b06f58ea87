"""What the school's and the district's actions on a plan share."""

from typing import Any, TypeVar

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.organisations.models import Posting
from weineng.organisations.reach import same_people
from weineng.planning.models import PLAN_MOVES, GroupPlan, SchoolPlan
from weineng.planning.queries import axis_of_points, choosable, flags_on
from weineng.planning.rules import STATE_WORDS, GroupContent, PlanContent, check_opened
from weineng.programmes.effects import touch
from weineng.programmes.models import EnrolledSchool, Enrolment, Version
from weineng.programmes.queries import document_of

Content = TypeVar("Content", PlanContent, GroupContent)
CONTENT = tuple(PlanContent.__dataclass_fields__)


def check_plan(row: SchoolPlan) -> None:
    """Whether what the plan opens fits the programme's document and the school's flags today."""
    version = newest_version(row.programme_id)
    document = document_of(version)
    flags, may = flags_on(row.unit_id, today()), choosable(document)
    check_opened(document.choice, axis_of_points(document), row.dimensions, row.points, flags, may)


def opens_points(programme: int) -> bool:
    """Whether the document in force lets schools open points."""
    return bool(document_of(newest_version(programme)).choice.opened_minimum)


def newest_version(programme: int) -> int:
    """The version in force for a programme. Refuses `programme-not-published`."""
    version = Version.objects.filter(programme=programme).order_by("-number").values_list("pk", flat=True).first()
    if version is None:
        raise Refused("programme-not-published", _("The programme has no published document yet."))
    return version


def content_of(row: SchoolPlan | GroupPlan, kind: type[Content]) -> Content:
    """What is written down in a plan, as its rules take it."""
    return kind(**{name: getattr(row, name) for name in kind.__dataclass_fields__})


def hold_school(programme: int, unit: int) -> bool:
    """Whether the school takes part; who begins or takes back a plan of it now waits for the other."""
    rows = EnrolledSchool.objects.filter(programme=programme, unit=unit, until__isnull=True)
    return rows.select_for_update(of=("self",)).first() is not None


def refuse_state(row: SchoolPlan | GroupPlan, *states: str) -> None:
    """Refuses `plan-state` where the plan, which is locked, is in none of these states."""
    if row.state not in states:
        message = _("This cannot be done in the present state: %(word)s.")
        raise Refused("plan-state", message, state=row.state, word=STATE_WORDS[row.state])


def stale() -> Refused:
    """The refusal of who saves a page that somebody else has saved meanwhile."""
    return Refused("stale-revision", _("Somebody else has saved this meanwhile; nothing of theirs was overwritten."))


def move_plan(row: SchoolPlan, verb: str, **fields: Any) -> None:
    """What a verb of `PLAN_MOVES` does to the plan's state: one conditional UPDATE. Refuses `plan-state`."""
    starts, to = PLAN_MOVES[verb]
    refuse_state(row, *starts)
    SchoolPlan.objects.filter(pk=row.pk, state__in=starts).update(state=to, **fields)
    for name, value in (fields | {"state": to}).items():
        setattr(row, name, value)


def touch_counted(row: SchoolPlan) -> None:
    """Have those recounted for whom the plan of this school is an item that their document demands."""
    versions = Version.objects.filter(programme=row.programme_id).order_by("pk").values_list("pk", flat=True)
    counting = [pk for pk in versions if any(demand.item == "school-plan" for demand in document_of(pk).demands)]
    if counting:
        posted = Posting.objects.filter(school=row.unit_id, home=True, during__contains=today()).values("person")
        whose = Q(host=row.unit_id) | Q(host__isnull=True, person__in=same_people(posted))
        touch(enrolments=Enrolment.objects.filter(whose, version__in=counting).values_list("pk", flat=True), lane=1)
