"""The district judges schools' plans."""

from collections.abc import Callable

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import get_or_refuse
from weineng.planning import actions
from weineng.planning.models import SchoolPlan
from weineng.planning.permissions import REVIEW_SCHOOL_PLAN
from weineng.planning.queries import plans_to_review
from weineng.web.components.tables import Column, Table
from weineng.web.plans.schools import reading
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show

STATES = ("submitted", "returned", "approved", "filed", "draft")


@page(REVIEW_SCHOOL_PLAN)
def queue(request: Asked) -> HttpResponse:
    """Submitted plans first, longest waiting on top; then all the others by state."""
    rows = (
        SchoolPlan.objects.within(request.actor, REVIEW_SCHOOL_PLAN).exclude(state="superseded").select_related("unit")
    )
    wanted = request.GET.get("state", "submitted")
    wanted = wanted if wanted in STATES else "submitted"
    head = Table(
        request,
        (
            Column("school", _("School"), sort="unit__name"),
            Column("number", _("Version"), number=True),
            Column("since", _("Since"), sort="edited_at"),
            Column("filing", _("Filing number")),
        ),
        order="since",
    )
    head.cut(rows.filter(state=wanted))
    names = {
        "submitted": _("waiting for you"), "returned": _("returned"), "approved": _("approved"), "filed": _("filed"),
        "draft": _("being written"),
    }  # fmt: skip
    chips = [
        {
            "text": names[state],
            "url": f"?state={state}",
            "count": rows.filter(state=state).count(),
            "on": state == wanted,
        }
        for state in STATES
    ]
    return show(
        request,
        "plans/queue.html",
        {"head": head, "chips": chips, "wanted": wanted, "waiting": plans_to_review(request.actor).count()},
    )


class JudgeForm(forms.Form):
    """What the district says of a plan, or why it takes an approval or a filing back."""

    comment = forms.CharField(label=gettext_lazy("Comment"), widget=forms.Textarea, required=False, max_length=4000)


Judge = Callable[[Actor, int, str], object]
DEEDS: dict[str, tuple[Judge, object]] = {
    "approve": (
        lambda by, pk, comment: actions.approve_school_plan(by=by, plan=pk, comment=comment),
        gettext_lazy("Approved; the school's teachers can choose points now."),
    ),
    "return": (
        lambda by, pk, comment: actions.return_school_plan(by=by, plan=pk, comment=comment),
        gettext_lazy("Returned with your comment."),
    ),
    "file": (lambda by, pk, _comment: actions.file_school_plan(by=by, plan=pk), gettext_lazy("Filed.")),
    "reopen": (
        lambda by, pk, comment: actions.reopen_school_plan(by=by, plan=pk, reason=comment),
        gettext_lazy("The approval is taken back."),
    ),
    "unfile": (
        lambda by, pk, comment: actions.unfile_school_plan(by=by, plan=pk, reason=comment),
        gettext_lazy("The filing is taken back; the plan stays in force."),
    ),
}


@page(REVIEW_SCHOOL_PLAN)
def judge(request: Asked, plan: int) -> HttpResponse:
    """Read a plan and decide on it."""
    rows = SchoolPlan.objects.within(request.actor, REVIEW_SCHOOL_PLAN).select_related("unit", "programme")
    row = get_or_refuse(rows, pk=plan)
    form = JudgeForm(request.POST or None)
    if request.method == "POST":
        deed = DEEDS.get(request.POST.get("do", ""))
        if deed is None:
            raise NotFound("planning.schoolplan")
        if form.is_valid():
            with refusals_on(form):
                deed[0](request.actor, plan, form.cleaned_data["comment"])
                return done(request, deed[1], "plans:judge", plan=row)
        row.refresh_from_db()  # somebody else may have decided meanwhile
    return show(request, "plans/judge.html", {"form": form, **reading(request, row)})
