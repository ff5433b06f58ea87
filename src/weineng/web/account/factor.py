"""The second factor: asked for at sign-in, set up, renewed, removed."""

import segno
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from weineng.accounts.actions import (
    confirm_second_factor,
    enrol_second_factor,
    note_failure,
    pass_second_factor,
    remove_second_factor,
    renew_recovery_codes,
)
from weineng.accounts.models import Account
from weineng.accounts.queries import has_second_factor
from weineng.kernel.refusals import Refused
from weineng.web.account.entering import go_on, next_of, oneself, with_next
from weineng.web.account.forms import RecoverForm, TokenForm
from weineng.web.shell.actors import FACTOR, Asked
from weineng.web.shell.pages import done, page, public, refusals_on, show


@public
def ask_factor(request: Asked) -> HttpResponse:
    """The code of one's telephone, or a recovery code. Whoever has no second factor yet sets one up."""
    account = request.account
    if account is None:
        return redirect(with_next(reverse("account:sign_in"), next_of(request)))
    if not request.factor_due:
        return go_on(request, next_of(request))
    if not has_second_factor(account.pk):
        return redirect(with_next(reverse("account:factor_new"), next_of(request)))
    recovering = "recovery" in (request.POST if request.method == "POST" else request.GET)
    form = (RecoverForm if recovering else TokenForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            way = pass_second_factor(by=oneself(request), token=form.cleaned_data["token"])
        except Refused as refusal:
            form.add_error("token", str(refusal))
            note_failure(by=oneself(request), name=account.name, what="factor")
        else:
            _passed(request, way)
            return go_on(request, next_of(request))
    context = {"form": form, "next": next_of(request), "recovering": recovering}
    return show(request, "account/factor.html", context)


def _passed(request: Asked, way: str) -> None:
    request.session.cycle_key()
    request.session[FACTOR] = way


@public
def set_up_factor(request: Asked) -> HttpResponse:
    """Scan the picture, type what the telephone shows, keep the recovery codes.

    Somebody whose second factor counts already must have passed it in this session to replace it.
    """
    account = request.account
    if account is None:
        return redirect(with_next(reverse("account:sign_in"), next_of(request)))
    if FACTOR not in request.session and has_second_factor(account.pk):
        return redirect(with_next(reverse("account:factor"), next_of(request)))
    form = TokenForm(request.POST if "token" in request.POST else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            codes = confirm_second_factor(by=oneself(request), token=form.cleaned_data["token"])
            _passed(request, "totp")
            return _show_codes(request, codes)
    enrolment = enrol_second_factor(by=oneself(request), renew="renew" in request.POST)
    picture = segno.make(enrolment.uri, error="m", micro=False).svg_data_uri(scale=5, border=4, light="#fff")
    secret = " ".join(enrolment.secret[i : i + 4] for i in range(0, len(enrolment.secret), 4))
    context = {"form": form, "picture": picture, "secret": secret, "uri": enrolment.uri, "next": next_of(request)}
    return show(request, "account/factor_new.html", context | {"due": request.factor_due})


def _show_codes(request: Asked, codes: list[str]) -> HttpResponse:
    """Shown this once: never kept by the browser."""
    return show(request, "account/recovery_codes.html", {"codes": codes, "next": next_of(request)})


@page(signed_in=True, methods=("POST",))
def renew_recovery(request: Asked) -> HttpResponse:
    """Ten fresh recovery codes."""
    return _show_codes(request, renew_recovery_codes(by=oneself(request)))


@page(signed_in=True, methods=("POST",))
def remove_factor(request: Asked) -> HttpResponse:
    """Do without, where one's roles allow it."""
    remove_second_factor(by=oneself(request))
    request.session.pop(FACTOR, None)
    return done(request, _("The second factor is removed."), "account:settings")


def factor_state(request: Asked, account: Account) -> dict[str, bool]:
    """What the page of one's account says about it."""
    strong = any(post.role.strong for post in request.posts)
    return {"factor": has_second_factor(account.pk), "factor_required": strong}
