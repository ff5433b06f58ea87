"""Five failures close an account for fifteen minutes, and nothing tells whether it exists."""

from datetime import timedelta

from tests.world import PASSWORD
from weineng.accounts.actions import note_failure, note_sign_in
from weineng.accounts.models import Account
from weineng.accounts.queries import account_by_password, is_locked
from weineng.accounts.rules import LOCKED_FOR
from weineng.audit.models import Line
from weineng.kernel.actors import Actor

NOBODY = Actor(door="web")


def fail(times, name="teacher"):
    for _try in range(times):
        note_failure(by=NOBODY, name=name)


def opens():
    return account_by_password("teacher", PASSWORD) is not None


def test_the_fifth_closes_for_fifteen_minutes_to_the_second(world, noon, at):
    fail(4)
    assert opens()
    fail(1)
    assert not opens()
    at(noon + LOCKED_FOR - timedelta(seconds=1))
    assert not opens()
    at(noon + LOCKED_FOR)
    assert opens()
    assert Line.objects.filter(verb="accounts.lock").count() == 1


def test_failures_while_closed_neither_count_nor_prolong(world, noon, at):
    fail(5)
    at(noon + timedelta(minutes=14))
    fail(9)
    at(noon + LOCKED_FOR)
    assert opens()
    fail(4)
    assert opens()


def test_old_failures_are_forgotten(world, noon, at):
    fail(4)
    at(noon + LOCKED_FOR - timedelta(seconds=1))
    assert opens()
    at(noon + LOCKED_FOR)
    fail(4)
    assert opens()
    at(noon + LOCKED_FOR + timedelta(seconds=1))
    fail(1)
    assert not opens()


def test_signing_in_begins_the_count_anew(world, noon):
    fail(4)
    note_sign_in(by=world.teacher.actor, account=world.teacher.account, way="password")
    fail(4)
    assert opens()


def test_an_unknown_name_leaves_a_line_without_the_name(world):
    fail(6, name="my secret password")
    lines = Line.objects.filter(verb="accounts.fail")
    assert {(str(line.facts), line.subject, line.thing) for line in lines} == {
        ("{'what': 'password', 'known': False}", None, None)
    }
    assert Account.objects.exclude(failures=0).count() == 0


def test_others_stay_open(world, noon):
    fail(5)
    locked = [a.name for a in Account.objects.order_by("name") if is_locked(a)]
    assert locked == ["teacher"]
