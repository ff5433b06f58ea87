"""The API, version 1: it only grows. Its errors are the refusal codes of the actions.

An error is `{"code", "message", "params"}`: 401 `key-missing` or `key-unknown`, 404 `not-found` (also for what is out of
the key's reach), 409 `conflict`-like states, 413 `body-too-big`, 422 every other refusal.
"""

from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer

from weineng.accounts.actions import note_key_use
from weineng.accounts.queries import actor_of_key, live_keys
from weineng.accounts.rules import key_digests
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import Refused


class Error(Schema):
    """What was refused and why; `params` are the values in the message."""

    code: str
    message: str
    params: dict[str, Any] = {}


class OrjsonRenderer(BaseRenderer):
    """JSON, fast."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


class KeyAuth(HttpBearer):
    """`Authorization: Bearer <key>`: a provider's key."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        key = live_keys().filter(digest__in=key_digests(token)).first() if token else None
        if key is None:
            return None
        actor = actor_of_key(key, "rest")
        note_key_use(by=actor, key=key.pk)
        return actor


api = NinjaAPI(
    title="Weineng",
    version="1",
    renderer=OrjsonRenderer(),
    auth=KeyAuth(),
    urls_namespace="api-v1",
    docs_url=None,
)


def answer(
    request: HttpRequest, status: int, code: str, message: str, params: dict[str, Any] | None = None
) -> HttpResponse:
    """An error in the API's form."""
    return api.create_response(request, {"code": code, "message": message, "params": params or {}}, status=status)


@api.exception_handler(Refused)
def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Every refusal of an action, said the same way everywhere."""
    status = 404 if refusal.code == "not-found" else 422
    message = _(str(refusal.message)) if status == 404 else str(refusal)
    return answer(request, status, refusal.code, message, dict(refusal.params))


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, _error: Exception) -> HttpResponse:
    """The body is larger than the server takes in one call."""
    return answer(request, 413, "body-too-big", _("Send fewer records in one call."))


def actor_of(request: HttpRequest) -> Actor:
    """The actor behind the key of this request."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor
