"""The pulse of the worker: what each loop and step of it did last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from weineng.kernel.actors import Actor
from weineng.progress.actions._measuring import platform_only


@dataclass(frozen=True)
class Round:
    """One run of a loop or step: when it began, how long it took (milliseconds), how many things it did; `settled` says
    that it found nothing left to do; `error` is '' where it ran to its end."""

    loop: str
    began: datetime
    took_ms: int
    done: int = 0
    settled: bool = False
    error: str = ""


@transaction.atomic
def note_rounds(*, by: Actor, rounds: Sequence[Round]) -> None:
    """Write down how the worker's loops are doing, for the doctor and the health page. Refuses `platform-only`."""
    platform_only(by)
    if not rounds:
        return
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [list(column) for column in zip(*map(_row, rounds), strict=True)])


def _row(one: Round) -> tuple[Any, ...]:
    return one.loop, one.began, one.took_ms, one.done, one.settled, one.error[:200]


# One statement for all of them: a worker that finds nothing to do notes two dozen steps each quarter of a minute.
_NOTE = """
insert into progress_drained as old (loop, up_to, mark, ran_at, took_ms, failures, error)
select loop, case when settled and error = '' then began end, case when settled or error <> '' then 0 else done end,
       case when error = '' then began end, case when error = '' then took_ms else 0 end, (error <> '')::int, error
  from unnest(%s::text[], %s::timestamptz[], %s::int[], %s::int[], %s::bool[], %s::text[])
       told(loop, began, took_ms, done, settled, error)
 order by loop
    on conflict (loop) do update
   set up_to = coalesce(excluded.up_to, old.up_to), mark = old.mark + excluded.mark,
       ran_at = coalesce(excluded.ran_at, old.ran_at),
       took_ms = case when excluded.error = '' then excluded.took_ms else old.took_ms end,
       failures = case when excluded.error = '' then 0 else old.failures + 1 end, error = excluded.error"""
