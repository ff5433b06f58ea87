"""The sums of areas (what schools stand below): kept beside those of leaves, so that a province is read from few rows."""

from datetime import date

from django.db import connection

from weineng.kernel.planner import ask
from weineng.organisations.models import AREAS

# The day is asked as `on`.
HOLDS = """select from progress_addedup where since <= %(on)s::date and (until is null or until > %(on)s::date)
                          and not exists (select from organisations_treechange)"""


def are_kept(on: date) -> bool:
    """Whether the sums of areas are those of the leaves that stand below them on a day."""
    return bool(_run(f"select 1 where exists ({HOLDS})", on, few=True))


def sum_areas(on: date) -> None:
    """Fill `counting_area` with the sums of all stored sums of leaves, under the tree of a day."""
    _run(_ALL, on)


def sum_differences(on: date, *, few: bool) -> int:
    """Fill `counting_area` with what the sums in `counting_tally` add to those that stand for the leaves in `counting_spot`, area by
    area under the tree of a day; returns how many rows."""
    return _run(_DIFFERENCES, on, few=few)


def first_other_day(on: date) -> date | None:
    """The first day after `on` on which other leaves stand below some area, as far as it is known."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"on": on, "areas": list(AREAS)})
        found: date | None = cursor.fetchone()[0]
        return found


def _run(sql: str, on: date, *, few: bool = False) -> int:
    return ask(sql, {"on": on, "areas": list(AREAS)}, few=few)


_BELOW = """
  join organisations_closure c on c.unit_id = t.leaf and c.during @> %(on)s::date
  join organisations_unit a on a.id = c.ancestor_id and a.level = any(%(areas)s::text[])
 group by t.programme, c.ancestor_id, t.demand, t.verdict"""
_ALL = f"""
insert into counting_area
select t.programme, c.ancestor_id, t.demand, t.verdict, sum(t.people)::int, sum(t.participants)::int
  from (select programme_id as programme, leaf_id as leaf, demand, verdict, sum(people) as people, sum(participants) as participants
          from progress_tally group by 1, 2, 3, 4) t{_BELOW}"""
_DIFFERENCES = f"""
insert into counting_area
select t.programme, c.ancestor_id, t.demand, t.verdict, sum(t.people)::int, sum(t.participants)::int
  from (select programme, leaf, demand, verdict, sum(people) as people, sum(participants) as participants
          from (select programme, leaf, demand, verdict, people, participants from counting_tally
                 union all
                select o.programme_id, o.leaf_id, o.demand, o.verdict, -o.people, -o.participants
                  from counting_spot p
                  join progress_tally o on o.leaf_id = p.leaf and o.programme_id = p.programme) sides
         group by programme, leaf, demand, verdict
        having sum(people) <> 0 or sum(participants) <> 0) t{_BELOW}"""
_NEXT = """
select min(edge.day)
  from organisations_closure c
  join organisations_unit a on a.id = c.ancestor_id and a.level = any(%(areas)s::text[])
 cross join lateral (values (lower(c.during)), (upper(c.during))) as edge(day)
 where edge.day > %(on)s"""
