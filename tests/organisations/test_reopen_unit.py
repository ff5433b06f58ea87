from datetime import date

import pytest

from tests.organisations.test_close_unit import DAY, empty_the_mechanics
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import close_unit, found_unit, move_unit, reopen_unit
from weineng.organisations.models import Change
from weineng.organisations.queries import children_of


def test_reopening_restores(world):
    empty_the_mechanics(world)
    close_unit(by=world.office.actor, unit=world.mechanics, on=DAY)
    reopen_unit(by=world.office.actor, unit=world.mechanics)
    assert [u.pk for u in children_of(world.vocational)] == [world.computing, world.mechanics]
    with pytest.raises(Refused) as refused:
        reopen_unit(by=world.office.actor, unit=world.mechanics)
    assert refused.value.code == "unit-not-closed"


def test_refusals(world):
    office = world.office.actor
    empty_the_mechanics(world)
    close_unit(by=office, unit=world.mechanics, on=DAY)
    other = found_unit(by=office, parent=world.vocational, name="机电教研组", level="group", kind="group")
    with pytest.raises(Refused) as refused:
        reopen_unit(by=office, unit=world.mechanics)
    assert refused.value.code == "unit-name-taken"
    school = found_unit(
        by=office, parent=world.district, name="旧校", level="school", kind="primary", official_code="7"
    )
    close_unit(by=office, unit=school.pk, on=DAY)
    found_unit(by=office, parent=world.district, name="新校", level="school", kind="primary", official_code="7")
    with pytest.raises(Refused) as refused:
        reopen_unit(by=office, unit=school.pk)
    assert refused.value.code == "code-taken"
    assert Change.objects.filter(unit=other).count() == 0


def test_what_stood_below_a_closed_unit_stays_closed(world):
    office = world.office.actor
    school = found_unit(by=office, parent=world.district, name="旧校", level="school", kind="primary")
    group = found_unit(by=office, parent=school.pk, name="综合组", level="group", kind="group")
    for unit in (group, school):
        close_unit(by=office, unit=unit.pk, on=date(2026, 1, 15))
    with pytest.raises(Refused) as refused:
        reopen_unit(by=office, unit=group.pk)
    assert refused.value.code == "unit-closed"


def test_it_is_not_reopened_below_what_closes_later(world):
    office = world.office.actor
    zone = found_unit(by=office, name="旧片", level="zone", kind="zone", parent=world.district)
    school = found_unit(by=office, parent=world.zone, name="末校", level="school", kind="primary")
    move_unit(by=office, unit=school.pk, to=zone.pk, on=date(2026, 6, 1))
    close_unit(by=office, unit=school.pk, on=DAY)
    close_unit(by=office, unit=zone.pk, on=date(2027, 1, 1))
    with pytest.raises(Refused) as refused:
        reopen_unit(by=office, unit=school.pk)
    assert (refused.value.code, refused.value.params["unit"]) == ("unit-closed", "旧片")
    reopen_unit(by=office, unit=zone.pk)
    assert reopen_unit(by=office, unit=school.pk).closed_on is None


def test_outside_ones_reach(world):
    for who in (world.wu, world.principal, world.auditor):
        with pytest.raises(NotFound):
            reopen_unit(by=who.actor, unit=world.mechanics)
