"""What can be asked of `statements`."""

from weineng.statements.queries.documents import (
    described_activity,
    document_at,
    documents_in,
    permission_for,
    person_of_agent,
)
from weineng.statements.queries.pending import codes_pending, number_said, said_last
from weineng.statements.queries.sources import own_source, sources_read
from weineng.statements.queries.statements import (
    Asked,
    Page,
    attachments_of_page,
    consistent_through,
    in_format,
    page_of,
    statement_of,
)

__all__ = [
    "Asked",
    "Page",
    "attachments_of_page",
    "codes_pending",
    "consistent_through",
    "described_activity",
    "document_at",
    "documents_in",
    "in_format",
    "number_said",
    "own_source",
    "page_of",
    "permission_for",
    "person_of_agent",
    "said_last",
    "sources_read",
    "statement_of",
]
