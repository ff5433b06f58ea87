"""The schools that are accepted, and one of them with its people."""

from typing import TypedDict

from django.http import HttpResponse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from weineng.assessment.actions import (
    accept_people,
    ask_acceptance,
    refuse_person,
    refuse_school,
    sign_acceptance,
    stop_asking,
    take_back_acceptance,
    take_back_person,
)
from weineng.assessment.models import Acceptance
from weineng.assessment.permissions import ACCEPT, ASK_ACCEPTANCE, VIEW_RESULTS
from weineng.assessment.queries import (
    AcceptancePage,
    acceptance_of_schools,
    acceptance_page,
    accepting_stages,
    schools_accepting,
)
from weineng.kernel.actors import Actor
from weineng.kernel.ids import open_id
from weineng.kernel.refusals import Refused
from weineng.kernel.words import word_for
from weineng.organisations.reach import units_within
from weineng.programmes.rules import Stage
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, show
from weineng.web.shell.programmes import programme_of


class Here(TypedDict):
    """Where a decision is made."""

    programme: int
    stage: str
    unit: int


@page(ACCEPT, VIEW_RESULTS)
def schools(request: Asked) -> HttpResponse:
    """The schools of the programme with how far each has come, stage by stage."""
    programme = programme_of(request)
    stages = accepting_stages(programme.pk) if programme else ()
    stage = next((one for one in stages if one.code == request.GET.get("stage")), stages[0] if stages else None)
    head = Table(
        request,
        (
            Column("school", _("School"), sort="name"), Column("state", _("State")), Column("people", _("With results"), number=True),
            Column("accepted", _("Accepted"), number=True), Column("refused", _("Not accepted"), number=True),
        ),
        order="school",
    )  # fmt: skip
    if programme is not None and stage is not None:
        head.cut(schools_accepting(request.actor, programme.pk, stage))
        head.rows = [(row, *_state(row.row)) for row in acceptance_of_schools(programme.pk, stage.code, head.rows)]
    context = {
        "head": head, "programme": programme, "stage": stage, "decides": request.actor.holds(ACCEPT),
        "chips": [{"text": _titled(one), "url": f"?stage={one.code}", "on": one == stage} for one in stages],
    }  # fmt: skip
    return show(request, "acceptance/list.html", context)


def _titled(stage: Stage) -> str:
    return word_for(stage.title, get_language() or "en")


def _state(row: Acceptance | None) -> tuple[str, str]:
    """The shape and the word of an acceptance's state."""
    if row is None or (row.state == "open" and row.asked_at is None and not row.signatures):
        return "open", _("not asked for")
    words = {
        "open": ("waiting", _("waits")),
        "accepted": ("done", _("accepted")),
        "refused": ("refused", _("not accepted")),
    }
    return words[row.state]


@page(ACCEPT, VIEW_RESULTS)
def school(request: Asked, programme: int, stage: str, unit: int) -> HttpResponse:
    """One school, person by person."""
    return _shown(request, acceptance_page(request.actor, programme, stage, unit))


def _shown(request: Asked, found: AcceptancePage, problem: Refused | None = None) -> HttpResponse:
    words = {
        "waits": ("waiting", _("waits")), "accepted": ("done", _("accepted")), "refused": ("refused", _("not accepted")),
        "nothing": ("open", _("nothing passed")),
    }  # fmt: skip
    head = Table(
        request,
        (
            Column("name", _("Name")), Column("passed", _("Passed"), number=True), Column("failed", _("Not passed"), number=True),
            Column("state", _("State")), *((Column("decide", _("Decide")),) if found.acts and not found.insider else ()),
        ),
    )  # fmt: skip
    head.rows = [(one, *words[one.state]) for one in found.people]
    context = {
        "found": found, "head": head, "problem": problem, "state": _state(found.row),
        "asks": units_within(request.actor, ASK_ACCEPTANCE).filter(pk=found.unit.pk).exists(),
        "decides": found.acts and not found.insider,
        "begun": found.row is not None and (found.row.state != "open" or found.row.signatures > 0),
    }  # fmt: skip
    return show(request, "acceptance/school.html", context, status=422 if problem else None)


@page(ACCEPT, ASK_ACCEPTANCE, methods=("POST",))
def act(request: Asked, programme: int, stage: str, unit: int) -> HttpResponse:
    """What the school asks, and what is decided about it or about the people picked."""
    by, here = request.actor, Here(programme=programme, stage=stage, unit=unit)
    reason, do = request.POST.get("reason", ""), request.POST.get("do", "")
    try:
        if do == "accept":
            picked = [open_id("programmes.enrolment", one) for one in request.POST.getlist("pick")]
            count = accept_people(by=by, enrolments=picked, **here)
            said = ngettext(
                "The results of %(n)s person are accepted.", "The results of %(n)s people are accepted.", count
            ) % {"n": count}
            return done(request, said, "acceptance:school", **here)
        said = _decided(by, do, reason, here)
    except Refused as refusal:
        if refusal.code == "not-found":
            raise
        return _shown(request, acceptance_page(by, programme, stage, unit), refusal)
    return done(request, said, "acceptance:school", **here)


def _decided(by: Actor, do: str, reason: str, here: Here) -> str:
    if do == "ask":
        ask_acceptance(by=by, **here)
        return _("Those who accept are told.")
    if do == "stop":
        stop_asking(by=by, **here)
        return _("The request is taken back.")
    if do == "refuse":
        refuse_school(by=by, reason=reason, **here)
        return _("Not accepted; the school is told.")
    if do == "take-back":
        take_back_acceptance(by=by, reason=reason, **here)
        return _("Taken back; the school is told.")
    row = sign_acceptance(by=by, **here)
    return _("Accepted; the school is told.") if row.state == "accepted" else _("Signed; another signature is needed.")


@page(ACCEPT, methods=("POST",))
def person(request: Asked, programme: int, stage: str, unit: int, enrolment: int) -> HttpResponse:
    """What is decided about one person, or that taken back."""
    here = Here(programme=programme, stage=stage, unit=unit)
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("do") == "refuse":
            refuse_person(by=request.actor, enrolment=enrolment, reason=reason, **here)
            return done(request, _("Not accepted; the teacher is told."), "acceptance:school", **here)
        take_back_person(by=request.actor, enrolment=enrolment, reason=reason, **here)
    except Refused as refusal:
        if refusal.code == "not-found":
            raise
        return _shown(request, acceptance_page(request.actor, programme, stage, unit), refusal)
    return done(request, _("Taken back; the teacher is told."), "acceptance:school", **here)
