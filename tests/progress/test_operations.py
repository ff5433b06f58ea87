"""Moves, merges and splits of units, taken back or not, of people too, flags, posts that end, late and voided hours, in any order:
after each, sums are those of their parts and of a recount from nothing. An act that is refused is an act too."""

import random
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.district import start_p4
from tests.operations import KINDS, Operations, differences
from tests.planning.plans import approve
from weineng.kernel.clock import CIVIL, today
from weineng.programmes.actions import enrol_people, enrol_school

pytestmark = pytest.mark.slow

NOW = datetime(2026, 5, 20, 10, tzinfo=CIVIL)


@pytest.fixture(scope="module")
def begun(once):
    """Three schools take part, one has its plan; their lists follow the roster."""

    def build(world, set_clock):
        set_clock(datetime(2026, 1, 5, 9, tzinfo=CIVIL))
        p4 = start_p4(world)
        for unit in world.schools:
            enrol_school(by=world.office.actor, programme=p4.pk, unit=unit, batch="pilot")
            enrol_people(by=world.office.actor, programme=p4.pk, unit=unit)
        approve(world, p4, world.nine_year, world.cio)
        set_clock(NOW)
        Operations(p4, random.Random(0), set_clock).settle()
        return p4

    return once(build)


@given(seed=st.integers(0, 2**20), kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=6, max_size=12))
@settings(max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_whatever_happens_the_numbers_are_right(begun, world, set_clock, seed, kinds):
    with transaction.atomic():
        set_clock(NOW)
        life = Operations(begun, random.Random(seed), set_clock, back=200)
        told = []
        for kind in kinds:
            told.append((kind, life.do(kind)))
            life.settle()
            on = today() - timedelta(days=life.dice.randint(1, 100))
            assert differences(life, on=on) == [], told
        transaction.set_rollback(True)
