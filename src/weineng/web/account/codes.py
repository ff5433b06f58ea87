"""I have a code: code, is this you, password, done; and the forgotten password."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from weineng.accounts.actions import activate, ask_for_code, note_failure
from weineng.accounts.queries import Holder, holder_of, mail_possible
from weineng.kernel.refusals import Refused
from weineng.web.account.entering import address_is_open, count_failure, enter, nobody_at
from weineng.web.account.forms import CodeForm, NameForm, NewPasswordForm
from weineng.web.account.signing_in import address_locked
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page, public, refusals_on, show

STEPS = (_("Code"), _("Is this you?"), _("Password"))


@public
def enter_by_code(request: Asked) -> HttpResponse:
    """Three screens of one address; the code travels with the form and stands nowhere else.

    The address printed on a slip as a picture carries the code: it opens the second screen at once.
    """
    response = _screen(request) if address_is_open(request) else address_locked(request)
    response.headers["Cache-Control"] = "no-store"  # name and code of somebody stand on it
    return response


def _screen(request: Asked) -> HttpResponse:
    typed = (request.POST if request.method == "POST" else request.GET) or None
    form = CodeForm(typed if typed and "code" in typed else None)
    if not form.is_bound or not form.is_valid():
        return show(request, "account/code.html", {"form": form, "steps": STEPS})
    code = form.cleaned_data["code"]
    holder = holder_of(code)
    if holder is None:
        return _wrong_code(request, form, code)
    if request.method != "POST" or request.POST.get("do") not in ("me", "set"):
        return show(request, "account/is_it_you.html", {"holder": holder, "code": code, "steps": STEPS})
    return _password(request, code, holder)


def _wrong_code(request: Asked, form: CodeForm, code: str) -> HttpResponse:
    count_failure(request)
    note_failure(by=nobody_at(request), name="", what="code")
    with refusals_on(form):  # says which: used, replaced, expired or unknown
        activate(by=nobody_at(request), code=code, password="")
    return show(request, "account/code.html", {"form": form, "steps": STEPS}, status=422)


def _password(request: Asked, code: str, holder: Holder) -> HttpResponse:
    form = NewPasswordForm(request.POST if request.POST.get("do") == "set" else None)
    if form.is_bound and form.is_valid():
        try:
            account = activate(by=nobody_at(request), code=code, password=form.cleaned_data["password"])
        except Refused as refusal:
            form.add_error("password" if refusal.field == "password" else None, str(refusal))
        else:
            request.session["activated"] = not holder.activated
            response = enter(request, account, "code")
            if response.headers["Location"] == "/":
                return redirect("account:activated")
            return response
    return show(request, "account/new_password.html", {"form": form, "holder": holder, "code": code, "steps": STEPS})


@page(signed_in=True)
def activated(request: Asked) -> HttpResponse:
    """Done: what to remember, and the way on."""
    return show(request, "account/activated.html", {"account": request.account})


@public
def forgotten(request: Asked) -> HttpResponse:
    """A forgotten password: a code by mail, or a new slip from the school. The answer is the same for every name."""
    form = NameForm(request.POST or None)
    asked = request.method == "POST" and form.is_valid()
    if asked:
        if not address_is_open(request):
            return address_locked(request)
        count_failure(request)  # who asks for many names is guessing
        ask_for_code(by=nobody_at(request), name=form.cleaned_data["name"])
    return show(request, "account/forgotten.html", {"form": form, "asked": asked, "mail": mail_possible()})
