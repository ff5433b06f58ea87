"""Roles: who may give which where, never to oneself, never more than one's own role says."""

from datetime import timedelta

import pytest

from weineng.accounts.actions import delegate, end_grant, grant_role
from weineng.accounts.models import Account, Grant
from weineng.accounts.queries import actor_for, givable_roles, roles_of
from weineng.accounts.roles import ROLES
from weineng.audit.models import Line
from weineng.audit.queries import reasons_of
from weineng.kernel.actors import platform
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.notices.models import Message
from weineng.programmes.permissions import VIEW

# Written by hand: who may give what at which unit of the world.
MAY_GIVE = {
    ("teacher", "maths"): [],
    ("leader", "maths"): [],
    ("panel_1", "nine_year"): [],
    ("auditor", "nine_year"): [],
    ("cio", "maths"): ["group-leader"],
    ("cio", "nine_year"): ["panel-member", "backbone"],
    ("cio", "district"): [],
    ("principal", "nine_year"): ["panel-member", "backbone", "cio"],
    ("office", "nine_year"): ["panel-member", "backbone", "cio", "principal"],
    ("office", "maths"): ["group-leader"],
    ("office", "district"): [
        "panel-member",
        "training-team",
        "expert",
        "office",
    ],  # no auditor: nobody appoints who audits them
    ("office", "city"): [],
    ("office", "sibling"): [],
    ("wu", "nine_year"): [],
    ("wu", "sibling_school"): ["panel-member", "backbone", "cio", "principal"],
}


@pytest.mark.parametrize(("key", "unit"), MAY_GIVE, ids="-".join)
def test_who_may_give_what(world, key, unit):
    found = [role.code for role in givable_roles(world.people[key].actor, world.units[unit])]
    assert found == MAY_GIVE[key, unit]


def refusal_of(**words):
    with pytest.raises(Refused) as refusal:
        grant_role(**words)
    return refusal.value.code


def test_every_pair_not_in_the_table_is_refused(world):
    for (key, unit), allowed in MAY_GIVE.items():
        for role in ROLES:
            if role not in allowed:
                code = refusal_of(
                    by=world.people[key].actor, person=world.teacher.person, role=role, unit=world.units[unit]
                )
                assert code in {"not-found", "role-level", "role-not-yours"}, (key, unit, role)
    assert Grant.objects.filter(person=world.teacher.person).count() == 0


def test_a_role_opens_at_once_and_the_person_is_told(world):
    grant = grant_role(
        by=world.cio.actor, person=world.teacher.person, role="group-leader", unit=world.maths, reason="接任"
    )
    actor = actor_for(Account.objects.get(name="teacher"), "web")
    assert actor.units(VIEW) == {world.maths}
    line = Line.objects.get(verb="accounts.grant")
    assert (line.person, line.subject, line.unit, line.thing, reasons_of([line])[line.pk]) == (
        world.cio.person, world.teacher.person, world.maths, grant.pk, "接任",
    )  # fmt: skip
    assert Message.objects.get(event="role-given").person == world.teacher.person


def test_nobody_gives_a_role_to_themselves_nor_to_whom_they_act_for(world):
    assert refusal_of(by=world.cio.actor, person=world.cio.person, role="group-leader", unit=world.chinese) == (
        "role-to-oneself"
    )
    lent = delegate(
        by=world.cio.actor, grant=Grant.objects.get(person=world.cio.person).pk, agent=world.teacher.person,
        ends_on=today() + timedelta(days=3),
    )  # fmt: skip
    deputy = actor_for(Account.objects.get(name="teacher"), "web", lent.pk)
    for person in (world.cio.person, world.teacher.person):
        assert refusal_of(by=deputy, person=person, role="group-leader", unit=world.maths) == "role-to-oneself"
    grant_role(by=deputy, person=world.colleague.person, role="group-leader", unit=world.maths)
    line = Line.objects.get(verb="accounts.grant")
    assert (line.person, line.on_behalf_of) == (world.teacher.person, world.cio.person)


def test_people_out_of_reach_are_not_found(world):
    office = world.office.actor
    assert refusal_of(by=office, person=world.wu.person, role="panel-member", unit=world.nine_year) == "not-found"
    kind = world.kindergarten_teachers[0].person
    assert refusal_of(by=world.cio.actor, person=kind, role="panel-member", unit=world.nine_year) == "not-found"


def test_the_same_role_twice_is_refused_and_later_again_is_not(world, noon):
    common = {"by": world.cio.actor, "person": world.teacher.person, "role": "group-leader", "unit": world.maths}
    ends = today() + timedelta(days=10)
    grant_role(**common, ends_on=ends)
    assert refusal_of(**common) == "role-held"
    assert refusal_of(**common, starts_on=ends - timedelta(days=1)) == "role-held"
    assert grant_role(**common, starts_on=ends).starts_on == ends


def test_dates(world, noon):
    common = {"by": world.cio.actor, "person": world.teacher.person, "role": "group-leader", "unit": world.maths}
    day = timedelta(days=1)
    assert refusal_of(**common, starts_on=today() - day) == "role-dates"
    assert refusal_of(**common, ends_on=today()) == "role-dates"
    grant = grant_role(**common, starts_on=today() + day, ends_on=today() + 2 * day)
    assert [len(roles_of(world.teacher.person, today() + n * day)) for n in (0, 1, 2)] == [0, 1, 0]
    assert grant.given_by == world.cio.person


def test_unknown_role_and_wrong_level(world):
    assert refusal_of(by=world.cio.actor, person=world.teacher.person, role="king", unit=world.maths) == "role-unknown"
    assert refusal_of(by=world.cio.actor, person=world.teacher.person, role="cio", unit=world.maths) == "role-level"


def test_the_platform_gives_the_first_roles(world):
    grant = grant_role(by=platform("ops"), person=world.teacher.person, role="auditor", unit=world.city)
    assert grant.given_by is None


def test_ending_a_role(world):
    grant = Grant.objects.get(person=world.leader.person)
    for key in ("teacher", "wu", "kindergarten_cio"):
        with pytest.raises(NotFound):
            end_grant(by=world.people[key].actor, grant=grant.pk)
    end_grant(by=world.principal.actor, grant=grant.pk, reason="轮岗")
    assert roles_of(world.leader.person) == ()
    line = Line.objects.get(verb="accounts.end_grant")
    assert reasons_of([line]) == {line.pk: "轮岗"}
    with pytest.raises(Refused) as refusal:
        end_grant(by=world.principal.actor, grant=grant.pk)
    assert refusal.value.code == "role-ended"


def test_who_may_not_give_a_role_may_not_end_it(world):
    grant = Grant.objects.get(person=world.principal.person)
    with pytest.raises(Refused) as refusal:
        end_grant(by=world.cio.actor, grant=grant.pk)
    assert refusal.value.code == "role-not-yours"
    auditor = Grant.objects.get(person=world.auditor.person)
    with pytest.raises(Refused) as refusal:
        end_grant(by=world.office.actor, grant=auditor.pk)
    assert refusal.value.code == "role-not-yours"


def test_a_role_that_has_not_begun_never_begins(world, noon):
    later = today() + timedelta(days=5)
    grant = grant_role(
        by=world.cio.actor, person=world.teacher.person, role="group-leader", unit=world.maths, starts_on=later
    )
    end_grant(by=world.cio.actor, grant=grant.pk)
    assert roles_of(world.teacher.person, later) == ()
