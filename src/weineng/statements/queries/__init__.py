"""What can be asked of `statements`."""

from weineng.statements.queries.documents import (
    described_activity,
    document_at,
    documents_in,
    permission_for,
    person_of_agent,
)
from weineng.statements.queries.pending import codes_pending, said_last
from weineng.statements.queries.sources import own_source, sources_read

__all__ = [
    "codes_pending",
    "described_activity",
    "document_at",
    "documents_in",
    "own_source",
    "permission_for",
    "person_of_agent",
    "said_last",
    "sources_read",
]
