from datetime import date, timedelta

import pytest

from tests.world import SINCE
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import close_unit, enter_person, found_unit, move_unit, undo_move
from weineng.organisations.models import Change, Closure, Edge, Posting
from weineng.organisations.queries import path_of, preview_move
from weineng.organisations.reach import people_below
from weineng.organisations.rules import Post

PAST = date(2025, 11, 1)


def parents(unit):
    rows = Edge.objects.filter(child=unit, kind="line").order_by("during").values_list("parent", "during")
    return [(parent, during.lower, during.upper) for parent, during in rows]


def closure(unit):
    return set(Closure.objects.filter(unit=unit).values_list("ancestor", "depth", "during"))


def test_a_school_moves_with_its_people_and_its_past_stays(world):
    move_unit(by=world.office.actor, unit=world.kindergarten, to=world.district, on=PAST)
    assert [u.pk for u in path_of(world.play, date(2025, 10, 31))][2:] == [
        world.district, world.zone, world.kindergarten, world.play,
    ]  # fmt: skip
    assert [u.pk for u in path_of(world.play, PAST)][2:] == [world.district, world.kindergarten, world.play]
    kindergarten = {m.person for m in (*world.kindergarten_teachers, world.kindergarten_cio)}
    in_zone = {row["person"] for row in people_below({world.zone}, PAST)}
    assert not in_zone & kindergarten
    assert {row["person"] for row in people_below({world.zone}, date(2025, 10, 31))} >= kindergarten
    change = Change.objects.get(unit=world.kindergarten)
    assert (change.during.lower, change.during.upper) == (PAST, None)
    assert Line.objects.get(verb="organisations.move_unit").facts["from"] == world.zone


def test_a_move_entered_late_holds_until_the_next_known_one(world):
    by = platform("test")
    move_unit(by=by, unit=world.moved, to=world.sibling, on=PAST)
    assert parents(world.moved) == [
        (world.district, None, PAST), (world.sibling, PAST, date(2026, 1, 1)), (world.sibling, date(2026, 1, 1), None),
    ]  # fmt: skip


def test_moving_twice_on_one_day_keeps_the_last(world):
    move_unit(by=world.office.actor, unit=world.kindergarten, to=world.district, on=PAST)
    move_unit(by=world.office.actor, unit=world.kindergarten, to=world.zone, on=PAST)
    assert parents(world.kindergarten) == [(world.zone, None, PAST), (world.zone, PAST, None)]


def test_moving_back_is_a_move(world):
    move_unit(by=world.office.actor, unit=world.kindergarten, to=world.district, on=PAST)
    move_unit(by=world.office.actor, unit=world.kindergarten, to=world.zone, on=date(2025, 12, 1))
    assert [parent for parent, *_ in parents(world.kindergarten)] == [world.zone, world.district, world.zone]


def test_refusals(world):
    office = world.office.actor

    def refusal(**call):
        with pytest.raises(Refused) as refused:
            move_unit(**({"by": office, "unit": world.kindergarten, "on": PAST} | call))
        return refused.value.code

    assert refusal(to=world.zone) == "same-parent"
    assert refusal(to=world.nine_year) == "level-order"
    assert refusal(unit=world.zone, to=world.kindergarten) == "level-order"
    assert refusal(by=platform("test"), unit=world.province, to=world.city) == "unit-is-root"
    other = found_unit(by=office, parent=world.district, name="空片", level="zone", kind="zone")
    late = found_unit(
        by=office, parent=world.zone, name="新校", level="school", kind="primary", opened_on=date(2026, 1, 1)
    )
    assert refusal(unit=late.pk, to=other.pk) == "unit-not-there-yet"
    found_unit(by=office, parent=other.pk, name="锦霖区第一幼儿园", level="school", kind="kindergarten")
    assert refusal(to=other.pk) == "unit-name-taken"
    shut = found_unit(by=office, parent=world.district, name="旧片", level="zone", kind="zone")
    close_unit(by=office, unit=shut.pk, on=date(2025, 10, 1))
    assert refusal(to=shut.pk) == "unit-closed"


DAY = timedelta(days=1)
OPENED, CLOSED = date(2026, 5, 1), date(2027, 1, 1)


@pytest.fixture
def short_lived(world):
    """A zone that opens after the schools did, and closes again."""
    zone = found_unit(
        by=world.office.actor, name="新片", level="zone", kind="zone", parent=world.district, opened_on=OPENED
    )
    return close_unit(by=world.office.actor, unit=zone.pk, on=CLOSED).pk


