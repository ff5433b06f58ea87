"""The office's decisions about one certificate: revoke it, or put a right one in its place."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.certification.actions._issuing import issue, revoke
from weineng.certification.measures import earned_now
from weineng.certification.models import Certificate
from weineng.certification.permissions import REVOKE
from weineng.certification.queries import certificate_rules
from weineng.certification.rules import BY_HAND, CORRECTIONS
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.effects import erased_among, refuse_erased
from weineng.organisations.queries import current_person
from weineng.organisations.reach import is_behind


@transaction.atomic
def revoke_certificate(*, by: Actor, certificate: int, because: str, reason: str) -> Certificate:
    """End a certificate for good: `because` is issued-in-error or misconduct, `reason` the office's own words.

    The platform issues no other for the same thing by itself, whatever the standing says, until the office re-issues it. Of
    somebody who was erased it can be ended as well, but the words are not kept and nobody is told.
    Refuses `reason-unknown`, `reason-missing`, `own-certificate`, `already-revoked`; `not-found` out of reach.
    """
    row = _to_decide(by, certificate, because, BY_HAND, reason)
    if row.revoked_at is not None:
        raise Refused("already-revoked", _("This certificate was revoked already."))
    words = "" if erased_among([row.person_id]) else reason.strip()
    revoke(by, [row], {row.pk: because}, words)
    row.refresh_from_db()
    return row


@transaction.atomic
def reissue_certificate(*, by: Actor, certificate: int, reason: str, because: str = "wrong-name") -> Certificate:
    """Issue another one for the same thing with today's facts (a corrected name); one in force is revoked with `because`:
    wrong-name or wrong-details. It is also the way back of a revocation by hand, whose own reason stays.

    Refuses `reason-unknown`, `reason-missing`, `own-certificate`, `already-replaced`, `not-earned`, `person-erased`; `not-found` out
    of reach.
    """
    row = _to_decide(by, certificate, because, CORRECTIONS, reason)
    refuse_erased([row.person_id])
    person = current_person(row.person_id)
    same = Certificate.objects.filter(programme=row.programme_id, rule=row.rule, point=row.point, person=person)
    if row.revoked_at is not None and same.filter(revoked_at__isnull=True).exists():
        raise Refused("already-replaced", _("Another certificate has taken its place already."))
    due = earned_now(certificate_rules(), programme=row.programme_id, person=person, rule=row.rule, point=row.point)
    if due is None:
        raise Refused("not-earned", _("What this certificate certifies does not hold at present."))
    if row.revoked_at is None:
        revoke(by, [row], {row.pk: because}, reason.strip())
    return issue(by, [due], now(), reason.strip())[0]


def _to_decide(by: Actor, certificate: int, because: str, allowed: tuple[str, ...], reason: str) -> Certificate:
    rows = Certificate.objects.within(by, REVOKE, changing=True).select_for_update(of=("self",))
    row = get_or_refuse(rows, pk=certificate)
    if because not in allowed:
        raise Refused("reason-unknown", _("Choose one of the reasons."), field="because")
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    if is_behind(by, row.person_id):
        raise Refused("own-certificate", _("Somebody else has to decide about your own certificate."))
    return row
