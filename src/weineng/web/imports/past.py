"""What was brought in before, and taking a sheet of hours or results back as a whole."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from weineng.assessment.models import Result
from weineng.assessment.permissions import IMPORT as IMPORT_RESULTS
from weineng.assessment.queries import results_of_sheet
from weineng.certification.models import Certificate
from weineng.evidence.rules import LEVEL_NAMES
from weineng.insight.actions import ask_to_take_back, cancel_take_back
from weineng.insight.queries import sheets_to_take_back, take_backs_of, take_backs_within
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import word_for
from weineng.learning.models import Record
from weineng.learning.permissions import IMPORT as IMPORT_HOURS
from weineng.learning.queries import records_of_sheet
from weineng.organisations.models import Person
from weineng.organisations.permissions import IMPORT_ROSTER
from weineng.web.components.tables import Column, Table
from weineng.web.imports.arriving import going_page, going_part
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, show

KINDS = {
    "rosters": (IMPORT_ROSTER, gettext_lazy("Rosters")),
    "hours": (IMPORT_HOURS, gettext_lazy("Hours")),
    "results": (IMPORT_RESULTS, gettext_lazy("Results and items")),
}
SINGLE = {"rosters": "roster", "hours": "hours", "results": "results"}  # the tab of a list → the kind of its sheets
STANDING = {"hours": "in-force", "results": "stands"}  # the state of what taking the sheet back would touch


class ReasonForm(forms.Form):
    """Why the sheet is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Everybody concerned reads it, and it stays in the log."),
    )  # fmt: skip


@page(IMPORT_ROSTER, IMPORT_HOURS, IMPORT_RESULTS)
def past(request: Asked) -> HttpResponse:
    """Who brought in what, when, and whether it still stands."""
    mine = [kind for kind, (permission, _title) in KINDS.items() if request.actor.holds(permission)]
    asked = request.GET.get("kind", "")
    kind = asked if asked in mine else mine[0]
    other = _("Changed") if kind == "rosters" else _("Wrong")
    columns = (
        Column("file", _("File")), Column("for", _("For")), Column("when", _("When"), sort="at", descending_first=True),
        Column("by", _("By")),
        Column("new", _("New"), number=True, unit=_("rows")), Column("other", other, number=True, unit=_("rows")),
        Column("same", _("Known already"), number=True, unit=_("rows")), Column("state", _("State")),
    )  # fmt: skip
    head = Table(request, columns, order="-when", size=30)
    head.cut(sheets_to_take_back(request.actor, SINGLE[kind]))
    _note_going(SINGLE[kind], head.rows)
    tabs = [{"text": KINDS[one][1], "url": f"?kind={one}", "on": one == kind} for one in mine]
    context = {"kind": kind, "head": head, "tabs": tabs if len(tabs) > 1 else [], "names": _names(head.rows)}
    return show(request, "imports/past.html", context)


def _note_going(kind: str, rows: Iterable[Any]) -> None:
    """What was asked last about taking each of them back, where that is not over: `row.going_back`."""
    asked = take_backs_of(kind, [row.pk for row in rows])
    for row in rows:
        work = asked.get(row.pk)
        row.going_back = work if work is not None and work.state in ("waiting", "refused") else None


def _names(rows: Iterable[Any]) -> Mapping[int, str]:
    people = {row.by for row in rows if row.by is not None}
    return dict(Person.objects.filter(pk__in=people).order_by("pk").values_list("pk", "name"))


@dataclass(frozen=True)
class Row:
    """A row of a sheet as its page shows it."""

    name: str
    about: str
    on: object
    amount: object
    state: str


@page(IMPORT_HOURS)
def hours_sheet(request: Asked, sheet: int) -> HttpResponse:
    """A sheet of hours: whom and how much it brought, what was changed since; taking it back."""
    row = get_or_refuse(sheets_to_take_back(request.actor, "hours"), pk=sheet)
    rows: QuerySet[Any] = records_of_sheet(row.pk)
    columns = (
        Column("name", _("Name"), sort="person_name"), Column("about", _("Course"), sort="title"), Column("on", _("Day"), sort="event_on"),
        Column("amount", _("Minutes"), number=True, sort="minutes"), Column("state", _("State")),
    )  # fmt: skip
    figures = rows.filter(state="in-force").aggregate(
        people=Count(Coalesce("person__merged_into", "person"), distinct=True),
        rows=Count("pk"), minutes=Coalesce(Sum("minutes"), 0), unknown=Count("pk", filter=Q(person__isnull=True)),
    )  # fmt: skip
    about = {"kind": "hours", "sheet": row, "of": row.provider.name, "figures": figures}
    return _sheet(request, about, rows, columns, _of_hours)


