"""The group's plan."""

from collections.abc import Collection

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.models import Person
from weineng.organisations.queries import members_of
from weineng.organisations.reach import require_unit, units_within
from weineng.planning import actions
from weineng.planning.models import GroupPlan
from weineng.planning.permissions import VIEW, WRITE_GROUP_PLAN
from weineng.planning.queries import group_plan, group_plan_to_write, points_of_plan
from weineng.programmes.models import Programme
from weineng.programmes.queries import document_in_force
from weineng.standards.models import Point
from weineng.web.plans.forms import SESSION_FORMS, GroupForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of


@page(WRITE_GROUP_PLAN)
def mine(request: Asked) -> HttpResponse:
    """The group of the present post; a CIO picks one of the school's groups."""
    groups = list(
        units_within(request.actor, WRITE_GROUP_PLAN)
        .filter(level="group", closed_on__isnull=True)
        .order_by("place", "name", "pk")
    )
    if len(groups) == 1:
        return redirect("plans:group", unit=groups[0].pk)
    return show(request, "plans/groups.html", {"groups": groups, "answers": has_answers(programme_of(request))})


@page(WRITE_GROUP_PLAN)
def edit(request: Asked, unit: int) -> HttpResponse:
    """Write the group's plan; it starts from the school's, with the first save."""
    place = require_unit(request.actor, WRITE_GROUP_PLAN, unit)
    programme = programme_of(request)
    if programme is None:
        raise NotFound("programmes.programme")
    try:
        row = group_plan_to_write(programme.pk, unit)
    except Refused as refusal:
        if refusal.code != "no-plan-in-force" or request.method == "POST":
            raise
        return show(request, "plans/group_wait.html", {"unit": place, "answers": has_answers(programme)})
    members = [(str(person.pk), person.name) for person in members_of(unit)]
    form = GroupForm(
        request.POST or None, plan=row, points=points_of(row, points_of_plan(row.school_plan)), members=members
    )
    if request.method == "POST" and form.is_valid() and not form.grows:
        with refusals_on(form):
            return _save(request, form, programme.pk, unit)
    if request.method == "POST":
        row = group_plan_to_write(programme.pk, unit)  # somebody else may have saved it meanwhile
    theirs = {"theirs": row, **reading(row)} if form.overtaken(row.revision) else {}
    context = {**theirs, "form": form, "plan": row, "unit": place, "answers": has_answers(programme)}
    return show(request, "plans/group_edit.html", context)


def _save(request: Asked, form: GroupForm, programme: int, unit: int) -> HttpResponse:
    """Save, and publish or take back if that was asked: where publishing is refused, what was written is kept."""
    published = group_plan(programme, unit)
    if (back := request.POST.get("do") == "withdraw") and published is not None:
        actions.withdraw_group_plan(by=request.actor, plan=published.pk)
    row = actions.write_group_plan(
        by=request.actor, programme=programme, unit=unit, content=form.content(), revision=form.cleaned_data["revision"]
    )
    form.saved_as(row.revision)
    if request.POST.get("do") == "publish":
        actions.publish_group_plan(by=request.actor, plan=row.pk)
        return done(request, _("Published; the members are told."), "plans:group", unit=unit)
    return done(request, _("It is a draft again.") if back else _("Saved."), "plans:group", unit=unit)


def has_answers(programme: Programme | None) -> bool:
    """Whether the programme has points declared or a handbook, which the group answers."""
    if programme is None:
        return False
    document = document_in_force(programme.pk)
    return document.choice.declare or bool(document.handbook)


@page(VIEW)
def show_plan(request: Asked, plan: int) -> HttpResponse:
    """A group's plan as its members read it."""
    row = get_or_refuse(GroupPlan.objects.within(request.actor, VIEW).select_related("unit"), pk=plan)
    return show(request, "plans/group_show.html", {"plan": row, **reading(row)})


def reading(row: GroupPlan) -> dict[str, object]:
    """What reading a group's plan needs."""
    paired = [person for pair in row.pairs for person in pair.values() if person is not None]
    people = dict(Person.objects.filter(pk__in=paired).order_by("pk").values_list("pk", "name"))
    forms = dict(SESSION_FORMS)
    return {
        "points": points_of(row, row.points),
        "activities": [{**activity, "form_name": forms.get(activity.get("form", ""), "")} for activity in row.activities],
        "pairs": [(people.get(pair["helper"], ""), people.get(pair["helped"], "")) for pair in row.pairs],
    }  # fmt: skip


def points_of(row: GroupPlan, codes: Collection[str]) -> list[Point]:
    """Points by their codes, of the edition of the standard that the programme goes by."""
    standard = document_in_force(row.programme_id).edition
    return list(Point.objects.filter(edition__code=standard, code__in=codes).order_by("place"))
