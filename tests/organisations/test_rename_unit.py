from datetime import date

import pytest

from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import rename_unit
from weineng.organisations.models import Unit
from weineng.organisations.queries import name_at

DAY = date(2025, 12, 1)


def test_the_old_name_is_kept(world):
    rename_unit(by=world.office.actor, unit=world.kindergarten, name="锦霖区实验幼儿园", on=DAY)
    assert Unit.objects.get(pk=world.kindergarten).name == "锦霖区实验幼儿园"
    assert name_at(world.kindergarten, date(2025, 11, 30)) == "锦霖区第一幼儿园"
    assert name_at(world.kindergarten, DAY) == "锦霖区实验幼儿园"


def test_the_same_name_changes_nothing(world, django_assert_max_num_queries):
    unit = rename_unit(by=world.office.actor, unit=world.kindergarten, name=" 锦霖区第一幼儿园 ")
    assert unit.names.count() == 1


def test_refusals(world):
    for call, code in (
        ({"name": " "}, "unit-name-missing"),
        ({"name": "语文教研组"}, "unit-name-taken"),
        ({"name": "新组", "on": date(today().year + 1, 1, 1)}, "date-in-future"),
    ):
        with pytest.raises(Refused) as refused:
            rename_unit(by=world.office.actor, unit=world.maths, **call)
        assert refused.value.code == code


def test_outside_ones_reach(world):
    for who in (world.wu, world.cio):
        with pytest.raises(NotFound):
            rename_unit(by=who.actor, unit=world.maths, name="新组")
