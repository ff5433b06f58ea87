"""Take what a source delivers: every row gets its answer, nothing is stored twice, order does not matter."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt, encrypt
from weineng.kernel.clock import civil_date, now
from weineng.kernel.planner import weigh_grown
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import Hears, copy_objects, in_parts
from weineng.learning.actions._records import beside_sheets, canonical_course, placed, void_fields
from weineng.learning.models import ERASED, Batch, HoursSheet, Provider, Record, RefusedRow
from weineng.learning.permissions import DELIVER, IMPORT
from weineng.learning.queries import RecordKey, endings, latest_revisions, resolvable_now
from weineng.learning.rules import ID_LENGTH, RecordRow, RowResult, check_row, content_hash, minutes_of
from weineng.notices.effects import Told, notify_each
from weineng.organisations.models import Person
from weineng.organisations.queries import find_people, in_force
from weineng.organisations.reach import behind, units_within
from weineng.organisations.rules import digest_of, same_name
from weineng.programmes.effects import touch_people

MOST = 1_000  # rows a call
WAITING_AT_ONCE = 5_000  # records whose person has appeared, a round
TEXT_KEPT = 200  # characters of a value that is told back
Judged = tuple[RowResult, Record | None]  # what is answered, and the record that now holds the row


@transaction.atomic
def accept_records(
    *, by: Actor, provider: str, rows: Sequence[RecordRow | RowResult], dry_run: bool = False, name: str = ""
) -> list[RowResult]:
    """Store a delivery of 1 to 1,000 rows; answers row by row, in input order. A row that the door could not read comes with
    its refusal: it is counted and kept like the others.

    `created`; `unchanged` (same id, same content); `conflict` (same id, other content, no `supersedes`); `refused` with
    the code of the shape's refusal (`check_row`, `minutes_of`), `supersedes-unknown`, `supersedes-void`,
    `already-superseded`, `void-unknown`, `person-erased`, `own-record` (nobody brings in, corrects or voids their own). A row that is not
    created changes nothing. `dry_run` answers the same, stores nothing, and looks on while another delivery goes in. Refuses
    as a whole: `no-rows`, `too-many-rows`, `provider-suspended`; `provider-busy` where a sheet of the platform goes in for
    longer than seconds; `not-found` for a provider not one's own.
    """
    with beside_sheets():
        return _accept(by, _source(by, provider, look=dry_run), rows, name, dry_run=dry_run)


def _accept(
    by: Actor, source: Provider, rows: Sequence[RecordRow | RowResult], name: str, *, dry_run: bool
) -> list[RowResult]:
    if not rows:
        raise Refused("no-rows", _("The delivery is empty."))
    if len(rows) > MOST:
        raise Refused("too-many-rows", _("At most %(most)s records a call."), most=MOST)
    delivery = _Delivery(by, source, rows)
    with transaction.atomic():
        results = delivery.take(name)
        if dry_run:
            transaction.set_rollback(True)
    return [replace(result, record=None) for result in results] if dry_run else results


@transaction.atomic
def bring_hours(
    *, by: Actor, provider: str, rows: Sequence[RecordRow], name: str, left_out: int = 0, dry_run: bool = False,
    told: Hears | None = None,
) -> list[RowResult]:  # fmt: skip
    """Store the rows of a sheet, however many, all in one transaction; answers like `accept_records`, row by row. `left_out`:
    rows of the file that were wrong already when it was read, which the sheet counts among those refused. `told` hears how many
    are stored; without it, somebody waits and `provider-busy` is refused where another sheet of the platform goes in for longer
    than seconds.

    What a sheet brings can be taken back as a whole (`take_back_hours`). Refuses as a whole: `no-rows`,
    `provider-suspended`; `not-found` for a provider not one's own.
    """
    with beside_sheets(patient=told is not None):
        return _bring(by, _source(by, provider, look=dry_run), rows, name, told, left_out=left_out, dry_run=dry_run)


def _bring(
    by: Actor,
    source: Provider,
    rows: Sequence[RecordRow],
    name: str,
    told: Hears | None,
    *,
    left_out: int,
    dry_run: bool,
) -> list[RowResult]:
    if not rows:
        raise Refused("no-rows", _("The delivery is empty."))
    with transaction.atomic():
        sheet = HoursSheet.objects.create(
            provider=source, name=name[:200], by=by.person, at=now(), rows=len(rows) + left_out
        )
        results: list[RowResult] = []
        for part in in_parts(rows, MOST):
            weigh_grown()
            results += _Delivery(by, source, part, sheet).take(name)
            if told is not None:
                told(len(results), len(rows))
        tally = Counter("refused" if one.status == "conflict" else one.status for one in results)
        sheet.created, sheet.unchanged = tally["created"], tally["unchanged"]
        sheet.refused = tally["refused"] + left_out
        sheet.save(update_fields=["created", "unchanged", "refused"])
        facts = {"provider": source.code, "rows": sheet.rows, "created": sheet.created}
        record(by=by, verb="learning.bring_sheet", thing=sheet, unit=source.owner_id, facts=facts)
        if dry_run:
            transaction.set_rollback(True)
    return [replace(result, record=None) for result in results] if dry_run else results


@transaction.atomic
def resolve_records(*, by: Actor) -> int:
    """Give records whose person was unknown to the person who has appeared since; returns how many people."""
    found: list[Record] = []
    waiting = list(resolvable_now()[:WAITING_AT_ONCE])
    for kind in sorted({row.person_type for row in waiting}):
        numbers = {row: decrypt(row.person_cipher or b"").decode() for row in waiting if row.person_type == kind}
        people = find_people(kind, sorted(set(numbers.values())))
        for row, number in numbers.items():
            if number in people:
                row.person_id = people[number]
                found.append(row)
    if not found:
        return 0
    Record.objects.bulk_update(placed(found), ("person", "unit"), batch_size=1_000)
    solved = {row.person_id for row in found if row.person_id is not None}
    touch_people(people=solved, lane=1)
    record(by=by, verb="learning.resolve", facts={"people": len(solved)})
    return len(solved)


def _source(by: Actor, code: str, *, look: bool = False) -> Provider:
    """The provider, through reach: one's own platform (source), or one admitted in one's part of the tree (unit). No other
    delivery of it meanwhile, unless one only has a look."""
    rows = Provider.objects.all() if look else Provider.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(code=code).first()
    own = row is not None and (by.system or (DELIVER.code in by.source_permissions and code in by.sources))
    office = row is not None and row.owner_id is not None and units_within(by, IMPORT).filter(pk=row.owner_id).exists()
    if row is None or not (own or office):
        raise NotFound("learning.provider")
    if not row.active:
        raise Refused("provider-suspended", _("This platform is suspended; ask the office."))
    return row


@dataclass
class _Delivery:
    """One delivery on its way: what is known is fetched once, each row is judged against it, what is new written together."""

    by: Actor
    source: Provider
    rows: Sequence[RecordRow | RowResult]
    sheet: HoursSheet | None = None
    made: list[Record] = field(default_factory=list)
    unwritten: list[Record] = field(default_factory=list)

    def take(self, name: str) -> list[RowResult]:
        self.batch = Batch.objects.create(
            provider=self.source, door=self.by.door, name=name[:200], rows=len(self.rows), at=now(), sheet=self.sheet
        )
        self._learn([row for row in self.rows if isinstance(row, RecordRow)])
        judged = [self._judge(row) if isinstance(row, RecordRow) else (row, None) for row in self.rows]
        self._write()
        results = [replace(result, record=held.pk) if held else result for result, held in judged]
        self._close(results)
        return results

    def _learn(self, rows: Sequence[RecordRow]) -> None:
        """Everything that is known of the ids and people of these rows."""
        wanted = {word for row in rows for word in (row.source_id, row.supersedes, row.voids)} - {""}
        self.known = latest_revisions(self.source.pk, wanted)
        self.corrected, self.voided, self.freed = endings(self.source.pk, wanted)
        self.own = set(behind(self.by).values_list("pk", flat=True)) if self.by.hands else set()
        self.people: dict[str, Mapping[str, int]] = {}
        for kind in {row.person_type for row in rows if row.person_type and not row.voids}:
            self.people[kind] = find_people(
                kind, sorted({row.person_number for row in rows if row.person_type == kind})
            )
        found = {person for people in self.people.values() for person in people.values()}
        self.names: dict[int, str] = dict(Person.objects.filter(pk__in=found).values_list("pk", "name").order_by("pk"))

    def _judge(self, row: RecordRow) -> Judged:
        try:
            check_row(row, now())
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
                return RowResult(row.source_id, "unchanged", person_found=old.person_id is not None), old
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
        new = Record(**void_fields(self._written(old), row.source_id, row.reason, self.batch))
        self.voided[_key(old)] = new
        self._later(new)
        return RowResult(row.source_id, "created", person_found=old.person_id is not None), new

    def _new(
        self, row: RecordRow, minutes: int, content: str, person: int | None, target: Record | None, *, revision: int
    ) -> Record:
        if row.starts_at is None or row.ends_at is None:
            raise Refused("time-missing", _("Start and end are needed."), field="starts_at")
        new = Record(
            provider=self.source, source_id=row.source_id, revision=revision, content=content, person_id=person,
            person_type=row.person_type, person_cipher=encrypt(row.person_number.encode()),
            person_digest=digest_of(row.person_type, row.person_number), person_name=row.person_name,
            mode=row.mode, course=row.course.strip(), canonical=canonical_course(self.source.code, row.course),
            title=row.title, starts_at=row.starts_at, ends_at=row.ends_at, event_on=civil_date(row.ends_at),
            minutes=minutes, arrived_at=now(), supersedes=target, reason=row.reason[:400], batch=self.batch,
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
        about = f"learning.batch:{self.batch.pk}"
        current = in_force(per_person)
        per_reader = Counter(current[row.person_id] for row in self.made if row.person_id is not None)
        each = (Told(who, {"source": self.source.name, "count": number}, about) for who, number in per_reader.items())
        notify_each(cause=line, event="hours-recorded", told=each, link="/learning/")


def _key(row: Record) -> RecordKey:
    return row.source_id, row.revision


def _storable(text: str) -> str:
    return text.replace("\0", "")[:TEXT_KEPT]
