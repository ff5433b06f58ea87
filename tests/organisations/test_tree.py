"""Whatever is moved, closed and taken back, also dated in the past: the closure is what the edges say, and sums agree."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import close_unit, found_unit, move_unit, undo_move
from weineng.organisations.models import Closure, Edge, Unit
from weineng.organisations.queries import children_of, home_leaves
from weineng.organisations.reach import people_below

pytestmark = pytest.mark.slow

BY = platform("test")
START = date(2025, 9, 1)
days = st.integers(0, 300).map(lambda n: START + timedelta(days=n))
act = st.one_of(
    st.tuples(st.just("move"), st.integers(0, 30), st.integers(0, 30), days),
    st.tuples(st.just("undo"), st.integers(0, 30), st.integers(0, 30), days),
    st.tuples(st.just("close"), st.integers(0, 30), st.just(0), days),
    st.tuples(st.just("found"), st.integers(0, 30), st.integers(1, 5), days),
)
KIND = {"city": "area", "county": "area", "zone": "zone", "school": "primary", "group": "group"}


class Undone(Exception):  # noqa: N818
    """Ends an example: what it wrote is rolled back."""


def play(acts):
    for number, (what, one, two, on) in enumerate(acts):
        units = list(Unit.objects.order_by("pk"))
        unit, other = units[one % len(units)], units[two % len(units)]
        try:
            with transaction.atomic():
                if what == "move":
                    move_unit(by=BY, unit=unit.pk, to=other.pk, on=on)
                elif what == "undo":
                    moves = Edge.objects.filter(during__startswith__isnull=False).order_by("pk")
                    if moves:
                        edge = moves[one % len(moves)]
                        undo_move(by=BY, unit=edge.child_id, on=edge.during.lower)
                elif what == "close":
                    close_unit(by=BY, unit=unit.pk, on=on)
                else:
                    level = list(KIND)[two - 1]
                    found_unit(by=BY, parent=unit.pk, name=f"u{number}", level=level, kind=KIND[level], opened_on=on)
        except Refused:
            pass


def naive(on):
    """(ancestor, unit) → depth, by climbing from every unit, edge by edge."""
    parent = {e.child_id: e.parent_id for e in Edge.objects.filter(kind="line") if on in e.during}
    pairs = {}
    for unit in Unit.objects.values_list("pk", flat=True):
        above, depth = unit, 0
        while above is not None:
            pairs[above, unit] = depth
            above, depth = parent.get(above), depth + 1
    return pairs


@settings(
    phases=(Phase.generate,),
    derandomize=True,
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts=st.lists(act, min_size=3, max_size=14), dates=st.lists(days, min_size=2, max_size=4))
def test_closure_and_sums(world, acts, dates):
    try:
        with transaction.atomic():
            play(acts)
            for on in (*dates, START, date(2020, 1, 1), date(2030, 1, 1)):
                compare(on)
            raise Undone
    except Undone:
        pass


def compare(on):
    rows = list(Closure.objects.filter(during__contains=on).values_list("ancestor", "unit", "depth"))
    pairs = naive(on)
    assert len(rows) == len(pairs)
    assert {(ancestor, unit): depth for ancestor, unit, depth in rows} == pairs
    leaves = Counter(row["leaf"] for row in home_leaves(None, on))
    total = {unit: sum(leaves[below] for above, below in pairs if above == unit) for unit in {u for _, u in pairs}}
    for unit in sorted(total):
        shown = {child.pk for child in children_of(unit, on)}
        assert total[unit] == leaves[unit] + sum(total[child] for child in shown)
    for unit in sorted(total)[:: max(len(total) // 5, 1)]:
        reached = {row["person"] for row in people_below({unit}, on)}
        home = {row["person"] for row in home_leaves(reached, on) if (unit, row["leaf"]) in pairs}
        assert len(home) == total[unit]
