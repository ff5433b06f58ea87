"""A sheet of hours or results against what is known: read, judged, applied, given back marked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from weineng.insight.sheets.hours import HOURS, apply_hours, counts, read_hours
from weineng.insight.sheets.results import RESULTS, apply_results, read_results
from weineng.insight.sheets.understood import LISTED, SHOWN, About, Remark, Sample, Understood, unnumbered
from weineng.kernel.actors import Actor
from weineng.kernel.sets import Hears
from weineng.organisations.rules import mask
from weineng.programmes.models import Programme
from weineng.programmes.queries import document_in_force
from weineng.sheets import Kind, SheetFormat, TableRow, annotate_workbook, locate, read_workbook, say

FORMATS: Mapping[str, Callable[[], SheetFormat]] = {"hours": HOURS, "results": RESULTS}


@dataclass(frozen=True)
class Source:
    """Where a sheet comes from: the programme, of hours the provider's code, of results the office it is brought in for."""

    programme: int
    provider: str
    unit: int


@dataclass(frozen=True)
class WorkSheet:
    """A sheet of hours or results (`kind`) as it was understood: its rows, and what would become (or became) of each."""

    kind: str
    about: About
    rows: Sequence[TableRow]
    judged: Sequence[TableRow]
    name: str

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, known already, wrong, and how many somebody should look at."""
        return counts(self.judged)

    @property
    def going(self) -> int:
        """How many rows are to be dealt with."""
        return len(self.rows)

    def apply(self, by: Actor, source: Source, told: Hears | None = None) -> "WorkSheet":
        """Bring in what can go in, in one transaction, and say what became of it; the same sheet again changes nothing."""
        return replace(self, judged=judge(by, source, self.kind, self.rows, self.name, told=told))

    def understood(self) -> Understood:
        """What its page shows of it."""
        wrong = [row for row in self.judged if row.verdict == "error"]
        looks = [row for row in self.judged if row.verdict == "warning"]
        samples = [row for row in self.judged if row.verdict != "error" and row.values][:SHOWN]
        of = FORMATS[self.kind]()
        return Understood(
            self.counts, self.about,
            [Sample(row.row, _name(row), tuple(_shown(of, self.about, row))) for row in samples],
            [Remark(row.row, _name(row), row.errors) for row in wrong[:LISTED]],
            [Remark(row.row, _name(row), row.warnings) for row in looks[:LISTED]],
        )  # fmt: skip

    def finished(self) -> "WorkSheet":
        """What is kept of it once it has gone in: how many, and the marks; of nobody the number, nor who has no mark."""
        return replace(self, rows=(), judged=[_marks_only(row) for row in self.judged])

    def annotated(self, data: bytes) -> bytes:
        """The person's own file (its bytes again) with the wrong cells marked."""
        table = locate(read_workbook(data, self.name), FORMATS[self.kind](), sheet=self.about.sheet)
        return annotate_workbook(table, list(self.judged), say)


def read_work_file(
    by: Actor, source: Source, kind: str, data: bytes, name: str, *, told: Hears | None = None
) -> WorkSheet:
    """Read a sheet of hours or results, and judge its rows. `told` hears how many of them are read.

    Refuses as `read_workbook` and `read_table`, and as `bring_hours` or `import_results` would.
    """
    reading = (read_hours if kind == "hours" else read_results)(data, name, told=told)
    table = reading.table
    columns = tuple((column.heading, key, column.letters) for key, column in table.columns.items())
    about = About(table.sheet.name, table.other_sheets, columns, table.unknown)
    listening = None if told is None else lambda _done, of: told(of, of)
    judged = judge(by, source, kind, reading.rows, name, dry_run=True, told=listening)
    return WorkSheet(kind, about, reading.rows, judged, name)


def judge(
    by: Actor, source: Source, kind: str, rows: Sequence[TableRow], name: str, *, dry_run: bool = False,
    told: Hears | None = None,
) -> list[TableRow]:  # fmt: skip
    """What becomes of each row of a sheet that is brought in from there; with `dry_run` what would."""
    if kind == "hours":
        minutes = document_in_force(source.programme).period_minutes
        return apply_hours(
            by=by, provider=source.provider, rows=rows, period_minutes=minutes, name=name, dry_run=dry_run, told=told
        )
    programme = Programme.objects.values_list("code", flat=True).get(pk=source.programme)
    return apply_results(by=by, programme=programme, unit=source.unit, rows=rows, name=name, dry_run=dry_run, told=told)


def _name(row: TableRow) -> str:
    return str(row.values.get("name") or "")


def _shown(of: SheetFormat, about: About, row: TableRow) -> list[str]:
    """The cells of a row in the sheet's own words, in the order of its columns; identity numbers shortened."""
    cells = []
    for _heading, key, _letters in about.columns:
        column, value = of.by_key[key], row.values[key]
        text = "" if value is None else str(value)
        if column.kind == Kind.IDENTITY:
            text = mask(text) if text else ""
        elif column.kind == Kind.WORD:
            text = next((word for word, meant in column.words.items() if meant == value), text)
        cells.append(text)
    return cells


def _marks_only(row: TableRow) -> TableRow:
    if not row.errors and not row.warnings:
        return TableRow(row.row, row.verdict, {}, (), duplicate_of=row.duplicate_of)
    errors, warnings = (tuple(unnumbered(one) for one in issues) for issues in (row.errors, row.warnings))
    return TableRow(row.row, row.verdict, {"name": _name(row)}, errors, warnings, row.duplicate_of)
