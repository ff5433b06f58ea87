"""Sign in, sign out, and the demonstration's one click."""

import json

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from weineng.accounts.actions import note_failure
from weineng.accounts.models import Account
from weineng.accounts.queries import joined_name
from weineng.accounts.rules import plain_name
from weineng.kernel.refusals import NotFound
from weineng.web.account.entering import address_is_open, enter, next_of, nobody_at, with_next
from weineng.web.account.forms import SignInForm
from weineng.web.shell.actors import Asked, sign_out
from weineng.web.shell.pages import public, show

# One sentence whatever was wrong: it must not tell whether an account exists or is locked.
WRONG = _(
    "Sign-in name or password is not right. After five failures an account stays closed for 15 minutes; "
    "then try again, or have a new code made."
)

JOINED = _("This account was joined with your other one. Sign in as “%(name)s”, with the password of that one.")


@public
def enter_by_password(request: Asked) -> HttpResponse:
    """Name and password. Who is signed in already goes on."""
    if request.account is not None:
        return redirect(
            with_next(reverse("account:factor"), next_of(request)) if request.factor_due else next_of(request)
        )
    if request.method == "POST" and not address_is_open(request):
        return address_locked(request)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, password = form.cleaned_data["name"], form.cleaned_data["password"]
        account = authenticate(request, username=plain_name(name), password=password)
        if isinstance(account, Account):
            return enter(request, account, "password")
        note_failure(by=nobody_at(request), name=name)
        instead = joined_name(name, password)
        form.add_error(None, JOINED % {"name": instead} if instead else WRONG)
    context = {"form": form, "next": next_of(request), "demo": demo_accounts() if settings.DEMO else []}
    return show(request, "account/sign_in.html", context)


def address_locked(request: Asked, response: HttpResponse | None = None, credentials: object = None) -> HttpResponse:
    """Too many failures from one address: nobody signs in from there for a while. Says nothing about any account."""
    return render(request, "account/address_locked.html", {}, status=429)


@public
def leave(request: Asked) -> HttpResponse:
    """Sign out here."""
    if request.method == "POST" and request.account is not None:
        sign_out(request, request.account, "asked")
    return redirect("public:landing" if request.method == "POST" else "account:sign_in")


def demo_accounts() -> list[dict[str, object]]:
    """Whom the sign-in page of a demonstration offers, as the demonstration wrote it down.

    Rows of `account` (sign-in name), `name`, `says` (words in three languages), `role` (to begin in; '' for oneself).
    """
    try:
        rows = json.loads(settings.DEMO_ACCOUNTS.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    return [{"role": "", **row} for row in rows if {"account", "name", "says"} <= row.keys()]


@public
def enter_demonstration(request: Asked) -> HttpResponse:
    """One click instead of password and second factor: in a demonstration of invented people only, else not found."""
    if not settings.DEMO or request.method != "POST":
        raise NotFound("accounts.account")
    name = plain_name(request.POST.get("account", ""))
    account = Account.objects.select_related("person").filter(name=name, is_active=True).first()
    if account is None:
        raise NotFound("accounts.account")
    return enter(request, account, "demonstration", request.POST.get("role", ""))
