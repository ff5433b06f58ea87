"""Rosters in three steps, and out."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from weineng.assessment.permissions import IMPORT as IMPORT_RESULTS
from weineng.insight.sheets import RosterSheet, export_roster_file, read_roster_file, template_file
from weineng.learning.permissions import IMPORT as IMPORT_HOURS
from weineng.organisations.actions import undo_roster
from weineng.organisations.models import Roster, Unit
from weineng.organisations.permissions import EXPORT_PEOPLE, IMPORT_ROSTER
from weineng.organisations.reach import require_unit, units_within
from weineng.sheets import Issue, roster_format, say, sentence
from weineng.web.imports.arriving import FileForm, keep, kept, workbook
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


def _purpose(unit: int) -> str:
    return f"imports.roster:{unit}"


@page(IMPORT_ROSTER, IMPORT_HOURS, IMPORT_RESULTS)
def start(request: Asked) -> HttpResponse:
    """Step 1: the file; and what was brought in before."""
    unit = _unit(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and unit is not None and form.is_valid():
        with refusals_on(form):
            row = keep(request.actor, _purpose(unit.pk), form.cleaned_data["file"])
            read_roster_file(request.actor, unit.pk, *kept(request.actor, row.pk, _purpose(unit.pk)))
            return redirect("imports:roster", unit=unit.pk, upload=row.pk)
    before = Roster.objects.filter(unit__in=units_within(request.actor, IMPORT_ROSTER)).order_by("-pk")[:10]
    context = {
        "form": form, "unit": unit, "before": before, "hours": request.actor.holds(IMPORT_HOURS),
        "results": request.actor.holds(IMPORT_RESULTS),
    }  # fmt: skip
    return show(request, "imports/start.html", context)


def _sheet(request: Asked, unit: int, upload: int) -> RosterSheet:
    data, name = kept(request.actor, upload, _purpose(unit))
    return read_roster_file(request.actor, unit, data, name)


@page(IMPORT_ROSTER)
def understood(request: Asked, unit: int, upload: int) -> HttpResponse:
    """Step 2: what was understood; step 3: apply."""
    sheet = _sheet(request, unit, upload)
    if request.method == "POST":
        outcome = sheet.apply(request.actor)
        said = _("%(new)s new, %(changed)s changed, %(same)s unchanged.") % {
            "new": len(outcome.new), "changed": len(outcome.changed), "same": len(outcome.same),
        }  # fmt: skip
        return done(request, said, "imports:roster", unit=unit, upload=upload)
    wrong = [row for row in sheet.judged if row.verdict == "error"]
    meant = roster_format().by_key
    context = {
        "unit": require_unit(request.actor, IMPORT_ROSTER, unit), "upload": upload, "sheet": sheet, "counts": sheet.counts,
        "columns": [(column, meant[key].headings[0]) for key, column in sheet.reading.columns.items()],
        "samples": [row for row in sheet.judged if row.values][:SHOWN],
        "wrong": [(row.row, row.name, _said(row.errors)) for row in wrong[:LISTED]],
        "looks": [(row.row, row.name, _said(row.warnings)) for row in sheet.judged if row.verdict == "warning"][:LISTED],
    }  # fmt: skip
    return show(request, "imports/roster.html", context)


def _said(issues: Sequence[Issue]) -> list[str]:
    return [sentence(issue, say) for issue in issues]


@page(IMPORT_ROSTER)
def annotated(request: Asked, unit: int, upload: int) -> HttpResponse:
    """One's own file back, the wrong cells marked."""
    sheet = _sheet(request, unit, upload)
    stem = sheet.name.rsplit(".", 1)[0]
    return workbook(sheet.annotated(), f"{stem}-{_('checked')}.xlsx")


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
    return done(request, _("Taken back; everything is as it was before."), "imports:start")
