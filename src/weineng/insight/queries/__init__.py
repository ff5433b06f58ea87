"""What can be asked across the modules: tables to take out, and what waits on somebody's desk."""

from weineng.insight.queries.desks import Behind, Desk, Waiting, desk_of
from weineng.insight.queries.intakes import intake_of, intakes_before, intakes_under_way, taken_back_at
from weineng.insight.queries.logs import (
    LogFilter,
    LogLine,
    follows_person,
    follows_unit,
    log_of_certificate,
    log_of_person,
    log_of_submission,
    log_of_unit,
    narrowed,
    told_lines,
    verbs_in,
)
from weineng.insight.queries.pictures import Following, Picture, difference, picture_of, units_above
from weineng.insight.queries.sides import Side, side_of
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
    "Following",
    "LogFilter",
    "LogLine",
    "Picture",
    "Side",
    "StandingsPage",
    "StandingsTable",
    "Waiting",
    "desk_of",
    "difference",
    "follows_person",
    "follows_unit",
    "intake_of",
    "intakes_before",
    "intakes_under_way",
    "log_of_certificate",
    "log_of_person",
    "log_of_submission",
    "log_of_unit",
    "narrowed",
    "notes_on_standings",
    "picture_of",
    "side_of",
    "standings_form",
    "standings_page",
    "standings_table",
    "taken_back_at",
    "told_lines",
    "units_above",
    "verbs_in",
]
