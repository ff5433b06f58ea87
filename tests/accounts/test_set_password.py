"""Which passwords may be set, and what setting one ends."""

from datetime import date
from itertools import pairwise

import pytest

from tests.world import PASSWORD
from weineng.accounts.actions import set_password
from weineng.accounts.models import Account, BrowserSession
from weineng.accounts.queries import account_by_password
from weineng.accounts.rules import Known, check_new_password
from weineng.audit.models import Line
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused

KNOWN = Known("林晓岚", "linxl2", "lin xiao lan", "19900001234", date(1985, 5, 15))


def judged(password, known=KNOWN):
    try:
        check_new_password(password, known)
    except Refused as refusal:
        return refusal.code
    return "good"


@pytest.mark.parametrize(
    ("password", "verdict"),
    [
        ("tomato gate", "good"),
        ("tomatogat", "password-short"),  # 9
        ("tomatogate", "good"),  # 10
        ("Tomato 7", "good"),  # 8 signs, 4 classes
        ("tomato 7", "good"),  # 8 signs, 3 classes
        ("tomatox7", "password-short"),  # 8 signs, 2 classes
        ("Tomat 7", "password-short"),  # 7 signs
        ("山高月小水落石出清风", "good"),
        ("Password123!", "password-common"),
        ("1qaz2wsx3edc", "password-common"),
        ("abcdefghijkl", "password-common"),
        ("9876543210", "password-common"),
        ("aaaaaaaaaaaa", "password-common"),
        ("1212121212", "password-common"),
        ("my linxl2 pass", "password-like-you"),
        ("LinXiaoLan-77", "password-like-you"),
        ("tel19900001234", "password-like-you"),
        ("gate-00001234", "password-like-you"),
        ("gate 19850515", "password-like-you"),
        ("gate 850515 x", "password-like-you"),
        ("我是林晓岚呀呀呀呀呀", "password-like-you"),
        ("x" * 257, "password-long"),
        ("", "password-short"),
    ],
)
def test_the_rules(password, verdict):
    assert judged(password) == verdict


def test_somebody_without_phone_or_birthday_may_use_any_digits():
    assert judged("gate 850515 x", Known("林", "linx")) == "good"


def test_the_old_one_is_asked_for_and_every_session_ends(world, client, sign_in):
    sign_in(client, world.teacher)
    with pytest.raises(Refused) as refusal:
        set_password(by=world.teacher.actor, old="wrong", new="tomato gate 8")
    assert (refusal.value.code, refusal.value.field) == ("password-wrong", "old")
    set_password(by=world.teacher.actor, old=PASSWORD, new="tomato gate 8")
    assert account_by_password("teacher", PASSWORD) is None
    assert account_by_password("teacher", "tomato gate 8").pk == world.teacher.account
    assert BrowserSession.objects.filter(account=world.teacher.account).count() == 0
    assert Line.objects.get(verb="accounts.set_password").subject == world.teacher.person


def test_the_last_five_may_not_come_back(world):
    words = ["tomato", "cellar", "window", "pepper", "ladder", "summer"]
    passwords = [PASSWORD, *(f"{word} gate 88" for word in words)]
    for old, new in pairwise(passwords):
        set_password(by=world.teacher.actor, old=old, new=new)
    for number, past in enumerate(reversed(passwords[-5:])):
        with pytest.raises(Refused) as refusal:
            set_password(by=world.teacher.actor, old=passwords[-1], new=past)
        assert refusal.value.code == "password-used-before", number
    assert len(Account.objects.get(pk=world.teacher.account).past_passwords) == 5
    set_password(by=world.teacher.actor, old=passwords[-1], new=passwords[1])  # the sixth back


def test_somebody_who_acts_for_another_changes_their_own(world):
    deputy = Actor(person=world.teacher.person, door="web", on_behalf_of=world.cio.person)
    assert set_password(by=deputy, old=PASSWORD, new="tomato gate 8").pk == world.teacher.account


def test_machines_have_no_password(world):
    with pytest.raises(NotFound):
        set_password(by=world.provider, old="", new="tomato gate 8")
