"""Accounts for the people of a unit: who gets one, under which name, and who may not do it."""

import pytest

from weineng.accounts.actions import open_accounts
from weineng.accounts.models import Account
from weineng.accounts.rules import free_names, plain_name, sign_in_base
from weineng.audit.models import Line
from weineng.kernel.refusals import NotFound

ACTING = ("cio", "teacher", "leader", "wu", "kindergarten_cio", "auditor")


@pytest.fixture
def without_accounts(world, monkeypatch):
    """Nobody has an account; who acts in these tests keeps the Actor they had."""
    actors = {world.people[key].person: world.people[key].actor for key in ACTING}
    monkeypatch.setattr(type(world.cio), "actor", property(lambda member: actors[member.person]))
    Account.objects.all().delete()
    return world


def names(accounts):
    return [account.name for account in accounts]


def test_everybody_of_a_school_gets_one_in_staff_order(without_accounts):
    world = without_accounts
    opened = open_accounts(by=world.cio.actor, unit=world.nine_year)
    # staff order: the school's own people, then the groups by place, each by staff number
    here = ["loner", "principal", "chinese_teacher_1", "chinese_teacher_2", "retired", "cio"]
    here += ["teacher", "colleague", "leader", "two_posts"]
    assert [a.person_id for a in opened] == [world.people[key].person for key in here]
    assert names(opened) == [
        "gucq", "ouyj", "shanxm", "aygl", "hey", "shenym", "linxl", "chenyz", "zenggq", "fengxm",
    ]  # fmt: skip
    assert {(a.has_usable_password(), a.activated_at) for a in opened} == {(False, None)}
    lines = Line.objects.filter(verb="accounts.open")
    assert sorted(lines.values_list("subject", flat=True)) == sorted(a.person_id for a in opened)


def test_who_has_one_keeps_it_and_names_get_numbers(without_accounts):
    world = without_accounts
    first = open_accounts(by=world.cio.actor, unit=world.maths)
    world.enter("林晓岚", world.maths, key="other")
    Account.objects.get(name="other").delete()
    again = open_accounts(by=world.cio.actor, unit=world.nine_year)
    assert "linxl2" in names(again)
    assert set(names(first)) & set(names(again)) == set()
    assert open_accounts(by=world.cio.actor, unit=world.nine_year) == []


def test_some_people_only(without_accounts):
    world = without_accounts
    some = [world.teacher.person, world.kindergarten_teachers[0].person]
    opened = open_accounts(by=world.cio.actor, unit=world.nine_year, people=some)
    assert [a.person_id for a in opened] == [world.teacher.person]


@pytest.mark.parametrize("key", ["teacher", "leader", "wu", "kindergarten_cio", "auditor"])
def test_nobody_else_does(without_accounts, key):
    world = without_accounts
    with pytest.raises(NotFound):
        open_accounts(by=world.people[key].actor, unit=world.nine_year)
    assert Account.objects.count() == 0


def test_names_are_readable_and_free():
    assert [sign_in_base(n) for n in ("lin xiao lan", "ou yang jing", "", "·", "gu li")] == [
        "linxl",
        "ouyj",
        "user",
        "user",
        "gul",
    ]
    assert free_names(["linxl", "linxl", "wang"], {"linxl", "linxl3"}) == ["linxl2", "linxl4", "wang"]
    assert plain_name(" ＬinXL 2") == "linxl2"
