"""Delegation: until a day, only what one holds, both names on every act, never lent on."""

from datetime import timedelta

import pytest

from weineng.accounts.actions import delegate, end_grant, grant_role, issue_codes, revoke_delegation
from weineng.accounts.models import Account, Delegation, Grant
from weineng.accounts.permissions import DELEGATE, MANAGE
from weineng.accounts.queries import actor_for, givable_roles, posts_of
from weineng.accounts.roles import DEPUTY, ROLES
from weineng.audit.models import Line
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.notices.models import Message

DAY = timedelta(days=1)


@pytest.fixture
def grant(world):
    return Grant.objects.get(person=world.cio.person).pk


@pytest.fixture
def lent(world, grant, noon):
    return delegate(
        by=world.cio.actor, grant=grant, agent=world.teacher.person, ends_on=today() + 3 * DAY, reason="出差"
    )


def as_deputy(world, lent):
    return actor_for(Account.objects.get(name="teacher"), "web", lent.pk)


def refusal_of(action, **words):
    with pytest.raises(Refused) as refusal:
        action(**words)
    return refusal.value.code


def test_the_deputy_holds_that_role_and_keeps_little_of_their_own(world, lent):
    actor = as_deputy(world, lent)
    assert (actor.person, actor.on_behalf_of) == (world.teacher.person, world.cio.person)
    assert actor.nodes.keys() == ROLES["cio"].codes == ROLES["cio"].lent_codes
    assert actor.units(MANAGE) == {world.nine_year}
    assert (actor.own, actor.assigned) == (DEPUTY, frozenset())
    own = actor_for(Account.objects.get(name="teacher"), "web")
    assert (own.on_behalf_of, dict(own.nodes)) == (None, {})


def test_both_names_stand_on_every_act(world, lent):
    issue_codes(by=as_deputy(world, lent), accounts=[world.colleague.account])
    line = Line.objects.get(verb="accounts.issue_code")
    assert (line.person, line.on_behalf_of) == (world.teacher.person, world.cio.person)
    assert line.grant == lent.grant_id


def test_it_ends_by_itself_at_midnight(world, lent, at):
    last = lent.ends_on
    assert [len(posts_of(world.teacher.person, last + n * DAY)) for n in (-4, -3, -1, 0, 1)] == [0, 1, 1, 0, 0]
    midnight = _midnight(last)
    at(midnight - timedelta(seconds=1))
    assert as_deputy(world, lent).on_behalf_of == world.cio.person
    for late in (timedelta(0), timedelta(seconds=1)):
        at(midnight + late)
        with pytest.raises(NotFound):
            as_deputy(world, lent)


def _midnight(day):
    from datetime import datetime, time

    from weineng.kernel.clock import CIVIL

    return datetime.combine(day, time(0), CIVIL)


def test_it_ends_with_the_role(world, lent):
    end_grant(by=world.office.actor, grant=lent.grant_id)
    with pytest.raises(NotFound):
        as_deputy(world, lent)


@pytest.mark.parametrize("key", ["cio", "teacher"])
def test_it_is_taken_back_or_given_back_at_once(world, lent, key):
    revoke_delegation(by=world.people[key].actor, delegation=lent.pk)
    with pytest.raises(NotFound):
        as_deputy(world, lent)
    assert refusal_of(revoke_delegation, by=world.people[key].actor, delegation=lent.pk) == "delegation-over"


@pytest.mark.parametrize("key", ["colleague", "wu", "principal", "office"])
def test_nobody_else_takes_it_back(world, lent, key):
    assert refusal_of(revoke_delegation, by=world.people[key].actor, delegation=lent.pk) == "not-found"


