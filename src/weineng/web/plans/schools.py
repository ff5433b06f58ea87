"""The school's plan, as its writers and its staff see it."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.reach import is_behind, require_unit, units_within
from weineng.planning import actions
from weineng.planning.models import SchoolPlan
from weineng.planning.permissions import REVIEW_SCHOOL_PLAN, VIEW, WRITE_SCHOOL_PLAN
from weineng.planning.queries import choosable, plan_in_force, plan_in_work, plans_within, reviews_of
from weineng.planning.rules import plan_lacks, questionnaire
from weineng.programmes.queries import document_in_force
from weineng.standards.models import Point
from weineng.standards.rules import AXES, ENVIRONMENTS
from weineng.web.plans.forms import PlanForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of

WRITABLE = ("draft", "returned")


@page(WRITE_SCHOOL_PLAN)
def mine(request: Asked) -> HttpResponse:
    """The school of the present post; who writes for several schools picks one."""
    schools = list(
        units_within(request.actor, WRITE_SCHOOL_PLAN)
        .filter(level="school", closed_on__isnull=True)
        .order_by("place", "pk")
    )
    if len(schools) == 1:
        return redirect("plans:school", unit=schools[0].pk)
    return show(request, "plans/mine.html", {"schools": schools})


@page(WRITE_SCHOOL_PLAN)
def school(request: Asked, unit: int) -> HttpResponse:
    """What is in force, what is in work; beginning a new version."""
    place = require_unit(request.actor, WRITE_SCHOOL_PLAN, unit)
    programme = programme_of(request)
    if programme is None:
        raise NotFound("programmes.programme")
    if request.method == "POST":
        plan = actions.draft_school_plan(by=request.actor, programme=programme.pk, unit=unit)
        return redirect("plans:edit", plan=plan.pk)
    before = plans_within(request.actor).filter(unit=unit, programme=programme, state="superseded")
    context = {
        "unit": place,
        "in_force": plan_in_force(programme.pk, unit),
        "in_work": plan_in_work(programme.pk, unit),
        "before": before,
    }
    return show(request, "plans/school.html", context)


@page(WRITE_SCHOOL_PLAN)
def edit(request: Asked, plan: int) -> HttpResponse:
    """Write the plan; `submit` saves and hands it in."""
    row = get_or_refuse(
        SchoolPlan.objects.within(request.actor, WRITE_SCHOOL_PLAN, changing=True).select_related("unit", "programme"),
        pk=plan,
    )
    if request.method != "POST" and row.state not in WRITABLE:
        return redirect("plans:show", plan=row.pk)
    document = document_in_force(row.programme_id)
    points = list(Point.objects.filter(edition__code=document.edition, code__in=choosable(document)).order_by("place"))
    form = PlanForm(request.POST or None, plan=row, points=points, axis=document.choice.axis)
    if request.method == "POST" and form.is_valid() and not form.grows:
        with refusals_on(form):
            return _save(request, form, row)
    if request.method == "POST":
        row.refresh_from_db()  # somebody else may have saved or handed it in meanwhile
    theirs = {"theirs": row, **reading(request, row)} if form.overtaken(row.revision) else {}
    context = {"form": form, "plan": row, "rule": document.choice, "writable": row.state in WRITABLE}
    return show(request, "plans/edit.html", {"reviews": reviews_of(plan), **theirs, **context})


def _save(request: Asked, form: PlanForm, row: SchoolPlan) -> HttpResponse:
    """Save, and submit if that was asked: where that is refused, all that lacks is said beside its fields."""
    content = form.content()
    saved = actions.edit_school_plan(
        by=request.actor, plan=row.pk, content=content, revision=form.cleaned_data["revision"]
    )
    form.saved_as(saved.revision)
    if request.POST.get("do") != "submit":
        return done(request, _("Saved."), "plans:edit", plan=row)
    try:
        actions.submit_school_plan(by=request.actor, plan=row.pk)
    except Refused as refusal:
        for lack in plan_lacks(content, opens=bool(document_in_force(row.programme_id).choice.opened_minimum)):
            if lack.code != refusal.code or lack.field != refusal.field:
                form.add_error(lack.field, str(lack))
        raise
    return done(request, _("Submitted; the district is told."), "plans:show", plan=row)


@page(VIEW)
def show_plan(request: Asked, plan: int) -> HttpResponse:
    """A plan as everybody of the school and the offices above read it."""
    row = get_or_refuse(plans_within(request.actor), pk=plan)
    return show(request, "plans/show.html", reading(request, row))


def reading(request: Asked, row: SchoolPlan) -> dict[str, object]:
    """What the reading page of a plan needs."""
    document = document_in_force(row.programme_id)
    questions = [(q["text"], row.diagnosis[q["code"]]) for q in questionnaire()["school"] if q["code"] in row.diagnosis]
    writes = SchoolPlan.objects.within(request.actor, WRITE_SCHOOL_PLAN, changing=True).filter(pk=row.pk).exists()
    judges = SchoolPlan.objects.within(request.actor, REVIEW_SCHOOL_PLAN, changing=True).filter(pk=row.pk).exists()
    return {
        "plan": row, "questions": questions, "writes": writes, "judges": judges and not is_behind(request.actor, *row.hands),
        "points": Point.objects.filter(edition__code=document.edition, code__in=row.points).order_by("place"),
        "rule": document.choice,
        "dimensions": [name for code, name in AXES[document.choice.axis].items() if code in row.dimensions],
        "environment": ENVIRONMENTS.get(row.environment, ""), "reviews": reviews_of(row.pk),
    }  # fmt: skip


DEEDS = {
    "withdraw": (actions.withdraw_school_plan, gettext_lazy("Taken back; it is a draft again."), "plans:edit"),
    "submit": (actions.submit_school_plan, gettext_lazy("Submitted; the district is told."), "plans:show"),
}


@page(WRITE_SCHOOL_PLAN, methods=("POST",))
def act(request: Asked, plan: int) -> HttpResponse:
    """Take a submitted plan back, submit it, or throw a draft away."""
    if request.POST.get("do") == "discard":
        row = get_or_refuse(plans_within(request.actor), pk=plan)
        actions.discard_school_plan(by=request.actor, plan=plan)
        return done(request, _("Thrown away."), "plans:school", unit=row.unit_id)
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        raise NotFound("planning.schoolplan")
    deed[0](by=request.actor, plan=plan)
    return done(request, deed[1], deed[2], plan=plan)
