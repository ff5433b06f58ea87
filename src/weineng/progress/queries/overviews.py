"""A unit's figures, row by row: each the sum of its leaves on a date, each equal to the people behind it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import get_language

from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.planner import ask, preferring_hashes
from weineng.kernel.words import word_for
from weineng.organisations.models import AREAS
from weineng.organisations.queries import children_of, leaves_of_all
from weineng.organisations.reach import require_unit
from weineng.programmes.models import Version
from weineng.programmes.queries import document_in_force, document_of
from weineng.programmes.rules import Document
from weineng.progress.measures.areas import HOLDS
from weineng.progress.models import VERDICTS
from weineng.progress.permissions import VIEW

OUT = ("left", "exempt")  # not in the denominator (semantics 29)
FINISHED = ("pass", "excellent")
OWN_LEAVES = ("group", "no-group", "unplaced")


@dataclass(frozen=True)
class Reached:
    """Of the people of a unit (the denominator) how many have begun, and how many finished."""

    people: int = 0
    participants: int = 0
    passed: int = 0

    def reaches(self, percent: int) -> bool:
        """Whether at least so many per cent passed, compared without rounding; nobody is not enough (semantics 29, 30)."""
        return self.people > 0 and 100 * self.passed >= percent * self.people


@dataclass(frozen=True)
class Figures:
    """Numbers of enrolments. `people`: the denominator (neither left nor exempt); `participants` among them."""

    people: int
    participants: int
    verdicts: Mapping[str, int]  # every verdict, also those out of the denominator
    met: Mapping[str, int]  # demand -> how many meet it
    asked: Mapping[str, int]  # demand -> of how many it is asked

    @property
    def passed(self) -> int:
        """Pass or better."""
        return sum(self.verdicts[verdict] for verdict in FINISHED)

    def reaches(self, percent: int) -> bool:
        """As `Reached.reaches`."""
        return Reached(self.people, self.participants, self.passed).reaches(percent)

    def share(self, part: int) -> int:
        """`part` in whole per cent of the people, rounded down."""
        return 100 * part // self.people if self.people else 0


@dataclass(frozen=True)
class OverviewRow:
    """A unit below (`leaf_kind` ''), or the people of the unit itself: its group's, those without group, the unplaced."""

    unit: int
    title: str
    leaf_kind: str
    figures: Figures


@dataclass(frozen=True)
class Overview:
    """The rows of a unit and their sum."""

    programme: int
    unit: int
    title: str
    on: date
    demands: tuple[tuple[str, str], ...]  # (code, title) in the document's order
    rows: tuple[OverviewRow, ...]
    total: Figures


def overview(by: Actor, programme: int, unit: int, on: date | None = None) -> Overview:
    """The figures of `unit`, a row per unit directly below and per leaf of its own, on a date (default: today).

    A past date takes the tree, the postings and the verdicts as they stood when that day ended. Refuses `not-found`.
    """
    when = on or today()
    found = require_unit(by, VIEW, unit, when)
    document = document_in_force(programme)
    sums = _sums(document, programme, unit, when)
    children = {child.pk: child for child in children_of(unit, when, closed=True)}
    opened = set(children_of(unit, when).values_list("pk", flat=True))
    rows = [
        OverviewRow(pk, child.name, "", _figures(document, sums.get((pk, ""), {})))
        for pk, child in children.items()
        if pk in opened or (pk, "") in sums
    ]
    rows += [
        OverviewRow(unit, found.name, kind, _figures(document, sums[unit, kind]))
        for kind in OWN_LEAVES
        if (unit, kind) in sums
    ]
    total: dict[tuple[str, str], tuple[int, int]] = {}
    for cells in sums.values():
        for key, (people, participants) in cells.items():
            before = total.get(key, (0, 0))
            total[key] = (before[0] + people, before[1] + participants)
    language = get_language() or "en"
    return Overview(
        programme=programme,
        unit=unit,
        title=found.name,
        on=when,
        demands=tuple((demand.code, word_for(demand.title, language)) for demand in document.demands),
        rows=tuple(rows),
        total=_figures(document, total),
    )


