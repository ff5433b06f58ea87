"""What the database's planner must be told, since nobody else tells it in time, and when it need not plan again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import Cursor

KEPT = 5  # times a statement is asked before its plan is kept, where `ask` does not say so at once


def weigh_grown(*among: str) -> list[str]:
    """Tell the planner of every table that has more than doubled since it was last told, or of which it knows nothing but the size
    (whoever told it was taken back); returns their names. `among`: of these alone, and by their size alone, which is quick.

    After a bulk load or a restore (also one that was taken back and begun again) the database may believe for minutes that
    its tables are empty: then it reads the whole of one for each row of another. Looks at sizes on disk, so it sees what
    this transaction has loaded, and is cheap.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _GROWN.format(among="and relname = any(%s)" if among else "", unknown="" if among else _UNKNOWN),
            [list(among)] if among else None,
        )
        grown = [name for (name,) in cursor.fetchall()]
        if grown:
            cursor.execute("analyze (skip_locked) " + ", ".join(f'"{name}"' for name in grown))
    return grown


def ask(sql: str, params: Mapping[str, Any] | Sequence[Any] | None = None, *, few: bool) -> int:
    """Execute one statement; returns how many rows it concerned.

    `few`: it reads the facts of few, and planning a long statement would cost more than that, so the session keeps its plan.
    Where there are many the planner looks at the sizes each time. Parameters are typed by the statement (`%(day)s::date`).
    """
    if not few:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return int(cursor.rowcount)
    raw = connection.connection
    raw.prepare_threshold = raw.prepare_threshold or KEPT  # Django's connections keep no plan unless told to
    with connection.wrap_database_errors, Cursor(raw) as kept:
        kept.execute(sql, params, prepare=True)
        return kept.rowcount


_GROWN = """
select c.relname from pg_class c
  cross join lateral (select pg_relation_size(c.oid) / current_setting('block_size')::int as pages) size
 where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace {among}
   and (size.pages > greatest(case when c.reltuples > 0 then 2 * c.relpages end, 20){unknown})
 order by c.relname
"""
_UNKNOWN = """
        or size.pages > 20 and not exists (
           select from pg_stats s where s.schemaname = current_schema() and s.tablename = c.relname)"""
