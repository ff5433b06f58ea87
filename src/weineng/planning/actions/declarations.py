"""Of the chosen points a teacher declares those that are assessed; the group agrees or sends back (ASM-8)."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.notices.effects import notify
from weineng.planning.actions._own import asked_of, by_person, need_advice, own_enrolment, tell_answer, who_answers
from weineng.planning.guards import refuse_decided, refuse_withdrawing
from weineng.planning.models import Declaration
from weineng.planning.permissions import AGREE
from weineng.planning.queries import axis_of_points, chosen_points, group_of, same_enrolments
from weineng.programmes.effects import touch
from weineng.programmes.queries import refuse_before_gates


@transaction.atomic
def declare_points(*, by: Actor, enrolment: int, points: Collection[str]) -> list[Declaration]:
    """Declare chosen points to be assessed; one that the group had sent back waits for its answer again, what was declared and
    not sent back stays as it is. The group's leader is told. Returns what was declared now.

    Refuses `nothing-ticked`, `enrolment-left`, `cycle-over`, `nothing-declared-here` where the programme has everything
    assessed that is chosen, `gate-closed`, `point-not-chosen`; `not-found` for another's enrolment.
    """
    row, document = own_enrolment(by, enrolment)
    if not document.choice.declare:
        raise Refused("nothing-declared-here", _("In this programme every chosen point is assessed."))
    if not points:
        raise Refused("nothing-ticked", _("Tick at least one."), field="points")
    refuse_before_gates(row)
    if strange := sorted(set(points) - {chosen.point for chosen in chosen_points(row.pk)}):
        message = _("%(point)s is not among the points you have chosen.")
        raise Refused("point-not-chosen", message, field="points", point=strange[0])
    before = Declaration.objects.filter(enrolment__in=same_enrolments(row), withdrawn_at__isnull=True)
    again = list(before.filter(point__in=points, returned_at__isnull=False).select_related("enrolment"))
    for one in again:
        one.returned_at, one.advice = None, ""
    Declaration.objects.bulk_update(again, ["returned_at", "advice"])
    axis, there = axis_of_points(document), set(before.values_list("point", flat=True))
    new = [Declaration(enrolment=row, point=point, dimension=axis[point], declared_at=now())
           for point in sorted(set(points) - there)]  # fmt: skip
    Declaration.objects.bulk_create(new)
    declared = sorted([*again, *new], key=lambda one: one.point)
    if declared:
        facts = {"points": [one.point for one in declared]}
        line = record(by=by, verb="planning.declare", thing=row, subject=row.person_id, facts=facts)
        group = group_of(row)
        notify(cause=line, event="points-declared", people=who_answers(row, group), link="/declarations/")
        touch(enrolments=[row.pk])
    return declared


@transaction.atomic
def withdraw_declaration(*, by: Actor, enrolment: int, point: str) -> None:
    """Declare a point no longer; it may be declared again, and then needs the group's word anew.

    Refuses `enrolment-left`, `cycle-over`, `not-declared`, `already-decided` once there was any result for the point, also one
    that was overturned (semantics 25), `under-review` once a reviewer has opened what was handed in or it was sent back;
    `not-found` for another's enrolment.
    """
    row, _document = own_enrolment(by, enrolment)
    same = same_enrolments(row)
    rows = Declaration.objects.filter(enrolment__in=same, point=point, withdrawn_at__isnull=True)
    if not rows.exists():
        raise Refused("not-declared", _("You have not declared %(point)s."), point=point)
    refuse_withdrawing(same, [point])
    rows.update(withdrawn_at=now(), agreed_at=None, returned_at=None, advice="")
    record(by=by, verb="planning.withdraw_declaration", thing=row, subject=row.person_id, facts={"points": [point]})
    touch(enrolments=[row.pk])


@transaction.atomic
def agree_declarations(*, by: Actor, declarations: Collection[int]) -> int:
    """Agree, for the group, to declared points of any of its members, in one go; the teachers are told. What was sent back can be
    agreed to after all; what is agreed to already stays so. Returns how many were agreed to now.

    Refuses `nothing-ticked`, `self-approval`, `declaration-withdrawn`, `person-erased`; `not-found`.
    """
    rows = _in_force(asked_of(by, Declaration.objects.within(by, AGREE, changing=True), declarations))
    fresh = [row for row in rows if row.agreed_at is None]
    for row in fresh:
        row.agreed_at, row.returned_at, row.advice = now(), None, ""
    Declaration.objects.bulk_update(fresh, ["agreed_at", "returned_at", "advice"])
    _answer(by, fresh, "planning.agree", "declarations-agreed")
    return len(fresh)


@transaction.atomic
def return_declarations(*, by: Actor, declarations: Collection[int], advice: str) -> int:
    """Send declared points back with advice, also such as were agreed to already: the teacher withdraws them, or declares
    them again. They stay declared meanwhile. Returns how many were sent back.

    Refuses `nothing-ticked`, `comment-missing`, `self-approval`, `declaration-withdrawn`, `already-decided` for a point that has
    a result, `person-erased`; `not-found`.
    """
    said = need_advice(advice)
    rows = _in_force(asked_of(by, Declaration.objects.within(by, AGREE, changing=True), declarations))
    for theirs in by_person(rows).values():
        refuse_decided(same_enrolments(theirs[0].enrolment), [row.point for row in theirs])
    for row in rows:
        row.agreed_at, row.returned_at, row.advice = None, now(), said
    Declaration.objects.bulk_update(rows, ["agreed_at", "returned_at", "advice"])
    _answer(by, rows, "planning.return_declaration", "declarations-returned", advice=said)
    return len(rows)


def _in_force(rows: list[Declaration]) -> list[Declaration]:
    if any(row.withdrawn_at is not None for row in rows):
        raise Refused("declaration-withdrawn", _("One of these was withdrawn meanwhile. Look again."))
    return rows


def _answer(by: Actor, rows: list[Declaration], verb: str, event: str, advice: str = "") -> None:
    def says(theirs: list[Declaration]) -> dict[str, str]:
        return {"points": ", ".join(sorted(row.point for row in theirs))}

    tell_answer(by, rows, verb=verb, event=event, link="/points/declared/", says=says, advice=advice)