def figures_of(programme: int, units: Collection[int], on: date, *, by_posts: bool = False) -> Mapping[int, Figures]:
    """The figures of these units on a date, as their overviews show them; nobody below a unit: all nought. The caller has
    narrowed the reach. `by_posts`: as people stand now, each where the posts put them on that day, to come or not yet counted."""
    document = document_in_force(programme)
    source, params = _tallies_by_posts(programme, on) if by_posts else tallies_on(document, programme, on)
    sums: dict[int, Cells] = {unit: {} for unit in units}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select d.ancestor_id, t.demand, t.verdict, sum(t.people), sum(t.participants)
              from ({source}) t
              join organisations_closure d on d.unit_id = t.leaf and d.during @> %s and d.ancestor_id = any(%s)
             group by d.ancestor_id, t.demand, t.verdict""",
            [*params, on, sorted(sums)],
        )
        for unit, demand, verdict, people, participants in cursor.fetchall():
            sums[unit][demand, verdict] = (int(people), int(participants))
    return {unit: _figures(document, cells) for unit, cells in sums.items()}


def reached_in(document: Document, programme: int, units: Collection[int], on: date) -> Mapping[int, Reached]:
    """What the overviews of these units say of the whole on a date, in one query however many they are; a unit without
    anybody is missing. The caller has narrowed the reach."""
    source, params = tallies_on(document, programme, on)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select d.ancestor_id, sum(t.people), sum(t.participants), coalesce(sum(t.people) filter (where t.verdict = any(%s)), 0)
              from ({source}) t
              join organisations_closure d on d.unit_id = t.leaf and d.during @> %s and d.ancestor_id = any(%s)
             where t.demand = 'overall' and t.verdict <> all(%s)
             group by d.ancestor_id""",
            [list(FINISHED), *params, on, sorted(units), list(OUT)],
        )
        return {unit: Reached(*(int(number) for number in numbers)) for unit, *numbers in cursor.fetchall()}


Cells = dict[tuple[str, str], tuple[int, int]]  # (demand, verdict) -> (people, participants)


def _figures(document: Document, cells: Cells) -> Figures:
    verdicts = {verdict: cells.get(("overall", verdict), (0, 0))[0] for verdict in VERDICTS}
    inside = [verdict for verdict in VERDICTS if verdict not in OUT]
    met = {demand.code: cells.get((demand.code, "met"), (0, 0))[0] for demand in document.demands}
    return Figures(
        people=sum(verdicts[verdict] for verdict in inside),
        participants=sum(cells.get(("overall", verdict), (0, 0))[1] for verdict in inside),
        verdicts=verdicts,
        met=met,
        asked={code: count + cells.get((code, "open"), (0, 0))[0] for code, count in met.items()},
    )


def _sums(document: Document, programme: int, unit: int, on: date) -> dict[tuple[int, str], Cells]:
    """(child unit, '') or (the unit itself, leaf kind) → its cells."""
    if on >= today(ZoneInfo(document.time_zone)):
        values = {"programme": programme, "unit": unit, "on": on, "areas": list(AREAS)}
        kept = _cells(_KEPT, values)
        if kept.pop((0, ""), None) is not None:
            return kept
    source, params = tallies_on(document, programme, on)
    with counting_everybody():
        return _cells(_SUMMED.format(source=source), [*params, on, unit, on, unit])


@contextmanager
def counting_everybody() -> Iterator[None]:
    """For a past day: everybody is put where they were, in as much memory as a million need, for this one question."""
    with transaction.atomic(), preferring_hashes():
        ask("set local work_mem = '64MB'", few=True)
        yield


