"""The teacher's own acts after choosing: declare points, do the tasks of the handbook, answer the self-diagnosis."""

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.reach import behind
from weineng.planning import actions
from weineng.planning.models import Diagnosis
from weineng.planning.permissions import CHOOSE
from weineng.planning.queries import chosen_points, declared_points, handbook_of, points_titled, withdrawable
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import closed_gate, document_of
from weineng.programmes.rules import Document
from weineng.web.plans.forms import DiagnosisForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of

STATES = {"waiting": "waiting", "agreed": "done", "confirmed": "done", "returned": "returned"}  # -> shape of the status


def own(request: Asked) -> tuple[Enrolment, Document]:
    """One's own enrolment in the programme looked at and its document; refuses `not-found`."""
    programme = programme_of(request)
    mine = Enrolment.objects.filter(person__in=behind(request.actor), programme=programme).standing_first()
    row = get_or_refuse(mine, programme=programme)
    return row, document_of(row.version_id)


class DeclareForm(forms.Form):
    """Which of the chosen points are declared now."""

    points = forms.MultipleChoiceField(required=False)

    def __init__(self, data, *, codes) -> None:
        super().__init__(data)
        self.fields["points"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]  # it is a choice field


@page(CHOOSE)
def declare(request: Asked) -> HttpResponse:
    """The chosen points: tick those that are to be assessed; withdraw one that was never decided."""
    enrolment, document = own(request)
    if not document.choice.declare:
        raise NotFound("planning.declaration")
    chosen, declared = [row.point for row in chosen_points(enrolment.pk)], declared_points(enrolment)
    form = DeclareForm(request.POST if request.method == "POST" else None, codes=chosen)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            if point := request.POST.get("withdraw", ""):
                actions.withdraw_declaration(by=request.actor, enrolment=enrolment.pk, point=point)
                return done(request, _("%(point)s is no longer declared.") % {"point": point}, "plans:declare")
            actions.declare_points(by=request.actor, enrolment=enrolment.pk, points=form.cleaned_data["points"])
            return done(request, _("Declared. Your group is told; you can hand in already."), "plans:declare")
    titles = points_titled(document, [*chosen, *declared])
    codes = sorted({*chosen, *declared})
    points = [(code, titles.get(code, {}), declared.get(code), code in chosen) for code in codes]
    context = {
        "form": form, "edition": document.edition, "points": points, "closed": closed_gate(enrolment), "states": STATES,
        "open": any(row is None or row.state == "returned" for _code, _title, row, _chosen in points),
        "withdrawable": withdrawable(enrolment, declared),
        "ticked": request.POST.getlist("points") if request.method == "POST" else [],
    }  # fmt: skip
    return show(request, "plans/declare.html", context)


class TaskForm(forms.Form):
    """A task of the handbook, and what was done."""

    task = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


@page(CHOOSE)
def handbook(request: Asked) -> HttpResponse:
    """The tasks of the handbook, each with how far it is: say that one is done, or take it back."""
    enrolment, document = own(request)
    if not document.handbook:
        raise NotFound("planning.handbookentry")
    sent = request.POST.get("task", "")
    form = TaskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            if request.POST.get("do") == "undo":
                actions.undo_task(by=request.actor, enrolment=enrolment.pk, task=sent)
                return done(request, _("Taken back."), "plans:handbook")
            actions.do_task(
                by=request.actor, enrolment=enrolment.pk, task=sent, note=form.cleaned_data["note"]
            )  # fmt: skip
            return done(request, _("Done; whoever confirms it is told."), "plans:handbook")
    entries = handbook_of(enrolment)
    tasks = [
        (task, entries.get(task.code), form if task.code == sent else TaskForm(initial=_initial(task.code, entries)))
        for task in document.handbook
    ]
    return show(request, "plans/handbook.html", {"tasks": tasks, "states": STATES, "form": form})


def _initial(code, entries):
    return {"task": code, "note": entries[code].note if code in entries else ""}


@page(CHOOSE)
def diagnose(request: Asked) -> HttpResponse:
    """Where one stands, in four questions: handed in without choosing anything yet."""
    enrolment, _document = own(request)
    before = Diagnosis.objects.filter(enrolment=enrolment).first()
    form = DiagnosisForm(request.POST if request.method == "POST" else None, answers=before.answers if before else {})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.diagnose(by=request.actor, enrolment=enrolment.pk, scores=form.scores())
            return done(request, _("Handed in. A weak spot is a good place to begin."), "plans:choose")
    return show(request, "plans/diagnose.html", {"form": form, "before": before})
