"""Every other plan, also one that uses every line of the rule language, is counted as a pencil counts it."""

import pytest

from tests.progress.papers import document_of
from tests.progress.pencil import ELSEWHERE, NUMBER, compare, load_made, made_for, reasons_told, summed, tallied
from tests.reference.generate import COUNT
from tests.reference.plans import PLANS
from weineng.kernel.actors import platform
from weineng.progress.actions import recount_everything

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["p1", "p2", "p3", "p5", "every-line"])
def test_every_other_plan_is_counted_as_a_pencil_counts_it(name, db, set_clock):
    plan = PLANS[name]
    made = made_for(name, NUMBER // 20)
    loaded = load_made(made, plan, document_of(plan))

    def count(code, _enrolments):
        recount_everything(by=platform("settle"), programme=loaded.programmes[code])

    cases = compare(made, plan, loaded, set_clock, count)
    assert tallied(loaded) == summed(cases)
    assert NUMBER < COUNT or name != "every-line" or ELSEWHERE - set(reasons_told()) == set()
