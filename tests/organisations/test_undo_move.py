from datetime import date

import pytest

from weineng.kernel.actors import platform
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import close_unit, found_unit, move_unit, undo_move
from weineng.organisations.models import Change, Closure, Edge

PAST = date(2025, 11, 1)


def parents(unit):
    rows = Edge.objects.filter(child=unit, kind="line").order_by("during").values_list("parent", "during")
    return [(parent, during.lower, during.upper) for parent, during in rows]


def closure(unit):
    return set(Closure.objects.filter(unit=unit).values_list("ancestor", "depth", "during"))


@pytest.mark.parametrize("on", [PAST, date(2027, 1, 1)])
def test_undo_restores_the_tree_exactly(world, on):
    before, edges = closure(world.play), parents(world.kindergarten)
    move_unit(by=world.office.actor, unit=world.kindergarten, to=world.district, on=on)
    assert closure(world.play) != before
    undo_move(by=world.office.actor, unit=world.kindergarten, on=on)
    assert (closure(world.play), parents(world.kindergarten)) == (before, edges)
    assert Change.objects.filter(unit=world.kindergarten).count() == 2


def test_what_was_not_moved_cannot_be_taken_back(world):
    with pytest.raises(Refused) as refused:
        undo_move(by=world.office.actor, unit=world.kindergarten, on=PAST)
    assert refused.value.code == "no-move-then"


def test_it_does_not_go_back_below_what_has_closed_meanwhile(world):
    office = world.office.actor
    zone = found_unit(by=office, name="旧片", level="zone", kind="zone", parent=world.district)
    move_unit(by=office, unit=world.vocational, to=zone.pk, on=PAST)
    move_unit(by=office, unit=world.vocational, to=world.zone, on=date(2026, 2, 1))
    close_unit(by=office, unit=zone.pk, on=date(2026, 2, 1))
    edges = parents(world.vocational)
    with pytest.raises(Refused) as refused:
        undo_move(by=office, unit=world.vocational, on=date(2026, 2, 1))
    assert (refused.value.code, refused.value.params["unit"]) == ("unit-closed", "旧片")
    assert parents(world.vocational) == edges


def test_both_parents_must_be_within_reach(world):
    for who in (world.office, world.wu, world.cio):  # the sibling's office holds the school, not the parent before
        with pytest.raises(NotFound):
            undo_move(by=who.actor, unit=world.moved, on=date(2026, 1, 1))
    undo_move(by=platform("test"), unit=world.moved, on=date(2026, 1, 1))
    assert parents(world.moved) == [(world.district, None, None)]
