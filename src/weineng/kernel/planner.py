"""What the database's planner must be told, since nobody else tells it in time."""

from django.db import connection


def weigh_grown() -> list[str]:
    """Tell the planner of every table that has more than doubled since it was last told; returns their names.

    After a bulk load or a restore (also one that was taken back and begun again) the database may believe for minutes that
    its tables are empty: then it reads the whole of one for each row of another. Looks at sizes on disk, so it sees what
    this transaction has loaded, and is cheap.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GROWN)
        grown = [name for (name,) in cursor.fetchall()]
        if grown:
            cursor.execute("analyze (skip_locked) " + ", ".join(f'"{name}"' for name in grown))
    return grown


_GROWN = """
select relname from pg_class
 where relkind = 'r' and relnamespace = current_schema()::regnamespace
   and pg_relation_size(oid) / current_setting('block_size')::int
       > greatest(case when reltuples > 0 then 2 * relpages end, 20)
 order by relname
"""
