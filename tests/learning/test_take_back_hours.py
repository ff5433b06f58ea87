"""A sheet of hours is brought in as one thing, and can be taken back as one; what was changed since stays as it is."""

from datetime import datetime, timedelta

import pytest

from tests.races import race
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL, civil_date
from weineng.kernel.refusals import Refused
from weineng.learning.actions import accept_records, bring_hours, restore_record, take_back_hours, void_record
from weineng.learning.models import Batch, HoursSheet, Record, RefusedRow
from weineng.learning.queries import records_of_sheet, sheets_within
from weineng.learning.rules import RecordRow
from weineng.notices.models import Message
from weineng.programmes.models import Touched

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)


@pytest.fixture(autouse=True)
def _now(world, set_clock):
    set_clock(NOW)


def row(member, name, minutes=60, **changes):
    starts = NOW - timedelta(days=1)
    given = RecordRow(
        name, "id-card", member.number, member.name, "online", f"c-{name}", "微课", starts, starts + timedelta(hours=2), minutes
    )  # fmt: skip
    return RecordRow(**(vars(given) | changes))


def bring(world, *rows, **options):
    answers = bring_hours(by=world.office.actor, provider="qingyun", rows=rows, name="三月.xlsx", **options)
    return [answer.status for answer in answers]


def back(world, sheet=None, by=None, reason="发错了"):
    row = sheet or HoursSheet.objects.get()
    return take_back_hours(by=by or world.office.actor, sheet=row.pk, reason=reason)


def code(call, **kwargs):
    with pytest.raises(Refused) as refusal:
        call(**kwargs)
    return refusal.value.code


def standing():
    return sorted(Record.objects.in_force().values_list("source_id", "minutes"))


def test_a_sheet_is_known_with_its_counts(world):
    bring(world, row(world.teacher, "a"))
    statuses = bring(world, row(world.teacher, "a"), row(world.teacher, "b"), row(world.colleague, "c", minutes=-1))
    assert statuses == ["unchanged", "created", "refused"]
    first, second = HoursSheet.objects.order_by("pk")
    assert (second.name, second.by, civil_date(second.at), second.provider.code) == (
        "三月.xlsx",
        world.office.person,
        NOW.date(),
        "qingyun",
    )
    assert (second.rows, second.created, second.unchanged, second.refused) == (3, 1, 1, 1)
    assert list(sheets_within(world.office.actor)) == [second, first]
    assert [one.source_id for one in records_of_sheet(second.pk)] == ["b"]


@pytest.mark.slow
def test_a_long_sheet_is_one_thing_and_a_trial_leaves_nothing(world):
    rows = [row(world.teacher, f"r{number}") for number in range(1_001)]
    assert bring(world, *rows, dry_run=True) == ["created"] * 1_001
    assert (HoursSheet.objects.count(), Batch.objects.count(), Record.objects.count()) == (0, 0, 0)
    bring(world, *rows)
    assert (HoursSheet.objects.get().created, Batch.objects.count()) == (1_001, 2)
    back(world)
    assert standing() == []


def test_nothing_of_a_sheet_is_in_when_a_later_part_breaks(world, monkeypatch):
    from weineng.learning.actions import deliveries

    monkeypatch.setattr(deliveries, "MOST", 1)
    parts = iter([None, OSError("the disk is full")])
    real = deliveries.Delivery.take

    def take(self, name):
        if error := next(parts):
            raise error
        return real(self, name)

    monkeypatch.setattr(deliveries.Delivery, "take", take)
    with pytest.raises(OSError, match="disk"):
        bring(world, row(world.teacher, "a"), row(world.teacher, "b"))
    assert (HoursSheet.objects.count(), Record.objects.count()) == (0, 0)


