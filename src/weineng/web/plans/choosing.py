"""The teacher chooses points."""

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.planning.actions import choose_points
from weineng.planning.models import Diagnosis
from weineng.planning.permissions import CHOOSE
from weineng.planning.queries import axis_of_points, chosen_points, offer_for, task_list
from weineng.planning.rules import points_needed
from weineng.programmes.queries import closed_gate
from weineng.programmes.rules import in_credits
from weineng.standards.models import Point
from weineng.standards.rules import AXES
from weineng.web.plans.declaring import own
from weineng.web.plans.forms import DiagnosisForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of


class ChooseForm(DiagnosisForm):
    """Self-diagnosis, then points."""

    points = forms.MultipleChoiceField(required=False)

    def __init__(self, data, *, codes, answers) -> None:
        super().__init__(data, answers=answers)
        self.fields["points"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]  # it is a choice field


@page(CHOOSE)
def choose(request: Asked) -> HttpResponse:
    """What the school has opened, by dimension; weak spots first; passed points stay."""
    enrolment, document = own(request)
    offer = offer_for(enrolment, document)
    if offer is None:
        return show(request, "plans/choose_wait.html", {"programme": programme_of(request)})
    passed = {row.point for row in chosen_points(enrolment.pk) if row.passed_at is not None}
    chosen = {row.point for row in chosen_points(enrolment.pk)}
    before, codes = Diagnosis.objects.filter(enrolment=enrolment).first(), sorted({*offer.points, *passed})
    form = ChooseForm(request.POST or None, codes=codes, answers=before.answers if before else {})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            points = {*form.cleaned_data["points"], *passed}
            choose_points(by=request.actor, enrolment=enrolment.pk, points=points, diagnosis=form.scores())
            if document.choice.declare:
                return done(request, _("Your points are chosen. Now declare which are assessed."), "plans:declare")
            return done(request, _("Your points are chosen. Your list of tasks follows them."), "public:landing")
    ticked = set(request.POST.getlist("points")) | passed if request.method == "POST" else chosen
    context = {
        "form": form, "edition": document.edition, "chosen": bool(chosen), "dimensions": len(offer.dimensions),
        "axis": document.choice.axis, "groups": _groups(document, codes, offer.dimensions, ticked, passed),
        "needed": points_needed(document.choice, offer.dimensions), "closed": closed_gate(enrolment),
        "enrolment": enrolment, "fixed": passed >= set(codes),
        "due": next((task.due_on for task in task_list(enrolment) if task.code == "choose"), None),
        "credits": in_credits(document.choice.credits) if document.choice.credits else "",
    }  # fmt: skip
    return show(request, "plans/choose.html", context)


def _groups(document, codes, dimensions, ticked, passed):
    """The opened points by their value on the axis: (name, whether it must be covered, points with their state)."""
    rows = list(Point.objects.filter(edition__code=document.edition, code__in=codes).order_by("place"))
    axis_of = axis_of_points(document)
    return [
        (name, code in dimensions, [(p, p.code in ticked, p.code in passed) for p in rows if axis_of[p.code] == code])
        for code, name in AXES[document.choice.axis].items()
        if any(axis_of[p.code] == code for p in rows)
    ]
