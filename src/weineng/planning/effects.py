"""What assessment writes down to planning."""

from collections.abc import Iterable

from weineng.audit.models import Line
from weineng.planning.models import ChosenPoint


def mark_passed(*, cause: Line, enrolments: Iterable[int], point: str) -> int:
    """A point that these enrolments chose, now or under an earlier choice, is passed: it counts and may no longer be dropped.

    Returns how many choices hold it, 0 where it was never chosen or was passed before."""
    rows = ChosenPoint.objects.filter(choice__enrolment__in=enrolments, point=point)
    return rows.filter(passed_at__isnull=True).update(passed_at=cause.at)


def unmark_passed(*, cause: Line, enrolments: Iterable[int], point: str) -> int:  # noqa: ARG001 (every effect names its cause)
    """The results were overturned: the point is open again in every choice of these enrolments that holds it."""
    rows = ChosenPoint.objects.filter(choice__enrolment__in=enrolments, point=point)
    return rows.filter(passed_at__isnull=False).update(passed_at=None)
