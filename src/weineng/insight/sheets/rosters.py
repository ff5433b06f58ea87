"""A roster file against the schools and people we know: read, previewed, applied, given back marked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from weineng.insight.rules import MOST_ROWS
from weineng.insight.sheets.marks import mark_row, recognise_row
from weineng.insight.sheets.understood import LISTED, SHOWN, About, Remark, Sample, Understood, unnumbered
from weineng.insight.sheets.words import values, words
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.sets import Hears
from weineng.organisations.actions import apply_roster, export_roster
from weineng.organisations.models import Edge, Unit, UnitName
from weineng.organisations.permissions import IMPORT_ROSTER
from weineng.organisations.queries import STAFFED, preview_roster
from weineng.organisations.reach import require_unit, units_below
from weineng.organisations.rules import RosterOutcome, RosterProblem, RosterRow
from weineng.sheets import (
    Issue,
    ReadRow,
    RosterReading,
    RosterValues,
    SchoolRegister,
    Verdict,
    annotate_workbook,
    locate,
    read_roster,
    read_workbook,
    roster_format,
    say,
    write_roster,
)
from weineng.sheets import Unit as Registered


@dataclass(frozen=True)
class Judged:
    """A row and what was said of it; `shown` are school, group and subject of one that could be read."""

    row: int
    verdict: Verdict
    name: str
    errors: tuple[Issue, ...] = ()
    warnings: tuple[Issue, ...] = ()
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class RosterSheet:
    """A roster file as it was understood. `wrong` rows stay out and come back marked; the others can go in."""

    unit: int
    about: About
    rows: Sequence[RosterRow]
    judged: Sequence[Judged]
    outcome: RosterOutcome
    name: str

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, same, wrong, and how many somebody should look at."""
        verdicts = [row.verdict for row in self.judged]
        return {
            "new": len(self.outcome.new), "changed": len(self.outcome.changed), "same": len(self.outcome.same),
            "wrong": verdicts.count("error"), "warning": verdicts.count("warning"), "twice": verdicts.count("duplicate-of"),
        }  # fmt: skip

    @property
    def going(self) -> int:
        """How many rows are to be dealt with."""
        return len(self.rows)

    def apply(self, by: Actor, told: Hears | None = None) -> "RosterSheet":
        """Bring in what can go in, in one transaction, and say what became of it; the same file again changes nothing.

        What the register has against a row by now keeps that row out. `told` hears how far it is.
        """
        sheet, outcome = self, apply_roster(by=by, unit=self.unit, rows=self.rows, name=self.name, told=told)
        while outcome.problems:
            sheet = sheet.without(outcome.problems)
            outcome = apply_roster(by=by, unit=sheet.unit, rows=sheet.rows, name=self.name, told=told)
        return replace(sheet, outcome=outcome)

    def without(self, problems: Sequence[RosterProblem]) -> "RosterSheet":
        """The same without the rows that cannot go in, which are marked."""
        wrong = {problem.row: problem for problem in problems}
        judged = [
            replace(row, verdict="error", errors=(*row.errors, issue_of(wrong[row.row]))) if row.row in wrong else row
            for row in self.judged
        ]
        return replace(self, rows=[row for row in self.rows if row.row not in wrong], judged=judged)

    def understood(self) -> Understood:
        """What its page shows of it."""
        wrong = [Remark(row.row, row.name, row.errors) for row in self.judged if row.verdict == "error"]
        looks = [Remark(row.row, row.name, row.warnings) for row in self.judged if row.verdict == "warning"]
        samples = [Sample(row.row, row.name, row.shown) for row in self.judged if row.shown]
        return Understood(self.counts, self.about, samples[:SHOWN], wrong[:LISTED], looks[:LISTED])

    def finished(self) -> "RosterSheet":
        """What is kept of it once it has gone in: how many, and the marks; of nobody the number, nor who has no mark."""
        return replace(self, rows=(), judged=[_marks_only(row) for row in self.judged])

    def annotated(self, data: bytes) -> bytes:
        """The person's own file (its bytes again) with the wrong cells marked."""
        table = locate(read_workbook(data, self.name), roster_format(), sheet=self.about.sheet)
        return annotate_workbook(table, list(self.judged), say)


def read_roster_file(
    by: Actor, unit: int, data: bytes, name: str, *, sheet: str | None = None, told: Hears | None = None
) -> RosterSheet:
    """Read a roster for the schools at or below `unit`, at most 20,000 rows. `told` hears how many of them are read.

    Refuses as `read_workbook` and `read_roster`; `not-found`.
    """
    require_unit(by, IMPORT_ROSTER, unit)
    register, ids = _register(unit)
    reading = read_roster(
        read_workbook(data, name),
        schools=register,
        today=today(),
        sheet=sheet,
        recognise=recognise_row,
        most=MOST_ROWS,
        told=told,
    )
    rows = _going(reading, ids)
    found = RosterSheet(
        unit,
        _about(reading),
        rows,
        [_judged(row) for row in reading.rows],
        preview_roster(by=by, unit=unit, rows=rows),
        name,
    )
    if problems := found.outcome.problems:
        found = found.without(problems)
        found = replace(found, outcome=preview_roster(by=by, unit=unit, rows=found.rows))
    return found


