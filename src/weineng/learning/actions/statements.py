"""Turn what platforms said statement by statement into records (a settle step): in sets, once, and anew where something else
was agreed since."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from weineng.accounts.rules import SANDBOX
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.sets import copy_objects
from weineng.learning.actions._changes import changed, tell_platforms
from weineng.learning.actions._delivery import Delivery
from weineng.learning.actions._records import void_fields
from weineng.learning.models import ERASED, Provider, Record, RecordChange
from weineng.learning.queries import endings, latest_revisions, understandings
from weineng.learning.rules import RecordRow, RowResult, Understanding, now_there, read_statement
from weineng.notices.effects import Told, notify_each
from weineng.organisations.queries import in_force
from weineng.organisations.reach import require_platform
from weineng.organisations.rules import digests_of
from weineng.programmes.effects import touch_people
from weineng.statements.effects import Said, take_pending
from weineng.statements.queries import codes_pending

log = logging.getLogger(__name__)
BROKEN = (
    DataError,
    IntegrityError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
)  # by what was said, not by the database
AT_ONCE = 1_000  # statements read in one transaction


@transaction.atomic
def read_statements(*, by: Actor) -> int:
    """Read the statements that wait to be read; returns how many.

    One that a rule names becomes a record, or a refused row where it cannot be read (`statement-unreadable` where nobody thought of
    what it says: it holds no other up); one that was voided, or that no rule
    names any longer, loses its record. Statements of a platform that is suspended wait, and those of one of which a sheet
    goes in at the moment. What was said in a sandbox is read by what is agreed with its platform. Refuses `platform-only`.
    """
    require_platform(by)
    waiting = Provider.objects.filter(active=True, code__in=codes_pending(AT_ONCE))
    free = waiting.order_by("pk").select_for_update(of=("self",), no_key=True, skip_locked=True)
    sources = {row.code: row for row in free}
    if not sources:
        return 0
    agreed = understandings(Provider.objects.filter(pk__in=[abs(row.pk) for row in sources.values()]))
    taken = take_pending(codes=sources, most=AT_ONCE)
    told: list[RecordChange] = []
    for code in sorted({said.code for said in taken}):
        reading = _Reading(by, sources[code], agreed[code.removesuffix(SANDBOX)])
        told += _in_parts(reading, [said for said in taken if said.code == code])
    tell_platforms(told)
    return len(taken)


def _in_parts(reading: "_Reading", said: Sequence[Said]) -> list[RecordChange]:
    """All of them at once; where that breaks, one half after the other, so that the one that breaks is refused and holds nobody up."""
    try:
        with transaction.atomic():
            return reading.read(said)
    except BROKEN:
        if len(said) > 1:
            half = len(said) // 2
            return _in_parts(reading, said[:half]) + _in_parts(reading, said[half:])
        log.exception("A statement of %s cannot be read: %s.", said[0].code, said[0].sid)
    return reading.refuse(said[0])


@dataclass(frozen=True)
class _Reading:
    """The statements of one platform, read by what is agreed with it."""

    by: Actor
    source: Provider
    agreed: Understanding

    def read(self, said: Sequence[Said]) -> list[RecordChange]:
        """Make records of it; returns what the platform is told of records that change without its doing."""
        ids = {one.sid for one in said} | {one.voids for one in said if one.voids}
        known = latest_revisions(self.source.pk, ids)
        corrected, voided, _freed = endings(self.source.pk, ids)
        ended = corrected | set(voided)
        standing = {
            sid: rows[-1] for sid, rows in known.items() if (rows[-1].source_id, rows[-1].revision) not in ended
        }
        rows: list[RecordRow | RowResult] = []
        gone: dict[str, Record] = {}
        for one in said:
            row = self._row(one, standing)
            if (
                not isinstance(row, RecordRow)
                and not one.voided
                and (old := standing.get(one.sid))
                and old.content != ERASED
            ):
                gone[one.sid] = old
            if isinstance(row, RecordRow) and (old := standing.get(one.sid)):
                row = None if _same(row, old) else self._anew(row, known[one.sid])
            if row is not None:
                rows.append(row)
        self._withdraw(list(gone.values()))
        delivery = Delivery(self.by, self.source, rows, streamed=True)
        if rows:
            delivery.take("")
        anew = [row for row in delivery.made if row.supersedes_id is not None]
        return changed("voided", gone.values()) + changed("corrected", anew) + delivery.told

    def refuse(self, one: Said) -> list[RecordChange]:
        """Tell the platform that nothing could be made of it."""
        message = _("No record can be made of this statement.")
        delivery = Delivery(
            self.by, self.source, [RowResult(one.sid, "refused", "statement-unreadable", {}, message)], streamed=True
        )
        delivery.take("")
        return delivery.told

    def _row(self, one: Said, standing: Mapping[str, Record]) -> RecordRow | RowResult | None:
        if one.voids:
            return RecordRow(one.sid, voids=one.voids) if one.voids in standing else None
        if one.voided:
            return None
        return read_statement(one.body, self.agreed, one.at)

    def _anew(self, row: RecordRow, revisions: Sequence[Record]) -> RecordRow:
        """The row as a correction of what the same statement became before. Its number makes it another word than any before."""
        reason = _("Something else was agreed with the platform (%(number)s).") % {"number": len(revisions)}
        return replace(row, supersedes=row.source_id, reason=reason)

    def _withdraw(self, old: Sequence[Record]) -> None:
        """Void the records that no agreement names any longer; if one names them again, they come again."""
        if not old:
            return
        reason = _("This is no longer agreed with the platform.")
        gone = {"with_sheet": True, "arrived_at": now_there(self.source.days_ahead)}
        copy_objects([Record(**void_fields(row, f"void:{row.pk}", reason, None) | gone) for row in old])
        people = Counter(row.person_id for row in old if row.person_id is not None)
        facts = {"provider": self.source.code, "records": len(old), "minutes": sum(row.minutes for row in old)}
        line = record(by=self.by, verb="learning.withdraw", thing=self.source, unit=self.source.owner_id, facts=facts)
        touch_people(people=people, lane=1 if len(people) > 20 else 0)
        current = in_force(people)
        about = f"learning.withdraw:{line.pk}"
        each = (Told(current[who], {"source": self.source.name, "count": n}, about) for who, n in people.items())
        notify_each(cause=line, event="hours-withdrawn", told=each, link="/learning/")


def _same(row: RecordRow, old: Record) -> bool:
    """Whether a record says what the row says."""
    if old.content == ERASED:
        return True  # nothing more is kept of them
    was = (old.minutes, old.passed, old.mode, old.course, old.starts_at, old.ends_at, old.person_type)
    says = (row.minutes, row.passed, row.mode, row.course, row.starts_at, row.ends_at, row.person_type)
    return was == says and old.person_digest in digests_of(row.person_type, row.person_number)
