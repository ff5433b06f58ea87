"""Take tables out; every export leaves a line in the log."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.insight.queries import StandingsPage, StandingsTable, standings_page, standings_table
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.reach import require_unit
from weineng.programmes.models import Programme
from weineng.progress.permissions import EXPORT


@transaction.atomic
def export_standings(*, by: Actor, programme: int, unit: int | None = None) -> StandingsTable:
    """Where everybody within reach stands (at or below `unit`), as a table; the log keeps who took out how many rows.

    Refuses `not-found` for a programme that does not exist, a unit out of reach, or whoever may export nothing;
    `programme-without-version` where nothing was published yet.
    """
    found = _exportable(by, programme, unit)
    table = standings_table(by, programme, unit)
    record(by=by, verb="insight.export_standings", thing=found, unit=unit, facts={"rows": len(table.rows)})
    return table


@transaction.atomic
def export_standings_page(
    *, by: Actor, programme: int, unit: int | None = None, after: int = 0, size: int
) -> StandingsPage:
    """`size` rows of the same table in the order of enrolments, those after one of them; each page has its line in the log.

    Refuses as `export_standings`.
    """
    found = _exportable(by, programme, unit)
    page = standings_page(by, programme, unit, after=after, size=size)
    record(by=by, verb="insight.export_standings", thing=found, unit=unit, facts={"rows": len(page.rows)})
    return page


def _exportable(by: Actor, programme: int, unit: int | None) -> Programme:
    found = Programme.objects.filter(pk=programme).first()
    if found is None or not by.holds(EXPORT):
        raise NotFound("programmes.programme")
    if unit is not None:
        require_unit(by, EXPORT, unit)
    if not found.versions.exists():
        raise Refused("programme-without-version", _("No document of this programme has been published yet."))
    return found
