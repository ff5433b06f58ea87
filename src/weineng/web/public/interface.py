"""How programs use the platform: the page for engineers, made from the documents that the API and the record store serve of themselves."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from weineng.web.account.forms import SCOPES
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import public, show

DOCUMENT = "/api/v1/openapi.json"
STATEMENTS = "/xapi/2.0/openapi.json"
GROUPS = {
    "providers": _("For training platforms"),
    "programmes": _("For an office's own systems: where people stand"),
    "units": _("For an office's own systems: units and people"),
    "certificates": _("For everybody: is this certificate real?"),
}
TYPES = {
    "string": _("text"),
    "integer": _("whole number"),
    "number": _("decimal number"),
    "boolean": _("true or false"),
    "array": _("list"),
    "object": _("object"),
    "date": _("date"),
    "date-time": _("time with offset"),
}


@dataclass(frozen=True)
class Field:
    """A parameter or a field as the page lists it."""

    name: str
    type: str
    required: bool
    means: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One operation as the page shows it; texts in the reader's language."""

    name: str
    method: str
    path: str
    says: str
    more: str
    permission: str  # what the key must allow; '' where none is needed
    scope: str
    parameters: list[Field]
    sent: list[Field]
    answered: list[Field]
    example_sent: str
    example_answered: str
    codes: list[tuple[int, str]]
    row_codes: list[str]


@public
def interface(request: Asked) -> HttpResponse:
    """How to get a key, a first call, what holds for all calls, every operation, every code."""
    document = _document(DOCUMENT)
    operations = [_operation(document, *found) for found in _operations(document)]
    groups = [
        (title, [operation for tag_of, operation in operations if tag_of == tag]) for tag, title in GROUPS.items()
    ]
    codes = sorted((code, *told) for code, told in meanings().items())
    store = sorted((one["code"], one["status"], gettext(one["means"])) for one in _document(STATEMENTS)["x-refusals"])
    context = {"groups": groups, "codes": codes, "store_codes": store, "site": settings.SITE, "document": DOCUMENT}
    return show(request, "public/interface.html", context)


def meanings() -> dict[str, tuple[int | str, str]]:
    """Every code: its status ('' for one of a single record), and what it means in the reader's language."""
    return {
        refusal["code"]: (refusal.get("status", ""), gettext(refusal["means"]))
        for *_where, found in _operations(_document(DOCUMENT))
        for refusal in (*found.get("x-row-refusals", ()), *found["x-refusals"])
    }


@lru_cache(maxsize=2)
def _document(address: str) -> Mapping[str, Any]:
    """What the API, or the record store, says of itself at this address; it never changes while we run."""
    view, given, named = resolve(address)
    request = HttpRequest()
    request.method, request.path = "GET", address
    return json.loads(view(request, *given, **named).content)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Method, path and what is said of it; of one path what is sent before what is read."""
    for path, methods in document["paths"].items():
        for method in sorted(methods, reverse=True):
            yield method.upper(), path, methods[method]


def _operation(document: Mapping[str, Any], method: str, path: str, found: Mapping[str, Any]) -> tuple[str, Operation]:
    sent = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    answered = found["responses"]["200"]["content"]["application/json"]
    scope = found["x-scope"] or ""
    return found["tags"][0], Operation(
        name=found["operationId"], method=method, path=path, says=gettext(found["summary"]),
        more=gettext(found["description"]) if found.get("description") else "",
        permission=str(SCOPES.get(scope, "")) or gettext(found["x-permission-means"] or "") if found["x-permission"] else "",
        scope=scope,
        parameters=[_field(document, p["name"], p["schema"], required=p["required"]) for p in found["parameters"]],
        sent=list(_fields(document, sent["schema"])) if sent else [], answered=list(_fields(document, answered["schema"])),
        example_sent=_pretty(sent["example"]) if sent else "", example_answered=_pretty(answered["example"]),
        codes=[(refusal["status"], refusal["code"]) for refusal in found["x-refusals"]],
        row_codes=[refusal["code"] for refusal in found.get("x-row-refusals", ())],
    )  # fmt: skip


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any], above: str = "") -> Iterator[Field]:
    """The fields of a form, those inside lists and objects after them: `records[].id`."""
    whole = _resolved(document, schema)
    for name, inner in whole.get("properties", {}).items():
        yield _field(document, f"{above}{name}", inner, required=name in whole.get("required", ()))
        below = _resolved(document, inner)
        if "items" in below:
            yield from _fields(document, below["items"], f"{above}{name}[].")
        else:
            yield from _fields(document, below, f"{above}{name}.")


def _field(document: Mapping[str, Any], name: str, schema: Mapping[str, Any], *, required: bool) -> Field:
    whole = _resolved(document, schema)
    kind = TYPES.get(whole.get("format", ""), TYPES.get(whole.get("type", ""), ""))
    values = tuple(value for value in whole.get("enum", ()) if value)
    means = gettext(schema["description"]) if schema.get("description") else ""
    return Field(name, str(kind), required, means, values if len(values) < MANY else ())


MANY = 12  # more values than this are codes, which have a table of their own


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema without its detour; of what may be null, the part that is not."""
    if "$ref" in schema:
        return _resolved(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    parts = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
    return _resolved(document, parts[0]) if parts else schema


def _pretty(example: Any) -> str:
    return json.dumps(example, ensure_ascii=False, indent=1)
