"""Change a programme that has started: one person proposes a document, the worker looks whom it concerns, a second confirms.

Nothing that was is rewritten: records, results and past verdicts keep the version they were judged by (semantics 36).
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.audit.models import Line
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.notices.effects import Told, notify, notify_each
from weineng.organisations.reach import is_behind, require_platform, units_within
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
from weineng.programmes.documents import DocumentRefused, Reading, check_document, from_json, to_json
from weineng.programmes.effects import touch
from weineng.programmes.models import EnrolledSchool, Enrolment, Programme, Proposal, Version
from weineng.programmes.permissions import PUBLISH
from weineng.programmes.queries import (
    approved_lines,
    find_base,
    find_points,
    holders_of,
    latest_version,
    stale_look,
)
from weineng.programmes.rules import Document

MOST = 5_000  # enrolments moved a round: as many as one drain recounts
OFFICE = ("office",)
IN_CHARGE = ("cio", "principal")


@transaction.atomic
def propose_version(
    *, by: Actor, source: str, everybody: bool, reason: str, file: str = "programme.yaml", programme: int | None = None
) -> Proposal:
    """Propose another document (YAML) for a programme that has started; `everybody`: those who take part already move to it
    too, else it holds for new enrolments. `programme`: the one it must be a document of.

    The worker looks whom it would concern; a second person then confirms it (`confirm_version`). Refuses `document-wrong` with
    every problem, `other-programme`, `reason-missing`, `programme-not-started`, `programme-closed`, `proposal-waits`,
    `nothing-changes`, `batch-missing` (schools take part in a phase it no longer has), `standard-unknown`,
    `points-above-standard`, `excluded-unknown`, `excluded-in-circle`, `lines-contradict` (some of the roster could never pass);
    `not-found` out of reach.
    """
    return _read_and_propose(by, source, file, programme, everybody=everybody, reason=reason)


@transaction.atomic
def propose_former(*, by: Actor, programme: int, version: int, everybody: bool, reason: str) -> Proposal:
    """The way back: propose the document of a former version (its number) again, as it is folded with its base today.

    Refuses as `propose_version`; `not-found` for a number that was not published.
    """
    row = get_or_refuse(Programme.objects.filter(owner__in=units_within(by, PUBLISH)), pk=programme)
    former = get_or_refuse(Version.objects.filter(programme=row), number=version)
    return _read_and_propose(by, former.source, f"{row.code}.yaml", row.pk, everybody=everybody, reason=reason)


@transaction.atomic
def confirm_version(*, by: Actor, proposal: int, look: str) -> Proposal:
    """Confirm a change, as a second person: neither who proposed it nor anybody either acted for. `look` is the mark of the
    look one has seen. From now on enrolments start under it; everybody else is moved by the worker if it is for everybody.

    Refuses `self-approval`, `proposal-ended`, `look-missing`, `stale-look` (it was looked at again, another day, or too many
    standings have changed since), `stale-proposal` (another version, or another one of the base, was published), `programme-closed`,
    `excluded-in-circle` (another programme excludes this one meanwhile), `lines-contradict` (some of the roster, as it is by now, could
    never pass); `not-found`.
    """
    row = _held(by, proposal)
    _refuse_proposer(by, row)
    need(row.programme.closed_on is None, "programme-closed", _("The programme is closed; reopen it first."))
    _refuse_overtaken(row)
    if (stale := stale_look(row, look)) is not None:
        raise stale
    document = from_json(row.document)
    excludes_in_one_direction(document)
    can_be_met(document, row.programme.owner_id or 0, row.programme_id)
    last = latest_version(row.programme_id)
    row.version = last if last.digest == row.digest else _publish(by, row)
    row.decided_by, row.decided_for = by.person, by.on_behalf_of
    row.state, row.ended_at = "confirmed", now()
    row.applied_at = None if row.everybody else row.ended_at
    row.save()
    facts = {"version": row.version.number, "everybody": row.everybody, "look": row.look}
    line = record(
        by=by, verb="programmes.confirm_version", thing=row, unit=row.programme.owner_id, facts=facts, reason=row.reason
    )
    _tell_office(line, row, "version-confirmed", {"number": row.version.number})
    return row


@transaction.atomic
def refuse_version(*, by: Actor, proposal: int, reason: str) -> Proposal:
    """Turn a change down, as a second person. Refuses `reason-missing`, `self-approval` (who proposed it withdraws it),
    `proposal-ended`; `not-found`."""
    row = _held(by, proposal)
    need_reason(reason)
    refuse_long(Proposal, end_reason=reason.strip())
    _refuse_proposer(by, row)
    row.decided_by, row.decided_for = by.person, by.on_behalf_of
    row.state, row.ended_at, row.end_reason = "refused", now(), reason.strip()
    row.save()
    line = record(
        by=by, verb="programmes.refuse_version", thing=row, unit=row.programme.owner_id, reason=row.end_reason
    )  # fmt: skip
    _tell_office(line, row, "version-refused", {"reason": row.end_reason})
    return row


@transaction.atomic
def withdraw_version(*, by: Actor, proposal: int) -> Proposal:
    """Take one's own proposal back while it waits. Refuses `not-your-proposal`, `proposal-ended`; `not-found`."""
    row = _held(by, proposal)
    if not is_behind(by, row.proposed_by, row.proposed_for):
        raise Refused("not-your-proposal", _("Somebody else proposed this; refuse it instead, and say why."))
    row.state, row.ended_at = "withdrawn", now()
    row.save()
    record(by=by, verb="programmes.withdraw_version", thing=row, unit=row.programme.owner_id)
    return row


