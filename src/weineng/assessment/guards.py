"""What goes on here that keeps somebody from being erased, and a declaration from being withdrawn."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from weineng.assessment.models import Assignment, Result
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
