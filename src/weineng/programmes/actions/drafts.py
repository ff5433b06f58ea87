"""Write a document step by step: a draft of an office, kept as it is, right or wrong, until it is published or thrown away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import Words
from weineng.organisations.reach import is_behind, require_unit
from weineng.programmes.actions._guards import need
from weineng.programmes.actions.programmes import publish_programme
from weineng.programmes.actions.proposals import propose_version
from weineng.programmes.documents import DocumentRefused, editing
from weineng.programmes.documents.lines import (
    Place,
    blank,
    heading_of,
    line_of,
    mark_of,
    readable,
    refining,
    retitled,
)
from weineng.programmes.documents.nodes import LONGEST
from weineng.programmes.models import Draft, Programme, Proposal, Version
from weineng.programmes.permissions import PUBLISH
from weineng.programmes.queries import find_base, latest_version, shipped_plans

A_STRETCH = timedelta(minutes=10)  # of one person's writing leaves one line, however often it is saved


@dataclass(frozen=True)
class Made:
    """What became of a draft: a version, or a change that waits for its second person."""

    version: Version | None = None
    proposal: Proposal | None = None


@transaction.atomic
def begin_draft(
    *, by: Actor, owner: int, origin: str, code: str = "", title: Words | None = None, years: int = 0
) -> Draft:
    """Begin a document that `owner` will run. `origin`: `nothing`, `plan:CODE` (one that comes with the platform), `base:CODE`
    (it refines that base) or `programme:CODE` (one of the office's own, as it stands). A new document gets `code` and `title`;
    `years`: its dates are moved by so many.

    Refuses `unknown-origin`, `code-taken`, `years-too-many`; `not-found` without the permission at the owner.
    """
    require_unit(by, PUBLISH, owner)
    if not -50 <= years <= 50:
        raise Refused("years-too-many", _("At most fifty years."), field="years")
    source = _beginning(owner, origin, code, dict(title or {}))
    source = editing.move_years(source, years) if years else source
    at = now()
    row = Draft.objects.create(
        owner_id=owner, source=source, **heading_of(source), begun_from=origin[:60], begun_at=at, begun_by=by.person,
        edited_at=at, edited_by=by.person,
    )  # fmt: skip
    record(by=by, verb="programmes.begin_draft", thing=row, unit=owner, facts={"origin": origin, "years": years})
    return row


@transaction.atomic
def save_draft(*, by: Actor, draft: int, source: str, revision: int) -> Draft:
    """Keep the whole text, whatever stands in it. `revision` is the one the page was made from.

    Refuses `stale-draft` where somebody else saved meanwhile (nothing of either is lost: theirs is kept, one's own is still on
    the page), `draft-ended`, `too-long`; `not-found`.
    """
    row = _held(by, draft)
    if row.revision != revision:
        raise Refused(
            "stale-draft", _("Somebody else has saved this draft meanwhile; nothing of theirs was overwritten.")
        )
    return _keep(by, row, source)


@transaction.atomic
def write_line(*, by: Actor, draft: int, place: Place, wanted: Mapping[str, Any], seen: str) -> tuple[Draft, Place]:
    """Write one line of a draft: a row of a list (a new one where `place.row` is None) or a part of the document. `seen` is the
    mark of the line as it was shown (`queries.drafts.mark_of`); other lines may have changed meanwhile. Returns where it stands.

    Refuses `stale-line` where somebody else changed this very line (or took it away), `draft-unreadable` (the text is no YAML),
    `draft-ended`; `not-found`.
    """
    row = _held(by, draft)
    need(readable(row.source), "draft-unreadable", _UNREADABLE)
    there = _found(row.source, place, seen)
    if place.is_row and there.row is None:
        text = editing.add_row(row.source, place.section, dict(wanted))
        there = Place(place.section, len(line_of(text, Place(place.section))) - 1)
    elif there.row is not None:
        text = editing.rewrite(row.source, (there.section, there.row), dict(wanted))
    else:
        text = _with_part(row.source, place, wanted)
    return _keep(by, row, text), there


@transaction.atomic
def move_line(*, by: Actor, draft: int, place: Place, seen: str) -> tuple[Draft, Place]:
    """Put a row before the one that stands before it. Refuses as `write_line`."""
    row = _held(by, draft)
    need(readable(row.source), "draft-unreadable", _UNREADABLE)
    there = _found(row.source, place, seen)
    if there.row:
        row = _keep(by, row, editing.raise_row(row.source, there.section, there.row))
        there = Place(there.section, there.row - 1)
    return row, there


@transaction.atomic
def remove_line(*, by: Actor, draft: int, place: Place, seen: str) -> Draft:
    """Take a row, or a whole part of the document, out of a draft. Refuses as `write_line`."""
    row = _held(by, draft)
    need(readable(row.source), "draft-unreadable", _UNREADABLE)
    there = _found(row.source, place, seen)
    if there.row is not None:
        return _keep(by, row, editing.remove_row(row.source, there.section, there.row))
    return _keep(by, row, editing.drop(row.source, place.section))


@transaction.atomic
def discard_draft(*, by: Actor, draft: int) -> Draft:
    """Throw a draft away; it can be taken up again. Refuses `draft-ended`; `not-found`."""
    row = _held(by, draft)
    return _end(by, row, "discarded", "programmes.discard_draft", {})


@transaction.atomic
def restore_draft(*, by: Actor, draft: int) -> Draft:
    """Take up again what was thrown away, or what was published, to go on from there. Refuses `draft-open`; `not-found`."""
    row = get_or_refuse(Draft.objects.within(by, PUBLISH, changing=True).select_for_update(of=("self",)), pk=draft)
    need(row.state != "open", "draft-open", _("This draft is being written already."))
    row.state, row.ended_at = "open", None
    row.save(update_fields=["state", "ended_at"])
    record(by=by, verb="programmes.restore_draft", thing=row, unit=row.owner_id)
    return row


@transaction.atomic
def publish_draft(*, by: Actor, draft: int, revision: int, reason: str = "", everybody: bool = False) -> Made:
    """Publish what is written; for a programme that has started it becomes a proposal, with its reason, that a second person
    confirms. `revision` is the one that was shown.

    Refuses `stale-draft`, `draft-ended`, everything that `publish_programme` and `propose_version` refuse; `not-found`.
    """
    row = _held(by, draft)
    need(
        row.revision == revision, "stale-draft", _("This draft was changed since it was shown; look at it again first.")
    )
    file = f"{row.code or 'programme'}.yaml"
    running = Programme.objects.filter(code=row.code, owner=row.owner_id, started_on__isnull=False).first()
    if running is not None:
        made = Made(
            proposal=propose_version(
                by=by, source=row.source, everybody=everybody, reason=reason, file=file, programme=running.pk
            )
        )
    else:
        made = Made(version=publish_programme(by=by, source=row.source, owner=row.owner_id, file=file).version)
    became = made.version or made.proposal
    facts = {"as": became._meta.model_name, "number": became.pk} if became is not None else {}
    _end(by, row, "published", "programmes.publish_draft", facts)
    return made


_UNREADABLE = _("The text of this draft is not YAML; mend it in the text first.")


def _beginning(owner: int, origin: str, code: str, title: Words) -> str:
    kind, _colon, of = origin.partition(":")
    if kind == "programme":
        return latest_version(get_or_refuse(Programme.objects.filter(owner=owner), code=of).pk).source
    if Programme.objects.filter(code=code).exists():
        raise Refused("code-taken", _("There is a programme with this code already."), field="code")
    if kind == "plan" and of in shipped_plans():
        return retitled(shipped_plans()[of], code, title)
    if kind == "base":
        try:
            return refining(of, code, title, find_base)
        except DocumentRefused as refused:
            raise Refused("unknown-origin", _("Say what to begin with."), field="origin") from refused
    if kind != "nothing":
        raise Refused("unknown-origin", _("Say what to begin with."), field="origin")
    return blank(code, title)


def _held(by: Actor, draft: int) -> Draft:
    row = get_or_refuse(Draft.objects.within(by, PUBLISH, changing=True).select_for_update(of=("self",)), pk=draft)
    need(row.state == "open", "draft-ended", _("This draft was published or thrown away already."))
    return row


def _found(text: str, place: Place, seen: str) -> Place:
    """Where the line of this mark stands now: rows above it may have come or gone. Refuses `stale-line`."""
    if place.row is None and place.is_row:
        return place
    if mark_of(text, place) == seen:
        return place
    if place.row is not None:
        rows = line_of(text, Place(place.section)) or []
        for number in range(len(rows)):
            if mark_of(text, Place(place.section, number)) == seen:
                return Place(place.section, number)
    raise Refused("stale-line", _("Somebody else has changed this line meanwhile; nothing of theirs was overwritten."))


def _with_part(text: str, place: Place, wanted: Mapping[str, Any]) -> str:
    """The text with a part of the document, or with the single lines that stand at its top."""
    if place.section != Place.TOP:
        stays = wanted or place.may_be_empty
        return editing.put(text, place.section, dict(wanted)) if stays else editing.drop(text, place.section)
    for key in line_of(text, place).keys() - wanted.keys():
        text = editing.drop(text, key)
    for key, value in wanted.items():
        text = editing.put(text, key, value)
    return text


def _keep(by: Actor, row: Draft, source: str) -> Draft:
    source = source.replace("\r\n", "\n")
    if len(source) > LONGEST:
        raise Refused("too-long", _("The document is longer than %(limit)s characters."), field="source", limit=LONGEST)
    if source == row.source:
        return row
    goes_on = is_behind(by, row.edited_by) and now() - row.edited_at < A_STRETCH and row.revision > 1
    Draft.objects.filter(pk=row.pk).update(
        source=source, revision=F("revision") + 1, edited_at=now(), edited_by=by.person, **heading_of(source)
    )
    row.refresh_from_db()
    if not goes_on:
        record(by=by, verb="programmes.edit_draft", thing=row, unit=row.owner_id, facts={"revision": row.revision})
    return row


def _end(by: Actor, row: Draft, state: str, verb: str, facts: Mapping[str, Any]) -> Draft:
    row.state, row.ended_at = state, now()
    row.save(update_fields=["state", "ended_at"])
    record(by=by, verb=verb, thing=row, unit=row.owner_id, facts={"code": row.code, **facts})
    return row
