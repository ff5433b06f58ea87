"""The line of a person's posts, for every history: one home post a day, no needless border, nothing lost by cutting."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weineng.kernel.refusals import Refused
from weineng.organisations.rules import Post
from weineng.organisations.rules.posts import OPEN, Stretch, cut, difference, join, remove, settle

days = st.integers(0, 40).map(lambda n: date(2025, 9, 1) + timedelta(days=n))


@st.composite
def stretches(draw):
    starts = draw(days)
    ends = draw(st.one_of(st.just(OPEN), st.integers(1, 20).map(lambda n: starts + timedelta(days=n))))
    unit = draw(st.integers(1, 4))
    return Stretch(Post(unit, subject=draw(st.sampled_from("ab"))), unit, draw(st.booleans()), starts, ends, None)


def facts_on(line, day):
    return sorted((s.facts for s in line if s.holds(day)), key=repr)


EVERY_DAY = [date(2025, 8, 31) + timedelta(days=n) for n in range(70)]


@pytest.mark.slow
@given(st.lists(stretches(), max_size=5))
def test_settled_lines(line):
    line = tuple(line)
    clash = any(sum(s.home for s in line if s.holds(d)) > 1 for d in EVERY_DAY)
    twice = any(len({s.post.unit for s in line if s.holds(d)}) < sum(s.holds(d) for s in line) for d in EVERY_DAY)
    if clash or twice:
        with pytest.raises(Refused) as refused:
            settle(line)
        assert refused.value.code in {"home-post-overlaps", "post-there-already"}
        return
    settled = settle(line)
    for day in EVERY_DAY:
        assert [p for p, *_ in facts_on(settled, day)] == [p for p, *_ in facts_on(line, day)]
        assert sum(s.home for s in settled if s.holds(day)) == bool(facts_on(line, day))
    assert settle(settled) == settled
    assert {(a.facts, a.ends) for a in settled} & {(b.facts, b.starts) for b in settled} == set()


@given(st.lists(stretches(), max_size=4), st.lists(days, max_size=4))
def test_cutting_and_joining_change_nothing(line, borders):
    pieces = cut(line, borders)
    assert all(facts_on(pieces, d) == facts_on(line, d) for d in EVERY_DAY)
    assert difference(tuple(line), pieces) is None


@pytest.mark.slow
@given(st.lists(stretches(), max_size=4), days, days)
def test_removing_takes_out_those_days_only(line, one, two):
    starts, ends = min(one, two), max(one, two)
    rest = remove(line, starts, ends, lambda s: s.post.unit == 1)
    for day in EVERY_DAY:
        wanted = [f for f in facts_on(line, day) if not (starts <= day < ends and f[0].unit == 1)]
        assert facts_on(rest, day) == wanted


def test_joining_keeps_the_earlier_row():
    day = date(2026, 1, 1)
    first = Stretch(Post(1), 1, home=True, ends=day, row=7)
    assert join([Stretch(Post(1), 1, home=True, starts=day, row=9), first]) == (Stretch(Post(1), 1, home=True, row=7),)
    assert difference((first,), ()) == (date.min, day)
