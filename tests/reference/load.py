"""Put invented histories into the tables as facts that came before: by COPY, without any action."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model

from tests.reference.facts import History, Programme, Unit
from tests.reference.lines import civil
from tests.reference.people import kept_entry
from tests.reference.plan_lines import Plan, axis_value
from tests.reference.plans import P4
from weineng.assessment.models import Result
from weineng.audit.effects import record
from weineng.evidence.models import Event, Submission
from weineng.kernel.actors import platform
from weineng.kernel.sets import copy_rows
from weineng.learning.models import Decision, Provider, Record
from weineng.organisations.effects import rebuild_closure
from weineng.organisations.models import Edge, Merge, Person, Posting, UnitFlag
from weineng.organisations.models import Unit as UnitRow
from weineng.planning.models import (
    Choice,
    ChosenPoint,
    Declaration,
    Diagnosis,
    HandbookEntry,
    SchoolPlan,
)
from weineng.programmes.documents import to_json
from weineng.programmes.models import Enrolment, Exemption, Version
from weineng.programmes.models import Programme as ProgrammeRow
from weineng.programmes.rules import Document
from weineng.standards.effects import keep_edition_with

LONG_AGO = datetime(2025, 9, 1, 1, 0, tzinfo=UTC)
KINDS = {"county": "area", "school": "primary", "group": "group"}
EDITION = "ecnu-2019-unofficial"


@dataclass(frozen=True)
class Loaded:
    """What the database calls the places and programmes."""

    units: Mapping[str, int]
    programmes: Mapping[str, int]
    excluded: tuple[str, ...] = ()  # of these programmes only what counts there is looked at


def load(
    histories: Iterable[History],
    units: Mapping[str, Unit],
    programmes: Iterable[tuple[Programme, Document, date]],
    plan: Plan = P4,
) -> Loaded:
    """Write units, programmes (each with its document as version 1, as of a day) and everything of the histories."""
    places = _found(units)
    rows = _Rows(plan)
    running = {}
    for programme, document, on in programmes:
        running[programme.code] = _publish(programme, document, places, on)
    for history in histories:
        _one(history, places, running, rows)
    rows.write()
    return Loaded(places, {code: version.programme_id for code, version in running.items()}, plan.exclusive_with)


class _Rows:
    """Rows in waiting, by table, in the order in which the tables are first named; a model's rows all say the same fields."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.of: dict[type[Model], list[dict[str, object]]] = {}
        self.providers: dict[str, int] = {}

    def add(self, model: type[Model], **values: object) -> None:
        self.of.setdefault(model, []).append(values)

    def provider(self, code: str) -> int:
        if code not in self.providers:
            self.providers[code] = Provider.objects.create(code=code, name=code, created_at=LONG_AGO).pk
        return self.providers[code]

    def write(self) -> None:
        """All of it; then the database is told how much there is, as after any big delivery (it may believe: nothing)."""
        for model, rows in self.of.items():
            meta, (names,) = model._meta, {tuple(row) for row in rows}
            unsaid = [f for f in meta.concrete_fields if f.attname not in names and not f.primary_key]
            columns = [f.column for f in (*map(meta.get_field, names), *unsaid)]
            defaults = [f.get_db_prep_save(f.get_default(), connection) for f in unsaid]
            copy_rows(meta.db_table, columns, ((*row.values(), *defaults) for row in rows))
        with connection.cursor() as cursor:
            cursor.execute(f"analyze {', '.join(model._meta.db_table for model in self.of)}")


def _found(units: Mapping[str, Unit]) -> dict[str, int]:
    places: dict[str, int] = {}
    for key, unit in units.items():
        row = UnitRow.objects.create(name=key, level=unit.level, kind=KINDS[unit.level], closed_on=unit.closed_on)
        places[key] = row.pk
        for flag in unit.flags:
            UnitFlag.objects.create(unit=row, flag=flag.code, during=DateRange(flag.first, flag.until))
        if unit.above:
            Edge.objects.create(child=row, parent_id=places[unit.above], during=DateRange(None, None))
    for pk in places.values():
        rebuild_closure(pk)
    return places


def _publish(programme: Programme, document: Document, places: Mapping[str, int], on: date) -> Version:
    row = ProgrammeRow.objects.create(
        code=programme.code, owner_id=places[programme.owner], title={}, started_on=document.cycle.start,
        closed_on=programme.closed_on,
    )  # fmt: skip
    plain = to_json(document)
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
    for number, plan in enumerate(programme.school_plans):
        if plan.first <= on and (plan.until is None or on < plan.until):  # what is in force now is all that is known
            SchoolPlan.objects.create(
                programme=row, unit_id=places[plan.school], number=number, state="approved", edited_at=LONG_AGO
            )
    line = record(by=platform("settle"), verb="programmes.publish", thing=row)
    keep_edition_with(cause=line, standard=document.standard, local=document.points.local)
    return Version.objects.create(
        programme=row, number=1, source="", document=plain, digest=digest, published_at=LONG_AGO
    )


