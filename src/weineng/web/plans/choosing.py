"""The teacher chooses points."""

from django import forms
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import word_for
from weineng.organisations.reach import behind
from weineng.planning.actions import choose_points
from weineng.planning.permissions import CHOOSE
from weineng.planning.queries import axis_of_points, choice_in_force, chosen_points, offer_for, task_list
from weineng.planning.rules import points_needed, questionnaire
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import closed_gate, document_of
from weineng.programmes.rules import in_credits
from weineng.standards.models import Point
from weineng.standards.rules import AXES
from weineng.web.plans.forms import SCORES
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of


class ChooseForm(forms.Form):
    """Self-diagnosis, then points."""

    points = forms.MultipleChoiceField(required=False)

    def __init__(self, data, *, codes, initial) -> None:
        super().__init__(data, initial=initial)
        self.fields["points"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]  # it is a choice field
        for question in questionnaire()["teacher"]:
            label = word_for(question["text"], get_language() or "")
            self.fields[f"score_{question['code']}"] = forms.ChoiceField(
                label=label,
                choices=SCORES,
                widget=forms.RadioSelect,
                required=False,
                initial=str(initial.get(question["code"], "")),
            )

    @property
    def questions(self) -> list[forms.BoundField]:
        """The four questions of the self-diagnosis."""
        return [self[f"score_{question['code']}"] for question in questionnaire()["teacher"]]

    def diagnosis(self) -> dict[str, int]:
        """The scores given."""
        given = {q["code"]: self.cleaned_data[f"score_{q['code']}"] for q in questionnaire()["teacher"]}
        return {code: int(score) for code, score in given.items() if score}


@page(CHOOSE)
def choose(request: Asked) -> HttpResponse:
    """What the school has opened, by dimension; weak spots first; passed points stay."""
    programme = programme_of(request)
    mine = Enrolment.objects.filter(person__in=behind(request.actor), programme=programme)
    enrolment = get_or_refuse(mine.order_by("pk"), programme=programme)
    document = document_of(enrolment.version_id)
    offer = offer_for(enrolment, document)
    if offer is None:
        return show(request, "plans/choose_wait.html", {"programme": programme})
    passed = {row.point for row in chosen_points(enrolment.pk) if row.passed_at is not None}
    chosen = {row.point for row in chosen_points(enrolment.pk)}
    before = choice_in_force(enrolment.pk)
    codes = sorted({*offer.points, *passed})
    scores = before.diagnosis if before else {}
    form = ChooseForm(request.POST or None, codes=codes, initial={"points": sorted(chosen), **scores})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            points = {*form.cleaned_data["points"], *passed}
            choose_points(by=request.actor, enrolment=enrolment.pk, points=points, diagnosis=form.diagnosis())
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
