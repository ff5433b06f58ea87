"""Hours, results and items from sheets, in the same three steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.assessment.permissions import IMPORT as IMPORT_RESULTS
from weineng.insight.sheets import HOURS, RESULTS, apply_hours, apply_results, read_hours, read_results
from weineng.kernel.refusals import NotFound
from weineng.learning.models import Provider
from weineng.learning.permissions import IMPORT as IMPORT_HOURS
from weineng.organisations.reach import units_within
from weineng.organisations.rules import mask
from weineng.programmes.queries import document_in_force
from weineng.sheets import Kind, Table, TableReading, TableRow, annotate_workbook, say, sentence
from weineng.web.imports.arriving import STEPS, FileForm, keep, kept, thrown_away_if_refused, workbook
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of

TITLES = {"hours": gettext_lazy("Hours"), "results": gettext_lazy("Results and items")}
LISTED = 200
SHOWN = 5
NUMBERS = ("minutes", "periods")


class SourceForm(FileForm):
    """Hours name the platform that said so."""

    provider = forms.ChoiceField(label=gettext_lazy("Platform or office that reports"))


@dataclass(frozen=True)
class Read:
    """A sheet as it was read and what would become (or became) of each row."""

    reading: TableReading
    rows: Sequence[TableRow]
    name: str

    @property
    def counts(self) -> dict[str, int]:
        """New, known already, wrong."""
        verdicts = [row.verdict for row in self.rows]
        fresh = verdicts.count("ok") + verdicts.count("warning")
        return {"new": fresh, "same": verdicts.count("duplicate-of"), "wrong": verdicts.count("error")}


def _purpose(kind: str, provider: str = "") -> str:
    return f"imports.{kind}:{provider or '-'}"


def _known(kind: str) -> str:
    if kind not in TITLES:
        raise NotFound("imports.kind")
    return kind


def _providers(request: Asked) -> list[tuple[str, str]]:
    rows = Provider.objects.filter(owner__in=units_within(request.actor, IMPORT_HOURS), active=True).order_by(
        "name", "pk"
    )
    return list(rows.values_list("code", "name"))


@page(IMPORT_HOURS, IMPORT_RESULTS)
def start(request: Asked, kind: str) -> HttpResponse:
    """Step 1: the file, and for hours the platform."""
    _known(kind)
    data, files = request.POST or None, request.FILES or None
    form = SourceForm(data, files) if kind == "hours" else FileForm(data, files)
    if kind == "hours":
        form.fields["provider"].choices = _providers(request)  # type: ignore[attr-defined]  # it is a choice field
    if request.method == "POST" and form.is_valid():
        purpose = _purpose(kind, form.cleaned_data.get("provider", ""))
        with refusals_on(form):
            row = keep(request.actor, purpose, form.cleaned_data["file"])
            with thrown_away_if_refused(request.actor, row.pk):
                (read_hours if kind == "hours" else read_results)(*kept(request.actor, row.pk, purpose))
            answer = redirect("imports:work_understood", kind=kind, upload=row.pk)
            answer["Location"] += f"?provider={form.cleaned_data.get('provider', '')}"
            return answer
    of = (HOURS if kind == "hours" else RESULTS)()
    needed = [[of.by_key[key].headings[0] for key in group] for group in of.needed]
    asked = {key for group in of.needed for key in group}
    more = [column.headings[0] for column in of.columns if column.key not in asked]
    context = {
        "form": form, "kind": kind, "title": TITLES[kind], "steps": STEPS, "needed": [" / ".join(group) for group in needed],
        "more": more,
    }  # fmt: skip
    return show(request, "imports/work_start.html", context)


def _read(request: Asked, kind: str, upload: int, *, dry_run: bool) -> Read:
    """Read the sheet and judge (or apply) its rows; refuses `not-found` without a programme."""
    provider = request.GET.get("provider", "")
    data, name = kept(request.actor, upload, _purpose(_known(kind), provider))
    programme = programme_of(request)
    if programme is None:
        raise NotFound("programmes.programme")
    if kind == "hours":
        reading = read_hours(data, name)
        minutes = document_in_force(programme.pk).period_minutes
        rows = apply_hours(
            by=request.actor, provider=provider, reading=reading, period_minutes=minutes, name=name, dry_run=dry_run
        )
    else:
        if request.post is None:
            raise NotFound("organisations.unit")
        reading = read_results(data, name)
        rows = apply_results(
            by=request.actor,
            programme=programme.code,
            unit=request.post.unit,
            reading=reading,
            name=name,
            dry_run=dry_run,
        )
    return Read(reading, rows, name)


@page(IMPORT_HOURS, IMPORT_RESULTS)
def understood(request: Asked, kind: str, upload: int) -> HttpResponse:
    """Step 2: what would happen; step 3: apply."""
    if request.method == "POST":
        read = _read(request, kind, upload, dry_run=False)
        said = _("%(new)s rows went in, %(same)s were known, %(wrong)s stayed out.") % read.counts
        answer = done(request, said, "imports:work_understood", kind=kind, upload=upload)
        answer["Location"] += f"?provider={request.GET.get('provider', '')}"
        return answer
    read = _read(request, kind, upload, dry_run=True)
    table = read.reading.table
    readable = [row for row in read.rows if row.verdict != "error"]
    context = {
        "kind": kind, "title": TITLES[kind], "upload": upload, "counts": read.counts, "query": request.GET.urlencode(),
        "wrong": _told(read, "error"), "looks": _told(read, "warning"), "unknown": table.unknown, "steps": STEPS,
        "columns": [
            (column.heading, table.of.by_key[key].headings[0], key in NUMBERS) for key, column in table.columns.items()
        ],
        "samples": [(row.row, _shown(table, row)) for row in readable[:SHOWN]], "rows": len(read.rows), "name": read.name,
        "source": dict(_providers(request)).get(request.GET.get("provider", ""), ""), "listed": LISTED,
        "look_at": sum(row.verdict == "warning" for row in read.rows),
    }  # fmt: skip
    return show(request, "imports/work.html", context)


def _shown(table: Table, row: TableRow) -> list[tuple[str, str, bool]]:
    """Heading, value in the sheet's own words, and whether it is a number, of each cell; identity numbers shortened."""
    cells = []
    for key in table.columns:
        column, value = table.of.by_key[key], row.values[key]
        text = "" if value is None else str(value)
        if column.kind == Kind.IDENTITY:
            text = mask(text) if text else ""
        elif column.kind == Kind.WORD:
            text = next((word for word, meant in column.words.items() if meant == value), text)
        cells.append((column.headings[0], text, key in NUMBERS))
    return cells


def _told(read: Read, verdict: str) -> list[tuple[int, object, list[str]]]:
    """Row, name and sentences, each behind its column, of the first rows with a verdict."""
    columns = read.reading.table.of.by_key
    told = [(row, row.errors if verdict == "error" else row.warnings) for row in read.rows if row.verdict == verdict]
    return [
        (row.row, row.values.get("name") or "", [
            (columns[one.column].headings[0] + _(": ") if one.column in columns else "") + sentence(one, say) for one in said
        ])
        for row, said in told[:LISTED]
    ]  # fmt: skip


@page(IMPORT_HOURS, IMPORT_RESULTS)
def annotated(request: Asked, kind: str, upload: int) -> HttpResponse:
    """One's own file back, the wrong cells marked."""
    _data, name = kept(request.actor, upload, _purpose(_known(kind), request.GET.get("provider", "")))
    read = _read(request, kind, upload, dry_run=True)
    marked = annotate_workbook(read.reading.table, list(read.rows), say)
    return workbook(marked, f"{name.rsplit('.', 1)[0]}-{_('checked')}.xlsx")
