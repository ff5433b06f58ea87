from datetime import date

import pytest

from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import set_flag
from weineng.organisations.models import Change, Unit, UnitFlag
from weineng.organisations.queries import has_flag

D = [date(2025, month, 1) for month in (9, 10, 11, 12)]


def held(world):
    rows = UnitFlag.objects.filter(unit=world.nine_year, flag="smart-education").order_by("during")
    return [(row.during.lower, row.during.upper) for row in rows]


def flag(world, on, held):
    return set_flag(by=world.office.actor, unit=world.nine_year, flag="smart-education", held=held, on=on)


def test_a_flag_holds_from_a_day_on(world):
    assert flag(world, D[1], True).flags == ["smart-education"]
    assert [has_flag(world.nine_year, "smart-education", day) for day in (D[0], D[1], D[3])] == [False, True, True]
    flag(world, D[2], False)
    assert held(world) == [(D[1], D[2])]
    assert Unit.objects.get(pk=world.nine_year).flags == []
    flag(world, D[3], True)
    assert held(world) == [(D[1], D[2]), (D[3], None)]
    assert Change.objects.filter(unit=world.nine_year).count() == 3


def test_what_joins_becomes_one_and_what_is_later_gives_way(world):
    flag(world, D[1], True)
    flag(world, D[2], True)
    assert held(world) == [(D[1], None)]
    flag(world, D[0], True)
    assert held(world) == [(D[0], None)]
    flag(world, D[0], False)
    assert held(world) == []


def test_refusals(world):
    with pytest.raises(Refused) as refused:
        set_flag(by=world.office.actor, unit=world.nine_year, flag="Smart!", held=True)
    assert refused.value.code == "unit-word-unknown"
    with pytest.raises(Refused) as refused:
        flag(world, date(today().year + 1, 1, 1), True)
    assert refused.value.code == "date-in-future"


def test_outside_ones_reach(world):
    for who in (world.wu, world.principal):
        with pytest.raises(NotFound):
            set_flag(by=who.actor, unit=world.nine_year, flag="pilot", held=True)
