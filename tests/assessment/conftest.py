"""A dossier whose advice is given, for tests of what its panel does and what becomes of it then."""

from datetime import datetime

import pytest

from tests.assessment.panel import enrolled, hand_in, through_advice
from tests.p4 import publish_p4
from weineng.evidence.models import Submission
from weineng.kernel.clock import CIVIL
from weineng.programmes.models import Programme

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture(scope="module")
def advised_once(once):
    def build(world, set_clock):
        set_clock(NOW)
        p4 = publish_p4(world)
        enrolled(p4, world.teacher, "A1", "A2", "A3")
        submission = hand_in(p4, world.teacher)
        through_advice(world, submission)
        return p4.pk, submission.pk

    return once(build)


@pytest.fixture
def advised(advised_once, world, set_clock):
    """What the teacher handed in, as it lies before its panel in September, before anybody of the panel has opened it."""
    set_clock(NOW)
    return Submission.objects.get(pk=advised_once[1])


@pytest.fixture
def p4_advised(advised_once, advised):
    """The programme in which `advised` was handed in."""
    return Programme.objects.get(pk=advised_once[0])
