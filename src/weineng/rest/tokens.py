"""A token for a key: OAuth 2, client credentials (RFC 6749, 4.4). Answers and errors have the form that its clients read.

The client is the key: its name is the readable part (`wn_` and eight signs), its secret the key itself. The token opens what the
key opens, or less, wherever a key is shown as `Bearer`, for an hour, and ends with the key.
"""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from weineng.accounts.actions import issue_access_token, note_key_use
from weineng.accounts.models import ApiKey
from weineng.accounts.queries import actor_of_key, key_named
from weineng.accounts.rules import TOKEN_VALID, name_and_password
from weineng.kernel.allowance import Allowance
from weineng.kernel.refusals import Refused

BODY = 4096  # bytes: the form has a handful of words
MARKS = str.maketrans({"“": "'", "”": "'", '"': "'", "\\": "/"})
KNOWN = ("grant_type", "scope", "client_id", "client_secret")
tokens = Allowance(0.1, 60)  # one every ten seconds over a while: a token is meant to be kept for its hour


class _Wrong(Exception):  # noqa: N818 (an answer, not a fault)
    """What the request lacks: an error code of RFC 6749 and a sentence."""

    def __init__(self, error: str, says: str, status: int = 400, **more: Any) -> None:
        super().__init__(error)
        self.error, self.says, self.status, self.more = error, says, status, more


@csrf_exempt
def token(request: HttpRequest) -> JsonResponse:
    """Give a token for the key that is shown; the form says `grant_type=client_credentials` and, if less is wanted, `scope`."""
    try:
        with override("en"):
            answer = _answer({
                "token_type": "Bearer", "expires_in": int(TOKEN_VALID.total_seconds()), **_issued(request, _form(request)),
            })  # fmt: skip
    except _Wrong as wrong:
        answer = _answer({"error": wrong.error, "error_description": _plain(wrong.says), **wrong.more}, wrong.status)
    if answer.status_code == 401:
        answer["WWW-Authenticate"] = 'Basic realm="Weineng"'
    return answer


token.public = True  # type: ignore[attr-defined]  # read by the test that walks all addresses


def _plain(text: str) -> str:
    """In the characters that RFC 6749 (5.2) allows: ASCII, neither quotation marks nor backslashes."""
    return text.translate(MARKS).encode("ascii", "replace").decode()


def _form(request: HttpRequest) -> dict[str, str]:
    if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded":
        raise _Wrong("invalid_request", _("Send a form by POST (application/x-www-form-urlencoded)."))
    length = request.META.get("CONTENT_LENGTH") or ""
    if not (length.isdecimal() and int(length) <= BODY):
        raise _Wrong("invalid_request", _("The form is too long, or does not say how long it is."))
    if any(len(request.POST.getlist(name)) > 1 for name in KNOWN):
        raise _Wrong("invalid_request", _("A field was sent twice."))
    form = {name: str(request.POST.get(name, "")) for name in KNOWN}
    if not form["grant_type"]:
        raise _Wrong("invalid_request", _("Tokens are given for “client_credentials” only."))
    if form["grant_type"] != "client_credentials":
        raise _Wrong("unsupported_grant_type", _("Tokens are given for “client_credentials” only."))
    return form


def _issued(request: HttpRequest, form: dict[str, str]) -> dict[str, str]:
    key = _key(request, form)
    try:
        tokens.take(key.pk)
    except Refused as refusal:
        raise _Wrong("temporarily_unavailable", str(refusal), 429, **refusal.params) from refusal
    actor = actor_of_key(key, "rest")
    note_key_use(by=actor, key=key.pk)
    try:
        row, plain = issue_access_token(by=actor, key=key.pk, scopes=form["scope"].split())
    except Refused as refusal:
        raise _Wrong("invalid_scope", str(refusal)) from refusal
    return {"access_token": plain, "scope": " ".join(row.scopes)}


def _key(request: HttpRequest, form: dict[str, str]) -> ApiKey:
    header = request.headers.get("Authorization", "")
    pair = name_and_password(header)
    if header and (form["client_secret"] or pair is None):
        raise _Wrong("invalid_request", _("Show the key in one way: as Basic, or in the form."))
    try:
        return key_named(*(pair or (form["client_id"], form["client_secret"])))
    except Refused as refusal:
        raise _Wrong("invalid_client", str(refusal), 401) from refusal


def _answer(says: dict[str, Any], status: int = 200) -> JsonResponse:
    answer = JsonResponse(says, status=status)
    answer["Cache-Control"], answer["Pragma"] = "no-store", "no-cache"
    if status == 429:
        answer["Retry-After"] = str(says["seconds"])
    return answer
