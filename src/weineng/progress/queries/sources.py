"""What the programmes made of what a source delivered: the statement that a platform and its office settle by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor
from weineng.kernel.refusals import Refused
from weineng.kernel.words import word_for
from weineng.learning.models import Record
from weineng.learning.queries import source_read
from weineng.organisations.models import Person
from weineng.programmes.models import Enrolment, Programme
from weineng.programmes.queries import document_of
from weineng.progress.models import Counted
from weineng.progress.queries.standings import DocumentWords

LONGEST_SPAN = timedelta(days=366)
_TABLES = {
    "record": Record._meta.db_table, "person": Person._meta.db_table, "enrolment": Enrolment._meta.db_table,
    "counted": Counted._meta.db_table,
}  # fmt: skip
# A record names the person as it was known then; the enrolment may be of the record they were merged into, or the other way round.
_LINES = """
with delivered as (
    select record.id, coalesce(person.merged_into_id, person.id) as person
    from {record} record join {person} person on person.id = record.person_id
    where record.provider_id = %(provider)s and record.void_of_id is null and record.event_on between %(since)s and %(until)s
)
select enrolment.programme_id, line.kind, line.reason,
       case when line.reason in ('cap', 'before-gate', 'counted-elsewhere') then line.ref else '' end as about,
       count(distinct delivered.id), count(distinct delivered.person), sum(line.minutes)
from delivered
join {person} same on coalesce(same.merged_into_id, same.id) = delivered.person
join {enrolment} enrolment on enrolment.person_id = same.id
join {counted} line on line.enrolment = enrolment.id and line.origin = 'record' and line.origin_id = delivered.id
group by 1, 2, 3, 4
""".format(**_TABLES)


@dataclass(frozen=True)
class SourceLine:
    """So many minutes of so many records of so many people: as one kind (`title`), counted or for one reason (`text`) not."""

    kind: str
    title: str
    reason: str
    text: str
    records: int
    people: int
    minutes: int


@dataclass(frozen=True)
class SourceAccount:
    """What one programme made of the records of a source: what counts, and what does not by its reasons, most minutes first."""

    programme: Programme
    title: str
    counted: tuple[SourceLine, ...]
    left_out: tuple[SourceLine, ...]

    @property
    def minutes(self) -> int:
        """Minutes that count."""
        return sum(line.minutes for line in self.counted)


def account_of_source(by: Actor, provider: str, since: date, until: date) -> list[SourceAccount]:
    """What each programme made of the records of a platform whose events lie in these days, both included: for the platform
    itself, and for the offices that manage it.

    Refuses `days-out-of-range` (more than a year, or backwards); `not-found`.
    """
    source = source_read(by, provider)
    if not timedelta(0) <= until - since <= LONGEST_SPAN:
        raise Refused("days-out-of-range", _("Ask for at most a year, from an earlier to a later day."), field="until")
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"provider": source.pk, "since": since, "until": until})
        found = cursor.fetchall()
    programmes = Programme.objects.filter(pk__in={row[0] for row in found}).order_by("code")
    return [_account(one, [row[1:] for row in found if row[0] == one.pk]) for one in programmes]


def _account(programme: Programme, rows: Iterable[tuple[str, str, str, int, int, int]]) -> SourceAccount:
    version = programme.versions.order_by("-number").first()
    if version is None:  # nobody is enrolled in a programme without one
        raise LookupError(programme.code)
    words = DocumentWords(document_of(version.pk))
    lines = [
        SourceLine(
            kind, words.kind(kind), reason, words.line(Counted(kind=kind, reason=reason, ref=ref)), records, people, minutes
        )
        for kind, reason, ref, records, people, minutes in sorted(rows, key=lambda row: (-row[5], *row[:3]))
    ]  # fmt: skip
    title = word_for(programme.title, get_language() or "en")
    counted = tuple(line for line in lines if not line.reason)
    return SourceAccount(programme, title, counted, tuple(line for line in lines if line.reason))
