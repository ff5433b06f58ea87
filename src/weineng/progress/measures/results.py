"""Levels of points and of the recording, and the minutes they earn, which come last (semantics 16, 17, 21)."""

from weineng.progress.measures.papers import Papers

EARNED = """
earned as (
    select s.enrolment, s.version, 'result' as origin, l.first as origin_id, e.kind, e.minutes, l.first_on as event_on,
           l.first_at as at
      from counting_level l
      join counting_set s on s.enrolment = l.enrolment
      join earning e on e.version = s.version and e.item = l.item and e.earned_on = 'passed'
     where l.first is not null
    union all
    (select distinct on (s.enrolment, b.item, b.point) s.enrolment, s.version, 'submission', b.id, e.kind, e.minutes,
           (b.submitted_at at time zone p.zone)::date, b.submitted_at
      from counting_attempt b
      join counting_set s on s.enrolment = b.enrolment
      join paper p on p.version = s.version
      join earning e on e.version = s.version and e.item = b.item and e.earned_on = 'handed_in'
     where b.state in ('submitted', 'opened', 'decided')
     order by s.enrolment, b.item, b.point, b.submitted_at, b.id)
)"""


# Minutes of results do not open gates.
NOTHING_EARNED = """
earned as (
    select 0::bigint as enrolment, 0::bigint as version, '' as origin, 0::bigint as origin_id, '' as kind, 0 as minutes,
           null::date as event_on, null::timestamptz as at where false
)"""


def last_steps(papers: Papers, *, ungated: bool = False) -> str:
    """Moved minutes and minutes of results under the caps per kind, after what was delivered for the kind itself."""
    moved = "\n    union all\n".join(
        f"""    select enrolment, version, id, excess_to as kind, rest, event_on, place, flagged from capped_{slot}
     where rest > 0 and excess_to <> ''"""
        for slot in range(1, papers.record_caps + 1)
    )
    moves = (
        f"""
    union all
    select enrolment, version, 1, 'record', id, kind, sum(rest)::int, min(event_on), min(place), 0, '', min(flagged)
      from ({moved}) moving group by enrolment, version, id, kind"""
        if papers.moves and moved
        else ""
    )
    steps = [NOTHING_EARNED if ungated else EARNED]
    steps.append(
        f"""
last_0 as (
    select enrolment, version, 0 as phase, '' as origin, 0::bigint as origin_id, kind, sum(minutes)::int as minutes,
           null::date as event_on, 0::bigint as place, 0 as rest, '' as code, '' as flagged
      from capped_{papers.record_caps}
     where kind in (select kind from last_cap) group by enrolment, version, kind{moves}
    union all
    select enrolment, version, 2, origin, origin_id, kind, minutes, event_on,
           row_number() over (partition by enrolment order by at, origin_id), 0, '', ''
      from earned
)"""
    )
    return ",".join([*steps, *map(_last, range(1, papers.last_caps + 1))])


def _last(slot: int) -> str:
    return f"""
last_{slot} as materialized (
    select enrolment, version, phase, origin, origin_id, kind, fits as minutes, event_on, place, minutes - fits as rest, code,
           flagged
      from (select k.*, coalesce(c.code, '') as code,
                   case when c.code is null then k.minutes else greatest(0, least(k.minutes, c.minutes - coalesce(
                       sum(k.minutes) over (partition by k.enrolment, c.code order by k.phase, k.place, k.kind
                                            rows between unbounded preceding and 1 preceding), 0)))::int end as fits
              from (select enrolment, version, phase, origin, origin_id, kind, minutes, event_on, place, flagged
                      from last_{slot - 1}) k
              left join last_cap c on c.version = k.version and c.slot = {slot} and c.kind = k.kind) step
)"""


def last_lines(papers: Papers) -> str:
    """The lines of moved minutes and of results."""
    rests = "".join(
        f"""
    union all
    select enrolment, origin, origin_id, kind, rest, 'cap', code, event_on, flagged from last_{slot} where rest > 0 and phase > 0"""
        for slot in range(1, papers.last_caps + 1)
    )
    return f"""
    select enrolment, origin, origin_id, kind, minutes, '', '', event_on, flagged from last_{papers.last_caps}
     where phase > 0 and minutes > 0{rests}"""
