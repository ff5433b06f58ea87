"""Erase what is personal in records (a step of the worker)."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet

from weineng.audit.effects import record_each
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt
from weineng.kernel.sets import empty_fields
from weineng.learning.models import ERASED, Batch, Decision, HoursSheet, Naming, Record
from weineng.learning.queries import agents_of
from weineng.organisations.effects import read_erasures
from weineng.organisations.models import ExternalIdentifier
from weineng.organisations.queries import records_of, rows_about
from weineng.organisations.reach import require_platform
from weineng.organisations.rules import digests_of
from weineng.statements.effects import know_agents


@transaction.atomic
def erase_from_learning(*, by: Actor) -> int:
    """Erase by which number and name sources knew people whose erasure was confirmed, and what offices said about their hours;
    whose the minutes are and how many they are stays. The store of statements is told which of its agents they are: it erases
    after this. Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    erasures = read_erasures(reader="learning")
    people = records_of(erasures)
    agents = [agents_of(erasure.records) for erasure in erasures]
    unknown = list(_unknown(people).values_list("pk", flat=True))
    delivered = Record.objects.filter(Q(pk__in=unknown) | Q(pk__in=rows_about(Record, people).values("pk")))
    # A hash of the number, among others: whoever has the rest could try numbers out.
    delivered.filter(person_cipher__isnull=False).update(content=ERASED)
    empty_fields(delivered)
    for model in (HoursSheet, Batch, Decision, Naming):
        empty_fields(rows_about(model, people))
    lines = record_each(by=by, verb="learning.erase_person", things=erasures, subject_field="person_id")
    for line, erasure, theirs in zip(lines, erasures, agents, strict=True):
        know_agents(cause=line, person=erasure.person_id, agents=theirs)
    return len(erasures)


def _unknown(people: Collection[int]) -> QuerySet[Record]:
    """Records that name these people by a number of theirs and were given to nobody, since the number had ended."""
    named = Q(pk__in=[])
    for number in ExternalIdentifier.objects.filter(person__in=people).order_by("pk"):
        digests = digests_of(number.type, decrypt(number.cipher).decode())
        named |= Q(person_type=number.type, person_digest__in=digests)
    return Record.objects.filter(named, person__isnull=True)
