"""Who is reached: people below, merged records, the unit that moved away, facts by their own date."""

from datetime import date

from tests.world import MOVED_ON, SINCE
from weineng.organisations.permissions import VIEW_PEOPLE
from weineng.organisations.queries import children_of, home_leaves, members_of, path_of, school_of
from weineng.organisations.reach import people_below, people_within, units_below

NOW = date(2026, 3, 1)


def ids(rows):
    return {row["person"] for row in rows}


def test_a_district_reaches_its_people_and_nobody_elses(world):
    expected = {m.person for m in world.everybody} - {
        world.wu.person,
        world.sibling_teacher.person,
        world.moved_teacher.person,
    }
    assert ids(people_below({world.district}, NOW)) == expected
    assert {p.pk for p in people_within(world.office.actor, VIEW_PEOPLE, NOW)} == expected


def test_a_school_that_moved_away_is_reached_until_then(world):
    assert world.moved_teacher.person in ids(people_below({world.district}, date(2025, 12, 31)))
    assert world.moved_teacher.person not in ids(people_below({world.district}, MOVED_ON))
    assert world.moved_teacher.person in ids(people_below({world.sibling}, MOVED_ON))


def test_the_tree_on_a_day(world):
    assert [u.pk for u in path_of(world.maths, NOW)] == [
        world.province, world.city, world.district, world.zone, world.nine_year, world.maths,
    ]  # fmt: skip
    assert [u.pk for u in children_of(world.district, NOW)] == [world.zone, world.vocational]
    assert [u.pk for u in children_of(world.district, SINCE)] == [world.zone, world.vocational, world.moved]
    assert school_of(world.maths, NOW).pk == world.nine_year
    assert school_of(world.district, NOW).pk == world.district
    assert {u.pk for u in units_below({world.sibling}, NOW)} == {
        world.sibling, world.sibling_school, world.sibling_group, world.moved, world.moved_group,
    }  # fmt: skip


def test_leaves(world):
    rows = {row["person"]: (row["leaf"], row["leaf_kind"]) for row in home_leaves(None, NOW)}
    assert rows == {m.person: (m.unit, "group" if m.unit != m.school else "no-group") for m in world.everybody} | {
        world.unplaced.person: (world.chinese, "unplaced")
    }


def test_before_the_first_post_one_is_unplaced_where_it_will_be(world):
    rows = list(home_leaves([world.teacher.person], date(2024, 1, 1)))
    assert rows == [{"person": world.teacher.person, "leaf": world.maths, "leaf_kind": "unplaced"}]


def test_members_have_any_post(world):
    assert {p.pk for p in members_of(world.maths, NOW)} == {
        m.person for m in (world.teacher, world.colleague, world.leader, world.two_posts)
    }
