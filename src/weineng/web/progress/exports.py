"""Take out where everybody of a unit stands, as a spreadsheet."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.insight.actions import export_standings
from weineng.insight.queries import notes_on_standings
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.progress.permissions import EXPORT
from weineng.sheets import say, write_csv, write_sheet
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page
from weineng.web.shell.programmes import programme_of

TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


@page(EXPORT, methods=("POST",))
def standings(request: Asked, unit: int) -> HttpResponse:
    """The table as a file: `as` is xlsx (default) or csv. A POST, since the log keeps every export."""
    programme = programme_of(request)
    if programme is None:
        raise NotFound("programmes.programme")
    kind = "csv" if request.POST.get("as") == "csv" else "xlsx"
    table = export_standings(by=request.actor, programme=programme.pk, unit=unit)
    if kind == "csv":
        content = write_csv(table.form, table.rows)
    else:
        content = write_sheet(table.form, table.rows, say, sheet_name=_("Standings"), instructions=notes_on_standings())
    name = f"standings-{programme.code}-{today().isoformat()}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=TYPES[kind], headers=headers)
