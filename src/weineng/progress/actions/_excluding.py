"""Programmes that exclude what counts in another one (semantics 34): which is counted first, and who is counted again."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from weineng.programmes.effects import touch_found
from weineng.programmes.models import Enrolment
from weineng.progress.measures.people import MANY

Exclusions = Mapping[int, tuple[str, tuple[str, ...]]]  # as `exclusions` of the programmes gives them


def in_order(enrolments: Collection[int], said: Exclusions) -> list[list[int]]:
    """Enrolments in the sets in which they are counted: those of a programme after those of the programmes it excludes."""
    named = _named(said)
    if not enrolments or not named:
        return [sorted(enrolments)] if enrolments else []
    layers: dict[int, list[int]] = defaultdict(list)
    for pk, code in Enrolment.objects.filter(pk__in=enrolments).order_by("pk").values_list("pk", "programme__code"):
        layers[_depth(code, named)].append(pk)
    return [layers[depth] for depth in sorted(layers)]


def waiting_elsewhere(asked: str, params: Sequence[Any], at: datetime, said: Exclusions) -> set[int]:
    """Enrolments of the same people that wait to be recounted in programmes which those of a SELECT `asked` exclude, or which
    these exclude in turn."""
    if not said:
        return set()
    named = _named(said)
    pairs = [(code, other) for code, others in named.items() for other in others]
    with connection.cursor() as cursor:
        cursor.execute(_WAITING.format(asked=asked), [*map(list, zip(*pairs, strict=True)), *params, at])
        return {pk for (pk,) in cursor.fetchall()}


def touch_excluding(said: Exclusions) -> int:
    """Ask for the recount of whoever is enrolled where the programmes of the set are excluded, if other records count in these
    now than stored: asked before the lines of the set are written. Returns of how many."""
    rules = [(version, other) for version, (_code, others) in said.items() for other in others]
    if not rules:
        return 0
    versions, codes = map(list, zip(*rules, strict=True))
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from (select from counting_set limit %s) found", [MANY])
        many = cursor.fetchone()[0] == MANY
    return touch_found(found=_EXCLUDING, params={"versions": versions, "codes": codes}, lane=int(many))


def _named(said: Exclusions) -> dict[str, set[str]]:
    """Programme → those it excludes under any of its versions."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, others in said.values():
        found[code].update(others)
    return dict(found)


def _depth(code: str, named: dict[str, set[str]], seen: frozenset[str] = frozenset()) -> int:
    """How many programmes are counted one after the other before this one. Whoever excluded each other by former versions is taken
    as it comes: what the first has changed touches the second."""
    if code in seen:
        return 0
    return max((1 + _depth(other, named, seen | {code}) for other in named.get(code, ())), default=0)


_WAITING = """
with recursive pair(code, other) as (select * from unnest(%s::text[], %s::text[])),
rule as (
    select a.id as programme, b.id as other
      from pair join programmes_programme a on a.code = pair.code join programmes_programme b on b.code = pair.other
),
needed(root, programme) as (
    select coalesce(p.merged_into_id, p.id), r.other
      from programmes_enrolment e
      join organisations_person p on p.id = e.person_id
      join rule r on r.programme = e.programme_id
     where e.id in ({asked})
    union
    select n.root, r.other from needed n join rule r on r.programme = n.programme
)
select e.id
  from needed n
  join organisations_person p on p.id = n.root or p.merged_into_id = n.root
  join programmes_enrolment e on e.person_id = p.id and e.programme_id = n.programme
 where e.id in (select enrolment from programmes_touched)
    or exists (select from progress_standing s where s.enrolment_id = e.id and s.demand = 'overall' and s.changes_at <= %s)
"""
_EXCLUDING = """
with rule(version, code) as (select * from unnest(%(versions)s::bigint[], %(codes)s::text[])),
excluded as (select distinct g.id from rule r join programmes_programme g on g.code = r.code),
fresh as (
    select s.root, s.programme, l.origin_id
      from counting_set s
      join counting_line l on l.enrolment = s.enrolment and l.origin = 'record' and l.reason = '' and l.minutes > 0
     where s.programme in (select id from excluded)
),
stored as (
    select t.root, t.programme, c.origin_id
      from counting_part t
      join progress_counted c on c.enrolment = t.part and c.origin = 'record' and c.reason = '' and c.minutes > 0
     where t.programme in (select id from excluded)
),
other as (
    (select * from fresh except select * from stored) union (select * from stored except select * from fresh)
)
select distinct e.id
  from (select distinct root, programme from other) o
  join programmes_programme g on g.id = o.programme
  join rule r on r.code = g.code
  join counting_person p on p.root = o.root
  join programmes_enrolment e on e.person_id = p.person and e.version_id = r.version
"""
