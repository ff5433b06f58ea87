"""Who may review what: eligible reviewers as sets, for a whole batch of dossiers at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection

from weineng.assessment.rules import LEVELS

# Each query answers rows (dossier, reviewer) for dossiers in %(dossiers)s on the day %(on)s. The person judged is never
# among the reviewers, nor anybody out of post, merged away or without an account that could open the dossier.
_ABLE = """
       and p.id <> coalesce(j.merged_into_id, j.id) and p.merged_into_id is null
       and exists (select from accounts_account a where a.person_id = p.id and a.is_active)
       and exists (select from organisations_posting now where now.person_id = p.id and now.during @> %(on)s::date
                      and now.in_post = 'in-post')
"""

_PEERS = """
    select distinct d.id, p.id
      from assessment_dossier d
      join organisations_person j on j.id = d.person_id
      join organisations_posting own on own.person_id = coalesce(j.merged_into_id, j.id)
       and own.home and own.during @> %(on)s::date
      join organisations_posting peer on peer.during @> %(on)s::date and peer.in_post = 'in-post' and {where}
      join organisations_person p on p.id = peer.person_id
     where d.id = any(%(dossiers)s) {able}
"""

_PANEL = """
    select distinct d.id, p.id
      from assessment_dossier d
      join organisations_person j on j.id = d.person_id
      join organisations_posting own on own.person_id = coalesce(j.merged_into_id, j.id)
       and own.home and own.during @> %(on)s::date
      join organisations_closure up on up.unit_id = own.unit_id and up.during @> %(on)s::date
      join accounts_grant g on g.unit_id = up.ancestor_id and g.role = 'panel-member'
       and g.starts_on <= %(on)s and (g.ends_on is null or g.ends_on > %(on)s)
      join organisations_person p on p.id = g.person_id
     where d.id = any(%(dossiers)s) {able}
"""

_SAME_ZONE = """
    peer.subject = own.subject and peer.subject <> '' and exists (
        select from organisations_closure b
         where b.unit_id = peer.unit_id and b.during @> %(on)s::date and b.ancestor_id = (
            select a.ancestor_id from organisations_closure a
              join organisations_unit z on z.id = a.ancestor_id and z.level in ('zone', 'county')
             where a.unit_id = own.unit_id and a.during @> %(on)s::date
             order by z.level = 'zone' desc, a.depth limit 1))
"""

POOLS: Mapping[str, str] = {  # basis -> query, in the order of semantics 20
    "group": _PEERS.format(
        where="peer.unit_id = own.unit_id and exists (select from organisations_unit u "
        "where u.id = own.unit_id and u.level = 'group')",
        able=_ABLE,
    ),
    "same-subject-in-school": _PEERS.format(
        where="peer.school_id = own.school_id and peer.subject = own.subject and own.subject <> ''", able=_ABLE
    ),
    "same-zone": _PEERS.format(where=_SAME_ZONE, able=_ABLE),
    "panel": _PANEL.format(able=_ABLE),
}


def eligible(basis: str, dossiers: Collection[int], on: date) -> dict[int, set[int]]:
    """Who may review each dossier on this basis (a key of `POOLS`): dossier id → person ids."""
    found: dict[int, set[int]] = {dossier: set() for dossier in dossiers}
    with connection.cursor() as cursor:
        cursor.execute(POOLS[basis], {"dossiers": list(dossiers), "on": on})
        for dossier, reviewer in cursor.fetchall():
            found[dossier].add(reviewer)
    return found


_LAPSED = """
    select a.id
      from assessment_assignment a
      join assessment_stagerun r on r.id = a.run_id
      join assessment_dossier d on d.id = r.dossier_id and d.state = 'open'
      join evidence_submission s on s.id = d.submission_id
      join organisations_person w on w.id = a.reviewer_id
      join organisations_person j on j.id = a.judged_id
     where a.state in ('assigned', 'opened') and a.role <> 'self' and not (
           exists (select from accounts_account c join organisations_person x on x.id = c.person_id
                    where coalesce(x.merged_into_id, x.id) = coalesce(w.merged_into_id, w.id) and c.is_active)
       and exists (select from organisations_posting p where p.person_id = coalesce(w.merged_into_id, w.id)
                      and p.during @> %(on)s::date and p.in_post = 'in-post')
       and (a.basis <> 'panel' or exists (
            select from accounts_grant g
              join organisations_person x on x.id = g.person_id
              join organisations_closure up on up.ancestor_id = g.unit_id and up.during @> %(on)s::date
             where coalesce(x.merged_into_id, x.id) = coalesce(w.merged_into_id, w.id)
               and g.role = 'panel-member' and g.starts_on <= %(on)s and (g.ends_on is null or g.ends_on > %(on)s)
               and (up.unit_id = s.unit_id or up.unit_id in (
                    select h.unit_id from organisations_posting h where h.person_id = coalesce(j.merged_into_id, j.id)
                       and h.home and h.during @> %(on)s::date)))))
