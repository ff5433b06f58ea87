"""Whose facts belong together: people whose entries were merged, their enrolments, and the one that stands for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from weineng.kernel.planner import answers, as_array, ask

_STANDING = """
    enrolment bigint, programme bigint, demand text, have int, need int, met bool, verdict text, reasons jsonb, detail jsonb,
    leaf bigint, leaf_kind text, participant bool, counted_in bool, version bigint, changes_at timestamptz, stage text, subject text"""
TABLES = {
    # root: the entry that was kept; person: it and every entry merged into it
    "counting_person": "root bigint, person bigint",
    # enrolment: the one that stands; part: it and the enrolments of merged entries in the same programme
    "counting_part": "enrolment bigint, part bigint, programme bigint, root bigint",
    "counting_set": "enrolment bigint, programme bigint, version bigint, root bigint, left_on date, closed_on date",
    # what is known of the set (facts.py)
    "counting_said": """
        enrolment bigint, version bigint, id bigint, canonical text, starts_at timestamptz, ends_at timestamptz, minutes int,
        event_on date, source text collate "C", source_id text collate "C", revision int, kind text, rejected bool,
        reason text, ref text""",
    "counting_level": """
        enrolment bigint, item text, point text, level int, latest int, first bigint, first_on date,
        first_at timestamptz""",
    "counting_attempt": """
        enrolment bigint, id bigint, item text, point text, state text, submitted_at timestamptz,
        handed_in_at timestamptz""",
    "counting_choice": "enrolment bigint, id bigint, dimensions text[]",
    "counting_chosen": "enrolment bigint, point text, dimension text, own bool",
    # points declared to be assessed, and whether the group agreed
    "counting_declared": "enrolment bigint, point text, dimension text, agreed bool",
    "counting_exempt": "enrolment bigint, demand text, during daterange",
    "counting_flag": "enrolment bigint, flag text",  # of the school on the first day of the enrolment
    "counting_done": "enrolment bigint, item text, have int",  # items that are neither results nor attempts
    "counting_elsewhere": "enrolment bigint, id bigint, code text",  # records that count in a programme this one excludes
    # what follows from it
    "counting_gate": "enrolment bigint, gate text, opened_on date",  # gates that are open
    "counting_leaf": "enrolment bigint, leaf bigint, leaf_kind text, changes_on date, stage text, subject text",
    "counting_line": """
        enrolment bigint, origin text, origin_id bigint, kind text, minutes int, reason text, ref text, event_on date,
        flagged text""",
    "counting_standing": _STANDING,
    "counting_fresh": _STANDING,  # those that are other than before
    # verdicts that are other than before
    "counting_change": """
        enrolment bigint, demand text, was text, verdict text, participant bool, version bigint""",
    "counting_spot": "programme bigint, leaf bigint",  # leaves to sum again
    # what another document would change: standings as they were when the look began, and who would be other
    "counting_before": "enrolment bigint, demand text, verdict text",
    "counting_other": """
        enrolment bigint, person bigint, school bigint, was text, becomes text, met text[], lost text[]""",
    "counting_place": "leaf bigint, school bigint",  # the school a leaf belongs to, or itself
    "counting_tally": """
        programme bigint, leaf bigint, leaf_kind text, demand text, verdict text, people int, participants int,
        have bigint""",
    "counting_cut": """
        programme bigint, leaf bigint, stage text, subject text, verdict text, people int, participants int""",
    # the sums of areas, or what is to be added to them
    "counting_area": "programme bigint, unit bigint, demand text, verdict text, people int, participants int",
}


SMALL = 1024 * 1024  # bytes of scratch that are emptied faster row by row than file by file
MANY = 50  # enrolments from which on the planner is told how much there is


def clear_scratch() -> None:
    """Make the session's scratch tables, empty; they live as long as the connection and no other session sees them."""
    ((there, size),) = answers(_SCRATCH, [as_array(TABLES)])
    if there and size <= SMALL:
        empty(*TABLES)
        return
    with connection.cursor() as cursor:
        if there:
            cursor.execute(f"truncate {', '.join(TABLES)}")
        else:
            cursor.execute("; ".join(f"create temp table {name} ({columns})" for name, columns in TABLES.items()))
        cursor.execute(_SMALL_AT_FIRST)  # what was told of many is not true of who comes next


# A table that was never looked at is taken to hold thousands of rows, and the facts of one teacher are then sought by reading
# whole tables: let it be known as small until `weigh` says more.
_SMALL_AT_FIRST = "; ".join(
    [f"insert into {name} default values" for name in TABLES]
    + [f"analyze {', '.join(TABLES)}"]
    + [f"delete from {name}" for name in TABLES]
)
_SCRATCH = """
select count(*), coalesce(sum(pg_relation_size(oid)), 0)
  from pg_class where relnamespace = pg_my_temp_schema() and relname = any(%s::name[])
"""


def empty(*names: str) -> None:
    """Empty scratch tables that hold little: a new file for each of them would cost more than the rows."""
    emptied = ", ".join(f"{name}_gone as (delete from {name})" for name in names)
    ask(f"with {emptied} select", few=True)


def fill(rows: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
    """Write rows into scratch tables, by the name of the table: of somebody who is in no register."""
    with connection.cursor() as cursor:
        for table, some in rows.items():
            if some:
                places = ", ".join(["%s"] * len(some[0]))
                cursor.executemany(f"insert into {table} values ({places})", some)


def weigh(many: int, *names: str) -> None:
    """Tell the planner how big the scratch tables of a set of so many enrolments (or with so many rows) are, where that is
    worth it."""
    if many >= MANY:
        with connection.cursor() as cursor:
            cursor.execute("analyze " + ", ".join(names))


def gather(asked: str, params: "Mapping[str, Any] | Sequence[Any]", *, few: bool) -> int:
    """Fill the set from a SELECT of enrolment ids (`few`: of few); returns how many enrolments stand in it."""
    ask(_PEOPLE.format(asked=asked), params, few=few)
    ask(_PARTS.format(asked=asked), params, few=few)
    return ask(_SET, few=few)


# Merges are kept flat (an entry points to the one that was kept), so one step each way is the whole way.
_PEOPLE = """
insert into counting_person
select root.id, p.id
  from (select distinct coalesce(p.merged_into_id, p.id) as id
          from programmes_enrolment e join organisations_person p on p.id = e.person_id
         where e.id in ({asked})) root
  join organisations_person p on coalesce(p.merged_into_id, p.id) = root.id
"""

_PARTS = """
insert into counting_part
select first_value(e.id) over (
           partition by e.programme_id, c.root order by e.person_id <> c.root, e.id),
       e.id, e.programme_id, c.root
  from counting_person c
  join programmes_enrolment e on e.person_id = c.person
 where e.programme_id in (select a.programme_id from programmes_enrolment a where a.id in ({asked}))
"""

_SET = """
insert into counting_set
select t.enrolment, t.programme, e.version_id, t.root, e.left_on, g.closed_on
  from counting_part t
  join programmes_enrolment e on e.id = t.enrolment
  join programmes_programme g on g.id = t.programme
 where t.part = t.enrolment
"""
