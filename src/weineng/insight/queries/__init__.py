"""What can be asked across the modules: tables to take out, and what waits on somebody's desk."""

from weineng.insight.queries.desks import Behind, Desk, Waiting, desk_of
from weineng.insight.queries.tables import (
    StandingsPage,
    StandingsTable,
    notes_on_standings,
    standings_form,
    standings_page,
    standings_table,
)

__all__ = [
    "Behind",
    "Desk",
    "StandingsPage",
    "StandingsTable",
    "Waiting",
    "desk_of",
    "notes_on_standings",
    "standings_form",
    "standings_page",
    "standings_table",
]
