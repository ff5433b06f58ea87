"""Where each enrolment stands against each demand, and over all (semantics 15, 16, 24, 26, 32)."""

from django.db import connection

from weineng.progress.measures.papers import Papers

# Every point that counts as chosen: those of the choice in force, and passed ones of earlier choices.
CHOSEN = """
chosen as materialized (
    select o.enrolment, o.point, o.dimension, coalesce(l.level, -1) as level
      from counting_chosen o
      left join counting_level l on l.enrolment = o.enrolment and l.item = 'point' and l.point = o.point
     where o.own or l.level >= 1
),
points as materialized (
    select enrolment, count(*) filter (where level >= 1)::int as passed, count(*) filter (where level = 2)::int as excellent,
           jsonb_agg(point order by point) filter (where level >= 1) as which,
           jsonb_agg(point order by point) filter (where level = 0) as failed
      from chosen group by enrolment
),
axis as materialized (
    select enrolment, version, demand, count(*)::int * min(each_opened) as wanted,
           jsonb_agg(value order by value) filter (where passed < each_opened) as missing
      from (select s.enrolment, s.version, d.demand, d.each_opened, u.value, count(h.point) as passed
              from counting_set s
              join counting_choice c on c.enrolment = s.enrolment
              join demand d on d.version = s.version and d.type = 'points'
             cross join lateral unnest(c.dimensions) as u(value)
              left join chosen h on h.enrolment = s.enrolment and h.dimension = u.value and h.level >= 1
             group by s.enrolment, s.version, d.demand, d.each_opened, u.value) per_value
     group by enrolment, version, demand
)"""

EXEMPT = """
exempt as materialized (
    select distinct s.enrolment, s.version, x.demand
      from counting_exempt x
      join counting_set s on s.enrolment = x.enrolment
      join paper p on p.version = s.version
     where x.during @> least(p.on_date, p.cut_off)
),
shrink as materialized (
    select x.enrolment, i.outer_demand as demand, sum(d.minimum)::int as minutes
      from exempt x
      join inside i on i.version = x.version and i.inner_demand = x.demand
      join demand d on d.version = x.version and d.demand = x.demand
     where not exists (
           select from exempt y
             join inside a on a.version = y.version and a.outer_demand = y.demand and a.inner_demand = x.demand
             join inside b on b.version = y.version and b.inner_demand = y.demand and b.outer_demand = i.outer_demand
            where y.enrolment = x.enrolment)
     group by x.enrolment, i.outer_demand
)"""

# Attempts: whether any was handed in, and which keep the verdict open at closing.
HANDED = """
handed as materialized (
    select s.enrolment,
           jsonb_agg(jsonb_build_object('code', 'result-pending', 'item', b.item, 'point', b.point) order by b.item, b.point)
               filter (where b.state in ('submitted', 'opened')) as waiting,
           coalesce(bool_or((b.state in ('submitted', 'opened') or b.state = 'returned' and p.on_date <= p.late_until)
                            and (b.handed_in_at at time zone p.zone)::date <= p.cut_off), false) as undecided,
           max(p.late_until + 1) filter (where b.state = 'returned' and p.on_date <= p.late_until) as changes_on
      from counting_attempt b
      join counting_set s on s.enrolment = b.enrolment
      join paper p on p.version = s.version
     group by s.enrolment
)"""

MEASURED = """
spent as materialized (
    select enrolment, kind, sum(minutes)::int as minutes from counting_line where reason = '' group by enrolment, kind
),
amounts as materialized (
    select s.enrolment, k.demand, sum(s.minutes)::int as minutes
      from spent s
      join counting_set e on e.enrolment = s.enrolment
      join demand_kind k on k.version = e.version and k.kind = s.kind
     group by s.enrolment, k.demand
),
active as materialized (
    select enrolment from spent group by enrolment having sum(minutes) > 0
    union select enrolment from handed
    union select enrolment from counting_level
),
measured as (
    select s.enrolment, s.programme, s.version, d.demand, d.place, d.type,
           x.demand is not null or (d.minimum > 0 and coalesce(h.minutes, 0) >= d.minimum) as exempt,
           case d.type when 'minutes' then coalesce(a.minutes, 0) else coalesce(o.passed, 0) end as have,
           case d.type when 'minutes' then greatest(0, d.minimum - coalesce(h.minutes, 0))
                else greatest(d.minimum, coalesce(y.wanted, 0)) end as need,
           c.enrolment is not null as has_choice, y.missing, o.which, o.failed, coalesce(h.minutes, 0) as shrunk
      from counting_set s
      join demand d on d.version = s.version
      left join amounts a on a.enrolment = s.enrolment and a.demand = d.demand
      left join exempt x on x.enrolment = s.enrolment and x.demand = d.demand
      left join shrink h on h.enrolment = s.enrolment and h.demand = d.demand
      left join counting_choice c on c.enrolment = s.enrolment and d.type = 'points'
      left join points o on o.enrolment = s.enrolment and d.type = 'points'
      left join axis y on y.enrolment = s.enrolment and y.demand = d.demand
),
judged as materialized (
    select *, case type when 'minutes' then have >= need else has_choice and have >= need and missing is null end as met
      from measured
),
reasoned as materialized (
    select *, case
        when exempt then jsonb_build_array(jsonb_build_object('code', 'exempt', 'demand', demand))
        when met then '[]'::jsonb
        when type = 'minutes' then jsonb_build_array(jsonb_build_object(
            'code', 'minutes-short', 'demand', demand, 'have', have, 'need', need, 'missing', need - have))
        when not has_choice then jsonb_build_array(jsonb_build_object('code', 'no-choice', 'demand', demand))
        else case when have < need then jsonb_build_array(jsonb_build_object(
                 'code', 'points-short', 'demand', demand, 'have', have, 'need', need, 'missing', need - have)) else '[]' end
             || case when missing is null then '[]' else jsonb_build_array(jsonb_build_object(
                 'code', 'axis-missing', 'demand', demand, 'values', missing)) end
        end as reasons
      from judged
)"""

