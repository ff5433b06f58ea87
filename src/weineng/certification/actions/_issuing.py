"""Sign and store, revoke, and tell: what awarding and deciding share."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import F, Q

from weineng.audit.effects import record_each
from weineng.certification.claims import draft_claims
from weineng.certification.measures import Due
from weineng.certification.models import Certificate, SigningKey
from weineng.certification.rules import REASONS, claim_to_json
from weineng.certification.signing import new_pair, sign_claim
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt, encrypt
from weineng.kernel.clock import now, today
from weineng.kernel.words import spoken
from weineng.notices.effects import Told, notify_each
from weineng.organisations.models import Person
from weineng.organisations.queries import in_force
from weineng.programmes.queries import holders_of

LINK = "/certificates/"


def key_in_use() -> SigningKey:
    """The key that signs; made on first use. Two who make it at once: the second takes the first one's."""
    key = SigningKey.objects.filter(retired_at__isnull=True).first()
    return key or make_key()


def make_key() -> SigningKey:
    """A fresh key, named by the day and how many there are: `2027-1`."""
    private, public = new_pair()
    name = f"{today().year}-{SigningKey.objects.count() + 1}"
    fresh = SigningKey(name=name, public=public, private_cipher=encrypt(private), since=now())
    SigningKey.objects.bulk_create([fresh], ignore_conflicts=True)
    return SigningKey.objects.get(retired_at__isnull=True)


def issue(by: Actor, dues: Sequence[Due], at: datetime, reason: str = "") -> list[Certificate]:
    """Sign and store what is due; each replaces the last one that was revoked for the same thing. Tells each person."""
    if not dues:
        return []
    key = key_in_use()
    private = decrypt(key.private_cipher or b"")
    before = _last_revoked(dues)
    rows = []
    for draft in draft_claims(dues, at):
        plain, due = claim_to_json(draft.claim), draft.due
        rows.append(
            Certificate(
                number=draft.claim.number, code=draft.claim.code, programme_id=due.programme, enrolment_id=due.enrolment,
                person_id=due.person, rule=due.rule, kind=due.kind, point=due.point, level=due.level, claim=plain,
                signature=sign_claim(private, plain), key=key, school_id=draft.school, issued_at=at,
                issued_on=draft.claim.issued_on, replaces_id=before.get((due.programme, due.person, due.rule, due.point)),
            )
        )  # fmt: skip
    issued = Certificate.objects.bulk_create(rows)
    lines = record_each(by=by, verb="certification.issue", things=issued, subject_field="person_id", reason=reason)
    told = [Told(c.person_id, {"number": c.number}, f"certificate:{c.pk}") for c in issued]
    notify_each(cause=lines[0], event="certificate-issued", told=told, link=LINK)
    return issued


def _last_revoked(dues: Sequence[Due]) -> dict[tuple[int, int, str, str], int]:
    """The newest revoked certificate of the same person for the same thing that nothing has replaced yet."""
    current = F("person__merged_into")
    rows = Certificate.objects.filter(revoked_at__isnull=False, replaced_by__isnull=True).filter(
        Q(person__in={due.person for due in dues}) | Q(person__merged_into__in={due.person for due in dues})
    )
    fields = rows.order_by("pk").values_list("programme", "person", current, "rule", "point", "pk")
    return {(programme, into or person, rule, point): pk for programme, person, into, rule, point, pk in fields}


def revoke(by: Actor, certificates: Sequence[Certificate], because: Mapping[int, str], reason: str = "") -> None:
    """End certificates in force; `because` gives each one's code. Tells the teacher and the school's CIO;
    nobody where the person was erased."""
    at = now()
    erased = set(
        Person.objects.filter(certificates__in=certificates, erased_at__isnull=False).values_list("pk", flat=True)
    )
    holders = in_force(certificate.person_id for certificate in certificates)
    for code in sorted(set(because.values())):
        mine = [certificate for certificate in certificates if because[certificate.pk] == code]
        rows = Certificate.objects.filter(pk__in=[certificate.pk for certificate in mine], revoked_at__isnull=True)
        rows.update(revoked_at=at, revoked_because=code, revoke_reason=reason[:400])
        lines = record_each(
            by=by, verb="certification.revoke", things=mine, facts={"because": code}, subject_field="person_id", reason=reason
        )  # fmt: skip
        words, in_charge = spoken(REASONS[code]), holders_of({c.school_id for c in mine if c.school_id}, "cio")
        told = [
            Told(person, {"number": c.number, "reason": words}, f"certificate:{c.pk}")
            for c in mine
            if c.person_id not in erased
            for person in {holders[c.person_id], *in_charge.get(c.school_id or 0, ())}
        ]
        notify_each(cause=lines[0], event="certificate-revoked", told=told, link=LINK)
