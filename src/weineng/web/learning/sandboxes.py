"""A platform's sandbox: what is right and what is wrong in it, a sheet to try, and beginning anew."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from weineng.accounts.permissions import MANAGE_KEYS
from weineng.accounts.rules import SANDBOX, source_code
from weineng.insight.queries import check_of
from weineng.insight.sheets import HOURS, apply_hours, read_hours
from weineng.kernel.clock import today
from weineng.kernel.sets import get_or_refuse
from weineng.learning.actions import empty_sandbox, set_server_date
from weineng.learning.models import Provider
from weineng.learning.permissions import IMPORT, MANAGE_PROVIDERS
from weineng.learning.queries import providers_within, sandbox_read, today_there
from weineng.learning.rules import INVENTED, invented_mail, invented_number
from weineng.programmes.queries import document_in_force
from weineng.sheets import Column as SheetColumn
from weineng.sheets import say, write_sheet
from weineng.web.components.tables import Column, Table
from weineng.web.imports.arriving import FileForm, workbook, wrong_rows
from weineng.web.learning.statements import crumbs_of
from weineng.web.public.interface import meanings
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of
from weineng.web.units.forms import day_field


class DateForm(forms.Form):
    """The date of the sandbox's server."""

    today = day_field(_lazy("Date of its server"), required=False, help_text=_lazy("Nothing: today's date again."))


@page(MANAGE_PROVIDERS)
def sandbox(request: Asked, provider: int) -> HttpResponse:
    """What lies in a platform's sandbox: what is right and what is wrong; a sheet of hours can be tried there."""
    row = get_or_refuse(providers_within(request.actor), pk=provider)
    form = FileForm(request.POST or None, request.FILES or None)
    wrong: list[tuple[int, list[str]]] = []
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            wrong = _try(request, row, form)
            if not wrong:
                return done(request, _("Every row of the sheet is right."), "learning:sandbox", provider=row)
    return _page(request, row, form=form, wrong_rows=wrong)


@page(MANAGE_PROVIDERS, methods=("POST",))
def set_date(request: Asked, provider: int) -> HttpResponse:
    """The sandbox's server has another date, or today's again."""
    row = get_or_refuse(providers_within(request.actor), pk=provider)
    dating = DateForm(request.POST)
    if dating.is_valid():
        with refusals_on(dating):
            set_server_date(
                by=request.actor, provider=source_code(row.code, sandbox=True), on=dating.cleaned_data["today"]
            )
            return done(request, _("The date of its server is set."), "learning:sandbox", provider=row)
    return _page(request, row, dating=dating)


def _page(request: Asked, row: Provider, **given: Any) -> HttpResponse:
    opened = Provider.objects.filter(code=f"{row.code}{SANDBOX}").exists()
    there = today_there(source_code(row.code, sandbox=True))
    context = {
        "provider": row, "form": FileForm(), "dating": DateForm(initial={"today": there if there != today() else None}),
        "opened": opened, "may_try": request.actor.holds(IMPORT) and opened, "today_there": there, "wrong_rows": [],
        "keys": request.actor.holds(MANAGE_KEYS), "crumbs": crumbs_of(row, _("Sandbox")),
        "people": [(invented_number(number), invented_mail(number), name) for number, name in INVENTED.items()],
        "known": Table(request, (Column("name", _("Name")), Column("number", _("Number of the person")), Column("mail", _("Mail")))),
    }  # fmt: skip
    return show(request, "learning/sandbox.html", context | (_lying(request, row) if opened else {}) | given)


def _lying(request: Asked, row: Provider) -> dict[str, Any]:
    """What lies in the sandbox."""
    code = source_code(row.code, sandbox=True)
    right, strange, refused = check_of(request.actor, row.code)
    columns = (Column("what", _("Record")), Column("when", _("When"), sort="batch_id"), Column("why", _("Why")))
    head = Table(request, columns, order="-when", size=20).cut(refused, tie="place")
    means = meanings()
    return {
        "right": right, "strange": strange, "statements": sandbox_read(request.actor, code)[1], "head": head,
        "waiting": refused.count(), "refused": [(one, means.get(one.code, ("", one.code))[1]) for one in head.rows],
    }  # fmt: skip


def _try(request: Asked, row: Provider, form: FileForm) -> list[tuple[int, list[str]]]:
    """Bring a sheet of hours into the sandbox; returns the wrong rows, each with what is wrong."""
    file, programme = form.cleaned_data["file"], programme_of(request)
    minutes = document_in_force(programme.pk).period_minutes if programme is not None else row.period_minutes
    reading = read_hours(file.read(), file.name or "hours.xlsx")
    judged = apply_hours(
        by=request.actor, provider=source_code(row.code, sandbox=True), rows=reading.rows, period_minutes=minutes, name=file.name or ""
    )  # fmt: skip
    return wrong_rows(judged, HOURS())


@page(MANAGE_PROVIDERS, methods=("POST",))
def empty(request: Asked, provider: int) -> HttpResponse:
    """Everything in the sandbox goes."""
    row = get_or_refuse(providers_within(request.actor), pk=provider)
    empty_sandbox(by=request.actor, provider=source_code(row.code, sandbox=True))
    return done(request, _("The sandbox is empty."), "learning:sandbox", provider=row)


@page(MANAGE_PROVIDERS)
def sample(request: Asked, provider: int) -> HttpResponse:
    """A sheet of hours as it should be, about the invented people of the sandbox."""
    row = get_or_refuse(providers_within(request.actor), pk=provider)
    of = HOURS()
    of = replace(of, columns=tuple(replace(column, choices=tuple(_writings(column).values())) for column in of.columns))
    on = today_there(source_code(row.code, sandbox=True)) - timedelta(days=1)
    rows = [
        {
            "record_id": f"{_('sample')}-{number}", "name": INVENTED[number], "id_type": "passport", "id_number": invented_number(number),
            "mode": "online", "course": "101", "title": _("Making a micro-lesson"), "day": on, "start": "08:00", "end": "09:30",
            "minutes": 90, "passed": "yes" if number == 1 else "no",
        }
        for number in (1, 2, 3)
    ]  # fmt: skip
    written = [{key: _writings(of.by_key[key]).get(str(value), value) for key, value in one.items()} for one in rows]
    return workbook(write_sheet(of, written, say), f"{row.code}-{_('sample')}.xlsx")


def _writings(column: SheetColumn) -> dict[str, str]:
    """How each word of a column's list is written first."""
    first: dict[str, str] = {}
    for writing, word in column.words.items():
        first.setdefault(word, writing)
    return first
