"""Take back what a sheet of hours brought in."""

from collections import Counter

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import Hears, copy_objects, get_or_refuse, in_parts
from weineng.learning.actions._changes import changed, tell_platforms
from weineng.learning.actions._records import beside_sheets, void_fields
from weineng.learning.models import HoursSheet, Provider, Record
from weineng.learning.queries import sheets_within
from weineng.notices.effects import Told, notify_each
from weineng.organisations.queries import in_force
from weineng.organisations.reach import is_behind
from weineng.programmes.effects import touch_people

AT_ONCE = 1_000  # records that are voided with one statement


@transaction.atomic
def take_back_hours(*, by: Actor, sheet: int, reason: str, told: Hears | None = None) -> HoursSheet:
    """Void every record of a sheet that still stands, as if the sheet had never come: the same rows may come again. `told`
    hears how many of them are voided; without it, somebody waits and `provider-busy` is refused where a sheet of the platform
    is on its way for longer than seconds.

    Records that were corrected or voided since, one by one, are left as they are. Refuses `reason-missing`,
    `text-too-long`, `sheet-taken-back`, `nothing-to-take-back`, `own-record` (one's own is among them: somebody else has to);
    `not-found` for a sheet of a platform not one's own.
    """
    with beside_sheets(patient=told is not None):
        return _take_back(by, sheet, reason, told)


def _take_back(by: Actor, sheet: int, reason: str, told: Hears | None) -> HoursSheet:
    rows = sheets_within(by)
    source = Provider.objects.filter(pk__in=rows.filter(pk=sheet).order_by().values("provider"))
    list(source.select_for_update(of=("self",), no_key=True))  # no delivery meanwhile
    row = get_or_refuse(rows.select_for_update(of=("self",)), pk=sheet)
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    refuse_long(HoursSheet, reason=reason)
    if row.taken_back_at is not None:
        raise Refused("sheet-taken-back", _("This sheet has been taken back already."))
    standing = _standing(row)
    if not standing:
        raise Refused("nothing-to-take-back", _("Nothing that this sheet brought stands any more."))
    if is_behind(by, *(old.person_id for old in standing)):
        raise Refused("own-record", _("Somebody else has to decide about your own record."))
    row.taken_back_at, row.reason = now(), reason
    row.save(update_fields=["taken_back_at", "reason"])
    for number, part in enumerate(in_parts(standing, AT_ONCE), start=1):
        copy_objects([Record(**void_fields(old, f"void:{old.pk}", reason, None), with_sheet=True) for old in part])
        if told is not None:
            told(min(number * AT_ONCE, len(standing)), len(standing))
    per_person = Counter(old.person_id for old in standing if old.person_id is not None)
    facts = {"records": len(standing), "minutes": sum(old.minutes for old in standing), "people": len(per_person)}
    line = record(
        by=by, verb="learning.take_back_sheet", thing=row, unit=row.provider.owner_id, facts=facts, reason=reason
    )
    touch_people(people=per_person, lane=1 if len(per_person) > 20 else 0)
    current = in_force(per_person)
    per_reader = Counter(current[old.person_id] for old in standing if old.person_id is not None)
    each = (
        Told(who, {"source": row.provider.name, "count": count, "reason": reason}, f"learning.hourssheet:{row.pk}")
        for who, count in per_reader.items()
    )
    notify_each(cause=line, event="hours-taken-back", told=each, link="/learning/")
    tell_platforms(changed("voided", standing))
    return row


def _standing(sheet: HoursSheet) -> list[Record]:
    """What the sheet brought and still stands, locked. Locked first and looked at then: an office may just be voiding or
    restoring one, and what it restores is a further row."""
    brought = Record.objects.filter(batch__sheet=sheet, void_of__isnull=True).order_by("pk")
    before, locked = -1, 0
    while locked != before:
        before, locked = locked, len(brought.select_for_update(of=("self",)).values_list("pk"))
    return list(brought.in_force())
