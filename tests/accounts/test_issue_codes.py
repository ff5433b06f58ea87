"""Codes on slips: shown once, fourteen days, a reprint revokes, and no way into a stronger account."""

from datetime import timedelta

import pytest

from weineng.accounts.actions import activate, issue_codes
from weineng.accounts.models import Account, ActivationCode
from weineng.accounts.queries import holder_of
from weineng.accounts.rules import CODE_VALID, plain_code
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused

NEW = "horse battery 9 staple"


def test_a_slip_is_good_for_fourteen_days_to_the_second(world, slip_for, noon, at):
    slip = slip_for(world.teacher)
    assert slip.expires_at == noon + timedelta(days=14)
    assert (slip.name, slip.sign_in_name, slip.person) == ("林晓岚", "teacher", world.teacher.person)
    at(noon + CODE_VALID - timedelta(seconds=1))
    assert holder_of(slip.code).name == "林晓岚"
    at(noon + CODE_VALID)
    assert holder_of(slip.code) is None
    with pytest.raises(Refused) as refusal:
        activate(by=platform("web"), code=slip.code, password=NEW)
    assert refusal.value.code == "code-expired"
    at(noon + CODE_VALID + timedelta(seconds=1))
    assert holder_of(slip.code) is None


def test_a_reprint_revokes_the_one_before(world, slip_for):
    first, second = slip_for(world.teacher), slip_for(world.teacher)
    assert (holder_of(first.code), holder_of(second.code).account) == (None, world.teacher.account)
    with pytest.raises(Refused) as refusal:
        activate(by=platform("web"), code=first.code, password=NEW)
    assert refusal.value.code == "code-replaced"
    assert ActivationCode.objects.filter(account=world.teacher.account, revoked_at=None).count() == 1


def test_the_plain_code_is_nowhere(world, slip_for):
    slip = slip_for(world.teacher)
    stored = ActivationCode.objects.get(account=world.teacher.account)
    assert plain_code(slip.code) not in str(vars(stored))
    assert slip.code not in repr(slip)
    facts = [str(line.facts) for line in Line.objects.filter(verb="accounts.issue_code")]
    assert facts == ["{'channel': 'slip'}"]


def test_slips_come_in_the_order_asked_and_only_within_reach(world):
    asked = [world.leader, world.teacher, world.wu, world.kindergarten_teachers[0], world.teacher]
    slips = issue_codes(by=world.cio.actor, accounts=[m.account for m in asked])
    assert [slip.account for slip in slips] == [world.leader.account, world.teacher.account]


@pytest.mark.parametrize("key", ["teacher", "leader", "wu", "auditor", "kindergarten_cio"])
def test_outsiders_get_nothing(world, key):
    with pytest.raises(Refused) as refusal:
        issue_codes(by=world.people[key].actor, accounts=[world.teacher.account])
    assert refusal.value.code == "not-found"
    assert ActivationCode.objects.count() == 0


def test_a_slip_is_no_way_into_an_account_whose_role_one_may_not_give(world):
    asked = [world.principal.account, world.cio.account, world.office.account]
    with pytest.raises(Refused):
        issue_codes(by=world.cio.actor, accounts=asked)
    assert [s.account for s in issue_codes(by=world.principal.actor, accounts=asked)] == [world.cio.account]
    assert [s.account for s in issue_codes(by=world.office.actor, accounts=asked)] == asked


def test_closed_accounts_get_none(world):
    Account.objects.filter(pk=world.teacher.account).update(is_active=False)
    with pytest.raises(Refused):
        issue_codes(by=world.cio.actor, accounts=[world.teacher.account])


def test_an_unknown_channel_is_refused(world):
    with pytest.raises(Refused) as refusal:
        issue_codes(by=world.cio.actor, accounts=[world.teacher.account], channel="pigeon")
    assert refusal.value.code == "channel-unknown"
