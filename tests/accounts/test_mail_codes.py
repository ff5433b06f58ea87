"""Codes by mail: wanted by the CIO or by whoever forgot a password, made and sent by the worker, never told apart."""

import re
from datetime import timedelta

import pytest
from django.core import mail

from weineng.accounts.actions import ask_for_code, issue_codes, mail_codes
from weineng.accounts.models import Account, ActivationCode, Factor
from weineng.accounts.queries import holder_of
from weineng.accounts.rules import MAIL_PAUSE
from weineng.audit.models import Line
from weineng.kernel.actors import Actor, platform
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.organisations.models import Person

NOBODY = Actor(door="web")
LOOP = platform("settle")


def code_in(message):
    return re.search(r"\b\w{4}-\w{4}-\w{4}\b", message.body)[0]


def test_a_forgotten_password_is_a_code_in_the_mail(world):
    ask_for_code(by=NOBODY, name=" Teacher ")
    assert mail_codes(by=LOOP) == 1
    [message] = mail.outbox
    assert message.to == ["teacher@example.invalid"]
    assert holder_of(code_in(message)).account == world.teacher.account
    assert mail_codes(by=LOOP) == 0


@pytest.mark.parametrize("name", ["no-such-person", "", "teacher"])
def test_the_answer_is_the_same_for_everybody(world, name):
    Person.objects.filter(pk=world.teacher.person).update(mail="")
    assert ask_for_code(by=NOBODY, name=name) is None
    assert mail_codes(by=LOOP) == 0
    assert [(line.facts, line.subject) for line in Line.objects.filter(verb="accounts.ask_code")] == [
        ({"sent": False}, None)
    ]


def test_at_most_one_mail_in_ten_minutes(world, noon, at):
    for seconds, sent in ((0, 1), (1, 0), (MAIL_PAUSE.total_seconds() - 1, 0), (MAIL_PAUSE.total_seconds(), 1)):
        at(noon + timedelta(seconds=seconds))
        ask_for_code(by=NOBODY, name="teacher")
        assert mail_codes(by=LOOP) == sent


def test_no_code_is_mailed_into_a_strong_role_that_no_second_factor_guards(world):
    """The school may write another address into the roster; with that alone nobody enters an office."""
    for account, sent in ((world.cio.account, 0), (world.office.account, 0), (world.leader.account, 1)):
        ask_for_code(by=NOBODY, name=Account.objects.get(pk=account).name)
        assert mail_codes(by=LOOP) == sent
    factor = Factor.objects.create(account_id=world.cio.account, secret_cipher=b"", created_at=now())
    ask_for_code(by=NOBODY, name="cio")
    assert mail_codes(by=LOOP) == 0
    Factor.objects.filter(pk=factor.pk).update(confirmed_at=now())
    ask_for_code(by=NOBODY, name="cio")
    assert mail_codes(by=LOOP) == 1


def test_a_school_is_mailed_and_who_has_no_address_waits_for_a_slip(world):
    Person.objects.filter(pk=world.colleague.person).update(mail="")
    asked = [world.teacher.account, world.colleague.account, world.wu.account]
    assert issue_codes(by=world.cio.actor, accounts=asked, channel="mail") == []
    assert mail_codes(by=LOOP) == 1
    assert [m.to for m in mail.outbox] == [["teacher@example.invalid"]]


def test_the_mail_is_in_the_language_of_the_account(world):
    Account.objects.filter(pk=world.teacher.account).update(language="en")
    ask_for_code(by=NOBODY, name="teacher")
    mail_codes(by=LOOP)
    assert mail.outbox[0].subject == "Weineng: your activation code"


def test_if_the_mail_server_is_away_nothing_has_changed(world, monkeypatch):
    from weineng.accounts.actions import codes

    def away(_mails):
        raise OSError("no route")

    ask_for_code(by=NOBODY, name="teacher")
    with monkeypatch.context() as patched:
        patched.setattr(codes, "send_mails", away)
        with pytest.raises(OSError, match="no route"):
            mail_codes(by=LOOP)
    assert ActivationCode.objects.count() == 0
    assert mail_codes(by=LOOP) == 1


def test_refusals(world, settings):
    Person.objects.filter(pk=world.teacher.person).update(mail="")
    with pytest.raises(Refused) as refusal:
        issue_codes(by=world.cio.actor, accounts=[world.teacher.account], channel="mail")
    assert refusal.value.code == "no-address"
    with pytest.raises(Refused) as refusal:
        mail_codes(by=world.cio.actor)
    assert refusal.value.code == "platform-only"
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    with pytest.raises(Refused) as refusal:
        issue_codes(by=world.cio.actor, accounts=[world.leader.account], channel="mail")
    assert refusal.value.code == "mail-not-configured"
    ask_for_code(by=NOBODY, name="leader")
    assert mail_codes(by=LOOP) == 0
