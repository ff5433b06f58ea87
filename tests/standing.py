"""What stands in the database between tests that commit: kept in tables of its own, and put back in milliseconds.

Django would empty every table after such a test, and the world would have to be built anew.
"""

from django.db import connection, transaction

FIRST = "kept_first"
_FILLED = """
select format('select %%1$L, count(*), coalesce(sum(hashtext(r::text)::bigint), 0) from %%2$I.%%1$I r', table_name, table_schema)
  from information_schema.tables
 where table_schema = %s and table_type = 'BASE TABLE' and table_name <> 'django_migrations'
 order by table_name
"""
_TABLES = """
select string_agg(quote_ident(relname), ', ' order by relname) from pg_class
 where relkind = 'r' and relnamespace = current_schema()::regnamespace
"""
_COLUMNS = """
select string_agg(quote_ident(column_name), ', ' order by ordinal_position) from information_schema.columns
 where table_schema = current_schema() and table_name = %s and is_generated = 'NEVER'
"""


def keep(place):
    """What stands now is what `put_back(place)` will bring back, whatever was kept there before."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"drop schema if exists {place} cascade; create schema {place}")
        for name in _sums(cursor, _ours(cursor)):
            cursor.execute(f'create table {place}."{name}" as table "{name}"')


def put_back(place):
    """Make every table what it was when it was kept; waits for whoever still writes."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set constraints all deferred")
        cursor.execute(_TABLES)
        cursor.execute(f"lock table {cursor.fetchone()[0]} in exclusive mode")
        now, then = _sums(cursor, _ours(cursor)), _sums(cursor, place)
        others = sorted(name for name in {*now, *then} if now.get(name) != then.get(name))
        for name in others:
            cursor.execute(f'delete from "{name}"')
        for name in others:
            if name in then:
                cursor.execute(_COLUMNS, [name])
                [columns] = cursor.fetchone()
                cursor.execute(f'insert into "{name}" ({columns}) select {columns} from {place}."{name}"')


def _ours(cursor):
    cursor.execute("select current_schema()")
    return cursor.fetchone()[0]


def _sums(cursor, schema):
    """{table: (rows, a sum of their contents)} of the tables that hold something."""
    cursor.execute(_FILLED, [schema])
    cursor.execute(" union all ".join(select for (select,) in cursor.fetchall()))
    return {name: (rows, contents) for name, rows, contents in cursor.fetchall() if rows}
