"""P4 in the invented world, at the beginning of 2026."""

from datetime import datetime

import pytest

from tests.district import enrol_nine_year, load_standard, start_p4
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused


@pytest.fixture
def early(set_clock):
    return set_clock(datetime(2026, 1, 5, 9, tzinfo=CIVIL))


@pytest.fixture
def standard(world, early):
    load_standard()


@pytest.fixture
def p4(world, early):
    return start_p4(world)


@pytest.fixture
def enrolled(world, p4):
    return enrol_nine_year(world, p4)


@pytest.fixture
def refusal():
    def refused(call, **kwargs):
        with pytest.raises(Refused) as caught:
            call(**kwargs)
        return caught.value.code

    return refused
