"""Take tables out; every export leaves a line in the log."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.insight.queries import (
    PLATFORM_TABLES,
    PlatformTable,
    StandingsPage,
    StandingsTable,
    platform_table,
    standings_page,
    standings_table,
)
from weineng.insight.queries.platforms import Means
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused
from weineng.learning.queries import source_read
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


@transaction.atomic
def export_platform(*, by: Actor, provider: str, what: str, since: date, until: date, means: Means) -> PlatformTable:
    """One of the tables of a platform (`PLATFORM_TABLES`), for itself and for the offices that manage it; the log keeps who took out
    how many rows. `means`: what the codes of refusals mean, in the reader's language.

    Refuses `not-found` for a table that there is not, a platform that one neither is nor manages, and a sandbox that was never
    opened; `days-out-of-range`, `too-many-rows`.
    """
    if what not in PLATFORM_TABLES:
        raise NotFound("insight.table")
    source = source_read(by, provider)
    table = platform_table(by, provider, what, since, until, means)
    facts = {"provider": provider, "table": what, "rows": len(table.rows)}
    record(by=by, verb="insight.export_platform", thing=source, unit=source.owner_id, facts=facts)
    return table


def _exportable(by: Actor, programme: int, unit: int | None) -> Programme:
    found = Programme.objects.filter(pk=programme).first()
    if found is None or not by.holds(EXPORT):
        raise NotFound("programmes.programme")
    if unit is not None:
        require_unit(by, EXPORT, unit)
    if not found.versions.exists():
        raise Refused("programme-without-version", _("No document of this programme has been published yet."))
    return found
