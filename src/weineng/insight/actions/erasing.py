"""Erase the sheets that speak of people whose erasure was confirmed (a step of the worker)."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from weineng.audit.effects import record_each
from weineng.files.effects import discard
from weineng.files.models import Upload
from weineng.insight.models import Intake, TakeBack
from weineng.insight.rules import SHEETS
from weineng.insight.sheets import speaks_of
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt
from weineng.kernel.sets import empty_fields
from weineng.organisations.effects import read_erasures
from weineng.organisations.models import ExternalIdentifier, Person
from weineng.organisations.queries import records_of, rows_about
from weineng.organisations.reach import require_platform


@transaction.atomic
def erase_from_insight(*, by: Actor) -> int:
    """Erase the rosters and sheets of the last week that people whose erasure was confirmed brought, and whatever sheet names them,
    whoever brought it: it can be brought again. Waits while a sheet waits to be read, to go in or to be taken back, a minute or two.

    Returns how many people. Refuses `platform-only`.
    """
    require_platform(by)
    if (
        Intake.objects.filter(state__in=("arrived", "waiting")).exists()
        or TakeBack.objects.filter(state="waiting").exists()
    ):
        return 0
    erasures = read_erasures(reader="insight")
    lines = record_each(by=by, verb="insight.erase_person", things=erasures, subject_field="person_id")
    if lines:
        people = records_of(erasures)
        words = _words_of(people)
        intakes = [*rows_about(Intake, people).values_list("pk", flat=True), *_read_with(words)]
        uploads = set(Intake.objects.filter(pk__in=intakes).values_list("upload", flat=True))
        uploads |= set(_written_with(words).values_list("pk", flat=True))
        Intake.objects.filter(Q(pk__in=intakes) | Q(upload__in=uploads)).delete()
        discard(cause=lines[0], uploads=uploads)
        empty_fields(rows_about(TakeBack, people))
    return len(erasures)


def _words_of(people: Collection[int]) -> set[str]:
    """Names and numbers by which a sheet may speak of them."""
    numbers = ExternalIdentifier.objects.filter(person__in=people).order_by("pk")
    names = Person.objects.filter(pk__in=people).exclude(name="").order_by("pk")
    return {*names.values_list("name", flat=True), *(decrypt(row.cipher).decode() for row in numbers)}


def _read_with(words: Collection[str]) -> Iterable[int]:
    """Sheets that were read and speak of one of them. They are few: a week's, and encrypted, so each is opened."""
    for intake in Intake.objects.order_by("pk").iterator(chunk_size=10):
        if speaks_of(intake.reading, words) or speaks_of(intake.understood, words):
            yield intake.pk


def _written_with(words: Collection[str]) -> QuerySet[Upload]:
    """Sheets in whose text one of these words stands."""
    said = Q(pk__in=[])
    for word in words:
        said |= Q(blob__text__sections__icontains=word)
    return Upload.objects.finished().filter(said, purpose__startswith=SHEETS)
