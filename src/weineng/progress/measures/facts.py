"""What is known of a set, fetched from the tables below by their indexes: the only reading of facts there is.

Every later step works on the scratch tables that are filled here, so one plan serves one teacher and a province.
"""

from weineng.kernel.planner import ask
from weineng.progress.measures.papers import Papers
from weineng.progress.measures.people import MANY, weigh

# The tables that are read here, and those that say who belongs together, where somebody is counted and what stands of them.
READ = (
    "learning_record", "learning_provider", "learning_decision", "assessment_result", "assessment_resultssheet",
    "evidence_submission", "evidence_event", "planning_choice", "planning_chosenpoint", "planning_declaration",
    "planning_diagnosis", "planning_handbookentry", "planning_schoolplan", "programmes_exemption", "programmes_enrolment",
    "programmes_programme", "programmes_gate", "organisations_person", "organisations_posting", "organisations_unit",
    "organisations_unitflag", "organisations_closure", "progress_counted", "progress_standing", "progress_standinghistory",
    "progress_tally", "progress_cut",
)  # fmt: skip


def gather_facts(papers: Papers, enrolments: int) -> None:
    """Fill the scratch tables of records, results, attempts, choices and exemptions of a set of so many enrolments."""
    asked = [SAID, LEVELS, ATTEMPTS, CHOICE, CHOSEN, EXEMPT]
    asked += [FLAGS] if papers.flags else []
    asked += [DECLARED] if "declared" in papers.used else []
    asked += [DONE] if "items" in papers.used else []
    asked += [ELSEWHERE] if papers.elsewhere else []
    for sql in asked:
        ask(sql.format(**papers.tables), papers.params, few=enrolments < MANY)
    weigh(
        enrolments,
        "counting_said",
        "counting_level",
        "counting_attempt",
        "counting_choice",
        "counting_chosen",
        "counting_declared",
        "counting_exempt",
        "counting_elsewhere",
    )


# What a source said, with the first thing that speaks against it (semantics 2–5, 12). Few records void or correct another: said
# besides the equality, the planner reads those alone and not all of them twice.
SAID = """
insert into counting_said
with {paper}, {mode_kind}
select s.enrolment, s.version, r.id, r.canonical, r.starts_at, r.ends_at, r.minutes, day.event_on, v.code, r.source_id,
       r.revision, coalesce(k.kind, ''), x.id is not null,
       case when void.id is not null then 'voided'
            when later.id is not null then 'corrected-by'
            when day.event_on < p.starts or day.event_on > least(p.cut_off, p.on_date)
              or (r.arrived_at at time zone p.zone)::date > p.late_until then 'outside-cycle'
            when k.kind is null then 'no-kind'
            when k.derived then 'derived-kind'
            else '' end,
       coalesce(void.id, later.id)::text
  from counting_set s
  join paper p on p.version = s.version
  join counting_person c on c.root = s.root
  join learning_record r on r.person_id = c.person and r.void_of_id is null
 cross join lateral (select (r.ends_at at time zone p.zone)::date as event_on) day
  join learning_provider v on v.id = r.provider_id
  left join mode_kind k on k.version = s.version and k.mode = r.mode
  left join learning_record void on void.void_of_id = r.id and void.void_of_id is not null
       and not exists (select from learning_record w where w.void_of_id = void.id)
  left join learning_record later on later.supersedes_id = r.id and later.supersedes_id is not null
  left join learning_decision x on x.record_id = r.id and x.ended_at is null and x.verdict = 'overlap-rejected'
"""

# The best level among the attempts that were not overturned, and the latest (25); the first that passed carries the
# minutes (17, 21).
LEVELS = """
insert into counting_level
select t.enrolment, r.item, r.point, max(case r.level when 'excellent' then 2 when 'pass' then 1 else 0 end),
       (array_agg(case r.level when 'excellent' then 2 when 'pass' then 1 else 0 end order by r.decided_at desc, r.id desc))[1],
       (array_agg(r.id order by r.decided_at, r.id) filter (where r.level <> 'fail'))[1],
       (array_agg(r.decided_on order by r.decided_at, r.id) filter (where r.level <> 'fail'))[1],
       min(r.decided_at) filter (where r.level <> 'fail')
  from counting_part t
  join assessment_result r on r.enrolment = t.part
 where r.overturned_at is null
 group by t.enrolment, r.item, r.point
"""

