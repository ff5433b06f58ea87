"""Say whose records are, of which nobody knows the person: by the number by which their source names them."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record as write
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.learning.actions._changes import merges_met, people_changed, tell_platforms
from weineng.learning.actions._records import placed
from weineng.learning.models import Naming, Record
from weineng.learning.queries import nameable, named_alike, namings_within, unknown_within
from weineng.organisations.effects import end_number, give_number, refuse_erased
from weineng.organisations.permissions import EDIT_PEOPLE
from weineng.organisations.reach import is_behind, require_person, same_people
from weineng.organisations.rules import Number
from weineng.programmes.effects import touch_people


@transaction.atomic
def name_person(*, by: Actor, record: int, person: int) -> int:
    """Say who it is whom a platform names by a number that nobody has: the number becomes one of the person's, and all records
    under it are theirs, those still to come too. Returns how many records there are now.

    Refuses `not-by-number` (numbers of staff are kept with the post), `own-record` (nobody decides that records are their own),
    `person-known`, `number-taken`, `identity-number-wrong` (the platform has to correct it), `person-erased`; `not-found` for a
    record or a person out of reach.
    """
    row = get_or_refuse(unknown_within(by).select_for_update(of=("self",)), pk=record)
    who = require_person(by, EDIT_PEOPLE, person)
    if is_behind(by, who.pk):
        raise Refused("own-record", _("Somebody else has to decide about your own record."))
    if not nameable(row.person_type):
        message = _("Numbers of staff are kept with the post; enter it there.")
        raise Refused("not-by-number", message)
    refuse_erased([who.pk])
    number = Number(row.person_type, decrypt(row.person_cipher or b"").decode())
    facts = {"type": row.person_type, "provider": row.provider.code}
    gone = Naming.objects.filter(person_type=row.person_type, person_digest=row.person_digest, ended_at__isnull=True)
    gone.update(ended_at=now())  # the number was taken from them elsewhere, else the record would have found them
    naming = Naming.objects.create(
        provider=row.provider, person=who, person_type=row.person_type, person_digest=row.person_digest, by=by.person, at=now()
    )  # fmt: skip
    line = write(
        by=by, verb="learning.name_person", thing=naming, subject=who.pk, unit=row.provider.owner_id, facts=facts
    )
    give_number(cause=line, person=who.pk, number=number)
    theirs = list(named_alike(row).filter(person__isnull=True).select_for_update(of=("self",)).order_by("pk"))
    for one in theirs:
        one.person_id = who.pk
    Record.objects.bulk_update(placed(theirs), ("person", "unit"), batch_size=1_000)
    touch_people(people=[who.pk])
    tell_platforms([*people_changed("person-found", theirs), *merges_met(theirs)])
    return len(theirs)


@transaction.atomic
def unname_person(*, by: Actor, naming: int, reason: str) -> int:
    """Take back whom a platform means by a number: it is no longer the person's, and the records under it are nobody's again.
    Returns how many there are.

    Refuses `reason-missing`, `text-too-long`, `naming-ended`, `own-record`; `not-found` out of reach.
    """
    row = get_or_refuse(namings_within(by).select_for_update(of=("self",)), pk=naming)
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    refuse_long(Naming, reason=reason)
    if row.ended_at is not None:
        raise Refused("naming-ended", _("This has been taken back already."))
    who = require_person(by, EDIT_PEOPLE, row.person_id)
    if is_behind(by, who.pk):
        raise Refused("own-record", _("Somebody else has to decide about your own record."))
    refuse_erased([who.pk])
    row.ended_at, row.reason = now(), reason
    row.save(update_fields=["ended_at", "reason"])
    line = write(
        by=by, verb="learning.unname_person", thing=row, subject=who.pk, unit=row.provider.owner_id,
        facts={"type": row.person_type, "provider": row.provider.code}, reason=reason,
    )  # fmt: skip
    end_number(cause=line, person=who.pk, type=row.person_type, digest=row.person_digest)
    theirs = Record.objects.filter(person_type=row.person_type, person_digest=row.person_digest)
    lost = list(theirs.filter(person__in=same_people([who.pk])).select_for_update(of=("self",)).order_by("pk"))
    Record.objects.filter(pk__in=[one.pk for one in lost]).update(person=None, unit=None)
    touch_people(people=[who.pk])
    tell_platforms(people_changed("person-lost", lost))
    return len(lost)
