"""/xapi/<version>/activities/state, /agents/profile, /activities/profile: documents that a source keeps."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.http import HttpResponse
from django.utils.http import http_date

from weineng.feeds.xapi import parameters
from weineng.feeds.xapi.answers import Plain, empty, json_answer, tagged
from weineng.feeds.xapi.calls import Call, wanted
from weineng.feeds.xapi.door import Verb, View, resource
from weineng.statements.actions import drop_document, drop_documents, keep_document
from weineng.statements.permissions import KEEP_PROFILE, KEEP_STATE
from weineng.statements.queries import document_at, documents_in
from weineng.statements.rules.documents import OTHERWISE, Care, Condition, Context, Kind


@dataclass(frozen=True)
class Shelf:
    """A resource of documents: what they are about, the parameters that say of whom, the one that names a document, and whether
    all of a context may be deleted at once."""

    kind: Kind
    context: frozenset[str]
    name: str
    several: bool = False
    may: frozenset[str] = frozenset()  # parameters of the context that may be left out


STATE = Shelf(Kind.STATE, frozenset({"activityId", "agent"}), "stateId", several=True, may=frozenset({"registration"}))
AGENT = Shelf(Kind.AGENT, frozenset({"agent"}), "profileId")
ACTIVITY = Shelf(Kind.ACTIVITY, frozenset({"activityId"}), "profileId")


def get_documents(shelf: Shelf, call: Call) -> HttpResponse:
    """One document, or the names of those in a context."""
    context, name = _context(shelf, call), call.params.get(shelf.name)
    if name is None:
        return _names(shelf, call, context)
    row = document_at(call.by, context, name)
    response = Plain(bytes(row.contents), content_type=row.media_type)
    # Whatever it says it is: opened in a browser, it runs nothing in our name.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return _dated(tagged(call, response), row.changed_at)


def put_document(shelf: Shelf, call: Call, *, merge: bool = False) -> HttpResponse:
    """Keep what was sent in the place of what is there; `merge`: lay it over that."""
    context, name = _context(shelf, call), wanted(call, shelf.name)
    keep_document(
        by=call.by, context=context, name=name, contents=call.body, media_type=call.content_type or OTHERWISE,
        condition=_condition(call, _care(shelf, call)), merge=merge,
    )  # fmt: skip
    return empty()


def delete_documents(shelf: Shelf, call: Call) -> HttpResponse:
    """Delete one document, or (states) all of a context."""
    context = _context(shelf, call)
    if shelf.several and shelf.name not in call.params:
        drop_documents(by=call.by, context=context)
    else:
        drop_document(by=call.by, context=context, name=wanted(call, shelf.name), condition=_condition(call))
    return empty()


def _names(shelf: Shelf, call: Call, context: Context) -> HttpResponse:
    rows = documents_in(call.by, context, parameters.moment(call.params, "since"))
    found = list(rows.values_list("name", "changed_at"))
    response = tagged(call, json_answer([*dict.fromkeys(name for name, _at in found)]))
    return _dated(response, found[-1][1]) if found else response


def _context(shelf: Shelf, call: Call) -> Context:
    for name in sorted(shelf.context):
        wanted(call, name)
    params = call.params
    return Context(
        shelf.kind,
        agent=parameters.single_agent(params, "agent") if "agent" in params else None,
        activity=parameters.iri(params, "activityId"),
        registration=parameters.uuid(params, "registration") if "registration" in params else None,
    )


def _condition(call: Call, care: Care = Care.NONE) -> Condition:
    return Condition(call.headers.get("If-Match") or "", call.headers.get("If-None-Match") or "", care)


def _care(shelf: Shelf, call: Call) -> Care:
    """1.0.3 lets states be put as they come and asks for a condition on every profile; 2.0 where something is replaced."""
    if call.dialect.careful_states:
        return Care.REPLACING
    return Care.NONE if shelf.kind is Kind.STATE else Care.ALWAYS


def _dated(response: HttpResponse, at: datetime) -> HttpResponse:
    response["Last-Modified"] = http_date(at.timestamp())
    return response


def _resource(shelf: Shelf) -> View:
    permission = KEEP_STATE if shelf.kind is Kind.STATE else KEEP_PROFILE
    params = shelf.context | shelf.may | {shelf.name}
    return resource({
        "GET": Verb(partial(get_documents, shelf), permission, params | {"since"}),
        "PUT": Verb(partial(put_document, shelf), permission, params),
        "POST": Verb(partial(put_document, shelf, merge=True), permission, params),
        "DELETE": Verb(partial(delete_documents, shelf), permission, params),
    })  # fmt: skip


state, agent_profile, activity_profile = (_resource(shelf) for shelf in (STATE, AGENT, ACTIVITY))
