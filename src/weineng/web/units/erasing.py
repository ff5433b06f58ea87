"""Erase somebody: asked for by one person of the office, decided by another, carried out by the worker."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.actions import ask_erasure, confirm_erasure, refuse_erasure, withdraw_erasure
from weineng.organisations.models import Erasure, Person
from weineng.organisations.permissions import ERASE_PEOPLE
from weineng.organisations.queries import (
    erasure_of,
    erasures_to_decide,
    erasures_within,
    hindrances_of,
    last_end_of,
    merged_since,
)
from weineng.organisations.reach import is_behind, require_person, same_people
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units.erased import told_of
from weineng.web.units.person import crumbs_of

MOST = 200  # of each kind on the list


class AskForm(forms.Form):
    """Which rule or request somebody is erased for."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Name the rule or the request, and nothing of the person: the reason stays for ever."),
    )  # fmt: skip


class RefuseForm(forms.Form):
    """Why somebody is not erased."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Whoever asked reads it."),
    )  # fmt: skip


@page(ERASE_PEOPLE)
def erase(request: Asked, person: int) -> HttpResponse:
    """Ask for it, or see how far it has come and decide."""
    row = require_person(request.actor, ERASE_PEOPLE, person)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            ask_erasure(by=request.actor, person=row.pk, reason=form.cleaned_data["reason"])
            return done(
                request, _("Asked for. Somebody else of the office has to confirm it."), "units:erase", person=row
            )
    return _page(request, row, form, RefuseForm())


def _page(request: Asked, row: Person, form: AskForm, refuse: RefuseForm, said: Erasure | None = None) -> HttpResponse:
    erasure = erasure_of(row.pk) or said
    records = list(same_people([row.pk]).values_list("pk", flat=True))
    own = is_behind(request.actor, row.pk)
    context = {
        "row": row, "form": form, "refuse": refuse, "own": own, "merged": len(records) - 1,
        "told": told_of([erasure])[0] if erasure else None, "before": None if erasure else _before(row),
        "hindrances": _hindrances(erasure, records) if row.erased_at is None and not own else [],
        "decides": erasure is not None and erasures_to_decide(request.actor).filter(pk=erasure.pk).exists(),
        "withdraws": erasure is not None and erasure.state == "asked" and is_behind(request.actor, erasure.asked_by, erasure.asked_for),
        "crumbs": crumbs_of(request, row, _("Erase")),
    }  # fmt: skip
    return show(request, "units/erase.html", context)


def _hindrances(erasure: Erasure | None, records: list[int]) -> list[Refused]:
    """Why it cannot be asked for, or confirmed, yet."""
    merged = merged_since(erasure) if erasure is not None and erasure.state == "asked" else None
    return [*([merged] if merged else []), *hindrances_of(records)]


def _before(row: Person) -> dict[str, Any] | None:
    last = last_end_of(row.pk)
    return told_of([last])[0] if last else None


@page(ERASE_PEOPLE, methods=("POST",))
def act(request: Asked, erasure: int) -> HttpResponse:
    """Confirm, refuse or withdraw one."""
    row = get_or_refuse(erasures_within(request.actor), pk=erasure)
    what = request.POST.get("do", "")
    if what == "confirm":
        confirm_erasure(by=request.actor, erasure=erasure)
        return done(request, _("Confirmed. The person is being erased now."), "units:person", person=row.person)
    if what == "withdraw":
        withdraw_erasure(by=request.actor, erasure=erasure)
        return done(request, _("Withdrawn; nothing was erased."), "units:person", person=row.person)
    if what != "refuse":
        raise NotFound("organisations.erasure")
    form = RefuseForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            refuse_erasure(by=request.actor, erasure=erasure, reason=form.cleaned_data["reason"])
            return done(request, _("Refused; nothing was erased."), "units:person", person=row.person)
    return _page(request, row.person, AskForm(), form, row)


@page(ERASE_PEOPLE)
def erasures(request: Asked) -> HttpResponse:
    """What waits for a second person within reach, what is under way, what was done."""
    found = erasures_within(request.actor)
    mine = set(erasures_to_decide(request.actor).values_list("pk", flat=True))
    context = {
        name: [told | {"decides": told["row"].pk in mine} for told in told_of(found.filter(state__in=states)[:MOST])]
        for name, states in (("waiting", ("asked",)), ("running", ("confirmed",)), ("over", ("done", "refused", "withdrawn", "expired")))
    }  # fmt: skip
    return show(request, "units/erasures.html", context)
