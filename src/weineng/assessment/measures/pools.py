"""Who may review what: eligible reviewers as sets, for a whole batch of dossiers at once."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import connection

from weineng.assessment.rules import grant_of

# Each query answers rows (dossier, reviewer) for dossiers in %(dossiers)s on the day %(on)s. The person judged is never
# among the reviewers, nor anybody who has said that they may not judge this person, is out of post, merged away or without
# an account that could open the dossier.
_ABLE = """
       and p.id <> coalesce(j.merged_into_id, j.id) and p.merged_into_id is null
       and exists (select from accounts_account a where a.person_id = p.id and a.is_active)
       and exists (select from organisations_posting now where now.person_id = p.id and now.during @> %(on)s::date
                      and now.in_post = 'in-post')
       and not exists (select from assessment_recusal r
                         join organisations_person ra on ra.id = r.reviewer_id
                         join organisations_person rb on rb.id = r.judged_id
                        where r.ended_at is null and coalesce(ra.merged_into_id, ra.id) = p.id
                          and coalesce(rb.merged_into_id, rb.id) = coalesce(j.merged_into_id, j.id))
"""

# A second look at what a school decided is for people from outside it: nobody with a post there or hosted there today looks,
# under whichever record; the school is where it was handed in, the host, or where the person who is judged is now.
_OF_THE_SCHOOL = """
    d.sampled_id is not null and exists (
        select from organisations_person i
          join lateral (
               select w.school_id as school from organisations_posting w where w.person_id = i.id and w.during @> %(on)s::date
               union all select h.host_id from programmes_enrolment h where h.person_id = i.id) there on true
         where coalesce(i.merged_into_id, i.id) = {who}
           and exists (select from organisations_unit u where u.id = there.school and u.level = 'school')  -- no office
           and there.school in (
               select c.ancestor_id from organisations_closure c where c.unit_id = s.unit_id and c.during @> %(on)s::date
               union all select e.host_id
               union all select o.school_id from organisations_posting o
                where o.person_id = coalesce(j.merged_into_id, j.id) and o.home and o.during @> %(on)s::date))
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

# Where a dossier belongs: the host school of who has one, else the home posting, else where it was handed in; a second look
# belongs where it was handed in, since that is where it was drawn.
_PLACE = """
      join organisations_person j on j.id = d.person_id
      join evidence_submission s on s.id = d.submission_id
      left join programmes_enrolment e on e.id = d.enrolment
      left join organisations_posting own on own.person_id = coalesce(j.merged_into_id, j.id)
       and own.home and own.during @> %(on)s::date
"""
_UNIT = "case when d.sampled_id is null then coalesce(e.host_id, own.unit_id, s.unit_id) else s.unit_id end"

_HOLDERS = f"""
    select d.id, p.id, min(up.depth)
      from assessment_dossier d {_PLACE}
      join organisations_closure up on up.unit_id = {_UNIT} and up.during @> %(on)s::date
      join organisations_unit above on above.id = up.ancestor_id and (%(level)s = '' or above.level = %(level)s)
      join accounts_grant g on g.unit_id = up.ancestor_id and g.role = %(role)s
       and g.starts_on <= %(on)s and (g.ends_on is null or g.ends_on > %(on)s)
      join organisations_person p on p.id = g.person_id
     where d.id = any(%(dossiers)s) and not ({_OF_THE_SCHOOL.format(who="p.id")}) {_ABLE}
     group by d.id, p.id
"""
NEAREST = "training-team"  # the one nearest to the school, whatever its level

_SAME_ZONE = """
    peer.subject = own.subject and peer.subject <> '' and exists (
        select from organisations_closure b
         where b.unit_id = peer.unit_id and b.during @> %(on)s::date and b.ancestor_id = (
            select a.ancestor_id from organisations_closure a
              join organisations_unit z on z.id = a.ancestor_id and z.level in ('zone', 'county')
             where a.unit_id = own.unit_id and a.during @> %(on)s::date
             order by z.level = 'zone' desc, a.depth limit 1))
"""

POOLS: Mapping[str, str] = {  # basis -> query, in the order of semantics 20; of other bases somebody holds a role
    "group": _PEERS.format(
        where="peer.unit_id = own.unit_id and exists (select from organisations_unit u "
        "where u.id = own.unit_id and u.level = 'group')",
        able=_ABLE,
    ),
    "same-subject-in-school": _PEERS.format(
        where="peer.school_id = own.school_id and peer.subject = own.subject and own.subject <> ''", able=_ABLE
    ),
    "same-zone": _PEERS.format(where=_SAME_ZONE, able=_ABLE),
}


