"""One's own rosters on their way in."""

from datetime import datetime

from django.db.models import Q, QuerySet

from weineng.insight.models import Intake
from weineng.kernel.actors import Actor
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.models import Roster


def intake_of(by: Actor, unit: int, upload: int) -> Intake:
    """The roster of a unit that one brought with an upload, without what was understood of it, which is large; refuses `not-found`."""
    return get_or_refuse(Intake.objects.of(by).defer("reading"), unit=unit, upload=upload)


def intakes_under_way(by: Actor) -> QuerySet[Intake]:
    """Rosters one brought that wait, for oneself or for the worker, or were refused; the newest first."""
    return Intake.objects.of(by).exclude(state="done").select_related("unit", "upload").defer("reading").order_by("-pk")


def intakes_before(intake: Intake) -> int:
    """How many rosters, whoever brought them, the worker takes before this one that waits."""
    sooner = Q(asked_at__lt=intake.asked_at) | Q(asked_at=intake.asked_at, pk__lt=intake.pk)
    return Intake.objects.filter(sooner, state="waiting").count()


def taken_back_at(intake: Intake) -> datetime | None:
    """When the roster it became was taken back; None where it was not, or became none."""
    if intake.roster is None:
        return None
    return Roster.objects.filter(pk=intake.roster).values_list("undone_at", flat=True).first()
