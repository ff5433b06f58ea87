"""A teacher chooses points; the choice freezes what it was made under."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.planning.models import Choice, ChosenPoint
from weineng.planning.permissions import CHOOSE
from weineng.planning.queries import (
    Offer,
    axis_of_points,
    chosen_points,
    offer_for,
    passed_points,
    school_of_enrolment,
)
from weineng.planning.rules import check_choice, check_scores
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import batch_of_school, document_of, refuse_before_gates


@transaction.atomic
def choose_points(
    *, by: Actor, enrolment: int, points: Collection[str], diagnosis: Mapping[str, int] | None = None
) -> Choice:
    """Choose capability points under the school's plan in force (semantics 15); choosing again replaces the choice.

    Points that are passed stay and count. `diagnosis`: the teacher's own scores, dimension → 1–5. The same choice, of the
    same opened points under the same version of the document, changes nothing. Refuses `enrolment-left`, `cycle-over`,
    `gate-closed`, `no-plan-in-force`, those of `check_scores` and those of `check_choice`; `not-found` for another's enrolment.
    """
    rows = Enrolment.objects.within(by, CHOOSE, changing=True).select_for_update(of=("self",))
    row = get_or_refuse(rows, pk=enrolment)
    document = document_of(row.version_id)
    if row.left_on is not None and row.left_on <= today():
        raise Refused("enrolment-left", _("You no longer take part in this programme."))
    if today() > document.cycle.cut_off:
        raise Refused("cycle-over", _("The programme is over."))
    refuse_before_gates(row)
    scores = dict(diagnosis or {})
    check_scores(scores, "teacher")
    offer = offer_for(row, document)
    if offer is None:
        raise Refused("no-plan-in-force", _("The school plan has not been approved yet."))
    axis_of = axis_of_points(document)
    passed = passed_points(row.pk)
    current = {p.point for p in chosen_points(row.pk)}
    # What was passed under an earlier choice counts as well, whether or not it was ticked again.
    taken = {*points, *(passed.keys() - current)}
    check_choice(
        document.choice, axis_of, dimensions=offer.dimensions, opened=offer.points, points=taken, passed=passed,
        credits_of=document.points.credits_of,
    )  # fmt: skip
    old = Choice.objects.filter(enrolment=row, superseded_at__isnull=True).first()
    if old is not None and current == taken and _frozen_alike(old, offer, row.version_id):
        return _rescored(by, old, scores)
    Choice.objects.filter(enrolment=row, superseded_at__isnull=True).update(superseded_at=now())
    choice = Choice.objects.create(
        enrolment=row, school_plan=offer.plan, version_id=row.version_id, dimensions=list(offer.dimensions),
        opened=list(offer.points), diagnosis=scores, chosen_at=now(),
    )  # fmt: skip
    of_points = next((demand.code for demand in document.demands if demand.type == "points"), "")
    due = document.due(of_points, batch_of_school(row.programme_id, school_of_enrolment(row)))
    ChosenPoint.objects.bulk_create(
        ChosenPoint(choice=choice, point=point, dimension=axis_of[point], due_on=due, passed_at=passed.get(point))
        for point in sorted(taken)
    )
    record(by=by, verb="planning.choose", thing=choice, subject=row.person_id, facts={"points": sorted(taken)})
    touch(enrolments=[row.pk])
    return choice


def _frozen_alike(old: Choice, offer: Offer, version: int) -> bool:
    """Whether the choice would be frozen now as it is: a plan can be changed and approved again, a new version applied."""
    frozen = (old.school_plan_id, old.version_id, sorted(old.dimensions), sorted(old.opened))
    plan = offer.plan.pk if offer.plan is not None else None
    return frozen == (plan, version, sorted(offer.dimensions), sorted(offer.points))


def _rescored(by: Actor, choice: Choice, scores: Mapping[str, int]) -> Choice:
    """The same points: only a new self-diagnosis is written down."""
    if scores and scores != choice.diagnosis:
        choice.diagnosis = dict(scores)
        choice.save(update_fields=["diagnosis"])
        record(by=by, verb="planning.diagnose", thing=choice, subject=choice.enrolment.person_id)
    return choice
