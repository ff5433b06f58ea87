"""Who has earned which certificate, and which no longer hold: one comparison for the whole platform, in one statement.

What is earned (semantics 28): the overall verdict is among those the document asks for; a point's certificate needs the
passed point as well. Somebody who left or is exempt keeps what was reached. A verdict that waits for a decision earns
nothing. Enrolments whose numbers are about to be recounted wait for the recount.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from weineng.kernel.planner import answers

# Recent are two minutes of the newest 20,000 changes of standings, a tenth as many results, ten minutes of acceptances and samples:
# the whole comparison, once a minute, sees the rest.
RECENT = 20_000
_RECENT = """recent as materialized (
    select enrolment from progress_standinghistory
     where id > (select max(id) - %(recent)s from progress_standinghistory) and demand = 'overall'
       and lower(during) > %(now)s - interval '2 minutes'
    union
    select enrolment from assessment_result where id > (select max(id) - %(recent)s / 10 from assessment_result)
    union
    select enrolment from assessment_acceptedperson where at > %(now)s - interval '10 minutes'
    union
    select k.enrolment
      from assessment_acceptance a
      join assessment_acceptedperson k on k.acceptance_id = a.id
     where greatest(a.decided_at, a.taken_back_at) > %(now)s - interval '10 minutes'
    union
    select h.id
      from (select result_id from assessment_sampledresult where done_at > %(now)s - interval '10 minutes'
            union
            select x.result_id
              from assessment_sample m
              join assessment_samplestratum t on t.sample_id = m.id
              join assessment_sampledresult x on x.stratum_id = t.id and x.drawn > 0 and x.outcome = ''
             where m.ended_at > %(now)s - interval '10 minutes') lately
      join assessment_result r on r.id = lately.result_id
      join organisations_person p on p.id = r.person_id
      join organisations_person q on coalesce(q.merged_into_id, q.id) = coalesce(p.merged_into_id, p.id)
      join programmes_enrolment e on e.id = r.enrolment
      join programmes_enrolment h on h.person_id = q.id and h.programme_id = e.programme_id
),
"""

_EARNED = """
rule as materialized (
    select * from jsonb_to_recordset(%(rules)s::jsonb) as r(version bigint, rule text, kind text, verdicts text[], accepts text[])
),
{recent}holder as materialized (
    select s.enrolment_id as enrolment, e.programme_id as programme, coalesce(p.merged_into_id, p.id) as person, s.version,
           case when s.verdict in ('left', 'exempt') then s.detail->>'reached' else s.verdict end as level
      from {standings} s
      join programmes_enrolment e on e.id = s.enrolment_id
      join organisations_person p on p.id = e.person_id
     where s.demand = 'overall'{of_holder}
       and case when s.verdict in ('left', 'exempt') then s.detail->>'reached' else s.verdict end in ('pass', 'excellent')
),
taken_back as materialized (  -- what was accepted and is no longer: a certificate that rested on it ends
    select distinct enrolment
      from (select distinct on (h.enrolment, a.stage) h.enrolment, k.state, a.state as school, a.taken_back_at
              from holder h  -- of each stage what was said last, at whichever school
              join organisations_person q on coalesce(q.merged_into_id, q.id) = h.person
              join assessment_acceptedperson k on k.person_id = q.id
              join assessment_acceptance a on a.id = k.acceptance_id and a.programme_id = h.programme
             order by h.enrolment, a.stage, k.at desc, k.id desc) said
     where state <> 'accepted' or school = 'refused' or taken_back_at is not null
),
earned as materialized (
    select h.enrolment, h.programme, h.person, h.version, r.rule, r.kind, '' as point, h.level
      from holder h join rule r on r.version = h.version and r.kind = 'programme' and h.level = any(r.verdicts)
     where h.enrolment not in (select enrolment from taken_back)
    union all
    select h.enrolment, h.programme, h.person, h.version, r.rule, r.kind, x.point,
           case when bool_or(x.level = 'excellent') then 'excellent' else 'pass' end
      from holder h
      join rule r on r.version = h.version and r.kind = 'point' and h.level = any(r.verdicts)
      join organisations_person q on coalesce(q.merged_into_id, q.id) = h.person
      join programmes_enrolment o on o.person_id = q.id and o.programme_id = h.programme
      join assessment_result x on x.enrolment = o.id and x.item = 'point' and x.overturned_at is null and x.level <> 'fail'
     where h.enrolment not in (select enrolment from taken_back)
     group by h.enrolment, h.programme, h.person, h.version, r.rule, r.kind, x.point
)"""

# For what a certificate of a person waits (semantics 28): an acceptance of the document that is not there, for the school, for
# the person, or for a result that came later; and a sample that drew a result of theirs. It holds up what is new, and ends nothing.
HELD = """
select h.enrolment, 'acceptance' as why, stage
  from ({holders}) h
  join rule r on r.version = h.version
 cross join unnest(r.accepts) stage
 where not exists (
       select from assessment_acceptance a
         join assessment_acceptedperson k on k.acceptance_id = a.id and k.state = 'accepted'
         join organisations_person q on q.id = k.person_id and coalesce(q.merged_into_id, q.id) = h.person
        where a.programme_id = h.programme and a.stage = stage and a.state = 'accepted'
          and not exists (
              select from organisations_person o
                join programmes_enrolment e on e.person_id = o.id and e.programme_id = h.programme
                join assessment_result x on x.enrolment = e.id and x.overturned_at is null and x.level <> 'fail'
                 and x.source in ('stages', 'sheet') and x.id > k.through
               where coalesce(o.merged_into_id, o.id) = h.person))
