"""A platform's books beside ours, and what the programmes made of what it delivered."""

from datetime import date, timedelta

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.kernel.clock import today
from weineng.kernel.sets import get_or_refuse
from weineng.learning.permissions import MANAGE_PROVIDERS
from weineng.learning.queries import compare_books, providers_within
from weineng.progress.queries import account_of_source
from weineng.web.learning.statements import crumbs_of
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page, refusals_on, show
from weineng.web.units.forms import day_field

MONTH = timedelta(days=30)


class DaysForm(forms.Form):
    """From which day to which."""

    since = day_field(gettext_lazy("From"))
    until = day_field(gettext_lazy("Until"))


def last_month() -> dict[str, date]:
    """The last thirty days."""
    return {"since": max(date.min + MONTH, today()) - MONTH, "until": today()}


@page(MANAGE_PROVIDERS)
def account(request: Asked, provider: int) -> HttpResponse:
    """Both books day by day, and what counts of what was delivered; without dates in the address, of the last thirty days."""
    row = get_or_refuse(providers_within(request.actor), pk=provider)
    form = DaysForm(request.GET if "since" in request.GET else {name: str(day) for name, day in last_month().items()})
    context = {"provider": row, "form": form, "crumbs": crumbs_of(row, _("Books and account"))}
    if form.is_valid():
        with refusals_on(form):
            days = form.cleaned_data["since"], form.cleaned_data["until"]
            compared = compare_books(request.actor, row.code, *days)
            context |= {
                "compared": compared, "differing": sum(day.agrees is False for day in compared),
                "said": any(day.theirs is not None for day in compared),
                "accounts": account_of_source(request.actor, row.code, *days),
            }  # fmt: skip
    return show(request, "learning/account.html", context)
