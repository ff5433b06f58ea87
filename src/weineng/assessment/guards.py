"""What goes on here that keeps somebody from being erased."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from weineng.assessment.models import Assignment
from weineng.kernel.refusals import Refused


def refuse_reviewers(people: Collection[int]) -> None:
    """Refuse `still-reviewing` while a dossier that is open waits for the review of one of these people."""
    waiting = Assignment.objects.filter(
        reviewer__in=people, state__in=("assigned", "opened"), run__dossier__state="open"
    )
    if waiting.exists():
        text = _("Dossiers wait for the review of this person. Give them to somebody else first.")
        raise Refused("still-reviewing", text)
