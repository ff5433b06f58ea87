"""Compare what stands with a recount from nothing: the nightly question whose answer must be no difference."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.progress.actions._areas import AREA, AREA_KEY
from weineng.progress.actions._measuring import platform_only, programme_to_count, see_one_instant
from weineng.progress.actions._writing import (
    CUT,
    CUT_KEY,
    GATE,
    LINE,
    LINE_KEY,
    STANDING,
    STANDING_KEY,
    TALLY,
    TALLY_KEY,
    note_all_spots,
    scratch_columns,
)
from weineng.progress.measures.areas import are_kept, sum_areas
from weineng.progress.measures.people import empty
from weineng.progress.measures.sums import sum_leaves
from weineng.progress.measures.whole import ALL, measure_set

MOST = 100  # differences named per table


@dataclass(frozen=True)
class Difference:
    """A row that is not what it should be: `stored` as it stands (None: missing), `counted` as it should (None: too much)."""

    table: str
    key: tuple[Any, ...]
    stored: dict[str, Any] | None = field(default=None)
    counted: dict[str, Any] | None = field(default=None)


@transaction.atomic
def compare_with_recount(*, by: Actor, programme: int) -> list[Difference]:
    """Differences between stored lines, standings, verdicts and sums and those counted from nothing; none is right.

    Enrolments that wait for their recount are left out; writes nothing but its line. At most 100 a table are named. Holds up no
    drain, however long it takes. Refuses `platform-only`; `not-found` for a programme that does not exist.
    """
    platform_only(by)
    see_one_instant()
    found = programme_to_count(programme)
    measure_set(ALL, [programme], now())
    differences = [
        *_differences("progress_counted", "counting_line", LINE, LINE_KEY, _OF_LINES),
        *_differences("programmes_gate", "counting_gate", GATE, GATE[:2], _OF_STANDINGS),
        *_differences("progress_standing", "counting_standing", STANDING, STANDING_KEY, _OF_STANDINGS),
        *_verdicts(),
    ]
    note_all_spots()
    sum_leaves()
    differences += _differences("progress_tally", "counting_tally", TALLY, TALLY_KEY, _OF_TALLIES)
    differences += _differences("progress_cut", "counting_cut", CUT, CUT_KEY, _OF_TALLIES)
    if are_kept(today()):
        sum_areas(today())
        differences += _differences("progress_areatally", "counting_area", AREA, AREA_KEY, _OF_AREAS)
    empty("counting_spot", "counting_tally", "counting_cut", "counting_area")
    record(by=by, verb="progress.compare", thing=found, facts={"differences": len(differences)})
    return differences


_WAITING = """(select t.part from counting_part t join programmes_touched w on w.enrolment = t.part
               union select s.enrolment_id from progress_standing s where s.changes_at <= now_())"""
_OF_LINES = f"enrolment in (select part from counting_part) and enrolment not in {_WAITING}"
_OF_STANDINGS = f"enrolment_id in (select part from counting_part) and enrolment_id not in {_WAITING}"
_OF_AREAS = "people <> 0 and programme_id in (select programme from counting_set)"
_OF_TALLIES = "programme_id in (select programme from counting_set)"


def _differences(
    table: str, scratch: str, columns: tuple[str, ...], key: tuple[str, ...], which: str
) -> list[Difference]:
    fresh = ", ".join(f'{f} as "{c}"' for f, c in zip(scratch_columns(scratch), columns, strict=True))
    same = " and ".join(f"o.{c} = f.{c}" for c in key)
    differs = f"({', '.join(f'o.{c}' for c in columns)}) is distinct from ({', '.join(f'f.{c}' for c in columns)})"
    names = ", ".join(columns)
    where = which.replace("now_()", "%(at)s")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select {", ".join(f"coalesce(o.{c}, f.{c})" for c in key)}, to_jsonb(o), to_jsonb(f)
                  from (select {names} from {table} where {where}) o
                  full join (select * from (select {fresh} from {scratch}) x where {where}) f on {same}
                 where {differs} limit {MOST}""",
            {"at": now()},
        )
        return [Difference(table, tuple(row[:-2]), row[-2], row[-1]) for row in cursor.fetchall()]


def _verdicts() -> list[Difference]:
    """Standings whose verdict is not the one that the history says holds now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select s.enrolment_id, s.demand, s.verdict, h.verdict
                  from progress_standing s
                  left join progress_standinghistory h
                    on h.enrolment = s.enrolment_id and h.demand = s.demand and upper(h.during) is null
                 where s.enrolment_id in (select part from counting_part)
                   and s.verdict <> coalesce(h.verdict, case s.demand when 'overall' then 'not-begun' else 'open' end)
                 limit {MOST}"""
        )
        return [
            Difference("progress_standinghistory", (enrolment, demand), {"verdict": said}, {"verdict": holds})
            for enrolment, demand, holds, said in cursor.fetchall()
        ]
