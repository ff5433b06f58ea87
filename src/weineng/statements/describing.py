"""What statements say in passing: who is named by which identifier and name, and what activities are.

What this process has written lately is remembered, so that a thousand statements about the same course ask nothing.
"""

from collections.abc import Iterable, Sequence
from threading import Lock
from time import monotonic
from typing import TypeVar

import orjson
from django.db import transaction

from weineng.statements.measures import writing
from weineng.statements.models import Activity
from weineng.statements.rules.activities import together
from weineng.statements.rules.keys import identity
from weineng.statements.rules.rows import Content, Row

_MOST, _SECONDS = 200_000, 60.0
Thing = TypeVar("Thing", bound=tuple[int, str | bytes])  # a key, and what was said of it


class _Lately:
    """What was written within the last minute."""

    def __init__(self) -> None:
        self._lock, self._seen, self._since = Lock(), set[tuple[int, str | bytes]](), monotonic()

    def new(self, things: Iterable[Thing]) -> list[Thing]:
        """Those that were not written lately."""
        with self._lock:
            if monotonic() - self._since > _SECONDS or len(self._seen) > _MOST:
                self._seen, self._since = set(), monotonic()
            return [thing for thing in things if thing not in self._seen]

    def add(self, things: Iterable[Thing]) -> None:
        """They are written now."""
        with self._lock:
            self._seen.update(things)

    def forget(self) -> None:
        with self._lock:
            self._seen = set()


lately = _Lately()


def meet(source: int, rows: Sequence[Row]) -> None:
    """Keep the agents that these statements name."""
    named = {(key, agent.get("name", "")): agent for row in rows for key, agent in row.agents.items()}
    fresh = lately.new(named)
    if fresh:
        writing.meet_agents(
            source, [(key, _storable(identity(named[key, name])), _storable(name)) for key, name in fresh]
        )
        transaction.on_commit(lambda: lately.add(fresh))


def _storable(text: str) -> str:
    """The database has no character 0 in texts."""
    return text.replace("\0", "\ufffd")


def describe(source: int, rows: Sequence[Row]) -> None:
    """Keep what these statements say that activities are: what comes last wins, member by member, language by language."""
    said = [
        (key, activity["id"], activity["definition"])
        for row in rows
        for key, activity in row.activities.items()
        if activity.get("definition")
    ]
    texts = {(key, orjson.dumps(definition, option=orjson.OPT_SORT_KEYS)): None for key, _iri, definition in said}
    fresh = {*lately.new(texts)}
    if not fresh:
        return
    merge_definitions(source, said)
    transaction.on_commit(lambda: lately.add(fresh))


def merge_definitions(source: int, said: Sequence[tuple[int, str, Content]]) -> None:
    """Write (key, iri, definition) over what is known."""
    keys = sorted({key for key, _iri, _definition in said})
    rows = Activity.objects.filter(key__in=keys).order_by("key").select_for_update(of=("self",), no_key=True)
    held = {row.key: row for row in rows}
    changed: dict[int, Activity] = {}
    fresh: dict[int, Activity] = {}
    for key, iri, definition in said:
        row = held.get(key)
        if row is None:
            row = held[key] = fresh[key] = Activity(key=key, source_id=source, iri=iri)
        before = orjson.loads(row.definition) if row.definition else {}
        text = orjson.dumps(together(before, definition)).decode()
        if text != row.definition:
            row.definition = text
            changed[key] = row
    Activity.objects.bulk_create([fresh[key] for key in sorted(fresh)], ignore_conflicts=True)
    old = [changed[key] for key in sorted(changed) if key not in fresh]
    if old:
        Activity.objects.bulk_update(old, ("definition",))
