"""What keeps the counting true: recount what was touched, recount everything, compare the two."""

from weineng.progress.actions.comparing import compare_with_recount
from weineng.progress.actions.recounting import recount, recount_everything

__all__ = ["compare_with_recount", "recount", "recount_everything"]
