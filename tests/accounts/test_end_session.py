"""Where somebody is signed in: seen, ended, forgotten."""

import pytest
from django.test import Client

from weineng.accounts.actions import end_other_sessions, end_session, forget_expired, set_language
from weineng.accounts.models import Account, BrowserSession
from weineng.accounts.queries import sessions_of
from weineng.accounts.rules import session_handle
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.refusals import NotFound, Refused


@pytest.fixture
def browsers(world, sign_in):
    return [sign_in(Client(), world.teacher) for _number in range(3)] + [sign_in(Client(), world.wu)]


def keys(member):
    return {row.session_key for row in sessions_of(member.account)}


def test_one_browser_is_signed_out(world, browsers):
    first, second, third, _wu = (browser.session.session_key for browser in browsers)
    end_session(by=world.teacher.actor, handle=session_handle(first))
    assert keys(world.teacher) == {second, third}


def test_nobody_ends_anothers(world, browsers):
    with pytest.raises(NotFound):
        end_session(by=world.wu.actor, handle=session_handle(browsers[0].session.session_key))
    assert len(keys(world.teacher)) == 3


def test_all_others(world, browsers):
    keep = browsers[1].session.session_key
    assert end_other_sessions(by=world.teacher.actor, keep=keep) == 2
    assert keys(world.teacher) == {keep}
    assert len(keys(world.wu)) == 1
    assert Line.objects.get(verb="accounts.end_session").facts == {"count": 2}


def test_expired_ones_are_deleted(world, browsers):
    from datetime import timedelta

    from weineng.kernel.clock import machine_now

    BrowserSession.objects.filter(account=world.wu.account).update(expire_date=machine_now() - timedelta(seconds=1))
    with pytest.raises(Refused):
        forget_expired(by=world.office.actor)
    assert forget_expired(by=platform("settle")) == 1
    assert (len(keys(world.teacher)), len(keys(world.wu))) == (3, 0)
    assert forget_expired(by=platform("settle")) == 0


def test_the_language_is_kept(world):
    set_language(by=world.teacher.actor, language="zh-hant")
    assert Account.objects.get(name="teacher").language == "zh-hant"
    with pytest.raises(Refused) as refusal:
        set_language(by=world.teacher.actor, language="tlh")
    assert refusal.value.code == "language-unknown"
