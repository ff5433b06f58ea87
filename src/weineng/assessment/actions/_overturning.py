"""Put another level in the place of a result, and what follows from that: shared by offices, samples and acceptance."""

from collections.abc import Mapping
from typing import Any

from weineng.assessment.models import Result
from weineng.audit.models import Line
from weineng.evidence.effects import overturn_submission
from weineng.kernel.clock import now
from weineng.planning.effects import mark_passed, unmark_passed
from weineng.programmes.effects import touch


def put_in_place(
    old: Result, level: str, *, source: str, reason: str, detail: Mapping[str, Any] | None = None
) -> Result:
    """Put another level in the place of a result that stands; the caller has looked whether that may be, has it followed
    (`follow_result`) and tells people."""
    Result.objects.filter(pk=old.pk).update(overturned_at=now())
    return Result.objects.create(
        person_id=old.person_id, enrolment=old.enrolment, submission_id=old.submission_id, item=old.item, point=old.point,
        level=level, detail={"before": old.level, **(detail or {})}, decided_at=old.decided_at, decided_on=old.decided_on,
        source=source, overturns=old, reason=reason[:400],
    )  # fmt: skip


def follow_result(line: Line, new: Result) -> None:
    """What other modules must know: the attempt's level, whether the point is passed, and that the numbers change."""
    if new.submission_id is not None:
        overturn_submission(cause=line, submission=new.submission_id, level=new.level)
    if new.item == "point":
        stands = Result.objects.filter(
            enrolment=new.enrolment, item="point", point=new.point, overturned_at__isnull=True
        )
        mark = mark_passed if stands.exclude(level="fail").exists() else unmark_passed
        mark(cause=line, enrolments=[new.enrolment], point=new.point)
    touch(enrolments=[new.enrolment])
