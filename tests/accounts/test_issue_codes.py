"""Codes on slips: shown once, fourteen days, a reprint revokes, and no way into a stronger account."""

from datetime import timedelta

import pytest

from weineng.accounts.actions import (
    activate,
    close_account,
    delegate,
    grant_role,
    issue_codes,
    reset_second_factor,
    revoke_delegation,
    unlock_account,
)
from weineng.accounts.models import Account, ActivationCode, Factor, Grant
from weineng.accounts.queries import accounts_at, holder_of
from weineng.accounts.rules import CODE_VALID, plain_code
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import merge_people

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


def ways_in(by, account):
    """What each act on somebody's account answers: None where it is done."""
    Factor.objects.get_or_create(
        account_id=account, defaults={"secret_cipher": b"", "created_at": now(), "confirmed_at": now()}
    )
    Account.objects.filter(pk=account).update(locked_until=now() + timedelta(minutes=5))
    acts = (
        lambda: issue_codes(by=by, accounts=[account]),
        lambda: unlock_account(by=by, account=account),
        lambda: reset_second_factor(by=by, account=account, reason="the telephone is lost"),
        lambda: close_account(by=by, account=account, reason="left"),
    )
    return [code_of(act) for act in acts]


def code_of(act):
    try:
        act()
    except Refused as refusal:
        return refusal.code
    return None


SHUT, OPEN = ["not-found"] * 4, [None] * 4


def lend(world, grant, agent, **dates):
    return delegate(
        by=world.office.actor, grant=grant.pk, agent=agent, ends_on=today() + timedelta(days=9), reason="leave", **dates
    )


def lend_office(world, agent, *, begins=0):
    grant = Grant.objects.get(person=world.office.person, role="office")
    return delegate(
        by=world.office.actor, grant=grant.pk, agent=agent.person, reason="on leave",
        starts_on=today() + timedelta(days=begins), ends_on=today() + timedelta(days=9),
    )  # fmt: skip


@pytest.mark.parametrize("begins", [0, 1])
def test_a_slip_is_no_way_into_a_role_that_was_lent(world, noon, begins):
    lent = lend_office(world, world.teacher, begins=begins)
    assert ways_in(world.cio.actor, world.teacher.account) == SHUT
    shut = {row.name for row in accounts_at(world.cio.actor, world.nine_year) if not row.mine_to_manage}
    assert shut == {"欧阳静", "沈一鸣", "林晓岚"}
    assert ways_in(world.cio.actor, world.colleague.account) == OPEN
    revoke_delegation(by=world.office.actor, delegation=lent.pk)
    assert ways_in(world.cio.actor, world.teacher.account) == OPEN


def test_the_office_opens_the_accounts_of_its_deputies(world, noon):
    lend_office(world, world.teacher)
    assert ways_in(world.office.actor, world.teacher.account) == OPEN


def test_a_slip_is_no_way_into_a_role_that_begins_tomorrow(world, noon):
    grant_role(
        by=world.office.actor, person=world.teacher.person, role="principal", unit=world.nine_year,
        starts_on=today() + timedelta(days=1),
    )  # fmt: skip
    assert ways_in(world.cio.actor, world.teacher.account) == SHUT


@pytest.mark.slow
@pytest.mark.parametrize("held_by", ["office", "teacher"])
def test_a_slip_for_either_record_of_one_person_is_no_way_into_the_other(world, noon, held_by):
    Grant.objects.filter(person=world.office.person).update(person=world.people[held_by].person)
    merge_people(
        by=platform("ops"), kept=world.office.person, gone=world.teacher.person, reason="one person", end_numbers=True
    )
    assert ways_in(world.cio.actor, world.teacher.account) == SHUT
    assert ways_in(world.cio.actor, world.office.account) == SHUT


def test_a_role_lent_to_a_merged_record_counts_for_both(world, noon):
    lend_office(world, world.teacher)
    merge_people(
        by=platform("ops"),
        kept=world.colleague.person,
        gone=world.teacher.person,
        reason="one person",
        end_numbers=True,
    )
    assert ways_in(world.cio.actor, world.colleague.account) == SHUT
    assert ways_in(world.cio.actor, world.teacher.account) == SHUT


def test_nobody_opens_the_account_of_who_audits_them(world):
    assert ways_in(world.office.actor, world.auditor.account) == SHUT
    above = world.enter("项明", world.city)
    world.grant(above.person, "office", world.city)
    assert ways_in(above.actor, world.auditor.account) == OPEN


def test_closed_accounts_get_none(world):
    Account.objects.filter(pk=world.teacher.account).update(is_active=False)
    with pytest.raises(Refused):
        issue_codes(by=world.cio.actor, accounts=[world.teacher.account])


def test_an_unknown_channel_is_refused(world):
    with pytest.raises(Refused) as refusal:
        issue_codes(by=world.cio.actor, accounts=[world.teacher.account], channel="pigeon")
    assert refusal.value.code == "channel-unknown"
