"""Messages: told once, to the right one, on the bell and by mail."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import translation

from weineng.audit.effects import record
from weineng.kernel.actors import Actor, platform
from weineng.kernel.clock import now
from weineng.notices.actions import read_messages, send_due
from weineng.notices.effects import Told, correct_state, notify, seen, tell_state
from weineng.notices.models import Message
from weineng.notices.queries import own_messages, told, unread_count
from weineng.organisations.models import Person

LOOP = platform("settle")


@pytest.fixture
def people(db):
    return [
        Person.objects.create(name=name, mail=address, created_at=now())
        for name, address in (
            ("林一", "lin@example.test"),
            ("吴二", "wu@example.test"),
            ("周三", ""),
        )
    ]


def tell(people, event="plan-approved", about="plan:1", **params):
    cause = record(by=Actor(person=999, door="web"), verb="planning.approve")
    return notify(
        cause=cause,
        event=event,
        people=[p.pk for p in people],
        params=params,
        link="/plan/",
        about=about,
    )


def test_everybody_is_told_once(people):
    lin, wu, _zhou = people
    assert tell([lin, wu]) == 2
    assert tell([lin, wu]) == 0
    assert tell([lin], about="plan:2") == 1
    assert unread_count(Actor(person=lin.pk)) == 2


def test_who_acts_is_not_told_of_their_own_act(people):
    lin = people[0]
    cause = record(by=Actor(person=lin.pk, door="web"), verb="planning.approve")
    assert notify(cause=cause, event="plan-approved", people=[lin.pk, people[1].pk]) == 1
    assert list(Message.objects.values_list("person", flat=True)) == [people[1].pk]


def test_an_unknown_event_is_a_programming_error(people):
    with pytest.raises(KeyError):
        tell(people, event="no-such-event")


def test_one_reads_only_ones_own(people):
    lin, wu, _zhou = people
    tell([lin, wu])
    theirs = Message.objects.get(person=wu.pk)
    assert read_messages(by=Actor(person=lin.pk, door="web"), messages=[theirs.pk]) == 0
    assert read_messages(by=Actor(person=lin.pk, door="web")) == 1
    assert unread_count(Actor(person=wu.pk)) == 1
    assert list(own_messages(Actor(door="web"))) == []


def test_the_sentence_is_filled_and_a_missing_place_shows_its_name(people):
    tell(people[:1], event="plan-returned")
    assert told(Message.objects.get()).text.endswith("⟨comment⟩")


@pytest.mark.parametrize(
    ("on", "said"), [("2026-06-17T14:00:00+08:00", "17 June 2026 14:00"), ("2026-06-17", "17 June 2026")]
)
def test_days_and_times_are_written_as_the_reader_writes_them(world, on, said):
    row = Message(person=world.teacher.person, event="session-planned", params={"title": "Clouds", "on": on})
    with translation.override("en"):
        assert told(row).text == f"Session “Clouds” on {said}."
    with translation.override("zh-hans"):
        assert "2026年6月17日" + said.removeprefix("17 June 2026") in told(row).text


def test_a_digest_goes_out_once_a_day_and_urgent_ones_at_once(people, settings, set_clock):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    start = now()
    lin, wu, zhou = people
    tell([lin, wu, zhou])
    assert send_due(by=LOOP) == 2
    assert sorted(m.to[0] for m in mail.outbox) == [
        "lin@example.test",
        "wu@example.test",
    ]
    tell([lin], about="plan:2")
    assert send_due(by=LOOP) == 0
    tell([wu], event="plan-returned", comment="缺少时间表")
    assert send_due(by=LOOP) == 1
    assert "缺少时间表" in mail.outbox[-1].body
    set_clock(start + timedelta(hours=21))
    assert send_due(by=LOOP) == 1
    assert [m.to for m in mail.outbox[2:]] == [
        ["wu@example.test"],
        ["lin@example.test"],
    ]
    assert send_due(by=LOOP) == 0


def test_nothing_is_sent_where_mail_is_not_configured(people, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    tell(people)
    assert send_due(by=LOOP) == 0
    assert Message.objects.filter(mailed_at__isnull=False).count() == 0


def state(people, event="reviews-waiting", **counts):
    """Told how many wait: the count of each thing, for each of these people."""
    cause = record(by=Actor(person=999, door="web"), verb="assessment.settle")
    told_each = [Told(p.pk, {"count": n}, f"reviews:{thing}") for p in people for thing, n in counts.items()]
    return tell_state(cause=cause, event=event, told=told_each, link="/review/")


def standing(person):
    rows = Message.objects.filter(person=person.pk).order_by("pk")
    return [(row.thing, row.params["count"], row.read_at is not None) for row in rows]


def test_a_state_is_told_of_each_thing_and_brought_up_to_date_until_it_is_seen(people):
    lin, wu, _zhou = people
    assert state([lin, wu], p1=3, p2=5) == 4
    assert state([lin], p2=6) == 0
    assert standing(lin) == [("reviews:p1", 3, False), ("reviews:p2", 6, False)]
    read_messages(by=Actor(person=wu.pk, door="web"))
    assert state([lin, wu], p2=7) == 1
    assert standing(lin) == [("reviews:p1", 3, False), ("reviews:p2", 7, False)]
    assert standing(wu) == [("reviews:p1", 3, True), ("reviews:p2", 5, True), ("reviews:p2", 7, False)]


def test_a_state_is_corrected_without_being_told_again(people):
    lin, wu, _zhou = people
    state([lin, wu], p1=3, p2=5)
    at = Message.objects.get(person=lin.pk, dedupe__startswith="reviews:p1").at
    told_now = [Told(lin.pk, {"count": 2}, "reviews:p1"), Told(lin.pk, {}, "reviews:p2"), Told(wu.pk, {}, "reviews:p3")]
    cause = record(by=LOOP, verb="assessment.settle")
    correct_state(cause=cause, event="reviews-waiting", told=told_now)
    assert standing(lin) == [("reviews:p1", 2, False)]
    assert Message.objects.get(person=lin.pk).at == at
    assert standing(wu) == [("reviews:p1", 3, False), ("reviews:p2", 5, False)]
    seen(cause=cause, person=wu.pk, event="reviews-waiting", about="reviews:p2")
    assert standing(wu) == [("reviews:p1", 3, False), ("reviews:p2", 5, True)]


def test_a_state_is_mailed_once_a_day_however_often_it_is_told(people, settings, set_clock):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    start = now()
    lin = people[0]
    state([lin], p1=3)
    assert send_due(by=LOOP) == 1
    state([lin], p1=40)
    assert standing(lin) == [("reviews:p1", 3, True), ("reviews:p1", 40, False)]
    assert send_due(by=LOOP) == 0
    set_clock(start + timedelta(hours=21))
    assert send_due(by=LOOP) == 1
    assert "有3份" in mail.outbox[0].body
    assert "有40份" in mail.outbox[1].body
