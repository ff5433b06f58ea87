"""Hours, results and items from sheets, in the same three steps."""

from collections.abc import Sequence

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.assessment.permissions import IMPORT as IMPORT_RESULTS
from weineng.insight.actions import ask_for_intake, cancel_intake, read_intake, throw_away_intake
from weineng.insight.models import Intake
from weineng.insight.queries import may_bring, understood_of, work_intake_of
from weineng.insight.rules import work_purpose
from weineng.insight.sheets import FORMATS, unpack_sheet
from weineng.insight.sheets.understood import Sample
from weineng.kernel.refusals import NotFound
from weineng.learning.models import Provider
from weineng.learning.permissions import IMPORT as IMPORT_HOURS
from weineng.organisations.reach import units_within
from weineng.web.imports.arriving import (
    DOING,
    STEPS,
    FileForm,
    going_page,
    going_part,
    keep,
    kept,
    thrown_away_if_refused,
    workbook,
)
from weineng.web.imports.understood import Cell, told, understood_page
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of

TITLES = {"hours": gettext_lazy("Hours"), "results": gettext_lazy("Results and items")}
NUMBERS = ("minutes", "periods")


class SourceForm(FileForm):
    """Hours name the platform that said so."""

    provider = forms.ChoiceField(label=gettext_lazy("Platform or office that reports"))


def _providers(request: Asked) -> dict[str, Provider]:
    rows = Provider.objects.filter(owner__in=units_within(request.actor, IMPORT_HOURS), active=True)
    return {row.code: row for row in rows.order_by("name", "pk")}


def _known(request: Asked, kind: str, upload: int) -> Intake:
    """One's own sheet of this kind, which one may bring in still; refuses `not-found`."""
    if kind not in TITLES:
        raise NotFound("imports.kind")
    intake = work_intake_of(request.actor, kind, upload)
    if not may_bring(request.actor, kind, intake.unit_id):
        raise NotFound("insight.intake")
    return intake


@page(IMPORT_HOURS, IMPORT_RESULTS)
def start(request: Asked, kind: str) -> HttpResponse:
    """Step 1: the file, and for hours the platform."""
    if kind not in TITLES:
        raise NotFound("imports.kind")
    data, files = request.POST or None, request.FILES or None
    form = SourceForm(data, files) if kind == "hours" else FileForm(data, files)
    providers = _providers(request) if kind == "hours" else {}
    if kind == "hours":
        form.fields["provider"].choices = [(code, row.name) for code, row in providers.items()]  # type: ignore[attr-defined]  # it is a choice field
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            return _bring(request, kind, providers.get(form.cleaned_data.get("provider", "")), form)
    of = FORMATS[kind]()
    needed = [[of.by_key[key].headings[0] for key in group] for group in of.needed]
    asked = {key for group in of.needed for key in group}
    more = [column.headings[0] for column in of.columns if column.key not in asked]
    context = {
        "form": form, "kind": kind, "title": TITLES[kind], "steps": STEPS, "needed": [" / ".join(group) for group in needed],
        "more": more,
    }  # fmt: skip
    return show(request, "imports/work_start.html", context)


def _bring(request: Asked, kind: str, provider: Provider | None, form: forms.Form) -> HttpResponse:
    """Take the file in and have it read; hours come for whoever admitted the platform, results for one's own office."""
    programme, code = programme_of(request), provider.code if provider is not None else ""
    office = request.post.unit if request.post is not None else None
    unit = provider.owner_id if provider is not None else office
    if programme is None or unit is None:
        raise NotFound("programmes.programme")
    row = keep(request.actor, work_purpose(kind, code), form.cleaned_data["file"])
    with thrown_away_if_refused(request.actor, row.pk):
        read_intake(by=request.actor, unit=unit, upload=row.pk, kind=kind, programme=programme.pk, provider=code)
    return redirect("imports:work_understood", kind=kind, upload=row.pk)


@page(IMPORT_HOURS, IMPORT_RESULTS)
def understood(request: Asked, kind: str, upload: int) -> HttpResponse:
    """Step 2: what was understood; step 3: apply, and how far it has come. It goes on when the page is left."""
    intake = _known(request, kind, upload)
    if request.method == "POST":
        intake = ask_for_intake(by=request.actor, intake=intake.pk)
        if intake.state == "done":
            words = _("%(new)s rows went in, %(same)s were known, %(wrong)s stayed out.") % understood_of(intake).counts
            return done(request, words, "imports:work_understood", kind=kind, upload=upload)
        return redirect("imports:work_understood", kind=kind, upload=upload)
    about = {"kind": kind, "title": TITLES[kind], "steps": STEPS}
    addresses = {
        name: reverse(f"imports:work_{name}", args=[kind, upload]) for name in ("going", "cancel", "throw_away")
    }
    if intake.state in DOING:
        return going_page(request, intake, **about, **addresses)
    again, away = reverse("imports:work", args=[kind]), addresses["throw_away"]
    if intake.state == "unreadable":
        return show(request, "imports/unreadable.html", {"intake": intake, **about, "again": again, "away": away})
    source = Provider.objects.filter(code=intake.provider).values_list("name", flat=True).first()
    of, found = FORMATS[kind](), understood_of(intake)
    keys = [(of.by_key[key].headings[0], key in NUMBERS) for _heading, key, _letters in found.about.columns]
    context = told(of, found, samples=lambda row: _sample(keys, row), places=of.by_key) | {
        "title": TITLES[kind], "of": source, "again": again, "away": away,
        "marked": reverse("imports:work_annotated", args=[kind, upload]),
    }  # fmt: skip
    return understood_page(request, intake, **context)


@page(IMPORT_HOURS, IMPORT_RESULTS)
def going(request: Asked, kind: str, upload: int) -> HttpResponse:
    """How far it has come, for the page that waits."""
    return going_part(request, _known(request, kind, upload), request.path)


@page(IMPORT_HOURS, IMPORT_RESULTS, methods=("POST",))
def cancel(request: Asked, kind: str, upload: int) -> HttpResponse:
    """What waits for the worker, or is just going in, is not to go in now."""
    cancel_intake(by=request.actor, intake=_known(request, kind, upload).pk)
    words = _("It does not go in now; nothing was changed.")
    return done(request, words, "imports:work_understood", kind=kind, upload=upload)


@page(IMPORT_HOURS, IMPORT_RESULTS, methods=("POST",))
def throw_away(request: Asked, kind: str, upload: int) -> HttpResponse:
    """What came is not to go in: erase it and its file."""
    throw_away_intake(by=request.actor, intake=_known(request, kind, upload).pk)
    return done(request, _("Thrown away, with the file."), "imports:work", kind=kind)


def _sample(columns: Sequence[tuple[str, bool]], row: Sample) -> list[Cell]:
    return [(heading, text, number) for (heading, number), text in zip(columns, row.shown, strict=True)]


@page(IMPORT_HOURS, IMPORT_RESULTS)
def annotated(request: Asked, kind: str, upload: int) -> HttpResponse:
    """One's own file back, the wrong cells marked."""
    intake = _known(request, kind, upload)
    data, name = kept(request.actor, upload, work_purpose(kind, intake.provider))
    marked = unpack_sheet(intake.reading).annotated(data)
    return workbook(marked, f"{name.rsplit('.', 1)[0]}-{_('checked')}.xlsx")
