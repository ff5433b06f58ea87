"""Inner verbs of the tree: derive the closure from the edges, write down whose figures a change concerns."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from weineng.kernel.clock import now
from weineng.organisations.models import Change, Closure, Edge

_DEEPEST = 24  # levels; more can only be a circle, which the actions refuse

_CLOSURE, _EDGE = Closure._meta.db_table, Edge._meta.db_table
_REBUILD = f"""
with recursive below as (
    select unit_id from {_CLOSURE} where ancestor_id = %(unit)s union select %(unit)s::bigint
), up as (
    select unit_id, unit_id as ancestor_id, 0 as depth, daterange(null, null) as during from below
    union all
    select up.unit_id, edge.parent_id, up.depth + 1, up.during * edge.during
    from up join {_EDGE} edge on edge.child_id = up.ancestor_id and edge.kind = 'line' and edge.during && up.during
    where up.depth < {_DEEPEST}
), gone as (
    delete from {_CLOSURE} old using below
    where old.unit_id = below.unit_id and not exists (
        select from up where (up.ancestor_id, up.unit_id, up.during) = (old.ancestor_id, old.unit_id, old.during)
    )
)
insert into {_CLOSURE} as old (ancestor_id, unit_id, depth, during)
select ancestor_id, unit_id, depth, during from up
on conflict (ancestor_id, unit_id, during) do update set depth = excluded.depth where old.depth <> excluded.depth
"""


def lock_tree() -> None:
    """Let one change of the tree run at a time: two moves at once could make a circle that neither sees."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('organisations.tree'))")


def rebuild_closure(unit: int) -> int:
    """Derive who stands above `unit` and everything that ever stood below it; returns how many rows were written.

    A path is a chain of line edges; it holds while all of them hold. Only the moved subtree is derived again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REBUILD, {"unit": unit})
        return int(cursor.rowcount)


def note_change(*, during: Any, units: Iterable[int] = (), people: Iterable[int] = ()) -> int:
    """Write down that facts about these units or people changed for some dates (a range; None: for ever).

    The settle loop turns each into touches of the enrolments that are or were concerned.
    """
    at = now()
    changes = [Change(unit_id=unit, during=during, at=at) for unit in units]
    changes += [Change(person_id=person, during=during, at=at) for person in people]
    return len(Change.objects.bulk_create(changes))


def since(on: date | None, until: date | None = None) -> Any:
    """The dates from `on` (included) to `until` (excluded); None is open."""
    return DateRange(on, until)
