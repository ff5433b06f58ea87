"""What keeps the counting true: recount what was touched, recount everything, compare the two."""

from weineng.progress.actions.adding_up import add_up
from weineng.progress.actions.comparing import compare_with_recount
from weineng.progress.actions.recounting import recount, recount_everything, recount_these
from weineng.progress.actions.reminding import remind_of_tasks
from weineng.progress.actions.rounds import Round, note_rounds

__all__ = [
    "Round",
    "add_up",
    "compare_with_recount",
    "note_rounds",
    "recount",
    "recount_everything",
    "recount_these",
    "remind_of_tasks",
]
