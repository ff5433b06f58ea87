"""How the levels that reviewers gave compare with what was decided and with each other's."""

from dataclasses import dataclass

from django.db import connection

from weineng.assessment.rules import LEVELS


@dataclass(frozen=True)
class Agreement:
    """Pieces of evidence on which one level was compared with another: how often the same, stricter, milder; from how many
    dossiers and reviewers. `of`: own and others (with what was decided), pair (own with the panel's other reviewer)."""

    programme: str
    lane: str  # panel (whoever decides, third reviewers too), backbone, peer
    of: str
    count: int
    same: int
    stricter: int
    milder: int
    dossiers: int
    reviewers: int


# Decided dossiers alone, and of the others only whoever judged one of them beside this reviewer, with all that they judged.
_AGREEMENT = """
    with mine as (
        select distinct run.dossier_id, case a.role when 'peer' then 'peer' when 'backbone' then 'backbone' else 'panel' end as lane
          from assessment_assignment a
          join organisations_person p on p.id = a.reviewer_id and coalesce(p.merged_into_id, p.id) = %(person)s
          join assessment_stagerun run on run.id = a.run_id
          join assessment_dossier d on d.id = run.dossier_id and d.state = 'decided'
         where a.state = 'done' and a.role <> 'self'
    ), beside as (
        select distinct m.lane, a.reviewer_id
          from mine m
          join assessment_stagerun run on run.dossier_id = m.dossier_id
          join assessment_assignment a on a.run_id = run.id and a.state = 'done' and a.role <> 'self'
           and case a.role when 'peer' then 'peer' when 'backbone' then 'backbone' else 'panel' end = m.lane
    ), said as (
        select s.programme, b.lane, coalesce(p.merged_into_id, p.id) as reviewer, d.id as dossier, a.role, r.seq,
               array_position(%(levels)s, r.level::text) as level,
               array_position(%(levels)s, f.detail -> 'evidence' ->> r.seq::text) as decided
          from beside b
          join organisations_person p on p.id = b.reviewer_id
          join assessment_assignment a on a.reviewer_id = b.reviewer_id and a.state = 'done' and a.role <> 'self'
           and case a.role when 'peer' then 'peer' when 'backbone' then 'backbone' else 'panel' end = b.lane
          join assessment_rating r on r.assignment_id = a.id and r.final and r.level <> ''
          join assessment_stagerun run on run.id = a.run_id
          join assessment_dossier d on d.id = run.dossier_id and d.state = 'decided'
          join evidence_submission s on s.id = d.submission_id
          join assessment_result f on f.submission_id = s.id and f.source = 'stages'
          join assessment_stagerun last on last.id = (f.detail ->> 'run')::bigint and last.dossier_id = d.id
    ), compared as (
        select programme, lane, case when reviewer = %(person)s then 'own' else 'others' end as of,
               level, decided as beside, dossier, reviewer
          from said where decided is not null
        union all
        select o.programme, o.lane, 'pair', o.level, x.level, o.dossier, x.reviewer
          from said o
          join said x on x.dossier = o.dossier and x.seq = o.seq and x.lane = 'panel'
           and x.role <> 'third' and x.reviewer <> o.reviewer
         where o.reviewer = %(person)s and o.lane = 'panel' and o.role <> 'third'
    )
    select programme, lane, of, count(*), count(*) filter (where level = beside),
           count(*) filter (where level < beside), count(*) filter (where level > beside), count(distinct dossier),
           count(distinct reviewer)
      from compared group by 1, 2, 3 order by 1, 2, 3
"""


def agreements(person: int) -> list[Agreement]:
    """How a reviewer's levels compare with what was decided and with the other reviewer's, and how the others' do."""
    with connection.cursor() as cursor:
        cursor.execute(_AGREEMENT, {"person": person, "levels": list(LEVELS)})
        return [Agreement(*row) for row in cursor.fetchall()]
