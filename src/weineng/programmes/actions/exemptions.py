"""Exempt one person from one demand, for some dates, with a reason and a second person (semantics 32)."""

from datetime import date, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.notices.effects import notify
from weineng.organisations.effects import refuse_erased
from weineng.organisations.queries import current_person
from weineng.organisations.reach import is_behind
from weineng.programmes.actions._guards import need, need_reason
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment, Exemption
from weineng.programmes.permissions import EXEMPT
from weineng.programmes.queries import document_of, titles_of

WHOLE = "*"  # the whole programme


@transaction.atomic
def ask_exemption(*, by: Actor, enrolment: int, demand: str, starts: date, ends: date | None, reason: str) -> Exemption:
    """Ask that a demand or gate (its code, or `*` for the whole programme) be taken from somebody on some dates, `ends`
    included.

    It holds once a second person has granted it. Refuses `demand-unknown`, `dates-out-of-order`, `reason-missing`,
    `already-asked`, `person-erased`; `not-found`.
    """
    rows = Enrolment.objects.within(by, EXEMPT, changing=True).select_for_update(of=("self",))
    row = get_or_refuse(rows, pk=enrolment)
    if by.person is None:
        raise NotFound("programmes.enrolment")
    need_reason(reason)
    refuse_erased([row.person_id])
    need(
        demand in {WHOLE, *titles_of(document_of(row.version_id))},
        "demand-unknown",
        _("The programme has no such demand."),
    )
    need(ends is None or ends >= starts, "dates-out-of-order", _("The end is before the start."))
    during = DateRange(starts, ends + timedelta(days=1) if ends else None)
    twice = row.exemptions.filter(demand=demand, ended_at__isnull=True, during__overlap=during).exists()
    need(not twice, "already-asked", _("This exemption has been asked for or granted already on these dates."))
    asked = Exemption.objects.create(
        enrolment=row,
        demand=demand,
        during=during,
        reason=reason.strip()[:400],
        asked_by=by.person,
        asked_for=by.on_behalf_of,
    )
    facts = {"demand": demand, "starts": starts.isoformat(), "ends": ends.isoformat() if ends else None}
    record(
        by=by,
        verb="programmes.ask_exemption",
        thing=asked,
        subject=row.person_id,
        facts=facts,
        personal={"reason": reason},
    )
    return asked


@transaction.atomic
def grant_exemption(*, by: Actor, exemption: int) -> Exemption:
    """Grant it, as a second person: neither the one who asked, nor anybody either acted for, nor the person concerned.

    Refuses `self-approval`, `already-granted`, `exemption-ended`, `person-erased`; `not-found`.
    """
    row = _held(by, exemption)
    if by.person is None or is_behind(by, row.enrolment.person_id, row.asked_by, row.asked_for):
        message = _("Somebody else must grant it: not who asked, not whom it concerns, nor anyone acting for them.")
        raise Refused("self-approval", message)
    need(row.ended_at is None, "exemption-ended", _("This exemption has been ended."))
    need(row.granted_at is None, "already-granted", _("This exemption has been granted already."))
    row.granted_by, row.granted_at = by.person, now()
    row.save(update_fields=["granted_by", "granted_at"])
    touch(enrolments=[row.enrolment_id])
    person = row.enrolment.person_id
    line = record(by=by, verb="programmes.grant_exemption", thing=row, subject=person, facts={"demand": row.demand})
    params = {"demand": _title(row), "reason": row.reason}
    notify(cause=line, event="exemption-granted", people=[current_person(person)], params=params, link="/my/")
    return row


@transaction.atomic
def end_exemption(*, by: Actor, exemption: int, reason: str) -> Exemption:
    """Turn a request down, or take an exemption back: the demand holds again on all its dates.

    Refuses `exemption-ended`, `reason-missing`, `person-erased`; `not-found`.
    """
    row = _held(by, exemption)
    need_reason(reason)
    need(row.ended_at is None, "exemption-ended", _("This exemption has been ended."))
    row.ended_at, row.end_reason = now(), reason.strip()[:400]
    row.save(update_fields=["ended_at", "end_reason"])
    touch(enrolments=[row.enrolment_id])
    person, personal = row.enrolment.person_id, {"reason": reason}
    facts = {"demand": row.demand, "granted": row.granted_at is not None}
    line = record(by=by, verb="programmes.end_exemption", thing=row, subject=person, facts=facts, personal=personal)
    if row.granted_at is not None:
        params = {"demand": _title(row), "reason": reason}
        notify(cause=line, event="exemption-ended", people=[current_person(person)], params=params, link="/my/")
    return row


def _held(by: Actor, exemption: int) -> Exemption:
    rows = Exemption.objects.within(by, EXEMPT, changing=True).select_related("enrolment")
    row = get_or_refuse(rows.select_for_update(of=("self",)), pk=exemption)
    refuse_erased([row.enrolment.person_id])
    return row


def _title(row: Exemption) -> dict[str, str]:
    document = document_of(row.enrolment.version_id)
    return dict(titles_of(document).get(row.demand, document.title))
