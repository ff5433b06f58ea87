"""What this door promises, as an OpenAPI document for each version: every resource with its methods, parameters, forms and answers.

The methods and the parameters are those of the resources themselves (`door.Verb`); what a parameter is, and how a method answers,
stands here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from weineng.feeds.xapi import shapes
from weineng.feeds.xapi.answers import json_answer
from weineng.feeds.xapi.codes import codes_by_status, told
from weineng.feeds.xapi.dialects import DIALECTS, Dialect
from weineng.feeds.xapi.door import VERSION, Verb

Resources = tuple[tuple[str, str, Mapping[str, Verb]], ...]
JSON = "application/json"
_FLAG = {"type": "string", "enum": ["true", "false"]}
_UUID = {"type": "string", "format": "uuid"}
_IRI = {"type": "string", "format": "iri"}
_INSTANT = {"type": "string", "format": "date-time"}
_NAME = {"type": "string"}
_AGENT = {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Agent"}}}}
# name: (schema or content, what it is)
PARAMETERS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "statementId": (_UUID, "The id of one statement that is not voided."),
    "voidedStatementId": (_UUID, "The id of one statement that is voided."),
    "agent": (_AGENT, "An agent (or, for statements, an identified group), as JSON."),
    "verb": (_IRI, "The id of the verb."),
    "activity": (_IRI, "The id of the activity that is the object."),
    "registration": (_UUID, "The registration."),
    "related_activities": (_FLAG, "Also where the activity stands anywhere else in the statement."),
    "related_agents": (_FLAG, "Also where the agent stands anywhere else in the statement."),
    "since": (_INSTANT, "Only what was stored after this instant."),
    "until": (_INSTANT, "Only what was stored at or before this instant."),
    "limit": ({"type": "integer", "minimum": 0, "maximum": 999_999_999}, "How many at most; 0: as many as a page has."),
    "ascending": (_FLAG, "Oldest first."),
    "format": ({"type": "string", "enum": ["ids", "exact", "canonical"]}, "How much of each statement is shown."),
    "attachments": (_FLAG, "With the files, as multipart/mixed."),
    "activityId": (_IRI, "The id of the activity."),
    "stateId": (_NAME, "The name of the document."),
    "profileId": (_NAME, "The name of the document."),
}  # fmt: skip
SAYS = {
    ("about", "GET"): "Which versions are spoken here.",
    ("statements", "GET"): "One statement, or those that match, newest first.",
    ("statements", "POST"): "Store one statement or an array of them: all or none.",
    ("statements", "PUT"): "Store one statement under an id.",
    ("more", "GET"): "The next page of what was asked for before.",
    ("state", "GET"): "One document of a state, or the names of those in a context.",
    ("state", "PUT"): "Keep a document of a state.",
    ("state", "POST"): "Merge a JSON document into that of a state.",
    ("state", "DELETE"): "Delete one document of a state, or all of a context.",
    ("agents", "GET"): "What is known of an agent: the Person object.",
    ("activities", "GET"): "What is known of an activity.",
}
NEEDED = {
    ("statements", "PUT"): {"statementId"}, ("agents", "GET"): {"agent"}, ("activities", "GET"): {"activityId"},
    **{("state", method): {"activityId", "agent"} for method in ("GET", "DELETE")},
    **{("state", method): {"activityId", "agent", "stateId"} for method in ("PUT", "POST")},
    ("agent-profile", "GET"): {"agent"}, ("activity-profile", "GET"): {"activityId"},
    **{("agent-profile", method): {"agent", "profileId"} for method in ("PUT", "POST", "DELETE")},
    **{("activity-profile", method): {"activityId", "profileId"} for method in ("PUT", "POST", "DELETE")},
}  # fmt: skip


def document(dialect: Dialect, resources: Resources) -> Mapping[str, Any]:
    """The document of one version."""
    paths: dict[str, dict[str, Any]] = {}
    for name, path, verbs in resources:
        for method, verb in verbs.items():
            paths.setdefault(f"/{path}", {})[method.lower()] = _operation(dialect, name, method, verb)
    title = {"title": f"Weineng: Experience API {dialect.version}", "version": dialect.version}
    security = {"basic": {"type": "http", "scheme": "basic"}, "bearer": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0", "info": title, "servers": [{"url": f"/xapi/{dialect.path}"}], "paths": paths,
        "components": {"schemas": shapes.schemas(), "securitySchemes": security}, "x-refusals": [*told()],
    }  # fmt: skip


def _operation(dialect: Dialect, name: str, method: str, verb: Verb) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": f"{method.lower()}-{name}", "tags": [name], "summary": _says(name, method),
        "parameters": [*_headers(dialect, name, method), *_parameters(name, method, verb)], "responses": dict(_responses(name, method)),
    }  # fmt: skip
    if name == "more":
        said["parameters"].append({"name": "word", "in": "path", "required": True, "schema": _NAME})
    if verb.permission is not None:
        said |= {"security": [{"basic": []}, {"bearer": []}], "x-permission": verb.permission.code}
    if method in ("PUT", "POST"):
        said["requestBody"] = {"required": True, "content": _content(name, method)}
    return said


def _says(name: str, method: str) -> str:
    return SAYS.get((name, method)) or SAYS["state", method].replace("a state", f"an {name}")


def _headers(dialect: Dialect, name: str, method: str) -> Iterator[dict[str, Any]]:
    if name != "about":
        spoken = {"type": "string", "pattern": f"^(?:{dialect.takes.pattern})$"}
        yield {"name": VERSION, "in": "header", "required": True, "schema": spoken}
    if name in ("state", "agent-profile", "activity-profile") and method != "GET":
        for header in ("If-Match", "If-None-Match"):
            yield {"name": header, "in": "header", "required": False, "schema": {"type": "string"}}


def _parameters(name: str, method: str, verb: Verb) -> Iterator[dict[str, Any]]:
    for param in sorted(verb.params):
        form, means = PARAMETERS[param]
        shape = dict(form) if "content" in form else {"schema": form}
        needed = param in NEEDED.get((name, method), ())
        yield {"name": param, "in": "query", "required": needed, "description": means, **shape}


def _content(name: str, method: str) -> dict[str, Any]:
    if name == "statements":
        one = {"$ref": "#/components/schemas/Statement"}
        several = {"oneOf": [one, {"type": "array", "items": one}]}
        return {JSON: {"schema": one if method == "PUT" else several}}
    if method == "POST":
        return {JSON: {"schema": {"type": "object"}}}
    whatever = {"schema": {"type": "string", "format": "binary"}}
    return {JSON: {"schema": {"type": "object"}}, "application/octet-stream": whatever}


def _responses(name: str, method: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if method == "GET" or (name, method) == ("statements", "POST"):
        yield "200", {"description": "As asked for.", "content": _answered(name, method)}
    else:
        yield "204", {"description": "Done."}
    if method == "GET" and name in ("state", "agent-profile", "activity-profile", "agents", "activities"):
        yield "304", {"description": "It is still what the caller has."}
    for status, codes in codes_by_status().items():
        error = {"allOf": [{"$ref": "#/components/schemas/Error"}, {"properties": {"code": {"enum": codes}}}]}
        yield str(status), {"description": _REASONS[status], "content": {JSON: {"schema": error}}}


def _answered(name: str, method: str) -> dict[str, Any]:
    if method == "POST":
        return {JSON: {"schema": {"type": "array", "items": _UUID}}}
    known = {"about": "About", "agents": "Person", "activities": "Activity", "more": "Page"}
    if name in known:
        return {JSON: {"schema": {"$ref": f"#/components/schemas/{known[name]}"}}}
    if name == "statements":
        either = [{"$ref": "#/components/schemas/Page"}, {"$ref": "#/components/schemas/Statement"}]
        return {JSON: {"schema": {"anyOf": either}}, "multipart/mixed": {"schema": {"type": "string"}}}
    return {"*/*": {"schema": {}}}  # a document is what was put there; without a name an array of names


_REASONS = {
    400: "Something that was sent is wrong.", 401: "No key, or none that opens.", 403: "The key may not do this.",
    404: "There is no such thing, as far as the key reaches.", 405: "The resource has no such method.",
    409: "Something else stands there.", 411: "The length of the body is not said.", 412: "It is not what the caller thought it was.",
    413: "The body is too large.", 429: "The key calls too often.", 503: "The database does not answer just now.",
}  # fmt: skip


def promised(resources: Resources) -> Any:
    """The view of the documents."""
    made = {dialect: document(dialect, resources) for dialect in DIALECTS}

    @csrf_exempt
    @require_safe
    def view(_request: Any, *, dialect: Dialect) -> HttpResponse:
        return json_answer(made[dialect])

    view.public = True  # type: ignore[attr-defined]  # read by the test that walks all addresses
    return view
