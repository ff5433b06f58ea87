"""Documents of one's own source, and what is known of an agent or an activity where one may read."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from weineng.kernel.actors import Actor, Permission
from weineng.kernel.refusals import NotFound
from weineng.statements.models import Activity, Agent, Document, DocumentQuerySet
from weineng.statements.permissions import KEEP_PROFILE, KEEP_STATE
from weineng.statements.queries.sources import own_source, sources_read
from weineng.statements.rules.activities import together
from weineng.statements.rules.documents import Context, Kind, place_of
from weineng.statements.rules.keys import IDENTIFIERS, identity, key_of


def permission_for(kind: Kind) -> Permission:
    """What one must hold to keep and read documents of a kind."""
    return KEEP_STATE if kind is Kind.STATE else KEEP_PROFILE


def document_at(by: Actor, context: Context, name: str) -> Document:
    """The document of this name in this context; refuses `not-found`, also for what another source keeps."""
    source = own_source(by)
    rows = Document.objects.within(by, permission_for(context.kind))
    row = rows.filter(place=place_of(source.pk, context, name)).first() if source else None
    if row is None:
        raise NotFound("statements.document")
    return row


def documents_in(by: Actor, context: Context, since: datetime | None = None) -> DocumentQuerySet:
    """The documents of a context, in the order of their last change; `since`: only those changed later."""
    source = own_source(by)
    if source is None:
        return Document.objects.none()
    rows = Document.objects.within(by, permission_for(context.kind)).filter(source=source, kind=context.kind)
    if context.agent is not None:
        rows = rows.filter(agent=key_of(source.pk, "agent", context.who))
    if context.activity:
        rows = rows.filter(activity=key_of(source.pk, "activity", context.activity))
    if context.registration is not None:
        rows = rows.filter(registration=context.registration)
    if since is not None:
        rows = rows.filter(changed_at__gt=since)
    return rows.order_by("changed_at", "place")


def person_of_agent(by: Actor, agent: Mapping[str, Any]) -> dict[str, Any]:
    """The Person object of a (valid) agent: its identifier, and every name that it came with where `by` may read."""
    keys = [key_of(source, "agent", identity(agent)) for source in sources_read(by)]
    rows = Agent.objects.filter(key__in=keys).order_by("source")
    told = [name for names in rows.values_list("names", flat=True) for name in names]
    names = dict.fromkeys([*([agent["name"]] if agent.get("name") else []), *told])
    person = {"objectType": "Person"} | ({"name": [*names]} if names else {})
    return person | {kind: [agent[kind]] for kind in IDENTIFIERS if kind in agent}


def described_activity(by: Actor, iri: str) -> dict[str, Any]:
    """The Activity object of an IRI, as it was described where `by` may read; one's own words come before those of others."""
    keys = {key_of(source, "activity", iri) for source in sources_read(by)}
    rows = Activity.objects.filter(key__in=keys).exclude(definition="").order_by("key")
    found = sorted(rows.values_list("source__code", "definition"), key=lambda row: (row[0] in by.sources, row[0]))
    definition: dict[str, Any] = {}
    for _code, text in found:
        definition = together(definition, json.loads(text))
    activity = {"objectType": "Activity", "id": iri}
    return activity | ({"definition": definition} if definition else {})
