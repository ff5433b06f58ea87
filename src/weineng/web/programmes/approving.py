"""Lines that a refinement says otherwise than its base, with the approval of a level above: asked for, decided, taken back."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.models import Person
from weineng.organisations.reach import is_behind, units_within
from weineng.programmes import actions
from weineng.programmes.models import Approval
from weineng.programmes.permissions import PUBLISH
from weineng.programmes.queries import approvals_to_decide, approvals_within
from weineng.web.components.tables import Column, Table
from weineng.web.programmes.documents import number_of
from weineng.web.programmes.forms import RefuseForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.templatetags.words import in_language


@page(PUBLISH)
def approvals(request: Asked) -> HttpResponse:
    """What waits for one's decision first, then everything one's offices asked for or decided."""
    waiting = approvals_to_decide(request.actor).select_related("owner", "approver").order_by("pk")
    head = Table(request, (Column("new", _("Newest first"), sort="pk"),), order="-new", size=50)
    head.cut(approvals_within(request.actor).exclude(pk__in=waiting.values("pk")))
    context = {"waiting": list(waiting[:50]), "head": head, "crumbs": [_to_programmes(), {"text": _("Approvals")}]}
    return show(request, "programmes/approvals.html", context)


def _to_programmes() -> dict[str, str]:
    return {"text": _("Programmes"), "url": reverse("programmes:list")}


def _found(request: Asked, approval: int) -> Approval:
    return get_or_refuse(approvals_within(request.actor), pk=approval)


@page(PUBLISH)
def approval(request: Asked, approval: int) -> HttpResponse:
    """Each line as the base says it and as it is wanted, why, and the decision."""
    return _page(request, _found(request, approval), RefuseForm())


def _page(request: Asked, row: Approval, refuse: RefuseForm) -> HttpResponse:
    decides = units_within(request.actor, PUBLISH).filter(pk=row.approver_id).exists()
    own = is_behind(request.actor, row.asked_by, row.asked_for)
    names = dict(Person.objects.filter(pk__in=[row.asked_by, row.decided_by]).order_by("pk").values_list("pk", "name"))
    context: dict[str, Any] = {
        "row": row, "refuse": refuse, "asked_by": names.get(row.asked_by or 0, ""), "decided_by": names.get(row.decided_by or 0, ""),
        "decides": decides and not own and row.state == "asked", "ends": decides and row.state == "approved",
        "withdraws": row.state == "asked" and (own or not decides), "own": own,
        "lines": [{**line, "said": line["said"].get((get_language() or "").lower(), [])} for line in row.lines],
        "crumbs": [
            _to_programmes(), {"text": _("Approvals"), "url": reverse("programmes:approvals")},
            {"text": in_language(row.title) or row.code},
        ],
    }  # fmt: skip
    return show(request, "programmes/approval.html", context, status=422 if refuse.errors else 200)


@page(PUBLISH, methods=("POST",))
def ask_approval(request: Asked, draft: int) -> HttpResponse:
    """Ask, from a draft, that its lines may replace those of its base."""
    made = actions.ask_approval(
        by=request.actor,
        draft=draft,
        revision=number_of(request, "revision") or 0,
        reason=request.POST.get("reason", ""),
    )
    text = _("Asked for. The draft can be published once it is approved.")
    return done(request, text, "programmes:approval", approval=made[0])


@page(PUBLISH, methods=("POST",))
def approval_act(request: Asked, approval: int) -> HttpResponse:
    """Approve, return, withdraw, or take an approval back."""
    row, what = _found(request, approval), request.POST.get("do", "")
    if what == "approve":
        actions.approve_lines(by=request.actor, approval=approval)
        return done(request, _("Approved; the office is told."), "programmes:approval", approval=row)
    if what == "withdraw":
        actions.withdraw_approval(by=request.actor, approval=approval)
        return done(request, _("Withdrawn; nothing was changed."), "programmes:approval", approval=row)
    if what not in ("return", "end"):
        raise NotFound("programmes.approval")
    form = RefuseForm(request.POST)
    if form.is_valid():
        deed, text = (
            (actions.return_approval, _("Returned; the office is told."))
            if what == "return"
            else (actions.end_approval, _("Taken back; the office is told."))
        )
        with refusals_on(form):
            deed(by=request.actor, approval=approval, reason=form.cleaned_data["reason"])
            return done(request, text, "programmes:approval", approval=row)
    return _page(request, row, form)
