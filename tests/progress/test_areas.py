"""The sums of areas: what a province is read from, the same as its leaves say whatever is done to the tree and the clock."""

import random
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from tests.district import start_p4
from tests.operations import Operations
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.turns import out_of_turn
from weineng.organisations.actions import found_unit, move_unit
from weineng.programmes.actions import enrol_people, enrol_school
from weineng.programmes.models import Enrolment
from weineng.progress.actions import add_up, compare_with_recount, recount, recount_everything, recount_these
from weineng.progress.models import AddedUp, AreaTally
from weineng.progress.queries import overview

BY = platform("test")
NOW = datetime(2026, 5, 20, 10, tzinfo=CIVIL)


@pytest.fixture(scope="module")
def begun(once):
    def build(world, set_clock):
        set_clock(datetime(2026, 1, 5, 9, tzinfo=CIVIL))
        p4 = start_p4(world)
        for unit in (world.nine_year, world.kindergarten):
            enrol_school(by=world.office.actor, programme=p4.pk, unit=unit, batch="pilot")
            enrol_people(by=world.office.actor, programme=p4.pk, unit=unit)
        set_clock(NOW)
        Operations(p4, random.Random(0), set_clock).settle()
        return p4

    return once(build)


@pytest.fixture
def life(begun, world, set_clock):
    set_clock(NOW)
    return Operations(begun, random.Random(1), set_clock)


def stored():
    rows = AreaTally.objects.exclude(people=0).order_by("unit", "demand", "verdict")
    return list(rows.values_list("unit", "demand", "verdict", "people", "participants"))


def people(page):
    return {row.unit: row.figures.people for row in page.rows}


def by_leaves(programme, unit):
    """The overview with nothing of the areas kept; they are as before afterwards."""
    kept = list(AddedUp.objects.all())
    AddedUp.objects.all().delete()
    page = overview(BY, programme.pk, unit)
    AddedUp.objects.bulk_create(kept)
    return page


def test_a_province_is_read_from_the_sums_of_its_areas_and_a_wrong_one_is_found(begun, world, life):
    right = overview(BY, begun.pk, world.city)
    assert [row.figures.people for row in right.rows] == [right.total.people, 0]
    assert right.total.people == Enrolment.objects.filter(programme=begun).count()
    assert compare_with_recount(by=BY, programme=begun.pk) == []
    AreaTally.objects.filter(unit=world.district, demand="overall", verdict="not-begun").update(people=70)
    assert overview(BY, begun.pk, world.city).total.people == 70
    assert by_leaves(begun, world.city) == right
    (found,) = compare_with_recount(by=BY, programme=begun.pk)
    assert (found.table, found.key) == ("progress_areatally", (begun.pk, world.district, "overall", "not-begun"))
    assert recount_everything(by=BY, programme=begun.pk).written == 0
    AddedUp.objects.all().delete()
    assert add_up(by=BY) == 1
    assert add_up(by=BY) == 0
    assert overview(BY, begun.pk, world.city) == right


def test_what_somebody_does_is_added_to_every_area_above(begun, world, life):
    before = stored()
    assert life.do("late-record") == "done"
    life.settle()
    assert stored() != before
    assert overview(BY, begun.pk, world.city) == by_leaves(begun, world.city)
    assert [page.total.participants for page in (overview(BY, begun.pk, u) for u in (world.district, world.city))] == [
        1,
        1,
    ]
    assert AddedUp.objects.count() == 1
    assert life.do("void") == "done"
    life.settle()
    assert stored() == before


def test_under_another_tree_the_leaves_are_asked_until_the_areas_are_summed_anew(begun, world, life):
    before = overview(BY, begun.pk, world.city)
    move_unit(by=BY, unit=world.kindergarten, to=world.sibling, on=NOW.date(), reason="演练")
    moved = overview(BY, begun.pk, world.city)
    assert people(before) == {world.district: before.total.people, world.sibling: 0}
    assert people(moved) == {world.district: before.total.people - 3, world.sibling: 3}
    AreaTally.objects.update(people=99)  # nobody reads what was summed under the tree of before
    assert overview(BY, begun.pk, world.city) == moved
    life.settle()
    assert overview(BY, begun.pk, world.city) == moved
    assert sum(row[3] for row in stored() if row[:2] == (world.sibling, "overall")) == 3


def test_a_move_that_holds_from_tomorrow_is_summed_tomorrow(begun, world, life):
    before, tomorrow = overview(BY, begun.pk, world.city), NOW.date() + timedelta(days=1)
    move_unit(by=BY, unit=world.kindergarten, to=world.sibling, on=tomorrow, reason="演练")
    life.settle()
    assert overview(BY, begun.pk, world.city) == before
    assert AddedUp.objects.values_list("since", "until").get() == (NOW.date(), tomorrow)
    life.set_clock(NOW + timedelta(days=1))
    assert people(overview(BY, begun.pk, world.city)) == {world.district: before.total.people - 3, world.sibling: 3}
    assert life.do("late-record") == "done"
    recount(by=BY)  # under a tree that the sums are not made for
    assert AddedUp.objects.count() == 0
    life.settle()
    assert AddedUp.objects.values_list("since", "until").get() == (tomorrow, None)
    assert overview(BY, begun.pk, world.city) == by_leaves(begun, world.city)
    assert compare_with_recount(by=BY, programme=begun.pk) == []


def test_a_new_group_leaves_the_sums_as_they_are(begun, world, life):
    before = stored()
    found_unit(by=BY, parent=world.nine_year, name="科学教研组", level="group", kind="group")
    assert AddedUp.objects.count() == 1
    assert life.settle() is None
    assert stored() == before


def test_a_look_holds_no_sum_of_an_area(begun, world, life):
    """Others would have to wait for the rows of a province until it is taken back."""
    before = stored()
    assert life.do("late-record") == "done"
    with transaction.atomic():
        out_of_turn()
        recount_these(by=BY, enrolments=list(Enrolment.objects.order_by("pk").values_list("pk", flat=True)))
        assert (overview(BY, begun.pk, world.city).total.participants, stored()) == (1, before)
        transaction.set_rollback(True)
    life.settle()
    assert overview(BY, begun.pk, world.city).total.participants == 1
