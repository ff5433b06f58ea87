"""What the actions of the hours lane share: how a course is recognised, what a voiding record carries."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.kernel.turns import waiting
from weineng.learning.models import Batch, Record
from weineng.learning.queries import leaves_at
from weineng.learning.rules import RecordRow, content_hash

CANONICAL_LENGTH = 180  # folding may lengthen a text
PATIENCE = "5s"  # how long somebody waits for a sheet of the same platform that is going in or being taken back
COME_BACK = 60  # seconds after which it is worth trying again


@contextmanager
def beside_sheets(*, patient: bool = False) -> Iterator[None]:
    """Refuses `provider-busy` where a lock that is asked for in here cannot be had within seconds (a large sheet of the platform
    is going in, or is being taken back), unless `patient`: nobody waits beside it."""
    text = _(
        "A sheet of this platform is going in or being taken back just now. Nothing was changed; try again in a minute."
    )
    with waiting("0" if patient else PATIENCE, Refused("provider-busy", text, seconds=COME_BACK)):
        yield


def canonical_course(provider: str, course: str) -> str:
    """The key under which a course is the same course (semantics 6): the provider's code and the course's, folded."""
    return f"{provider}:{' '.join(course.split()).casefold()}"[:CANONICAL_LENGTH]


def void_fields(old: Record, source_id: str, reason: str, batch: Batch | None) -> dict[str, object]:
    """The fields of a record that voids `old`: it says of whom and when, and carries no minutes."""
    return {
        "provider_id": old.provider_id, "source_id": source_id, "content": content_hash(RecordRow(source_id, voids=old.source_id), 0),
        "person_id": old.person_id, "invented": old.invented,
        "person_type": old.person_type, "person_digest": old.person_digest, "mode": old.mode,
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