def test_taken_back_nothing_of_it_stands_and_everybody_is_told(world):
    bring(world, row(world.colleague, "z", 45))
    bring(world, row(world.teacher, "a"), row(world.teacher, "b", 30), row(world.colleague, "c", 90))
    sheet = HoursSheet.objects.last()
    Touched.objects.all().delete()
    gone = back(world, sheet)
    assert (civil_date(gone.taken_back_at), gone.reason) == (NOW.date(), "发错了")
    assert standing() == [("z", 45)]
    told = Message.objects.filter(event="hours-taken-back").order_by("person")
    assert {one.person: (one.params["count"], one.params["reason"]) for one in told} == {
        world.teacher.person: (2, "发错了"), world.colleague.person: (1, "发错了"),
    }  # fmt: skip
    line = Line.objects.get(verb="learning.take_back_sheet")
    assert (line.thing, line.unit, line.person) == (sheet.pk, world.district, world.office.person)
    assert line.facts == {"records": 3, "minutes": 180, "people": 2}
    assert {one.state for one in records_of_sheet(sheet.pk)} == {"voided"}


def test_a_second_time_is_refused(world):
    bring(world, row(world.teacher, "a"))
    back(world)
    lines = Line.objects.count()
    assert code(back, world=world) == "sheet-taken-back"
    assert (Record.objects.count(), Line.objects.count()) == (2, lines)


def test_what_was_corrected_or_voided_since_stays_as_it_is(world):
    bring(world, *(row(world.teacher, name) for name in "abc"))
    fixed = row(world.teacher, "a", 75, supersedes="a")
    assert accept_records(by=world.provider, provider="qingyun", rows=[fixed])[0].status == "created"
    void_record(by=world.office.actor, record=Record.objects.get(source_id="b").pk, reason="重复")
    back(world)
    assert standing() == [("a", 75)]
    assert Line.objects.get(verb="learning.take_back_sheet").facts["records"] == 1
    assert Record.objects.get(void_of__source_id="b").reason == "重复"
    again = bring(world, *(row(world.teacher, name) for name in "abc"))
    assert again == ["unchanged", "unchanged", "created"]
    assert standing() == [("a", 75), ("c", 60)]


def test_what_was_restored_since_goes_with_its_sheet(world):
    bring(world, row(world.teacher, "a"), row(world.teacher, "b"))
    first = Record.objects.get(source_id="a")
    void_record(by=world.office.actor, record=first.pk, reason="重复")
    restore_record(by=world.office.actor, record=first.pk, reason="不重复")
    back(world)
    assert standing() == []


def test_where_nothing_stands_there_is_nothing_to_take_back(world):
    bring(world, row(world.teacher, "a"))
    void_record(by=world.office.actor, record=Record.objects.get().pk, reason="重复")
    assert code(back, world=world) == "nothing-to-take-back"
    assert HoursSheet.objects.get().taken_back_at is None


def test_the_same_rows_may_come_again_mended_or_not(world):
    same, wrong = row(world.teacher, "a"), row(world.teacher, "b", 600)
    bring(world, same, wrong)
    back(world)
    mended = row(world.teacher, "b", 60)
    assert bring(world, same, mended, dry_run=True) == ["created", "created"]
    assert bring(world, same, mended) == ["created", "created"]
    assert standing() == [("a", 60), ("b", 60)]
    assert bring(world, same, mended) == ["unchanged", "unchanged"]
    assert bring(world, wrong) == ["refused"] or standing() == [("a", 60), ("b", 60)]
    assert sorted(Record.objects.filter(void_of__isnull=True).values_list("source_id", "revision")) == [
        ("a", 1), ("a", 2), ("b", 1), ("b", 2),
    ]  # fmt: skip


def test_the_platform_itself_may_deliver_them_instead(world):
    bring(world, row(world.teacher, "a"))
    back(world)
    deliver = {"by": world.provider, "provider": "qingyun", "rows": [row(world.teacher, "a", 50)]}
    assert [one.status for one in accept_records(**deliver)] == ["created"]
    assert [one.status for one in accept_records(**deliver)] == ["unchanged"]
    assert standing() == [("a", 50)]


