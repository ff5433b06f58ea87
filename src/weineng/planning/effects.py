"""What assessment writes down to planning."""

from weineng.audit.models import Line
from weineng.planning.models import ChosenPoint


def mark_passed(*, cause: Line, enrolment: int, point: str) -> int:
    """A chosen point is passed: it may no longer be dropped. Returns 1, or 0 where it was not chosen."""
    rows = ChosenPoint.objects.filter(choice__enrolment=enrolment, choice__superseded_at__isnull=True, point=point)
    return rows.filter(passed_at__isnull=True).update(passed_at=cause.at)


def unmark_passed(*, cause: Line, enrolment: int, point: str) -> int:  # noqa: ARG001 (every effect names its cause)
    """The result was overturned: the point is open again."""
    rows = ChosenPoint.objects.filter(choice__enrolment=enrolment, choice__superseded_at__isnull=True, point=point)
    return rows.filter(passed_at__isnull=False).update(passed_at=None)
