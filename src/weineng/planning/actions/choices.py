"""A teacher chooses points; the choice freezes what it was made under."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.planning.actions._own import own_enrolment
from weineng.planning.models import Choice, ChosenPoint, Diagnosis
from weineng.planning.queries import (
    Offer,
    axis_of_points,
    chosen_points,
    offer_for,
    passed_points,
    school_of_enrolment,
)
from weineng.planning.rules import check_choice, check_scores, questionnaire
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import batch_of_school, refuse_before_gates


@transaction.atomic
def choose_points(
    *, by: Actor, enrolment: int, points: Collection[str], diagnosis: Mapping[str, int] | None = None
) -> Choice:
    """Choose capability points under the school's plan in force (semantics 15); choosing again replaces the choice.

    Points that are passed stay and count. `diagnosis`: the teacher's own scores, dimension → 1–5. The same choice, of the
    same opened points under the same version of the document, changes nothing. Refuses `enrolment-left`, `cycle-over`,
    `gate-closed`, `no-plan-in-force`, those of `check_scores` and those of `check_choice`; `not-found` for another's enrolment.
    """
    row, document = own_enrolment(by, enrolment)
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
    _keep_answers(row, scores)
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


@transaction.atomic
def diagnose(*, by: Actor, enrolment: int, scores: Mapping[str, int]) -> Diagnosis:
    """Hand in one's self-diagnosis, dimension → 1–5, without choosing anything; another time it is corrected.

    Refuses `enrolment-left`, `cycle-over`, `diagnosis-incomplete` while a question has no answer, those of `check_scores`;
    `not-found` for another's enrolment.
    """
    row, _document = own_enrolment(by, enrolment)
    check_scores(scores, "teacher")
    if lacking := [question["code"] for question in questionnaire()["teacher"] if question["code"] not in scores]:
        raise Refused("diagnosis-incomplete", _("Answer every question."), field=f"score_{lacking[0]}")
    diagnosis = _keep_answers(row, scores)
    record(by=by, verb="planning.diagnose", thing=diagnosis, subject=row.person_id)
    return diagnosis


def _keep_answers(row: Enrolment, scores: Mapping[str, int]) -> Diagnosis:
    """The self-diagnosis with these answers beside those given before; handed in as soon as every question has one."""
    diagnosis = Diagnosis.objects.filter(enrolment=row).first() or Diagnosis(enrolment=row, edited_at=now())
    if scores:
        diagnosis.answers, diagnosis.edited_at = {**diagnosis.answers, **scores}, now()
        whole = all(question["code"] in diagnosis.answers for question in questionnaire()["teacher"])
        if whole and diagnosis.handed_in_at is None:
            diagnosis.handed_in_at = now()
            touch(enrolments=[row.pk])
        diagnosis.save()
    return diagnosis
