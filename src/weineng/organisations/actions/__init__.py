"""What can be done to the tree, the people and their posts: one file per noun, all of it asked for here."""

from weineng.organisations.actions.changes import forget_changes
from weineng.organisations.actions.erasures import (
    ask_erasure,
    confirm_erasure,
    erase_from_organisations,
    expire_erasures,
    refuse_erasure,
    withdraw_erasure,
)
from weineng.organisations.actions.merges import merge_people, unmerge_people
from weineng.organisations.actions.people import change_person, enter_person, reveal_identity
from weineng.organisations.actions.posts import (
    change_posting,
    end_posting,
    post_person,
    redate_posting,
    transfer_person,
)
from weineng.organisations.actions.reorganising import merge_units, split_unit, undo_reorganisation
from weineng.organisations.actions.rosters import ListedPost, apply_roster, export_posts, export_roster, undo_roster
from weineng.organisations.actions.units import (
    change_unit,
    close_unit,
    found_unit,
    move_unit,
    rename_unit,
    reopen_unit,
    set_flag,
    undo_move,
)

__all__ = [
    "ListedPost",
    "apply_roster",
    "ask_erasure",
    "change_person",
    "change_posting",
    "change_unit",
    "close_unit",
    "confirm_erasure",
    "end_posting",
    "enter_person",
    "erase_from_organisations",
    "expire_erasures",
    "export_posts",
    "export_roster",
    "forget_changes",
    "found_unit",
    "merge_people",
    "merge_units",
    "move_unit",
    "post_person",
    "redate_posting",
    "refuse_erasure",
    "rename_unit",
    "reopen_unit",
    "reveal_identity",
    "set_flag",
    "split_unit",
    "transfer_person",
    "undo_move",
    "undo_reorganisation",
    "undo_roster",
    "unmerge_people",
    "withdraw_erasure",
]
