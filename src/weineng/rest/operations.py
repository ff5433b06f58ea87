"""How an operation of the API is declared: with the permission it asks for, every code it refuses with, and an example.

    @operation(router, "GET", "/{provider}/records", permission=VIEW, scope="records.read", answers=PageOut,
               says=gettext_noop("Read back what you delivered."), refuses=("limit-out-of-range",))
    def read_back(request, provider: str, cursor: str = ""): ...

What is declared here stands in the document (`/api/v1/openapi.json`) and on the page made from it; tests hold every
operation to it.
"""

import functools
import inspect
import json
import re
from collections.abc import Callable, Collection, Sequence
from datetime import date
from importlib.resources import files
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Query, Router, Schema
from ninja.constants import NOT_SET
from pydantic import WithJsonSchema

from weineng.kernel.actors import Permission
from weineng.kernel.refusals import Refused
from weineng.rest.refusals import MEANINGS, status_of

View = Callable[..., Any]
# What is sent and what is answered to it: tests do so and compare, word for word.
EXAMPLES = json.loads((files("weineng.rest") / "data/examples.json").read_text(encoding="utf-8"))
MOST = 1_000  # records of a call, rows of a page
CURSOR = Query(
    "", pattern="^[0-9]{0,18}$", description=gettext_noop("“next” of the page before; empty for the first one.")
)
LIMIT = Query(200, ge=1, le=MOST, description=gettext_noop("How many rows a page has at most."))
PAGED = ("parameter-unreadable", "limit-out-of-range", "cursor-unknown")
Day = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date"})
]  # as it is written, '' for none; see `day_of`
REFERENCE = "#/components/schemas/{model}"
WITH_KEY = ("key-missing", "key-unknown", "key-revoked", "key-expired", "token-expired", "too-many-calls")


def day_of(text: str, parameter: str, default: date) -> date:
    """The day that a parameter names; refuses `parameter-unreadable` for one that is in no calendar."""
    try:
        return date.fromisoformat(text) if text else default
    except ValueError as error:
        message = _("A parameter of the address cannot be read; “parameter” names it.")
        raise Refused("parameter-unreadable", message, parameter=parameter) from error


class Error(Schema):
    """What was refused and why; `params` are the values in the message."""

    code: str
    message: str
    params: dict[str, Any] = {}


def operation(
    router: Router,
    method: str,
    path: str,
    *,
    says: str,
    more: str = "",
    permission: Permission | None,
    scope: str = "",
    answers: type[Schema],
    refuses: Sequence[str] = (),
    rows_refuse: Sequence[str] = (),
    body: type[Schema] | None = None,
) -> Callable[[View], View]:
    """Declare an operation.

    `says`: the sentence above it, `more`: what stands below. `permission` (None: open to everybody, without a key) and the
    `scope` of a key that gives it ('': every key of an office has it). `refuses`: codes of the whole call besides those of every call
    with a key and `not-found`; `rows_refuse`: codes inside an answer of 200. `body`: what is sent, where the view reads it by itself. Its
    examples are those under the view's name in data/examples.json.
    """

    codes = [*(WITH_KEY if permission else ()), "not-found", *(("parameter-unknown",) if permission else ()), *refuses]
    statuses = dict.fromkeys(status_of(code) for code in codes)
    said: dict[str, Any] = {
        "x-permission": permission.code if permission else None,
        "x-permission-means": permission.says if permission else None,
        "x-scope": scope or None,
        "x-refusals": [{"status": status_of(code), "code": code, "means": MEANINGS[code]} for code in codes],
    }
    if rows_refuse:
        said["x-row-refusals"] = [{"code": code, "means": MEANINGS[code]} for code in rows_refuse]

    def declare(view: View) -> View:
        examples = EXAMPLES[view.__name__]
        extra = said | {"responses": {200: {"content": {"application/json": {"example": examples["answers"]}}}}}
        if body is not None:
            content = {"schema": body.model_json_schema(ref_template=REFERENCE), "example": examples["sends"]}
            extra["requestBody"] = {"required": True, "content": {"application/json": content}}
        known = {*inspect.signature(view).parameters} - {"request", "response", *re.findall(r"{(\w+)}", path)}
        view.permission = permission  # type: ignore[attr-defined]  # read by the test that walks all addresses
        return router.api_operation(
            [method], path, auth=NOT_SET if permission else None, response={200: answers, **dict.fromkeys(statuses, Error)},
            operation_id=view.__name__, summary=says, description=more or None, openapi_extra=extra,
        )(_whole(view, known) if permission else view)  # fmt: skip

    return declare


def _whole(view: View, known: Collection[str]) -> View:
    """The view of a call whose query is understood whole or not at all: a misspelt filter would answer with everything."""

    @functools.wraps(view)
    def understood(request: HttpRequest, *given: Any, **parameters: Any) -> Any:
        if unknown := sorted(request.GET.keys() - known):
            message = _("There is no such parameter here; “parameter” names it. Nothing is ignored silently.")
            raise Refused("parameter-unknown", message, parameter=unknown[0][:40])
        return view(request, *given, **parameters)

    return understood
