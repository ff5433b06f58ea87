"""Take tables out, bring sheets in, and take them back."""

from weineng.insight.actions.erasing import erase_from_insight
from weineng.insight.actions.exports import export_platform, export_standings, export_standings_page
from weineng.insight.actions.intakes import (
    ask_for_intake,
    cancel_intake,
    forget_intakes,
    read_again,
    read_intake,
    read_sheets,
    throw_away_intake,
)
from weineng.insight.actions.looking import ask_for_look, look_at_moves, move_as_shown
from weineng.insight.actions.previewing import preview_versions
from weineng.insight.actions.taking_back import ask_to_take_back, cancel_take_back, carry_out_sheets

__all__ = [
    "ask_for_intake",
    "ask_for_look",
    "ask_to_take_back",
    "cancel_intake",
    "cancel_take_back",
    "carry_out_sheets",
    "erase_from_insight",
    "export_platform",
    "export_standings",
    "export_standings_page",
    "forget_intakes",
    "look_at_moves",
    "move_as_shown",
    "preview_versions",
    "read_again",
    "read_intake",
    "read_sheets",
    "throw_away_intake",
]
