"""Dossiers that do not go on by themselves: too few reviewers, late ones, steps that failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from weineng.accounts.roles import ROLES
from weineng.assessment.measures import eligible
from weineng.assessment.models import Assignment, Dossier, StageRun
from weineng.assessment.permissions import REASSIGN
from weineng.assessment.queries.arranged import stages_of
from weineng.assessment.rules import grant_of, way_of
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.organisations.models import Person
from weineng.organisations.reach import people_below, require_unit, same_people, units_within
from weineng.programmes.rules import Stage


def runs_lacking_reviewers() -> QuerySet[StageRun]:
    """The present stages of open dossiers with fewer reviewers (`live`) than their programme asks for."""
    here = StageRun.objects.filter(state="waiting", dossier__state="open", dossier__stage=F("stage"))
    asked = ~Q(assignments__state="void") & ~Q(assignments__role="third")
    return here.annotate(live=Count("assignments", filter=asked)).filter(live__lt=F("wanted"))


def runs_heard() -> QuerySet[StageRun]:
    """The present deciding stages in which everybody asked has answered: the next round decides or asks a third; those
    that stay found no third."""
    here = StageRun.objects.filter(state="waiting", decides=True, dossier__state="open", dossier__stage=F("stage"))
    return here.annotate(
        answers=Count("assignments", filter=Q(assignments__state="done") & ~Q(assignments__role="third")),
        unheard=Count("assignments", filter=Q(assignments__state__in=("assigned", "opened"))),
    ).filter(answers__gte=F("wanted"), unheard=0)


def dossiers_waiting_for_reviewers() -> QuerySet[Dossier]:
    """Dossiers in a deciding stage that found too few reviewers, or no third: the school or office has to name more."""
    few = runs_lacking_reviewers().filter(decides=True).values("dossier")
    heard = runs_heard().filter(dossier__stuck_at__isnull=True)
    return Dossier.objects.filter(Q(pk__in=few) | Q(pk__in=heard.values("dossier")))


def stuck_dossiers() -> QuerySet[Dossier]:
    """Open dossiers whose last step failed, with the error (`stuck_because`): for whoever runs the platform."""
    return Dossier.objects.filter(state="open", stuck_at__isnull=False).order_by("stuck_at", "pk")


def dossiers_held_up() -> QuerySet[Dossier]:
    """Open dossiers for which nobody was found, or whose reviewers are late."""
    late = Assignment.objects.filter(state__in=("assigned", "opened"), due_on__lt=today()).exclude(role="self")
    found = Q(pk__in=late.values("run__dossier")) | Q(pk__in=dossiers_waiting_for_reviewers().values("pk"))
    return Dossier.objects.filter(found, state="open")


def reassignable(by: Actor, dossier: str = "") -> Q:
    """The condition on a dossier (at the path `dossier`) that who acts may give it to others, as far as samples go: a second look
    is for where the sample was drawn, never for the school that is looked at."""
    first = Q(**{f"{dossier}sampled__isnull": True})
    return first | Q(**{f"{dossier}sampled__stratum__sample__unit__in": units_within(by, REASSIGN)})


@dataclass(frozen=True)
class Stalled:
    """A dossier that does not go on by itself: whose, who was asked and is late, who could be asked instead.

    `lacking`: nobody could be found for it, or no third where two differ: more people have to be given the `role`.
    """

    dossier: Dossier
    lacking: bool
    asked: Sequence[Assignment]
    candidates: Sequence[tuple[int, str]]
    role: object  # of whom there are too few: a title in the reader's language


def held_up_below(by: Actor, unit: int) -> QuerySet[Dossier]:
    """The dossiers of the people at or below a unit that wait for a reviewer, longest waiting first. Refuses `not-found`."""
    require_unit(by, REASSIGN, unit)
    rows = dossiers_held_up().filter(reassignable(by), person__in=same_people(people_below({unit})))
    return rows.select_related("submission", "person").order_by("opened_at", "pk")


def stalled(found: Sequence[Dossier]) -> list[Stalled]:
    """What holds each of these dossiers of `held_up_below` up."""
    ids = [dossier.pk for dossier in found]
    waiting = set(dossiers_waiting_for_reviewers().filter(pk__in=ids).values_list("pk", flat=True))
    parts = Assignment.objects.filter(run__dossier__in=ids).select_related("reviewer", "run").order_by("due_on", "pk")
    mine: dict[int, list[Assignment]] = {pk: [] for pk in ids}
    for part in parts:
        mine[part.run.dossier_id].append(part)
    pools = {
        basis: eligible(basis, ids, today()) for basis in sorted({part.basis or "panel" for part in parts} - {"self"})
    }
    names = dict(
        Person.objects.filter(pk__in=set().union(*(people for pool in pools.values() for people in pool.values())))
        .order_by("name_order", "pk")
        .values_list("pk", "name")
    )
    stages = stages_of(found)
    return [
        _stalled(dossier, mine[dossier.pk], pools, names, stages[dossier.pk], lacking=dossier.pk in waiting)
        for dossier in found
    ]


def _stalled(
    dossier: Dossier, parts: Sequence[Assignment], pools: Mapping[str, Mapping[int, set[int]]], names: Mapping[int, str],
    stage: Stage, *, lacking: bool,
) -> Stalled:  # fmt: skip
    asked = [part for part in parts if part.state in ("assigned", "opened") and part.role != "self"]
    taken = {reviewer for part in parts for reviewer in (part.reviewer_id, part.reviewer.merged_into_id)}
    could = set().union(*(pools[part.basis or "panel"][dossier.pk] for part in asked)) - taken
    role = ROLES.get(grant_of(way_of(stage)[-1])[0])
    return Stalled(
        dossier, lacking, asked, [(pk, name) for pk, name in names.items() if pk in could], role.title if role else ""
    )
