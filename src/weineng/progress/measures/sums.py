"""Where enrolments are counted, and the sums of their leaves (semantics 29)."""

from collections import defaultdict
from datetime import date
from functools import cache
from typing import Any

from django.db.models.expressions import RawSQL

from weineng.kernel.planner import ask
from weineng.organisations.queries import home_leaves
from weineng.progress.measures.papers import Papers
from weineng.progress.measures.people import MANY, weigh

FACTS = ("stage", "subject")  # of the home posting, by which figures are cut


def place_people(papers: Papers, enrolments: int) -> None:
    """Fill `counting_leaf`: where each enrolment of a set of so many is counted, and the next day on which the clock moves it."""
    versions: dict[date, list[int]] = defaultdict(list)
    for version, on in papers.days.items():
        versions[on].append(version)
    sql, params = _composed()
    for on, concerned in versions.items():
        given = [concerned if value == _CONCERNED else on if value == _ON else value for value in params]
        ask(sql, given, few=enrolments < MANY)


# Composing the query costs more than asking it for one person: once is enough, around what stands for its values.
_CONCERNED, _ON = [0], date(9000, 1, 1)


@cache
def _composed() -> tuple[str, tuple[Any, ...]]:
    people = RawSQL("select root from counting_set where version = any(%s)", [_CONCERNED])
    leaves, params = home_leaves(people, _ON, facts=FACTS).query.sql_with_params()  # type: ignore[arg-type]  # an SQL expression of ids
    return _LEAVES.format(leaves=leaves), (*params, _ON, _ON, _CONCERNED)


# Somebody without any posting is counted at the unit that runs the programme, so that no sum loses anybody.
_LEAVES = """
insert into counting_leaf
with home(person, leaf, leaf_kind, stage, subject) as materialized ({leaves}),
edges as materialized (
    select p.person_id as person, min(edge.day) as day
      from counting_set s
      join organisations_posting p on p.person_id = s.root and p.home
     cross join lateral (values (lower(p.during)), (upper(p.during))) as edge(day)
     where edge.day > %s
     group by p.person_id
)
select s.enrolment, coalesce(h.leaf, g.owner_id), coalesce(h.leaf_kind, 'unplaced'),
       least(e.day, case when u.closed_on > %s then u.closed_on end), h.stage, h.subject
  from counting_set s
  join programmes_programme g on g.id = s.programme
  left join home h on h.person = s.root
  left join edges e on e.person = s.root
  left join organisations_unit u on u.id = h.leaf
 where s.version = any(%s)
"""


def sum_leaves(*, few: bool = False) -> int:
    """Fill `counting_tally` and `counting_cut` for the leaves in `counting_spot` (`few`: of few people) from the stored standings;
    returns how many rows the former has."""
    weigh(ask(_CUTS, few=few), "counting_cut")
    tallies = ask(_SUMS, few=few)
    weigh(tallies, "counting_tally")
    return tallies


_CUTS = """
insert into counting_cut
select s.programme_id, s.leaf_id, s.stage, s.subject, s.verdict, count(*)::int, (count(*) filter (where s.participant))::int
  from counting_spot p
  join progress_standing s on s.leaf_id = p.leaf and s.programme_id = p.programme and s.demand = 'overall'
 group by s.programme_id, s.leaf_id, s.stage, s.subject, s.verdict
"""
_SUMS = """
insert into counting_tally
select s.programme_id, s.leaf_id, s.leaf_kind, s.demand, s.verdict, count(*)::int,
       (count(*) filter (where s.participant))::int, sum(s.have)
  from counting_spot p
  join progress_standing s on s.leaf_id = p.leaf and s.programme_id = p.programme
 group by s.programme_id, s.leaf_id, s.leaf_kind, s.demand, s.verdict
"""
