"""Is this certificate real? Anybody asks with its number, its code or the picture of it; no account, one query, no trace."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from weineng.certification.queries import Verified, verify
from weineng.certification.rules import LEVELS
from weineng.kernel.refusals import NotFound
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import public, show

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
    if form.is_valid():
        try:
            return redirect("public:verified", code=verify(form.cleaned_data["number"]).code)
        except NotFound:
            return _answer(request, {"form": form, "unknown": form.cleaned_data["number"]}, status=404)
    return _answer(request, {"form": form, "unknown": ""})


@public
def verified(request: Asked, code: str) -> HttpResponse:
    """Every signed field, and whether it holds now."""
    try:
        found = verify(code)
    except NotFound:
        return _answer(request, {"form": AskForm(), "unknown": code}, status=404)
    response = show(request, "public/verified.html", shown(found))
    return _unlisted(response)


def _answer(request: Asked, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    return _unlisted(show(request, "public/verify.html", context, status=status))


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Not kept by caches (it may be revoked tomorrow) nor by search engines."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
