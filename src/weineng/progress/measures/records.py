"""Delivered hours, step by step: voided, corrected, outside the cycle, kind, duplicate, overlap, caps (semantics 2–9, 34)."""

from weineng.progress.measures.papers import Papers

# A span meets another if they overlap or are equal: an open range, or a single instant for what has no length.
PLACED = """
placed as materialized (
    select enrolment, version, id, kind, canonical, starts_at, ends_at, minutes, event_on, rejected,
           case when starts_at = ends_at then tstzrange(starts_at, ends_at, '[]')
                else tstzrange(starts_at, ends_at, '()') end as span,
           row_number() over (partition by enrolment order by ends_at, source, source_id, revision) as place
      from counting_said said where reason = ''{only}
)"""
# As if there were no records of gated kinds: so it is found when a gate opens (semantics 10).
UNGATED = """
       and not exists (select from gated_kind g where g.version = said.version and g.kind = said.kind)"""


COLUMNS = "enrolment, version, id, kind, canonical, starts_at, ends_at, minutes, event_on, rejected, span, place"


def crowd(name: str, of: str, within: str) -> str:
    """Rows of `of` that may meet another one `within` the same columns, with the number of their crowd.

    A row that begins when all before it have ended meets none of them, so crowds are cut there; few rows remain.
    """
    number = f"""count(*) filter (where fresh) over (
               partition by {within} order by starts_at, ends_at, place rows unbounded preceding) as crowd"""
    return _near(name, of, within, f"*, {number}")


def near(name: str, of: str) -> str:
    """Rows of `of` that may meet any other of the same enrolment. Who meets none can neither be a duplicate nor overlap, whatever
    else is set aside, so all later crowds are looked for among these few."""
    return _near(name, of, "enrolment", COLUMNS)


def _near(name: str, of: str, within: str, columns: str) -> str:
    return f"""
{name} as materialized (
    select {columns}
      from (select *, lead(fresh) over w as next_fresh
              from (select *, coalesce(starts_at >= max(ends_at) over (w rows between unbounded preceding and 1 preceding)
                              and (starts_at, ends_at) is distinct from (lag(starts_at) over w, lag(ends_at) over w), true) as fresh
                      from {of} window w as (partition by {within} order by starts_at, ends_at, place)) spread
            window w as (partition by {within} order by starts_at, ends_at, place)) paired
     where not (fresh and coalesce(next_fresh, true))
)"""


# Keeping the first depends on what was kept before: the one place that must walk. Only crowds walk, all at once.
TWINS = """
steps as materialized (
    select *, row_number() over (partition by enrolment, kind, canonical, crowd order by place) as step from same_course
),
walk as (
    select enrolment, kind, canonical, crowd, step, id, place, span, true as kept, tstzmultirange(span) as taken
      from steps where step = 1
    union all
    select n.enrolment, n.kind, n.canonical, n.crowd, n.step, n.id, n.place, n.span, not n.span && w.taken,
           case when n.span && w.taken then w.taken else w.taken + tstzmultirange(n.span) end
      from walk w
      join steps n on n.enrolment = w.enrolment and n.kind = w.kind and n.canonical = w.canonical
                  and n.crowd = w.crowd and n.step = w.step + 1
),
twins as materialized (
    select distinct on (w.enrolment, w.id) w.enrolment, w.id, k.id as first
      from walk w
      join walk k on k.enrolment = w.enrolment and k.kind = w.kind and k.canonical = w.canonical and k.crowd = w.crowd
                 and k.kept and k.span && w.span
     where not w.kept
     order by w.enrolment, w.id, k.place
),
single as materialized (
    select d.* from placed d left join twins t on t.enrolment = d.enrolment and t.id = d.id
     where t.id is null and not d.rejected
)"""
ALONE = """(
    select d.* from near d left join twins t on t.enrolment = d.enrolment and t.id = d.id
     where t.id is null and not d.rejected) alone"""

CLASHES = """
clashes as materialized (
    select distinct a.enrolment, a.id from same_time a
      join same_time b on b.enrolment = a.enrolment and b.crowd = a.crowd and b.canonical <> a.canonical and b.span && a.span
),
met as materialized (
    select d.*, case when c.id is null then '' else 'overlap' end as flagged
      from single d left join clashes c on c.enrolment = d.enrolment and c.id = d.id
)"""
# Without what counts in a programme that this one excludes.
OWN = """
own as materialized (
    select d.* from met d left join counting_elsewhere x on x.enrolment = d.enrolment and x.id = d.id where x.id is null
)"""
# The first gate, in the order of the document, that a record does not pass.
CLOSED = """
closed as materialized (
    select distinct on (d.enrolment, d.id) d.enrolment, d.id, g.gate
      from {own} d
      join gated_kind g on g.version = d.version and g.kind = d.kind
      left join counting_gate o on o.enrolment = d.enrolment and o.gate = g.gate
     where o.gate is null or not g.keep and d.event_on < o.opened_on
     order by d.enrolment, d.id, g.place
)"""
OPEN = """
capped_0 as (
    select d.enrolment, d.version, d.id, d.kind, d.canonical, d.event_on, d.place, d.minutes as said, d.minutes,
           0 as rest, '' as code, '' as excess_to, d.flagged
      from {own} d{passing}
)"""
PASSING = " left join closed n on n.enrolment = d.enrolment and n.id = d.id where n.id is null"