OVERALL = """
because as materialized (
    select r.enrolment, jsonb_agg(reason.value order by r.place, reason.place) as reasons
      from reasoned r cross join lateral jsonb_array_elements(r.reasons) with ordinality as reason(value, place)
     group by r.enrolment
),
tried as materialized (
    select l.enrolment, jsonb_agg(jsonb_build_object('code', 'item-failed', 'item', l.item, 'point', l.point)
                                  order by l.item, l.point) as reasons
      from counting_level l
      left join chosen c on c.enrolment = l.enrolment and c.point = l.point and l.item = 'point'
     where l.level = 0 and (l.item <> 'point' or c.point is not null)
     group by l.enrolment
),
totals as materialized (
    select enrolment, count(*) filter (where not exempt)::int as need, count(*) filter (where met and not exempt)::int as have,
           bool_or(met and need > 0) as something
      from reasoned group by enrolment
),
state as materialized (
    select s.*, n.need, n.have, a.enrolment is not null as participant, p.zone, p.on_date,
           coalesce(s.left_on <= p.on_date, false) as gone, w.demand is not null or n.need = 0 as freed,
           coalesce(s.closed_on <= p.on_date, false) as closed,
           case when n.need > 0 then n.have = n.need else n.something end as passed,
           p.excellent_points > 0 and coalesce(o.excellent, 0) >= p.excellent_points as shines,
           coalesce(o.excellent, 0) as excellent, coalesce(h.undecided, false) as undecided,
           coalesce(b.reasons, '[]') || coalesce(f.reasons, '[]') || coalesce(h.waiting, '[]') as reasons
      from counting_set s
      join paper p on p.version = s.version
      join totals n on n.enrolment = s.enrolment
      left join because b on b.enrolment = s.enrolment
      left join tried f on f.enrolment = s.enrolment
      left join active a on a.enrolment = s.enrolment
      left join exempt w on w.enrolment = s.enrolment and w.demand = '*'
      left join points o on o.enrolment = s.enrolment
      left join handed h on h.enrolment = s.enrolment
),
verdicts as materialized (
    select *, case when gone then 'left' when freed then 'exempt' when passed and shines then 'excellent' when passed then 'pass'
                   when closed and undecided then 'pending' when closed then 'not-passed'
                   when participant then 'in-progress' else 'not-begun' end as verdict,
           case when passed and shines then 'excellent' when passed then 'pass' else '' end as reached
      from state
)"""

# The next day on which the clock alone changes something (docs/counting.md, last line).
CLOCK = """
coming as materialized (
    select l.enrolment, min(l.event_on) as day
      from counting_line l
      join counting_set s on s.enrolment = l.enrolment
      join paper p on p.version = s.version
     where l.reason = 'outside-cycle' and l.event_on > p.on_date and l.event_on <= p.cut_off
     group by l.enrolment
),
edges as materialized (
    select s.enrolment, min(edge.day) as day
      from counting_exempt x
      join counting_set s on s.enrolment = x.enrolment
      join paper p on p.version = s.version
     cross join lateral (values (lower(x.during)), (upper(x.during))) as edge(day)
     where edge.day > p.on_date and edge.day <= p.cut_off
     group by s.enrolment
),
clock as materialized (
    select v.enrolment, f.leaf, f.leaf_kind, (least(
               c.day, e.day, case when v.left_on > v.on_date then v.left_on end,
               case when v.closed_on > v.on_date then v.closed_on end, h.changes_on, f.changes_on
           )::timestamp at time zone v.zone) as changes_at
      from verdicts v
      left join coming c on c.enrolment = v.enrolment
      left join edges e on e.enrolment = v.enrolment
      left join handed h on h.enrolment = v.enrolment
      left join counting_leaf f on f.enrolment = v.enrolment
)"""

ROWS = """
select r.enrolment, v.programme, r.demand, r.have, r.need, r.met,
       case when v.verdict = 'left' then 'left' when r.exempt or v.verdict = 'exempt' then 'exempt'
            when r.met then 'met' else 'open' end,
       r.reasons,
       case when r.type = 'points' then jsonb_build_object('passed', coalesce(r.which, '[]'))
            when r.shrunk > 0 then jsonb_build_object('shrunk', r.shrunk) else '{}' end,
       k.leaf, k.leaf_kind, v.participant, v.verdict not in ('left', 'exempt'), r.version, null::timestamptz
  from reasoned r
  join verdicts v on v.enrolment = r.enrolment
  join clock k on k.enrolment = r.enrolment
union all
select v.enrolment, v.programme, 'overall', v.have, v.need, v.passed, v.verdict, v.reasons,
       jsonb_build_object('reached', v.reached, 'excellent', v.excellent),
       k.leaf, k.leaf_kind, v.participant, v.verdict not in ('left', 'exempt'), v.version, k.changes_at
  from verdicts v
  join clock k on k.enrolment = v.enrolment"""


def judge_demands(papers: Papers) -> int:
    """Write the standings of the set into `counting_standing`, from `counting_line` and `counting_leaf`; returns how many."""
    tables = papers.relations("paper", "demand", "demand_kind", "inside")
    steps = f"{CHOSEN},{EXEMPT},{HANDED},{MEASURED},{OVERALL},{CLOCK}"
    with connection.cursor() as cursor:
        cursor.execute(f"insert into counting_standing with {tables},{steps}{ROWS}", papers.params)
        return int(cursor.rowcount)
