"""Who leads a group, or runs the programme in a school, answers what teachers declared and did: for a whole group in one go."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from weineng.kernel.ids import open_id
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.models import Unit
from weineng.organisations.reach import require_unit
from weineng.planning import actions
from weineng.planning.permissions import AGREE
from weineng.planning.queries import Asking, asking_within, points_titled
from weineng.programmes.models import Programme
from weineng.programmes.queries import document_in_force
from weineng.web.plans.declaring import STATES
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, show
from weineng.web.shell.programmes import programme_of


def _programme(request: Asked) -> Programme:
    """The programme looked at; refuses `not-found` where it has neither declarations nor a handbook."""
    programme = programme_of(request)
    document = document_in_force(programme.pk) if programme is not None else None
    if programme is None or document is None or not (document.choice.declare or document.handbook):
        raise NotFound("planning.declaration")
    return programme


@page(AGREE)
def answers(request: Asked) -> HttpResponse:
    """Group by group: who has declared nothing yet, what waits, what was answered. Who answers for one group goes there."""
    programme = _programme(request)
    by_group: dict[int, list[Asking]] = {}
    for one in asking_within(request.actor, programme.pk):
        by_group.setdefault(one.group, []).append(one)
    if len(by_group) == 1 and request.post and request.post.role.code == "group-leader":
        return redirect("plans:answer", unit=next(iter(by_group)))
    units = Unit.objects.in_bulk(list(by_group))
    document = document_in_force(programme.pk)
    groups = [(units[unit], _counts(people, len(document.handbook))) for unit, people in by_group.items()]
    context = {
        "programme": programme,
        "groups": groups,
        "declares": document.choice.declare,
        "handbook": document.handbook,
    }
    return show(request, "plans/answers.html", context)


def _counts(people: Sequence[Asking], tasks: int) -> dict[str, int]:
    return {
        "people": len(people),
        "none": sum(not one.declarations for one in people),
        "waiting": sum(one.waiting for one in people),
        "agreed": sum(row.state == "agreed" for one in people for row in one.declarations),
        "tasks_open": sum(sum(row.state == "confirmed" for row in one.entries) < tasks for one in people),
    }


@page(AGREE)
def answer(request: Asked, unit: int) -> HttpResponse:
    """One group: every teacher with what they declared and did; what is ticked is agreed to, or sent back with advice."""
    programme, place = _programme(request), require_unit(request.actor, AGREE, unit)
    problem = None
    if request.method == "POST":
        try:
            return _answered(request, place)
        except Refused as refusal:
            if refusal.code == "not-found":
                raise
            problem = refusal
    document = document_in_force(programme.pk)
    people = asking_within(request.actor, programme.pk, unit=unit)
    tasks = {task.code: task for task in document.handbook}
    path = [{"text": _("Declared points and handbook"), "url": reverse("plans:answers")}, {"text": place.name}]
    context = {
        "programme": programme, "unit": place, "path": path, "people": people, "problem": problem, "states": STATES, "tasks": tasks,
        "declares": document.choice.declare, "titles": points_titled(document, [d.point for p in people for d in p.declarations]),
        "silent": [one for one in people if not one.declarations] if document.choice.declare else [],
        "by_school": {code for code, task in tasks.items() if task.confirmed_by == "school"},
        "school_answers": place.level != "group" or bool(request.post and request.post.role.code != "group-leader"),
        "ticked": {*request.POST.getlist("declaration"), *request.POST.getlist("entry")} if problem else None,
        "advice": request.POST.get("advice", ""),
    }  # fmt: skip
    return show(request, "plans/answer.html", context, status=422 if problem else None)


def _answered(request: Asked, place: Unit) -> HttpResponse:
    declarations = [_id("planning.declaration", word) for word in request.POST.getlist("declaration")]
    entries = [_id("planning.handbookentry", word) for word in request.POST.getlist("entry")]
    count, back = len(declarations) + len(entries), request.POST.get("do") == "return"
    actions.answer_asked(
        by=request.actor, declarations=declarations, entries=entries, advice=request.POST.get("advice", "") if back else None
    )  # fmt: skip
    if back:
        text = ngettext("%(n)s sent back with your advice.", "%(n)s sent back with your advice.", count)
    else:
        text = ngettext("%(n)s agreed to; the teacher is told.", "%(n)s agreed to; the teachers are told.", count)
    return done(request, text % {"n": count}, "plans:answer", unit=place)


def _id(label: str, word: str) -> int:
    try:
        return open_id(label, word)
    except ValueError:
        raise NotFound(label) from None
