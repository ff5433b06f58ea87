"""What stays with a unit that people and groups leave: it happened there, or it is for an office to decide."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from weineng.accounts.models import Grant
from weineng.accounts.roles import ROLES
from weineng.activities.models import Session
from weineng.assessment.models import Acceptance, HandOver, OwnMode
from weineng.evidence.models import Submission
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.learning.models import Record
from weineng.organisations.permissions import EDIT_UNITS
from weineng.organisations.reach import require_unit
from weineng.planning.models import GroupPlan, SchoolPlan


@dataclass(frozen=True)
class Staying:
    """`roles`: (name, title of the role) of who holds one there; the rest are numbers of rows."""

    roles: tuple[tuple[str, object], ...]
    plans: int
    group_plans: int  # of the unit itself and of groups that do not go along as they are, as the sessions
    acceptances: int
    arrangements: int  # own modes of assessment, in force or proposed, and stages handed over
    coming: (
        int  # sessions of school-based research from the day on that were not held: who goes along no longer finds them
    )
    sessions: int  # the others
    records: int  # of hours, dated before the day
    pieces: int  # attempts handed in before the day


def staying_at(by: Actor, unit: int, groups: Collection[int], on: date) -> Staying:
    """What stays with a unit (and these groups of it) when others leave it on a day; `not-found` out of reach."""
    row = require_unit(by, EDIT_UNITS, unit)
    units = [row.pk, *groups]
    held = Grant.objects.filter(unit__in=units).exclude(ends_on__lte=today()).select_related("person")
    there = Session.objects.filter(unit__in=units).exclude(state="void")
    coming = there.filter(held_on__gte=on, state__in=("planned", "open"))
    return Staying(
        roles=tuple((grant.person.name, ROLES[grant.role].title) for grant in held.order_by("role", "pk")),
        plans=SchoolPlan.objects.filter(unit=row).count(),
        group_plans=GroupPlan.objects.filter(unit__in=units).count(),
        acceptances=Acceptance.objects.filter(unit=row).count(),
        arrangements=OwnMode.objects.filter(unit=row, state__in=("submitted", "approved")).count()
        + HandOver.objects.filter(unit=row, ended_at__isnull=True).count(),
        coming=coming.count(),
        sessions=there.exclude(pk__in=coming.values("pk")).count(),
        records=Record.objects.filter(unit__in=units, event_on__lt=on, void_of__isnull=True).count(),
        pieces=Submission.objects.filter(unit__in=units, handed_in_on__lt=on).count(),
    )
