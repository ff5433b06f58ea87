from datetime import date

import pytest

from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import close_unit, found_unit
from weineng.organisations.models import Change, Posting
from weineng.organisations.queries import children_of, home_leaves, members_of
from weineng.organisations.reach import people_below

DAY = date(2026, 1, 15)


def empty_the_mechanics(world):
    people = {m.person for m in world.everybody if m.unit == world.mechanics}
    for post in Posting.objects.filter(unit=world.mechanics):
        post.during = type(post.during)(post.during.lower, DAY)
        post.save()
    return people


def test_a_closed_unit_leaves_the_lists_and_its_people_are_counted_above(world):
    people = empty_the_mechanics(world)
    close_unit(by=world.office.actor, unit=world.mechanics, on=DAY, reason="merged")
    assert [u.pk for u in children_of(world.vocational, DAY)] == [world.computing]
    assert [u.pk for u in children_of(world.vocational, date(2026, 1, 14))] == [world.computing, world.mechanics]
    assert list(home_leaves(people, DAY)) == [
        {"person": p, "leaf": world.vocational, "leaf_kind": "unplaced"} for p in sorted(people)
    ]
    assert {row["person"] for row in people_below({world.vocational}, DAY)} >= people
    assert not people & {p.pk for p in members_of(world.vocational, DAY)}
    assert Change.objects.get(unit=world.mechanics).during.lower == DAY


def test_a_unit_with_people_or_units_stays_open(world):
    for unit, code, count in (
        (world.mechanics, "unit-has-people", 3),
        (world.vocational, "unit-has-units", 2),
        (world.zone, "unit-has-units", 2),
    ):
        with pytest.raises(Refused) as refused:
            close_unit(by=world.office.actor, unit=unit, on=DAY)
        assert (refused.value.code, refused.value.params["count"]) == (code, count)


def test_twice_and_too_early_are_refused(world):
    unit = found_unit(
        by=world.office.actor, parent=world.district, name="新校", level="school", kind="primary", opened_on=DAY
    )
    with pytest.raises(Refused) as refused:
        close_unit(by=world.office.actor, unit=unit.pk, on=DAY)
    assert refused.value.code == "unit-not-there-yet"
    close_unit(by=world.office.actor, unit=unit.pk, on=date(2026, 2, 1))
    with pytest.raises(Refused) as refused:
        close_unit(by=world.office.actor, unit=unit.pk, on=date(2026, 3, 1))
    assert refused.value.code == "unit-closed"


def test_outside_ones_reach(world):
    for who in (world.wu, world.principal, world.auditor):
        with pytest.raises(NotFound):
            close_unit(by=who.actor, unit=world.mechanics, on=DAY)
