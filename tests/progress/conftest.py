"""One programme with plan P4 in the invented district."""

from datetime import datetime

import pytest

from tests.progress.scene import ZONE, Scene, plan


@pytest.fixture(scope="session")
def p4():
    return plan("p4-district")


@pytest.fixture
def scene(world, p4, set_clock):
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    return Scene(p4, owner=world.district, leaf=world.maths, school=world.nine_year)
