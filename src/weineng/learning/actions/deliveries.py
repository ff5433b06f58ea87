"""Take what a source delivers: every row gets its answer, nothing is stored twice, order does not matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt, encrypt
from weineng.kernel.clock import civil_date, now
from weineng.kernel.refusals import NotFound, Refused
from weineng.learning.actions._records import canonical_course, void_fields
from weineng.learning.models import Batch, Provider, Record
from weineng.learning.permissions import DELIVER, IMPORT
from weineng.learning.queries import latest_revisions, leaves_at
from weineng.learning.rules import RecordRow, RowResult, check_row, content_hash, minutes_of
from weineng.notices.effects import notify
from weineng.organisations.queries import find_people
from weineng.organisations.reach import units_within
from weineng.organisations.rules import digest_of
from weineng.programmes.effects import touch_people

MOST = 1_000  # rows a call


@transaction.atomic
def accept_records(
    *, by: Actor, provider: str, rows: Sequence[RecordRow], dry_run: bool = False, name: str = ""
) -> list[RowResult]:
    """Store a delivery of 1 to 1,000 rows; answers row by row, in input order.

    `created`; `unchanged` (same id, same content); `conflict` (same id, other content, no `supersedes`); `refused` with
    the code of the shape's refusal (`check_row`, `minutes_of`), `supersedes-unknown`, `already-superseded`,
    `void-unknown`. A row that is not created changes nothing. `dry_run` answers the same and stores nothing.
    Refuses as a whole: `no-rows`, `too-many-rows`, `provider-suspended`; `not-found` for a provider not one's own.
    """
    source = _source(by, provider)
    if not rows:
        raise Refused("no-rows", _("The delivery is empty."))
    if len(rows) > MOST:
        raise Refused("too-many-rows", _("At most %(most)s records a call."), most=MOST)
    delivery = _Delivery(by, source, rows)
    with transaction.atomic():
        results = delivery.take(name)
        if dry_run:
            transaction.set_rollback(True)
    return [RowResult(**(vars(r) | {"record": None})) for r in results] if dry_run else results


@transaction.atomic
def resolve_records(*, by: Actor) -> int:
    """Give records whose person was unknown to the person who has appeared since; returns how many records."""
    waiting = Record.objects.filter(person__isnull=True, void_of__isnull=True).exclude(person_digest="")
    types = list(waiting.order_by("person_type").values_list("person_type", flat=True).distinct())
    solved: set[int] = set()
    for kind in types:
        ciphers = waiting.filter(person_type=kind).values_list("pk", "person_cipher", "event_on")[:5_000]
        numbers = {pk: decrypt(cipher or b"").decode() for pk, cipher, _on in ciphers}
        people = find_people(kind, sorted(set(numbers.values())))
        for pk, number in numbers.items():
            if person := people.get(number):
                Record.objects.filter(pk=pk, person__isnull=True).update(person=person)
                solved.add(person)
    if not solved:
        return 0
    touch_people(people=solved, lane=1)
    record(by=by, verb="learning.resolve", facts={"people": len(solved)})
    return len(solved)


def _source(by: Actor, code: str) -> Provider:
    """The provider, through reach: one's own platform (source), or one admitted in one's part of the tree (unit)."""
    row = Provider.objects.select_for_update(of=("self",)).filter(code=code).first()
    own = row is not None and (by.system or (DELIVER.code in by.source_permissions and code in by.sources))
    office = row is not None and row.owner_id is not None and units_within(by, IMPORT).filter(pk=row.owner_id).exists()
    if row is None or not (own or office):
        raise NotFound("learning.provider")
    if not row.active:
        raise Refused("provider-suspended", _("This platform is suspended; ask the office."))
    return row


@dataclass
class _Delivery:
    """One delivery on its way: what is known is fetched once, each row is judged against it."""

    by: Actor
    source: Provider
    rows: Sequence[RecordRow]

    def take(self, name: str) -> list[RowResult]:
        self.batch = Batch.objects.create(
            provider=self.source, door=self.by.door, name=name[:200], rows=len(self.rows), at=now()
        )
        wanted = (
            {row.source_id for row in self.rows}
            | {row.supersedes for row in self.rows}
            | {row.voids for row in self.rows}
        )
        self.known = latest_revisions(self.source.pk, wanted - {""})
        self.people: dict[str, Mapping[str, int]] = {}
        for kind in {row.person_type for row in self.rows if row.person_type and not row.voids}:
            self.people[kind] = find_people(
                kind, sorted({row.person_number for row in self.rows if row.person_type == kind})
            )
        results = [self._judge(row) for row in self.rows]
        self._close(results)
        return results

    def _judge(self, row: RecordRow) -> RowResult:
        try:
            check_row(row, now())
            return self._void(row) if row.voids else self._store(row)
        except Refused as refusal:
            return RowResult(row.source_id, "refused", refusal.code, dict(refusal.params), str(refusal))

    def _store(self, row: RecordRow) -> RowResult:
        minutes = minutes_of(row, self.source.period_minutes)
        content = content_hash(row, minutes)
        person = self.people[row.person_type].get(row.person_number)
        revisions = self.known.get(row.source_id, [])
        for old in revisions:
            if old.content == content:
                return RowResult(row.source_id, "unchanged", record=old.pk, person_found=old.person_id is not None)
        if revisions and row.supersedes != row.source_id:
            return RowResult(
                row.source_id, "conflict", "conflict", {"id": row.source_id},
                _("This id was sent before with other content; name it in `supersedes` to correct it."), revisions[-1].pk,
            )  # fmt: skip
        target = self._target(row.supersedes) if row.supersedes else None
        new = self._insert(row, minutes, content, person, target, revision=len(revisions) + 1)
        return RowResult(row.source_id, "created", record=new.pk, person_found=person is not None)

    def _target(self, source_id: str) -> Record:
        """The record a correction points to; refuses `supersedes-unknown`, `already-superseded`."""
        revisions = self.known.get(source_id)
        if not revisions:
            raise Refused("supersedes-unknown", _("There is no record “%(id)s” to correct."), id=source_id)
        last = revisions[-1]
        if Record.objects.filter(supersedes=last).exists() or Record.objects.filter(void_of=last).exists():
            raise Refused("already-superseded", _("Record “%(id)s” was corrected or voided already."), id=source_id)
        return last

    def _void(self, row: RecordRow) -> RowResult:
        """Withdraw a record; refuses `void-unknown`. Withdrawing twice changes nothing."""
        mine = [old for old in self.known.get(row.source_id, []) if old.void_of_id is not None]
        if mine:
            return RowResult(row.source_id, "unchanged", record=mine[-1].pk)
        revisions = [old for old in self.known.get(row.voids, []) if old.void_of_id is None]
        if not revisions:
            raise Refused("void-unknown", _("There is no record “%(id)s” to withdraw."), id=row.voids)
        last = revisions[-1]
        if existing := Record.objects.filter(void_of=last).first():
            return RowResult(row.source_id, "unchanged", record=existing.pk)
        new = Record.objects.create(**void_fields(last, row.source_id, row.reason, self.batch))
        self.known.setdefault(row.source_id, []).append(new)
        return RowResult(row.source_id, "created", record=new.pk, person_found=last.person_id is not None)

    def _insert(
        self, row: RecordRow, minutes: int, content: str, person: int | None, target: Record | None, *, revision: int
    ) -> Record:
        if row.starts_at is None or row.ends_at is None:
            raise Refused("time-missing", _("Start and end are needed."), field="starts_at")
        new = Record.objects.create(
            provider=self.source, source_id=row.source_id, revision=revision, content=content, person_id=person,
            person_type=row.person_type, person_cipher=encrypt(row.person_number.encode()),
            person_digest=digest_of(row.person_type, row.person_number), person_name=row.person_name,
            mode=row.mode, course=row.course.strip(), canonical=canonical_course(self.source.code, row.course),
            title=row.title, starts_at=row.starts_at, ends_at=row.ends_at, event_on=civil_date(row.ends_at),
            minutes=minutes, arrived_at=now(), supersedes=target, reason=row.reason[:400], batch=self.batch,
        )  # fmt: skip
        self.known.setdefault(row.source_id, []).append(new)
        return new

    def _close(self, results: list[RowResult]) -> None:
        """Count, place, touch, tell, record: once for the whole delivery."""
        made = Record.objects.filter(batch=self.batch)
        for (person, on), unit in leaves_at(made).items():
            made.filter(person=person, event_on=on).update(unit=unit)
        count = {
            status: sum(r.status == status for r in results)
            for status in ("created", "unchanged", "refused", "conflict")
        }
        Batch.objects.filter(pk=self.batch.pk).update(
            created=count["created"], unchanged=count["unchanged"], refused=count["refused"] + count["conflict"]
        )
        facts = {"provider": self.source.code, "name": self.batch.name} | count
        line = record(by=self.by, verb="learning.accept", thing=self.batch, unit=self.source.owner_id, facts=facts)
        per_person: dict[int, int] = {}
        for person in made.filter(person__isnull=False).order_by("pk").values_list("person", flat=True):
            per_person[person] = per_person.get(person, 0) + 1
        touch_people(people=per_person, lane=1 if len(per_person) > 20 else 0)
        for person, number in per_person.items():
            params = {"source": self.source.name, "count": number}
            notify(cause=line, event="hours-recorded", people=[person], params=params, link="/learning/")
