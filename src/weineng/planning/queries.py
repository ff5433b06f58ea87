"""What can be asked of plans: what is in force, what it opens, what waits for review, what a teacher has to do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import Grant
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.kernel.words import Words
from weineng.organisations.models import Closure, Person, Posting, UnitFlag
from weineng.organisations.queries import current_person, home_leaves, in_force, school_of
from weineng.organisations.reach import behind, same_people, units_below, units_within
from weineng.planning.guards import withdrawal_refusal
from weineng.planning.models import (
    Choice,
    ChosenPoint,
    Declaration,
    Diagnosis,
    GroupPlan,
    HandbookEntry,
    PlanReview,
    SchoolPlan,
)
from weineng.planning.permissions import AGREE, REVIEW_SCHOOL_PLAN, VIEW
from weineng.planning.rules import suggest_points
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import batch_of_school, document_in_force, document_of
from weineng.programmes.queries import school_of_enrolment as school_where_enrolled
from weineng.programmes.rules import Document
from weineng.standards.models import Point

Answered = TypeVar("Answered", Declaration, HandbookEntry)


def plan_in_force(programme: int, school: int) -> SchoolPlan | None:
    """The approved (or filed) plan of a school: the only kind that opens points (semantics 14)."""
    return SchoolPlan.objects.filter(programme=programme, unit=school, state__in=("approved", "filed")).first()


def environments_in_force(programme: int) -> dict[int, str]:
    """School → the environment that its plan in force says, of a programme."""
    plans = SchoolPlan.objects.filter(programme=programme, state__in=("approved", "filed")).order_by()
    return dict(plans.values_list("unit", "environment"))


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
    rows = Point.objects.filter(edition__code=document.edition).order_by("place")
    return dict(rows.values_list("code", document.choice.axis))


def choosable(document: Document) -> list[str]:
    """The points of the standard that may be opened and chosen under a document, in the standard's order."""
    rows = Point.objects.filter(edition__code=document.edition)
    if document.choice.environments:
        rows = rows.filter(environment__in=document.choice.environments)
    if document.choice.dimensions:
        rows = rows.filter(dimension__in=document.choice.dimensions)
    return list(rows.order_by("place").values_list("code", flat=True))


def points_of_plan(plan: SchoolPlan) -> list[str]:
    """The points that groups and sessions of a school can work on: those its plan opens; where nobody opens anything, every
    point that may be chosen."""
    document = document_in_force(plan.programme_id)
    return list(plan.points) if document.choice.opened_minimum else choosable(document)


@dataclass(frozen=True)
class Offer:
    """What somebody may choose from: the school's plan in force with its D and P (semantics 14); where nobody opens
    anything, no plan, no D, and every point that may be chosen."""

    plan: SchoolPlan | None
    dimensions: tuple[str, ...]
    points: tuple[str, ...]


def offer_for(enrolment: Enrolment, document: Document) -> Offer | None:
    """What an enrolment may choose from today; None while the school's plan is not in force."""
    if not document.choice.opened_minimum:
        return Offer(None, (), tuple(choosable(document)))
    school = school_of_enrolment(enrolment)
    plan = plan_in_force(enrolment.programme_id, school) if school is not None else None
    return Offer(plan, tuple(plan.dimensions), tuple(plan.points)) if plan is not None else None


def flags_on(unit: int, on: date) -> set[str]:
    """The flags a unit bore on a date."""
    return set(UnitFlag.objects.filter(unit=unit, during__contains=on).order_by("pk").values_list("flag", flat=True))


def school_of_enrolment(enrolment: Enrolment, on: date | None = None) -> int | None:
    """The school whose plan holds for a person: as `programmes.queries.school_of_enrolment` says."""
    return school_where_enrolled(enrolment, on)


def choice_in_force(enrolment: int) -> Choice | None:
    """The choice that holds, with its points."""
    rows = Choice.objects.filter(enrolment=enrolment, superseded_at__isnull=True)
    return rows.prefetch_related("points").first()


