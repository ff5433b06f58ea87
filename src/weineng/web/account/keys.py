"""Keys of training platforms and of the office's own systems: issue one (shown once), see when it was used, revoke it."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from weineng.accounts.actions import issue_office_key, revoke_api_key
from weineng.accounts.models import ApiKey
from weineng.accounts.permissions import MANAGE_KEYS
from weineng.accounts.queries import delegation_behind, key_over, keys_within
from weineng.kernel.ids import open_id
from weineng.learning.actions import issue_api_key
from weineng.learning.queries import providers_within
from weineng.organisations.reach import require_unit
from weineng.web.account.forms import SCOPES, KeyForm, OfficeKeyForm
from weineng.web.account.units import own_unit
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units.tabs import unit_tabs

DAY = timedelta(days=1)


@page(MANAGE_KEYS)
def keys(request: Asked) -> HttpResponse:
    """All keys of one's offices."""
    names = dict(providers_within(request.actor).values_list("code", "name"))
    rows = [
        {
            "key": key, "platform": names.get(key.provider, key.provider), "scopes": [SCOPES[scope] for scope in key.scopes],
            "last_on": key.expires_on - DAY if key.expires_on else None, "over": key_over(key),
        }
        for key in keys_within(request.actor)
    ]  # fmt: skip
    return show(
        request,
        "account/keys.html",
        {"rows": rows, "tabs": unit_tabs(request, own_unit(request, MANAGE_KEYS), "account:keys")},
    )


@page(MANAGE_KEYS)
def issue(request: Asked) -> HttpResponse:
    """A new key: for whom, what it may do, until when. The key itself is on the answer and nowhere else."""
    platforms = providers_within(request.actor).filter(active=True).order_by("name", "code")
    providers = list(platforms.values_list("code", "name"))
    form = KeyForm(request.POST or None, providers=providers, initial=_like(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            chosen = form.cleaned_data
            key, plain = issue_api_key(
                by=request.actor, unit=own_unit(request, MANAGE_KEYS), provider=chosen["provider"], label=chosen["label"],
                scopes=chosen["scopes"], expires_on=chosen["last_on"] + DAY if chosen["last_on"] else None,
                sandbox=chosen["sandbox"],
            )  # fmt: skip
            return _issued(request, key, plain)
    return show(
        request,
        "account/key_new.html",
        {"form": form, "unit": None, "possible": bool(providers), "lent": _lent(request)},
    )


@page(MANAGE_KEYS)
def issue_for_office(request: Asked) -> HttpResponse:
    """A new key for a system of the office itself: it reads about the office's own part of the tree, never more."""
    unit = require_unit(request.actor, MANAGE_KEYS, own_unit(request, MANAGE_KEYS))
    form = OfficeKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            chosen = form.cleaned_data
            key, plain = issue_office_key(
                by=request.actor, unit=unit.pk, label=chosen["label"], scopes=chosen["scopes"], expires_on=chosen["last_on"] + DAY,
            )  # fmt: skip
            return _issued(request, key, plain)
    return show(request, "account/key_new.html", {"form": form, "unit": unit, "possible": True, "lent": _lent(request)})


def _like(request: Asked) -> dict[str, Any] | None:
    """What stands in the form of a key that is to follow another: the same platform, name and scopes, and the sandbox."""
    try:
        number = open_id("accounts.apikey", request.GET.get("like", ""))
    except ValueError:
        return _for_platform(request)
    old = keys_within(request.actor).filter(pk=number).first()
    return {"provider": old.provider, "label": old.label, "scopes": old.scopes, "sandbox": old.sandbox} if old else None


def _for_platform(request: Asked) -> dict[str, Any] | None:
    """What stands in the form of a key for the platform in the address: all that a platform does every day."""
    if not (provider := request.GET.get("provider", "")):
        return None
    return {"provider": provider, "sandbox": "sandbox" in request.GET, "scopes": ["records.write", "records.read"]}


def _lent(request: Asked) -> date | None:
    """The last day of what was lent to one who acts for somebody: no key that they issue opens after it."""
    lent = delegation_behind(request.actor, MANAGE_KEYS)
    return lent.ends_on - DAY if lent else None


def _issued(request: Asked, key: ApiKey, plain: str) -> HttpResponse:
    return show(request, "account/key_issued.html", {"key": key, "plain": plain})


@page(MANAGE_KEYS, methods=("POST",))
def revoke(request: Asked, key: int) -> HttpResponse:
    """Close a key at once."""
    revoke_api_key(by=request.actor, key=key, reason=request.POST.get("reason", "")[:200])
    return done(request, _("The key opens nothing any more."), "account:keys")