def _cells(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> dict[tuple[int, str], Cells]:
    sums: dict[tuple[int, str], Cells] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for place, kind, demand, verdict, people, participants in cursor.fetchall():
            sums.setdefault((place, kind), {})[demand, verdict] = (int(people), int(participants))
    return sums


_SUMMED = """
with tally as ({source}), below as materialized (
    select c.unit_id as child, d.unit_id as leaf, '' as leaf_kind
      from organisations_closure c join organisations_closure d on d.ancestor_id = c.unit_id and d.during @> %s
     where c.ancestor_id = %s and c.depth = 1 and c.during @> %s)
select b.child, '', t.demand, t.verdict, sum(t.people), sum(t.participants)
  from below b join tally t on t.leaf = b.leaf group by b.child, t.demand, t.verdict
 union all
select t.leaf, t.leaf_kind, t.demand, t.verdict, sum(t.people), sum(t.participants)
  from tally t where t.leaf = %s group by t.leaf, t.leaf_kind, t.demand, t.verdict"""
# The same where the sums of areas are kept, with a row of no unit to say so: areas below are read as they stand, and the leaves of
# the other units below.
_KEPT = f"""
with held as materialized ({HOLDS}),
below as materialized (
    select e.child_id as child, u.level = any(%(areas)s) as area
      from organisations_edge e join organisations_unit u on u.id = e.child_id
     where e.parent_id = %(unit)s and e.kind = 'line' and e.during @> %(on)s::date and exists (select from held))
select 0, '', '', '', 0, 0 where exists (select from held)
 union all
select t.unit_id, '', t.demand, t.verdict, t.people, t.participants
  from below b join progress_areatally t on t.unit_id = b.child and t.programme_id = %(programme)s and t.people <> 0
 where b.area
 union all
select b.child, '', t.demand, t.verdict, sum(t.people), sum(t.participants)
  from below b
  join organisations_closure d on d.ancestor_id = b.child and d.during @> %(on)s::date
  join progress_tally t on t.leaf_id = d.unit_id and t.programme_id = %(programme)s
 where not b.area group by b.child, t.demand, t.verdict
 union all
select t.leaf_id, t.leaf_kind, t.demand, t.verdict, t.people, t.participants
  from progress_tally t where t.leaf_id = %(unit)s and t.programme_id = %(programme)s and exists (select from held)"""


def tallies_on(document: Document, programme: int, on: date) -> tuple[str, list[Any]]:
    """A SELECT of (leaf, leaf_kind, demand, verdict, people, participants) as they are, or as they were on a past day."""
    if on >= today(ZoneInfo(document.time_zone)):
        return (
            "select leaf_id as leaf, leaf_kind, demand, verdict, people, participants from progress_tally where programme_id = %s",
            [programme],
        )
    return _tallies_then(document, programme, on)


def _tallies_then(document: Document, programme: int, on: date) -> tuple[str, list[Any]]:
    """The sums of `standings_then` by leaf, without a row for each enrolment and demand: those whose verdict the history tells, and
    as many at the beginning as the demands of their versions leave over."""
    leaves, leaf_params = leaves_of_all(on)
    versions = Version.objects.filter(programme=programme).order_by("pk").values_list("pk", flat=True)
    asked = [(pk, code) for pk in versions for code in ("overall", *(d.code for d in document_of(pk).demands))]
    values = [[pk for pk, _code in asked], [code for _pk, code in asked], on, programme, _ended(document, on)]
    return _THEN.format(leaves=leaves), [*leaf_params, *values]


_THEN = """
with home(person, leaf, leaf_kind) as materialized ({leaves}),
merged as materialized (select id, merged_into_id as root from organisations_person where merged_into_id is not null),
asked(version, demand) as (select * from unnest(%s::bigint[], %s::text[])),
placed as materialized (
    select s.enrolment_id as enrolment, s.version, coalesce(l.leaf, g.owner_id) as leaf, coalesce(l.leaf_kind, 'unplaced') as leaf_kind
      from progress_standing s
      join programmes_programme g on g.id = s.programme_id
      join programmes_enrolment e on e.id = s.enrolment_id and e.since <= %s
      left join merged m on m.id = e.person_id
      left join home l on l.person = coalesce(m.root, e.person_id)
     where s.programme_id = %s and s.demand = 'overall'
),
held as materialized (
    select enrolment, demand, verdict, participant from progress_standinghistory where during @> %s::timestamptz
),
told as materialized (
    select o.leaf, o.leaf_kind, h.demand, h.verdict, count(*) as people, count(*) filter (where h.participant) as participants
      from held h
      join placed o on o.enrolment = h.enrolment
      join asked a on a.version = o.version and a.demand = h.demand
     group by o.leaf, o.leaf_kind, h.demand, h.verdict
),
silent as (
    select leaf, leaf_kind, demand, sum(people) as people
      from (select o.leaf, o.leaf_kind, a.demand, o.people
              from (select leaf, leaf_kind, version, count(*) as people from placed group by leaf, leaf_kind, version) o
              join asked a on a.version = o.version
             union all
            select leaf, leaf_kind, demand, -people from told) sides
     group by leaf, leaf_kind, demand
)
select leaf, leaf_kind, demand, verdict, people, participants from told where verdict <> ''
 union all
select leaf, leaf_kind, demand, case demand when 'overall' then 'not-begun' else 'open' end, people, 0 from silent where people > 0"""


def _tallies_by_posts(programme: int, on: date) -> tuple[str, list[Any]]:
    leaves, params = leaves_of_all(on)
    return (
        f"""
        with home(person, leaf, leaf_kind) as materialized ({leaves})
        select coalesce(l.leaf, g.owner_id) as leaf, coalesce(l.leaf_kind, 'unplaced') as leaf_kind, s.demand, s.verdict,
               count(*) as people, count(*) filter (where s.participant) as participants
          from progress_standing s
          join programmes_programme g on g.id = s.programme_id
          join programmes_enrolment e on e.id = s.enrolment_id
          join organisations_person p on p.id = e.person_id
          left join home l on l.person = coalesce(p.merged_into_id, p.id)
         where s.programme_id = %s group by 1, 2, 3, 4""",
        [*params, programme],
    )


def _ended(document: Document, on: date) -> datetime:
    """The last instant of a civil day."""
    return datetime.combine(on + timedelta(days=1), time(), ZoneInfo(document.time_zone)) - timedelta(microseconds=1)


def standings_then(document: Document, programme: int, on: date) -> tuple[str, list[Any]]:
    """A SELECT of (enrolment, demand, verdict, participant, leaf, leaf_kind, stage, subject) as they stood when a past day ended.

    Where the history is silent an enrolment stood at its beginning.
    """
    leaves, leaf_params = leaves_of_all(on, facts=("stage", "subject"))
    return (
        f"""
        with home(person, leaf, leaf_kind, stage, subject) as materialized ({leaves}),
        merged as materialized (select id, merged_into_id as root from organisations_person where merged_into_id is not null)
        select s.enrolment_id as enrolment, s.demand,
               coalesce(h.verdict, case s.demand when 'overall' then 'not-begun' else 'open' end) as verdict,
               coalesce(h.participant, false) as participant, coalesce(l.leaf, g.owner_id) as leaf,
               coalesce(l.leaf_kind, 'unplaced') as leaf_kind, coalesce(l.stage, '') as stage, coalesce(l.subject, '') as subject
          from progress_standing s
          join programmes_programme g on g.id = s.programme_id
          join programmes_enrolment e on e.id = s.enrolment_id and e.since <= %s
          left join merged m on m.id = e.person_id
          left join home l on l.person = coalesce(m.root, e.person_id)
          left join progress_standinghistory h on h.enrolment = s.enrolment_id and h.demand = s.demand and h.during @> %s::timestamptz
         where s.programme_id = %s and h.verdict is distinct from ''""",
        [*leaf_params, on, _ended(document, on), programme],
    )
