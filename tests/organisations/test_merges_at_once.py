"""Merges that meet: whatever comes second looks at what the first one left, and nobody is lost."""

import pytest

from tests.races import race
from weineng.organisations.actions import merge_people, post_person, unmerge_people
from weineng.organisations.effects import lock_people
from weineng.organisations.models import Merge, Person, Posting
from weineng.organisations.permissions import VIEW_PEOPLE
from weineng.organisations.queries import current_person
from weineng.organisations.reach import people_within
from weineng.organisations.rules import Post

pytestmark = pytest.mark.slow


@pytest.mark.django_db(transaction=True)  # one test for all: each that commits costs a new world
def test_merges_that_meet(world):
    by = world.office.actor

    def merging(kept, gone):
        return lambda: merge_people(by=by, kept=kept.person, gone=gone.person, reason="one person", end_numbers=True)

    def undoing(merge):
        return lambda: unmerge_people(by=by, merge=merge.pk, reason="two people")

    def meet(people, *acts):
        answers = race(lambda: lock_people(member.person for member in people), *acts)
        current = {current_person(member.person) for member in people}
        homes = Posting.objects.filter(person__in=[member.person for member in people], home=True)
        assert set(homes.values_list("person", flat=True)) == current
        assert set(people_within(by, VIEW_PEOPLE).filter(pk__in=current).values_list("pk", flat=True)) == current
        assert Person.objects.filter(merged_into__merged_into__isnull=False).count() == 0
        return answers, len(current)

    # Each into the other; then what came of it is taken back twice.
    pair = (world.teacher, world.colleague)
    assert meet(pair, merging(*pair), merging(*reversed(pair))) == (["done", "same-person"], 1)
    merge = Merge.objects.get()
    assert meet(pair, undoing(merge), undoing(merge)) == (["done", "merge-undone"], 2)

    # One into two others.
    gone, one, two = world.loner, world.leader, world.chinese_teachers[0]
    assert meet((gone, one, two), merging(one, gone), merging(two, gone)) == (["done", "merged-already"], 2)

    # Taken back while its person is merged further: either way is whole.
    first, middle, last = world.kindergarten_teachers[0], world.kindergarten_teachers[1], world.vocational_teachers[0]
    merge = merging(middle, first)()
    answers = meet((first, middle, last), undoing(merge), merging(last, middle))
    assert answers in ((["done", "done"], 2), (["done", "merged-further"], 1))

    # A post given to a record that is being merged belongs to the person.
    give = lambda: post_person(by=by, person=world.colleague.person, post=Post(world.computing))  # noqa: E731
    assert meet(pair, merging(*pair), give) == (["done", "done"], 1)
    rows = Posting.objects.filter(unit=world.computing, person__in=[member.person for member in pair])
    assert [row.person_id for row in rows] == [world.teacher.person]
