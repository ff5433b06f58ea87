"""Rosters in three steps, and out."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from weineng.assessment.permissions import IMPORT as IMPORT_RESULTS
from weineng.insight.actions import (
    ask_for_intake,
    ask_to_take_back,
    cancel_intake,
    read_again,
    read_intake,
    throw_away_intake,
)
from weineng.insight.queries import intake_of, intakes_under_way, taken_back_at, understood_of
from weineng.insight.rules import roster_purpose
from weineng.insight.sheets import export_roster_file, template_file, unpack_sheet
from weineng.insight.sheets.understood import Sample
from weineng.learning.permissions import IMPORT as IMPORT_HOURS
from weineng.organisations.models import Unit
from weineng.organisations.permissions import EXPORT_PEOPLE, IMPORT_ROSTER
from weineng.organisations.reach import require_unit, units_within
from weineng.sheets import roster_format
from weineng.web.components.tables import Column, Table
from weineng.web.imports.arriving import (
    DOING,
    STEPS,
    FileForm,
    going_page,
    going_part,
    keep,
    kept,
    thrown_away_if_refused,
    workbook,
)
from weineng.web.imports.understood import Cell, told, understood_page
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show


def _unit(request: Asked) -> Unit | None:
    """The unit of the present post, else the first one may bring rosters into."""
    mine = units_within(request.actor, IMPORT_ROSTER)
    if request.post is not None and (own := mine.filter(pk=request.post.unit).first()):
        return own
    return mine.order_by("pk").first()


@page(IMPORT_ROSTER, IMPORT_HOURS, IMPORT_RESULTS)
def start(request: Asked) -> HttpResponse:
    """Step 1: the file, and what is on its way."""
    unit = _unit(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and unit is not None and form.is_valid():
        with refusals_on(form):
            row = keep(request.actor, roster_purpose(unit.pk), form.cleaned_data["file"])
            with thrown_away_if_refused(request.actor, row.pk):
                read_intake(by=request.actor, unit=unit.pk, upload=row.pk)
            return redirect("imports:roster", unit=unit.pk, upload=row.pk)
    under_way = Table(request, (Column("new", _("Newest first"), sort="pk"),), order="-new", size=20)
    context = {
        "form": form, "unit": unit, "hours": request.actor.holds(IMPORT_HOURS), "results": request.actor.holds(IMPORT_RESULTS),
        "under_way": under_way.cut(intakes_under_way(request.actor)), "steps": STEPS,
    }  # fmt: skip
    return show(request, "imports/start.html", context)


@page(IMPORT_ROSTER)
def understood(request: Asked, unit: int, upload: int) -> HttpResponse:
    """Step 2: what was understood; step 3: apply, and how far it has come. It goes on when the page is left."""
    place = require_unit(request.actor, IMPORT_ROSTER, unit)
    intake = intake_of(request.actor, unit, upload)
    if request.method == "POST":
        intake = ask_for_intake(by=request.actor, intake=intake.pk)
        if intake.state == "done":
            return done(request, _("The roster has gone in."), "imports:roster", unit=unit, upload=upload)
        return redirect("imports:roster", unit=unit, upload=upload)
    if intake.state in DOING:
        addresses = {
            name: reverse(f"imports:roster_{name}", args=[place, upload]) for name in ("going", "cancel", "throw_away")
        }
        return going_page(request, intake, place=place, steps=STEPS, **addresses)
    again, away = reverse("imports:start"), reverse("imports:roster_throw_away", args=[place, upload])
    if intake.state == "unreadable":
        return show(
            request, "imports/unreadable.html", {"intake": intake, "steps": STEPS, "again": again, "away": away}
        )
    context = told(roster_format(), understood_of(intake), samples=_sample) | {
        "title": _("Roster"), "of": place.name, "taken_back": taken_back_at(intake), "again": again, "away": away,
        "marked": reverse("imports:roster_annotated", args=[place, upload]),
        "read_again": reverse("imports:roster_again", args=[place, upload]),
    }  # fmt: skip
    return understood_page(request, intake, **context)


@page(IMPORT_ROSTER)
def going(request: Asked, unit: int, upload: int) -> HttpResponse:
    """How far it has come, for the page that waits."""
    require_unit(request.actor, IMPORT_ROSTER, unit)
    return going_part(request, intake_of(request.actor, unit, upload), request.path)


@page(IMPORT_ROSTER, methods=("POST",))
def cancel(request: Asked, unit: int, upload: int) -> HttpResponse:
    """What waits for the worker, or is just going in, is not to go in now."""
    cancel_intake(by=request.actor, intake=intake_of(request.actor, unit, upload).pk)
    return done(request, _("It does not go in now; nothing was changed."), "imports:roster", unit=unit, upload=upload)


@page(IMPORT_ROSTER, methods=("POST",))
def again(request: Asked, unit: int, upload: int) -> HttpResponse:
    """What was taken back is read once more, to be brought in again."""
    read_again(by=request.actor, intake=intake_of(request.actor, unit, upload).pk)
    return redirect("imports:roster", unit=unit, upload=upload)


@page(IMPORT_ROSTER, methods=("POST",))
def throw_away(request: Asked, unit: int, upload: int) -> HttpResponse:
    """What was read is not to go in: erase it and its file."""
    throw_away_intake(by=request.actor, intake=intake_of(request.actor, unit, upload).pk)
    return done(request, _("Thrown away, with the file."), "imports:start")


def _sample(row: Sample) -> list[Cell]:
    """Of so many columns the few by which one sees whether the rows were understood."""
    headings = _("Name"), _("School"), _("Group"), _("Subject")
    return [(heading, text, False) for heading, text in zip(headings, (row.name, *row.shown), strict=True)]


@page(IMPORT_ROSTER)
def annotated(request: Asked, unit: int, upload: int) -> HttpResponse:
    """One's own file back, the wrong cells marked."""
    require_unit(request.actor, IMPORT_ROSTER, unit)
    intake = intake_of(request.actor, unit, upload)
    data, name = kept(request.actor, upload, roster_purpose(unit))
    marked = unpack_sheet(intake.reading).annotated(data)
    return workbook(marked, f"{name.rsplit('.', 1)[0]}-{_('checked')}.xlsx")


@page(IMPORT_ROSTER)
def template(request: Asked, unit: int) -> HttpResponse:
    """An empty roster to fill in."""
    return workbook(template_file(request.actor, unit), f"{_('roster template')}.xlsx")


@page(EXPORT_PEOPLE)
def export(request: Asked, unit: int) -> HttpResponse:
    """The roster as it stands; sent back unchanged it changes nothing. Every export is logged."""
    place = require_unit(request.actor, EXPORT_PEOPLE, unit)
    return workbook(export_roster_file(request.actor, unit), f"{place.name}-{_('roster')}.xlsx")


@page(IMPORT_ROSTER, methods=("POST",))
def undo(request: Asked, roster: int) -> HttpResponse:
    """Take a roster back, for as long as nothing depends on it; a large one while one is elsewhere."""
    work = ask_to_take_back(by=request.actor, kind="roster", sheet=roster)
    if work is not None:
        return redirect("imports:taking_back", work=work.pk)
    return done(request, _("Taken back; everything is as it was before."), "imports:past")
