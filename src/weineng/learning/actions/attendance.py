"""Turn the attendance of our own sessions into records, and withdraw it when a session changes (a step of the settle loop)."""

from dataclasses import dataclass
from itertools import groupby

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from weineng.activities.models import Session, SignIn
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import civil_date, now
from weineng.kernel.refusals import Refused
from weineng.learning.actions._records import placed, void_fields
from weineng.learning.actions.providers import OURS
from weineng.learning.models import Provider, Record, Taken
from weineng.learning.rules import RecordRow, content_hash
from weineng.programmes.effects import touch_people

BATCH = 200  # sessions a round


@transaction.atomic
def take_attendance(*, by: Actor) -> int:
    """Make the records of each changed session equal to who was there; returns how many records were written.

    A closed session has one record in force per person present; any other has none. Safe to run at any time, twice.
    Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    taken = Taken.objects.filter(session=OuterRef("pk")).values("as_of")
    changed = (
        Session.objects.annotate(as_of=Subquery(taken))
        .filter(Q(as_of__isnull=True) | Q(as_of__lt=F("changed_at")))
        .filter(Q(closed_at__isnull=False) | Q(as_of__isnull=False))
        .order_by("changed_at", "pk")[:BATCH]
    )
    sessions = list(changed)
    if not sessions:
        return 0
    ours, _made = Provider.objects.get_or_create(code=OURS, defaults={"name": OURS, "created_at": now()})
    written = [row for session in sessions for row in _Attendance(session, ours).settle()]
    Taken.objects.bulk_create(
        (Taken(session=session, as_of=session.changed_at) for session in sessions),
        update_conflicts=True, unique_fields=["session"], update_fields=["as_of"],
    )  # fmt: skip
    if written:
        record(by=by, verb="learning.take_attendance", facts={"sessions": len(sessions), "records": len(written)})
        touch_people(people={row.person_id for row in written if row.person_id}, lane=1)
    return len(written)


@dataclass
class _Attendance:
    session: Session
    ours: Provider

    def settle(self) -> list[Record]:
        """Void what no longer holds, write what is new."""
        mine = Record.objects.in_force().filter(provider=self.ours, source_id__startswith=f"session:{self.session.pk}:")
        standing = {row.person_id: row for row in mine.order_by("pk")}
        wanted = self._wanted()
        gone = [
            row for person, row in standing.items() if person not in wanted or row.content != wanted[person].content
        ]
        voids = [Record(**void_fields(row, f"void:{row.pk}", self.session.void_reason, None)) for row in gone]
        kept = {row.person_id for row in standing.values() if row not in gone}
        new = [row for person, row in wanted.items() if person not in kept]
        self._number(new)
        return Record.objects.bulk_create(placed([*voids, *new]))

    def _wanted(self) -> dict[int, Record]:
        if self.session.state != "closed":
            return {}
        session = self.session
        people = SignIn.objects.filter(session=session, struck_at__isnull=True).values_list("person", flat=True)
        course = f"session:{session.pk}"
        said = RecordRow(
            course, title=session.title, starts_at=session.starts_at, ends_at=session.ends_at, mode=session.kind
        )
        content = content_hash(said, session.duration)
        return {
            person: Record(
                provider=self.ours, content=content, person_id=person, person_type="person", mode=session.kind, course=course,
                canonical=f"{OURS}:{course}", title=session.title, starts_at=session.starts_at, ends_at=session.ends_at,
                event_on=civil_date(session.ends_at), minutes=session.duration, arrived_at=now(),
            )
            for person in people.order_by("pk")
        }  # fmt: skip

    def _number(self, rows: list[Record]) -> None:
        """Source ids: session, person, and which time it is that this person's attendance is written."""
        prefix = f"session:{self.session.pk}:"
        ids = Record.objects.filter(provider=self.ours, source_id__startswith=prefix).order_by("source_id")
        past = {
            key: len(list(group)) for key, group in groupby(ids.values_list("source_id", flat=True), key=_person_part)
        }
        for row in rows:
            row.source_id = f"{prefix}{row.person_id}:{past.get(f'{prefix}{row.person_id}', 0) + 1}"


def _person_part(source_id: str) -> str:
    return source_id.rsplit(":", 1)[0]
