"""What can be done in `statements`; one file per noun."""

from weineng.statements.actions.accepting import accept_statements
from weineng.statements.actions.documents import drop_document, drop_documents, keep_document
from weineng.statements.actions.erasing import erase_from_statements
from weineng.statements.actions.reading import note_reading
from weineng.statements.actions.sources import open_source
from weineng.statements.actions.strays import drop_strays

__all__ = [
    "accept_statements",
    "drop_document",
    "drop_documents",
    "drop_strays",
    "erase_from_statements",
    "keep_document",
    "note_reading",
    "open_source",
]
