"""Results that an office brings in from an earlier assessment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.assessment.models import LEVELS, Result, ResultsSheet
from weineng.assessment.permissions import IMPORT
from weineng.audit.effects import record
from weineng.evidence.rules import LEVEL_NAMES
from weineng.kernel.actors import Actor
from weineng.kernel.clock import CIVIL, now, today
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.queries import find_people
from weineng.organisations.reach import behind, people_within, require_unit
from weineng.organisations.rules import same_name
from weineng.planning.effects import mark_passed
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment, Programme
from weineng.programmes.queries import document_of
from weineng.standards.models import Point


@dataclass(frozen=True)
class ResultRow:
    """One row: whose, for which item (`point` with its code, or `recording`), which level, decided when."""

    person_type: str
    person_number: str
    person_name: str
    item: str
    point: str
    level: str
    decided_on: date | None


@dataclass(frozen=True)
class ResultOutcome:
    """What became of a row, in input order."""

    status: Literal["created", "unchanged", "refused"]
    code: str = ""
    params: dict[str, object] = field(default_factory=dict)
    message: str = ""
    result: int | None = None
    where: str = ""  # the field that is wrong
    before_cycle: bool = False  # decided before the programme began; it counts (docs/counting.md)


@transaction.atomic
def import_results(
    *, by: Actor, programme: str, unit: int, rows: Sequence[ResultRow], name: str = "", dry_run: bool = False
) -> list[ResultOutcome]:
    """Store results of an earlier assessment, as the sheet `name` of the office `unit`; the same row twice changes nothing,
    and that office can take the sheet back as a whole (`take_back_results`).

    Row by row: `person-unknown`, `own-result` (nobody brings in their own), `not-enrolled`, `name-differs`, `item-unknown`,
    `point-unknown`, `level-unknown`, `date-missing`, `in-the-future`, `result-exists` (another level stands: overturn it
    instead). Refuses `not-found` for an unknown programme, and for a unit at which one does not bring in results.
    """
    found = Programme.objects.filter(code=programme).first()
    if found is None:
        raise NotFound("programmes.programme")
    office = require_unit(by, IMPORT, unit)
    people: dict[tuple[str, str], int] = {}
    for kind in {row.person_type for row in rows}:
        numbers = sorted({row.person_number for row in rows if row.person_type == kind})
        people |= {(kind, number): person for number, person in find_people(kind, numbers).items()}
    mine = set(people_within(by, IMPORT).filter(pk__in=people.values()).values_list("pk", flat=True))
    enrolled = {
        e.person_id: e for e in Enrolment.objects.filter(programme=found, person__in=mine).select_related("person")
    }
    with transaction.atomic():
        sheet = ResultsSheet.objects.create(
            programme=found, unit=office, name=name[:200], by=by.person, at=now(), rows=len(rows)
        )
        own = set(behind(by).values_list("pk", flat=True))
        batch = _Batch(enrolled, people, own, sheet)
        outcomes = [batch.take(row) for row in rows]
        tally = Counter(outcome.status for outcome in outcomes)
        sheet.created, sheet.unchanged, sheet.refused = tally["created"], tally["unchanged"], tally["refused"]
        sheet.save(update_fields=["created", "unchanged", "refused"])
        created = [o.result for o in outcomes if o.status == "created" and o.result is not None]
        facts = {"rows": len(rows), "created": len(created), "sheet": sheet.pk}
        line = record(by=by, verb="assessment.import", thing=found, facts=facts)
        for result in Result.objects.filter(pk__in=created, item="point").exclude(level="fail").order_by("pk"):
            mark_passed(cause=line, enrolment=result.enrolment, point=result.point)
        touch(enrolments=set(Result.objects.filter(pk__in=created).values_list("enrolment", flat=True)), lane=1)
        if dry_run:
            transaction.set_rollback(True)
    return outcomes


@dataclass
class _Batch:
    enrolled: dict[int, Enrolment]
    people: dict[tuple[str, str], int]
    own: set[int]  # the people behind the act
    sheet: ResultsSheet

    def take(self, row: ResultRow) -> ResultOutcome:
        try:
            return self._store(row)
        except Refused as refusal:
            return ResultOutcome("refused", refusal.code, dict(refusal.params), str(refusal), where=refusal.field)

    def _store(self, row: ResultRow) -> ResultOutcome:
        enrolment = self._check(row)
        fields = {"enrolment": enrolment.pk, "item": row.item, "point": row.point if row.item == "point" else ""}
        standing = Result.objects.filter(**fields, overturned_at__isnull=True).order_by("-pk").first()
        if standing is not None:
            if standing.level == row.level:
                return ResultOutcome("unchanged", result=standing.pk)
            raise Refused(
                "result-exists", _("The result is %(level)s; overturn it if it is wrong."), field="level",
                level=LEVEL_NAMES[standing.level],
            )  # fmt: skip
        on = row.decided_on or today()
        at = datetime.combine(on, time(12), CIVIL)
        new = Result.objects.create(
            **fields, person_id=enrolment.person_id, level=row.level, decided_at=at, decided_on=on, source="sheet",
            sheet=self.sheet,
        )  # fmt: skip
        early = on < document_of(enrolment.version_id).cycle.start
        return ResultOutcome("created", result=new.pk, before_cycle=early)

    def _check(self, row: ResultRow) -> Enrolment:
        person = self.people.get((row.person_type, row.person_number))
        if person is None:
            raise Refused("person-unknown", _("Nobody here has this number."), field="person_number")
        if person in self.own:
            message = _("Somebody else has to decide about your own result.")
            raise Refused("own-result", message, field="person_number")
        enrolment = self.enrolled.get(person)
        if enrolment is None:
            raise Refused("not-enrolled", _("This person does not take part in the programme."), field="person_number")
        if not same_name(row.person_name, enrolment.person.name):
            raise Refused("name-differs", _("The roster has another name with this number."), field="person_name")
        if row.item not in ("point", "recording"):
            raise Refused("item-unknown", _("The item is a point or the recording."), field="item")
        standard = document_of(enrolment.version_id).standard
        if row.item == "point" and not Point.objects.filter(edition__code=standard, code=row.point).exists():
            raise Refused("point-unknown", _("The standard has no point %(point)s."), field="point", point=row.point)
        if row.level not in LEVELS:
            raise Refused("level-unknown", _("There is no such level."), field="level")
        if row.decided_on is None:
            raise Refused("date-missing", _("The date of the decision is missing."), field="decided_on")
        if row.decided_on > today():
            raise Refused("in-the-future", _("The date lies in the future."), field="decided_on")
        return enrolment
