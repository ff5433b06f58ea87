"""YAML as libyaml reads it: what an unquoted word is, what is no document, and how deep one may be."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weineng.programmes.documents.editing import add_row, drop, dump, move_years, rewrite, text_at, values_of
from weineng.programmes.documents.nodes import read_nodes
from weineng.programmes.documents.problems import DocumentRefused
from weineng.programmes.documents.trees import DEEPEST

WORDS = {
    "20": 20, "-1": -1, "+2": 2, "017": 17, "1_000": 1000, "1.5": Decimal("1.5"), ".5": Decimal("0.5"), "1e3": Decimal(1000),
    "2026-01-01": date(2026, 1, 1), "2026-1-1": "2026-1-1", "2026-02-30": "2026-02-30", "12:30": "12:30", "0x1F": "0x1F",
    ".inf": ".inf", "yes": "yes", "No": "No", "true": True, "FALSE": False, "~": None, "": None, "Null": None, "nil": "nil",
    "9" * 31: "9" * 31, "!!int 1e999999": "1e999999",
    "1e-31": "1e-31", "9" * 30: int("9" * 30), "'20'": "20", '"true"': "true", "=": "=", "<<": "<<",
}  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_what_a_word_is(word):
    read = values_of(f"a: {word}")["a"]
    assert (read, type(read)) == (WORDS[word], type(WORDS[word]))


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\nb: &x 1", "alias", 2, 4),
        ("a: 1\nb: *x", "alias", 2, 4),
        ("a: 1\n---\nb: 2", "yaml-syntax", 3, 1),
        ("a: 1\nb: [", "yaml-syntax", 3, 1),
        ("a: \x07", "yaml-syntax", 1, 1),
        ("a: \ud800", "yaml-syntax", 1, 1),
        (f"a: {'[' * (DEEPEST + 1)}{']' * (DEEPEST + 1)}", "yaml-syntax", 1, 4 + DEEPEST),
        ("- " * 150_000, "yaml-syntax", 1, 3 + 2 * DEEPEST),
        ("{a: " * 70_000, "yaml-syntax", 1, 2 + 4 * DEEPEST),
        ("- 1", "wrong-type", 1, 1),
    ],
)
def test_what_is_no_document_is_refused_at_its_place(text, code, line, column):
    with pytest.raises(DocumentRefused) as refused:
        read_nodes(text, "plan.yaml")
    found = [(problem.code, problem.place.line, problem.place.column) for problem in refused.value.problems]
    assert found == [(code, line, column)]


def test_as_deep_as_is_allowed():
    inner = "[" * DEEPEST + "]" * DEEPEST
    node = read_nodes(f"a: {inner}", "plan.yaml").value["a"]
    depth = 1
    while node.value:
        node, depth = node.value[0], depth + 1
    assert depth == DEEPEST


@given(st.text(st.characters(codec="utf-8")))
def test_every_text_is_read_as_it_was_written(text):
    assert values_of(f"a: {dump(text)}\nb: 1") == {"a": text, "b": 1}


@pytest.mark.parametrize("text", ["a\u2028b", "\u2029", "\x85", "\x7f", "\ufeff", "\uffff", "行\u2028二"])
def test_a_character_that_ends_lines_elsewhere_is_part_of_the_text(text):
    assert values_of(f"a: {dump(text)}\nb: 1") == {"a": text, "b": 1}


def test_a_mark_of_the_encoding_before_the_text_moves_nothing():
    text = "# c\na: 1\nb: 2\nc:\n  - {day: 2026-01-01}\n"
    for change in (
        lambda t: rewrite(t, ("a",), "neu"), lambda t: drop(t, "b"), lambda t: add_row(t, "c", {"day": date(2027, 2, 3)}),
        lambda t: move_years(t, 1),
    ):  # fmt: skip
        assert change(text) != text
        assert change(f"\ufeff{text}") == f"\ufeff{change(text)}"
    assert (text_at(f"\ufeff{text}", ("b",)), text_at(f"\ufeff{text}", ("c", 0, "day"))) == ("2", "2026-01-01")
