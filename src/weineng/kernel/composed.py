"""A query that every page asks is composed once; after that only its values change.

Composing costs several times what asking does, and what a page's frame asks is the same for every page.
"""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import date
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)
_STAND_INS: dict[type, Callable[[int], Any]] = {int: lambda n: (1 << 62) + n, date: lambda n: date(9000, 1, 1 + n)}


class Composed(Generic[M]):
    """`Composed(of_person, int, date)`: `of_person(person, on)` gives a QuerySet; `.rows(5, today())` gives its rows.

    The values are integers or dates, and reach the SQL as they are given: `compose` may neither calculate with them nor
    look at them. What else the QuerySet says must be the same at all times.
    """

    def __init__(self, compose: Callable[..., "QuerySet[M, M]"], *kinds: type) -> None:
        self._compose = compose
        self._stand_ins = [_STAND_INS[kind](number) for number, kind in enumerate(kinds)]
        self._ready: tuple[Any, str, Sequence[tuple[type, int] | None], Sequence[Any]] | None = None

    def rows(self, *values: object) -> list[M]:
        """The rows for these values; one query."""
        compiler, sql, places, params = self._ready or self._made()
        given = [
            param if place is None else _as(place[0], values[place[1]])
            for place, param in zip(places, params, strict=True)
        ]
        compiler = copy(compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # each thread has its own
        compiler.as_sql = lambda: (sql, given)
        query = SimpleNamespace(get_compiler=lambda using: compiler)  # noqa: ARG005 (as Django calls it)
        asked: Any = SimpleNamespace(query=query, db=DEFAULT_DB_ALIAS, _known_related_objects={})
        return list(ModelIterable(asked))

    def _made(self) -> tuple[Any, str, Sequence[tuple[type, int] | None], Sequence[Any]]:
        compiler: Any = self._compose(*self._stand_ins).query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        places = [(type(param), self._stand_ins.index(param)) if param in self._stand_ins else None for param in params]
        if {place[1] for place in places if place} != {*range(len(self._stand_ins))}:
            raise TypeError("A value does not reach the SQL as it was given.")
        self._ready = compiler, sql, places, params
        return self._ready


def _as(kind: type, value: object) -> object:
    """As Django hands it to the driver: integers of the column's width."""
    return value if type(value) is kind else kind(value)