def _about(reading: RosterReading) -> About:
    columns = tuple((column.heading, key, column.letters) for key, column in reading.columns.items())
    return About(reading.sheet, reading.other_sheets, columns, reading.unknown_columns)


def _judged(row: ReadRow) -> Judged:
    values = row.values
    shown = (values.school_name, values.group or "", values.subject or "") if values else ()
    return Judged(row.row, row.verdict, row.name, row.errors, row.warnings, shown)


def _marks_only(row: Judged) -> Judged:
    if not row.errors and not row.warnings:
        return Judged(row.row, row.verdict, "")
    errors, warnings = ([unnumbered(one) for one in issues] for issues in (row.errors, row.warnings))
    return Judged(row.row, row.verdict, row.name, tuple(errors), tuple(warnings))


def issue_of(problem: RosterProblem) -> Issue:
    """What the register has against a row, beside what the reader has."""
    return Issue(problem.column or "name", problem.code, problem.params, problem)


def _register(unit: int) -> tuple[SchoolRegister, dict[str, int]]:
    """The schools at or below a unit as the engine knows them, and their ids."""
    found = list(units_below(frozenset({unit})).filter(level__in=STAFFED).order_by("place", "pk"))
    former: dict[int, list[str]] = {}
    for old in UnitName.objects.filter(unit__in=found).order_by("pk"):
        former.setdefault(old.unit_id, []).append(old.name)
    units, ids = [], {}
    for row in found:
        code = row.code or f"#{row.pk}"
        ids[code] = row.pk
        stages = tuple(words("stage").get(stage, stage) for stage in row.stages)
        names = tuple(name for name in dict.fromkeys(former.get(row.pk, [])) if name != row.name)
        units.append(
            Registered(code, row.official_code or "", row.name, former_names=names, stages=stages, level="school")
        )
    return SchoolRegister(units), ids


def _going(reading: RosterReading, ids: dict[str, int]) -> list[RosterRow]:
    """The rows that can go in, and those of our own export that say nothing new."""
    schools = _schools_of({row.own.unit for row in reading.rows if row.own is not None})
    rows = []
    for row in reading.rows:
        if row.verdict not in ("ok", "warning"):
            continue
        if row.own is not None and row.own.unchanged:
            school = schools.get(row.own.unit, row.own.unit)
            rows.append(RosterRow(row.row, row.name, school, person=row.own.person, unit=row.own.unit, unchanged=True))
        elif row.values is not None:
            told = _row(row.row, row.values, ids)
            rows.append(replace(told, person=row.own.person, unit=row.own.unit) if row.own else told)
    return rows


def _schools_of(units: set[int]) -> dict[int, int]:
    """Group → the school it belongs to today."""
    edges = Edge.objects.filter(child__in=units, child__level="group", kind="line", during__contains=today())
    return dict(edges.values_list("child", "parent"))


def _row(number: int, given: RosterValues, ids: dict[str, int]) -> RosterRow:
    def value(column: str, text: str | None) -> str:
        return values(column).get(text or "", text or "")

    licence = {"yes": True, "no": False}.get(value("licence", given.licence))
    return RosterRow(
        row=number, name=given.name or "", school=ids[given.unit or ""], gender=value("gender", given.gender),
        id_type=value("id_type", given.id_type) or "id-card", id_number=given.id_number or "", phone=given.phone or "",
        group=given.group or "", stage=value("stage", given.stage), subject=given.subject or "", post=given.post or "",
        establishment=value("establishment", given.establishment), in_post=value("in_post", given.in_post), licence=licence,
        staff_number=given.staff_number or "", start_date=given.start_date,
    )  # fmt: skip


def export_roster_file(by: Actor, unit: int, *, reason: str = "") -> bytes:
    """The roster of a unit as a workbook that can be sent back unchanged."""
    rows = export_roster(by=by, unit=unit, reason=reason)
    schools = {row.pk: row for row in Unit.objects.filter(pk__in={row.school for row in rows})}
    values = [_values(row, schools) for row in rows]
    marks = [mark_row(row.person or 0, row.unit or row.school, value) for row, value in zip(rows, values, strict=True)]
    return write_roster(values, say, school_names=sorted(row.name for row in schools.values()), marks=marks)


def template_file(by: Actor, unit: int) -> bytes:
    """An empty roster with the unit's schools to choose from."""
    require_unit(by, IMPORT_ROSTER, unit)
    return write_roster([], say, school_names=_school_names(unit))


def _school_names(unit: int) -> list[str]:
    places = units_below(frozenset({unit})).filter(level__in=STAFFED)
    return list(places.order_by("-level", "place", "pk").values_list("name", flat=True))


def _values(row: RosterRow, schools: dict[int, Unit]) -> RosterValues:
    def word(column: str, value: str) -> str | None:
        return words(column).get(value, value) or None

    school = schools[row.school]
    return RosterValues(
        name=row.name, gender=word("gender", row.gender), id_type=word("id_type", row.id_type), id_number=row.id_number,
        phone=row.phone or None, school_code=school.official_code, school_name=school.name, unit=school.code or "",
        group=row.group or None, stage=word("stage", row.stage), subject=row.subject or None, post=row.post or None,
        establishment=word("establishment", row.establishment), in_post=word("in_post", row.in_post),
        licence=None if row.licence is None else words("licence")["yes" if row.licence else "no"],
        staff_number=row.staff_number or None, start_date=row.start_date,
    )  # fmt: skip
