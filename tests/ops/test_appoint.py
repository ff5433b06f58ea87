"""The first person of an installation: from nothing to an activation code."""

import re

import pytest
from django.core.management import CommandError, call_command

from weineng.accounts.actions import activate
from weineng.accounts.models import Account, Grant
from weineng.accounts.permissions import GRANT
from weineng.accounts.queries import actor_for, holder_of
from weineng.kernel.actors import Actor
from weineng.organisations.models import Person, Unit


def code_in(capsys):
    return re.search(r"^code +(\S+)$", capsys.readouterr().out, re.MULTILINE)[1]


def test_from_nothing_to_an_office(world, capsys):
    call_command("appoint", "于青", "--unit", "620000", "--found", "西原省", "--mail", "yu@example.invalid")
    code = code_in(capsys)
    assert holder_of(code).name == "于青"
    account = activate(by=Actor(door="web"), code=code, password="tomato gate 8")
    unit = Unit.objects.get(code="620000")
    assert actor_for(Account.objects.select_related("person").get(pk=account.pk), "web").units(GRANT) == {unit.pk}


def test_again_makes_a_new_code_for_the_same_person(world, capsys):
    call_command("appoint", "白若溪", "--unit", "519901")
    assert holder_of(code_in(capsys)).account == world.office.account
    assert Grant.objects.filter(person=world.office.person).count() == 1
    assert Person.objects.filter(name="白若溪").count() == 1


def test_an_unknown_unit_is_told(world):
    with pytest.raises(CommandError, match="no unit has the code 1"):
        call_command("appoint", "于青", "--unit", "1")
    with pytest.raises(CommandError, match="role-level"):
        call_command("appoint", "于青", "--unit", "519901", "--role", "cio")
    assert not Person.objects.filter(name="于青").exists()
