"""Where each enrolment stands against each demand, and over all (semantics 15, 16, 24, 26, 32)."""

from collections.abc import Collection

from weineng.kernel.planner import ask
from weineng.progress.measures.papers import Papers
from weineng.progress.measures.people import MANY

# Every point that counts as chosen: those of the choice in force, and passed ones of earlier choices. Beside them, where a
# document has points declared, the declared ones: a demand ranges over the one set or the other.
CHOSEN = """
chosen as materialized (
    select o.enrolment, false as declared, o.point, o.dimension, coalesce(l.level, -1) as level, coalesce(l.latest, -1) as latest
      from counting_chosen o
      left join counting_level l on l.enrolment = o.enrolment and l.item = 'point' and l.point = o.point
     where o.own or l.level >= 1{declared}
),
points as materialized (
    select enrolment, declared, count(*) filter (where level >= 1)::int as passed, count(*) filter (where level = 2)::int as excellent,
           count(*) filter (where latest = 0)::int as failed,
           jsonb_agg(point order by point) filter (where level >= 1) as which,
           jsonb_agg(point order by point) filter (where level = 2) as which_excellent,
           jsonb_agg(jsonb_build_object('code', 'item-failed', 'item', 'point', 'point', point) order by point)
               filter (where latest = 0) as failures
      from chosen group by enrolment, declared
),
axis as materialized (
    select enrolment, version, demand, count(*)::int * min(each_opened) as wanted,
           jsonb_agg(value order by value) filter (where passed < each_opened) as missing
      from (select s.enrolment, s.version, d.demand, d.each_opened, u.value, count(h.point) as passed
              from counting_set s
              join counting_choice c on c.enrolment = s.enrolment
              join demand d on d.version = s.version and d.type = 'points'
             cross join lateral unnest(c.dimensions) as u(value)
              left join chosen h on h.enrolment = s.enrolment and h.declared = d.declared and h.dimension = u.value
                                and h.level >= d.level
             group by s.enrolment, s.version, d.demand, d.each_opened, u.value) per_value
     group by enrolment, version, demand
)"""

DECLARED = """
     union all
    select d.enrolment, true, d.point, d.dimension, coalesce(l.level, -1), coalesce(l.latest, -1)
      from counting_declared d
      left join counting_level l on l.enrolment = d.enrolment and l.item = 'point' and l.point = d.point"""

# Parts of a demand on points: so many of them with certain values, whatever the school opened.
PARTS = """,
parts as materialized (
    select enrolment, demand, jsonb_agg(jsonb_build_object(
               'code', 'part-short', 'demand', demand, 'part', part, 'have', have, 'need', minimum, 'missing', minimum - have)
               order by place) as short
      from (select c.enrolment, r.demand, r.part, r.place, r.minimum, count(p.point)::int as have
              from counting_choice c
              join counting_set s on s.enrolment = c.enrolment
              join part r on r.version = s.version
              left join chosen h on h.enrolment = c.enrolment and h.declared = r.declared and h.level >= r.level
              left join place_of p on p.version = s.version and p.point = h.point
               and r.named like '%%' || case r.axis when 'dimension' then p.dimension else p.environment end || ',%%'
             group by c.enrolment, r.demand, r.part, r.place, r.minimum) per_part
     where have < minimum
     group by enrolment, demand
)"""

CREDITS = """,
credits as materialized (
    select h.enrolment, h.declared, sum(p.credits)::int as hundredths
      from chosen h
      join counting_set s on s.enrolment = h.enrolment
      join place_of p on p.version = s.version and p.point = h.point
     where h.level >= 1
     group by h.enrolment, h.declared
)"""

PROFILE = """,
profile as materialized (
    select enrolment, jsonb_object_agg(cell, case level when 2 then 'excellent' when 1 then 'pass' else 'none' end) as cells
      from (select s.enrolment, q.environment || ' ' || q.dimension as cell, max(coalesce(l.level, 0)) as level
              from counting_set s
              join paper p on p.version = s.version and p.profile
              join place_of q on q.version = s.version
              left join counting_level l on l.enrolment = s.enrolment and l.item = 'point' and l.point = q.point
             group by s.enrolment, q.environment, q.dimension) cell
     group by enrolment
)"""

# What is asked of each: the largest of the minimum without flag and those of the flags the school bore.
ASKED = """
asked as {kept}materialized (
    select s.enrolment, s.programme, s.version, d.demand, d.place, d.type, {minimum} as minimum, d.share, d.of_demand, d.base,
           d.level, d.item, d.declared
      from counting_set s
      {demands}{flags}
)"""
FLAGS = """
      left join (select f.enrolment, x.version, x.demand, max(x.minimum) as minimum
                   from counting_flag f join demand_flag x on x.flag = f.flag group by f.enrolment, x.version, x.demand) g
        on g.enrolment = s.enrolment and g.version = s.version and g.demand = d.demand"""

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
      join asked d on d.enrolment = x.enrolment and d.demand = x.demand
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

