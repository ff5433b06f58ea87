"""Exemptions: asked for by one, granted by another, ended by either."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.reach import behind
from weineng.programmes import actions
from weineng.programmes.actions.exemptions import WHOLE
from weineng.programmes.models import Enrolment, Exemption
from weineng.programmes.permissions import EXEMPT
from weineng.programmes.queries import document_of, programmes_within, titles_of
from weineng.web.components.tables import Column, Table
from weineng.web.programmes.documents import parts_of
from weineng.web.programmes.forms import ExemptionForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.templatetags.words import in_language

EVERYTHING = pgettext_lazy("what somebody is exempted from", "the whole programme")


def demands_of(enrolment: Enrolment) -> list[tuple[str, Any]]:
    """The demands and gates of an enrolment's version as a form offers them, the whole programme last."""
    titles = titles_of(document_of(enrolment.version_id))
    return [*((code, in_language(dict(title))) for code, title in titles.items()), (WHOLE, EVERYTHING)]


@page(EXEMPT)
def list_exemptions(request: Asked, programme: int) -> HttpResponse:
    """Those that wait for a second person first."""
    row = get_or_refuse(programmes_within(request.actor, EXEMPT), pk=programme)
    within = Exemption.objects.within(request.actor, EXEMPT).filter(enrolment__programme=row)
    found = within.select_related("enrolment__person")
    waiting = found.filter(granted_at__isnull=True, ended_at__isnull=True)
    mine = frozenset(behind(request.actor).values_list("pk", flat=True))
    rest = found.exclude(granted_at__isnull=True, ended_at__isnull=True)
    new = (Column("new", _("Newest first"), sort="pk"),)
    asked, over = (Table(request, new, order="-new", size=50, prefix=prefix) for prefix in ("w-", "d-"))
    context = {
        "programme": row, "tabs": parts_of(request, row, "programmes:exemptions"), "asked": asked.cut(waiting), "over": over.cut(rest),
        "waiting": [_told(mine, one) for one in asked.rows], "rest": [_told(mine, one) for one in over.rows],
    }  # fmt: skip
    return show(request, "programmes/exemptions.html", context)


def _told(mine: frozenset[int], row: Exemption) -> dict[str, object]:
    titles = dict(demands_of(row.enrolment))
    involved = {row.asked_by, row.asked_for, row.enrolment.person_id}
    return {"row": row, "demand": titles.get(row.demand, row.demand), "grants": not mine & involved}


@page(EXEMPT)
def ask(request: Asked, enrolment: int) -> HttpResponse:
    """Ask that a demand be taken from somebody; a second person grants it."""
    rows = Enrolment.objects.within(request.actor, EXEMPT, changing=True).select_related("person", "programme")
    row = get_or_refuse(rows, pk=enrolment)
    form = ExemptionForm(request.POST or None, demands=demands_of(row), initial={"starts": today()})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.ask_exemption(by=request.actor, enrolment=enrolment, **form.cleaned_data)
            text = _("Asked for; it holds once a second person has granted it.")
            return done(request, text, "programmes:exemptions", programme=row.programme)
    return show(request, "programmes/ask.html", {"form": form, "row": row})


@page(EXEMPT, methods=("POST",))
def act(request: Asked, exemption: int) -> HttpResponse:
    """Grant one, turn one down, or end one."""
    found = Exemption.objects.within(request.actor, EXEMPT).select_related("enrolment__programme")
    programme = get_or_refuse(found, pk=exemption).enrolment.programme
    what = request.POST.get("do", "")
    if what == "grant":
        actions.grant_exemption(by=request.actor, exemption=exemption)
        return done(request, _("Granted; the person is told."), "programmes:exemptions", programme=programme)
    if what == "end":
        actions.end_exemption(by=request.actor, exemption=exemption, reason=request.POST.get("reason", ""))
        return done(request, _("It does not hold any more."), "programmes:exemptions", programme=programme)
    raise NotFound("programmes.exemption")
