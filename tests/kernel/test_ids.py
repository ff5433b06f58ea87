"""Ids in addresses: opaque, stable, of one kind, and nothing else opens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weineng.kernel.ids import ALPHABET, LENGTH, open_id, seal_id

KIND = "organisations.person"
numbers = st.integers(0, (1 << 48) - 1)


def opened(kind, word):
    try:
        return open_id(kind, word)
    except ValueError:
        return None


@given(numbers)
def test_every_number_comes_back(number):
    word = seal_id(KIND, number)
    assert len(word) == LENGTH
    assert set(word) <= set(ALPHABET)
    assert seal_id(KIND, number) == word
    assert open_id(KIND, word) == number


@given(numbers, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_a_word_with_one_sign_changed_opens_no_neighbour(number, place, sign):
    """Sixteen bits check each word; what slips through is some number far away, never the next one."""
    word = seal_id(KIND, number)
    other = word[:place] + sign + word[place + 1 :]
    if other == word:
        return
    found = opened(KIND, other)
    assert found is None or abs(found - number) > 1000


@given(numbers)
def test_a_word_of_one_kind_opens_nothing_of_another(number):
    assert opened("evidence.submission", seal_id(KIND, number)) != number


def test_neighbours_do_not_look_alike():
    words = [seal_id(KIND, number) for number in range(1, 2001)]
    assert len(set(words)) == 2000
    assert words != sorted(words)
    assert len({word[:4] for word in words}) > 1900


@pytest.mark.parametrize(
    "word", ["", "0" * 12, "0" * 14, "u" * 13, "I" * 13, "-" * 13, "é" * 13, "\0" * 13, "z" * 13, " " * 13]
)
def test_what_is_no_word_of_ours(word):
    assert opened(KIND, word) is None


def test_capitals_are_not_ours():
    word = next(word for n in range(1, 99) if (word := seal_id(KIND, n)) != word.upper())
    assert opened(KIND, word.upper()) is None


def test_another_installations_words_open_nothing(monkeypatch):
    from weineng.kernel import ids

    words = {number: seal_id(KIND, number) for number in range(1, 200)}
    monkeypatch.setattr(ids, "_key", lambda: b"another installation, another key")
    assert all(seal_id(KIND, number) != word for number, word in words.items())
    assert all(opened(KIND, word) != number for number, word in words.items())
