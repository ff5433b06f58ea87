"""What can be done in `statements`; one file per noun."""

from weineng.statements.actions.erasing import erase_from_statements
from weineng.statements.actions.sources import open_source

__all__ = ["erase_from_statements", "open_source"]
