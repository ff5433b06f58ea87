"""A code opens an account once, by setting its password."""

import pytest

from weineng.accounts.actions import activate, note_failure
from weineng.accounts.models import Account, BrowserSession
from weineng.accounts.queries import account_by_password, holder_of
from weineng.accounts.rules import plain_code
from weineng.audit.models import Line
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import Refused

NOBODY = Actor(door="web")
NEW = "horse battery 9 staple"


def test_the_code_is_used_once_and_the_password_opens(world, slip_for):
    Account.objects.filter(pk=world.teacher.account).update(activated_at=None)
    slip = slip_for(world.teacher)
    account = activate(by=NOBODY, code=slip.code, password=NEW)
    assert account.pk == world.teacher.account
    assert account.activated_at is not None
    assert account_by_password("teacher", NEW) == account
    line = Line.objects.get(verb="accounts.activate")
    assert (line.person, line.subject, line.facts) == (world.teacher.person, world.teacher.person, {"first": True})
    with pytest.raises(Refused) as refusal:
        activate(by=NOBODY, code=slip.code, password=NEW + "!")
    assert refusal.value.code == "code-used"


def test_however_it_is_typed(world, slip_for):
    slip = slip_for(world.teacher)
    wide = slip.code.lower().replace("-", " ").translate({ord("0"): "o", ord("1"): "l"})
    assert holder_of(f"  {wide} ").account == world.teacher.account
    assert plain_code("ＡＢ０ｏ－1iL") == "AB00111"


def test_a_bad_password_does_not_use_the_code_up(world, slip_for):
    slip = slip_for(world.teacher)
    with pytest.raises(Refused) as refusal:
        activate(by=NOBODY, code=slip.code, password="short")
    assert refusal.value.code == "password-short"
    assert activate(by=NOBODY, code=slip.code, password=NEW).pk == world.teacher.account


def test_locks_are_forgotten_and_sessions_end(world, slip_for, client, sign_in):
    sign_in(client, world.teacher)
    for _try in range(5):
        note_failure(by=NOBODY, name="teacher")
    activate(by=NOBODY, code=slip_for(world.teacher).code, password=NEW)
    assert account_by_password("teacher", NEW) is not None
    assert BrowserSession.objects.filter(account=world.teacher.account).count() == 0


@pytest.mark.parametrize("code", ["", "XXXX-XXXX-XXXX", "0" * 400, "\0", "密码"])
def test_what_is_no_code(world, code):
    assert holder_of(code) is None
    with pytest.raises(Refused) as refusal:
        activate(by=NOBODY, code=code, password=NEW)
    assert refusal.value.code == "code-unknown"


def test_the_code_of_a_closed_account_is_unknown(world, slip_for):
    slip = slip_for(world.teacher)
    Account.objects.filter(pk=world.teacher.account).update(is_active=False)
    with pytest.raises(Refused) as refusal:
        activate(by=NOBODY, code=slip.code, password=NEW)
    assert refusal.value.code == "code-unknown"


def test_the_holder_is_shown_with_the_school(world, slip_for):
    holder = holder_of(slip_for(world.teacher).code)
    assert (holder.name, holder.school, holder.sign_in_name, holder.activated) == (
        "林晓岚", "锦霖区白石镇九年一贯制学校", "teacher", True,
    )  # fmt: skip