@transaction.atomic
def look_again(*, by: Actor, proposal: int) -> Proposal:
    """Have the worker look once more whom a waiting change would concern. Refuses `proposal-ended`; `not-found`."""
    row = _held(by, proposal)
    if row.looks_asked == row.looks_made:
        row.looks_asked, row.gone = F("looks_asked") + 1, 0
        row.save(update_fields=["looks_asked", "gone"])
        record(by=by, verb="programmes.look_again", thing=row, unit=row.programme.owner_id)
    return row


@transaction.atomic
def move_enrolments(*, by: Actor) -> int:
    """Move those who take part to a version that was confirmed for everybody, so many a round, and have them recounted (a step
    of the settle loop); at the end the schools of those whose verdict changes are told. Returns how many were moved or told.
    Refuses `platform-only`."""
    require_platform(by)
    waiting = Proposal.objects.filter(state="confirmed", applied_at__isnull=True).order_by("pk")
    row = waiting.select_related("programme", "version").select_for_update(of=("self",), skip_locked=True).first()
    if row is None or row.version is None:
        return 0
    older = Version.objects.filter(programme=row.programme_id, number__lt=row.version.number)
    left = Enrolment.objects.filter(programme=row.programme_id, version__in=older.values("pk"))
    people = list(left.order_by("pk").values_list("pk", flat=True)[:MOST])
    if people:
        Enrolment.objects.filter(pk__in=people).update(version=row.version)
        touch(enrolments=people, lane=1)
        Proposal.objects.filter(pk=row.pk).update(moved=F("moved") + len(people))
        return len(people)
    row.applied_at = now()
    row.save(update_fields=["applied_at"])
    facts = {"version": row.version.number, "people": row.moved}
    line = record(
        by=by, verb="programmes.apply_version", thing=row, unit=row.programme.owner_id, facts=facts, reason=row.reason
    )
    return 1 + _tell_schools(line, row)


@transaction.atomic
def forget_looks(*, by: Actor) -> int:
    """Throw away the rows of looks at changes that are in force or were turned down (a step of the worker); the sums stay.
    Returns of how many. Refuses `platform-only`."""
    require_platform(by)
    over = Proposal.objects.exclude(state="proposed").exclude(state="confirmed", applied_at__isnull=True)
    rows = list(over.filter(looks_made__gt=0, schools__isnull=False).distinct().order_by("pk")[:5])
    for row in rows:
        row.previewed.all()._raw_delete(row.previewed.db)
        row.schools.all()._raw_delete(row.schools.db)
    return len(rows)


def _read_and_propose(
    by: Actor, source: str, file: str, programme: int | None, *, everybody: bool, reason: str
) -> Proposal:
    need_reason(reason)
    refuse_long(Proposal, reason=reason.strip())
    reading = check_document(source, find_base, file, find_points, approved_lines(source))
    if reading.problems:
        raise DocumentRefused(reading.problems)
    found = Programme.objects.filter(code=reading.programme).values_list("pk", flat=True).first()
    if programme is not None and found != programme:
        message = _("This document is one of another programme (%(programme)s).")
        raise Refused("other-programme", message, field="source", programme=reading.programme)
    row = _held_running(by, found or 0)
    if reading.document is None:
        raise NotFound("programmes.programme")
    return _propose(by, row, reading, reading.document, source, everybody=everybody, reason=reason.strip())


