"""Follow what became known late of posts, units and people (a settle step): records lie where their person was counted then,
and after a merge was taken back with the person whom their source had named."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import update_rows
from weineng.learning.actions._changes import merges_changed, tell_platforms
from weineng.learning.models import Record
from weineng.learning.queries import parting_of
from weineng.organisations.effects import read_changes
from weineng.organisations.models import Merge
from weineng.organisations.queries import Concerned, leaf_at, placed_by
from weineng.programmes.effects import touch_people

AT_ONCE = 5_000  # changes followed in one transaction


@transaction.atomic
def place_records(*, by: Actor, concerning: Concerned | None = None) -> int:
    """Derive anew the unit of the records that a change of posts or units concerns; returns how many changes were followed.

    A post entered late moves the records of its days and no others. Where a merge was taken back, what had arrived in the
    meantime goes to the other person if it names their number. Platforms are told of people of theirs who are one, or no longer.
    `concerning`: only changes about these. Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    changes = read_changes(reader="learning", most=AT_ONCE, concerning=concerning)
    if not changes:
        return 0
    edited = {change.person_id for change in changes if change.person_id is not None and change.during is None}
    _part(by, edited)
    rows = Record.objects.filter(placed_by(changes, "person", "event_on"), person__isnull=False)
    leaves = rows.order_by().values_list("pk", leaf_at("person", "event_on"))
    if moved := update_rows(Record, leaves, column="unit_id"):
        record(by=by, verb="learning.place", facts={"changes": len(changes), "records": moved})
    tell_platforms(merges_changed(edited))
    return len(changes)


def _part(by: Actor, people: Collection[int]) -> None:
    merges = Merge.objects.filter(Q(kept__in=people) | Q(gone__in=people), undone_at__isnull=False).order_by("-pk")
    for merge in merges:
        theirs = [row.pk for row in parting_of(merge).theirs]
        if not theirs:
            continue
        Record.objects.filter(Q(pk__in=theirs) | Q(void_of__in=theirs)).update(person=merge.gone_id)
        touch_people(people=[merge.kept_id, merge.gone_id])
        facts = {"records": len(theirs), "kept": merge.kept_id, "gone": merge.gone_id}
        record(by=by, verb="learning.part", thing=merge, subject=merge.gone_id, facts=facts)
