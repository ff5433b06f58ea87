"""Who is reached: people below, merged records, the unit that moved away, facts by their own date."""

from datetime import UTC, date, datetime

from tests.world import MOVED_ON, PROVIDER, SINCE
from weineng.kernel.actors import Actor, platform
from weineng.learning.models import Provider, Record
from weineng.learning.permissions import VIEW
from weineng.organisations.actions import enter_person, merge_people, transfer_person
from weineng.organisations.permissions import VIEW_PEOPLE
from weineng.organisations.queries import children_of, home_leaves, members_of, path_of, school_of
from weineng.organisations.reach import behind, is_behind, people_below, people_within, units_below
from weineng.organisations.rules import Post

NOW = date(2026, 3, 1)


def record(world, member, on, unit):
    at = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    return Record.objects.create(
        provider=Provider.objects.get(code=PROVIDER), source_id=f"r{Record.objects.count()}", content="", mode="online",
        person_id=member.person, person_type="id-card", course="c", canonical="c", starts_at=at, ends_at=at, event_on=on,
        minutes=45, unit_id=unit, arrived_at=at,
    )  # fmt: skip


def ids(rows):
    return {row["person"] for row in rows}


def test_who_is_behind_an_act_is_known_under_every_record(world):
    twin = enter_person(by=world.office.actor, name="林晓岚", post=Post(world.play), on=NOW)
    by = Actor(person=world.colleague.person, on_behalf_of=twin.pk)
    assert set(behind(by).values_list("pk", flat=True)) == {world.colleague.person, twin.pk}
    merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin.pk, reason="one person")
    hands = {world.colleague.person, twin.pk, world.teacher.person}
    for actor in (by, Actor(person=world.colleague.person, on_behalf_of=world.teacher.person)):
        assert set(behind(actor).values_list("pk", flat=True)) == hands
        assert [m.key for m in world.everybody if is_behind(actor, m.person)] == ["teacher", "colleague"]
    assert is_behind(by, None, world.leader.person, twin.pk)
    assert not is_behind(by, None)
    assert not is_behind(platform("settle"), twin.pk)


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


# --- Facts: by the unit they happened in, on their own day, and by the person --------------------------------------
def test_an_office_keeps_the_facts_of_a_unit_that_moved_away_to_read(world):
    before = record(world, world.moved_teacher, date(2025, 12, 31), world.moved_group)
    after = record(world, world.moved_teacher, MOVED_ON, world.moved_group)
    seen = Record.objects.within(world.office.actor, VIEW).order_by("pk")
    assert list(seen) == [before]
    assert list(Record.objects.within(world.office.actor, VIEW, changing=True)) == []
    assert list(Record.objects.within(world.wu.actor, VIEW).order_by("pk")) == [before, after]


def test_a_new_school_sees_the_whole_record_and_the_old_one_what_happened_there(world):
    old, new = record(world, world.teacher, date(2025, 10, 1), world.maths), date(2025, 11, 1)
    transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=new)
    later = record(world, world.teacher, date(2025, 12, 1), world.play)
    assert list(Record.objects.within(world.kindergarten_cio.actor, VIEW).order_by("pk")) == [old, later]
    assert list(Record.objects.within(world.cio.actor, VIEW)) == [old]
    assert list(Record.objects.within(world.cio.actor, VIEW, changing=True)) == [old]


def test_rows_of_a_merged_record_are_within_reach_of_the_person(world):
    twin = enter_person(by=platform("test"), name="林晓岚", post=Post(world.sibling_group), on=SINCE)
    row = record(world, world.teacher, date(2025, 10, 1), None)
    Record.objects.filter(pk=row.pk).update(person=twin.pk)
    assert not Record.objects.within(world.teacher.actor, VIEW).exists()
    merge_people(by=platform("test"), kept=world.teacher.person, gone=twin.pk, reason="one person")
    for who in (world.teacher, world.cio, world.office, world.wu):  # Wu: a second post in his school
        assert list(Record.objects.within(who.actor, VIEW)) == [row]
    assert not Record.objects.within(world.colleague.actor, VIEW).exists()


def test_of_few_rows_the_same_are_within_reach_as_of_all(world):
    """Also what a merged record is named by, one's own, and what one reaches in several ways."""
    twin = enter_person(by=platform("test"), name="林晓岚", post=Post(world.sibling_group), on=SINCE)
    rows = [
        record(world, world.teacher, date(2025, 10, 1), world.maths),
        record(world, world.colleague, date(2025, 10, 1), None),
        record(world, world.moved_teacher, date(2025, 12, 31), world.moved_group),
        record(world, world.moved_teacher, MOVED_ON, world.moved_group),
        record(world, world.wu, MOVED_ON, world.sibling_group),
    ]
    merge_people(by=platform("test"), kept=twin.pk, gone=world.teacher.person, reason="one person")
    reached = {}
    for who in (world.teacher, world.colleague, world.leader, world.cio, world.office, world.wu):
        for changing in (False, True):
            every = Record.objects.within(who.actor, VIEW, changing=changing)
            for some in (rows, rows[:2], rows[2:], []):
                keys = [row.pk for row in some]
                few = Record.objects.within(who.actor, VIEW, changing=changing, among=keys)
                assert set(few) == set(every) & set(some)
            reached[who.key, changing] = len(every)
    assert reached["office", False] == 3
    assert reached["office", True] == 2
    assert reached["colleague", False] == 1
    assert reached["wu", False] == 4
