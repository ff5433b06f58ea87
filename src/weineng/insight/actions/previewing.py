"""Look whom a proposed change of a programme would concern: everybody is counted under it, and compared with how they stand.

The counting is the one that counts the programme; what it finds lies in scratch, and only the differences are kept.
"""

from django.db import connection, transaction

from weineng.audit.effects import record
from weineng.certification.measures import note_coming
from weineng.certification.queries import rules_of
from weineng.certification.rules import BY_HAND
from weineng.insight.actions._work import platform_only
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.programmes.documents import from_json
from weineng.programmes.effects import keep_look, tell_gone
from weineng.programmes.models import Proposal
from weineng.programmes.queries import look_wanted
from weineng.progress.measures.differing import find_others
from weineng.progress.measures.whole import ALL, PROPOSED, measure_set

# People who stand otherwise, and those of whom only certificates are other.
_ROWS = """
select coalesce(o.enrolment, c.enrolment), coalesce(o.person, s.root), coalesce(o.school, p.school),
       coalesce(o.was, b.verdict, 'not-begun'), coalesce(o.becomes, b.verdict, 'not-begun'),
       coalesce(o.met, '{}'), coalesce(o.lost, '{}'), coalesce(c.issued, 0), coalesce(c.ended, 0)
  from counting_other o
  full join coming_certificates c on c.enrolment = o.enrolment
  join counting_set s on s.enrolment = coalesce(o.enrolment, c.enrolment)
  join counting_leaf l on l.enrolment = s.enrolment
  join counting_place p on p.leaf = l.leaf
  left join counting_before b on b.enrolment = s.enrolment and b.demand = 'overall'"""
_NOBODY = "select 0, 0, 0, '', '', '{}'::text[], '{}'::text[], 0, 0 where false"


@transaction.atomic
def preview_versions(*, by: Actor) -> int:
    """Look at the next proposed change that waits for it (a step of the worker, in a loop of its own): whose verdict, which
    demands, which certificates would be other, school by school. Nothing but what was found is written, and nobody waits for it.
    Returns how many were looked at. Refuses `platform-only`."""
    platform_only(by)
    row = look_wanted()
    if row is None:
        return 0
    people, rows = (_measure(row), _ROWS) if row.everybody else (0, _NOBODY)
    line = record(
        by=by, verb="insight.preview_version", thing=row, unit=row.programme.owner_id, facts={"people": people}
    )
    keep_look(cause=line, proposal=row, rows=rows, people=people, began=row.changes)
    return 1


def _measure(row: Proposal) -> int:
    """Fill the scratch tables that `_ROWS` reads; returns how many people were looked at."""
    with connection.cursor() as cursor:
        cursor.execute("set local work_mem = '256MB'")
    document = from_json(row.document)

    def told(gone: int) -> None:
        tell_gone(proposal=row.pk, gone=gone)

    people = measure_set(ALL, [row.programme_id], now(), under=document, told=told)
    told(75)
    find_others(people, today())
    rules = rules_of(PROPOSED, document)
    note_coming(rules, row.programme_id, by_hand=BY_HAND, now=now())
    told(90)
    return people
