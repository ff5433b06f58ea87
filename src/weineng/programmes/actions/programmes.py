"""Publish a document, start, close and reopen a programme."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.reach import holds_at_root, require_unit, units_within
from weineng.programmes.actions._guards import need, need_reason
from weineng.programmes.actions._publishing import (
    base_of,
    can_be_met,
    digest_of,
    excludes_in_one_direction,
    fits_standard,
    make_version,
    says_the_same,
)
from weineng.programmes.documents import DocumentRefused, Reading, check_document, to_json
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment, Programme, Version
from weineng.programmes.permissions import PUBLISH
from weineng.programmes.queries import approved_lines, document_of, find_base, find_points, latest_version


@dataclass(frozen=True)
class Publication:
    """What publishing did: `unchanged` if this very document is the one in force already."""

    version: Version
    unchanged: bool


@transaction.atomic
def publish_programme(*, by: Actor, source: str, owner: int | None = None, file: str = "programme.yaml") -> Publication:
    """Publish a document (YAML) as the next version of its programme, which `owner` (a unit) runs.

    Once the programme has started another document is proposed (`propose_version`), not published. A base (`abstract`) has no owner and is
    published at a root of the tree. Refuses `document-wrong` with every problem, `standard-unknown`,
    `points-above-standard`, `excluded-unknown` (a programme of `exclusive_with`), `excluded-in-circle` (it excludes this one),
    `lines-contradict` (some of the roster could never pass), `owner-missing`, `owner-differs`, `programme-closed`,
    `needs-proposal`; `not-found` without the permission at the owner.
    """
    reading = check_document(source, find_base, file, find_points, approved_lines(source, owner))
    if reading.problems:
        raise DocumentRefused(reading.problems)
    programme = _programme_for(by, reading, owner)
    content = to_json(reading.document) if reading.document else {"abstract": True, "source": source}
    digest = digest_of(content)
    last = Version.objects.filter(programme=programme).order_by("-number").first()
    if last is not None and says_the_same(last, digest, reading.document):
        return Publication(last, unchanged=True)
    if programme.started_on is not None:
        raise Refused(
            "needs-proposal", _("The programme has started: propose the change, so that a second person confirms it.")
        )
    version = make_version(
        by, programme, source=source, content=content, digest=digest, base_code=reading.base, base=base_of(reading)
    )
    if programme.title != dict(reading.title or {}):
        _set(programme, title=dict(reading.title or {}))
    return Publication(version, unchanged=False)


def _programme_for(by: Actor, reading: Reading, owner: int | None) -> Programme:
    """The programme of a document, locked; made on its first publication, by one at a time."""
    title = dict(reading.title or {})
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('programmes.publish'), hashtext(%s))", [reading.programme]
        )
    programme = Programme.objects.select_for_update(of=("self",)).filter(code=reading.programme).first()
    if reading.abstract:
        if not holds_at_root(by, PUBLISH):
            raise NotFound("programmes.programme")
        owner = None
    else:
        owner = owner if owner is not None or programme is None else programme.owner_id
        if owner is None:
            raise Refused("owner-missing", _("Say which unit runs the programme."), field="owner")
        require_unit(by, PUBLISH, owner)
        if reading.document:
            fits_standard(reading.document)
            excludes_in_one_direction(reading.document)
            can_be_met(reading.document, owner, programme.pk if programme else None)
    if programme is None:
        return Programme.objects.create(code=reading.programme, owner_id=owner, title=title)
    if programme.owner_id != owner:
        raise Refused(
            "owner-differs", _("The programme “%(programme)s” is run by another unit."), programme=programme.code
        )
    if programme.closed_on is not None:
        raise Refused("programme-closed", _("The programme is closed; reopen it first."))
    return programme


@transaction.atomic
def start_programme(*, by: Actor, programme: int, confirm_assumptions: bool, version: int | None = None) -> Programme:
    """Start a programme: from now on schools and people can be enrolled.

    The office confirms the assumed lines of the document; `version` is the number of the version it was shown (default:
    the last). Refuses `programme-started`, `programme-closed`, `assumptions-not-confirmed`, `stale-version`.
    """
    row = _held(by, programme)
    if row.started_on is not None:
        raise Refused("programme-started", _("The programme has been started already."))
    last = latest_version(row.pk)
    if version is not None and version != last.number:
        raise Refused("stale-version", _("A newer version was published meanwhile; read its assumptions first."))
    assumed = [a.path for a in document_of(last.pk).assumptions]
    if assumed and not confirm_assumptions:
        message = _("%(count)s lines are not in the plan's text and were assumed; confirm them first.")
        raise Refused("assumptions-not-confirmed", message, field="confirm_assumptions", count=len(assumed))
    _set(row, started_on=today())
    facts = {"version": last.number, "assumptions": assumed}
    record(by=by, verb="programmes.start", thing=row, unit=row.owner_id, facts=facts)
    return row


@transaction.atomic
def undo_start_programme(*, by: Actor, programme: int, reason: str) -> Programme:
    """Take a start back, while nobody is enrolled. Refuses `programme-not-started`, `people-enrolled`, `reason-missing`."""
    row = _held(by, programme)
    need(row.started_on is not None, "programme-not-started", _("The programme has not been started."))
    need_reason(reason)
    count = Enrolment.objects.filter(programme=row).count()
    if count:
        raise Refused("people-enrolled", _("%(count)s people are enrolled already."), count=count)
    _set(row, started_on=None)
    record(by=by, verb="programmes.undo_start", thing=row, unit=row.owner_id, reason=reason)
    return row


@transaction.atomic
def close_programme(*, by: Actor, programme: int) -> Programme:
    """Close a programme: whoever has not passed by now is judged so (semantics 24).

    Refuses `programme-not-started`, `programme-closed`, `cut-off-not-reached`: what happens up to the cut-off counts.
    """
    row = _held(by, programme)
    need(row.started_on is not None, "programme-not-started", _("The programme has not been started."))
    need(row.closed_on is None, "programme-closed", _("The programme is closed already."))
    cut_off = document_of(latest_version(row.pk).pk).cycle.cut_off
    if today() <= cut_off:
        message = _("The programme can be closed after its cut-off (%(cut_off)s).")
        raise Refused("cut-off-not-reached", message, cut_off=cut_off.isoformat())
    _set(row, closed_on=today())
    _touch_everybody(row)
    record(by=by, verb="programmes.close", thing=row, unit=row.owner_id)
    return row


@transaction.atomic
def reopen_programme(*, by: Actor, programme: int, reason: str) -> Programme:
    """Take a closing back: nobody is judged `not passed` any more. Refuses `programme-open`, `reason-missing`."""
    row = _held(by, programme)
    need(row.closed_on is not None, "programme-open", _("The programme is not closed."))
    need_reason(reason)
    before = row.closed_on
    _set(row, closed_on=None)
    _touch_everybody(row)
    facts = {"closed_on": before.isoformat() if before else None}
    record(by=by, verb="programmes.reopen", thing=row, unit=row.owner_id, facts=facts, reason=reason)
    return row


def _held(by: Actor, programme: int) -> Programme:
    rows = Programme.objects.filter(owner__isnull=False, owner__in=units_within(by, PUBLISH))
    return get_or_refuse(rows.select_for_update(of=("self",)), pk=programme)


def _set(row: Programme, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def _touch_everybody(row: Programme) -> None:
    touch(enrolments=Enrolment.objects.filter(programme=row).values_list("pk", flat=True), lane=1)
