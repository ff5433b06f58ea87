"""The Actor: what holds today, in few queries, through merges."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from weineng.accounts.models import Account, Grant
from weineng.accounts.queries import accounts_at, activation_below, actor_for, person_of, posts_of, roles_of
from weineng.accounts.roles import ASSIGNED, OWN, ROLES
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import Person
from weineng.organisations.permissions import VIEW_PEOPLE, VIEW_UNIT

DAY = timedelta(days=1)


def account(member):
    return Account.objects.select_related("person").get(pk=member.account)


def test_a_teacher(world):
    assert actor_for(account(world.teacher), "web") == Actor(
        person=world.teacher.person, door="web", own=OWN, assigned=ASSIGNED
    )


@pytest.mark.parametrize("key", ["cio", "wu", "teacher"])
def test_one_query_whatever_is_held(world, key, django_assert_num_queries):
    mine = account(world.people[key])
    with django_assert_num_queries(1):
        actor_for(mine, "web")


def test_every_role_at_its_unit_with_its_grant(world):
    actor = actor_for(account(world.wu), "rest")
    assert actor.units(VIEW_UNIT) == {world.sibling, world.sibling_school, world.sibling_group}
    grants = {g.unit_id: g.pk for g in Grant.objects.filter(person=world.wu.person, role="auditor")}
    assert dict(actor.nodes["audit.read"]) == grants
    assert actor.door == "rest"


def test_only_what_holds_today(world, noon):
    grant = Grant.objects.get(person=world.cio.person)
    for starts, ends, holds in ((0, 1, True), (0, None, True), (-5, 0, False), (1, None, False)):
        grant.starts_on, grant.ends_on = today() + starts * DAY, None if ends is None else today() + ends * DAY
        grant.save()
        assert bool(actor_for(account(world.cio), "web").units(VIEW_PEOPLE)) is holds


def test_two_records_of_one_person_act_as_the_one_that_was_kept(world):
    Person.objects.filter(pk=world.cio.person).update(merged_into=world.teacher.person)
    actor = actor_for(account(world.cio), "web")
    assert person_of(account(world.cio)) == world.teacher.person
    assert (actor.person, actor.units(VIEW_PEOPLE)) == (world.teacher.person, {world.nine_year})


def test_a_role_that_is_no_more_opens_nothing(world):
    Grant.objects.filter(person=world.cio.person).update(role="king")
    assert roles_of(world.cio.person) == ()


def test_posts_tell_where(world):
    [post] = posts_of(world.cio.person)
    assert (post.role, post.unit_name, post.level, post.until, post.principal) == (
        ROLES["cio"], "锦霖区白石镇九年一贯制学校", "school", None, None,
    )  # fmt: skip


def test_the_list_of_a_school(world):
    rows = accounts_at(world.cio.actor, world.nine_year)
    assert [row.person for row in rows][:2] == [world.loner.person, world.principal.person]
    assert {row.state for row in rows} == {"active"}
    assert [row.name for row in rows if not row.mine_to_manage] == ["欧阳静", "沈一鸣"]
    with pytest.raises(NotFound):
        accounts_at(world.wu.actor, world.nine_year)


def test_the_list_costs_the_same_for_one_and_for_many(world):
    def count(unit):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            rows = accounts_at(by, unit)
        return len(rows), len(queries)

    by = world.cio.actor
    (few, cheap), (many, dear) = count(world.chinese), count(world.nine_year)
    assert few < many
    assert cheap == dear


def test_units_below_are_counted(world):
    Account.objects.filter(pk=world.kindergarten_teachers[0].account).update(activated_at=None)
    found = {row.name: (row.people, row.activated) for row in activation_below(world.office.actor, world.zone)}
    assert found == {"锦霖区第一幼儿园": (3, 2), "锦霖区白石镇九年一贯制学校": (10, 10)}
    names = [row.name for row in activation_below(world.office.actor, world.district)]
    assert names == ["城区片", "锦霖区职业教育中心"]
    with pytest.raises(NotFound):
        activation_below(world.cio.actor, world.district)
