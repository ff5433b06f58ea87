"""What can be done in planning."""

from weineng.planning.actions.answering import answer_asked
from weineng.planning.actions.choices import choose_points, diagnose
from weineng.planning.actions.declarations import (
    agree_declarations,
    declare_points,
    return_declarations,
    withdraw_declaration,
)
from weineng.planning.actions.erasing import erase_from_planning
from weineng.planning.actions.following import follow_plans
from weineng.planning.actions.group_plans import (
    publish_group_plan,
    withdraw_group_plan,
    write_group_plan,
)
from weineng.planning.actions.handbook import confirm_tasks, do_task, return_tasks, undo_task
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
    "agree_declarations",
    "answer_asked",
    "approve_school_plan",
    "choose_points",
    "confirm_tasks",
    "declare_points",
    "diagnose",
    "discard_school_plan",
    "do_task",
    "draft_school_plan",
    "edit_school_plan",
    "erase_from_planning",
    "file_school_plan",
    "follow_plans",
    "publish_group_plan",
    "reopen_school_plan",
    "return_declarations",
    "return_school_plan",
    "return_tasks",
    "submit_school_plan",
    "undo_task",
    "unfile_school_plan",
    "withdraw_declaration",
    "withdraw_group_plan",
    "withdraw_school_plan",
    "write_group_plan",
]
