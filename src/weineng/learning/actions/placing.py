"""Follow what became known late of posts and units: records lie where their person was counted then (a settle step)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import update_rows
from weineng.learning.models import Record
from weineng.organisations.effects import read_changes
from weineng.organisations.queries import Concerned, leaf_at, placed_by

AT_ONCE = 5_000  # changes followed in one transaction


@transaction.atomic
def place_records(*, by: Actor, concerning: Concerned | None = None) -> int:
    """Derive anew the unit of the records that a change of posts or units concerns; returns how many changes were followed.

    A post entered late moves the records of its days and no others. `concerning`: only changes about these. Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    changes = read_changes(reader="learning", most=AT_ONCE, concerning=concerning)
    if not changes:
        return 0
    rows = Record.objects.filter(placed_by(changes, "person", "event_on"), person__isnull=False)
    leaves = rows.order_by().values_list("pk", leaf_at("person", "event_on"))
    if moved := update_rows(Record, leaves, column="unit_id"):
        record(by=by, verb="learning.place", facts={"changes": len(changes), "records": moved})
    return len(changes)