@pytest.mark.parametrize(
    ("on", "until", "code"),
    [
        (OPENED - DAY, CLOSED, "unit-not-there-yet"),
        (OPENED, CLOSED, None),
        (OPENED + DAY, CLOSED - DAY, None),
        (OPENED, CLOSED + DAY, "unit-closed"),
        (OPENED, None, "unit-closed"),
        (CLOSED - DAY, CLOSED, None),
        (CLOSED, None, "unit-closed"),
    ],
)
def test_a_unit_stands_below_another_only_while_that_is_there(world, short_lived, on, until, code):
    """On no day is a school out of every office's reach, because what it stands below is not there yet or any more."""
    call = {"by": world.office.actor, "unit": world.vocational, "to": short_lived}
    if until is not None:  # the next known move ends the one entered now
        move_unit(by=call["by"], unit=world.vocational, to=world.zone, on=until)
    if code is None:
        move_unit(**call, on=on)
        for day in (on - DAY, on, until - DAY, until):
            assert [u.pk for u in path_of(world.vocational, day)][:3] == [world.province, world.city, world.district]
        return
    with pytest.raises(Refused) as refused:
        move_unit(**call, on=on)
    assert refused.value.code == code
    assert "新片" in str(refused.value)


def test_what_closes_before_may_stand_below_what_closes_later(world, short_lived):
    school = found_unit(by=world.office.actor, parent=world.district, name="末校", level="school", kind="primary")
    close_unit(by=world.office.actor, unit=school.pk, on=CLOSED)
    move_unit(by=world.office.actor, unit=school.pk, to=short_lived, on=OPENED)
    assert parents(school.pk) == [(world.district, None, OPENED), (short_lived, OPENED, None)]


@pytest.mark.parametrize(("on", "code"), [(CLOSED - DAY, None), (CLOSED, "unit-closed"), (CLOSED + DAY, "unit-closed")])
def test_a_closed_unit_is_moved_no_more(world, on, code):
    school = found_unit(by=world.office.actor, parent=world.district, name="末校", level="school", kind="primary")
    close_unit(by=world.office.actor, unit=school.pk, on=CLOSED)
    call = {"by": world.office.actor, "unit": school.pk, "to": world.zone, "on": on}
    if code is None:
        move_unit(**call)
        assert parents(school.pk)[-1] == (world.zone, on, None)
        return
    with pytest.raises(Refused) as refused:
        move_unit(**call)
    assert (refused.value.code, refused.value.params["unit"]) == (code, "末校")


def test_both_ends_must_be_within_reach(world):
    with pytest.raises(NotFound):
        move_unit(by=world.wu.actor, unit=world.kindergarten, to=world.sibling, on=PAST)
    with pytest.raises(NotFound):
        move_unit(by=world.office.actor, unit=world.kindergarten, to=world.sibling, on=PAST)


def test_the_preview_counts_what_goes_along(world):
    preview = preview_move(by=world.office.actor, unit=world.kindergarten, on=PAST)
    assert (preview.units, preview.people, preview.people_since) == (1, 3, 3)
    with pytest.raises(NotFound):
        preview_move(by=world.wu.actor, unit=world.kindergarten, on=PAST)


def test_a_group_that_changes_schools_takes_its_posts_along_and_back(world):
    def schools():
        rows = Posting.objects.filter(unit=world.maths).order_by("person", "during")
        return [(row.pk, row.person_id, row.school_id, row.during.lower, row.during.upper) for row in rows]

    before = schools()
    move_unit(by=world.office.actor, unit=world.maths, to=world.vocational, on=PAST)
    assert {(school, lower, upper) for _, _, school, lower, upper in schools()} == {
        (world.nine_year, SINCE, PAST), (world.vocational, PAST, None),
    }  # fmt: skip
    undo_move(by=world.office.actor, unit=world.maths, on=PAST)
    assert schools() == before


def test_a_post_entered_late_follows_the_school_its_group_had(world):
    move_unit(by=world.office.actor, unit=world.maths, to=world.vocational, on=PAST)
    person = enter_person(by=world.office.actor, name="查慧敏", post=Post(world.maths), on=SINCE)
    rows = Posting.objects.filter(person=person).order_by("during")
    assert [(row.school_id, row.during.lower) for row in rows] == [(world.nine_year, SINCE), (world.vocational, PAST)]
