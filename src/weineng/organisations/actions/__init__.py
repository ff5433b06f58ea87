"""What can be done to the tree, the people and their posts: one file per noun, all of it asked for here."""

from weineng.organisations.actions.units import (
    close_unit,
    found_unit,
    move_unit,
    rename_unit,
    reopen_unit,
    set_flag,
    undo_move,
)

__all__ = ["close_unit", "found_unit", "move_unit", "rename_unit", "reopen_unit", "set_flag", "undo_move"]