# What a share is taken of (semantics 11): what the other demand needs, or what is counted for it.
BASES = """
bases as materialized (
    select d.enrolment, d.demand, d.share,
           d.base = 'required' and (x.demand is not null or (o.minimum > 0 and coalesce(h.minutes, 0) >= o.minimum)) as removed,
           case when d.base = 'counted' then coalesce(a.minutes, 0) when x.demand is not null then 0
                else greatest(0, o.minimum - coalesce(h.minutes, 0)) end as minutes
      from asked d
      join asked o on o.enrolment = d.enrolment and o.demand = d.of_demand
      left join amounts a on a.enrolment = d.enrolment and a.demand = d.of_demand
      left join exempt x on x.enrolment = d.enrolment and x.demand = d.of_demand
      left join shrink h on h.enrolment = d.enrolment and h.demand = d.of_demand
     where d.type = 'share'
),"""

ITEMS = """
done as materialized (
    select enrolment, item, have from counting_done
     union all
    select enrolment, 'recording', 1 from counting_level where item = 'recording' and level >= 1
),"""

MEASURED = """{done}
spent as materialized (
    select enrolment, kind, sum(minutes)::int as minutes from counting_line where reason = '' group by enrolment, kind
),
amounts as materialized (
    select s.enrolment, k.demand, sum(s.minutes)::int as minutes
      from spent s
      {kinds}
     group by s.enrolment, k.demand
),
active as materialized (
    select enrolment from spent group by enrolment having sum(minutes) > 0
    union select enrolment from handed
    union select enrolment from counting_level
),
{bases}measured as (
    select d.enrolment, d.programme, d.version, d.demand, d.place, d.type, d.level, d.item,
           x.demand is not null or (d.minimum > 0 and coalesce(h.minutes, 0) >= d.minimum){removed} as exempt,
           case when d.type in ('minutes', 'share') then coalesce(a.minutes, 0)
                when d.type = 'points' then coalesce(case d.level when 2 then o.excellent else o.passed end, 0){have}
                else 0 end as have,
           case d.type when 'minutes' then greatest(0, d.minimum - coalesce(h.minutes, 0)){need}
                when 'points' then greatest(d.minimum, coalesce(y.wanted, 0)) else d.minimum end as need,
           {enough} as enough,
           c.enrolment is not null as has_choice, y.missing, {short} as short, o.which, o.which_excellent, o.failures,
           coalesce(h.minutes, 0) as shrunk
      from asked d
      left join amounts a on a.enrolment = d.enrolment and a.demand = d.demand
      left join exempt x on x.enrolment = d.enrolment and x.demand = d.demand
      left join shrink h on h.enrolment = d.enrolment and h.demand = d.demand
      left join counting_choice c on c.enrolment = d.enrolment and d.type in ('points', 'credits')
      left join points o on o.enrolment = d.enrolment and o.declared = d.declared and d.type in ('points', 'none-failed')
      left join axis y on y.enrolment = d.enrolment and y.demand = d.demand{joins}
),
judged as (
    select *, case type when 'points' then has_choice and have >= need and missing is null and short is null
                        when 'none-failed' then have = 0
                        when 'share' then enough
                        else have >= need end as met
      from measured
),
reasoned as materialized (
    select *, case
        when exempt then jsonb_build_array(jsonb_build_object('code', 'exempt', 'demand', demand))
        when met then '[]'::jsonb
        when type = 'none-failed' then failures
        when type = 'items' then jsonb_build_array(jsonb_build_object(
            'code', 'items-short', 'demand', demand, 'kind', item, 'have', have, 'need', need, 'missing', need - have))
        when type in ('points', 'credits') and not has_choice
        then jsonb_build_array(jsonb_build_object('code', 'no-choice', 'demand', demand))
        when type <> 'points' then jsonb_build_array(jsonb_build_object(
            'code', type || '-short', 'demand', demand, 'have', have, 'need', need, 'missing', need - have))
        else case when have < need then jsonb_build_array(jsonb_build_object(
                 'code', 'points-short', 'demand', demand, 'have', have, 'need', need, 'missing', need - have)) else '[]' end
             || case when missing is null then '[]' else jsonb_build_array(jsonb_build_object(
                 'code', 'axis-missing', 'demand', demand, 'values', missing)) end
             || coalesce(short, '[]')
        end as reasons
      from judged
)"""