def capped(slot: int) -> str:
    """The next cap in line: each record takes what the earlier ones left; `rest` is what did not fit."""
    return f"""
capped_{slot} as materialized (
    select enrolment, version, id, kind, canonical, event_on, place, said, fits as minutes, minutes - fits as rest,
           code, excess_to, flagged
      from (select k.*, coalesce(c.code, '') as code, coalesce(c.excess_to, '') as excess_to,
                   case when c.code is null then k.minutes else greatest(0, least(k.minutes, c.minutes - coalesce(
                       sum(k.minutes) over (
                           partition by k.enrolment, c.code,
                                        case c.per when 'record' then k.id when 'day' then k.event_on - date '2000-01-01' end,
                                        case c.per when 'course' then k.canonical end
                               order by k.place rows between unbounded preceding and 1 preceding), 0)))::int end as fits
              from (select enrolment, version, id, kind, canonical, event_on, place, said, minutes, flagged from capped_{slot - 1}) k
              left join cap_line c on c.version = k.version and c.slot = {slot} and c.kind = k.kind) step
)"""


def record_steps(papers: Papers, *, ungated: bool = False) -> str:
    """All steps as lines of a WITH RECURSIVE clause; the last one is `capped_<papers.record_caps>`.

    `ungated`: as if there were no records of gated kinds, to find when the gates open.
    """
    gates = papers.gates and not ungated
    own = _own(papers)
    steps = [
        PLACED.format(only=UNGATED if ungated else ""),
        near("near", "placed"),
        crowd("same_course", "near", "enrolment, kind, canonical"),
    ]
    steps += [TWINS, crowd("same_time", ALONE, "enrolment"), CLASHES]
    steps += [OWN] if papers.elsewhere else []
    steps += [CLOSED.format(own=own)] if gates else []
    steps += [OPEN.format(own=own, passing=PASSING if gates else "")]
    return ",".join([*steps, *map(capped, range(1, papers.record_caps + 1))])


def _own(papers: Papers) -> str:
    return "own" if papers.elsewhere else "met"


def record_lines(papers: Papers, *, ungated: bool = False) -> str:
    """Every minute of every record in one line (but for those that move into another kind)."""
    elsewhere = (
        """
    union all
    select d.enrolment, 'record', d.id, d.kind, d.minutes, 'counted-elsewhere', x.code, d.event_on, d.flagged
      from counting_elsewhere x join met d on d.enrolment = x.enrolment and d.id = x.id"""
        if papers.elsewhere
        else ""
    )
    held_back = (
        f"""
    union all
    select d.enrolment, 'record', d.id, d.kind, d.minutes, 'before-gate', n.gate, d.event_on, d.flagged
      from closed n join {_own(papers)} d on d.enrolment = n.enrolment and d.id = n.id"""
        if papers.gates and not ungated
        else ""
    )
    rests = "".join(
        f"""
    union all
    select enrolment, 'record', id, kind, rest, 'cap', code, event_on, flagged from capped_{slot}
     where rest > 0 and excess_to = ''"""
        for slot in range(1, papers.record_caps + 1)
    )
    return f"""
    select enrolment, 'record' as origin, id as origin_id, kind, minutes, reason, coalesce(ref, '') as ref, event_on,
           '' as flagged
      from counting_said where reason <> ''
    union all
    select d.enrolment, 'record', d.id, d.kind, d.minutes, 'duplicate-of', t.first::text, d.event_on, ''
      from twins t join placed d on d.enrolment = t.enrolment and d.id = t.id
    union all
    select d.enrolment, 'record', d.id, d.kind, d.minutes, 'overlap-rejected', '', d.event_on, ''
      from placed d left join twins t on t.enrolment = d.enrolment and t.id = d.id
     where d.rejected and t.id is null{elsewhere}{held_back}
    union all
    select enrolment, 'record', id, kind, minutes, '', '', event_on, flagged from capped_{papers.record_caps}
     where minutes > 0 or said = 0{rests}"""