# Attempts that were handed in; the day of an attempt is that of its first version. A result that was overturned tells of an
# attempt; one whose sheet was taken back never was.
ATTEMPTS = """
insert into counting_attempt
select t.enrolment, b.id, b.item, b.point, b.state, b.submitted_at,
       least(b.submitted_at, (select min(e.at) from evidence_event e where e.submission_id = b.id and e.kind = 'submitted'))
  from counting_part t
  join evidence_submission b on b.enrolment = t.part and b.state in ('submitted', 'opened', 'returned', 'decided')
union all
select distinct t.enrolment, 0, '', '', 'overturned', null::timestamptz, null::timestamptz
  from counting_part t
  join assessment_result r on r.enrolment = t.part and r.overturned_at is not null
  left join assessment_resultssheet s on s.id = r.sheet_id and s.taken_back_at = r.overturned_at
 where s.id is null
"""

CHOICE = """
insert into counting_choice
select distinct on (t.enrolment) t.enrolment, c.id, c.dimensions
  from counting_part t
  join planning_choice c on c.enrolment_id = t.part and c.superseded_at is null
 order by t.enrolment, c.chosen_at desc, c.id desc
"""

# Every point that was ever chosen; `own`: by the choice in force.
CHOSEN = """
insert into counting_chosen
select distinct on (t.enrolment, q.point) t.enrolment, q.point, q.dimension, c.id is not distinct from f.id
  from counting_part t
  join planning_choice c on c.enrolment_id = t.part
  join planning_chosenpoint q on q.choice_id = c.id
  left join counting_choice f on f.enrolment = t.enrolment
 order by t.enrolment, q.point, (c.id is not distinct from f.id) desc, c.chosen_at desc, c.id desc
"""

# Declared is a point until its declaration is withdrawn, whether or not the group agreed. Of declarations of one point, by
# merged records or one after the other, one that was agreed to is enough.
DECLARED = """
insert into counting_declared
with {paper}
select t.enrolment, d.point, min(d.dimension), bool_or(d.agreed_at is not null)
  from counting_part t
  join counting_set s on s.enrolment = t.enrolment
  join paper p on p.version = s.version and p.declares
  join planning_declaration d on d.enrolment_id = t.part
 group by t.enrolment, d.point
having bool_or(d.withdrawn_at is null or (d.withdrawn_at at time zone p.zone)::date > p.on_date)
"""

EXEMPT = """
insert into counting_exempt
select t.enrolment, x.demand, x.during
  from counting_part t
  join programmes_exemption x on x.enrolment_id = t.part and x.granted_at is not null and x.ended_at is null
"""

# What the school bore on the first day of the enrolment; a flag given or taken later changes nobody's minimum.
FLAGS = """
insert into counting_flag
select distinct s.enrolment, f.flag
  from counting_set s
  join programmes_enrolment e on e.id = s.enrolment
  left join organisations_posting p on p.person_id = s.root and p.home and p.during @> e.since
  join organisations_unitflag f on f.unit_id = coalesce(e.host_id, p.school_id) and f.during @> e.since
"""

# Of which a minute counts in a programme that this one excludes, as the last recount there found; the first of several.
ELSEWHERE = """
insert into counting_elsewhere
with {excluded}
select distinct on (s.enrolment, l.origin_id) s.enrolment, l.origin_id, x.code
  from counting_set s
  join excluded x on x.version = s.version
  join programmes_programme g on g.code = x.code
  join counting_person c on c.root = s.root
  join programmes_enrolment e on e.person_id = c.person and e.programme_id = g.id
  join progress_counted l on l.enrolment = e.id and l.origin = 'record' and l.reason = '' and l.minutes > 0
 order by s.enrolment, l.origin_id, x.place
"""

DONE = """
insert into counting_done
with {paper}, {handbook}
select t.enrolment, 'self-diagnosis', 1
  from counting_part t
  join planning_diagnosis g on g.enrolment_id = t.part and g.handed_in_at is not null
 group by t.enrolment
union all
select enrolment, 'declaration', count(*)::int from counting_declared where agreed group by enrolment
union all
select t.enrolment, 'handbook', count(distinct h.task)::int
  from counting_part t
  join counting_set s on s.enrolment = t.enrolment
  join planning_handbookentry e on e.enrolment_id = t.part and e.confirmed_at is not null
  join handbook h on h.version = s.version and h.task = e.task
 group by t.enrolment
union all
select s.enrolment, 'school-plan', 1
  from counting_set s
  join paper a on a.version = s.version
  join programmes_enrolment e on e.id = s.enrolment
  left join organisations_posting p on p.person_id = s.root and p.home and p.during @> a.on_date
  join planning_schoolplan q on q.programme_id = s.programme and q.unit_id = coalesce(e.host_id, p.school_id)
                            and q.state in ('approved', 'filed')
"""
