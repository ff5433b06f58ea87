"""The body of a call, understood whole or not at all."""

from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext as _

from weineng.kernel.refusals import Refused


def json_of(request: HttpRequest) -> Any:
    """The body of a call; refuses `length-missing`, `body-not-json`."""
    if request.headers.get("Transfer-Encoding") and not request.headers.get("Content-Length"):
        raise Refused("length-missing", _("Send the length of the body (Content-Length)."))
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Refused("body-not-json", _("The body is not JSON: %(error)s"), error=str(error)) from error


def unread(code: str, message: str, field: str) -> Refused:
    """The refusal of a body for one of its fields."""
    return Refused(code, message % {"field": field}, field=field)