def test_what_was_lent_is_not_lent_on(world, lent):
    deputy = as_deputy(world, lent)
    common = {"agent": world.colleague.person, "ends_on": today() + DAY}
    assert DELEGATE.code not in deputy.own
    assert refusal_of(delegate, by=deputy, grant=lent.grant_id, **common) == "delegation-of-delegation"
    own = actor_for(Account.objects.get(name="teacher"), "web")
    assert refusal_of(delegate, by=own, grant=lent.grant_id, **common) == "not-found"
    assert refusal_of(revoke_delegation, by=deputy, delegation=lent.pk) == "delegation-of-delegation"


def office_deputy(world):
    grant = Grant.objects.get(person=world.office.person, role="office")
    lent = delegate(by=world.office.actor, grant=grant.pk, agent=world.teacher.person, ends_on=today() + 3 * DAY)
    return as_deputy(world, lent)


@pytest.mark.parametrize("role", [code for code, role in ROLES.items() if role.strong])
def test_a_deputy_gives_and_ends_no_strong_role(world, noon, role):
    """What is lent for three days must not become a role for ever, for oneself in another's name."""
    deputy = office_deputy(world)
    unit = world.district if "county" in ROLES[role].levels else world.nine_year
    words = {"person": world.colleague.person, "role": role, "unit": unit}
    assert refusal_of(grant_role, by=deputy, **words) == "role-not-yours"
    held = world.grant(world.colleague.person, role, unit)
    assert refusal_of(end_grant, by=deputy, grant=held.pk) == "role-not-yours"
    assert role not in {given.code for given in givable_roles(deputy, unit)}
    assert refusal_of(issue_codes, by=deputy, accounts=[world.colleague.account]) == "not-found"


def test_a_deputy_gives_and_ends_the_other_roles(world, noon):
    deputy = office_deputy(world)
    given = grant_role(by=deputy, person=world.colleague.person, role="group-leader", unit=world.maths)
    assert end_grant(by=deputy, grant=given.pk).ends_on == today()
    assert [slip.account for slip in issue_codes(by=deputy, accounts=[world.colleague.account])] == [
        world.colleague.account
    ]


def test_the_office_itself_gives_them(world, noon):
    office_deputy(world)
    assert grant_role(by=world.office.actor, person=world.colleague.person, role="office", unit=world.district).pk


def test_only_ones_own_role(world, grant):
    for key in ("teacher", "principal", "office", "wu"):
        words = {"by": world.people[key].actor, "grant": grant, "ends_on": today() + DAY}
        assert refusal_of(delegate, agent=world.colleague.person, **words) == "not-found"


def test_dates(world, grant, noon):
    common = {"by": world.cio.actor, "grant": grant, "agent": world.teacher.person}
    assert refusal_of(delegate, **common, ends_on=today()) == "delegation-dates"
    assert refusal_of(delegate, **common, ends_on=today() + 367 * DAY) == "delegation-dates"
    assert refusal_of(delegate, **common, starts_on=today() - DAY, ends_on=today() + DAY) == "delegation-dates"
    Grant.objects.filter(pk=grant).update(ends_on=today() + 5 * DAY)
    assert refusal_of(delegate, **common, ends_on=today() + 6 * DAY) == "delegation-outlives-role"
    assert delegate(**common, ends_on=today() + 5 * DAY).ends_on == today() + 5 * DAY
    assert refusal_of(delegate, **common, ends_on=today() + 2 * DAY) == "delegated-already"


def test_to_whom(world, grant):
    common = {"by": world.cio.actor, "grant": grant, "ends_on": today() + DAY}
    assert refusal_of(delegate, agent=world.cio.person, **common) == "delegation-to-oneself"
    assert refusal_of(delegate, agent=world.wu.person, **common) == "not-found"
    Account.objects.filter(name="teacher").update(is_active=False)
    assert refusal_of(delegate, agent=world.teacher.person, **common) == "agent-without-account"
    assert Delegation.objects.count() == 0


def test_the_deputy_is_told(world, lent):
    message = Message.objects.get(event="delegation-given")
    assert (message.person, message.params["principal"]) == (world.teacher.person, "沈一鸣")
