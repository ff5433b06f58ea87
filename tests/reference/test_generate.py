"""The invented teachers reach every reason, state and boundary of their plan, and are the same each time."""

import pytest

from tests.reference.coverage import reached
from tests.reference.generate import SEED, make_teacher
from tests.reference.plans import PLANS
from tests.reference.reaching import OFTEN, required_of

pytestmark = pytest.mark.slow

WHOLE, SAMPLE = 20_000, 1_000  # the whole: python -m tests.reference.coverage 20000


@pytest.mark.parametrize("name", PLANS)
def test_everything_a_plan_can_bring_about_is_reached(name):
    seen, least = reached(name, SAMPLE, SEED), OFTEN * SAMPLE // WHOLE // 2
    assert {what: seen[what] for what in required_of(PLANS[name]) if seen[what] < least} == {}


@pytest.mark.parametrize("name", PLANS)
def test_the_same_seed_makes_the_same_teacher_and_another_makes_another(name):
    assert make_teacher(3, SEED, name) == make_teacher(3, SEED, name)
    assert make_teacher(3, SEED, name)[0] != make_teacher(3, SEED + 1, name)[0]
