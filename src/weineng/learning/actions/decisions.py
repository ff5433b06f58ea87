"""What an office decides about single records, each with its way back."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record as write
from weineng.audit.models import Line
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.learning.actions._changes import changed, tell_platforms
from weineng.learning.actions._records import beside_sheets, void_fields
from weineng.learning.models import Decision, Record
from weineng.learning.permissions import DECIDE, VOID
from weineng.notices.effects import notify
from weineng.organisations.effects import refuse_erased
from weineng.organisations.queries import current_person
from weineng.organisations.reach import is_behind
from weineng.programmes.effects import touch_people


@transaction.atomic
def void_record(*, by: Actor, record: int, reason: str) -> Record:
    """Void a record of somebody in one's unit; returns the record that voids it.

    Refuses `reason-missing`, `own-record` (nobody voids or restores their own), `already-voided`, `already-superseded`,
    `person-erased`.
    """
    old = _locked(by, VOID, record, reason)
    if Record.objects.filter(supersedes=old).exists():
        raise Refused("already-superseded", _("This record was corrected already; void the correction."))
    if Record.objects.filter(void_of=old).exists():
        raise Refused("already-voided", _("This record is void already."))
    new = Record.objects.create(**void_fields(old, f"void:{old.pk}", reason, None))
    line = write(by=by, verb="learning.void", thing=old, subject=old.person_id, unit=old.unit_id, reason=reason)
    _follow(line, old, reason, "record-voided")
    tell_platforms(changed("voided", [old]))
    return new


@transaction.atomic
def restore_record(*, by: Actor, record: int, reason: str) -> Record:
    """Take a voiding back: the record stands again, as its next revision with the same content and day of arrival (what came
    in time does not become late by a detour). Its source knows it by the same id, and can correct or void it.

    Refuses `reason-missing`, `own-record`, `not-voided`, `already-restored`, `person-erased`.
    """
    old = _locked(by, VOID, record, reason)
    if not Record.objects.filter(void_of=old).exists():
        raise Refused("not-voided", _("This record is not void."))
    later = Record.objects.filter(provider=old.provider_id, source_id=old.source_id, revision__gt=old.revision)
    if later.exists():
        raise Refused("already-restored", _("This record was restored already."))
    copy = Record.objects.get(pk=old.pk)
    copy.pk, copy._state.adding = None, True
    copy.revision, copy.reason, copy.supersedes = old.revision + 1, reason[:400], None
    try:
        with transaction.atomic():
            copy.save(force_insert=True)
    except IntegrityError as error:  # its source was faster
        raise Refused("already-restored", _("This record was restored already.")) from error
    line = write(by=by, verb="learning.restore", thing=old, subject=old.person_id, unit=old.unit_id, reason=reason)
    _follow(line, old, reason, "record-restored")
    tell_platforms(changed("restored", [copy]))
    return copy


@transaction.atomic
def decide_overlap(*, by: Actor, record: int, reason: str) -> Decision:
    """Decide that a record that overlaps another course does not count (semantics 7).

    Refuses `reason-missing`, `own-record`, `already-decided`, `person-erased`.
    """
    row = _locked(by, DECIDE, record, reason)
    decision, made = Decision.objects.get_or_create(
        record=row, ended_at=None,
        defaults={"verdict": "overlap-rejected", "reason": reason, "by": by.person or 0, "at": now()},
    )  # fmt: skip
    if not made:
        raise Refused("already-decided", _("This has been decided already."))
    line = write(by=by, verb="learning.decide", thing=row, subject=row.person_id, unit=row.unit_id, reason=reason)
    _follow(line, row, reason, "overlap-decided")
    return decision


@transaction.atomic
def end_decision(*, by: Actor, record: int, reason: str) -> None:
    """Take the decision on an overlap back: the record counts again. Refuses `reason-missing`, `own-record`, `not-decided`,
    `person-erased`."""
    row = _locked(by, DECIDE, record, reason)
    if not Decision.objects.filter(record=row, ended_at__isnull=True).update(ended_at=now()):
        raise Refused("not-decided", _("There is no decision to take back."))
    line = write(by=by, verb="learning.end_decision", thing=row, subject=row.person_id, unit=row.unit_id, reason=reason)
    _follow(line, row, reason, "overlap-decision-ended")


def _locked(by: Actor, permission: object, record: int, reason: str) -> Record:
    rows = Record.objects.within(by, permission, changing=True).filter(void_of__isnull=True)  # type: ignore[arg-type]
    with beside_sheets():
        row = get_or_refuse(rows.select_for_update(of=("self",)), pk=record)
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    refuse_long(Record, reason=reason)
    if is_behind(by, row.person_id):
        raise Refused("own-record", _("Somebody else has to decide about your own record."))
    refuse_erased([row.person_id])
    return row


def _follow(line: Line, old: Record, reason: str, event: str) -> None:
    if old.person_id is None:
        return
    touch_people(people=[old.person_id])
    params = {"title": old.title, "reason": reason}
    notify(cause=line, event=event, people=[current_person(old.person_id)], params=params, link="/learning/")
