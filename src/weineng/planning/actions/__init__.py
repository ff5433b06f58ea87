"""What can be done in planning."""

from weineng.planning.actions.choices import choose_points
from weineng.planning.actions.group_plans import (
    publish_group_plan,
    withdraw_group_plan,
    write_group_plan,
)
from weineng.planning.actions.reviews import (
    approve_school_plan,
    file_school_plan,
    reopen_school_plan,
    return_school_plan,
    unfile_school_plan,
)
from weineng.planning.actions.school_plans import (
    discard_school_plan,
    draft_school_plan,
    edit_school_plan,
    submit_school_plan,
    withdraw_school_plan,
)

__all__ = [
    "approve_school_plan",
    "choose_points",
    "discard_school_plan",
    "draft_school_plan",
    "edit_school_plan",
    "file_school_plan",
    "publish_group_plan",
    "reopen_school_plan",
    "return_school_plan",
    "submit_school_plan",
    "unfile_school_plan",
    "withdraw_group_plan",
    "withdraw_school_plan",
    "write_group_plan",
]