def _one(history: History, places: Mapping[str, int], running: Mapping[str, Version], rows: _Rows) -> None:
    kept = kept_entry(history)
    for entry in sorted(history.entries, key=lambda e: e.merged_into is not None):
        merged = kept if entry.merged_into is not None else None  # always to the one that is kept
        rows.add(Person, id=entry.number, name=history.label, merged_into_id=merged, created_at=LONG_AGO)
        if merged:
            rows.add(Merge, kept_id=entry.merged_into, gone_id=entry.number, at=LONG_AGO, reason="one person")
    for e in history.enrolments:
        version = running[e.programme]
        rows.add(
            Enrolment, id=e.number, programme_id=version.programme_id, version_id=version.pk, person_id=e.entry,
            since=e.since or LONG_AGO.date(), left_on=e.left_on, host_id=places.get(e.host),
        )  # fmt: skip
    for post in history.postings:
        school = post.unit if "-" not in post.unit[7:] else post.unit.rsplit("-", 1)[0]
        rows.add(
            Posting, person_id=kept, unit_id=places[post.unit], school_id=places.get(school, places[post.unit]),
            during=DateRange(post.first, post.until), home=post.home, known_at=LONG_AGO,
        )  # fmt: skip
    _hours(history, rows)
    _judgements(history, running, rows)
    _own_acts(history, rows)
    for x in history.exemptions:
        rows.add(
            Exemption, enrolment_id=x.enrolment, demand=x.demand, during=DateRange(x.first, x.until), reason="granted", asked_by=1,
            granted_by=2 if x.granted else None, granted_at=LONG_AGO if x.granted else None,
            ended_at=LONG_AGO if x.ended else None,
        )  # fmt: skip


def _hours(history: History, rows: _Rows) -> None:
    for r in history.records:
        rows.add(
            Record, id=r.number, provider_id=rows.provider(r.source), source_id=r.source_id, revision=r.revision, content="",
            person_id=r.entry, person_type="id-card", mode=r.mode, course=r.course, canonical=r.course, starts_at=r.starts,
            ends_at=r.ends, event_on=civil(r.ends), minutes=r.minutes, arrived_at=r.arrived, supersedes_id=r.corrects,
            void_of_id=r.voids,
        )  # fmt: skip
    for d in history.decisions:
        rows.add(
            Decision, record_id=d.record, verdict="overlap-rejected", reason="at one time", by=1, at=LONG_AGO,
            ended_at=LONG_AGO if d.ended else None,
        )  # fmt: skip


def _judgements(history: History, running: Mapping[str, Version], rows: _Rows) -> None:
    enrolments = {e.number: e for e in history.enrolments}
    in_force = {r.attempt: r.level for r in history.results if not r.overturned}
    for a in history.attempts:
        e = enrolments[a.enrolment]
        versions = [at for at in (a.handed_in, a.again) if at is not None]
        rows.add(
            Submission, id=a.number, person_id=e.entry, enrolment=e.number, programme=e.programme, item=_item(a.point), point=a.point,
            edition=EDITION, attempt=a.attempt, version=len(versions) + (a.state == "returned") or 1, state=a.state,
            level=in_force.get(a.number, "fail") if a.state == "decided" else "",
            handed_in_on=civil(versions[-1]) if versions else None, submitted_at=versions[-1] if versions else None,
            created_at=LONG_AGO, edited_at=LONG_AGO,
        )  # fmt: skip
        for version, when in enumerate(versions, 1):
            rows.add(Event, submission_id=a.number, kind="submitted", version=version, at=when)
            if version < len(versions) or a.state == "returned":
                rows.add(Event, submission_id=a.number, kind="returned", version=version, at=when)
    followers = {r.overturns: r for r in history.results}
    for r in sorted(history.results, key=lambda r: r.number):
        overturned_at = followers.get(r.number, r).decided if r.overturned else None
        rows.add(
            Result, id=r.number, person_id=enrolments[r.enrolment].entry, enrolment=r.enrolment, submission_id=r.attempt,
            item=_item(r.point), point=r.point, level=r.level, decided_at=r.decided, decided_on=civil(r.decided),
            source="sheet" if r.attempt is None else "stages", overturns_id=r.overturns, overturned_at=overturned_at,
        )  # fmt: skip
    for c in history.choices:
        programme = enrolments[c.enrolment].programme
        rows.add(
            Choice, id=c.number, enrolment_id=c.enrolment, version_id=running[programme].pk, dimensions=list(c.opened),
            opened=list(c.points), chosen_at=c.chosen, superseded_at=c.superseded,
        )  # fmt: skip
        results = [r for r in history.results if enrolments[r.enrolment].programme == programme]
        for point in c.points:
            value = axis_value(rows.plan, point, rows.plan.axis)
            passed = [r.decided for r in results if r.point == point and r.level != "fail" and not r.overturned]
            rows.add(ChosenPoint, choice_id=c.number, point=point, dimension=value, passed_at=min(passed, default=None))


def _own_acts(history: History, rows: _Rows) -> None:
    for d in history.declarations:
        rows.add(
            Declaration, enrolment_id=d.enrolment, point=d.point, dimension=axis_value(rows.plan, d.point, rows.plan.axis),
            declared_at=d.declared, agreed_at=d.agreed, withdrawn_at=d.withdrawn,
        )  # fmt: skip
    for task in history.tasks:
        rows.add(
            HandbookEntry, enrolment_id=task.enrolment, task=task.code, done_at=task.confirmed, confirmed_at=task.confirmed
        )  # fmt: skip
    for d in history.diagnoses:
        rows.add(Diagnosis, enrolment_id=d.enrolment, handed_in_at=d.handed_in, edited_at=LONG_AGO)


def _item(point: str) -> str:
    return "point" if point else "recording"
