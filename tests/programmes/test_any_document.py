"""Any document survives JSON; any step that a refinement may take is taken or refused at its place, and no other is taken."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.programmes.test_documents import as_json
from tests.programmes.test_refining_lines import BASE, HEAD, bases
from weineng.programmes import rules
from weineng.programmes.documents import check_document, from_json, read_document, to_json
from weineng.programmes.documents.format import DOCUMENT
from weineng.programmes.documents.records import Record, Rows, Table
from weineng.programmes.documents.shapes import Day, Many, Ordered, Whole

TEXTS = st.text(max_size=6)


def some(hint):
    """Any value of a type as the frozen values are annotated."""
    origin, inner = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return full(hint)
    if origin is tuple:
        return st.lists(some(inner[0]), max_size=2).map(tuple)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in (Union, UnionType):
        return st.one_of([st.none() if one is type(None) else some(one) for one in inner])
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(TEXTS, some(inner[1]), max_size=2)
    plain = {
        int: st.integers(),
        bool: st.booleans(),
        str: TEXTS,
        date: st.dates(),
        object: st.one_of(st.integers(), TEXTS),
    }
    return plain[hint]


@cache
def full(shape):
    """A frozen value with every field drawn, those with a default too."""
    hints = get_type_hints(shape)
    return st.builds(shape, **{f.name: some(hints[f.name]) for f in fields(shape)})


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(full(rules.Document))
def test_any_document_survives_json_with_every_field(document):
    assert from_json(json.loads(json.dumps(to_json(document)))) == document


# --- Single steps of a refinement ------------------------------------------------------------------------------------
def lines(shape, data, keys=()):
    """(keys from the root, shape, way, value) of every line that the base says and that a refinement may or may not move."""
    for name, field in shape.fields.items():
        inner, value = field.shape, data.get(name)
        if (
            value is None
            or name in ("code", "programme", "extends", "abstract")
            or (name == "item" and "earned_on" in data)
        ):
            continue
        if isinstance(inner, Record):
            yield from lines(inner, value, (*keys, name))
        elif isinstance(inner, Rows):
            for row in value:
                yield from lines(inner.of, row, (*keys, name, (inner.key, row[inner.key])))
        elif isinstance(inner, Table):
            for key, one in value.items():
                yield (*keys, name, key), inner.of, inner.tightens, one
        else:
            yield (*keys, name), inner, field.tightens, value


LINES = [line for line in lines(DOCUMENT, as_json(BASE)) if line[2]]
NAMES = [".".join(key if isinstance(key, str) else key[1] for key in line[0]) for line in LINES]


def moved(shape, way, value, by):
    """The value one step tighter (`by` > 0) or looser; None where there is no such value."""
    if isinstance(shape, Day):
        return (date.fromisoformat(value) - timedelta(days=by)).isoformat() if way == "down" else None
    if isinstance(shape, Ordered):
        place = shape.words.index(value) + (1 if by > 0 else -1)
        return shape.words[place] if 0 <= place < len(shape.words) else None
    if isinstance(value, bool):
        return True if by > 0 else (False if value else None)
    if isinstance(value, list):
        return _list_moved(shape, way, value, by)
    if way in ("up", "down") and isinstance(value, int | float | Decimal):
        step = by if way == "up" else -by
        least = shape.least if isinstance(shape, Whole) else 0
        most = shape.most if isinstance(shape, Whole) else 10_000
        return value + step if least <= value + step <= most else None
    return None


def _list_moved(shape, way, value, by):
    less = (way == "subset") == (by > 0)
    if less:
        return value[1:] if len(value) > 1 else None
    words = getattr(shape.of if isinstance(shape, Many) else shape, "words", ("other-word",))
    return next(([*value, word] for word in words if word not in value), None)


def another(shape, value):
    """Some other value of a line that may not move; None where there is none."""
    if isinstance(value, bool):
        return not value
    if isinstance(shape, Day):
        return (date.fromisoformat(value) + timedelta(days=1)).isoformat()
    if words := getattr(shape, "words", ()):
        return next((word for word in words if word != value), None)
    return value + 1 if isinstance(value, int | float) else f"{value}x"


def put(plain, keys, value):
    """Write one line into a refinement; rows are told apart by their code."""
    key, *rest = keys
    if isinstance(key, str):
        below = {} if rest and isinstance(rest[0], str) else []
        plain[key] = put(plain.get(key, below), rest, value) if rest else value
        return plain
    row = next((row for row in plain if row[key[0]] == key[1]), None)
    if row is None:
        row = {key[0]: key[1]}
        plain.append(row)
    put(row, rest, value)
    return plain


def refinement(*lines):
    """The text of a refinement that says these lines. JSON is YAML, but for dates."""
    plain = {}
    for keys, value in lines:
        put(plain, keys, value)
    own = "".join(f"{name}: {json.dumps(said, ensure_ascii=False)}\n" for name, said in plain.items())
    return HEAD + re.sub(r'"(20[0-9]{2}-[0-9]{2}-[0-9]{2})"', r"\1", own)


def check(*lines):
    reading = check_document(refinement(*lines), bases(), "below.yaml")
    assert (reading.document is None) == bool(reading.problems)
    for problem in reading.problems:
        assert problem.place.file in ("below.yaml", "rich_base.yaml", "rich-base.yaml")
        assert problem.place.line >= 1 <= problem.place.column
        assert "%(" not in problem.message
    return [problem.code for problem in reading.problems]


AGAINST_THE_BASE = {
    "undercuts-base",
    "removes-from-base",
    "adds-to-base",
    "line-is-fixed",
    "added-overrules-base",
    "wrong-type",
}


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(st.sampled_from(LINES), st.integers(1, 3))
def test_a_step_that_tightens_is_never_refused_as_looser(line, by):
    keys, shape, way, value = line
    own = moved(shape, way, value, by)
    codes = check((keys, value if own is None else own))
    assert not AGAINST_THE_BASE & set(codes)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(LINES), st.integers(-2, 3)), min_size=2, max_size=5, unique_by=lambda one: one[0][0]
    )
)
def test_many_steps_at_once_are_taken_or_refused_each_at_its_place(steps):
    own = [(keys, moved(shape, way, value, by) if by else value) for (keys, shape, way, value), by in steps]
    said = [
        (keys, value if new is None else new) for (keys, new), ((_, _, _, value), _) in zip(own, steps, strict=True)
    ]
    codes = check(*said)
    if all(by >= 0 for _, by in steps):
        assert not AGAINST_THE_BASE & set(codes)


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES, ids=NAMES)
def test_a_step_that_loosens_is_refused_on_every_line(line):
    keys, shape, way, value = line
    own = another(shape, value) if way == "fixed" else moved(shape, way, value, -1)
    if own is None:  # it stands at its loosest already, or there is no other word
        assert check((keys, value)) == []
    else:
        assert "undercuts-base" in check((keys, own))


def test_the_lines_of_the_base_are_really_walked():
    assert len(LINES) > 90
    assert {"demands.total.periods", "demands.points.parts.tools.values", "choice.opened.minimum_for_flag.poor"} <= set(
        NAMES
    )
    assert read_document(HEAD, bases(), "below.yaml").base == "rich-base"
