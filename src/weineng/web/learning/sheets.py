"""The spreadsheet twins of what a platform's programs do: every table out, its own books in."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.accounts.rules import SANDBOX
from weineng.insight.actions import export_platform
from weineng.insight.sheets import BOOKS, apply_books, read_books
from weineng.kernel.clock import today
from weineng.kernel.sets import get_or_refuse
from weineng.learning.models import Provider
from weineng.learning.permissions import IMPORT, MANAGE_PROVIDERS
from weineng.learning.queries import providers_within
from weineng.sheets import TableReading, TableRow
from weineng.web.components.files import table_file
from weineng.web.imports.arriving import FileForm, wrong_rows
from weineng.web.learning.accounts import DaysForm, last_month
from weineng.web.learning.statements import crumbs_of
from weineng.web.public.interface import meanings
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show

# Table → its title, what it holds, the call that it is the twin of.
TABLES: Mapping[str, tuple[object, object, str]] = {
    "records": (gettext_lazy("Records"), gettext_lazy("What was delivered, as it is known here, by the day of the event."), "GET records"),
    "deliveries": (gettext_lazy("Deliveries"), gettext_lazy("What arrived when, and how much of it went in."), "GET deliveries"),
    "refused": (gettext_lazy("Refused"), gettext_lazy("What was not stored, why, and whether it has come again."), "GET refused"),
    "reconciliation": (
        gettext_lazy("Both books"), gettext_lazy("Day by day: records, minutes, people and passes, here and there."), "GET reconciliation",
    ),
    "counted": (gettext_lazy("What counts"), gettext_lazy("What each programme counts of it, and why not of the rest."), "GET counted"),
    "changes": (
        gettext_lazy("Changes"), gettext_lazy("What changed here about its records without its doing, and whose they are."), "GET changes",
    ),
    "check": (
        gettext_lazy("Check of the sandbox"), gettext_lazy("What is right and what is wrong with all that lies in its sandbox."),
        "GET sandbox",
    ),
}  # fmt: skip


@page(MANAGE_PROVIDERS)
def sheets(request: Asked, provider: int) -> HttpResponse:
    """Every table to take out, and the platform's own books to bring in."""
    row = get_or_refuse(providers_within(request.actor), pk=provider)
    form = FileForm(request.POST or None, request.FILES or None)
    wrong: list[tuple[int, list[str]]] = []
    kept = 0
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            judged, reading = _bring_books(request, row, form)
            wrong = wrong_rows(judged, reading.table.of)
            kept = len(judged) - len(wrong)
            if not wrong:
                words = {"days": kept}
                return done(
                    request,
                    _("The platform's books of %(days)s days are kept.") % words,
                    "learning:sheets",
                    provider=row,
                )
    return _page(request, row, form, DaysForm(initial=last_month()), wrong=wrong, kept=kept)


@page(MANAGE_PROVIDERS, methods=("POST",))
def sheet(request: Asked, provider: int, what: str) -> HttpResponse:
    """One table as a file. A POST, since the log keeps every export."""
    row = get_or_refuse(providers_within(request.actor), pk=provider)
    days = DaysForm(request.POST)
    if days.is_valid():
        with refusals_on(days):
            means = {code: text for code, (_status, text) in meanings().items()}
            table = export_platform(by=request.actor, provider=row.code, what=what, means=means, **days.cleaned_data)
            title, says, call = TABLES[what]
            notes = [
                str(says),
                _("No number and no name of a person is in this table."),
                _("For programs: %(call)s") % {"call": call},
            ]
            name = f"{row.code}-{what}-{today().isoformat()}"
            return table_file(
                table.form, table.rows, kind=request.POST.get("as", ""), name=name, title=str(title), notes=notes
            )  # fmt: skip
    return _page(request, row, FileForm(), days)


def _bring_books(request: Asked, row: Provider, form: FileForm) -> tuple[list[TableRow], TableReading]:
    file = form.cleaned_data["file"]
    reading = read_books(file.read(), file.name or "books.xlsx")
    return apply_books(by=request.actor, provider=row.code, rows=reading.rows), reading


def _page(request: Asked, row: Provider, form: FileForm, days: DaysForm, **more: Any) -> HttpResponse:
    tried = Provider.objects.filter(code=f"{row.code}{SANDBOX}").exists()
    context = {
        "provider": row, "form": form, "days": days, "crumbs": crumbs_of(row, _("Sheets")),
        "tables": [(what, *told) for what, told in TABLES.items() if what != "check" or tried],
        "columns": [column.headings[0] for column in BOOKS().columns], "may_bring": request.actor.holds(IMPORT),
        "wrong": [], "kept": 0,
    }  # fmt: skip
    return show(request, "learning/sheets.html", context | more)
