"""Take tables out, and bring rosters in."""

from weineng.insight.actions.exports import export_standings, export_standings_page
from weineng.insight.actions.intakes import (
    ask_for_intake,
    cancel_intake,
    forget_intakes,
    put_in_rosters,
    read_again,
    read_intake,
    throw_away_intake,
)

__all__ = [
    "ask_for_intake",
    "cancel_intake",
    "export_standings",
    "export_standings_page",
    "forget_intakes",
    "put_in_rosters",
    "read_again",
    "read_intake",
    "throw_away_intake",
]
