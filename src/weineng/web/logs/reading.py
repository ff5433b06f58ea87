"""The lines about one thing, newest first, narrowed by verb and day."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.audit.models import Line
from weineng.audit.permissions import FOLLOW, READ
from weineng.insight.queries import (
    LogFilter,
    log_of_certificate,
    log_of_person,
    log_of_submission,
    log_of_unit,
    narrowed,
    told_lines,
    verbs_in,
)
from weineng.kernel.refusals import NotFound
from weineng.organisations.permissions import VIEW_PEOPLE, VIEW_UNIT
from weineng.organisations.reach import is_behind, people_within, units_within
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.crumbs import unit_crumbs
from weineng.web.shell.pages import page, show
from weineng.web.shell.verbs import VERBS
from weineng.web.units.forms import choose, day_field
from weineng.web.units.person import crumbs_of

SIZE = 50


class FilterForm(forms.Form):
    """Which lines: a verb, from a day, to a day."""

    verb = forms.ChoiceField(label=gettext_lazy("What was done"), required=False)
    since = day_field(gettext_lazy("From"), required=False)
    until = day_field(gettext_lazy("To"), required=False)

    def __init__(self, data: Any, *, verbs: list[str]) -> None:
        super().__init__(data)
        words = sorted((str(VERBS.get(verb, verb)), verb) for verb in verbs)
        choose(self, "verb", [("", _("everything")), *((verb, word) for word, verb in words)])

    def asked(self) -> LogFilter:
        """What was asked; a day that is none, or a verb that does not occur, narrows nothing."""
        self.full_clean()
        data = self.cleaned_data
        return LogFilter(data.get("verb") or "", data.get("since"), data.get("until"))


@page(FOLLOW, READ)
def here(request: Asked) -> HttpResponse:
    """The log of the unit of the present post; of oneself where one acts for nobody else."""
    held = sorted(request.actor.units(READ) or request.actor.units(FOLLOW))
    if held:
        own = request.post.unit if request.post and request.post.unit in held else held[0]
        return redirect("logs:unit", unit=own)
    if request.actor.person is None or FOLLOW.code not in request.actor.own:
        raise NotFound("organisations.unit")
    return redirect("logs:person", person=request.actor.person)


@page(FOLLOW, READ)
def person(request: Asked, person: int) -> HttpResponse:
    """Lines about a person."""
    row, lines = log_of_person(request.actor, person)
    known = people_within(request.actor, VIEW_PEOPLE).filter(pk=row.pk).exists()
    back = reverse("units:person", kwargs={"person": row}) if known else ""
    crumbs = crumbs_of(request, row, _("Log")) if known else []
    return _page(request, lines, row.name, crumbs, back, own=is_behind(request.actor, row.pk))


@page(FOLLOW, READ)
def unit(request: Asked, unit: int) -> HttpResponse:
    """Lines about a unit."""
    row, lines = log_of_unit(request.actor, unit)
    known = units_within(request.actor, VIEW_UNIT).filter(pk=row.pk).exists()
    back = reverse("units:unit", kwargs={"unit": row}) if known else ""
    crumbs = unit_crumbs(request, row.pk, "units:unit", VIEW_UNIT, here=_("Log")) if known else []
    return _page(request, lines, row.name, crumbs, back, people=True)


@page(FOLLOW, READ)
def evidence(request: Asked, submission: int) -> HttpResponse:
    """Lines about a piece of evidence, its reviews and results."""
    row, lines = log_of_submission(request.actor, submission)
    own = is_behind(request.actor, row.person_id)
    title = row.point or _("Classroom recording")
    return _page(request, lines, title if own else f"{row.person.name} · {title}", [], "", own=own)


@page(FOLLOW, READ)
def certificate(request: Asked, certificate: int) -> HttpResponse:
    """Lines about a certificate."""
    row, lines = log_of_certificate(request.actor, certificate)
    back = reverse("certificates:one", kwargs={"certificate": row})
    return _page(
        request, lines, f"{row.person.name} · {row.number}", [], back, own=is_behind(request.actor, row.person_id)
    )


def _page(
    request: Asked,
    lines: QuerySet[Line],
    about: str,
    crumbs: list[dict[str, object]],
    back: str,
    *,
    own: bool = False,
    people: bool = False,
) -> HttpResponse:
    form = FilterForm(request.GET, verbs=verbs_in(lines))
    asked = form.asked()
    columns = (
        Column("at", _("When"), sort="pk"), Column("who", _("Who")), Column("what", _("What")), Column("why", _("Reason")),
    )  # fmt: skip
    head = Table(request, columns, order="-at", size=SIZE)
    head.cut(narrowed(lines, asked))
    told = [(line, VERBS.get(line.verb, line.verb)) for line in told_lines(request.actor, head.rows)]
    context = {
        "about": about, "head": head, "lines": told, "filter": form, "crumbs": crumbs, "back": back, "own": own, "people": people,
        "narrowed": asked != LogFilter(),
    }  # fmt: skip
    return show(request, "logs/log.html", context)
