"""A platform says what it has in its own books, day by day, so that both can be brought to agree."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import civil_date
from weineng.kernel.refusals import NotFound, Refused
from weineng.learning.models import Provider, Reckoning
from weineng.learning.permissions import DELIVER, IMPORT
from weineng.learning.rules import EARLIEST, Books, now_there
from weineng.organisations.reach import units_within

MOST_DAYS = 400  # of one call
MOST_MINUTES = 10**12


@transaction.atomic
def state_books(*, by: Actor, provider: str, days: Sequence[Books]) -> int:
    """Keep what a platform has in its books of 1 to 400 days, in place of what it said of them before; returns how many days are
    new or other than before.

    Refuses `days-missing`, `too-many-days`, `day-twice`, `day-out-of-range` (before 2000 or still to come), `number-out-of-range`;
    `not-found` for a platform that is not one's own, nor one for which one brings in sheets.
    """
    source = _source(by, provider)
    at = now_there(source.days_ahead)
    _check(days, civil_date(at))
    held = {row.on: row for row in Reckoning.objects.filter(provider=source, on__in=[day.on for day in days])}
    fresh = [day for day in days if day.on not in held or held[day.on].numbers != day.numbers]
    rows = [
        Reckoning(provider=source, on=day.on, records=day.records, minutes=day.minutes, people=day.people, passes=day.passes, said_at=at)
        for day in sorted(fresh, key=lambda day: day.on)
    ]  # fmt: skip
    Reckoning.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["provider", "on"],
        update_fields=["records", "minutes", "people", "passes", "said_at"],
    )  # fmt: skip
    facts = {"provider": source.code, "days": len(days), "changed": len(fresh)}
    record(by=by, verb="learning.state_books", thing=source, unit=source.owner_id, facts=facts)
    return len(fresh)


def _source(by: Actor, code: str) -> Provider:
    own = by.system or (DELIVER.code in by.source_permissions and code in by.sources)
    rows = Provider.objects.filter(code=code)
    row = (rows if own else rows.filter(owner__in=units_within(by, IMPORT))).first()
    if row is None:
        raise NotFound("learning.provider")
    return row


def _check(days: Sequence[Books], today: date) -> None:
    if not days:
        raise Refused("days-missing", _("Send at least one day."), field="days")
    if len(days) > MOST_DAYS:
        raise Refused("too-many-days", _("At most %(most)s days a call."), field="days", most=MOST_DAYS)
    if len({day.on for day in days}) < len(days):
        raise Refused("day-twice", _("A day was sent twice."), field="on")
    for day in days:
        if not EARLIEST.date() <= day.on <= today:
            message = _("“%(on)s” lies before 2000 or in the future.")
            raise Refused("day-out-of-range", message, field="on", on=str(day.on))
        of_rows = (day.records, day.people, day.passes or 0)
        if not (0 <= day.minutes <= MOST_MINUTES and all(0 <= number < 2**31 for number in of_rows)):
            raise Refused("number-out-of-range", _("A number is below 0 or too large."), field="days", on=str(day.on))