union all
select h.enrolment, 'sample', m.stage
  from ({holders}) h
  join organisations_person q on coalesce(q.merged_into_id, q.id) = h.person
  join programmes_enrolment e on e.person_id = q.id and e.programme_id = h.programme
  join assessment_result x on x.enrolment = e.id
  join assessment_sampledresult d on d.result_id = x.id and d.drawn > 0 and d.outcome = ''
  join assessment_samplestratum t on t.id = d.stratum_id
  join assessment_sample m on m.id = t.sample_id and m.state = 'running'
"""

_DUE = """
with {earned},
difference as materialized (
    select c.id as certificate, coalesce(w.enrolment, c.enrolment_id) as enrolment,
           coalesce(w.programme, c.programme_id) as programme, coalesce(w.person, c.person_id) as person,
           coalesce(w.version, 0) as version, coalesce(w.rule, c.rule) as rule, coalesce(w.kind, c.kind) as kind,
           coalesce(w.point, c.point) as point, coalesce(w.level, c.level) as level,
           case when c.id is null then 'new' when w.enrolment is null then 'lost'
                when c.person_id <> w.person then 'person' else 'level' end as because
      from (select * from certification_certificate where revoked_at is null{of_certificate}) c
      full join earned w on w.enrolment = c.enrolment_id and w.rule = c.rule and w.point = c.point
     where c.id is null or w.enrolment is null or c.person_id <> w.person or c.level <> w.level
),
kept as materialized (  -- what was issued stays while its verdict is held, also where a later version asks for another one
    select d.certificate
      from difference d
      join holder h on h.enrolment = d.enrolment
     where d.because = 'lost' and h.enrolment not in (select enrolment from taken_back)
       and case d.kind
           when 'point' then exists (
                select from organisations_person q
                  join programmes_enrolment o on o.person_id = q.id and o.programme_id = h.programme
                  join assessment_result x on x.enrolment = o.id and x.item = 'point' and x.point = d.point
                   and x.overturned_at is null and x.level <> 'fail'
                 where coalesce(q.merged_into_id, q.id) = h.person)
                and not exists (select from rule r where r.version = h.version and r.rule = d.rule and r.kind = 'point')
           else h.level in (d.level, 'excellent')
                and not exists (select from rule r where r.version = h.version and r.rule = d.rule
                                                     and r.kind = d.kind and d.level = any(r.verdicts)) end
),
held as materialized (
{held}),
last as (  -- what the same person had last for the same thing
    select distinct on (d.enrolment, d.rule, d.point) d.enrolment, d.rule, d.point, b.revoked_because
      from difference d
      join organisations_person q on coalesce(q.merged_into_id, q.id) = d.person
      join certification_certificate b
        on b.person_id = q.id and b.programme_id = d.programme and b.rule = d.rule and b.point = d.point
     where d.because = 'new'
     order by d.enrolment, d.rule, d.point, b.id desc
)
select d.*
  from difference d
  left join last l on l.enrolment = d.enrolment and l.rule = d.rule and l.point = d.point
 where not coalesce(l.revoked_because = any(%(by_hand)s), false)
   and not (d.because = 'new' and d.enrolment in (select enrolment from held))
   and not (d.because = 'lost' and d.certificate in (select certificate from kept))
{waiting}
   and not exists (select from progress_standing s
                    where s.enrolment_id = d.enrolment and s.demand = 'overall' and s.changes_at <= %(now)s)
   and not exists (select from programmes_enrolment e join organisations_change k on k.person_id = e.person_id
                    where e.id = d.enrolment and not k.read_by @> array['programmes'::varchar])
 order by d.because <> 'lost', d.enrolment, d.rule, d.point
 limit %(most)s
