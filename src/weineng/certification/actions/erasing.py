"""Take the name out of the certificates of people whose erasure was confirmed (a step of the worker)."""

from django.db import transaction

from weineng.audit.effects import record_each
from weineng.certification.actions._issuing import key_in_use
from weineng.certification.models import Certificate
from weineng.certification.rules import nameless
from weineng.certification.signing import sign_claim
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt
from weineng.kernel.sets import empty_fields
from weineng.organisations.effects import read_erasures
from weineng.organisations.queries import records_of, rows_about
from weineng.organisations.reach import require_platform


@transaction.atomic
def erase_from_certification(*, by: Actor) -> int:
    """Sign the claims of people whose erasure was confirmed again, without name and identity number; everything else stays, and
    the certificate goes on verifying. The former signature goes as well: it would tell which name is the right one to whoever
    tries names out. Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    erasures = read_erasures(reader="certification")
    rows = list(rows_about(Certificate, records_of(erasures)).select_for_update(of=("self",)).order_by("pk"))
    if rows:
        key = key_in_use()
        private = decrypt(key.private_cipher or b"")
        for row in rows:
            row.claim, row.key = nameless(row.claim), key
            row.signature = sign_claim(private, row.claim)
        Certificate.objects.bulk_update(rows, ["claim", "key", "signature"])
        empty_fields(rows_about(Certificate, records_of(erasures)), ["revoke_reason"])
    record_each(by=by, verb="certification.erase_person", things=erasures, subject_field="person_id")
    return len(erasures)