def _propose(
    by: Actor, row: Programme, reading: Reading, document: Document, source: str, *, everybody: bool, reason: str
) -> Proposal:
    fits_standard(document)
    excludes_in_one_direction(document)
    can_be_met(document, row.owner_id or 0, row.pk)
    _keeps_batches(row, document)
    last = latest_version(row.pk)
    content = to_json(document)
    digest = last.digest if says_the_same(last, digest_of(content), document) else digest_of(content)
    others = Enrolment.objects.filter(programme=row).exclude(version=last)
    if digest == last.digest and not (everybody and others.exists()):
        raise Refused("nothing-changes", _("This very document is in force already."), field="source")
    if Proposal.objects.filter(programme=row, state="proposed").exists():
        raise Refused("proposal-waits", _("Another change waits to be confirmed; decide about it first."))
    made = Proposal.objects.create(
        programme=row, against=last, source=source, document=content, digest=digest, base=base_of(reading), base_code=reading.base,
        everybody=everybody, reason=reason, proposed_by=by.person, proposed_for=by.on_behalf_of, proposed_at=now(),
    )  # fmt: skip
    facts = {"digest": digest, "everybody": everybody, "against": last.number}
    line = record(by=by, verb="programmes.propose_version", thing=made, unit=row.owner_id, facts=facts, reason=reason)
    _tell_office(line, made, "version-proposed", {"reason": reason})
    return made


def _keeps_batches(row: Programme, document: Document) -> None:
    batches = {phase.code for phase in document.phases if phase.batch}
    taking = EnrolledSchool.objects.filter(programme=row, until__isnull=True).order_by("batch")
    gone = sorted(set(taking.values_list("batch", flat=True)) - batches)
    if gone:
        message = _("Schools take part in a phase that this document does not have as a batch: %(batches)s.")
        raise Refused("batch-missing", message, field="source", batches=", ".join(gone))


def _publish(by: Actor, row: Proposal) -> Version:
    made = make_version(
        by, row.programme, source=row.source, content=row.document, digest=row.digest, base_code=row.base_code, base=row.base,
        reason=row.reason,
    )  # fmt: skip
    Programme.objects.filter(pk=row.programme_id).update(title=row.document["title"])
    return made


def _held_running(by: Actor, programme: int) -> Programme:
    rows = Programme.objects.filter(owner__isnull=False, owner__in=units_within(by, PUBLISH))
    row = get_or_refuse(rows.select_for_update(of=("self",)), pk=programme)
    need(row.started_on is not None, "programme-not-started", _("The programme has not been started."))
    need(row.closed_on is None, "programme-closed", _("The programme is closed; reopen it first."))
    return row


def _held(by: Actor, proposal: int) -> Proposal:
    """A proposal that waits, through reach, with its programme, both locked."""
    rows = Proposal.objects.within(by, PUBLISH, changing=True).select_related("programme")
    row = get_or_refuse(rows.select_for_update(of=("self", "programme")), pk=proposal)
    need(row.state == "proposed", "proposal-ended", _("This change has been decided or withdrawn already."))
    return row


def _refuse_proposer(by: Actor, row: Proposal) -> None:
    if by.person is None or is_behind(by, row.proposed_by, row.proposed_for):
        text = _("Somebody else has to decide: neither who proposed it, nor anyone acting for them.")
        raise Refused("self-approval", text)


def _refuse_overtaken(row: Proposal) -> None:
    """What was compared and looked at must be what is confirmed."""
    base = (
        Version.objects.filter(programme__code=row.base_code).order_by("-number").values_list("pk", flat=True).first()
    )
    if latest_version(row.programme_id).pk != row.against_id or (row.base_code and base != row.base_id):
        text = _("Another version, of the programme or of its base, was published meanwhile; propose the change anew.")
        raise Refused("stale-proposal", text)


def _tell_office(line: Line, row: Proposal, event: str, params: Mapping[str, Any]) -> None:
    people = holders_of([row.programme.owner_id or 0], *OFFICE).get(row.programme.owner_id or 0, set())
    known = {"programme": row.programme.title, **params}
    notify(cause=line, event=event, people=people, params=known, link="/programmes/")


def _tell_schools(line: Line, row: Proposal) -> int:
    """The heads of the schools where verdicts change, how many do there."""
    schools = dict(row.schools.filter(verdicts__gt=0).order_by("pk").values_list("unit", "verdicts"))
    told = [
        Told(person, {"programme": row.programme.title, "count": schools[school]}, f"proposal:{row.pk}:{school}")
        for school, people in holders_of(schools, *IN_CHARGE).items()
        for person in sorted(people)
    ]
    return notify_each(cause=line, event="version-applied", told=told, link="/") if told else 0
