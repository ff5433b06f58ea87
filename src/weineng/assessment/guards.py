"""What goes on here that keeps somebody from being erased, and a declaration from being withdrawn."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.assessment.models import Assignment, Result
from weineng.evidence.models import Submission
from weineng.kernel.refusals import Refused


def refuse_reviewers(people: Collection[int]) -> None:
    """Refuse `still-reviewing` while a dossier that is open waits for the review of one of these people."""
    waiting = Assignment.objects.filter(
        reviewer__in=people, state__in=("assigned", "opened"), run__dossier__state="open"
    )
    if waiting.exists():
        text = _("Dossiers wait for the review of this person. Give them to somebody else first.")
        raise Refused("still-reviewing", text)


def refuse_results(enrolments: Collection[int], points: Collection[str]) -> None:
    """Refuse `already-decided` where one of these points of these enrolments ever had a result, also one overturned since
    (semantics 25)."""
    decided = Result.objects.filter(enrolment__in=enrolments, item="point", point__in=points).order_by("point", "pk")
    if (point := decided.values_list("point", flat=True).first()) is not None:
        raise Refused("already-decided", _("%(point)s has been decided; its declaration stays."), point=point)


def refuse_looked_at(enrolments: Collection[int], points: Collection[str]) -> None:
    """Refuse `under-review` where what was handed in for one of these points is opened by a reviewer, or was ever sent back: who
    has read the advice does not take the point out of what is judged."""
    rows = Submission.objects.filter(enrolment__in=enrolments, item="point", point__in=points)
    seen = rows.filter(Q(state__in=("opened", "returned")) | Q(dossiers__state="returned")).order_by("point", "pk")
    if (point := seen.values_list("point", flat=True).first()) is not None:
        text = _("%(point)s is being reviewed or was sent back; its declaration stays.")
        raise Refused("under-review", text, point=point)
