"""What tests of accounts share."""

from datetime import datetime

import pytest

from weineng.accounts.actions import issue_codes
from weineng.kernel.clock import CIVIL

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=CIVIL)


@pytest.fixture
def noon(at):
    return at(NOON)


@pytest.fixture
def slip_for(world):
    """`slip_for(world.teacher)`: a plain code on a slip, issued by the one who may."""

    def issue(member, by=None):
        [slip] = issue_codes(by=(by or world.cio).actor, accounts=[member.account])
        return slip

    return issue
