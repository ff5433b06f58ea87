"""What modules above write down to a programme: touches, gates."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models.functions import Coalesce

from weineng.kernel.clock import now
from weineng.organisations.models import Person
from weineng.organisations.reach import same_people
from weineng.programmes.models import Enrolment, Gate, Touched


def touch(*, enrolments: Iterable[int], lane: int = 0) -> int:
    """Ask for these enrolments to be recounted; lane 0 a person's own act, 1 bulk. Returns how many rows were added."""
    at = now()
    return len(Touched.objects.bulk_create(Touched(enrolment=e, lane=lane, at=at) for e in enrolments))


def touch_people(*, people: Iterable[int], lane: int = 0) -> int:
    """As `touch`, for every enrolment of these people, also under entries that were merged with theirs."""
    current = Person.objects.filter(pk__in=people).values(current=Coalesce("merged_into", "id"))
    rows = Enrolment.objects.filter(person__in=same_people(current))
    return touch(enrolments=rows.values_list("pk", flat=True), lane=lane)


def open_gate(*, enrolment: int, gate: str, on: date) -> None:
    """Write that a part of the programme is open for an enrolment since a day; a recount may move the day."""
    Gate.objects.update_or_create(enrolment_id=enrolment, gate=gate, defaults={"opened_on": on})


def take_touched(*, most: int, enrolments: Collection[int] | None = None) -> set[int]:
    """Take the next touches (`enrolments`: of these only), small lane first, and forget them; returns the enrolments to
    recount, at most `most`.

    Called inside the transaction of the recount: if that fails, they are there again.
    """
    rows = Touched.objects.order_by("lane", "pk").values_list("pk", "enrolment")
    taken = dict((rows if enrolments is None else rows.filter(enrolment__in=enrolments))[:most])
    Touched.objects.filter(pk__in=taken).delete()
    return set(taken.values())