"""

_LOST = """
select c.id,
       case when not exists (select from progress_standing s where s.enrolment_id = c.enrolment_id)
                 and exists (select from programmes_enrolment e join organisations_person p on p.id = e.person_id
                              where e.id = c.enrolment_id and p.merged_into_id is not null) then 'person-merged'
            when exists (select from (  -- of each stage what was said last, at whichever school
                             select distinct on (a.stage) k.state, a.state as school, a.taken_back_at
                               from organisations_person q
                               join assessment_acceptedperson k on k.person_id = q.id
                               join assessment_acceptance a on a.id = k.acceptance_id and a.programme_id = c.programme_id
                              where coalesce(q.merged_into_id, q.id) = coalesce(p.merged_into_id, p.id)
                              order by a.stage, k.at desc, k.id desc) said
                          where said.state = 'open' or said.school = 'refused' or said.taken_back_at is not null) then 'not-accepted'
            when exists (select from organisations_person q
                           join assessment_result r on r.person_id = q.id and r.overturned_at >= c.issued_at
                          where coalesce(q.merged_into_id, q.id) = coalesce(p.merged_into_id, p.id)) then 'result-overturned'
            when exists (select from organisations_person q
                           join learning_record r on r.person_id = q.id
                           join learning_record v on v.void_of_id = r.id and v.arrived_at >= c.issued_at
                          where coalesce(q.merged_into_id, q.id) = coalesce(p.merged_into_id, p.id)) then 'hours-voided'
            else 'no-longer-earned' end
  from certification_certificate c
  join organisations_person p on p.id = c.person_id
 where c.id = any(%(certificates)s)
