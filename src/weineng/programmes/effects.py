"""What modules above write down to a programme: touches, gates."""

from collections.abc import Collection, Iterable

from django.db import connection
from django.db.models.functions import Coalesce

from weineng.kernel.clock import now
from weineng.kernel.sets import write_select
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


def keep_gates(*, of: str, opened: str) -> int:
    """Make the open gates of some enrolments (`of`: a SELECT of ids) equal to what a SELECT `opened` of enrolment, gate and
    opened_on gives; returns how many rows were written or deleted."""
    table = Gate._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""delete from {table} g using ({of}) s(enrolment)
                 where g.enrolment_id = s.enrolment and not exists (
                       select from ({opened}) o(enrolment, gate, opened_on)
                        where o.enrolment = g.enrolment_id and o.gate = g.gate)"""
        )
        gone = int(cursor.rowcount)
    fresh = f"""
        select o.enrolment, o.gate, o.opened_on from ({opened}) o(enrolment, gate, opened_on)
          left join {table} g on g.enrolment_id = o.enrolment and g.gate = o.gate
         where g.opened_on is distinct from o.opened_on"""
    columns = ("enrolment_id", "gate", "opened_on")
    return gone + write_select(table, fresh, (), columns=columns, unique=columns[:2])


def take_touched(*, most: int, enrolments: Collection[int] | None = None) -> set[int]:
    """Take the next touches (`enrolments`: of these only), small lane first, and forget them; returns the enrolments to
    recount, at most `most`.

    Called inside the transaction of the recount: if that fails, they are there again.
    """
    rows = Touched.objects.order_by("lane", "pk").values_list("pk", "enrolment")
    taken = dict((rows if enrolments is None else rows.filter(enrolment__in=enrolments))[:most])
    Touched.objects.filter(pk__in=taken).delete()
    return set(taken.values())
