"""Records lie where their person was counted on their day, as it is known now: a late post moves those of its days."""

from datetime import date, datetime, timedelta

import pytest

from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.learning.actions import accept_records, place_records, resolve_records, void_record
from weineng.learning.models import Record
from weineng.learning.permissions import VIEW
from weineng.learning.rules import RecordRow
from weineng.organisations.actions import (
    close_unit,
    end_posting,
    enter_person,
    found_unit,
    merge_people,
    post_person,
    reopen_unit,
    transfer_person,
    unmerge_people,
)
from weineng.organisations.models import Change, Posting
from weineng.organisations.rules import Number, Post

PLATFORM = platform("settle")
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)
DAYS = (date(2025, 10, 31), date(2025, 11, 1), date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 1))


@pytest.fixture(autouse=True)
def _today(world, set_clock):
    set_clock(NOW)
    Change.objects.all().delete()


def learn(world, member, days=DAYS):
    """One record on each of these days."""
    rows = []
    for day in days:
        starts = datetime(day.year, day.month, day.day, 8, tzinfo=CIVIL)
        rows.append(
            RecordRow(
                f"{member.key}-{day}", "id-card", member.number, member.name, "online", f"c{day}", "微课", starts,
                starts + timedelta(minutes=45), 45,
            )
        )  # fmt: skip
    accept_records(by=world.provider, provider="qingyun", rows=rows)


def units(member):
    rows = Record.objects.filter(person=member.person).order_by("event_on", "pk")
    return dict(rows.values_list("event_on", "unit"))


def seen(member):
    return set(Record.objects.within(member.actor, VIEW).values_list("event_on", flat=True))


def settle():
    """What one round of the loop moves: (changes followed, records moved)."""
    before = Line.objects.filter(verb="learning.place").count()
    followed = place_records(by=PLATFORM)
    lines = Line.objects.filter(verb="learning.place").order_by("pk")[before:]
    return followed, sum(line.facts["records"] for line in lines)


def transfer(world, unit, on):
    transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(unit), on=on)


def test_a_post_entered_late_moves_the_records_of_its_days_and_nothing_else(world):
    learn(world, world.teacher)
    learn(world, world.colleague)
    transfer(world, world.computing, date(2026, 1, 1))
    assert settle() == (1, 2)
    transfer(world, world.play, date(2025, 11, 1))  # known later, and until the post that is known already
    assert settle() == (1, 2)
    assert list(units(world.teacher).values()) == [
        world.maths, world.play, world.play, world.computing, world.computing,
    ]  # fmt: skip
    assert set(units(world.colleague).values()) == {world.maths}


def test_a_second_round_writes_nothing(world):
    learn(world, world.teacher)
    transfer(world, world.play, date(2025, 11, 1))
    assert settle() == (1, 4)
    assert settle() == (0, 0)
    Change.objects.update(read_by=[])  # even if it were told again
    assert settle() == (1, 0)


def test_the_office_of_then_and_the_office_of_now_see_it(world):
    learn(world, world.teacher)
    assert seen(world.cio) == set(DAYS)
    assert seen(world.kindergarten_cio) == set()
    transfer(world, world.play, date(2025, 11, 1))
    settle()
    assert seen(world.cio) == {DAYS[0]}  # what happened while the teacher was here
    assert seen(world.kindergarten_cio) == set(DAYS)  # the people of now with their whole record
    assert seen(world.wu) == set()


def test_a_voiding_record_lies_where_the_voided_one_does(world):
    learn(world, world.teacher, DAYS[4:])
    void_record(by=world.office.actor, record=Record.objects.get().pk, reason="双重登记")
    transfer(world, world.play, date(2026, 2, 1))
    assert settle() == (1, 2)
    assert set(Record.objects.values_list("unit", flat=True)) == {world.play}


def test_records_of_somebody_who_had_no_post_then_find_their_place(world):
    learn(world, world.unplaced, (date(2026, 3, 1),))
    assert units(world.unplaced) == {date(2026, 3, 1): world.chinese}
    post_person(by=world.cio.actor, person=world.unplaced.person, post=Post(world.maths), on=date(2026, 2, 15))
    settle()
    assert units(world.unplaced) == {date(2026, 3, 1): world.maths}


def test_a_post_that_is_taken_out_moves_them_back(world):
    learn(world, world.teacher, DAYS[3:])
    transfer(world, world.computing, date(2026, 1, 1))
    settle()
    posting = Posting.objects.get(person=world.teacher.person, unit=world.computing)
    end_posting(by=world.office.actor, posting=posting.pk, on=date(2026, 2, 1))
    assert settle() == (1, 0)  # unplaced is counted at the unit of the last post
    assert set(units(world.teacher).values()) == {world.computing}


def test_two_records_of_one_person_lie_where_the_kept_one_is_counted_and_part_again(world):
    twin = world.enter("林晓岚", world.play, key="twin")
    learn(world, twin, DAYS[4:])
    assert units(twin) == {DAYS[4]: world.play}
    office = world.office.actor
    merge = merge_people(by=office, kept=world.teacher.person, gone=twin.person, reason="同一人", end_numbers=True)
    assert settle()[1] == 1
    assert units(twin) == {DAYS[4]: world.maths}
    unmerge_people(by=office, merge=merge.pk, reason="不是同一人")
    assert settle()[1] == 1
    assert units(twin) == {DAYS[4]: world.play}


def test_where_a_unit_is_closed_its_unplaced_are_counted_above_it(world):
    office = world.office.actor
    group = found_unit(by=office, name="音乐教研组", level="group", kind="group", parent=world.nine_year)
    number = Number("passport", "E12345678")
    person = enter_person(by=office, name="顾新", post=Post(group.pk), on=date(2025, 9, 1), numbers=(number,))
    end_posting(by=office, posting=Posting.objects.get(person=person).pk, on=date(2025, 10, 1), reason="辞职")
    rows = [
        RecordRow(
            f"x-{on}", "passport", number.text, "顾新", "online", f"c{on}", "微课", datetime(2025, *on, 8, tzinfo=CIVIL),
            datetime(2025, *on, 9, tzinfo=CIVIL), 45,
        )
        for on in ((9, 30), (10, 31), (11, 1))
    ]  # fmt: skip
    accept_records(by=world.provider, provider="qingyun", rows=rows)
    settle()
    assert set(Record.objects.values_list("unit", flat=True)) == {group.pk}
    close_unit(by=office, unit=group.pk, on=date(2025, 11, 1))
    assert settle() == (1, 1)
    rows = Record.objects.order_by("event_on").values_list("unit", flat=True)
    assert list(rows) == [group.pk, group.pk, world.nine_year]
    reopen_unit(by=office, unit=group.pk)
    assert settle() == (1, 1)


def test_a_record_whose_person_was_unknown_is_placed_when_they_are_found(world):
    number = Number("passport", "E12345678")
    starts = datetime(2026, 3, 1, 8, tzinfo=CIVIL)
    row = RecordRow(
        "r", "passport", number.text, "顾新", "online", "c", "微课", starts, starts + timedelta(minutes=45), 45
    )
    accept_records(by=world.provider, provider="qingyun", rows=[row])
    assert Record.objects.get().unit_id is None
    enter_person(by=world.office.actor, name="顾新", post=Post(world.maths), on=date(2026, 2, 1), numbers=(number,))
    resolve_records(by=PLATFORM)
    assert Record.objects.get().unit_id == world.maths


def test_only_the_platform_places(world):
    with pytest.raises(Refused) as why:
        place_records(by=world.office.actor)
    assert why.value.code == "platform-only"
