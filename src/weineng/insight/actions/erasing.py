"""Erase the sheets that speak of people whose erasure was confirmed (a step of the worker)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Min

from weineng.audit.effects import record_each
from weineng.files.effects import discard
from weineng.files.models import Upload
from weineng.insight.models import Intake, TakeBack
from weineng.insight.rules import SHEETS
from weineng.insight.sheets import Named, blob_names
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import now
from weineng.kernel.sets import empty_fields
from weineng.organisations.effects import read_erasures
from weineng.organisations.models import ExternalIdentifier, Person
from weineng.organisations.queries import records_of, rows_about
from weineng.organisations.reach import require_platform


@transaction.atomic
def erase_from_insight(*, by: Actor) -> int:
    """Erase the rosters and sheets of the last week that people whose erasure was confirmed brought, and whatever sheet names them,
    whoever brought it: a note tells why, and it can be brought again without them. Waits while a sheet that was brought before the
    confirmation waits to be read, to go in or to be taken back, a minute or two.

    Returns how many people. Refuses `platform-only`.
    """
    require_platform(by)
    erasures = read_erasures(reader="insight", before=_waits_since())
    lines = record_each(by=by, verb="insight.erase_person", things=erasures, subject_field="person_id")
    if lines:
        people = records_of(erasures)
        own = rows_about(Intake, people)
        uploads = {*own.values_list("upload", flat=True), *_naming(people)}
        own.delete()
        _leave_notes(uploads)
        discard(cause=lines[0], uploads=uploads)
        empty_fields(rows_about(TakeBack, people))
    return len(erasures)


def _waits_since() -> datetime | None:
    """Since when the sheet waits that has waited longest; None where none does."""
    coming = Intake.objects.filter(state__in=("arrived", "waiting")).aggregate(at=Min("asked_at"))["at"]
    going = TakeBack.objects.filter(state="waiting").aggregate(at=Min("asked_at"))["at"]
    return min((at for at in (coming, going) if at is not None), default=None)


def _naming(people: Collection[int]) -> set[int]:
    """Sheets that name one of them, read or not. They are few, a week's, so each is opened."""
    numbers = ExternalIdentifier.objects.filter(person__in=people).order_by("pk")
    names = Person.objects.filter(pk__in=people).exclude(name="").order_by("pk")
    named = Named({*names.values_list("name", flat=True)}, {decrypt(row.cipher).decode() for row in numbers})
    sheets = Upload.objects.finished().filter(purpose__startswith=SHEETS).select_related("blob").order_by("pk")
    return {row.pk for row in sheets.iterator(chunk_size=10) if row.blob is not None and blob_names(row.blob, named)}


def _leave_notes(uploads: Collection[int]) -> None:
    """Nothing is kept of these sheets but that they were erased, and why, for whoever brought them."""
    Intake.objects.filter(upload__in=uploads).update(
        state="unreadable", refused_for="person-erased", said="", reading=b"", understood=b"", file_name="", roster=None, gone=0,
        asked_at=None, done_at=now(),
    )  # fmt: skip
