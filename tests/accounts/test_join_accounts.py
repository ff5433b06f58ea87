"""One person, one way in: of two accounts of merged records one stays, and the other comes back with the merge's undo."""

from datetime import timedelta

import pytest

from tests.world import PASSWORD
from weineng.accounts.actions import (
    activate,
    close_account,
    issue_codes,
    join_accounts,
    note_failure,
    open_accounts,
    reopen_account,
    set_language,
)
from weineng.accounts.models import Account, ActivationCode, BrowserSession, Grant
from weineng.accounts.queries import (
    account_by_password,
    accounts_at,
    activation_below,
    actor_for,
    joined_name,
    needs_second_factor,
)
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.notices.models import Message
from weineng.organisations.actions import merge_people, unmerge_people

LOOP = platform("settle")


@pytest.fixture
def merged(world, noon):
    """The colleague's record turned out to be the teacher's; nobody has signed in with either account yet."""
    row = merge_people(
        by=world.office.actor,
        kept=world.teacher.person,
        gone=world.colleague.person,
        reason="one person",
        end_numbers=True,
    )
    return row.pk


def used(member, days):
    Account.objects.filter(pk=member.account).update(last_login=now() - timedelta(days=days))


def opens(name):
    return account_by_password(name, PASSWORD) is not None


def refusal_of(action, **words):
    with pytest.raises(Refused) as refusal:
        action(**words)
    return refusal.value.code


@pytest.mark.parametrize(
    ("teacher", "colleague", "stays"),
    [(1, 2, "teacher"), (2, 1, "colleague"), (None, 9, "colleague"), (None, None, "teacher")],
)
def test_the_one_used_last_stays(world, merged, teacher, colleague, stays):
    for member, days in ((world.teacher, teacher), (world.colleague, colleague)):
        if days is not None:
            used(member, days)
    assert (opens("teacher"), opens("colleague")) == (True, True)
    assert join_accounts(by=LOOP) == 1
    assert join_accounts(by=LOOP) == 0
    goes = {"teacher": "colleague", "colleague": "teacher"}[stays]
    assert (opens(stays), opens(goes)) == (True, False)
    line = Line.objects.get(verb="accounts.join")
    assert (line.thing, line.facts) == (world.people[goes].account, {"kept": world.people[stays].account})
    message = Message.objects.get(event="accounts-joined")
    assert (message.person, message.params) == (world.teacher.person, {"name": stays})


def test_one_that_was_activated_stays_before_one_that_was_not(world, merged):
    Account.objects.filter(pk=world.teacher.account).update(activated_at=None)
    join_accounts(by=LOOP)
    assert (opens("teacher"), opens("colleague")) == (False, True)


def test_whoever_comes_with_the_other_is_told_where_to_go(world, merged):
    join_accounts(by=LOOP)
    assert joined_name("colleague", PASSWORD) == "teacher"
    assert joined_name(" Colleague", PASSWORD) == "teacher"
    assert [joined_name(*words) for words in (("colleague", "wrong"), ("teacher", PASSWORD), ("nobody", PASSWORD))] == [
        ""
    ] * 3


def test_nobody_tries_passwords_on_the_one_that_is_closed(world, merged):
    join_accounts(by=LOOP)
    for _try in range(5):
        note_failure(by=platform("web"), name="colleague")
    assert joined_name("colleague", PASSWORD) == ""


def test_everything_of_the_other_ends_at_once(world, merged):
    used(world.teacher, 1)
    BrowserSession.objects.create(
        session_key="k", session_data="", expire_date=now(), account_id=world.colleague.account
    )
    [slip] = issue_codes(by=world.cio.actor, accounts=[world.colleague.account])
    join_accounts(by=LOOP)
    assert not BrowserSession.objects.filter(account=world.colleague.account).exists()
    assert refusal_of(activate, by=platform("web"), code=slip.code, password="horse battery 9 staple") == "code-unknown"
    assert not ActivationCode.objects.filter(account=world.colleague.account, revoked_at__isnull=True).exists()
    assert refusal_of(reopen_account, by=world.cio.actor, account=world.colleague.account) == "account-joined"
    assert refusal_of(issue_codes, by=world.cio.actor, accounts=[world.colleague.account]) == "not-found"


