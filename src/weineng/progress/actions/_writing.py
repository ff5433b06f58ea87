"""From the scratch tables to the tables that stay: only what changed is written, what no longer occurs goes."""

from dataclasses import dataclass
from datetime import datetime

from weineng.kernel.planner import ask, together
from weineng.kernel.sets import write_select
from weineng.programmes.effects import keep_gates
from weineng.progress.actions._excluding import Exclusions, touch_excluding
from weineng.progress.measures.people import TABLES, empty, weigh


@dataclass(frozen=True)
class Recounted:
    """What a recount did: enrolments judged, and rows written or deleted in each table."""

    enrolments: int = 0
    lines: int = 0
    gates: int = 0
    standings: int = 0
    verdicts: int = 0
    tallies: int = 0

    @property
    def written(self) -> int:
        """Rows written or deleted in all; 0 if everything already stood as it was counted."""
        return self.lines + self.gates + self.standings + self.verdicts + self.tallies


LINE = ("enrolment", "origin", "origin_id", "kind", "minutes", "reason", "ref", "event_on", "flagged")
LINE_KEY = ("enrolment", "origin", "origin_id", "kind", "reason", "ref")
STANDING = (
    "enrolment_id", "programme_id", "demand", "have", "need", "met", "verdict", "reasons", "detail", "leaf_id",
    "leaf_kind", "participant", "counted_in", "version", "changes_at", "stage", "subject",
)  # fmt: skip
STANDING_KEY = ("enrolment_id", "demand")
TALLY = ("programme_id", "leaf_id", "leaf_kind", "demand", "verdict", "people", "participants", "have")
TALLY_KEY = TALLY[:5]
CUT = ("programme_id", "leaf_id", "stage", "subject", "verdict", "people", "participants")
CUT_KEY = CUT[:5]


GATE = ("enrolment_id", "gate", "opened_on")
OPENED = "select enrolment, gate, opened_on from counting_gate"


def scratch_columns(table: str) -> list[str]:
    """Columns of a scratch table, in the order of the stored table's columns above."""
    return [column.split()[0] for column in TABLES[table].split(",")]


def changed(table: str, scratch: str, columns: tuple[str, ...], key: tuple[str, ...]) -> str:
    """A SELECT of the scratch rows that do not stand in the table just so."""
    fresh = scratch_columns(scratch)
    found = dict(zip(columns, fresh, strict=True))
    on = " and ".join(f"o.{c} = f.{found[c]}" for c in key)
    rest = [c for c in columns if c not in key]
    differs = f"({', '.join(f'o.{c}' for c in rest)}) is distinct from ({', '.join(f'f.{found[c]}' for c in rest)})"
    return f"select {', '.join(f'f.{c}' for c in fresh)} from {scratch} f left join {table} o on {on} where o.id is null or {differs}"


def write_lines(said: Exclusions, *, few: bool) -> int:
    """Make the stored lines of the set equal to the counted ones; who excludes what counts here otherwise now is touched."""
    touch_excluding(said)
    gone = ask(
        """
        delete from progress_counted c using counting_part t
         where c.enrolment = t.part and not exists (
               select from counting_line l where l.enrolment = c.enrolment and l.origin = c.origin and l.origin_id = c.origin_id
                  and l.kind = c.kind and l.reason = c.reason and l.ref = c.ref)""",
        few=few,
    )
    select = changed("progress_counted", "counting_line", LINE, LINE_KEY)
    return gone + write_select("progress_counted", select, (), columns=LINE, unique=LINE_KEY, few=few)


def write_gates(*, few: bool) -> int:
    """Write down to the programme which gates are open, for those who refuse what is done before."""
    return keep_gates(of="select part from counting_part", opened=OPENED, few=few)


def write_standings(*, few: bool) -> int:
    """Make the stored standings of the set equal to the judged ones; the leaves of what changes, old and new, are noted."""
    changes = ask(
        f"insert into counting_fresh {changed('progress_standing', 'counting_standing', STANDING, STANDING_KEY)}",
        few=few,
    )
    weigh(changes, "counting_fresh")
    spots = ask(
        f"""
        insert into counting_spot
        select distinct programme, leaf from (
            select programme, leaf from counting_fresh
             union all
            select s.programme_id, s.leaf_id from counting_fresh f
              join progress_standing s on s.enrolment_id = f.enrolment and s.demand = f.demand
             union all
            select s.programme_id, s.leaf_id from progress_standing s
              join counting_part t on t.part = s.enrolment_id where {_NO_LONGER}) spots
         where leaf is not null""",
        few=few,
    )
    weigh(spots, "counting_spot")
    gone = ask(
        f"delete from progress_standing s using counting_part t where t.part = s.enrolment_id and {_NO_LONGER}", few=few
    )
    if not changes:
        return gone
    fresh = "select * from counting_fresh"
    return gone + write_select("progress_standing", fresh, (), columns=STANDING, unique=STANDING_KEY, few=few)


