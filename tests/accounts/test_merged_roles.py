"""Nobody comes by a role through a merge that they could not give: whose records one merges and parts, and whose not."""

from datetime import date, timedelta

import pytest

from tests.organisations.merging import enter_twin
from weineng.accounts.actions import delegate
from weineng.accounts.models import Grant
from weineng.accounts.queries import actor_in, posts_of
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import merge_people, unmerge_people
from weineng.organisations.models import Merge, Person

pytestmark = pytest.mark.slow


@pytest.fixture
def twin(world):
    """The teacher once more, entered by another school."""
    return enter_twin(world).pk


def code_of(act, **given):
    with pytest.raises(Refused) as refused:
        act(**given)
    return refused.value.code


def merging(by, kept, gone):
    """What becomes of a merge of the two, either way round: the code of the refusal, which is the same."""
    codes = {
        code_of(merge_people, by=by, kept=one, gone=other, reason="one person", end_numbers=True)
        for one, other in ((kept, gone), (gone, kept))
    }
    assert Merge.objects.count() == 0
    (code,) = codes
    return code


def deputy_of(world, member):
    """The teacher, acting for the office while it is away."""
    grant = Grant.objects.get(person=world.office.person, role="office")
    until = today() + timedelta(days=20)
    delegate(by=world.office.actor, grant=grant.pk, agent=member.person, ends_on=until, reason="away")
    posts = posts_of(member.person)
    lent = next(post.delegation for post in posts if post.delegation)
    return actor_in(member.person, posts, "web", lent)


def test_nobody_merges_their_own_record_nor_that_of_the_one_they_act_for(world, twin):
    assert merging(world.office.actor, world.office.person, twin) == "own-record"
    deputy = deputy_of(world, world.colleague)
    assert merging(deputy, world.office.person, twin) == "own-record"
    assert merging(deputy, world.colleague.person, twin) == "own-record"


def test_nobody_parts_their_own_record(world, twin):
    row = merge_people(by=world.office.actor, kept=world.colleague.person, gone=twin, reason="one person")
    deputy = deputy_of(world, world.colleague)
    assert code_of(unmerge_people, by=deputy, merge=row.pk, reason="two people") == "own-record"
    row.refresh_from_db()
    assert row.undone_at is None


def test_no_record_that_holds_a_role_further_up_or_elsewhere_is_merged(world, twin):
    for role, unit in (("office", world.province), ("panel-member", world.sibling_school), ("auditor", world.district)):
        grant = world.grant(world.teacher.person, role, unit)
        assert merging(world.office.actor, world.teacher.person, twin) == "role-not-yours"
        grant.delete()
    later = world.grant(world.teacher.person, "office", world.city)
    Grant.objects.filter(pk=later.pk).update(starts_on=today() + timedelta(days=9))
    assert merging(world.office.actor, world.teacher.person, twin) == "role-not-yours"
    Grant.objects.filter(pk=later.pk).update(starts_on=date(2025, 9, 1), ends_on=today())
    merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin, reason="one person")


def test_nor_one_that_was_lent_such_a_role(world, twin):
    clerk = world.grant(world.vocational_teachers[0].person, "office", world.city)
    lender = actor_in(world.vocational_teachers[0].person, posts_of(world.vocational_teachers[0].person), "web")
    until = today() + timedelta(days=20)
    delegate(by=lender, grant=clerk.pk, agent=world.teacher.person, ends_on=until, reason="away")
    assert merging(world.office.actor, world.teacher.person, twin) == "role-not-yours"


def test_a_deputy_merges_nobody_into_a_strong_role_but_its_principal_does(world, twin):
    world.grant(world.teacher.person, "cio", world.vocational)
    deputy = deputy_of(world, world.colleague)
    assert merging(deputy, world.teacher.person, twin) == "role-not-yours"
    row = merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin, reason="one person")
    assert code_of(unmerge_people, by=deputy, merge=row.pk, reason="two people") == "role-not-yours"
    unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")


def test_a_deputy_merges_those_who_hold_nothing_strong(world, twin):
    world.grant(world.teacher.person, "group-leader", world.maths)
    deputy = deputy_of(world, world.colleague)
    merge_people(by=deputy, kept=twin, gone=world.teacher.person, reason="one person")
    assert Person.objects.get(pk=world.teacher.person).merged_into_id == twin
