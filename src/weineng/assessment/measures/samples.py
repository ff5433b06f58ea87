"""Samples as sets: the frame of a draw, who is drawn from it, and how far it has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

# Results in force that a stage decided as passed, of units under the one that draws (where they were handed in, in the tree
# of the day), decided by the day, and in no frame of this stage and unit yet. Each has one value for each stratum.
_FRAME = """
with member as materialized (
    select r.id as result, concat_ws('|', {strata}) as stratum
      from assessment_result r
      join programmes_enrolment e on e.id = r.enrolment and e.programme_id = %(programme)s and e.version_id = any(%(versions)s)
      join organisations_person p on p.id = r.person_id and p.erased_at is null
      join evidence_submission s on s.id = r.submission_id
      join organisations_closure below on below.unit_id = s.unit_id and below.ancestor_id = %(unit)s and below.during @> %(on)s::date
      left join lateral (
           select h.stage, h.subject from organisations_posting h
            where h.person_id = coalesce(p.merged_into_id, p.id) and h.home
            order by h.during @> %(on)s::date desc, lower(h.during) desc limit 1) post on true
     where r.overturned_at is null and r.level <> 'fail' and r.source = 'stages' and r.decided_on <= %(until)s
       and not exists (select from assessment_sampledresult x
                         join assessment_samplestratum t on t.id = x.stratum_id
                         join assessment_sample m on m.id = t.sample_id
                        where x.result_id = r.id and m.stage = %(stage)s and m.unit_id = %(unit)s and m.state <> 'dropped')
)
"""
_ABOVE = """coalesce((
    select '{name}:' || c.ancestor_id from organisations_closure c
      join organisations_unit u on u.id = c.ancestor_id and u.level = '{name}'
     where c.unit_id = s.unit_id and c.during @> %(on)s::date order by c.depth limit 1), '{name}:')"""
_VALUES: Mapping[str, str] = {
    "county": _ABOVE.format(name="county"),
    "school": _ABOVE.format(name="school"),
    "stage": "'stage:' || coalesce(post.stage, '')",
    "subject": "'subject:' || coalesce(post.subject, '')",
}
_STRATA = """
insert into assessment_samplestratum (sample_id, code, size, wanted)
select %(sample)s, stratum, count(*), 0 from member group by stratum order by stratum collate "C"
"""
_MEMBERS = """
insert into assessment_sampledresult (stratum_id, number, result_id, drawn, outcome, found)
select t.id, row_number() over (order by m.stratum collate "C", m.result), m.result, 0, '', ''
  from member m join assessment_samplestratum t on t.sample_id = %(sample)s and t.code = m.stratum
"""
_DIGEST = """
select count(*), encode(sha256(convert_to(coalesce(string_agg(x.number || ',' || t.code || ',' || x.result_id, E'\\n'
       order by x.number), ''), 'UTF8')), 'hex')
  from assessment_sampledresult x join assessment_samplestratum t on t.id = x.stratum_id where t.sample_id = %(sample)s
"""


def make_frame(
    sample: int,
    *,
    programme: int,
    stage: str,
    unit: int,
    versions: Sequence[int],
    strata: Sequence[str],
    until: date,
    on: date,
) -> None:
    """Write the strata of a sample and the results in each, numbered through in the order of stratum and result."""
    values = ", ".join(_VALUES[name] for name in strata) or "'all'"
    frame = _FRAME.format(strata=values)
    params: dict[str, Any] = {
        "sample": sample, "programme": programme, "stage": stage, "unit": unit, "versions": list(versions), "until": until, "on": on,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(frame + _STRATA, params)
        cursor.execute(frame + _MEMBERS, params)


def frame_digest(sample: int) -> tuple[int, str]:
    """How many results a frame has, and the SHA-256 of its lines `number,stratum,result`, joined by line feeds."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, {"sample": sample})
        size, digest = cursor.fetchone()
    return size, digest


_DRAW = """
update assessment_sampledresult x set drawn = 1
  from (select y.id, t.wanted, row_number() over (
                   partition by y.stratum_id order by encode(sha256(convert_to(%(seed)s || ':' || y.number, 'UTF8')), 'hex') collate "C"
               ) as place
          from assessment_sampledresult y join assessment_samplestratum t on t.id = y.stratum_id and t.sample_id = %(sample)s) ranked
 where x.id = ranked.id and ranked.place <= ranked.wanted
"""


def draw_from(sample: int, seed: str) -> int:
    """Draw from every stratum as many as it wants, as `rules.draw` says; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, {"sample": sample, "seed": seed})
        return int(cursor.rowcount)


@dataclass(frozen=True)
class StratumTally:
    """How far a stratum has come: results in it, drawn by the seed, drawn in all, looked at, and what was found among those
    drawn by the seed (`first_lowered`) and in all."""

    stratum: int
    code: str
    size: int
    first: int
    drawn: int
    done: int
    first_lowered: int
    lowered: int
    higher: int
    gone: int
    widened: bool


_TALLY = """
select t.id, t.code, t.size, count(x.id) filter (where x.drawn = 1 and x.outcome <> 'gone'), count(x.id) filter (where x.drawn > 0),
       count(x.id) filter (where x.drawn > 0 and x.outcome <> ''), count(x.id) filter (where x.drawn = 1 and x.outcome = 'lower'),
       count(x.id) filter (where x.outcome = 'lower'), count(x.id) filter (where x.outcome = 'higher'),
       count(x.id) filter (where x.drawn > 0 and x.outcome = 'gone'), t.widened_at is not null
  from assessment_samplestratum t left join assessment_sampledresult x on x.stratum_id = t.id
 where t.sample_id = %(sample)s and (%(stratum)s is null or t.id = %(stratum)s)
 group by t.id order by t.code collate "C"
"""


def tally_strata(sample: int, stratum: int | None = None) -> list[StratumTally]:
    """Each stratum of a sample (or this one), in the order of their codes."""
    with connection.cursor() as cursor:
        cursor.execute(_TALLY, {"sample": sample, "stratum": stratum})
        return [StratumTally(*row) for row in cursor.fetchall()]
