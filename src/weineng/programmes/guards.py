"""What goes on here that keeps somebody from being erased."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.programmes.models import Enrolment


def refuse_participants(people: Collection[int]) -> None:
    """Refuse `still-taking-part` while one of these people takes part in a programme that is not closed. Of the enrolments of
    merged records the one of the record in force counts, where there is one (docs/adr/0010)."""
    on = today()
    counted = Enrolment.objects.filter(
        programme=OuterRef("programme"), person__in=people, person__merged_into__isnull=True
    )
    rows = Enrolment.objects.filter(person__in=people).taking_part(on)
    rows = rows.filter(Q(person__merged_into__isnull=True) | ~Exists(counted))
    if rows.filter(Q(programme__closed_on__isnull=True) | Q(programme__closed_on__gt=on)).exists():
        text = _("This person takes part in a programme that is not closed. Let them leave it first.")
        raise Refused("still-taking-part", text)
