"""Rosters in three steps, and out."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from weineng.assessment.permissions import IMPORT as IMPORT_RESULTS
from weineng.insight.actions import ask_for_intake, cancel_intake, read_again, read_intake, throw_away_intake
from weineng.insight.queries import intake_of, intakes_before, intakes_under_way, taken_back_at
from weineng.insight.rules import AT_ONCE, KEPT_FOR, roster_purpose
from weineng.insight.sheets import RosterSheet, export_roster_file, template_file, unpack_sheet
from weineng.learning.permissions import IMPORT as IMPORT_HOURS
from weineng.organisations.actions import undo_roster
from weineng.organisations.models import Unit
from weineng.organisations.permissions import EXPORT_PEOPLE, IMPORT_ROSTER
from weineng.organisations.reach import require_unit, units_within
from weineng.sheets import Issue, roster_format, say, sentence
from weineng.web.components.tables import Column, Table
from weineng.web.imports.arriving import STEPS, FileForm, keep, kept, thrown_away_if_refused, workbook
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show

SHOWN = 5  # sample rows
LISTED = 200  # wrong rows named on the page; the marked file names all


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
    context: dict[str, Any] = {
        "unit": place, "upload": upload, "intake": intake, "most": AT_ONCE, "steps": STEPS, "kept_for": KEPT_FOR,
        "taken_back": taken_back_at(intake),
    }  # fmt: skip
    if intake.state == "waiting":
        context["before"] = intakes_before(intake)
    else:
        context |= _told(unpack_sheet(intake.reading))
    return show(request, "imports/roster.html", context)


@page(IMPORT_ROSTER)
def going(request: Asked, unit: int, upload: int) -> HttpResponse:
    """How far it has come, for the page that waits; the whole page anew when it need not wait any more."""
    require_unit(request.actor, IMPORT_ROSTER, unit)
    intake = intake_of(request.actor, unit, upload)
    if intake.state != "waiting":
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"unit": unit, "upload": upload, "intake": intake, "before": intakes_before(intake)}
    return show(request, "imports/_going.html", context)


@page(IMPORT_ROSTER, methods=("POST",))
def cancel(request: Asked, unit: int, upload: int) -> HttpResponse:
    """What waits for the worker is not to go in now."""
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


def _told(sheet: RosterSheet) -> dict[str, Any]:
    wrong = [row for row in sheet.judged if row.verdict == "error"]
    looks = [row for row in sheet.judged if row.verdict == "warning"]
    meant = roster_format().by_key
    return {
        "sheet": sheet, "counts": sheet.counts,
        "columns": [(heading, letters, meant[key].headings[0]) for heading, key, letters in sheet.about.columns],
        "samples": [row for row in sheet.judged if row.shown][:SHOWN],
        "wrong": [(row.row, row.name, _said(row.errors)) for row in wrong[:LISTED]],
        "looks": [(row.row, row.name, _said(row.warnings)) for row in looks[:LISTED]], "look_at": len(looks),
    }  # fmt: skip


def _said(issues: Sequence[Issue]) -> list[str]:
    return [sentence(issue, say) for issue in issues]


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
    """Take a roster back, for as long as nothing depends on it."""
    undo_roster(by=request.actor, roster=roster)
    return done(request, _("Taken back; everything is as it was before."), "imports:past")
