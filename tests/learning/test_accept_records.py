"""Deliveries: every row answered, nothing stored twice, corrections and withdrawals point back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.learning.actions import accept_records, admit_provider, change_provider, deliveries, resolve_records
from weineng.learning.models import Batch, Provider, Record, RefusedRow
from weineng.learning.permissions import VIEW
from weineng.learning.rules import RecordRow, RowResult
from weineng.notices.models import Message
from weineng.organisations.models import ExternalIdentifier, Posting
from weineng.organisations.rules import digest_of
from weineng.programmes.models import Touched

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)


@pytest.fixture(autouse=True)
def _today(set_clock):
    set_clock(NOW)


def row(member, source_id="r-1", **changes):
    starts = NOW - timedelta(days=3)
    fields = {
        "person_type": "id-card", "person_number": member.number, "person_name": member.name, "mode": "online", "course": "微课 101",
        "title": "微课制作", "starts_at": starts, "ends_at": starts + timedelta(minutes=90), "minutes": 90,
    }  # fmt: skip
    return RecordRow(source_id, **(fields | changes))


def send(world, *rows, **options):
    return accept_records(by=world.provider, provider="qingyun", rows=rows, **options)


def said(results):
    return [(r.status, r.code) for r in results]


def test_a_record_is_stored_once_and_traces_to_its_source(world):
    assert said(send(world, row(world.teacher))) == [("created", "")]
    assert said(send(world, row(world.teacher), name="again")) == [("unchanged", "")]
    record = Record.objects.get()
    assert (record.person_id, record.unit_id, record.minutes, record.event_on.isoformat()) == (
        world.teacher.person, world.maths, 90, "2026-03-07",
    )  # fmt: skip
    assert record.canonical == "qingyun:微课 101"
    assert world.teacher.number not in str(vars(record))
    assert list(Batch.objects.order_by("pk").values_list("created", "unchanged", "refused")) == [(1, 0, 0), (0, 1, 0)]


def test_answers_come_in_input_order(world):
    results = send(
        world,
        row(world.teacher, "a"),
        row(world.teacher, "b", minutes=None),
        row(world.colleague, "a", minutes=30),
        row(world.teacher, "a"),
        row(world.colleague, "c"),
    )
    assert [(r.source_id, r.status, r.code) for r in results] == [
        ("a", "created", ""), ("b", "refused", "minutes-missing"),
        ("a", "conflict", "conflict"), ("a", "unchanged", ""), ("c", "created", ""),
    ]  # fmt: skip
    assert Record.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source_id": " "}, "id-missing"),
        ({"source_id": "x" * 81}, "id-too-long"),
        ({"source_id": "void:1"}, "id-reserved"),
        ({"source_id": "restored:1"}, "id-reserved"),
        ({"supersedes": "x" * 81}, "text-too-long"),
        ({"voids": "x" * 81}, "text-too-long"),
        ({"person_number": ""}, "person-missing"),
        ({"mode": "evidence"}, "derived-kind"),
        ({"mode": "telepathy"}, "mode-unknown"),
        ({"course": " "}, "course-missing"),
        ({"title": "x" * 201}, "text-too-long"),
        ({"starts_at": None}, "time-missing"),
        ({"ends_at": None}, "time-missing"),
        ({"starts_at": datetime(2026, 3, 1, 8)}, "time-without-zone"),
        ({"ends_at": datetime(2026, 3, 7, 8)}, "time-without-zone"),
        ({"starts_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "too-long-ago"),
        ({"starts_at": datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)}, "too-long-ago"),
        ({"starts_at": NOW, "ends_at": NOW - timedelta(seconds=1)}, "ends-before-start"),
        ({"ends_at": NOW + timedelta(minutes=11)}, "in-the-future"),
        ({"minutes": None}, "minutes-missing"),
        ({"minutes": -1}, "minutes-out-of-range"),
        ({"minutes": 44641}, "minutes-out-of-range"),
        ({"periods": Decimal(2)}, "minutes-and-periods"),
        ({"minutes": None, "periods": Decimal(2)}, "periods-not-agreed"),
        ({"supersedes": "never-sent"}, "supersedes-unknown"),
        ({"voids": "never-sent"}, "void-unknown"),
    ],
)
def test_a_malformed_row_is_refused_and_changes_nothing(world, changes, code):
    assert said(send(world, row(world.teacher, **changes))) == [("refused", code)]
    assert Record.objects.count() == 0


@pytest.mark.parametrize(
    ("periods", "minutes", "code"),
    [("2", 90, ""), ("0.2", 9, ""), ("1.50", None, "fraction-of-minute"),
     ("1.333", None, "periods-too-fine"), ("0.02", None, "fraction-of-minute")],
)  # fmt: skip
def test_periods_become_whole_minutes_or_nothing(world, periods, minutes, code):
    provider = Provider.objects.get(code="qingyun")
    change_provider(by=world.office.actor, provider=provider.pk, name="青云", period_minutes=45, active=True)
    results = send(world, row(world.teacher, minutes=None, periods=Decimal(periods)))
    assert [r.code for r in results] == [code]
    assert list(Record.objects.values_list("minutes", flat=True)) == ([] if minutes is None else [minutes])


def test_a_correction_points_to_the_old_record(world):
    send(world, row(world.teacher, "a"))
    assert said(send(world, row(world.teacher, "a", minutes=60))) == [("conflict", "conflict")]
    correction = row(world.teacher, "a2", minutes=60, supersedes="a")
    assert said(send(world, correction)) == [("created", "")]
    assert said(send(world, correction)) == [("unchanged", "")]
    assert said(send(world, row(world.teacher, "a3", minutes=50, supersedes="a"))) == [
        ("refused", "already-superseded")
    ]
    assert list(Record.objects.in_force().values_list("source_id", "minutes")) == [("a2", 60)]


def test_a_record_may_correct_itself_under_its_own_id(world):
    send(world, row(world.teacher, "a"))
    fixed = row(world.teacher, "a", minutes=60, supersedes="a")
    assert said(send(world, fixed)) == [("created", "")]
    assert said(send(world, fixed, row(world.teacher, "a"))) == [("unchanged", ""), ("unchanged", "")]
    assert list(Record.objects.in_force().values_list("source_id", "revision", "minutes")) == [("a", 2, 60)]


def test_the_earliest_day_and_the_longest_texts_are_taken(world):
    earliest = datetime(2000, 1, 1, tzinfo=UTC)
    longest = {"title": "名" * 200, "person_name": "姓" * 80, "course": "ß" * 120}  # folding doubles this course
    assert said(
        send(world, row(world.teacher, "x" * 80, **longest), row(world.teacher, "b", starts_at=earliest, ends_at=earliest))
    ) == [("created", ""), ("created", "")]  # fmt: skip
    assert len(Record.objects.get(source_id="x" * 80).canonical) == 180


def test_a_withdrawal_never_takes_an_id_that_is_taken(world):
    send(world, row(world.teacher, "a"), row(world.teacher, "b"))
    before = list(Record.objects.order_by("pk").values())
    for void in (RecordRow("a", voids="a"), RecordRow("a", voids="b")):
        assert said(send(world, void)) == [("conflict", "conflict")]
    assert list(Record.objects.order_by("pk").values()) == before
    assert said(send(world, RecordRow("v", voids="a"), RecordRow("v", voids="b"), RecordRow("v", voids="a"))) == [
        ("created", ""), ("conflict", "conflict"), ("unchanged", ""),
    ]  # fmt: skip
    assert said(send(world, row(world.teacher, "v"), row(world.teacher, "v", supersedes="v"))) == [
        ("conflict", "conflict"), ("refused", "supersedes-void"),
    ]  # fmt: skip
    assert list(Record.objects.in_force().values_list("source_id", flat=True)) == ["b"]


def test_what_was_corrected_is_withdrawn_through_its_correction(world):
    send(world, row(world.teacher, "a"), row(world.teacher, "b", minutes=60, supersedes="a"))
    assert said(send(world, RecordRow("v", voids="a"))) == [("refused", "already-superseded")]
    assert said(send(world, RecordRow("v", voids="b"))) == [("created", "")]
    assert Record.objects.in_force().count() == 0


def test_rows_of_one_delivery_may_point_to_each_other(world):
    results = send(
        world,
        row(world.teacher, "a"),
        row(world.teacher, "b", minutes=60, supersedes="a"),
        row(world.teacher, "b", minutes=50, supersedes="b"),
        row(world.teacher, "c", minutes=40, supersedes="a"),
        RecordRow("v", voids="b"),
        RecordRow("w", voids="b"),
        row(world.colleague, "d"),
    )
    assert said(results) == [
        ("created", ""), ("created", ""), ("created", ""), ("refused", "already-superseded"), ("created", ""),
        ("unchanged", ""), ("created", ""),
    ]  # fmt: skip
    rows = Record.objects.order_by("pk")
    assert list(rows.values_list("source_id", "revision", "supersedes__source_id", "void_of__revision", "unit")) == [
        ("a", 1, None, None, world.maths), ("b", 1, "a", None, world.maths), ("b", 2, "b", None, world.maths),
        ("v", 1, None, 2, world.maths), ("d", 1, None, None, world.maths),
    ]  # fmt: skip
    assert [r.record for r in results] == [
        *rows.values_list("pk", flat=True)[:3],
        None,
        *([rows[3].pk] * 2),
        rows[4].pk,
    ]


def test_what_was_refused_is_kept_with_its_reason(world):
    unread = RowResult("u\0", "refused", "field-unreadable", {"field": "titel\0"}, "…")
    send(world, row(world.teacher, "a"), dry_run=True)
    send(
        world,
        row(world.teacher, "a"),
        row(world.teacher, "a", minutes=1),
        unread,
        row(world.teacher, "b" * 81),
        name="n",
    )
    batch = Batch.objects.get()
    assert (batch.rows, batch.created, batch.refused) == (4, 1, 3)
    assert list(RefusedRow.objects.order_by("place").values_list("batch", "place", "source_id", "status", "code", "params")) == [
        (batch.pk, 2, "a", "conflict", "conflict", {"id": "a"}),
        (batch.pk, 3, "u", "refused", "field-unreadable", {"field": "titel"}),
        (batch.pk, 4, "b" * 80, "refused", "id-too-long", {"field": "id"}),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_thousand_rows_of_many_people_take_as_many_queries_as_ten(world, django_assert_num_queries):
    def rows(start, count):
        return [row(world.everybody[n % 20], f"r{n}") for n in range(start, start + count)]

    send(world, *rows(0, 20))  # everybody has been told once
    with django_assert_num_queries(23):
        send(world, *rows(100, 10))
    with django_assert_num_queries(23):
        send(world, *rows(1_000, 1_000))
    assert Record.objects.count() == 1_030


def test_a_withdrawal_withdraws_once(world):
    send(world, row(world.teacher, "a"))
    void = RecordRow("v", voids="a", reason="重复报送")
    assert said(send(world, void)) == [("created", "")]
    assert said(send(world, void, RecordRow("w", voids="a"))) == [("unchanged", ""), ("unchanged", "")]
    assert Record.objects.in_force().count() == 0
    assert said(send(world, row(world.teacher, "a2", supersedes="a", minutes=1))) == [("refused", "already-superseded")]


def test_a_dry_run_answers_the_same_and_stores_nothing(world):
    rows = [row(world.teacher, "a"), row(world.teacher, "b", minutes=None)]
    assert said(send(world, *rows, dry_run=True)) == [("created", ""), ("refused", "minutes-missing")]
    assert (Record.objects.count(), Batch.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_who_may_deliver(world):
    for by in (
        world.teacher.actor,
        world.wu.actor,
        world.cio.actor,
        replace(world.provider, sources=frozenset({"other"})),
    ):
        with pytest.raises(Refused) as refusal:
            accept_records(by=by, provider="qingyun", rows=[row(world.teacher)])
        assert refusal.value.code == "not-found"
    assert said(accept_records(by=world.office.actor, provider="qingyun", rows=[row(world.teacher)])) == [
        ("created", "")
    ]
    provider = Provider.objects.get(code="qingyun")
    change_provider(by=world.office.actor, provider=provider.pk, name="青云", period_minutes=0, active=False)
    with pytest.raises(Refused) as suspended:
        send(world, row(world.teacher, "z"))
    assert suspended.value.code == "provider-suspended"


@pytest.mark.parametrize(("count", "code"), [(0, "no-rows"), (1001, "too-many-rows")])
def test_a_delivery_has_1_to_1000_rows(world, count, code):
    with pytest.raises(Refused) as refusal:
        send(world, *[row(world.teacher, str(n)) for n in range(count)])
    assert refusal.value.code == code


def test_an_unknown_person_waits_and_is_found_later(world, django_assert_num_queries):
    stranger = replace(world.teacher, number="519901199001011235", name="未到")
    (result,) = send(world, row(stranger))
    assert (result.status, result.person_found) == ("created", False)
    assert resolve_records(by=platform("settle")) == 0
    world.enter("未到", world.maths)
    known = ExternalIdentifier.objects.order_by("pk").last()
    ExternalIdentifier.objects.filter(pk=known.pk).update(type="id-card", digest=digest_of("id-card", stranger.number))
    assert resolve_records(by=platform("settle")) == 1
    assert Record.objects.values_list("person", "unit").get() == (known.person_id, world.maths)
    assert resolve_records(by=platform("settle")) == 0


def test_those_who_never_appear_hold_up_nobody(world, monkeypatch):
    monkeypatch.setattr(deliveries, "WAITING_AT_ONCE", 2)
    unknown = [replace(world.teacher, number=f"51990119900100123{n}") for n in range(4)]
    send(world, *[row(member, f"u{n}") for n, member in enumerate(unknown)])
    Record.objects.update(person=None)
    send(world, row(world.teacher, "t"))
    Record.objects.filter(source_id="t").update(person=None, unit=None)
    assert resolve_records(by=platform("settle")) == 1
    assert Record.objects.get(source_id="t").person_id == world.teacher.person


def test_those_who_cannot_be_found_take_turns_and_hold_up_nobody(world, monkeypatch):
    """Numbers of staff must be looked for: five that nobody has, in a school where somebody has the sixth."""
    monkeypatch.setattr(deliveries, "WAITING_AT_ONCE", 2)
    kind = f"staff-number@{world.nine_year}"
    rows = [row(world.teacher, f"s{n}", person_type=kind, person_number=f"99{n}") for n in range(5)]
    theirs = Posting.objects.get(person=world.teacher.person, home=True).staff_number
    send(world, *rows, row(world.teacher, "t", person_type=kind, person_number=theirs), row(world.colleague, "c"))
    Record.objects.update(person=None, unit=None)
    found = [resolve_records(by=platform("settle")) for _round in range(4)]
    assert (sum(found), found[0]) == (2, 1)
    assert Record.objects.get(source_id="c").person_id == world.colleague.person
    assert Record.objects.get(source_id="t").person_id == world.teacher.person
    assert Record.objects.filter(person=None).count() == 5


def test_a_number_kept_under_an_older_data_key_finds_its_person(world, settings):
    send(world, row(world.teacher))
    Record.objects.update(person=None)
    settings.DATA_KEYS = [*settings.DATA_KEYS, "a newer data key"]
    ExternalIdentifier.objects.filter(person=world.teacher.person).update(
        digest=digest_of("id-card", world.teacher.number)
    )
    assert resolve_records(by=platform("settle")) == 1


def test_the_teacher_is_told_and_touched_once_a_delivery(world):
    send(world, row(world.teacher, "a"), row(world.teacher, "b"), row(world.colleague, "c"))
    assert sorted(Message.objects.values_list("person", "params__count")) == sorted(
        [(world.teacher.person, 2), (world.colleague.person, 1)]
    )
    assert Touched.objects.count() == 0  # nobody is enrolled


def test_who_sees_a_record(world):
    send(world, row(world.teacher))
    sees = [m.key for m in world.everybody if Record.objects.within(m.actor, VIEW).exists()]
    assert sorted(sees) == ["auditor", "cio", "office", "principal", "teacher"]
    assert Record.objects.within(world.provider, VIEW).count() == 1
    assert Record.objects.within(replace(world.provider, sources=frozenset({"other"})), VIEW).count() == 0


@pytest.mark.parametrize("code", ["Q", "青云", "activities", "-a", "x" * 40])
def test_a_providers_code_is_short_and_plain(world, code):
    with pytest.raises(Refused) as refusal:
        admit_provider(by=world.office.actor, unit=world.district, code=code, name="某平台")
    assert refusal.value.code == "code-malformed"


def test_only_the_office_admits_providers(world):
    for who in (world.cio, world.wu, world.auditor, world.teacher):
        with pytest.raises(Refused) as refusal:
            admit_provider(by=who.actor, unit=world.district, code="neu", name="某平台")
        assert refusal.value.code == "not-found"
    admit_provider(by=world.office.actor, unit=world.district, code="neu", name="某平台")
    with pytest.raises(Refused) as taken:
        admit_provider(by=world.office.actor, unit=world.district, code="neu", name="另一平台")
    assert taken.value.code == "code-taken"


ROWS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from([10, 20, 30]), st.booleans()), min_size=1, max_size=12
)


@pytest.mark.slow
@given(rows=ROWS, cuts=st.lists(st.integers(0, 12), max_size=4), times=st.integers(1, 3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_batch_sent_again_and_split_anywhere_gives_the_same_records(world, rows, cuts, times):
    """However a delivery is cut and repeated, the records are those of sending it once."""
    from django.db import transaction

    seen: set[str] = set()
    sent = []
    for key, minutes, corrects in rows:  # a source corrects what it has sent; the same correction twice is one message
        sent.append(row(world.teacher, key, minutes=minutes, supersedes=key if corrects and key in seen else ""))
        seen.add(key)

    def outcome(pieces):
        with transaction.atomic():
            for piece in pieces:
                if piece:
                    send(world, *piece)
            found = list(
                Record.objects.order_by("source_id", "revision").values_list("source_id", "revision", "minutes")
            )
            transaction.set_rollback(True)
        return found

    borders = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    pieces = [sent[a:b] for a, b in pairwise(borders)]
    assert outcome([piece for piece in pieces for _ in range(times)]) == outcome([sent])
