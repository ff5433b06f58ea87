"""Erase what is personal in enrolments and exemptions (a step of the worker)."""

from django.db import transaction

from weineng.audit.effects import record_each
from weineng.kernel.actors import Actor
from weineng.kernel.sets import empty_fields
from weineng.organisations.effects import read_erasures
from weineng.organisations.queries import records_of, rows_about
from weineng.organisations.reach import require_platform
from weineng.programmes.models import Enrolment, Exemption


@transaction.atomic
def erase_from_programmes(*, by: Actor) -> int:
    """Erase why people whose erasure was confirmed left or were exempted; that and when they were stays.
    Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    erasures = read_erasures(reader="programmes")
    people = records_of(erasures)
    empty_fields(rows_about(Enrolment, people))
    empty_fields(rows_about(Exemption, people))
    record_each(by=by, verb="programmes.erase_person", things=erasures, subject_field="person_id")
    return len(erasures)
