"""What this door answers: JSON, refusals with the status that the specification wants, headers that every answer has."""

from typing import Any

import orjson
from django.http import HttpResponse

from weineng.feeds.xapi.calls import Call
from weineng.feeds.xapi.codes import status_of
from weineng.kernel.refusals import Refused
from weineng.statements.rules.documents import tag_of, tags_in


class Plain(HttpResponse):
    """An answer that is sent as it is: compressed, it would have another tag than the document it shows."""

    as_is = True


def json_answer(content: Any, status: int = 200) -> HttpResponse:
    """An answer in JSON."""
    return Plain(orjson.dumps(content), status=status, content_type="application/json")


def tagged(call: Call, response: HttpResponse) -> HttpResponse:
    """The answer with the tag of its content; only that it is still the same (304), where the call names this tag."""
    tag = tag_of(response.content)
    if tag in tags_in(call.headers.get("If-None-Match") or ""):
        response = Plain(status=304)
    response["ETag"] = f'"{tag}"'
    return response


def empty(status: int = 204) -> HttpResponse:
    """An answer without content."""
    return Plain(status=status)


def refused(refusal: Refused) -> HttpResponse:
    """A refusal: its status, and `code`, `message`, `params` as everywhere."""
    params = dict(refusal.params) | ({"field": refusal.field} if refusal.field else {})
    content = {"code": refusal.code, "message": str(refusal), "params": {k: str(v) for k, v in params.items()}}
    response = json_answer(content, status_of(refusal.code))
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Basic realm="xAPI", charset="UTF-8"'
    if response.status_code in (429, 503):
        response["Retry-After"] = str(params.get("seconds", 10))
    return response
