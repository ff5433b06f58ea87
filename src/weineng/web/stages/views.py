"""A school's stages with what it arranges itself, and the office's list of own modes that wait."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.assessment.actions import (
    approve_mode,
    end_mode,
    hand_over_stage,
    propose_mode,
    return_mode,
    take_stage_back,
    withdraw_mode,
)
from weineng.assessment.permissions import APPROVE_MODE, ARRANGE, VIEW_RESULTS
from weineng.assessment.queries import ArrangedPage, arranged_page, modes_to_approve, own_stages_of
from weineng.assessment.rules import MODE_BY, ModeStage
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused
from weineng.programmes.documents.labels import STAGE_REVIEWERS
from weineng.programmes.queries import document_in_force
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of

MOST = 4  # stages of an own mode
STAGES = (
    Column("stage", gettext_lazy("Stage of assessment")), Column("by", gettext_lazy("Reviewers")),
    Column("number", gettext_lazy("How many"), number=True),
    Column("days", gettext_lazy("Days"), number=True), Column("does", gettext_lazy("What it does")),
)  # fmt: skip


class ModeForm(forms.Form):
    """At most so many stages, in order; the last one decides."""

    why = forms.CharField(label=gettext_lazy("Why, and how"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        reviewers = [("", "–"), *((by, STAGE_REVIEWERS[by]) for by in MODE_BY)]
        for number in range(1, MOST + 1):
            title = _("Stage %(n)s") % {"n": number}
            self.fields[f"by_{number}"] = forms.ChoiceField(label=title, choices=reviewers, required=number == 1)
            self.fields[f"reviewers_{number}"] = forms.IntegerField(
                label=_("How many"), min_value=1, max_value=9, required=False
            )
            self.fields[f"days_{number}"] = forms.IntegerField(
                label=_("Days"), min_value=1, max_value=365, required=False
            )

    def stages(self) -> list[ModeStage]:
        """What was filled in; the last stage decides, and one more looks where its reviewers differ."""
        filled = [n for n in range(1, MOST + 1) if self.cleaned_data[f"by_{n}"]]
        return [
            ModeStage(
                self.cleaned_data[f"by_{n}"], self.cleaned_data[f"reviewers_{n}"] or 1, self.cleaned_data[f"days_{n}"] or 14,
                decides=n == filled[-1], third=n == filled[-1],
            )
            for n in filled
        ]  # fmt: skip


@page(ARRANGE, APPROVE_MODE, VIEW_RESULTS)
def mine(request: Asked) -> HttpResponse:
    """One's own school; for an office the own modes that wait for it."""
    programme = programme_of(request)
    if programme is None:
        raise NotFound("programmes.programme")
    if request.post is not None and request.post.level == "school":
        return redirect("stages:school", programme=programme, unit=request.post.unit)
    head = Table(request, (Column("school", _("School")), Column("since", _("Since"))))
    head.rows = list(modes_to_approve(request.actor, programme.pk)[:200])
    return show(request, "stages/waiting.html", {"head": head, "programme": programme})


@page(ARRANGE, APPROVE_MODE, VIEW_RESULTS)
def school(request: Asked, programme: int, unit: int) -> HttpResponse:
    """How a school is assessed."""
    return _shown(request, arranged_page(request.actor, programme, unit))


def _shown(request: Asked, found: ArrangedPage, problem: Refused | None = None) -> HttpResponse:
    head, proposed = Table(request, STAGES), Table(request, STAGES)
    head.rows = [_row(one.stage, one.handed) for one in found.stages]
    if found.proposed is not None:
        document = document_in_force(found.programme.pk)
        proposed.rows = [
            _row(stage, None) for stage in own_stages_of(found.proposed, document.stages) if not stage.does
        ]
    context = {"found": found, "head": head, "proposed": proposed, "problem": problem}
    return show(request, "stages/school.html", context, status=422 if problem else None)


def _row(stage: Any, handed: Any) -> dict[str, object]:
    words = {"accepts": _("accepts"), "samples": _("samples"), "": _("decides") if stage.decides else _("advises")}
    by = STAGE_REVIEWERS["training-team"] if handed else STAGE_REVIEWERS[stage.by]
    return {"stage": stage, "handed": handed, "by": by, "does": words[stage.does]}


@page(ARRANGE, APPROVE_MODE, methods=("POST",))
def act(request: Asked, programme: int, unit: int) -> HttpResponse:
    """Hand a stage over or take it back; decide about an own mode, or end it."""
    reason, stage = request.POST.get("reason", ""), request.POST.get("stage", "")
    here: dict[str, Any] = {"by": request.actor, "programme": programme, "unit": unit}
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "hand-over": (lambda: hand_over_stage(stage=stage, **here), _("Handed over; the training team is told.")),
        "take-back": (lambda: take_stage_back(stage=stage, **here), _("Taken back; the training team is told.")),
        "withdraw": (lambda: withdraw_mode(**here), _("Taken back.")),
        "approve": (lambda: approve_mode(**here), _("Approved; the school is told.")),
        "return": (lambda: return_mode(comment=reason, **here), _("Returned; the school is told.")),
        "end": (lambda: end_mode(reason=reason, **here), _("Ended; the document's stages hold again.")),
    }
    if request.POST.get("do", "") not in acts:
        raise NotFound("assessment.ownmode")
    act, said = acts[request.POST["do"]]
    try:
        act()
    except Refused as refusal:
        if refusal.code == "not-found":
            raise
        return _shown(request, arranged_page(request.actor, programme, unit), refusal)
    return done(request, said, "stages:school", programme=programme, unit=unit)


@page(ARRANGE)
def propose(request: Asked, programme: int, unit: int) -> HttpResponse:
    """Propose stages of the school's own."""
    found = _arranged(request.actor, programme, unit)
    form = ModeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            propose_mode(
                by=request.actor, programme=programme, unit=unit, stages=form.stages(), why=form.cleaned_data["why"]
            )
            return done(request, _("Proposed; the office is told."), "stages:school", programme=programme, unit=unit)
    rows = [(form[f"by_{n}"], form[f"reviewers_{n}"], form[f"days_{n}"]) for n in range(1, MOST + 1)]
    return show(request, "stages/propose.html", {"form": form, "rows": rows, "found": found})


def _arranged(by: Actor, programme: int, unit: int) -> ArrangedPage:
    found = arranged_page(by, programme, unit)
    if not (found.arranges and found.approver):
        raise NotFound("assessment.ownmode")
    return found