def test_it_comes_back_when_the_merge_is_taken_back(world, merged):
    join_accounts(by=LOOP)
    unmerge_people(by=world.office.actor, merge=merged, reason="two people")
    assert join_accounts(by=LOOP) == 1
    assert join_accounts(by=LOOP) == 0
    assert (opens("teacher"), opens("colleague")) == (True, True)
    assert joined_name("colleague", PASSWORD) == ""
    assert Line.objects.get(verb="accounts.part").thing == world.colleague.account
    message = Message.objects.get(event="accounts-parted")
    assert (message.person, message.params) == (world.colleague.person, {"name": "colleague"})


@pytest.mark.parametrize("closed_before", [True, False])
def test_what_an_office_closed_stays_closed(world, noon, closed_before):
    if closed_before:
        close_account(by=world.office.actor, account=world.colleague.account, reason="misuse")
    merge = merge_people(
        by=world.office.actor, kept=world.teacher.person, gone=world.colleague.person, reason="one", end_numbers=True
    )
    join_accounts(by=LOOP)
    if not closed_before:
        close_account(by=world.office.actor, account=world.teacher.account, reason="misuse")
        assert join_accounts(by=LOOP) == 0
        assert (opens("teacher"), opens("colleague")) == (False, False)
        return
    unmerge_people(by=world.office.actor, merge=merge.pk, reason="two people")
    assert join_accounts(by=LOOP) == 0
    assert (opens("teacher"), opens("colleague")) == (True, False)


def test_an_office_may_open_the_other_where_the_one_that_stayed_is_closed(world, merged):
    join_accounts(by=LOOP)
    close_account(by=world.office.actor, account=world.teacher.account, reason="name is misspelt")
    reopen_account(by=world.office.actor, account=world.colleague.account)
    assert join_accounts(by=LOOP) == 0
    assert (opens("teacher"), opens("colleague")) == (False, True)
    reopen_account(by=world.office.actor, account=world.teacher.account)
    assert join_accounts(by=LOOP) == 1


def test_three_records_of_one_person(world, merged):
    merge_people(
        by=world.office.actor,
        kept=world.leader.person,
        gone=world.teacher.person,
        reason="one person",
        end_numbers=True,
    )
    used(world.colleague, 1)
    assert join_accounts(by=LOOP) == 2
    assert [opens(name) for name in ("teacher", "colleague", "leader")] == [False, True, False]
    assert {row.yields_to_id for row in Account.objects.filter(is_active=False)} == {world.colleague.account}


def test_the_merged_records_account_is_the_persons(world, noon):
    """Where only the record that is gone had an account, that one goes on; nobody is given a second one."""
    Account.objects.filter(pk=world.teacher.account).delete()
    Grant.objects.filter(person=world.cio.person).update(person=world.colleague.person)
    cio = world.principal.actor
    merge_people(
        by=world.office.actor, kept=world.teacher.person, gone=world.colleague.person, reason="one", end_numbers=True
    )
    assert join_accounts(by=LOOP) == 0
    assert open_accounts(by=cio, unit=world.nine_year) == []
    assert open_accounts(by=cio, unit=world.nine_year, people=[world.teacher.person]) == []
    row = next(row for row in accounts_at(cio, world.nine_year) if row.person == world.teacher.person)
    assert (row.account, row.sign_in_name, row.state) == (world.colleague.account, "colleague", "active")
    counts = {row.name: (row.people, row.activated) for row in activation_below(world.office.actor, world.zone)}
    assert counts["锦霖区白石镇九年一贯制学校"] == (9, 9)
    account = Account.objects.select_related("person").get(pk=world.colleague.account)
    assert needs_second_factor(account)
    assert actor_for(account, "web").person == world.teacher.person
    set_language(by=actor_for(account, "web"), language="en")
    assert Account.objects.get(pk=world.colleague.account).language == "en"


def test_the_list_shows_the_account_that_opens(world, merged):
    used(world.colleague, 1)
    join_accounts(by=LOOP)
    rows = [row for row in accounts_at(world.cio.actor, world.nine_year) if row.person == world.teacher.person]
    assert [(row.account, row.state, row.mine_to_manage) for row in rows] == [(world.colleague.account, "active", True)]


def test_only_the_platform_joins(world, merged):
    assert refusal_of(join_accounts, by=world.office.actor) == "platform-only"
