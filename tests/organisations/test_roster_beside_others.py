"""A roster goes in beside what others do: posts are given meanwhile, and what changed since it was judged is judged again."""

from functools import partial

import pytest
from django.db import connection, transaction

from tests.organisations.rosters import apply, new_row, row_of
from tests.races import answers, race
from tests.world import id_number
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.organisations import effects
from weineng.organisations.actions import change_person, change_posting, enter_person, found_unit, undo_roster
from weineng.organisations.actions import rosters as acts
from weineng.organisations.effects import lock_tree
from weineng.organisations.models import Person, Posting, Roster, Unit
from weineng.organisations.rules import Number, Post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(act)`: somebody else acts once a roster was judged and before it holds the tree."""

    def set_up(act):
        real = acts.hold_tree

        def hold(**words):
            monkeypatch.setattr(acts, "hold_tree", real)
            assert answers(act) == [None]
            real(**words)

        monkeypatch.setattr(acts, "hold_tree", hold)

    return set_up


def test_posts_are_given_while_a_roster_goes_in(world, monkeypatch):
    monkeypatch.setattr(effects, "PATIENCE", "200ms")
    with transaction.atomic():
        apply(world, *(new_row(world, n) for n in range(2, 8)))
        assert answers(lambda: enter_person(by=world.office.actor, name="旁人", post=Post(world.play))) == [None]
        found = partial(found_unit, by=world.office.actor, name="新校", level="school", kind="primary")
        assert answers(lambda: found(parent=world.district)) == ["tree-busy"]
        assert answers(lambda: apply(world, new_row(world, 9))) == ["tree-busy"]
    assert Person.objects.filter(name__startswith="查慧").count() == 6
    assert Person.objects.filter(name="旁人").exists()


def test_whoever_changes_somebody_of_the_roster_hears_why_they_must_wait(world, monkeypatch):
    monkeypatch.setattr(effects, "PATIENCE", "200ms")
    phone = partial(change_person, by=world.office.actor, phone="19900001111")
    with transaction.atomic():
        assert apply(world, row_of(world.teacher, world, establishment="contract")).changed == [2]
        assert answers(lambda: phone(person=world.teacher.person)) == ["tree-busy"]
        assert answers(lambda: phone(person=world.colleague.person)) == [None]
    assert set(Person.objects.filter(phone="19900001111").values_list("pk", flat=True)) == {world.colleague.person}


def test_whoever_waits_too_long_hears_why_and_nothing_is_changed(world, monkeypatch):
    monkeypatch.setattr(effects, "PATIENCE", "200ms")
    roster = apply(world, new_row(world)).roster
    said = []

    def enter():
        try:
            enter_person(by=world.office.actor, name="旁人", post=Post(world.play))
        except Refused as refusal:
            said.append(str(refusal))
            raise

    with transaction.atomic():
        undo_roster(by=world.office.actor, roster=roster)
        assert answers(enter) == ["tree-busy"]
        with connection.cursor() as cursor:
            cursor.execute("show lock_timeout")
            assert cursor.fetchone() == ("0",)  # it was for that lock alone
    assert said == ["正在导入或撤回一份名册。没有任何改动，请一分钟后再试。"]
    assert not Person.objects.filter(name="旁人").exists()


def test_what_is_known_by_the_time_of_writing_is_not_written_over(world, meanwhile):
    """A post was changed between judging and writing: the roster's row is judged against what stands now."""
    post = Posting.objects.get(person=world.teacher.person, home=True, during__contains=today())
    told = Post(post.unit_id, stage=post.stage, subject=post.subject, post=post.post, staff_number="T7")
    meanwhile(lambda: change_posting(by=world.office.actor, posting=post.pk, on=today(), post=told))
    row = row_of(world.teacher, world, establishment="contract")
    assert apply(world, row, as_of=today()).changed == [2]
    now = Posting.objects.get(person=world.teacher.person, home=True, during__contains=today())
    assert (now.staff_number, now.establishment) == ("T7", "contract")


def test_a_number_that_somebody_was_entered_with_meanwhile_names_one_person(world, meanwhile):
    number = Number("id-card", id_number(602))
    meanwhile(lambda: enter_person(by=world.office.actor, name="查慧2", post=Post(world.nine_year), numbers=[number]))
    outcome = apply(world, new_row(world, 2), new_row(world, 3))
    assert (outcome.new, outcome.changed, Person.objects.filter(name="查慧2").count()) == ([3], [2], 1)


def test_a_group_that_was_founded_meanwhile_is_not_founded_again(world, meanwhile):
    meanwhile(
        lambda: found_unit(
            by=world.office.actor, name="英语教研组", level="group", kind="group", parent=world.nine_year
        )
    )
    apply(world, new_row(world, 2))
    assert Unit.objects.filter(name="英语教研组", level="group").count() == 1


def test_rosters_go_in_one_by_one(world):
    answers = race(
        lambda: effects.lock_rosters(patient=True),
        lambda: apply(world, new_row(world, 2)),
        lambda: apply(world, new_row(world, 2)),
    )
    assert answers == ["done", "done"]
    assert (Roster.objects.count(), Person.objects.filter(name="查慧2").count()) == (1, 1)


def test_who_needs_the_tree_waits_for_a_short_change(world):
    assert race(lock_tree, lambda: enter_person(by=world.office.actor, name="旁人", post=Post(world.play))) == ["done"]
