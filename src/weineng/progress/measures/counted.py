"""Counting a set: the steps of records and results put together into lines (semantics 2–12, 17)."""

from weineng.kernel.planner import ask
from weineng.progress.measures.papers import Papers
from weineng.progress.measures.people import MANY
from weineng.progress.measures.records import record_lines, record_steps
from weineng.progress.measures.results import last_lines, last_steps


def count_minutes(papers: Papers, enrolments: int) -> int:
    """Write the lines of a set of so many enrolments into the scratch table `counting_line`, and its open gates into
    `counting_gate`; returns how many lines."""
    tables = papers.relations("paper", "cap_line", "last_cap", "earning", "gated_kind")
    few = enrolments < MANY
    if papers.gates:
        ask(_open_gates(papers), papers.params, few=few)
    lines = f"insert into counting_line with recursive {tables},{_steps(papers)}{_lines(papers)}"
    return ask(lines, papers.params, few=few)


def _steps(papers: Papers, *, ungated: bool = False) -> str:
    return f"{record_steps(papers, ungated=ungated)},{last_steps(papers, ungated=ungated)}"


def _lines(papers: Papers, *, ungated: bool = False) -> str:
    return f"{record_lines(papers, ungated=ungated)} union all {last_lines(papers)}"


def _open_gates(papers: Papers) -> str:
    """A gate opens on the first day by which minutes of its kinds reach the threshold, counted as if there were no gated
    kinds, or on the first day of an exemption that names it (semantics 10)."""
    tables = papers.relations("paper", "cap_line", "last_cap", "earning", "gate_kind", "gated_kind")
    return f"""
insert into counting_gate
with recursive {tables},{_steps(papers, ungated=True)},
free_line as ({_lines(papers, ungated=True)}),
daily as (
    select l.enrolment, g.gate, g.minutes as threshold, l.event_on, sum(l.minutes) as minutes
      from free_line l
      join counting_set s on s.enrolment = l.enrolment
      join gate_kind g on g.version = s.version and g.kind = l.kind
     where l.reason = ''
     group by l.enrolment, g.gate, g.minutes, l.event_on
),
growing as (
    select enrolment, gate, threshold, event_on, sum(minutes) over (partition by enrolment, gate order by event_on) as minutes
      from daily
),
opened as (
    select enrolment, gate, min(event_on) as day from growing where minutes >= threshold group by enrolment, gate
    union all
    select x.enrolment, g.gate, lower(x.during)
      from counting_exempt x
      join counting_set s on s.enrolment = x.enrolment
      join paper p on p.version = s.version
      join (select distinct version, gate from gate_kind) g on g.version = s.version and g.gate = x.demand
     where x.during @> least(p.on_date, p.cut_off)
)
select enrolment, gate, min(day) from opened group by enrolment, gate"""