@page(IMPORT_RESULTS)
def results_sheet(request: Asked, sheet: int) -> HttpResponse:
    """A sheet of results: whom it is about, what was changed since; taking it back."""
    row = get_or_refuse(sheets_to_take_back(request.actor, "results"), pk=sheet)
    rows: QuerySet[Any] = results_of_sheet(request.actor, row.pk)
    columns = (
        Column("name", _("Name"), sort="person__name_order"), Column("about", _("About"), sort="point"),
        Column("on", _("Decided on"), sort="decided_on"), Column("amount", _("Result")), Column("state", _("State")),
    )  # fmt: skip
    figures = rows.filter(state="stands").aggregate(
        people=Count(Coalesce("person__merged_into", "person"), distinct=True), rows=Count("pk")
    )
    about = {
        "kind": "results",
        "sheet": row,
        "of": word_for(row.programme.title, get_language() or ""),
        "figures": figures,
    }
    return _sheet(request, about, rows.select_related("person"), columns, _of_results)


def _of_hours(row: Record) -> Row:
    return Row(row.person_name, row.title or row.course, row.event_on, row.minutes, row.state)


def _of_results(row: Result) -> Row:
    """Whoever is not in reach any more is not named."""
    name = "" if row.state == "away" else row.person.name
    return Row(name, row.point or _("Classroom recording"), row.decided_on, LEVEL_NAMES[row.level], row.state)


def _sheet(
    request: Asked, about: dict[str, Any], rows: QuerySet[Any], columns: tuple[Column, ...], shown: Callable[..., Row]
) -> HttpResponse:
    sheet, kind = about["sheet"], about["kind"]
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        work = ask_to_take_back(by=request.actor, kind=kind, sheet=sheet.pk, reason=form.cleaned_data["reason"])
        if work is not None:
            return redirect("imports:taking_back", work=work.pk)
        return done(request, _("Taken back; it is being recounted."), f"imports:{kind}_sheet", sheet=sheet)
    _note_going(kind, [sheet])
    standing, left = rows.filter(state=STANDING[kind]), rows.exclude(state=STANDING[kind])
    looks = {"stand": standing, "left": left}
    titles = {"stand": _("Still stand"), "left": _("The others")}
    counts = {look: found.count() for look, found in looks.items()}
    asked = request.GET.get("show", "")
    look = asked if asked in looks else "stand" if counts["stand"] else "left"
    head = Table(request, columns, order="name", size=50)
    head.cut(looks[look])
    certified = Certificate.objects.filter(revoked_at__isnull=True, person__in=standing.order_by().values("person"))
    chips = [
        {"text": titles[one], "url": f"?show={one}", "count": counts[one], "on": one == look}
        for one in looks
        if all(counts.values())
    ]
    above = {"text": _("Brought in before"), "url": f"{reverse('imports:past')}?kind={kind}"}
    context = about | {
        "form": form, "head": head, "rows": [shown(row) for row in head.rows], "chips": chips,
        "certified": certified.count(), "left": counts["left"], "names": _names([sheet]),
        "crumbs": [above, {"text": sheet.name or _("Sheet")}],
    }  # fmt: skip
    return show(request, "imports/sheet.html", context)


@page(IMPORT_ROSTER, IMPORT_HOURS, IMPORT_RESULTS)
def taking_back(request: Asked, work: int) -> HttpResponse:
    """A large sheet that is being taken back: how far it has come, or what came of it."""
    row = get_or_refuse(take_backs_within(request.actor), pk=work)
    sheet = sheets_to_take_back(request.actor, row.kind).get(pk=row.sheet)
    plural = next(name for name, single in SINGLE.items() if single == row.kind)
    above = {"text": _("Brought in before"), "url": f"{reverse('imports:past')}?kind={plural}"}
    context = {"sheet": sheet, "kind": row.kind, "above": above, "crumbs": [above, {"text": sheet.name or _("Sheet")}]}
    if row.state == "waiting":
        addresses = {name: reverse(f"imports:taking_back_{name}", args=[row]) for name in ("going", "cancel")}
        return going_page(request, row, **context, **addresses)
    return show(request, "imports/taken_back.html", {"work": row, **context})


@page(IMPORT_ROSTER, IMPORT_HOURS, IMPORT_RESULTS)
def going(request: Asked, work: int) -> HttpResponse:
    """How far it has come, for the page that waits."""
    return going_part(request, get_or_refuse(take_backs_within(request.actor), pk=work), request.path)


@page(IMPORT_ROSTER, IMPORT_HOURS, IMPORT_RESULTS, methods=("POST",))
def cancel(request: Asked, work: int) -> HttpResponse:
    """It is not to be taken back after all."""
    row = cancel_take_back(by=request.actor, work=work)
    return done(request, _("It stays as it is; nothing was changed."), "imports:taking_back", work=row)