"""


def lapsed(on: date) -> list[int]:
    """Assignments of open dossiers whose reviewer can no longer do them: closed account, out of post, role ended.

    A panel member of the school in which the evidence was handed in stays one when its author moves.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LAPSED, {"on": on})
        return [assignment for (assignment,) in cursor.fetchall()]


def loads(reviewers: Collection[int]) -> dict[int, int]:
    """How many dossiers each reviewer has been given in all: work is spread evenly, now and over the year."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select reviewer_id, count(*) filter (where state in ('assigned', 'opened')) * 1000 + count(*) "
            "from assessment_assignment where reviewer_id = any(%s) and role <> 'self' and state <> 'void' group by 1",
            [list(reviewers)],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class Agreement:
    """Pieces of evidence on which one level was compared with another: how often the same, stricter, milder; from how many
    dossiers and reviewers. `of`: own and others (with what was decided), pair (own with the panel's other reviewer)."""

    programme: str
    lane: str  # panel (third reviewers too), peer
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
        select distinct run.dossier_id, a.role = 'peer' as peer
          from assessment_assignment a
          join organisations_person p on p.id = a.reviewer_id and coalesce(p.merged_into_id, p.id) = %(person)s
          join assessment_stagerun run on run.id = a.run_id
          join assessment_dossier d on d.id = run.dossier_id and d.state = 'decided'
         where a.state = 'done' and a.role <> 'self'
    ), beside as (
        select distinct m.peer, a.reviewer_id
          from mine m
          join assessment_stagerun run on run.dossier_id = m.dossier_id
          join assessment_assignment a on a.run_id = run.id and a.state = 'done' and a.role <> 'self'
           and (a.role = 'peer') = m.peer
    ), said as (
        select s.programme, b.peer, coalesce(p.merged_into_id, p.id) as reviewer, d.id as dossier, a.role, r.seq,
               array_position(%(levels)s, r.level::text) as level,
               array_position(%(levels)s, f.detail -> 'evidence' ->> r.seq::text) as decided
          from beside b
          join organisations_person p on p.id = b.reviewer_id
          join assessment_assignment a on a.reviewer_id = b.reviewer_id and a.state = 'done' and a.role <> 'self'
           and (a.role = 'peer') = b.peer
          join assessment_rating r on r.assignment_id = a.id and r.final and r.level <> ''
          join assessment_stagerun run on run.id = a.run_id
          join assessment_dossier d on d.id = run.dossier_id and d.state = 'decided'
          join evidence_submission s on s.id = d.submission_id
          join assessment_result f on f.submission_id = s.id and f.source = 'stages'
          join assessment_stagerun last on last.id = (f.detail ->> 'run')::bigint and last.dossier_id = d.id
    ), compared as (
        select programme, peer, case when reviewer = %(person)s then 'own' else 'others' end as of,
               level, decided as beside, dossier, reviewer
          from said where decided is not null
        union all
        select o.programme, o.peer, 'pair', o.level, x.level, o.dossier, x.reviewer
          from said o join said x on x.dossier = o.dossier and x.seq = o.seq and x.role = 'panel' and x.reviewer <> o.reviewer
         where o.reviewer = %(person)s and o.role = 'panel'
    )
    select programme, case when peer then 'peer' else 'panel' end, of, count(*), count(*) filter (where level = beside),
           count(*) filter (where level < beside), count(*) filter (where level > beside), count(distinct dossier),
           count(distinct reviewer)
      from compared group by 1, 2, 3 order by 1, 2, 3
"""


def agreements(person: int) -> list[Agreement]:
    """How a reviewer's levels compare with what was decided and with the other reviewer's, and how the others' do."""
    with connection.cursor() as cursor:
        cursor.execute(_AGREEMENT, {"person": person, "levels": list(LEVELS)})
        return [Agreement(*row) for row in cursor.fetchall()]
