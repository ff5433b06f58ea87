"""The API, version 1: it only grows. Its errors are the refusal codes of the actions (rest/refusals.py).

An error is `{"code", "message", "params"}`: 401 for the key, 404 `not-found` (also for what is out of the key's reach), 413
`body-too-big`, 429 for calls and guesses that are too many (with Retry-After), 422 every other refusal; 503 and 500 where it is
our fault. The document of all operations is served in English and committed as docs/api/v1.json.
"""

import logging
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.crypto import get_random_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer

from weineng.accounts.actions import note_key_use
from weineng.accounts.queries import actor_of_key, key_shown
from weineng.kernel.actors import Actor
from weineng.kernel.allowance import Allowance
from weineng.kernel.refusals import NotFound, Refused
from weineng.rest.refusals import MEANINGS, status_of

logger = logging.getLogger(__name__)
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
calls = Allowance(settings.API_CALLS_A_SECOND, settings.API_CALLS_AT_ONCE)


class OrjsonRenderer(BaseRenderer):
    """JSON, fast."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


class KeyAuth(HttpBearer):
    """`Authorization: Bearer <key>`: the key of a machine, or a token it was given for it (`rest/tokens.py`)."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        key = key_shown(token)
        calls.take(key.pk)
        actor = actor_of_key(key, "rest")
        note_key_use(by=actor, key=key.pk)
        return actor


class Api(NinjaAPI):
    """The operations, and the document that describes them."""

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """The document: always in English, each error with the codes it can have."""
        with translation.override("en"):
            document = _plain(super().get_openapi_schema(**given))
        for operations in document["paths"].values():
            for operation in operations.values():
                _name_codes(operation)
                for part in operation.get("requestBody", {}).get("content", {}).values():
                    document["components"]["schemas"] |= part["schema"].pop("$defs", {})
        if not document["servers"]:
            del document["servers"]  # the address it was asked at
        return document


def _plain(value: Any) -> Any:
    """Said in the language of the moment, without the titles that the schema's generator makes up from names."""
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Mapping):
        kept = {str(key): inner for key, inner in value.items() if not (key == "title" and _made_up(value))}
        return {key: inner if key == "example" else _plain(inner) for key, inner in kept.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _made_up(schema: Mapping[str, Any]) -> bool:
    return isinstance(schema["title"], str) and bool({"type", "anyOf", "$ref", "properties"} & schema.keys())


def _name_codes(operation: dict[str, Any]) -> None:
    """Into the schema of each error: the codes that this operation refuses with."""
    if operation["x-permission"] is None:
        operation["security"] = []
    for status, response in operation["responses"].items():
        codes = [refusal["code"] for refusal in operation["x-refusals"] if str(refusal["status"]) == status]
        if codes:
            form = response["content"]["application/json"]
            form["schema"] = {"allOf": [form["schema"], {"properties": {"code": {"enum": codes}}}]}
            response["description"] = ", ".join(codes)


api = Api(
    title="Weineng",
    version="1",
    description=gettext_noop(
        "Version 1 only grows: nothing that is in it is taken away or changes its meaning. Expect new fields and new codes."
    ),
    renderer=OrjsonRenderer(),
    auth=KeyAuth(),
    urls_namespace="api-v1",
    docs_url=None,
)


def answer(request: HttpRequest, code: str, message: str, params: Mapping[str, Any] | None = None) -> HttpResponse:
    """An error in the API's form."""
    response = api.create_response(
        request, {"code": code, "message": message, "params": dict(params or {})}, status=status_of(code)
    )
    if response.status_code == 401:
        response["WWW-Authenticate"] = "Bearer"
    if response.status_code in (429, 503):
        response["Retry-After"] = str((params or {}).get("seconds", 10))
    return response


@api.exception_handler(Refused)
def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Every refusal of an action, said the same way everywhere."""
    message = _(str(refusal.message)) if refusal.code == "not-found" else str(refusal)
    at = {"field": refusal.field} if refusal.field else {}
    return answer(request, refusal.code, message, {**refusal.params, **at})


@api.exception_handler(AuthenticationError)
def no_key(request: HttpRequest, _error: Exception) -> HttpResponse:
    """The call shows no key at all."""
    return answer(request, "key-missing", _(MEANINGS["key-missing"]))


@api.exception_handler(ValidationError)
def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A part of the address that cannot be read: of its path, there is no such thing; of its query, a wrong value."""
    fault = error.errors[0]
    source, parameter = (str(part) for part in fault["loc"][:2])
    if source == "path":
        return refused(request, NotFound())
    code = "parameter-unreadable"
    if parameter == "cursor":
        code = "cursor-unknown"
    elif parameter == "limit" and str(fault["type"]).endswith("_than_equal"):
        code = "limit-out-of-range"
    return answer(request, code, _(MEANINGS[code]), {"parameter": parameter})


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, _error: Exception) -> HttpResponse:
    """The body is larger than the server takes in one call."""
    return answer(request, "body-too-big", _("Send fewer records in one call."))


@api.exception_handler(OperationalError)
def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """The database does not answer."""
    logger.error("database: %s", error)
    return answer(request, "unavailable", _(MEANINGS["unavailable"]))


@api.exception_handler(Exception)
def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """Our fault: the whole story is in the log, under a reference."""
    reference = get_random_string(8, SIGNS)
    logger.error("reference %s: %s", reference, request.path, exc_info=error)
    return answer(request, "broken", _(MEANINGS["broken"]), {"reference": reference})


def actor_of(request: HttpRequest) -> Actor:
    """The actor behind the key of this request."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor
