"""What can be asked of the hours lane: records and whose they are, and what their sources may ask about what they sent."""

from weineng.learning.queries.parting import Parting, parting_of
from weineng.learning.queries.records import (
    RecordKey,
    batches_of,
    endings,
    latest_revisions,
    leaves_at,
    providers_within,
    records_of_sheet,
    records_within,
    resolvable_now,
    session_of,
    sheets_within,
    unresolved,
    with_state,
)
from weineng.learning.queries.sources import (
    DayBook,
    books_of,
    delivered,
    deliveries_of,
    refusals_of,
    waiting_refusals,
)

__all__ = [
    "DayBook",
    "Parting",
    "RecordKey",
    "batches_of",
    "books_of",
    "delivered",
    "deliveries_of",
    "endings",
    "latest_revisions",
    "leaves_at",
    "parting_of",
    "providers_within",
    "records_of_sheet",
    "records_within",
    "refusals_of",
    "resolvable_now",
    "session_of",
    "sheets_within",
    "unresolved",
    "waiting_refusals",
    "with_state",
]
