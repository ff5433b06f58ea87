"""Which schools take part, and in which batch."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.programmes.actions._guards import need, need_reason, running, stands_below
from weineng.programmes.actions._membership import let_all_leave
from weineng.programmes.models import EnrolledSchool
from weineng.programmes.queries import document_in_force, enrolments_of_school, units_enrolled_by
from weineng.programmes.rules import SCHOOL_WITHDRAWN


@transaction.atomic
def enrol_school(*, by: Actor, programme: int, unit: int, batch: str, since: date | None = None) -> EnrolledSchool:
    """A school (or office) takes part from a day on (default: today), in a batch: the code of a phase that is one.

    An office above the school decides, not the school. A school that takes part already gets the new batch; the same
    again changes nothing. Refuses `programme-not-started`, `programme-closed`, `batch-unknown`, `kind-not-in-scope`,
    `outside-programme`; `not-found` without the permission above the school.
    """
    school = get_or_refuse(units_enrolled_by(by), pk=unit)
    row = running(programme)
    document = document_in_force(row.pk)
    phases = tuple(phase.code for phase in document.phases if phase.batch)
    if batch not in phases:
        message = _("There is no batch “%(batch)s”; known: %(known)s.")
        raise Refused("batch-unknown", message, field="batch", batch=batch, known=", ".join(phases))
    need(school.kind in document.scope.kinds, "kind-not-in-scope", _("Units of this kind do not take part."))
    inside = row.owner_id is not None and stands_below(unit, row.owner_id)
    need(inside, "outside-programme", _("This unit does not stand below the one that runs the programme."))
    known = EnrolledSchool.objects.select_for_update(of=("self",)).filter(programme=row, unit=school).first()
    if known is not None and (known.batch, known.until) == (batch, None):
        return known
    before = {"batch": known.batch, "until": str(known.until)} if known else {}
    if known is None:
        known = EnrolledSchool(programme=row, unit=school, since=since or today())
    known.batch, known.until = batch, None
    known.save()
    record(by=by, verb="programmes.enrol_school", thing=known, unit=unit, facts={"batch": batch, "before": before})
    return known


@transaction.atomic
def unenrol_school(*, by: Actor, programme: int, unit: int, reason: str) -> EnrolledSchool:
    """A school no longer takes part from today on; its people leave with it, their records stay.

    Enrolling it and its people again brings them back. Refuses `programme-closed`, `programme-not-started`,
    `reason-missing`, `school-not-enrolled`; `not-found` without the permission above the school.
    """
    get_or_refuse(units_enrolled_by(by), pk=unit)
    row, on = running(programme), today()
    need_reason(reason)
    rows = EnrolledSchool.objects.select_for_update(of=("self",)).filter(programme=row)
    known = rows.filter(unit=unit, until__isnull=True).first()
    if known is None:
        raise Refused("school-not-enrolled", _("This school does not take part."))
    known.until, known.people_since = on, None
    known.save()
    leaving = list(enrolments_of_school(row.pk, unit, on).taking_part(on).select_for_update(of=("self",)))
    for enrolment in leaving:
        enrolment.left_on, enrolment.left_reason = max(on, enrolment.since), SCHOOL_WITHDRAWN
    let_all_leave(by, leaving)
    facts = {"people": len(leaving)}
    record(by=by, verb="programmes.unenrol_school", thing=known, unit=unit, facts=facts, reason=reason)
    return known