# Where one version judges all, the planner is not asked how many of a set it does: it would take a seventh for the whole.
ONE_VERSION = "join demand_kind k on k.kind = s.kind"
ANY_VERSION = """join counting_set e on e.enrolment = s.enrolment
      join demand_kind k on k.version = e.version and k.kind = s.kind"""

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
      left join chosen c on c.enrolment = l.enrolment and c.point = l.point and l.item = 'point' and not c.declared
     where l.level = 0 and (l.item <> 'point' or c.point is not null){told}
     group by l.enrolment
),
totals as materialized (
    select enrolment, count(*) filter (where not exempt)::int as need, count(*) filter (where met and not exempt)::int as have,
           bool_or(met and need > 0) as something
      from reasoned group by enrolment
),
state as (
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
      left join points o on o.enrolment = s.enrolment and not o.declared
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
    select v.enrolment, f.leaf, f.leaf_kind, coalesce(f.stage, '') as stage, coalesce(f.subject, '') as subject, (least(
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
       case when r.type = 'points' then jsonb_build_object(
                'passed', coalesce(case r.level when 2 then r.which_excellent else r.which end, '[]'))
            when r.shrunk > 0 then jsonb_build_object('shrunk', r.shrunk) else '{{}}' end,
       k.leaf, k.leaf_kind, v.participant, v.verdict not in ('left', 'exempt'), r.version, null::timestamptz, '', ''
  from reasoned r
  join verdicts v on v.enrolment = r.enrolment
  join clock k on k.enrolment = r.enrolment
union all
select v.enrolment, v.programme, 'overall', v.have, v.need, v.passed, v.verdict, v.reasons,
       jsonb_build_object('reached', v.reached, 'excellent', v.excellent){cells},
       k.leaf, k.leaf_kind, v.participant, v.verdict not in ('left', 'exempt'), v.version, k.changes_at, k.stage, k.subject
  from verdicts v
  join clock k on k.enrolment = v.enrolment{profiled}"""

# A point that stands among the reasons of a demand already: of one that is exempt it does not.
TOLD = """
       and (l.item <> 'point' or l.latest <> 0 or l.enrolment not in (
            select enrolment from reasoned where type = 'none-failed' and not exempt))"""


def judge_demands(papers: Papers, enrolments: int) -> int:
    """Write the standings of a set of so many enrolments into `counting_standing`, from `counting_line` and `counting_leaf`;
    returns how many."""
    names = ["paper", "demand", "demand_kind", "inside"]
    names += ["demand_flag"] if papers.flags else []
    names += ["part"] if "parts" in papers.used else []
    names += ["place_of"] if papers.used & {"parts", "credits", "profile"} else []
    standings = f"insert into counting_standing with {papers.relations(*names)},{_steps(papers)}{_rows(papers)}"
    return ask(standings, papers.params, few=enrolments < MANY)


def _steps(papers: Papers) -> str:
    """All steps; those for types of demands that no document of the set has are left out."""
    used, one = papers.used, len(papers.documents) == 1
    chosen = CHOSEN.replace("{declared}", DECLARED if "declared" in used else "")
    chosen += (PARTS if "parts" in used else "") + (CREDITS if "credits" in used else "")
    asked = ASKED.format(
        kept="" if papers.flags else "not ",
        demands="cross join demand d" if one else "join demand d on d.version = s.version",
        minimum="greatest(d.minimum, g.minimum)" if papers.flags else "d.minimum",
        flags=FLAGS if papers.flags else "",
    )
    overall = OVERALL.replace("{told}", TOLD if "none-failed" in used else "")
    clock = CLOCK + (PROFILE if "profile" in used else "")
    return ",".join([chosen, asked, EXEMPT, HANDED, _measured(used, one=one), overall, clock])


def _measured(used: Collection[str], *, one: bool) -> str:
    have, need, joins = "", "", ""
    if "share" in used:
        need += "\n                when 'share' then (b.share * b.minutes + 99) / 100"
        joins += "\n      left join bases b on b.enrolment = d.enrolment and b.demand = d.demand"
    if "credits" in used:
        have += "\n                when d.type = 'credits' then coalesce(k.hundredths, 0)"
        joins += "\n      left join credits k on k.enrolment = d.enrolment and k.declared = d.declared"
        joins += "\n                         and d.type = 'credits'"
    if "none-failed" in used:
        have += "\n                when d.type = 'none-failed' then coalesce(o.failed, 0)"
    if "items" in used:
        have += "\n                when d.type = 'items' then coalesce(i.have, 0)"
        joins += "\n      left join done i on i.enrolment = d.enrolment and i.item = d.item and d.type = 'items'"
    if "parts" in used:
        joins += "\n      left join parts j on j.enrolment = d.enrolment and j.demand = d.demand"
    return MEASURED.format(
        done=ITEMS if "items" in used else "",
        kinds=ONE_VERSION if one else ANY_VERSION,
        bases=BASES if "share" in used else "",
        removed=" or coalesce(b.removed, false)" if "share" in used else "",
        enough="100 * coalesce(a.minutes, 0) >= b.share * b.minutes" if "share" in used else "null::bool",
        short="j.short" if "parts" in used else "null::jsonb",
        have=have, need=need, joins=joins,
    )  # fmt: skip


def _rows(papers: Papers) -> str:
    profile = "profile" in papers.used
    return ROWS.format(
        cells=" || coalesce(jsonb_build_object('profile', f.cells), '{}')" if profile else "",
        profiled="\n  left join profile f on f.enrolment = v.enrolment" if profile else "",
    )
