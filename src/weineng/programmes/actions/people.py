"""Who takes part: enrol the people of a unit by the document's scope, let them leave, attach office staff to a school."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import DateField, Value
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.organisations.models import Unit
from weineng.organisations.reach import require_unit, same_people, units_below
from weineng.programmes.actions._guards import held_enrolment, need, need_reason, running
from weineng.programmes.actions._membership import bring_all_back, enrol_all
from weineng.programmes.effects import touch
from weineng.programmes.models import EnrolledSchool, Enrolment
from weineng.programmes.permissions import ENROL
from weineng.programmes.queries import document_in_force, document_of, eligible_posts, school_of_enrolment
from weineng.programmes.rules import AUTOMATIC_LEAVES


@dataclass(frozen=True)
class EnrolledPeople:
    """What enrolling did: numbers of people. `left` are those a person let leave: they stay out until it is undone."""

    new: int
    back: int
    same: int
    left: int


@transaction.atomic
def enrol_people(*, by: Actor, programme: int, unit: int, on: date | None = None) -> EnrolledPeople:
    """Enrol everybody with a home posting at or below `unit` on a day (default: today) whom the document's scope takes in.

    A second time changes nothing. Of schools at or below `unit`, whoever joins by the roster later is enrolled by the
    settle loop. Refuses `programme-not-started`, `programme-closed`, `school-not-enrolled`; `not-found` without the
    permission there.
    """
    require_unit(by, ENROL, unit)
    row, day = running(programme), on or today()
    below = units_below(frozenset({unit}), day).values("pk")
    posts = eligible_posts(row, document_in_force(row.pk)).filter(during__contains=day)
    taking_part = EnrolledSchool.objects.filter(programme=row, until__isnull=True)
    schools = taking_part.filter(unit__in=below)
    if not schools.exists() and not posts.filter(unit__in=below).exists():
        need(taking_part.filter(unit__in=_above(unit)).exists(), "school-not-enrolled", _("No school here takes part."))
    posts = posts.filter(unit__in=below)
    new = enrol_all(by, row, posts, Value(day, output_field=DateField()))
    here = Enrolment.objects.filter(programme=row, person__in=same_people(posts.values("person")))
    gone = here.filter(left_on__isnull=False)
    back = list(gone.filter(left_reason__in=AUTOMATIC_LEAVES).select_for_update(of=("self",)))
    bring_all_back(by, back)
    schools.filter(people_since__isnull=True).update(people_since=day)
    done = EnrolledPeople(
        len(new), len(back), here.filter(left_on__isnull=True).count() - len(new) - len(back), gone.count()
    )
    facts = {"programme": row.code, "on": day.isoformat(), "new": done.new, "back": done.back}
    record(by=by, verb="programmes.enrol_people", thing=row, unit=unit, facts=facts)
    return done


def _above(unit: int) -> "list[int]":
    found = Unit.objects.filter(closure_down__unit=unit, closure_down__during__contains=today())
    return list(found.values_list("pk", flat=True))


@transaction.atomic
def let_leave(*, by: Actor, enrolment: int, on: date, reason: str) -> Enrolment:
    """From a day on somebody is no longer counted (retired, moved out, died); what they did stays.

    Refuses `already-left`, `before-enrolment`, `reason-missing`, `person-erased`; `not-found`.
    """
    row = held_enrolment(by, enrolment)
    need_reason(reason)
    need(row.left_on is None, "already-left", _("This person has left already."))
    need(on >= row.since, "before-enrolment", _("The day is before the enrolment."))
    row.left_on, row.left_reason = on, reason.strip()[:200]
    row.save(update_fields=["left_on", "left_reason"])
    touch(enrolments=[row.pk])
    facts = {"on": on.isoformat()}
    record(by=by, verb="programmes.let_leave", thing=row, subject=row.person_id, facts=facts, reason=reason)
    return row


@transaction.atomic
def undo_leave(*, by: Actor, enrolment: int, reason: str) -> Enrolment:
    """Somebody who left takes part again, as if they had not. Refuses `not-left`, `reason-missing`, `person-erased`;
    `not-found`."""
    row = held_enrolment(by, enrolment)
    need_reason(reason)
    need(row.left_on is not None, "not-left", _("This person has not left."))
    before = {"left_on": str(row.left_on)}
    row.left_on, row.left_reason = None, ""
    row.save(update_fields=["left_on", "left_reason"])
    touch(enrolments=[row.pk])
    record(by=by, verb="programmes.undo_leave", thing=row, subject=row.person_id, facts=before, reason=reason)
    return row


@transaction.atomic
def attach_host(*, by: Actor, enrolment: int, host: int) -> Enrolment:
    """Attach office staff to a host school for the programme: they work under its plan, and its panel looks at their work.

    They stay counted at their own office (semantics 29). The same host again changes nothing. Refuses `host-not-needed`
    (the person belongs to a school), `host-not-enrolled`, `person-erased`; `not-found` for either out of reach.
    """
    row = held_enrolment(by, enrolment)
    school = require_unit(by, ENROL, host)
    scope = document_of(row.version_id).scope
    own = Unit.objects.filter(pk__in=[_own_school(row) or 0]).first()
    if own is not None and own.kind not in scope.licence_required_for_kinds:
        raise Refused("host-not-needed", _("This person belongs to a school already."), field="host")
    taking_part = EnrolledSchool.objects.filter(programme=row.programme_id, unit=school, until__isnull=True)
    if school.kind in scope.licence_required_for_kinds or not taking_part.exists():
        raise Refused("host-not-enrolled", _("Only a school that takes part can be a host."), field="host")
    if row.host_id != school.pk:
        facts = {"host": school.pk, "before": row.host_id}
        row.host = school
        row.save(update_fields=["host"])
        touch(enrolments=[row.pk])
        record(by=by, verb="programmes.attach_host", thing=row, subject=row.person_id, unit=school.pk, facts=facts)
    return row


def _own_school(row: Enrolment) -> int | None:
    return school_of_enrolment(Enrolment(pk=row.pk, person_id=row.person_id, host=None))


@transaction.atomic
def detach_host(*, by: Actor, enrolment: int, reason: str) -> Enrolment:
    """Take the attachment to a host school back. Refuses `no-host`, `reason-missing`, `person-erased`; `not-found`."""
    row = held_enrolment(by, enrolment)
    need_reason(reason)
    need(row.host_id is not None, "no-host", _("This person is attached to no school."))
    facts = {"before": row.host_id}
    row.host = None
    row.save(update_fields=["host"])
    touch(enrolments=[row.pk])
    record(by=by, verb="programmes.detach_host", thing=row, subject=row.person_id, facts=facts, reason=reason)
    return row
