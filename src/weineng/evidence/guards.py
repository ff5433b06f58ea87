"""What goes on here that keeps somebody from being erased."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from weineng.evidence.models import Submission
from weineng.kernel.refusals import Refused


def refuse_submitters(people: Collection[int]) -> None:
    """Refuse `being-judged` while evidence that one of these people handed in waits for its decision."""
    if Submission.objects.filter(person__in=people, state__in=("submitted", "opened")).exists():
        text = _("Evidence of this person is being judged. Wait for the decision, or have it taken back.")
        raise Refused("being-judged", text)
