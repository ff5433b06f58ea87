"""Hours that came in while two people were taken for one: parted again, each has those that name them by number."""

from datetime import date

import pytest

from tests.learning.test_accept_records import NOW, row, send
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.learning.actions import place_records, void_record
from weineng.learning.models import Record
from weineng.learning.queries import parting_of
from weineng.organisations.actions import enter_person, merge_people, unmerge_people
from weineng.organisations.models import Change, Posting
from weineng.organisations.rules import Number, Post

PASSPORT = {"person_type": "passport", "person_number": "E12345678"}
STAFF = "20011"


@pytest.fixture(autouse=True)
def _today(set_clock):
    set_clock(NOW)


@pytest.fixture
def twin(world):
    """Another person of the same name, with a passport and a staff number of another school."""
    post = Post(world.play, staff_number=STAFF)
    numbers = [Number("passport", "E12345678")]
    return enter_person(by=world.office.actor, name="林晓岚", post=post, on=date(2026, 2, 1), numbers=numbers).pk


def merge(world, twin):
    return merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin, reason="one person")


def part(world, row):
    unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    place_records(by=platform("settle"))
    row.refresh_from_db()
    return parting_of(row)


def whose():
    return dict(Record.objects.values_list("source_id", "person").order_by("pk"))


def test_each_record_goes_to_the_one_whom_its_source_names(world, twin):
    teacher = world.teacher.person
    send(world, row(world.teacher, "before"), row(world.teacher, "before-too", **PASSPORT))
    merged = merge(world, twin)
    school = Posting.objects.get(unit=world.play, person=teacher).school_id
    staff = {"person_type": f"staff-number@{school}", "person_number": STAFF}
    send(
        world, row(world.teacher, "own"), row(world.teacher, "theirs", **PASSPORT), row(world.teacher, "staff", **staff)
    )
    place_records(by=platform("settle"))
    assert whose() == {"before": teacher, "before-too": twin, "own": teacher, "theirs": teacher, "staff": teacher}
    parting = part(world, merged)
    assert whose() == {"before": teacher, "before-too": twin, "own": teacher, "theirs": twin, "staff": twin}
    places = dict(Record.objects.values_list("source_id", "unit").order_by("pk"))
    assert (places["own"], places["theirs"], places["staff"]) == (world.maths, world.play, world.play)
    assert (parting.theirs, parting.untold) == ((), ())
    line = Line.objects.get(verb="learning.part")
    assert line.facts == {"records": 2, "kept": teacher, "gone": twin}


def test_a_withdrawal_goes_with_its_record_and_what_names_neither_stays_and_is_told(world, twin):
    teacher = world.teacher.person
    merged = merge(world, twin)
    send(world, row(world.teacher, "theirs", **PASSPORT), row(world.teacher, "own"))
    void_record(by=world.office.actor, record=Record.objects.get(source_id="theirs").pk, reason="sent twice")
    Record.objects.filter(source_id="own").update(person_type="person", person_cipher=None, person_digest="")
    parting = part(world, merged)
    void = Record.objects.get(void_of__source_id="theirs")
    assert (whose()["theirs"], void.person_id, whose()["own"]) == (twin, twin, teacher)
    assert [record.source_id for record in parting.untold] == ["own"]


def test_while_they_are_one_nothing_moves_and_later_changes_move_nothing_else(world, twin):
    merged = merge(world, twin)
    send(world, row(world.teacher, "theirs", **PASSPORT))
    assert parting_of(merged) == parting_of(merge_again(world, twin, merged))
    assert whose() == {"theirs": world.teacher.person}


def merge_again(world, twin, merged):
    """Parted and merged once more before anything was followed."""
    unmerge_people(by=world.office.actor, merge=merged.pk, reason="two people")
    again = merge(world, twin)
    assert Change.objects.exists()
    place_records(by=platform("settle"))
    return again
