"""Results that an office brings in from an earlier assessment."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
from weineng.kernel.sets import Hears, copy_objects, counted
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
    *, by: Actor, programme: str, unit: int, rows: Sequence[ResultRow], name: str = "", left_out: int = 0, dry_run: bool = False,
    told: Hears | None = None,
) -> list[ResultOutcome]:  # fmt: skip
    """Store results of an earlier assessment, as the sheet `name` of the office `unit`; the same row twice changes nothing,
    and that office can take the sheet back as a whole (`take_back_results`). `left_out`: rows of the file that were wrong already
    when it was read, which the sheet counts among those refused. `told` hears how many rows are judged.

    Row by row: `person-unknown`, `own-result` (nobody brings in their own), `not-enrolled`, `name-differs`, `item-unknown`,
    `point-missing`, `point-unknown`, `level-unknown`, `date-missing`, `in-the-future`, `result-exists` (another level stands: overturn it
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
            programme=found, unit=office, name=name[:200], by=by.person, at=now(), rows=len(rows) + left_out
        )
        own = set(behind(by).values_list("pk", flat=True))
        batch = _Batch(enrolled, people, own, sheet)
        outcomes = batch.stored([batch.take(row) for row in counted(rows, told)])
        tally = Counter(outcome.status for outcome in outcomes)
        sheet.created, sheet.unchanged = tally["created"], tally["unchanged"]
        sheet.refused = tally["refused"] + left_out
        sheet.save(update_fields=["created", "unchanged", "refused"])
        facts = {"rows": len(rows), "created": len(batch.made), "sheet": sheet.pk}
        line = record(by=by, verb="assessment.import", thing=found, facts=facts)
        passed: dict[str, set[int]] = defaultdict(set)
        for result in batch.made:
            if result.item == "point" and result.level != "fail":
                passed[result.point].add(result.enrolment)
        for point, enrolments in sorted(passed.items()):
            mark_passed(cause=line, enrolments=enrolments, point=point)
        touch(enrolments={result.enrolment for result in batch.made}, lane=1)
        if dry_run:
            transaction.set_rollback(True)
    return outcomes


Key = tuple[int, str, str]  # enrolment, item, point


@dataclass
class _Batch:
    """The rows of a sheet: what is known is fetched once, each row is judged against it, what is new written together."""

    enrolled: dict[int, Enrolment]
    people: dict[tuple[str, str], int]
    own: set[int]  # the people behind the act
    sheet: ResultsSheet
    made: list[Result] = field(default_factory=list)

    def __post_init__(self) -> None:
        pks = [enrolment.pk for enrolment in self.enrolled.values()]
        rows = Result.objects.filter(enrolment__in=pks, overturned_at__isnull=True).order_by("pk")
        self.standing: dict[Key, Result] = {(row.enrolment, row.item, row.point): row for row in rows}
        self.points = set(Point.objects.values_list("edition__code", "code"))

    def take(self, row: ResultRow) -> tuple[ResultOutcome, Result | None]:
        """What is answered, and the result that now holds the row."""
        try:
            return self._judge(row)
        except Refused as refusal:
            where = refusal.field
            return ResultOutcome("refused", refusal.code, dict(refusal.params), str(refusal), where=where), None

    def stored(self, judged: Sequence[tuple[ResultOutcome, Result | None]]) -> list[ResultOutcome]:
        """Write what is new; the answers with the ids of the results."""
        copy_objects(self.made)
        return [replace(outcome, result=held.pk) if held else outcome for outcome, held in judged]

    def _judge(self, row: ResultRow) -> tuple[ResultOutcome, Result]:
        enrolment = self._check(row)
        key = (enrolment.pk, row.item, row.point if row.item == "point" else "")
        standing = self.standing.get(key)
        if standing is not None:
            if standing.level == row.level:
                return ResultOutcome("unchanged"), standing
            raise Refused(
                "result-exists", _("The result is %(level)s; overturn it if it is wrong."), field="level",
                level=LEVEL_NAMES[standing.level],
            )  # fmt: skip
        on = row.decided_on or today()
        at = datetime.combine(on, time(12), CIVIL)
        new = Result(
            enrolment=key[0], item=key[1], point=key[2], person_id=enrolment.person_id, level=row.level, decided_at=at,
            decided_on=on, source="sheet", sheet=self.sheet,
        )  # fmt: skip
        self.made.append(new)
        self.standing[key] = new
        early = on < document_of(enrolment.version_id).cycle.start
        return ResultOutcome("created", before_cycle=early), new

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
        standard = document_of(enrolment.version_id).edition
        if row.item == "point" and not row.point:
            raise Refused("point-missing", _("Say which point, or that it is the recording."), field="point")
        if row.item == "point" and (standard, row.point) not in self.points:
            raise Refused("point-unknown", _("The standard has no point %(point)s."), field="point", point=row.point)
        if row.level not in LEVELS:
            raise Refused("level-unknown", _("There is no such level."), field="level")
        if row.decided_on is None:
            raise Refused("date-missing", _("The date of the decision is missing."), field="decided_on")
        if row.decided_on > today():
            raise Refused("in-the-future", _("The date lies in the future."), field="decided_on")
        return enrolment
