"""A document as plain JSON and back: what `Version.document` holds."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from weineng.programmes.rules import Document


def to_json(document: Document) -> dict[str, Any]:
    """Dates as ISO text, tuples as lists; nothing else changes."""
    plain: dict[str, Any] = _out(document)
    return plain


def from_json(plain: Mapping[str, Any]) -> Document:
    """The document that `to_json` wrote. Fields that an older version did not know have their defaults."""
    document: Document = _in(Document, plain)
    return document


def _out(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _out(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _out(inner) for key, inner in value.items()}
    return [_out(inner) for inner in value] if isinstance(value, tuple | list) else value


@cache
def _hints(shape: type) -> dict[str, Any]:
    return get_type_hints(shape)


def _in(shape: Any, plain: Any) -> Any:
    origin, inner = get_origin(shape), get_args(shape)
    if is_dataclass(shape) and isinstance(shape, type):
        return shape(**{name: _in(_hints(shape)[name], value) for name, value in plain.items()})
    if origin is tuple:
        return tuple(_in(inner[0], value) for value in plain)
    if origin in (Union, UnionType):
        return None if plain is None else _in(next(one for one in inner if one is not type(None)), plain)
    if origin is not None and origin is not Literal:
        return {key: _in(inner[1], value) for key, value in plain.items()}
    return date.fromisoformat(plain) if shape is date and isinstance(plain, str) else plain