def chosen_points(enrolment: int) -> QuerySet[ChosenPoint]:
    """The points of the choice that holds, in the order of their codes."""
    rows = ChosenPoint.objects.filter(choice__enrolment=enrolment, choice__superseded_at__isnull=True)
    return rows.order_by("point")


def same_enrolments(enrolment: Enrolment) -> list[int]:
    """The enrolments in its programme of everybody who is the same person: those of merged records too."""
    people = same_people([current_person(enrolment.person_id)])
    rows = Enrolment.objects.filter(programme=enrolment.programme_id, person__in=people)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def group_of(enrolment: Enrolment) -> int | None:
    """The teaching group in which the person is counted today; None for who is in none."""
    leaves = home_leaves([current_person(enrolment.person_id)]).filter(leaf_kind="group")
    return leaves.values_list("leaf", flat=True).first()


def declared_points(enrolment: Enrolment) -> dict[str, Declaration]:
    """The points that are declared to be assessed, in the order of their codes; of one that merged records both declared, the
    one the group agreed to."""
    rows = Declaration.objects.filter(enrolment__in=same_enrolments(enrolment), withdrawn_at__isnull=True)
    found: dict[str, Declaration] = {}
    for row in rows.select_related("enrolment").order_by("point", F("agreed_at").asc(nulls_last=True), "pk"):
        found.setdefault(row.point, row)
    return found


def withdrawable(enrolment: Enrolment, declared: Collection[str]) -> set[str]:
    """Which of these declared points were never decided nor looked at, so that they can be withdrawn (semantics 25)."""
    same = same_enrolments(enrolment)
    return {point for point in declared if withdrawal_refusal(same, [point]) is None}


def handbook_of(enrolment: Enrolment) -> dict[str, HandbookEntry]:
    """What somebody has done of the handbook, by the code of the task; of two entries the one that is confirmed."""
    rows = HandbookEntry.objects.filter(enrolment__in=same_enrolments(enrolment)).select_related("enrolment")
    found: dict[str, HandbookEntry] = {}
    for row in rows.order_by("task", F("confirmed_at").asc(nulls_last=True), "pk"):
        found.setdefault(row.task, row)
    return found


def group_plan(programme: int, group: int) -> GroupPlan | None:
    """A group's plan, whatever its state."""
    return GroupPlan.objects.filter(programme=programme, unit=group).select_related("school_plan").first()


def group_plan_to_write(programme: int, group: int) -> GroupPlan:
    """A group's plan as the next save goes on with it, nothing of it stored here: as it is; resting on the school's newer
    plan, with those of its points that are still open; or as it begins (without a key) from the school's plan.

    Refuses `no-plan-in-force` while the school has none; `not-found` for a unit that is not there today.
    """
    plan, school_plan = group_plan(programme, group), plan_in_force(programme, school_of(group).pk)
    if plan is not None:
        if school_plan is not None and plan.school_plan_id != school_plan.pk:
            still = points_of_plan(school_plan)
            plan.points = [point for point in plan.points if point in still]
            plan.school_plan, plan.revision = school_plan, plan.revision + 1
        return plan
    if school_plan is None:
        raise Refused("no-plan-in-force", _("The school plan has not been approved yet."))
    theme = school_plan.themes[0].get("title", "") if school_plan.themes else ""
    return GroupPlan(
        programme_id=programme, unit_id=group, school_plan=school_plan, theme=theme, points=school_plan.points
    )


def passed_points(enrolment: int) -> dict[str, datetime]:
    """Every point that was chosen at any time and is passed, with the instant: it counts for ever (semantics 15)."""
    rows = ChosenPoint.objects.filter(choice__enrolment=enrolment, passed_at__isnull=False).order_by("passed_at", "pk")
    return {row.point: row.passed_at for row in rows if row.passed_at is not None}


