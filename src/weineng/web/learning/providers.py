"""Training platforms: admit, suspend, see what they delivered."""

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.kernel.sets import get_or_refuse
from weineng.learning.actions import admit_provider, change_provider
from weineng.learning.permissions import MANAGE_PROVIDERS
from weineng.learning.queries import batches_of, providers_within, unresolved, waiting_refusals
from weineng.organisations.reach import units_within
from weineng.web.components.tables import Column, Table
from weineng.web.public.interface import meanings
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show


class ProviderForm(forms.Form):
    """A platform's name and how it sends hours."""

    code = forms.CharField(  # its form is the action's rule, which says what fits
        label=gettext_lazy("Short code"),
        max_length=39,
        help_text=gettext_lazy("Small letters, digits, hyphens; it stands in addresses and cannot change."),
    )
    name = forms.CharField(label=gettext_lazy("Name of the platform"), max_length=120)
    period_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of one period"), min_value=0, max_value=240, initial=45,
        help_text=gettext_lazy("0 if the platform sends minutes."),
    )  # fmt: skip
    active = forms.BooleanField(label=gettext_lazy("May deliver"), required=False, initial=True)


@page(MANAGE_PROVIDERS)
def list_providers(request: Asked) -> HttpResponse:
    """The platforms admitted here, and admitting one."""
    form = ProviderForm(request.POST or None)
    unit = (
        request.post.unit
        if request.post
        else units_within(request.actor, MANAGE_PROVIDERS).values_list("pk", flat=True).first()
    )
    if request.method == "POST" and form.is_valid() and unit is not None:
        data = form.cleaned_data
        with refusals_on(form):
            row = admit_provider(
                by=request.actor, unit=unit, code=data["code"], name=data["name"], period_minutes=data["period_minutes"]
            )
            return done(request, _("Admitted. It needs a key next."), "learning:onboarding", provider=row)
    return show(request, "learning/providers.html", {"form": form, "rows": providers_within(request.actor)})


@page(MANAGE_PROVIDERS)
def provider_page(request: Asked, provider: int) -> HttpResponse:
    """One platform: its deliveries, what was not stored and why, records of people nobody knows yet, its settings."""
    row = get_or_refuse(providers_within(request.actor), pk=provider)
    initial = {"code": row.code, "name": row.name, "period_minutes": row.period_minutes, "active": row.active}
    form = ProviderForm(request.POST or None, initial=initial)
    form.fields["code"].required = False
    form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_on(form):
            change_provider(
                by=request.actor,
                provider=row.pk,
                name=data["name"],
                period_minutes=data["period_minutes"],
                active=data["active"],
            )
            return done(request, _("Saved."), "learning:provider", provider=row)
    refused, means = waiting_refusals(row), meanings()
    kept_out = _refusals(request).cut(refused, tie="place")
    context = {
        "provider": row, "form": form, "deliveries": _deliveries(request).cut(batches_of(row.pk)),
        "unknown": unresolved(row.pk).count(), "waiting": refused.count(), "kept_out": kept_out,
        "refused": [(one, means.get(one.code, ("", one.code))[1]) for one in kept_out.rows],
    }  # fmt: skip
    return show(request, "learning/provider.html", context)


def _deliveries(request: Asked) -> Table:
    columns = (
        Column("when", _("When"), sort="at"), Column("how", _("Delivery")), Column("rows", _("Rows"), number=True),
        Column("new", _("New"), number=True), Column("known", _("Known already"), number=True),
        Column("refused", _("Refused"), number=True),
    )  # fmt: skip
    return Table(request, columns, order="-when", size=30, prefix="d-")


def _refusals(request: Asked) -> Table:
    columns = (Column("what", _("Record")), Column("when", _("When"), sort="batch_id"), Column("why", _("Why")))
    return Table(request, columns, order="-when", size=20, prefix="r-")
