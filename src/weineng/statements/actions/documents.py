"""Keep, merge and delete documents. Calls for one document take turns, so that what a condition saw is what is changed."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.turns import take_turn
from weineng.statements.actions.sources import open_source
from weineng.statements.models import Agent, Document, Source
from weineng.statements.queries import documents_in, permission_for
from weineng.statements.rules.documents import (
    Condition,
    Context,
    check_condition,
    check_json,
    check_media_type,
    check_name,
    is_json,
    merged,
    place_of,
    tag_of,
)
from weineng.statements.rules.keys import key_of


@transaction.atomic
def keep_document(
    *,
    by: Actor,
    context: Context,
    name: str,
    contents: bytes,
    media_type: str,
    condition: Condition,
    merge: bool = False,
) -> Document:
    """Keep a document, or (`merge`) lay its members over those of the one that is there already.

    Refuses `content-type-unreadable`, `parameter-unreadable` (the name), `document-not-json`, `precondition-failed`,
    `document-exists` and `condition-missing` (as `Care` says), `document-not-object` for what cannot be merged; `not-found` to whom
    the source gave no key for it.
    """
    check_name(name)
    check_media_type(media_type)
    if is_json(media_type):
        check_json(contents)
    source = _source(by, context)
    place = place_of(source.pk, context, name)
    take_turn(f"statements.document {place}")
    row = Document.objects.filter(place=place).first()
    check_condition(condition, tag_of(bytes(row.contents)) if row else None, replacing=not merge)
    if row is None:
        row = Document(
            place=place, source=source, kind=context.kind, agent_id=_agent(source, context), name=name,
            activity=key_of(source.pk, "activity", context.activity) if context.activity else None,
            registration=context.registration,
        )  # fmt: skip
    elif merge:
        contents = _laid_over(row, contents, media_type)
    row.contents, row.media_type, row.changed_at = contents, media_type, now()
    row.save()
    facts = {"kind": context.kind, "bytes": len(contents), "merged": merge}
    record(by=by, verb="statements.keep_document", thing=source, unit=source.unit_id, facts=facts)
    return row


@transaction.atomic
def drop_document(*, by: Actor, context: Context, name: str, condition: Condition) -> bool:
    """Delete a document; returns whether there was one. Refuses `precondition-failed`; `not-found` as `keep_document`."""
    source = _source(by, context)
    place = place_of(source.pk, context, name)
    take_turn(f"statements.document {place}")
    row = Document.objects.filter(place=place).first()
    check_condition(condition, tag_of(bytes(row.contents)) if row else None, replacing=False)
    if row is not None:
        row.delete()
    _record_dropped(by, source, context, int(row is not None))
    return row is not None


@transaction.atomic
def drop_documents(*, by: Actor, context: Context) -> int:
    """Delete all documents of a context; returns how many. Refuses `not-found` as `keep_document`."""
    source = _source(by, context)
    rows = documents_in(by, context).order_by("place").select_for_update(of=("self",))
    count, _each = Document.objects.filter(pk__in=[row.pk for row in rows.only("place")]).delete()
    _record_dropped(by, source, context, count)
    return count


def _source(by: Actor, context: Context) -> Source:
    if not by.holds(permission_for(context.kind)):
        raise NotFound("statements.document")
    return open_source(by=by)


def _agent(source: Source, context: Context) -> int | None:
    """The key of the agent of a context, who is known from now on."""
    if context.agent is None:
        return None
    key = key_of(source.pk, "agent", context.who)
    Agent.objects.get_or_create(key=key, defaults={"source": source, "identifier": context.who})
    return key


def _laid_over(row: Document, contents: bytes, media_type: str) -> bytes:
    if not (is_json(row.media_type) and is_json(media_type)):
        raise Refused("document-not-object", _("Only JSON objects are merged. Replace the document by PUT."))
    return merged(bytes(row.contents), contents)


def _record_dropped(by: Actor, source: Source, context: Context, count: int) -> None:
    facts = {"kind": context.kind, "count": count}
    record(by=by, verb="statements.drop_documents", thing=source, unit=source.unit_id, facts=facts)