def people_in_charge(unit: int, *roles: str) -> set[int]:
    """Who holds one of these roles today at the unit or, where nobody does, at the nearest unit above: whom to tell."""
    on = today()
    held = Q(ends_on__isnull=True) | Q(ends_on__gt=on)
    depth = Closure.objects.filter(unit=unit, ancestor=OuterRef("unit"), during__contains=on).values("depth")[:1]
    grants = Grant.objects.filter(held, role__in=roles, starts_on__lte=on).annotate(depth=Subquery(depth))
    found = list(grants.filter(depth__isnull=False).order_by("depth", "pk").values_list("role", "depth", "person"))
    nearest = {role: min(depth for other, depth, _person in found if other == role) for role, _depth, _person in found}
    return set(in_force(person for role, depth, person in found if depth == nearest[role]).values())


def suggestions(enrolment: Enrolment, scores: Mapping[str, int]) -> tuple[str, ...]:
    """A choice that fits the school's plan in force and begins with the weak spots of a self-diagnosis (dimension → 1–5);
    points of the school's chosen environment go first. Empty while the school's plan is not in force."""
    document = document_of(enrolment.version_id)
    offer = offer_for(enrolment, document)
    if offer is None:
        return ()
    environment = offer.plan.environment if offer.plan is not None else ""
    nearest = Point.objects.filter(edition__code=document.edition, environment=environment).order_by("place")
    return suggest_points(
        document.choice,
        axis_of_points(document),
        dimensions=offer.dimensions,
        opened=offer.points,
        credits_of=document.points.credits_of,
        scores=scores,
        passed=passed_points(enrolment.pk),
        nearest=list(nearest.values_list("code", flat=True)),
    )


@dataclass(frozen=True)
class Task:
    """One line of the teacher's list.

    `code` is `choose`, `declare`, `diagnose`, `point` (with the point's code in `point`), `handbook` (with the task's) or a
    demand; `demand` is the demand it serves ('' for `choose`), by which a page joins hours and reasons of `progress`; `done` is
    what planning itself knows (None: progress and evidence know), `state` how far others are with it (waiting, returned). `title`
    is in three languages, '' where the code says it.
    """

    code: str
    due_on: date | None
    point: str = ""
    done: bool | None = None
    demand: str = ""
    title: Words = field(default_factory=dict)
    state: str = ""

    def overdue(self, on: date) -> bool:
        """Whether its day has passed and it is not known to be done."""
        return self.done is not True and self.due_on is not None and self.due_on < on


def task_list(enrolment: Enrolment) -> list[Task]:
    """The teacher's list in the order of its days (those of the school's batch): choose, declare, each point that is handed in,
    each task of the handbook, then the other demands of the document that have a day."""
    document = document_of(enrolment.version_id)
    batch = batch_of_school(enrolment.programme_id, school_of_enrolment(enrolment))
    chosen = list(chosen_points(enrolment.pk))
    declared = declared_points(enrolment) if document.choice.declare else None
    of_points = next((demand.code for demand in document.demands if demand.type in ("points", "credits")), "")
    titles = points_titled(document, [row.point for row in chosen])
    tasks = [Task("choose", document.due("choose", batch), done=bool(chosen)), *_items(enrolment, document, batch)]
    tasks += [_declaring(document, batch, declared)] if declared is not None and chosen else []
    tasks += [
        Task(
            "point",
            row.due_on or document.due(of_points, batch),
            row.point,
            row.passed_at is not None,
            of_points,
            titles.get(row.point, {}),
        )
        for row in chosen
        if declared is None or row.point in declared
    ]
    tasks += [
        Task(demand.code, document.due(demand.code, batch), demand=demand.code, title=demand.title)
        for demand in document.demands
        if demand.code in document.tasks and demand.code != of_points and demand.item not in OWN_LINES
    ]
    return sorted(tasks, key=lambda task: (task.due_on or date.max, task.code, task.point))


OWN_LINES = ("handbook", "declaration", "self-diagnosis")  # items that stand on the list as what one does for them


def _declaring(document: Document, batch: str, declared: Mapping[str, Declaration]) -> Task:
    states = {row.state for row in declared.values()}
    state = "returned" if "returned" in states else "waiting" if "waiting" in states else ""
    demand = next((demand.code for demand in document.demands if demand.item == "declaration"), "")
    due = document.due(demand, batch) or document.due("choose", batch)
    return Task("declare", due, done=states == {"agreed"}, demand=demand, state=state)


