"""Think in sets: turn a query into rows, write only what changed.

`write_rows` is the one INSERT … SELECT … ON CONFLICT DO UPDATE … WHERE changed of the house: a second run over the same
facts writes nothing, so everything derived can be derived again at any time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.db import connection
from django.db.models import BinaryField, Field, Model, QuerySet

from weineng.kernel.planner import ask
from weineng.kernel.refusals import NotFound

M = TypeVar("M", bound=Model)
T = TypeVar("T")
Hears = Callable[[int, int], None]
"""Hears now and then how much of a long act is done, and of how much; what it raises ends the act."""


def counted(items: Sequence[T], told: Hears | None, *, every: int = 100) -> Iterator[T]:
    """The items one by one; `told` hears how many there were, after every hundred and at the end."""
    for number, item in enumerate(items, start=1):
        yield item
        if told is not None and (number % every == 0 or number == len(items)):
            told(number, len(items))


def in_parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in parts of at most `size`."""
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


def get_or_refuse(rows: "QuerySet[M, M]", **match: Any) -> M:
    """The one row of `rows` (already narrowed to the actor's reach) that matches; refuses `not-found`."""
    row = rows.filter(**match).first()
    if row is None:
        raise NotFound(rows.model._meta.label_lower)
    return row


def write_rows(
    model: type[Model],
    rows: "QuerySet[Any, Any]",
    *,
    columns: Sequence[str],
    unique: Sequence[str],
    keep: Sequence[str] = (),
) -> int:
    """Upsert the rows of a `.values_list()`/`.values()` query into `model`; returns how many were written.

    `columns` are the model's column names in the order of the query's columns; `unique` the columns of the unique
    constraint that finds a row again; `keep` the columns that an existing row keeps (e.g. when it was first seen).
    """
    sql, params = rows.query.sql_with_params()
    return write_select(model._meta.db_table, sql, params, columns=columns, unique=unique, keep=keep)


def write_select(
    table: str,
    select: str,
    params: Sequence[Any],
    *,
    columns: Sequence[str],
    unique: Sequence[str],
    keep: Sequence[str] = (),
    few: bool = False,
) -> int:
    """As `write_rows`, from a SELECT given as text; `few`: of few rows, as `ask` understands it."""
    changing = [c for c in columns if c not in unique and c not in keep]
    names = ", ".join(f'"{c}"' for c in columns)
    target = ", ".join(f'"{c}"' for c in unique)
    if changing:
        setting = ", ".join(f'"{c}" = excluded."{c}"' for c in changing)
        old = ", ".join(f'{table}."{c}"' for c in changing)
        new = ", ".join(f'excluded."{c}"' for c in changing)
        on_conflict = f"do update set {setting} where ({old}) is distinct from ({new})"
    else:
        on_conflict = "do nothing"
    return ask(f'insert into "{table}" ({names}) {select} on conflict ({target}) {on_conflict}', params, few=few)


def update_rows(model: type[Model], rows: "QuerySet[Any, Any]", *, column: str) -> int:
    """Write one column of `model` from a query of (key, value) rows; returns how many rows were other than that before."""
    sql, params = rows.query.sql_with_params()
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f'update "{table}" old set "{column}" = fresh.value from ({sql}) fresh(key, value) '
            f'where old."{key}" = fresh.key and old."{column}" is distinct from fresh.value',
            params,
        )
        return int(cursor.rowcount)


def empty_fields(rows: "QuerySet[Any, Any]", fields: Iterable[str] = ()) -> int:
    """Empty these fields (default: all that the model declares `personal`) in the rows of a query; the rows themselves stay.
    Returns how many rows there are; again it changes nothing."""
    model = rows.model
    names = sorted(fields or model.personal)
    return rows.order_by().update(**{name: _empty(model._meta.get_field(name)) for name in names}) if names else 0


def _empty(field: "Field[Any, Any]") -> Any:
    """What a field holds that tells nothing."""
    if field.null:
        return None
    if field.has_default():
        return field.get_default()
    return b"" if isinstance(field, BinaryField) else ""


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Load rows by COPY (100,000 rows a second); the caller made sure that they are new."""
    names = ", ".join(f'"{c}"' for c in columns)
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f'copy "{table}" ({names}) from stdin') as pipe,
    ):
        for row in rows:
            pipe.write_row(row)


def copy_objects(objects: Sequence[M]) -> None:
    """Store new objects of one model by COPY, ten times as fast as by INSERT; those without a key get theirs first."""
    if not objects:
        return
    meta = objects[0]._meta
    fields = meta.concrete_fields
    fresh = [row for row in objects if row.pk is None]
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, %s)) from generate_series(1, %s)",
            [meta.db_table, meta.pk.column, len(fresh)],
        )
        for row, (key,) in zip(fresh, cursor.fetchall(), strict=True):
            row.pk = key
    values = ([f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields] for row in objects)
    copy_rows(meta.db_table, [str(f.column) for f in fields], values)
    for row in objects:
        row._state.adding = False