"""


@dataclass(frozen=True)
class Due:
    """One difference between what is earned and what is in force. `because`: new (nothing in force), lost (nothing
    earned any more; the fields are the certificate's own), person or level (in force, but not as earned)."""

    certificate: int | None
    enrolment: int
    programme: int
    person: int
    version: int
    rule: str
    kind: str
    point: str
    level: str
    because: str


def due(
    rules: Sequence[Mapping[str, Any]], *, by_hand: Sequence[str], now: datetime, most: int, recent: bool
) -> list[Due]:
    """What has to be issued or revoked, lost ones first, at most `most`; `recent`: only where a verdict or result changed
    lately, which costs the same however many certificates there are.

    `rules` are rows version, rule, kind, verdicts: the certificates of every document somebody is judged by.
    """
    params: dict[str, Any] = {"rules": json.dumps(rules), "by_hand": list(by_hand), "now": now, "most": most}
    params["recent"] = RECENT
    if recent:  # asked in every round: planning it takes longer than most of its answers
        return [Due(*row) for row in answers(_DUE_RECENT, params)]
    with connection.cursor() as cursor:
        cursor.execute(_DUE_ALL, params)
        return [Due(*row) for row in cursor.fetchall()]


def due_of(
    rules: Sequence[Mapping[str, Any]], enrolments: Sequence[int], *, by_hand: Sequence[str], now: datetime, most: int
) -> list[Due]:
    """As `due`, of these enrolments only, as their standings are now: the caller has just had them counted."""
    params: dict[str, Any] = {"rules": json.dumps(rules), "by_hand": list(by_hand), "now": now, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_DUE_OF, {**params, "enrolments": list(enrolments)})
        return [Due(*row) for row in cursor.fetchall()]


_HELD_NEW = HELD.format(
    holders="select distinct enrolment, programme, person, version from difference where because = 'new'"
)
_STORED = "progress_standing"
_ALL = _EARNED.format(standings=_STORED, recent="", of_holder="")
# Nothing is decided about whoever waits to be counted.
_NOT_WAITING = "   and not exists (select from programmes_touched t where t.enrolment = d.enrolment)"
_DUE_ALL = _DUE.format(held=_HELD_NEW, earned=_ALL, of_certificate="", waiting=_NOT_WAITING)
_DUE_RECENT = _DUE.format(
    held=_HELD_NEW,
    earned=_EARNED.format(
        standings=_STORED, recent=_RECENT, of_holder=" and s.enrolment_id in (select enrolment from recent)"
    ),
    of_certificate=" and enrolment_id in (select enrolment from recent)",
    waiting=_NOT_WAITING,
)
_DUE_OF = _DUE.format(
    held=_HELD_NEW,
    earned=_EARNED.format(standings=_STORED, recent="", of_holder=" and s.enrolment_id = any(%(enrolments)s)"),
    of_certificate=" and enrolment_id = any(%(enrolments)s)",
    waiting="",
)
# As if standings that were measured under another document, and lie in scratch, were stored.
_LOOKED_AT = "(select enrolment as enrolment_id, demand, verdict, detail, version from counting_standing)"
_DUE_IF = _DUE.format(
    held=_HELD_NEW,
    earned=_EARNED.format(standings=_LOOKED_AT, recent="", of_holder=""),
    of_certificate=" and programme_id = %(programme)s",
    waiting="",
)


def note_coming(rules: Sequence[Mapping[str, Any]], programme: int, *, by_hand: Sequence[str], now: datetime) -> None:
    """Fill the scratch table `coming_certificates` (enrolment, issued, ended) with how many certificates of whom would be
    issued and end if everybody of a programme stood as in `counting_standing`."""
    params: dict[str, Any] = {"rules": json.dumps(rules), "by_hand": list(by_hand), "now": now, "most": None}
    params["programme"] = programme
    with connection.cursor() as cursor:
        cursor.execute("create temp table if not exists coming_certificates (enrolment bigint, issued int, ended int)")
        cursor.execute("delete from coming_certificates")
        cursor.execute(f"insert into coming_certificates {_COMING}", params)


_COMING = f"""
select enrolment, count(*) filter (where because <> 'lost')::int, count(*) filter (where because <> 'new')::int
  from ({_DUE_IF}) d
 group by enrolment
"""
_EARNED_NOW = f"""
with {_ALL}
select null, w.enrolment, w.programme, w.person, w.version, w.rule, w.kind, w.point, w.level, 'new'
  from earned w
 where w.programme = %(programme)s and w.person = %(person)s and w.rule = %(rule)s and w.point = %(point)s
"""


_WAITS = f"""
with {_EARNED.format(standings=_STORED, recent="", of_holder=" and s.enrolment_id = any(%(enrolments)s)")}
select w.enrolment, w.why, w.stage
  from ({HELD.format(holders="select distinct enrolment, programme, person, version from earned")}) w
 order by w.enrolment, w.why, w.stage
"""


def held_up(rules: Sequence[Mapping[str, Any]], enrolments: Sequence[int]) -> list[tuple[int, str, str]]:
    """For what certificates wait that these enrolments have earned: (enrolment, acceptance or sample, code of the stage)."""
    params: dict[str, Any] = {"rules": json.dumps(rules), "enrolments": list(enrolments)}
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, params)
        return list(dict.fromkeys(cursor.fetchall()))


def earned_now(rules: Sequence[Mapping[str, Any]], *, programme: int, person: int, rule: str, point: str) -> Due | None:
    """What this person (as known now) has earned of this certificate of this programme at this moment."""
    params: dict[str, Any] = {
        "rules": json.dumps(rules),
        "programme": programme,
        "person": person,
        "rule": rule,
        "point": point,
    }
    with connection.cursor() as cursor:
        cursor.execute(_EARNED_NOW, params)
        row = cursor.fetchone()
    return Due(*row) if row else None


def reasons_for_loss(certificates: Sequence[int]) -> dict[int, str]:
    """Why each of these is no longer earned, as a key of `rules.REASONS`: what happened since it was issued."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST, {"certificates": list(certificates)})
        return dict(cursor.fetchall())
