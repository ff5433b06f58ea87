"""A platform tries out its programs: on a date of its own, and from the beginning whenever it likes."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.learning.actions._records import beside_sheets
from weineng.learning.models import Batch, Provider, Reckoning, Record, RecordChange, RefusedRow
from weineng.learning.permissions import DELIVER
from weineng.learning.rules import EARLIEST
from weineng.statements.effects import empty_source

LATEST = date(2100, 1, 1)


@transaction.atomic
def set_server_date(*, by: Actor, provider: str, on: date | None) -> Provider:
    """Set the date of a sandbox's server, which goes on from there day by day; None: today's again. What comes in from now on is
    judged and dated by it.

    Refuses `sandbox-only` for a platform in earnest, `date-out-of-range` before 2000 and after 2099; `provider-busy`; `not-found`
    for a platform not one's own.
    """
    source = _own(by, provider)
    if on is not None and not EARLIEST.date() <= on < LATEST:
        raise Refused("date-out-of-range", _("The date lies before 2000 or after 2099."), field="today")
    source.days_ahead = (on - today()).days if on is not None else 0
    source.save(update_fields=["days_ahead"])
    facts = {"provider": source.code, "days_ahead": source.days_ahead}
    record(by=by, verb="learning.set_server_date", thing=source, facts=facts)
    return source


@transaction.atomic
def empty_sandbox(*, by: Actor, provider: str) -> int:
    """Let go of everything that was sent into a sandbox, records and statements alike, and of what was answered to it; returns how
    many records and statements. Its keys and the date of its server stay.

    Refuses `sandbox-only` for a platform in earnest; `provider-busy`; `not-found` for a platform not one's own.
    """
    source = _own(by, provider)
    records = Record.objects.filter(provider=source)
    facts = {"provider": source.code, "records": records.count()}
    line = record(by=by, verb="learning.empty_sandbox", thing=source, facts=facts)
    said = empty_source(cause=line, code=source.code)
    RecordChange.objects.filter(provider=source).delete()
    gone: int = records._raw_delete(records.db)  # they point to each other
    RefusedRow.objects.filter(batch__provider=source).delete()
    for model in (Batch, Reckoning):
        model.objects.filter(provider=source).delete()
    return gone + said


def _own(by: Actor, code: str) -> Provider:
    if not (DELIVER.code in by.source_permissions and code in by.sources):
        raise NotFound("learning.provider")
    with beside_sheets():
        source = Provider.objects.select_for_update(of=("self",)).filter(code=code).first()
    if source is None:
        raise NotFound("learning.provider")
    if not source.sandbox:
        raise Refused("sandbox-only", _("This key works in earnest; ask the office for one of your sandbox."))
    return source
