"""Unlock, close and open again: within reach only, with a line each."""

import pytest

from tests.world import PASSWORD
from weineng.accounts.actions import close_account, note_failure, reopen_account, unlock_account
from weineng.accounts.models import ActivationCode, BrowserSession
from weineng.accounts.queries import account_by_password
from weineng.audit.models import Line
from weineng.audit.queries import reasons_of
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused


def lock(name):
    for _try in range(5):
        note_failure(by=Actor(door="web"), name=name)


def test_the_cio_unlocks(world):
    lock("teacher")
    unlock_account(by=world.cio.actor, account=world.teacher.account)
    assert account_by_password("teacher", PASSWORD) is not None
    line = Line.objects.get(verb="accounts.unlock")
    assert (line.person, line.subject) == (world.cio.person, world.teacher.person)
    with pytest.raises(Refused) as refusal:
        unlock_account(by=world.cio.actor, account=world.teacher.account)
    assert refusal.value.code == "not-locked"


@pytest.mark.parametrize("key", ["teacher", "leader", "wu", "auditor", "kindergarten_cio"])
@pytest.mark.parametrize("act", [unlock_account, reopen_account])
def test_nobody_else_does(world, key, act):
    lock("teacher")
    with pytest.raises(NotFound):
        act(by=world.people[key].actor, account=world.teacher.account)
    assert account_by_password("teacher", PASSWORD) is None


def test_a_closed_account_opens_nothing_and_can_be_opened_again(world, client, sign_in, slip_for):
    slip_for(world.teacher)
    sign_in(client, world.teacher)
    close_account(by=world.cio.actor, account=world.teacher.account, reason="调离")
    assert account_by_password("teacher", PASSWORD) is None
    assert BrowserSession.objects.filter(account=world.teacher.account).count() == 0
    assert ActivationCode.objects.filter(revoked_at=None).count() == 0
    line = Line.objects.get(verb="accounts.close")
    assert reasons_of([line]) == {line.pk: "调离"}
    with pytest.raises(Refused) as refusal:
        close_account(by=world.cio.actor, account=world.teacher.account, reason="调离")
    assert refusal.value.code == "closed-already"
    reopen_account(by=world.cio.actor, account=world.teacher.account)
    assert account_by_password("teacher", PASSWORD) is not None
    with pytest.raises(Refused) as refusal:
        reopen_account(by=world.cio.actor, account=world.teacher.account)
    assert refusal.value.code == "not-closed"


def test_a_reason_is_asked_for_and_nobody_closes_their_own(world):
    with pytest.raises(Refused) as refusal:
        close_account(by=world.cio.actor, account=world.teacher.account, reason=" ")
    assert refusal.value.code == "reason-missing"
    with pytest.raises(NotFound):
        close_account(by=world.cio.actor, account=world.cio.account, reason="x")
    with pytest.raises(Refused) as refusal:
        close_account(by=world.office.actor, account=world.office.account, reason="x")
    assert refusal.value.code == "own-account"
    with pytest.raises(NotFound):
        close_account(by=world.wu.actor, account=world.teacher.account, reason="x")
