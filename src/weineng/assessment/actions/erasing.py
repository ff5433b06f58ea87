"""Erase what is personal in reviews and results (a step of the worker)."""

from django.db import transaction

from weineng.assessment.actions._looking import drop_looks
from weineng.assessment.models import AcceptedPerson, Phrase, Rating, Recusal, Result, ResultsSheet
from weineng.audit.effects import record_each
from weineng.kernel.actors import Actor
from weineng.kernel.sets import empty_fields
from weineng.organisations.effects import read_erasures
from weineng.organisations.queries import records_of, rows_about
from weineng.organisations.reach import require_platform


@transaction.atomic
def erase_from_assessment(*, by: Actor) -> int:
    """Erase what was written about the work of people whose erasure was confirmed, and by them; ticks and levels stay.
    Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    erasures = read_erasures(reader="assessment")
    people = records_of(erasures)
    drop_looks(people)
    empty_fields(rows_about(Rating, people))
    empty_fields(rows_about(Recusal, people))
    empty_fields(rows_about(Result, people))
    empty_fields(rows_about(AcceptedPerson, people))
    empty_fields(rows_about(ResultsSheet, people))
    rows_about(Phrase, people).delete()
    record_each(by=by, verb="assessment.erase_person", things=erasures, subject_field="person_id")
    return len(erasures)
