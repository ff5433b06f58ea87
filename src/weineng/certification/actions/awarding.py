"""Award what is earned, revoke what no longer is (a step of the settle loop)."""

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from weineng.certification.actions._issuing import issue, revoke
from weineng.certification.measures import Due, due, reasons_for_loss
from weineng.certification.models import Certificate
from weineng.certification.queries import certificate_rules
from weineng.certification.rules import BY_HAND
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused

MOST_RECENT = 2_000  # certificates of one quick look: the round of `settle` goes on to the next number
MOST = 10_000  # of one whole comparison, which in a province of a million takes longer than they do
_LOCK = "select pg_try_advisory_xact_lock(hashtext('certification'))"


@transaction.atomic
def award_due(*, by: Actor, recent: bool = False) -> int:
    """Make the certificates in force equal to what is earned; returns how many were issued and revoked.

    A certificate whose level or person changed is revoked and replaced. One that the office revoked by hand stays
    revoked: only the office re-issues it. `recent` looks only where a verdict or result changed lately: for every round;
    the whole comparison heals what that leaves out. Running it again writes nothing. Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    rules = certificate_rules()
    if not rules and not Certificate.objects.filter(revoked_at__isnull=True).exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not cursor.fetchone()[0]:
            return 0
    at = now()
    dues = due(rules, by_hand=BY_HAND, now=at, most=MOST_RECENT if recent else MOST, recent=recent)
    gone = [one.certificate for one in dues if one.certificate is not None]
    certificates = list(Certificate.objects.filter(pk__in=gone).select_related("person").order_by("pk"))
    if certificates:
        revoke(by, certificates, _codes(dues, certificates))
    issued = issue(by, [one for one in dues if one.because != "lost"], at)
    return len(certificates) + len(issued)


def _codes(dues: list[Due], certificates: list[Certificate]) -> dict[int, str]:
    """Why each of these is revoked, as a key of `rules.REASONS`."""
    why = {one.certificate: one.because for one in dues if one.certificate is not None}
    lost = reasons_for_loss([pk for pk, because in why.items() if because == "lost"])
    codes = {}
    for certificate in certificates:
        if why[certificate.pk] == "person":
            codes[certificate.pk] = "person-merged" if certificate.person.merged_into_id else "merge-undone"
        else:
            codes[certificate.pk] = lost.get(certificate.pk, "level-changed")
    return codes
