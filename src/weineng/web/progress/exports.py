"""Take out where everybody of a unit stands, as a spreadsheet."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.insight.actions import export_standings
from weineng.insight.queries import notes_on_standings
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.progress.permissions import EXPORT
from weineng.web.components.files import table_file
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page
from weineng.web.shell.programmes import programme_of


@page(EXPORT, methods=("POST",))
def standings(request: Asked, unit: int) -> HttpResponse:
    """The table as a file: `as` is xlsx (default) or csv. A POST, since the log keeps every export."""
    programme = programme_of(request)
    if programme is None:
        raise NotFound("programmes.programme")
    table = export_standings(by=request.actor, programme=programme.pk, unit=unit)
    name = f"standings-{programme.code}-{today().isoformat()}"
    return table_file(
        table.form,
        table.rows,
        kind=request.POST.get("as", ""),
        name=name,
        title=_("Standings"),
        notes=notes_on_standings(),
    )
