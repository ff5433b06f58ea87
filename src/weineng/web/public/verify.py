"""Is this certificate real? Anybody asks with its number, its code or the picture of it; no account, and no trace of what
is found."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from weineng.certification.actions import check_certificate
from weineng.certification.queries import Verified
from weineng.certification.rules import LEVELS
from weineng.kernel.refusals import Refused
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import public, show
from weineng.web.shell.sessions import client_address

SHOWN = {  # state → state of the component, word, sentence
    "valid": ("done", _("valid"), _("This certificate is genuine and in force.")),
    "revoked": ("refused", _("revoked"), _("This certificate was issued here, but it no longer holds.")),
    "replaced": ("refused", _("revoked and replaced"), _("This certificate no longer holds; another has taken its place.")),
    "forged": (
        "refused",
        _("not what was signed"),
        _("What is stored under this number is not what was signed. Do not rely on it; tell the issuing office."),
    ),
}  # fmt: skip


class AskForm(forms.Form):
    """What stands on the paper."""

    number = forms.CharField(
        label=_("Number or code of the certificate"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


def shown(found: Verified) -> dict[str, object]:
    """What the templates need of a certificate that was looked up."""
    state, word, sentence = SHOWN[found.state]
    level = LEVELS.get(found.claim.level, found.claim.level) if found.claim else ""
    return {"found": found, "claim": found.claim, "state": state, "word": word, "sentence": sentence, "level": level}


@public
def ask(request: Asked) -> HttpResponse:
    """The form; a number that is known leads to its page."""
    form = AskForm(request.GET if "number" in request.GET else None)
    if not form.is_valid():
        return _answer(request, form)
    found = _look_up(request, form.cleaned_data["number"])
    if isinstance(found, Verified):
        return redirect("public:verified", code=found.code)
    return _answer(request, form, unknown=form.cleaned_data["number"], refusal=found)


@public
def verified(request: Asked, code: str) -> HttpResponse:
    """Every signed field, and whether it holds now."""
    found = _look_up(request, code)
    if isinstance(found, Verified):
        return _unlisted(show(request, "public/verified.html", shown(found)))
    return _answer(request, AskForm(), unknown=code, refusal=found)


def _look_up(request: Asked, typed: str) -> Verified | Refused | None:
    try:
        return check_certificate(by=request.actor, typed=typed, address=client_address(request))
    except Refused as refusal:
        return refusal


def _answer(request: Asked, form: AskForm, *, unknown: str = "", refusal: Refused | None = None) -> HttpResponse:
    status = 429 if refusal else 404 if unknown else 200
    context = {"form": form, "unknown": unknown, "refusal": refusal}
    response = _unlisted(show(request, "public/verify.html", context, status=status))
    if refusal:
        response["Retry-After"] = str(refusal.params["seconds"])
    return response


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Not kept by caches (it may be revoked tomorrow) nor by search engines."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