def test_only_offices_of_the_platform_take_back_and_say_why(world):
    bring(world, row(world.teacher, "a"))
    for who in ("wu", "cio", "teacher", "auditor", "leader", "kindergarten_cio"):
        other = world.people[who].actor
        assert code(back, world=world, by=other) == "not-found"
        assert not sheets_within(other)
    assert code(back, world=world, reason=" ") == "reason-missing"
    assert code(back, world=world, reason="长" * 401) == "text-too-long"
    assert standing() == [("a", 60)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_who_take_it_back_at_once(world):
    bring(world, row(world.teacher, "a"))

    def act():
        back(world)

    assert race(lambda: list(HoursSheet.objects.select_for_update()), act, act) == ["done", "sheet-taken-back"]
    assert Record.objects.filter(void_of__isnull=False).count() == 1


def test_nobody_takes_back_a_sheet_with_their_own_hours(world):
    bring_hours(
        by=platform("ops"), provider="qingyun", name="三月.xlsx", rows=[row(world.office, "a"), row(world.teacher, "b")]
    )
    assert code(back, world=world) == "own-record"
    assert (HoursSheet.objects.get().taken_back_at, standing()) == (None, [("a", 60), ("b", 60)])
    world.grant(world.auditor.person, "office", world.district)
    back(world, by=world.auditor.actor)
    assert standing() == []


def test_nobody_brings_in_their_own_hours(world):
    assert bring(world, row(world.office, "a"), row(world.teacher, "b")) == ["refused", "created"]
    assert RefusedRow.objects.get().code == "own-record"
    assert standing() == [("b", 60)]
    deliver = {"by": world.provider, "provider": "qingyun", "rows": [row(world.office, "a")]}
    assert [one.status for one in accept_records(**deliver)] == ["created"]


def test_nor_corrects_or_voids_them_by_delivery(world):
    accept_records(by=world.provider, provider="qingyun", rows=[row(world.office, "a", 30)])
    rows = [row(world.teacher, "b", supersedes="a"), RecordRow("c", voids="a"), row(world.office, "a", 30)]
    assert bring(world, *rows) == ["refused"] * 3
    assert set(RefusedRow.objects.values_list("code", flat=True)) == {"own-record"}
    assert standing() == [("a", 30)]


@pytest.mark.slow
@pytest.mark.parametrize("who", ["the office", "the platform"])
@pytest.mark.django_db(transaction=True)
def test_one_is_voided_at_the_same_moment(world, who):
    bring(world, row(world.teacher, "a"), row(world.teacher, "b"))
    first = Record.objects.get(source_id="a")

    def void():
        if who == "the office":
            void_record(by=world.office.actor, record=first.pk, reason="重复")
        else:
            accept_records(by=world.provider, provider="qingyun", rows=[RecordRow("v", voids="a", reason="重复")])

    assert race(void, lambda: back(world)) == ["done"]
    assert standing() == []
    voids = Record.objects.filter(void_of__isnull=False).order_by("void_of__source_id")
    assert list(voids.values_list("void_of__source_id", "reason")) == [("a", "重复"), ("b", "发错了")]


def test_what_an_office_voids_after_it_restored_it_stays_void(world):
    bring(world, row(world.teacher, "a"), row(world.teacher, "b"))
    back(world)
    restore_record(by=world.office.actor, record=Record.objects.get(source_id="a").pk, reason="这条没错")
    assert standing() == [("a", 60)]
    void_record(by=world.office.actor, record=Record.objects.get(source_id="a", revision=2).pk, reason="还是错了")
    assert bring(world, row(world.teacher, "a"), row(world.teacher, "b")) == ["unchanged", "created"]
    assert standing() == [("b", 60)]


def test_a_row_of_before_says_something_else_than_what_stands(world):
    bring(world, row(world.teacher, "a"))
    back(world)
    assert bring(world, row(world.teacher, "a", 30)) == ["created"]
    assert bring(world, row(world.teacher, "a")) == ["conflict"]
    assert bring(world, row(world.teacher, "a", 30)) == ["unchanged"]
    assert standing() == [("a", 30)]


@pytest.mark.parametrize("under", ["a", "b"])
def test_a_correction_of_what_is_gone_with_its_sheet_stands_by_itself(world, under):
    bring(world, row(world.teacher, "a"))
    back(world)
    deliver = {"by": world.provider, "provider": "qingyun", "rows": [row(world.teacher, under, 50, supersedes="a")]}
    assert [one.status for one in accept_records(**deliver)] == ["created"]
    assert [one.status for one in accept_records(**deliver)] == ["unchanged"]
    assert standing() == [(under, 50)]
    assert Record.objects.get(minutes=50).supersedes is None