def eligible(basis: str, dossiers: Collection[int], on: date) -> dict[int, set[int]]:
    """Who may review each dossier on this basis (one of `POOLS`, or as `rules.way_of` says): dossier id → person ids."""
    found: dict[int, set[int]] = {dossier: set() for dossier in dossiers}
    role, level = grant_of(basis)
    params: dict[str, Any] = {"dossiers": list(dossiers), "on": on, "role": role, "level": level}
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS if role else POOLS[basis], params)
        rows = cursor.fetchall()
    nearest: dict[int, int] = {}
    if basis == NEAREST:
        for dossier, _reviewer, depth in rows:
            nearest[dossier] = min(depth, nearest.get(dossier, depth))
    for dossier, reviewer, *depth in rows:
        if dossier not in nearest or depth[0] == nearest[dossier]:
            found[dossier].add(reviewer)
    return found


_INSIDERS = f"""
    select distinct d.id, w.person_id
      from assessment_dossier d {_PLACE}
      join organisations_posting w on w.person_id = any(%(people)s) and w.during @> %(on)s::date
       and w.school_id = coalesce(e.host_id, own.school_id)
     where d.id = any(%(dossiers)s)
"""


def insiders(dossiers: Collection[int], people: Collection[int], on: date) -> dict[int, set[int]]:
    """Which of these people have a post in the school of each dossier: dossier id → person ids."""
    found: dict[int, set[int]] = {dossier: set() for dossier in dossiers}
    with connection.cursor() as cursor:
        cursor.execute(_INSIDERS, {"dossiers": list(dossiers), "people": list(people), "on": on})
        for dossier, person in cursor.fetchall():
            found[dossier].add(person)
    return found


_HANDED_OVER = f"""
    select distinct d.id
      from assessment_dossier d {_PLACE}
      join assessment_handover h on h.unit_id = coalesce(e.host_id, own.school_id) and h.programme_id = e.programme_id
       and h.stage = d.stage and h.ended_at is null
     where d.id = any(%(dossiers)s) and d.sampled_id is null
"""


def handed_over(dossiers: Collection[int], on: date) -> set[int]:
    """Those of these dossiers whose school has handed the stage in which they are over to the training team."""
    with connection.cursor() as cursor:
        cursor.execute(_HANDED_OVER, {"dossiers": list(dossiers), "on": on})
        return {dossier for (dossier,) in cursor.fetchall()}


_LAPSED = f"""
    select a.id
      from assessment_assignment a
      join assessment_stagerun r on r.id = a.run_id
      join assessment_dossier d on d.id = r.dossier_id and d.state = 'open'
      join evidence_submission s on s.id = d.submission_id
      left join programmes_enrolment e on e.id = d.enrolment
      join organisations_person w on w.id = a.reviewer_id
      join organisations_person j on j.id = a.judged_id
      left join lateral (
           select case when a.basis = 'panel' then 'panel-member' when a.basis = 'backbone' then 'backbone'
                       when a.basis like 'training-team%%' then 'training-team' when a.basis like 'experts%%' then 'expert'
                  end as role) asked on true
     where a.state in ('assigned', 'opened') and a.role <> 'self' and not (
           not ({_OF_THE_SCHOOL.format(who="coalesce(w.merged_into_id, w.id)")})
       and not exists (select from assessment_recusal k
                         join organisations_person kr on kr.id = k.reviewer_id
                         join organisations_person kj on kj.id = k.judged_id
                        where k.ended_at is null and coalesce(kr.merged_into_id, kr.id) = coalesce(w.merged_into_id, w.id)
                          and coalesce(kj.merged_into_id, kj.id) = coalesce(j.merged_into_id, j.id))
       and exists (select from accounts_account c join organisations_person x on x.id = c.person_id
                    where coalesce(x.merged_into_id, x.id) = coalesce(w.merged_into_id, w.id) and c.is_active)
       and exists (select from organisations_posting p where p.person_id = coalesce(w.merged_into_id, w.id)
                      and p.during @> %(on)s::date and p.in_post = 'in-post')
       and (asked.role is null or exists (
            select from accounts_grant g
              join organisations_person x on x.id = g.person_id
              join organisations_closure up on up.ancestor_id = g.unit_id and up.during @> %(on)s::date
             where coalesce(x.merged_into_id, x.id) = coalesce(w.merged_into_id, w.id)
               and g.role = asked.role and g.starts_on <= %(on)s and (g.ends_on is null or g.ends_on > %(on)s)
               and (up.unit_id = s.unit_id or up.unit_id = e.host_id or up.unit_id in (
                    select h.unit_id from organisations_posting h where h.person_id = coalesce(j.merged_into_id, j.id)
                       and h.home and h.during @> %(on)s::date)))))
"""


def lapsed(on: date) -> list[int]:
    """Assignments of open dossiers whose reviewer can no longer do them: closed account, out of post, role ended, of the school
    that is looked at once more, or recused from this person, under whichever record.

    Whoever holds the role for the school in which the evidence was handed in keeps it when its author moves.
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
