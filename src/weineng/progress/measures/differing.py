"""Where a set that was measured under another document stands otherwise than it does: overall, and demand by demand."""

from datetime import date

from django.db import connection

from weineng.progress.measures.people import weigh


def note_before() -> None:
    """Keep in `counting_before` how everybody of the set's programmes stands, before they are measured under another document:
    what is counted anew meanwhile is no difference of the document."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into counting_before select enrolment_id, demand, verdict from progress_standing
                where programme_id in (select programme from counting_set)"""
        )


def find_others(enrolments: int, on: date) -> int:
    """Fill `counting_other` with those of the set who stand otherwise than in `counting_before`: overall verdicts, demands that are
    met or open now and were not, whose they are and the school of their leaf (`counting_place`: on a day). Returns how many."""
    weigh(enrolments, "counting_before", "counting_standing")
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [on])
        cursor.execute(_OTHERS)
        found = int(cursor.rowcount)
    weigh(found, "counting_other")
    return found


_PLACES = """
insert into counting_place
select l.leaf, coalesce((
           select c.ancestor_id from organisations_closure c join organisations_unit u on u.id = c.ancestor_id
            where c.unit_id = l.leaf and u.level = 'school' and c.during @> %s::date order by c.depth limit 1), l.leaf)
  from (select distinct leaf from counting_leaf) l
"""
_OTHERS = """
insert into counting_other
with differing as materialized (
    select f.enrolment,
           max(o.verdict) filter (where f.demand = 'overall') as was, max(f.verdict) filter (where f.demand = 'overall') as becomes,
           array_agg(f.demand order by f.demand) filter (where f.verdict = 'met') as met,
           array_agg(f.demand order by f.demand) filter (where f.verdict = 'open') as lost
      from counting_standing f
      left join counting_before o on o.enrolment = f.enrolment and o.demand = f.demand
     where f.verdict is distinct from o.verdict
       and (f.demand = 'overall' or f.verdict in ('met', 'open'))
     group by f.enrolment
)
select d.enrolment, s.root, p.school, coalesce(d.was, b.verdict, 'not-begun'), coalesce(d.becomes, b.verdict, 'not-begun'),
       coalesce(d.met, '{}'), coalesce(d.lost, '{}')
  from differing d
  join counting_set s on s.enrolment = d.enrolment
  join counting_leaf l on l.enrolment = d.enrolment
  join counting_place p on p.leaf = l.leaf
  left join counting_before b on b.enrolment = d.enrolment and b.demand = 'overall'
"""
