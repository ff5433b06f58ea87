"""What several actions ask before they act."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.effects import refuse_erased
from weineng.organisations.models import Closure
from weineng.programmes.models import Enrolment, Programme
from weineng.programmes.permissions import ENROL


def need(right: Any, code: str, message: object) -> None:
    """Refuses with `code` unless it is right."""
    if not right:
        raise Refused(code, message)


def need_reason(reason: str) -> None:
    """Refuses `reason-missing`."""
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")


def running(programme: int) -> Programme:
    """The programme, locked: enrolling goes one after the other. Refuses `programme-not-started`, `programme-closed`."""
    rows = Programme.objects.filter(owner__isnull=False).select_for_update(of=("self",))
    row = get_or_refuse(rows, pk=programme)
    need(row.started_on is not None, "programme-not-started", _("The programme has not been started."))
    need(row.closed_on is None, "programme-closed", _("The programme is closed; reopen it first."))
    return row


def stands_below(unit: int, above: int, on: date | None = None) -> bool:
    """Whether a unit stands at or below another on a date (default: today)."""
    return Closure.objects.filter(unit=unit, ancestor=above, during__contains=on or today()).exists()


def held_enrolment(by: Actor, enrolment: int) -> Enrolment:
    """An enrolment that may be changed, locked; refuses `not-found`, `person-erased`."""
    rows = Enrolment.objects.within(by, ENROL, changing=True).select_for_update(of=("self",))
    row = get_or_refuse(rows, pk=enrolment)
    refuse_erased([row.person_id])
    return row
