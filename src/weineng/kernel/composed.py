"""A query that every page asks is composed once; after that only its values change.

Composing costs several times what asking does, and what a page's frame asks, or whom somebody reaches, is the same for
every page.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass
from datetime import date
from functools import wraps
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)
_STAND_INS: dict[type, Callable[[int], Any]] = {int: lambda n: (1 << 62) + n, date: lambda n: date(9000, 1, 1 + n)}
MOST = 20  # values of one query that stands ready; of more it is composed


class Composed(Generic[M]):
    """`Composed(of_person, int, date)`: `of_person(person, on)` gives a QuerySet; `.rows(5, today())` gives its rows.

    The values are integers or dates, and reach the SQL as they are given: `compose` may neither calculate with them nor
    look at them. What else the QuerySet says must be the same at all times.
    """

    def __init__(self, compose: Callable[..., "QuerySet[M, M]"], *kinds: type) -> None:
        self._compose = compose
        self._stand_ins = [_STAND_INS[kind](number) for number, kind in enumerate(kinds)]
        self._ready: tuple[Any, _Text] | None = None

    def rows(self, *values: Any) -> list[M]:
        """The rows for these values; one query."""
        compiler, text = self._ready or self._made()
        compiler = copy(compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # each thread has its own
        compiler.as_sql = lambda: (text.sql, text.params_for(values))
        query = SimpleNamespace(get_compiler=lambda using: compiler)  # noqa: ARG005 (as Django calls it)
        asked: Any = SimpleNamespace(query=query, db=DEFAULT_DB_ALIAS, _known_related_objects={})
        return list(ModelIterable(asked))

    def _made(self) -> "tuple[Any, _Text]":
        compiler: Any = self._compose(*self._stand_ins).query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        self._ready = compiler, _text(sql, params, self._stand_ins)
        return self._ready


class Ready(QuerySet[M, Any]):
    """A QuerySet that mostly stands inside another one (`person__in=`): there its SQL is put in as it stands ready.

    Asked by itself, refined or joined with another, it is composed like any QuerySet.
    """

    def __init__(self, compose: Callable[[], "QuerySet[M, Any]"], model: type[M], sql: str, params: list[Any]) -> None:
        super().__init__(model=model)
        self.sql, self.params = sql, params
        self._compose = compose
        self._whole: QuerySet[M, Any] | None = None

    def resolve_expression(self, *_query: Any, **_how: Any) -> "_Inside":
        """What stands in the SQL of the query around it."""
        return _Inside(self.sql, self.params)

    @property
    def query(self) -> Any:  # type: ignore[override]
        """Django's own query, composed when somebody asks for it."""
        return self.whole().query

    def whole(self) -> "QuerySet[M, Any]":
        """The same as any other QuerySet, not yet asked."""
        if self._whole is None:
            self._whole = self._compose()
            self._iterable_class, self._fields = self._whole._iterable_class, self._whole._fields  # type: ignore[attr-defined]
        return self._whole

    def _clone(self) -> Any:
        return self.whole()._clone()  # type: ignore[attr-defined]

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return deepcopy(self.whole(), memo)

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """As of any QuerySet."""
        return self.whole().iterator(*args, **kwargs)

    def _fetch_all(self) -> None:
        self.whole()
        super()._fetch_all()


def ready(compose: Callable[..., "QuerySet[M, Any]"]) -> Callable[..., "QuerySet[M, Any]"]:
    """For a function that gives a QuerySet of one column: what it gives is composed once for each shape of its values (`Ready`).

    Its arguments are integers, dates, tuples of integers (as many integers, another shape) or other `Ready` ones; it may do
    with them what `Composed` may."""
    kept: dict[tuple[Any, ...], tuple[type[M], _Text]] = {}

    @wraps(compose)
    def given(*values: Any) -> QuerySet[M, Any]:
        flat = [one for value in values for one in _parts(value)]
        if len(flat) > MOST or not all(map(_is_simple, values)):
            return compose(*values)
        shape = tuple(map(_shape, values))
        if shape not in kept:
            stand_ins = list(_stand_ins(values))
            made = compose(*_shaped(values, iter(stand_ins)))
            try:
                kept[shape] = made.model, _text(*made.query.sql_with_params(), stand_ins)
            except EmptyResultSet:  # of nobody, for example
                return compose(*values)
        model, text = kept[shape]
        return Ready(lambda: compose(*values), model, text.sql, text.params_for(flat))

    return given


@dataclass(frozen=True)
class _Text:
    """SQL, and which of its parameters are which of the values: the parameter's type and the value's place, else None."""

    sql: str
    places: Sequence[tuple[type, int] | None]
    params: Sequence[Any]

    def params_for(self, values: Sequence[Any]) -> list[Any]:
        pairs = zip(self.places, self.params, strict=True)
        return [param if place is None else _as(place[0], values[place[1]]) for place, param in pairs]


class _Inside(RawSQL):
    """SQL of Django's own making, inside other SQL."""

    def get_group_by_cols(self) -> list[Any]:
        return []  # it depends on no row


class _Inner:
    """Stands for a parameter of a query inside, whatever that is."""


def _text(sql: str, params: Sequence[Any], stand_ins: Sequence[Any]) -> _Text:
    places = [(type(param), stand_ins.index(param)) if param in stand_ins else None for param in params]
    if {place[1] for place in places if place} != {*range(len(stand_ins))}:
        raise TypeError("A value does not reach the SQL as it was given.")
    return _Text(sql, places, params)


def _parts(value: Any) -> Sequence[Any]:
    return value.params if isinstance(value, Ready) else value if isinstance(value, tuple) else (value,)


def _shape(value: Any) -> object:
    return value.sql if isinstance(value, Ready) else len(value) if isinstance(value, tuple) else None


def _is_simple(value: Any) -> bool:
    return isinstance(value, Ready) or all(type(one) in _STAND_INS for one in _parts(value))


def _stand_ins(values: Sequence[Any]) -> Iterator[Any]:
    number = 0
    for value in values:
        for one in _parts(value):
            yield _Inner() if isinstance(value, Ready) else _STAND_INS[type(one)](number)
            number += 1


def _shaped(values: Sequence[Any], flat: Iterator[Any]) -> list[Any]:
    """Other values in the shape of these."""
    shaped: list[Any] = []
    for value in values:
        few = tuple(next(flat) for _ in _parts(value))
        if isinstance(value, Ready):
            shaped.append(_Inside(value.sql, few))
        else:
            shaped.append(few if isinstance(value, tuple) else few[0])
    return shaped


def _as(kind: type, value: object) -> object:
    """As Django hands it to the driver: integers of the column's width."""
    return value if kind is _Inner or type(value) is kind else kind(value)