def _items(enrolment: Enrolment, document: Document, batch: str) -> list[Task]:
    """The self-diagnosis where it is demanded, and the tasks of the handbook."""
    demands = {demand.item: demand.code for demand in document.demands}
    tasks = []
    if code := demands.get("self-diagnosis"):
        handed_in = Diagnosis.objects.filter(enrolment__in=same_enrolments(enrolment), handed_in_at__isnull=False)
        tasks.append(Task("diagnose", document.due(code, batch), done=handed_in.exists(), demand=code))
    done, code = handbook_of(enrolment) if document.handbook else {}, demands.get("handbook", "")
    for task in document.handbook:
        state = done[task.code].state if task.code in done else ""
        tasks.append(
            Task("handbook", document.due(code, batch), task.code, state == "confirmed", code, task.title, state)
        )
    return tasks


def points_titled(document: Document, codes: Collection[str]) -> dict[str, Words]:
    """Titles of points of the document's standard by their code, in three languages."""
    rows = Point.objects.filter(edition__code=document.edition, code__in=codes).order_by("place")
    return dict(rows.values_list("code", "title"))


@dataclass(frozen=True)
class Asking:
    """One teacher and what of theirs the group answers: what is declared, what is done of the handbook; `group` is where they
    are posted, or their host school, `mine` whether they are the one who asks."""

    enrolment: int
    person: int
    name: str
    group: int
    chosen: bool
    declarations: tuple[Declaration, ...]
    entries: tuple[HandbookEntry, ...]
    mine: bool

    @property
    def waiting(self) -> int:
        """How many of theirs wait for an answer."""
        return [*(row.state for row in self.declarations), *(row.state for row in self.entries)].count("waiting")


def asking_within(by: Actor, programme: int, *, unit: int | None = None, below: int | None = None) -> list[Asking]:
    """Whoever takes part today and has their home posting or their host school where `by` answers for the group (only at `unit`,
    or at or `below` one), by group and name; of merged records one line. As many queries for one as for a whole school."""
    units = units_within(by, AGREE)
    if unit is not None:
        units = units.filter(pk=unit)
    if below is not None:
        units = units.filter(pk__in=units_below(frozenset({below})))
    here = {one.pk: one for one in units}
    posts = Posting.objects.filter(home=True, during__contains=today(), unit__in=list(here))
    at = dict(posts.order_by("pk").values_list("person", "unit"))
    taking = Enrolment.objects.filter(programme=programme).taking_part(today())
    whose = Coalesce("person__merged_into", "person")
    at |= dict(taking.filter(host__in=list(here)).order_by("pk").values_list(whose, "host"))
    rows = taking.filter(person__in=same_people(at))
    current = dict(rows.order_by("pk").values_list("pk", whose))
    chosen = set(Choice.objects.filter(enrolment__in=current).values_list("enrolment", flat=True))
    declared = _by_enrolment(Declaration.objects.filter(withdrawn_at__isnull=True), current)
    done = _by_enrolment(HandbookEntry.objects.all(), current)
    own = set(behind(by).values_list("pk", flat=True))
    found = []
    people = Person.objects.filter(pk__in=set(current.values()))
    for one in sorted(people, key=lambda one: (here[at[one.pk]].place, here[at[one.pk]].name, one.name_order, one.pk)):
        theirs = [pk for pk, person in current.items() if person == one.pk]
        found.append(Asking(
            theirs[0], one.pk, one.name, at[one.pk], any(pk in chosen for pk in theirs),
            tuple(row for pk in theirs for row in declared.get(pk, ())), tuple(row for pk in theirs for row in done.get(pk, ())),
            one.pk in own,
        ))  # fmt: skip
    return found


def _by_enrolment(rows: QuerySet[Answered, Answered], enrolments: Collection[int]) -> dict[int, list[Answered]]:
    found: dict[int, list[Answered]] = {}
    for row in rows.filter(enrolment__in=enrolments).order_by("pk"):
        found.setdefault(row.enrolment_id, []).append(row)
    return found
