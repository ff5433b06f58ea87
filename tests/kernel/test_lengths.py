"""What people type elsewhere than in the tree: taken up to the length of its column, refused one character later."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.activities.test_close_session import START, a_plan
from weineng.accounts.actions import delegate, end_grant, grant_role, reset_second_factor
from weineng.accounts.models import Factor, Grant
from weineng.activities.actions import add_product, plan_session, strike_sign_in, void_session
from weineng.activities.models import SignIn
from weineng.audit.models import Line
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.learning.actions import admit_provider, change_provider, issue_api_key
from weineng.learning.models import Provider


def plan(world, **texts):
    return plan_session(
        by=world.leader.actor, unit=world.maths, programme="p4-district", plan=replace(a_plan(), **texts)
    ).pk


def strike(world, session, reason):
    SignIn.objects.create(session_id=session, person_id=world.teacher.person, at=now(), method="host")
    strike_sign_in(by=world.leader.actor, session=session, person=world.teacher.person, reason=reason)


def reset(world, reason):
    Factor.objects.get_or_create(account_id=world.teacher.account, defaults={"secret_cipher": b"", "created_at": now()})
    reset_second_factor(by=world.cio.actor, account=world.teacher.account, reason=reason)


def key(world, **texts):
    common = {"by": world.office.actor, "unit": world.district, "label": "a key", "provider": "qingyun"}
    issue_api_key(**(common | {"scopes": ["records.read"]} | texts))


def lend(world, reason):
    delegate(
        by=world.cio.actor, grant=Grant.objects.get(person=world.cio.person).pk, agent=world.teacher.person,
        ends_on=today() + timedelta(days=3), reason=reason,
    )  # fmt: skip


ACTS = {
    "session title": (plan, "title", 160),
    "session place": (plan, "place_name", 120),
    "product": (lambda w, title: add_product(by=w.leader.actor, session=plan(w), title=title), "title", 160),
    "strike": (lambda w, reason: strike(w, plan(w), reason), "reason", 200),
    "void": (lambda w, reason: void_session(by=w.cio.actor, session=plan(w), reason=reason), "reason", 400),
    "provider": (
        lambda w, name: admit_provider(by=w.office.actor, unit=w.district, code="other", name=name), "name", 120,
    ),
    "provider again": (
        lambda w, name: change_provider(
            by=w.office.actor, provider=Provider.objects.get().pk, name=name, period_minutes=0, active=True
        ),
        "name",
        120,
    ),
    "role": (
        lambda w, reason: grant_role(
            by=w.office.actor, person=w.teacher.person, role="cio", unit=w.nine_year, reason=reason
        ),
        "reason",
        200,
    ),
    "role ended": (
        lambda w, reason: end_grant(
            by=w.office.actor, grant=Grant.objects.get(person=w.cio.person).pk, reason=reason
        ),
        "reason",
        400,
    ),
    "delegation": (lend, "reason", 200),
    "key": (key, "label", 80),
    "any reason": (reset, "reason", 400),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_as_long_as_its_column(world, name, set_clock):
    act, field, longest = ACTS[name]
    set_clock(START - timedelta(days=1))
    lines = Line.objects.count()
    with pytest.raises(Refused) as refused:
        act(world, **{field: "长" * (longest + 1)})
    assert (refused.value.code, refused.value.field, refused.value.params) == (
        "text-too-long", field, {"longest": longest},
    )  # fmt: skip
    act(world, **{field: "长" * longest})
    assert Line.objects.count() > lines
