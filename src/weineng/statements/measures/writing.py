"""Into the tables: a call is written in a handful of SQL statements, however many it brings; and since when somebody writes."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from weineng.statements.models import Agent, Attachment, Pending, Relation, Statement
from weineng.statements.rules.times import TURNS

NAMES_KEPT = 20  # of one agent
_WRITERS = 0x57584149  # the class of the locks that tell since when somebody writes
_BITS = (1 << 32) - 1


# --- Time and turns --------------------------------------------------------------------------------------------------
def announce(milliseconds: int) -> int:
    """Tell the readers that statements of this instant or later are being written until the transaction ends; returns the call's
    turn."""
    objid = milliseconds & _BITS
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock_shared(%s, %s), nextval('statements_turn')",
            [_WRITERS, objid - (1 << 32) if objid > _BITS >> 1 else objid],
        )
        return int(cursor.fetchone()[1]) % TURNS


def writing_since(milliseconds: int) -> int:
    """The earliest instant that a transaction in flight has announced, else the given one, which is now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select objid from pg_locks where locktype = 'advisory' and classid = %s and objsubid = 2 and granted"
            " and database = (select oid from pg_database where datname = current_database())",
            [_WRITERS],
        )
        ages = [((milliseconds - int(objid) + (1 << 31)) & _BITS) - (1 << 31) for (objid,) in cursor.fetchall()]
    return milliseconds - max([0, *ages])


# --- Writing ---------------------------------------------------------------------------------------------------------
def known(source: int, sids: Sequence[UUID]) -> dict[UUID, tuple[bytes, str]]:
    """Those of these ids that the source has used already: digest and body."""
    table = Statement._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'select sid, digest, body from "{table}" where source_id = %s and sid = any(%s)', [source, list(sids)]
        )
        return {sid: (bytes(digest), body) for sid, digest, body in cursor.fetchall()}


def meet_agents(source: int, agents: Sequence[tuple[int, str, str]]) -> None:
    """Keep agents (key, identifier, name) that were not known, and the names that were not."""
    table = Agent._meta.db_table
    keys, identifiers, names = zip(*agents, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f'insert into "{table}" as old (key, source_id, identifier, names)'
            " select key, %s, min(identifier), array_remove(array_agg(distinct name), '')"
            " from unnest(%s::bigint[], %s::text[], %s::text[]) as fresh(key, identifier, name) group by key order by key"
            " on conflict (key) do update set names = array(select distinct unnest(old.names || excluded.names) order by 1)"
            f" where not old.names @> excluded.names and cardinality(old.names) < {NAMES_KEPT}",
            [source, list(keys), list(identifiers), list(names)],
        )


def copy_statements(rows: Iterable[Sequence[Any]]) -> None:
    """seq, source, sid, body, digest, actor, verb, activity, registration, target, voids; in the order of the ids, so that calls that
    bring the same wait for each other and never in a circle."""
    columns = "seq, source_id, sid, body, digest, actor_id, verb, activity, registration, target, voids"
    types = "int8 int8 uuid text bytea int8 int8 int8 int8 uuid bool"
    _copy(Statement._meta.db_table, columns, types, rows)


def copy_relations(rows: Iterable[tuple[int, int]]) -> None:
    """(key, seq)"""
    _copy(Relation._meta.db_table, "key, statement_id", "int8 int8", rows)


def copy_pending(seqs: Iterable[int]) -> None:
    """The statements of which something may follow."""
    _copy(Pending._meta.db_table, "statement_id", "int8", ((seq,) for seq in seqs))


def copy_attachments(rows: Iterable[Sequence[Any]]) -> None:
    """seq, sha2, digest, size, media type."""
    columns = "statement_id, sha2, digest, size, media_type"
    _copy(Attachment._meta.db_table, columns, "int8 text text int8 text", rows)


def _copy(table: str, columns: str, types: str, rows: Iterable[Sequence[Any]]) -> None:
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f'copy "{table}" ({columns}) from stdin (format binary)') as pipe,
    ):
        pipe.set_types(types.split())
        for row in rows:
            pipe.write_row(row)
