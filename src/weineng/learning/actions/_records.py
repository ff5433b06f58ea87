"""What the actions of the hours lane share: how a course is recognised, what a voiding record carries."""

from weineng.kernel.clock import now
from weineng.learning.models import Batch, Record
from weineng.learning.queries import leaves_at
from weineng.learning.rules import RecordRow, content_hash

CANONICAL_LENGTH = 180  # folding may lengthen a text


def canonical_course(provider: str, course: str) -> str:
    """The key under which a course is the same course (semantics 6): the provider's code and the course's, folded."""
    return f"{provider}:{' '.join(course.split()).casefold()}"[:CANONICAL_LENGTH]


def void_fields(old: Record, source_id: str, reason: str, batch: Batch | None) -> dict[str, object]:
    """The fields of a record that voids `old`: it says of whom and when, and carries no minutes."""
    return {
        "provider_id": old.provider_id, "source_id": source_id, "content": content_hash(RecordRow(source_id, voids=old.source_id), 0),
        "person_id": old.person_id, "person_type": old.person_type, "person_digest": old.person_digest, "mode": old.mode,
        "course": old.course, "canonical": old.canonical, "title": old.title, "starts_at": old.starts_at, "ends_at": old.ends_at,
        "event_on": old.event_on, "minutes": 0, "unit_id": old.unit_id, "arrived_at": now(), "void_of": old, "reason": reason[:400],
        "batch": batch,
    }  # fmt: skip


def placed(records: list[Record]) -> list[Record]:
    """The same records, each with the leaf at which its person stood on its day."""
    leaves = leaves_at({(row.person_id, row.event_on) for row in records if row.person_id is not None})
    for row in records:
        if row.person_id is not None:
            row.unit_id = leaves.get((row.person_id, row.event_on), row.unit_id)
    return records
