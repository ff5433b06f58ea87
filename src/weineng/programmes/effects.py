"""What modules above write down to a programme: touches, gates, what a proposed change would bring about."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Coalesce

from weineng.audit.models import Line
from weineng.kernel.clock import now
from weineng.kernel.planner import answers, as_array, ask
from weineng.kernel.sets import write_select
from weineng.kernel.turns import OUT_OF_TURN
from weineng.organisations.models import Person
from weineng.organisations.reach import same_people
from weineng.programmes.models import Enrolment, Gate, Proposal


def touch(*, enrolments: Iterable[int], lane: int = 0) -> int:
    """Ask for these enrolments to be recounted; lane 0 a person's own act, 1 bulk. Returns how many rows were added."""
    some = list(enrolments)
    if not some:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into programmes_touched (enrolment, lane, at) select id, %s, %s from unnest(%s::bigint[]) e(id)",
            [lane, now(), some],
        )
        return int(cursor.rowcount)


def touch_found(*, found: str, params: Mapping[str, Any], lane: int = 0) -> int:
    """As `touch`, for the enrolments that a SELECT of ids finds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into programmes_touched (enrolment, lane, at) select id, %(lane)s, %(at)s from ({found}) f(id)",
            {**params, "lane": lane, "at": now()},
        )
        return int(cursor.rowcount)


def touch_people(*, people: Iterable[int], lane: int = 0) -> int:
    """As `touch`, for every enrolment of these people, also under entries that were merged with theirs."""
    current = Person.objects.filter(pk__in=people).values(current=Coalesce("merged_into", "id"))
    rows = Enrolment.objects.filter(person__in=same_people(current))
    return touch(enrolments=rows.values_list("pk", flat=True), lane=lane)


def keep_gates(*, of: str, opened: str, few: bool) -> int:
    """Make the open gates of some enrolments (`of`: a SELECT of ids, `few`: of few) equal to what a SELECT `opened` of enrolment,
    gate and opened_on gives; returns how many rows were written or deleted."""
    table = Gate._meta.db_table
    gone = ask(
        f"""delete from {table} g using ({of}) s(enrolment)
             where g.enrolment_id = s.enrolment and not exists (
                   select from ({opened}) o(enrolment, gate, opened_on)
                    where o.enrolment = g.enrolment_id and o.gate = g.gate)""",
        few=few,
    )
    fresh = f"""
        select o.enrolment, o.gate, o.opened_on from ({opened}) o(enrolment, gate, opened_on)
          left join {table} g on g.enrolment_id = o.enrolment and g.gate = o.gate
         where g.opened_on is distinct from o.opened_on"""
    columns = ("enrolment_id", "gate", "opened_on")
    return gone + write_select(table, fresh, (), columns=columns, unique=columns[:2], few=few)


def take_touched(*, most: int, enrolments: Collection[int] | None = None) -> set[int]:
    """Take the next touches (`enrolments`: of these only), small lane first, and forget them; returns the enrolments to
    recount, at most `most`.

    Called inside the transaction of the recount: if that fails, they are there again.
    """
    rows = answers(
        f"""with taken as (delete from programmes_touched where id in (
                select id from programmes_touched {"" if enrolments is None else "where enrolment = any(%s::bigint[])"}
                 order by lane, id limit %s) returning enrolment)
            select distinct enrolment from taken""",
        [most] if enrolments is None else [as_array(enrolments), most],
    )
    return {enrolment for (enrolment,) in rows}


def note_recounted(*, standings: str, few: bool) -> None:
    """Note with each change that waits to be confirmed how many people of its programme were counted otherwise: `standings` is a
    SELECT of programme and enrolment (`few`: of few). What is only looked at and taken back notes nothing."""
    ask(
        f"""update programmes_proposal p set changes = p.changes + n.people
              from (select programme, count(distinct enrolment) as people from ({standings}) s group by programme) n
             where p.programme_id = n.programme and p.state = 'proposed' and not {OUT_OF_TURN}""",
        few=few,
    )


def tell_gone(*, proposal: int, gone: int) -> None:
    """Say how far a look is, in per cent, on a connection of its own: the look's own transaction shows nothing before it ends."""
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute("update programmes_proposal set gone = %s where id = %s", [gone, proposal])
    finally:
        beside.close()


def keep_look(*, cause: Line, proposal: Proposal, rows: str, people: int, began: int) -> bool:
    """Keep what a look found in place of the one before: `rows` is a SELECT of enrolment, person, school, was, becomes, met, lost,
    issued, ended; `people` were looked at; `began` is `Proposal.changes` at its beginning. False where the proposal has ended
    meanwhile."""
    columns = ", ".join(PREVIEWED)
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("programmes_previewed", "programmes_previewedschool"):
            cursor.execute(f"delete from {table} where proposal_id = %s", [proposal.pk])
        cursor.execute(
            f"insert into programmes_previewed (proposal_id, {columns}) select %s, {columns} from ({rows}) r({columns})",
            [proposal.pk],
        )
        cursor.execute(_SCHOOLS, [proposal.pk])
        cursor.execute(_SUMS, {"proposal": proposal.pk})
        sums, hashed = cursor.fetchone()
        said = f"{proposal.digest} {proposal.pk} {people} {hashed}"
        # Last of all: whoever recounts or decides waits for this row alone.
        kept = Proposal.objects.filter(pk=proposal.pk, state="proposed").update(
            look={"people": people, **json.loads(sums)}, look_mark=hashlib.sha256(said.encode()).hexdigest(), looked_at=cause.at,
            look_changes=began, looks_made=proposal.looks_asked, gone=100,
        )  # fmt: skip
        if not kept:
            transaction.set_rollback(True)
    return bool(kept)


PREVIEWED = ("enrolment", "person_id", "school_id", "was", "becomes", "met", "lost", "issued", "ended")
_PASSED = "('pass', 'excellent')"
_SCHOOLS = f"""
insert into programmes_previewedschool (proposal_id, unit_id, verdicts, gained, fallen, issued, ended)
select proposal_id, school_id, count(*) filter (where was <> becomes),
       count(*) filter (where was not in {_PASSED} and becomes in {_PASSED}),
       count(*) filter (where was in {_PASSED} and becomes not in {_PASSED}), sum(issued), sum(ended)
  from programmes_previewed where proposal_id = %s
 group by proposal_id, school_id"""
_SUMS = """
with mine as materialized (select * from programmes_previewed where proposal_id = %(proposal)s),
named as (
    select d.demand, count(*) filter (where d.side = 'met') as met, count(*) filter (where d.side = 'lost') as lost
      from (select unnest(met) as demand, 'met' as side from mine union all select unnest(lost), 'lost' from mine) d
     group by d.demand
)
select jsonb_build_object(
           'changed', (select count(*) filter (where was <> becomes) from mine),
           'verdicts', (select coalesce(jsonb_agg(jsonb_build_array(was, becomes, n) order by was, becomes), '[]')
                          from (select was, becomes, count(*) as n from mine where was <> becomes group by was, becomes) v),
           'demands', (select coalesce(jsonb_object_agg(demand, jsonb_build_array(met, lost)), '{}') from named),
           'schools', (select count(*) from programmes_previewedschool where proposal_id = %(proposal)s and verdicts > 0),
           'issued', (select coalesce(sum(issued), 0) from mine), 'ended', (select coalesce(sum(ended), 0) from mine)),
       (select coalesce(sum(hashtextextended((enrolment, was, becomes, met, lost, issued, ended)::text, 0)::numeric), 0)::text
          from mine)"""
