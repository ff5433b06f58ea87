"""Erase what is personal in self-diagnoses, declarations and handbooks (a step of the worker)."""

from django.db import transaction

from weineng.audit.effects import record_each
from weineng.kernel.actors import Actor
from weineng.kernel.sets import empty_fields
from weineng.organisations.effects import read_erasures
from weineng.organisations.queries import records_of, rows_about
from weineng.organisations.reach import require_platform
from weineng.planning.models import Choice, Declaration, Diagnosis, HandbookEntry


@transaction.atomic
def erase_from_planning(*, by: Actor) -> int:
    """Erase what people whose erasure was confirmed wrote beside their tasks, were advised and said of themselves; what they
    chose, declared and did stays. Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    erasures = read_erasures(reader="planning")
    people = records_of(erasures)
    for model in (Choice, Declaration, Diagnosis, HandbookEntry):
        empty_fields(rows_about(model, people))
    record_each(by=by, verb="planning.erase_person", things=erasures, subject_field="person_id")
    return len(erasures)
