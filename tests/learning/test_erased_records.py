"""Records of somebody erased: the minutes stay, by what a source knew the person goes, and what it sends again is not kept."""

from datetime import datetime

import pytest

from tests.district import second_office
from tests.learning.test_accept_records import row, said, send
from tests.settling import run_once
from weineng.kernel.clock import CIVIL
from weineng.learning.models import Record
from weineng.organisations.actions import ask_erasure, confirm_erasure, end_posting
from weineng.organisations.models import Posting

PERSONAL = ("person_type", "person_cipher", "person_digest", "person_name", "content")


@pytest.fixture
def erased(world, set_clock):
    """A colleague who delivered hours and was erased; a teacher with the same course stays."""
    set_clock(datetime(2026, 3, 10, 9, tzinfo=CIVIL))
    send(world, row(world.colleague), row(world.teacher, "r-2"))
    posting = Posting.objects.get(person=world.colleague.person)
    end_posting(by=world.office.actor, posting=posting.pk, on=posting.during.lower.replace(month=12))
    asked = ask_erasure(by=world.office.actor, person=world.colleague.person, reason="request 1")
    confirm_erasure(by=second_office(world).actor, erasure=asked.pk)
    run_once()
    return world.colleague


def test_the_minutes_stay_and_nothing_that_names_the_person(world, erased):
    record = Record.objects.get(source_id="r-1")
    assert (record.person_id, record.minutes, record.course) == (erased.person, 90, "微课 101")
    assert [getattr(record, name) for name in PERSONAL] == ["", None, "", "", ""]
    other = Record.objects.get(source_id="r-2")
    assert (other.person_name, other.person_type, bool(other.content)) == (world.teacher.name, "id-card", True)


def test_what_is_sent_again_is_taken_as_known_and_not_kept(world, erased):
    before = list(Record.objects.order_by("pk").values())
    assert said(send(world, row(erased))) == [("unchanged", "")]
    assert said(send(world, row(erased, minutes=45))) == [("unchanged", "")]
    assert said(send(world, row(erased, minutes=45, supersedes="r-1"))) == [("unchanged", "")]
    assert list(Record.objects.order_by("pk").values()) == before
    assert said(send(world, row(world.teacher, "r-2"))) == [("unchanged", "")]


def test_a_correction_under_another_id_is_refused(world, erased):
    before = list(Record.objects.order_by("pk").values())
    assert said(send(world, row(erased, "r-9", minutes=45, supersedes="r-1"))) == [("refused", "person-erased")]
    assert list(Record.objects.order_by("pk").values()) == before