_NO_LONGER = """not exists (
    select from counting_standing f where f.enrolment = s.enrolment_id and f.demand = s.demand)"""


def note_all_spots() -> None:
    """Sum every leaf of the set's programmes again, whether its standings changed or not."""
    empty("counting_spot")
    spots = ask(
        """
        insert into counting_spot
        select programme_id, leaf_id from progress_standing
         where leaf_id is not null and programme_id in (select programme from counting_set)
         union
        select programme_id, leaf_id from progress_tally where programme_id in (select programme from counting_set)""",
        few=False,
    )
    weigh(spots, "counting_spot")


def write_tallies(*, few: bool) -> int:
    """Make the sums of the noted leaves equal to what was summed; a row that no longer occurs goes."""
    gone = ask(
        """
        delete from progress_tally o using counting_spot p
         where o.programme_id = p.programme and o.leaf_id = p.leaf and not exists (
               select from counting_tally f where f.programme = o.programme_id and f.leaf = o.leaf_id
                  and f.leaf_kind = o.leaf_kind and f.demand = o.demand and f.verdict = o.verdict)""",
        few=few,
    )
    select = changed("progress_tally", "counting_tally", TALLY, TALLY_KEY)
    return (
        gone
        + write_select("progress_tally", select, (), columns=TALLY, unique=TALLY_KEY, few=few)
        + _write_cuts(few=few)
    )


def _write_cuts(*, few: bool) -> int:
    gone = ask(
        """
        delete from progress_cut o using counting_spot p
         where o.programme_id = p.programme and o.leaf_id = p.leaf and not exists (
               select from counting_cut f where f.programme = o.programme_id and f.leaf = o.leaf_id
                  and f.stage = o.stage and f.subject = o.subject and f.verdict = o.verdict)""",
        few=few,
    )
    select = changed("progress_cut", "counting_cut", CUT, CUT_KEY)
    return gone + write_select("progress_cut", select, (), columns=CUT, unique=CUT_KEY, few=few)


def write_history(at: datetime, *, few: bool) -> int:
    """End the verdicts that no longer hold and begin the new ones; what changed lies in `counting_change`."""
    params = {"at": at}
    changes = ask(_CHANGES, few=few)
    if changes:
        weigh(changes, "counting_change")
        with together(few=few):
            ask(_SAME_INSTANT, params, few=few)
            ask(_END, params, few=few)
            ask(_BEGIN, params, few=few)
    return changes


_BEGINNING = "case when n.demand = 'overall' then 'not-begun' else 'open' end"
_CHANGES = f"""
insert into counting_change
select n.enrolment, n.demand, coalesce(o.verdict, {_BEGINNING}), n.verdict, n.participant, n.version
  from (select enrolment, demand, verdict, participant and demand = 'overall' as participant, version from counting_standing
         union all
        select part, 'overall', '', false, 0 from counting_part where part <> enrolment) n
  left join progress_standinghistory o on o.enrolment = n.enrolment and o.demand = n.demand and upper(o.during) is null
 where (coalesce(o.verdict, {_BEGINNING}), coalesce(o.participant, false)) is distinct from (n.verdict, n.participant)
"""
# A verdict that lasted no time leaves no trace.
_SAME_INSTANT = """
delete from progress_standinghistory o using counting_change n
 where o.enrolment = n.enrolment and o.demand = n.demand and upper(o.during) is null and lower(o.during) >= %(at)s::timestamptz
"""
_END = """
update progress_standinghistory o set during = tstzrange(lower(o.during), %(at)s::timestamptz)
  from counting_change n
 where o.enrolment = n.enrolment and o.demand = n.demand and upper(o.during) is null
"""
_BEGIN = f"""
insert into progress_standinghistory (enrolment, demand, verdict, participant, version, during)
select n.enrolment, n.demand, n.verdict, n.participant, n.version, tstzrange(%(at)s::timestamptz, null)
  from counting_change n
 where (n.verdict, n.participant) is distinct from ({_BEGINNING}, false)
"""
