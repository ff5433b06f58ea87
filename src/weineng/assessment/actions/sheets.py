"""Take back what a sheet of results brought in."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.assessment.models import Result, ResultsSheet
from weineng.assessment.permissions import IMPORT
from weineng.assessment.queries import sheets_within
from weineng.audit.effects import record
from weineng.audit.models import Line
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import Hears, counted, get_or_refuse
from weineng.notices.effects import Told, notify_each
from weineng.organisations.queries import in_force
from weineng.organisations.reach import is_behind
from weineng.planning.effects import unmark_passed
from weineng.programmes.effects import touch


@transaction.atomic
def take_back_results(*, by: Actor, sheet: int, reason: str, told: Hears | None = None) -> ResultsSheet:
    """Withdraw every result of a sheet that still stands, as if the sheet had never come: the same rows may come again.
    `told` hears how many of them are withdrawn.

    Results that were overturned since, one by one, and those of people who are within reach no more are left as they are.
    Refuses `reason-missing`, `text-too-long`, `sheet-taken-back`, `nothing-to-take-back`, `own-result` (one's own
    result is among them: somebody else has to); `not-found` out of reach.
    """
    row = get_or_refuse(sheets_within(by).select_for_update(of=("self",)), pk=sheet)
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    refuse_long(ResultsSheet, reason=reason)
    if row.taken_back_at is not None:
        raise Refused("sheet-taken-back", _("This sheet has been taken back already."))
    mine = Result.objects.within(by, IMPORT, changing=True).filter(sheet=row, overturned_at__isnull=True).order_by("pk")
    standing = list(mine.select_for_update(of=("self",)))
    if not standing:
        raise Refused("nothing-to-take-back", _("Nothing that this sheet brought stands any more."))
    if is_behind(by, *(result.person_id for result in standing)):
        raise Refused("own-result", _("Somebody else has to decide about your own result."))
    row.taken_back_at, row.reason = now(), reason
    row.save(update_fields=["taken_back_at", "reason"])
    gone = [result.pk for result in standing]
    Result.objects.filter(pk__in=gone).update(overturned_at=row.taken_back_at)
    per_person = Counter(result.person_id for result in standing)
    facts = {"results": len(standing), "people": len(per_person), "programme": row.programme.code}
    line = record(by=by, verb="assessment.take_back_sheet", thing=row, unit=row.unit_id, facts=facts, reason=reason)
    _open_points(line, [result for result in counted(standing, told) if result.item == "point"])
    touch(enrolments={result.enrolment for result in standing}, lane=1 if len(per_person) > 20 else 0)
    current = in_force(per_person)
    per_reader = Counter(current[result.person_id] for result in standing)
    each = (
        Told(who, {"count": count, "reason": reason}, f"assessment.resultssheet:{row.pk}")
        for who, count in per_reader.items()
    )
    notify_each(cause=line, event="results-taken-back", told=each, link="/my/")
    return row


def _open_points(cause: Line, gone: Iterable[Result]) -> None:
    """Points are open again where no other result passes them."""
    points: dict[str, set[int]] = defaultdict(set)
    for result in gone:
        points[result.point].add(result.enrolment)
    passed = Result.objects.filter(overturned_at__isnull=True, item="point").exclude(level="fail")
    for point, enrolments in sorted(points.items()):
        still = passed.filter(enrolment__in=enrolments, point=point).values_list("enrolment", flat=True)
        unmark_passed(cause=cause, enrolments=enrolments - set(still), point=point)
