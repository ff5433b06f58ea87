"""What goes on here that keeps somebody from being erased."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.programmes.models import Enrolment, Programme


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


def refuse_owners(deed: str, unit: int, other: int) -> None:
    """Refuse `runs-programme` where a unit that runs a programme would be merged away, or be as if it had never been split off: its
    office would be gone."""
    gone = {"merge": unit, "undo-split": other}.get(deed)
    running = Programme.objects.filter(owner=gone, closed_on__isnull=True).order_by("pk") if gone else ()
    for row in running[:1]:
        text = _("This unit runs a programme of its own (%(programme)s). Close it first.")
        raise Refused("runs-programme", text, programme=row.code)
