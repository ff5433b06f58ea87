"""What the database's planner must be told, since nobody else tells it in time, and when it need not plan again."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import RawCursor

KEPT = 5  # times a statement is asked before its plan is kept, where `ask` does not say so at once


def weigh_grown(*among: str) -> list[str]:
    """Tell the planner of every table that has more than doubled since it was last told, or of which it knows nothing but the size
    (whoever told it was taken back); returns their names. `among`: of these alone, and by their size alone, which is quick.

    After a bulk load or a restore (also one that was taken back and begun again) the database may believe for minutes that
    its tables are empty: then it reads the whole of one for each row of another. Looks at sizes on disk, so it sees what
    this transaction has loaded, and is cheap.
    """
    found = answers(
        _GROWN.format(among="and relname = any(%s::name[])" if among else "", unknown="" if among else _UNKNOWN),
        [as_array(among)] if among else [],
    )
    grown = [name for (name,) in found]
    if grown:
        with connection.cursor() as cursor:
            cursor.execute("analyze (skip_locked) " + ", ".join(f'"{name}"' for name in grown))
    return grown


Params = Mapping[str, Any] | Sequence[Any] | None


def ask(sql: str, params: Params = None, *, few: bool) -> int:
    """Execute one statement; returns how many rows it concerned (0 where it is sent `together` with others).

    `few`: it reads the facts of few, and planning a long statement would cost more than that, so the session keeps its plan.
    Where there are many the planner looks at the sizes each time. Parameters are typed by the statement (`%(day)s::date`).
    """
    if few:
        return max(_kept(sql, params).rowcount, 0)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def answers(sql: str, params: Params = None) -> list[tuple[Any, ...]]:
    """The rows of a statement whose plan the session keeps: for short questions that are asked again and again."""
    with connection.wrap_database_errors:
        return _kept(sql, params).fetchall()


@contextmanager
def together(*, few: bool) -> Iterator[None]:
    """Statements asked in here (where they are of `few`) are sent without waiting for the answers of those before: waiting takes as
    long as such work. What one of them refuses is raised at the end."""
    if not few:
        yield
        return
    ours, raw = _session()
    with ours.wrap_database_errors, raw.pipeline():
        yield


@contextmanager
def preferring_hashes() -> Iterator[None]:
    """Inside a transaction: the planner cannot know how many rows a step leaves; its wrong guess must not become a loop in a loop."""
    ask("set local enable_nestloop = off", few=True)
    yield
    ask("set local enable_nestloop = on", few=True)


def as_array(values: Iterable[Any]) -> str:
    """Numbers, texts, truths, dates and nothings as the database writes an array: what many statements name is written once."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def _kept(sql: str, params: Params) -> RawCursor[Any]:
    text, names = (sql, ()) if params is None else _numbered(sql)
    values = [params[name] for name in names] if isinstance(params, Mapping) else params
    ours, raw = _session()
    with ours.wrap_database_errors:
        return RawCursor(raw).execute(text, values, prepare=True)


def _session() -> tuple[BaseDatabaseWrapper, Any]:
    ours = connections[DEFAULT_DB_ALIAS]
    ours.ensure_connection()
    raw = ours.connection
    raw.prepare_threshold = raw.prepare_threshold or KEPT  # Django's connections keep no plan unless told to
    return ours, raw


@lru_cache(maxsize=512)
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with `%s` or `%(name)s` as the database wants it, with numbers, and the names in their order: once and not each time
    it is asked."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if found[0] == "%%":
            return "%"
        if name is None or name not in names:
            names.append(name or "")
            return f"${len(names)}"
        return f"${names.index(name) + 1}"

    return re.sub(r"%(?:%|s|\((\w+)\)s)", number, sql), tuple(names)


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
