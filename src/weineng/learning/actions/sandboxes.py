"""A platform tries out its programs: on a date of its own, and from the beginning whenever it likes."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.accounts.rules import SANDBOX
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.learning.actions._records import beside_sheets
from weineng.learning.models import Batch, HoursSheet, Provider, Reckoning, Record, RecordChange, RefusedRow
from weineng.learning.permissions import DELIVER, MANAGE_PROVIDERS
from weineng.learning.rules import EARLIEST
from weineng.organisations.reach import units_within
from weineng.statements.effects import empty_source

LATEST = date(2100, 1, 1)


@transaction.atomic
def set_server_date(*, by: Actor, provider: str, on: date | None) -> Provider:
    """Set the date of a sandbox's server, which goes on from there day by day; None: today's again. What comes in from now on is
    judged and dated by it.

    Refuses `sandbox-only` for a platform in earnest, `date-out-of-range` before 2000 and after 2099; `provider-busy`; `not-found`
    for a platform that one neither is nor manages.
    """
    source = _own(by, provider)
    if on is not None and not EARLIEST.date() <= on < LATEST:
        raise Refused("date-out-of-range", _("The date lies before 2000 or after 2099."), field="today")
    source.days_ahead = (on - today()).days if on is not None else 0
    source.save(update_fields=["days_ahead"])
    facts = {"provider": source.code, "days_ahead": source.days_ahead}
    record(by=by, verb="learning.set_server_date", thing=source, unit=_office(by, source), facts=facts)
    return source


@transaction.atomic
def empty_sandbox(*, by: Actor, provider: str) -> int:
    """Let go of everything that was sent into a sandbox, records and statements alike, and of what was answered to it; returns how
    many records and statements. Its keys and the date of its server stay.

    Refuses `sandbox-only` for a platform in earnest; `provider-busy`; `not-found` for a platform that one neither is nor manages.
    """
    source = _own(by, provider)
    records = Record.objects.filter(provider=source)
    facts = {"provider": source.code, "records": records.count()}
    line = record(by=by, verb="learning.empty_sandbox", thing=source, unit=_office(by, source), facts=facts)
    said = empty_source(cause=line, code=source.code)
    RecordChange.objects.filter(provider=source).delete()
    gone: int = records._raw_delete(records.db)  # they point to each other
    RefusedRow.objects.filter(batch__provider=source).delete()
    for model in (Batch, HoursSheet, Reckoning):
        model.objects.filter(provider=source).delete()
    return gone + said


def _office(by: Actor, source: Provider) -> int | None:
    """Whose log it stands in where an office did it: that of the one that admitted the platform; a sandbox has none."""
    return None if by.sources else Provider.objects.filter(pk=-source.pk).values_list("owner", flat=True).first()


def _own(by: Actor, code: str) -> Provider:
    own = DELIVER.code in by.source_permissions and code in by.sources
    managed = Provider.objects.filter(code=code.removesuffix(SANDBOX), owner__in=units_within(by, MANAGE_PROVIDERS))
    if not (own or managed.exists()):
        raise NotFound("learning.provider")
    with beside_sheets():
        source = Provider.objects.select_for_update(of=("self",)).filter(code=code).first()
    if source is None:
        raise NotFound("learning.provider")
    if not source.sandbox:
        raise Refused("sandbox-only", _("This key works in earnest; ask the office for one of your sandbox."))
    return source
