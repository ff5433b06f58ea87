"""One delivery on its way into the hours lane, through whichever door it came."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.audit.models import Line
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import encrypt
from weineng.kernel.clock import civil_date, now
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import copy_objects
from weineng.learning.actions._changes import merges_met
from weineng.learning.actions._records import canonical_course, placed, void_fields
from weineng.learning.models import ERASED, Batch, HoursSheet, Provider, Record, RecordChange, RefusedRow
from weineng.learning.queries import RecordKey, endings, latest_revisions
from weineng.learning.rules import (
    ID_LENGTH,
    INVENTED,
    RecordRow,
    RowResult,
    check_row,
    content_hash,
    invented_people,
    minutes_of,
    now_there,
)
from weineng.notices.effects import Told, notify_each
from weineng.organisations.models import Person
from weineng.organisations.queries import find_people, in_force
from weineng.organisations.reach import behind
from weineng.organisations.rules import digest_of, same_name
from weineng.programmes.effects import touch_people

TEXT_KEPT = 200  # characters of a value that is told back
Judged = tuple[RowResult, Record | None]  # what is answered, and the record that now holds the row


@dataclass
class Delivery:
    """One delivery on its way: what is known is fetched once, each row is judged against it, what is new written together."""

    by: Actor
    source: Provider
    rows: Sequence[RecordRow | RowResult]
    sheet: HoursSheet | None = None
    streamed: bool = False  # it is what a platform said statement by statement, taken as it came
    made: list[Record] = field(default_factory=list)
    told: list[RecordChange] = field(
        default_factory=list
    )  # what the platform is told since these came, as the act ends
    unwritten: list[Record] = field(default_factory=list)
    names: Mapping[int, str] = field(default_factory=dict)

    def take(self, name: str) -> list[RowResult]:
        self.now = now_there(self.source.days_ahead)
        self.batch = Batch.objects.create(
            provider=self.source, door="xapi" if self.streamed else self.by.door, name=name[:200], rows=len(self.rows),
            at=self.now, sheet=self.sheet,
        )  # fmt: skip
        self._learn([row for row in self.rows if isinstance(row, RecordRow)])
        judged = [self._judge(row) if isinstance(row, RecordRow) else (row, None) for row in self.rows]
        self._write()
        results = [replace(result, record=held.pk) if held else result for result, held in judged]
        self._close(results)
        self.told = merges_met(self.made)
        return results

    def _learn(self, rows: Sequence[RecordRow]) -> None:
        """Everything that is known of the ids and people of these rows."""
        wanted = {word for row in rows for word in (row.source_id, row.supersedes, row.voids)} - {""}
        self.known = latest_revisions(self.source.pk, wanted)
        self.corrected, self.voided, self.freed = endings(self.source.pk, wanted)
        looks = self.by.hands and not self.source.sandbox  # an invented person is nobody, whatever their number here
        self.own = set(behind(self.by).values_list("pk", flat=True)) if looks else set()
        self.people: dict[str, Mapping[str, int]] = {}
        find = invented_people if self.source.sandbox else find_people
        for kind in {row.person_type for row in rows if row.person_type and not row.voids}:
            self.people[kind] = find(kind, sorted({row.person_number for row in rows if row.person_type == kind}))
        if self.source.sandbox:
            self.names = INVENTED
            return
        found = {person for people in self.people.values() for person in people.values()}
        self.names = dict(Person.objects.filter(pk__in=found).values_list("pk", "name").order_by("pk"))

    def _judge(self, row: RecordRow) -> Judged:
        try:
            check_row(row, self.now)
            return self._void(row) if row.voids else self._store(row)
        except Refused as refusal:
            at = {"field": refusal.field} if refusal.field else {}
            return RowResult(row.source_id, "refused", refusal.code, {**refusal.params, **at}, str(refusal)), None

    def _store(self, row: RecordRow) -> Judged:
        minutes = minutes_of(row, self.source.period_minutes)
        content = content_hash(row, minutes)
        person = self.people[row.person_type].get(row.person_number)
        revisions = self.known.get(row.source_id, [])
        self._refuse_own(person, *(old.person_id for old in revisions[-1:]))
        standing = self._since_freed(revisions)
        for old in reversed(standing):
            if old.content == content:
                return RowResult(row.source_id, "unchanged", person_found=old.known), old
        if standing and standing[-1].content == ERASED:  # nothing of what is sent about them is kept again
            return RowResult(row.source_id, "unchanged"), standing[-1]
        if standing and row.supersedes != row.source_id:
            return self._conflict(row), standing[-1]
        target = self._target(row.supersedes) if row.supersedes else None
        new = self._new(row, minutes, content, person, target, revision=len(revisions) + 1)
        if target is not None:
            self.corrected.add(_key(target))
        differs = person is not None and bool(row.person_name) and not same_name(row.person_name, self.names[person])
        return RowResult(row.source_id, "created", person_found=person is not None, name_differs=differs), new

    def _since_freed(self, revisions: list[Record]) -> list[Record]:
        """What an office took back with its sheet is as if it had never come: it may come again, mended or not."""
        last = max((at for at, old in enumerate(revisions, 1) if _key(old) in self.freed), default=0)
        return revisions[last:]

    def _conflict(self, row: RecordRow) -> RowResult:
        message = _("This id was sent before with other content; name it in `supersedes` to correct it.")
        return RowResult(row.source_id, "conflict", "conflict", {"id": row.source_id}, message)

    def _target(self, source_id: str) -> Record | None:
        """The record a correction points to, None for one that went with its sheet; refuses
        `supersedes-unknown`, `supersedes-void`, `already-superseded`, `person-erased`."""
        revisions = self.known.get(source_id)
        if not revisions:
            raise Refused("supersedes-unknown", _("There is no record “%(id)s” to correct."), id=source_id)
        if revisions[-1].void_of_id is not None:
            raise Refused("supersedes-void", _("“%(id)s” voids another record; it cannot be corrected."), id=source_id)
        self._refuse_own(revisions[-1].person_id)
        if not self._since_freed(revisions):
            return None
        self._refuse_ended(revisions[-1])
        if revisions[-1].content == ERASED:
            raise Refused("person-erased", _("The person of record “%(id)s” has been erased."), id=source_id)
        return self._written(revisions[-1])

    def _refuse_ended(self, old: Record) -> None:
        if _key(old) in self.corrected or _key(old) in self.voided:
            message = _("Record “%(id)s” was corrected or voided already.")
            raise Refused("already-superseded", message, id=old.source_id)

    def _refuse_own(self, *people: int | None) -> None:
        if any(person in self.own for person in people):
            raise Refused("own-record", _("Somebody else has to decide about your own record."), field="person")

    def _void(self, row: RecordRow) -> Judged:
        """Withdraw a record; refuses `void-unknown`, `already-superseded`. Withdrawing twice changes nothing."""
        if held := self.known.get(row.source_id):
            same = held[-1].content == content_hash(RecordRow(row.source_id, voids=row.voids), 0)
            result = RowResult(row.source_id, "unchanged") if same else self._conflict(row)
            return result, held[-1]
        revisions = [old for old in self.known.get(row.voids, []) if old.void_of_id is None]
        if not revisions:
            raise Refused("void-unknown", _("There is no record “%(id)s” to withdraw."), id=row.voids)
        old = revisions[-1]
        self._refuse_own(old.person_id)
        if existing := self.voided.get(_key(old)):
            return RowResult(row.source_id, "unchanged"), existing
        self._refuse_ended(old)
        new = Record(
            **void_fields(self._written(old), row.source_id, row.reason, self.batch) | {"arrived_at": self.now}
        )
        self.voided[_key(old)] = new
        self._later(new)
        return RowResult(row.source_id, "created", person_found=old.known), new

    def _new(
        self, row: RecordRow, minutes: int, content: str, person: int | None, target: Record | None, *, revision: int
    ) -> Record:
        if row.starts_at is None or row.ends_at is None:
            raise Refused("time-missing", _("Start and end are needed."), field="starts_at")
        new = Record(
            provider=self.source, source_id=row.source_id, revision=revision, content=content,
            **({"invented": person} if self.source.sandbox else {"person_id": person}),
            person_type=row.person_type, person_cipher=encrypt(row.person_number.encode()),
            person_digest=digest_of(row.person_type, row.person_number), person_name=row.person_name,
            mode=row.mode, course=row.course.strip(), canonical=canonical_course(self.source.code, row.course),
            title=row.title, starts_at=row.starts_at, ends_at=row.ends_at, event_on=civil_date(row.ends_at),
            minutes=minutes, passed=row.passed, arrived_at=self.now, supersedes=target, reason=row.reason[:400], batch=self.batch,
        )  # fmt: skip
        self._later(new)
        return new

    def _later(self, new: Record) -> None:
        """Written with the others; until then known to the rows that follow."""
        self.unwritten.append(new)
        self.known.setdefault(new.source_id, []).append(new)

    def _written(self, old: Record) -> Record:
        """The record, in the table by now: another is going to point to it."""
        if old._state.adding:
            self._write()
        return old

    def _write(self) -> None:
        fresh = placed(self.unwritten)
        copy_objects(fresh)
        self.made += fresh
        self.unwritten = []

    def _close(self, results: Sequence[RowResult]) -> None:
        """Count, keep what was refused, touch, tell, record: once for the whole delivery."""
        count = {
            status: sum(r.status == status for r in results)
            for status in ("created", "unchanged", "refused", "conflict")
        }
        Batch.objects.filter(pk=self.batch.pk).update(
            created=count["created"], unchanged=count["unchanged"], refused=count["refused"] + count["conflict"]
        )
        RefusedRow.objects.bulk_create(
            RefusedRow(
                batch=self.batch, place=place, source_id=_storable(result.source_id)[:ID_LENGTH], status=result.status,
                code=result.code, params={k: _storable(v) if isinstance(v, str) else v for k, v in result.params.items()},
            )
            for place, result in enumerate(results, 1)
            if result.status in ("refused", "conflict")
        )  # fmt: skip
        facts = {"provider": self.source.code} | count
        line = record(by=self.by, verb="learning.accept", thing=self.batch, unit=self.source.owner_id, facts=facts)
        per_person = Counter(row.person_id for row in self.made if row.person_id is not None)
        touch_people(people=per_person, lane=1 if len(per_person) > 20 else 0)
        self._tell(line, per_person)

    def _tell(self, line: Line, per_person: Mapping[int, int]) -> None:
        """Tell the teachers: of a delivery how many records it brought each of them, of what streams in once a day."""
        current = in_force(per_person)
        if self.streamed:
            about = f"learning.provider:{self.source.pk}:{civil_date(now())}"
            said = (Told(who, {"source": self.source.name}, about) for who in set(current.values()))
            notify_each(cause=line, event="hours-arriving", told=said, link="/learning/")
            return
        per_reader: Counter[int] = Counter()
        for person, number in per_person.items():
            per_reader[current[person]] += number
        about = f"learning.batch:{self.batch.pk}"
        each = (Told(who, {"source": self.source.name, "count": number}, about) for who, number in per_reader.items())
        notify_each(cause=line, event="hours-recorded", told=each, link="/learning/")


def _key(row: Record) -> RecordKey:
    return row.source_id, row.revision


def _storable(text: str) -> str:
    return text.replace("\0", "")[:TEXT_KEPT]
