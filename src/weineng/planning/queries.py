"""What can be asked of plans: what is in force, what it opens, what waits for review, what a teacher has to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from weineng.accounts.models import Grant
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.organisations.models import Closure, Posting, UnitFlag
from weineng.planning.models import Choice, ChosenPoint, GroupPlan, PlanReview, SchoolPlan
from weineng.planning.permissions import REVIEW_SCHOOL_PLAN, VIEW
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Document
from weineng.standards.models import Point


def plan_in_force(programme: int, school: int) -> SchoolPlan | None:
    """The approved (or filed) plan of a school: the only kind that opens points (semantics 14)."""
    return SchoolPlan.objects.filter(programme=programme, unit=school, state__in=("approved", "filed")).first()


def plan_in_work(programme: int, school: int) -> SchoolPlan | None:
    """The plan that is being written, submitted or was returned."""
    return SchoolPlan.objects.filter(
        programme=programme, unit=school, state__in=("draft", "submitted", "returned")
    ).first()


def plans_within(by: Actor) -> QuerySet[SchoolPlan]:
    """The plans one may read, newest first."""
    return SchoolPlan.objects.within(by, VIEW).select_related("unit", "programme").order_by("-edited_at", "-pk")


def plans_to_review(by: Actor) -> QuerySet[SchoolPlan]:
    """Submitted plans of the schools below, longest waiting first."""
    rows = SchoolPlan.objects.within(by, REVIEW_SCHOOL_PLAN, changing=True).filter(state="submitted")
    return rows.select_related("unit").order_by("submitted_at", "pk")


def reviews_of(plan: int) -> QuerySet[PlanReview]:
    """Everything that was said of a plan, newest first; nothing is ever lost."""
    return PlanReview.objects.filter(plan=plan).order_by("-at", "-pk")


def axis_of_points(document: Document) -> Mapping[str, str]:
    """Every point of the document's standard → its value on the axis of choice (semantics 13)."""
    rows = Point.objects.filter(edition__code=document.standard).order_by("place")
    return dict(rows.values_list("code", document.choice.axis))


def flags_on(unit: int, on: date) -> set[str]:
    """The flags a unit bore on a date."""
    return set(UnitFlag.objects.filter(unit=unit, during__contains=on).order_by("pk").values_list("flag", flat=True))


def school_of_enrolment(enrolment: Enrolment, on: date | None = None) -> int | None:
    """The school whose plan holds for a person: the host school of office staff, else the school of the home posting."""
    if enrolment.host_id is not None:
        return enrolment.host_id
    posts = Posting.objects.filter(person=enrolment.person_id, home=True, during__contains=on or today())
    return posts.values_list("school", flat=True).first()


def choice_in_force(enrolment: int) -> Choice | None:
    """The choice that holds, with its points."""
    rows = Choice.objects.filter(enrolment=enrolment, superseded_at__isnull=True)
    return rows.prefetch_related("points").first()


def chosen_points(enrolment: int) -> QuerySet[ChosenPoint]:
    """The points of the choice that holds, in the order of their codes."""
    rows = ChosenPoint.objects.filter(choice__enrolment=enrolment, choice__superseded_at__isnull=True)
    return rows.order_by("point")


def group_plan(programme: int, group: int) -> GroupPlan | None:
    """A group's plan, whatever its state."""
    return GroupPlan.objects.filter(programme=programme, unit=group).select_related("school_plan").first()


def people_in_charge(unit: int, *roles: str) -> set[int]:
    """Who holds one of these roles at the unit or above it today: whom to tell."""
    on = today()
    above = Closure.objects.filter(unit=unit, during__contains=on).values("ancestor")
    grants = Grant.objects.filter(unit__in=above, role__in=roles, starts_on__lte=on)
    return set(
        grants.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on)).order_by("pk").values_list("person", flat=True)
    )


@dataclass(frozen=True)
class Task:
    """One line of the teacher's list. `code` is a task of the document, or `point` with the point's code in `point`;
    `done` is what planning itself knows (None: progress and evidence know)."""

    code: str
    due_on: date | None
    point: str = ""
    done: bool | None = None


def task_list(enrolment: Enrolment) -> list[Task]:
    """The teacher's list, in the order of its due dates: choose, then each chosen point, hours, sessions, recording."""
    document = document_of(enrolment.version_id)
    due = document.tasks
    chosen = list(chosen_points(enrolment.pk))
    tasks = [Task("choose", due.get("choose"), done=bool(chosen))]
    tasks += [Task("point", row.due_on or due.get("points"), row.point, row.passed_at is not None) for row in chosen]
    tasks += [Task(code, on) for code, on in due.items() if code not in ("choose", "points")]
    return sorted(tasks, key=lambda task: (task.due_on or date.max, task.code, task.point))
