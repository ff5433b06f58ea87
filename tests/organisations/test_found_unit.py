from datetime import date

import pytest

from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import close_unit, found_unit
from weineng.organisations.models import Closure, UnitFlag, UnitName
from weineng.organisations.queries import children_of, path_of

GROUP = {"name": "英语教研组", "level": "group", "kind": "group"}


def test_a_group_stands_below_its_school_since_ever(world):
    unit = found_unit(by=world.office.actor, parent=world.nine_year, **GROUP)
    assert [u.pk for u in path_of(unit.pk, date(2025, 9, 1))][-2:] == [world.nine_year, unit.pk]
    assert Closure.objects.filter(unit=unit).count() == 6
    assert UnitName.objects.get(unit=unit).name == "英语教研组"
    line = Line.objects.get(verb="organisations.found_unit")
    assert (line.person, line.unit, line.facts["parent"]) == (world.office.person, unit.pk, world.nine_year)


def test_a_unit_stands_there_from_its_first_day_and_keeps_its_flags(world):
    unit = found_unit(
        by=world.office.actor, parent=world.district, name="锦霖区石垭教学点", level="school", kind="teaching-point",
        stages=("primary",), flags=("rural", "poverty"), opened_on=date(2026, 2, 1),
    )  # fmt: skip
    assert unit not in children_of(world.district, date(2026, 1, 31))
    assert unit in children_of(world.district, date(2026, 2, 1))
    assert list(UnitFlag.objects.filter(unit=unit).order_by("flag").values_list("flag", flat=True)) == [
        "poverty",
        "rural",
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "  "}, "unit-name-missing"),
        ({"name": "数学教研组"}, "unit-name-taken"),
        ({"level": "team"}, "unit-word-unknown"),
        ({"kind": "club"}, "unit-word-unknown"),
        ({"stages": ("小学",)}, "unit-word-unknown"),
        ({"flags": ("Big Flag",)}, "unit-word-unknown"),
        ({"level": "school", "kind": "primary"}, "level-order"),
        ({"code": "3151990032"}, "code-taken"),
        ({"official_code": "3151990032"}, "code-taken"),
    ],
)
def test_refusals(world, change, code):
    with pytest.raises(Refused) as refusal:
        found_unit(by=world.office.actor, parent=world.nine_year, **(GROUP | change))
    assert refusal.value.code == code


def test_nothing_is_founded_below_a_closed_unit(world):
    empty = found_unit(by=world.office.actor, parent=world.district, name="空校", level="school", kind="primary")
    close_unit(by=world.office.actor, unit=empty.pk, on=date(2026, 1, 1))
    with pytest.raises(Refused, match="空校") as refusal:
        found_unit(by=world.office.actor, parent=empty.pk, **GROUP)
    assert refusal.value.code == "unit-closed"


OPENED, CLOSED = date(2026, 5, 1), date(2027, 1, 1)


@pytest.fixture
def new_school(world):
    return found_unit(
        by=world.office.actor, parent=world.district, name="新校", level="school", kind="primary", opened_on=OPENED
    ).pk


@pytest.mark.parametrize(
    ("opened", "code"), [(date(2026, 4, 30), "unit-not-there-yet"), (OPENED, None), (date(2026, 5, 2), None)]
)
def test_nothing_is_older_than_what_it_stands_below(world, new_school, opened, code):
    call = {"by": world.office.actor, "parent": new_school, **GROUP, "opened_on": opened}
    if code is None:
        assert [u.pk for u in path_of(found_unit(**call).pk, opened)][:3] == [
            world.province,
            world.city,
            world.district,
        ]
        return
    with pytest.raises(Refused) as refusal:
        found_unit(**call)
    assert refusal.value.code == code


def test_what_was_always_there_is_as_old_as_its_school(world, new_school):
    group = found_unit(by=world.office.actor, parent=new_school, **GROUP)
    assert group.opened_on == OPENED
    assert [c.during.lower for c in Closure.objects.filter(unit=group, depth=1)] == [OPENED]


def test_nothing_outlives_what_it_stands_below(world, new_school):
    close_unit(by=world.office.actor, unit=new_school, on=CLOSED)
    with pytest.raises(Refused) as refusal:
        found_unit(by=world.office.actor, parent=new_school, **GROUP)
    assert refusal.value.code == "unit-closed"


def test_outside_ones_reach_there_is_no_parent(world):
    for actor in (world.wu.actor, world.cio.actor, world.teacher.actor):
        with pytest.raises(NotFound):
            found_unit(by=actor, parent=world.nine_year, **GROUP)


def test_only_the_platform_founds_a_root(world):
    with pytest.raises(NotFound):
        found_unit(by=world.office.actor, name="别省", level="province", kind="area")
    root = found_unit(by=platform("setup"), name="别省", level="province", kind="area")
    assert [u.pk for u in path_of(root.pk)] == [root.pk]
