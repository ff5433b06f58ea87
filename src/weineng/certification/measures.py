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

RECENT = 20_000  # so many of the newest changes of standings, and a tenth as many results, are recent
_RECENT = """recent as materialized (
    select enrolment from progress_standinghistory
     where id > (select max(id) - %(recent)s from progress_standinghistory) and demand = 'overall'
    union
    select enrolment from assessment_result where id > (select max(id) - %(recent)s / 10 from assessment_result)
),
"""

_EARNED = """
rule as materialized (
    select * from jsonb_to_recordset(%(rules)s::jsonb) as r(version bigint, rule text, kind text, verdicts text[])
),
{recent}holder as materialized (
    select s.enrolment_id as enrolment, e.programme_id as programme, coalesce(p.merged_into_id, p.id) as person, s.version,
           case when s.verdict in ('left', 'exempt') then s.detail->>'reached' else s.verdict end as level
      from progress_standing s
      join programmes_enrolment e on e.id = s.enrolment_id
      join organisations_person p on p.id = e.person_id
     where s.demand = 'overall'{of_holder}
       and case when s.verdict in ('left', 'exempt') then s.detail->>'reached' else s.verdict end in ('pass', 'excellent')
),
earned as materialized (
    select h.enrolment, h.programme, h.person, h.version, r.rule, r.kind, '' as point, h.level
      from holder h join rule r on r.version = h.version and r.kind = 'programme' and h.level = any(r.verdicts)
    union all
    select h.enrolment, h.programme, h.person, h.version, r.rule, r.kind, x.point,
           case when bool_or(x.level = 'excellent') then 'excellent' else 'pass' end
      from holder h
      join rule r on r.version = h.version and r.kind = 'point' and h.level = any(r.verdicts)
      join organisations_person q on coalesce(q.merged_into_id, q.id) = h.person
      join programmes_enrolment o on o.person_id = q.id and o.programme_id = h.programme
      join assessment_result x on x.enrolment = o.id and x.item = 'point' and x.overturned_at is null and x.level <> 'fail'
     group by h.enrolment, h.programme, h.person, h.version, r.rule, r.kind, x.point
)"""

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
    with connection.cursor() as cursor:
        cursor.execute(_DUE_RECENT if recent else _DUE_ALL, params)
        return [Due(*row) for row in cursor.fetchall()]


def due_of(
    rules: Sequence[Mapping[str, Any]], enrolments: Sequence[int], *, by_hand: Sequence[str], now: datetime, most: int
) -> list[Due]:
    """As `due`, of these enrolments only, as their standings are now: the caller has just had them counted."""
    params: dict[str, Any] = {"rules": json.dumps(rules), "by_hand": list(by_hand), "now": now, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_DUE_OF, {**params, "enrolments": list(enrolments)})
        return [Due(*row) for row in cursor.fetchall()]


_ALL = _EARNED.format(recent="", of_holder="")
# Nothing is decided about whoever waits to be counted.
_NOT_WAITING = "   and not exists (select from programmes_touched t where t.enrolment = d.enrolment)"
_DUE_ALL = _DUE.format(earned=_ALL, of_certificate="", waiting=_NOT_WAITING)
_DUE_RECENT = _DUE.format(
    earned=_EARNED.format(recent=_RECENT, of_holder=" and s.enrolment_id in (select enrolment from recent)"),
    of_certificate=" and enrolment_id in (select enrolment from recent)",
    waiting=_NOT_WAITING,
)
_DUE_OF = _DUE.format(
    earned=_EARNED.format(recent="", of_holder=" and s.enrolment_id = any(%(enrolments)s)"),
    of_certificate=" and enrolment_id = any(%(enrolments)s)",
    waiting="",
)
_EARNED_NOW = f"""
with {_ALL}
select null, w.enrolment, w.programme, w.person, w.version, w.rule, w.kind, w.point, w.level, 'new'
  from earned w
 where w.programme = %(programme)s and w.person = %(person)s and w.rule = %(rule)s and w.point = %(point)s
"""


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
