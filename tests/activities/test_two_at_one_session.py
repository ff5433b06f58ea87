"""Two people at one session: nobody's words are wiped silently. And what a session cannot be: guessed into, or days long."""

from datetime import datetime, timedelta

import pytest

from weineng.accounts.models import Grant
from weineng.activities.actions import (
    SessionPlan,
    change_session,
    enter_sign_ins,
    note_wrong_word,
    open_session,
    plan_session,
    sign_in,
    write_minutes,
)
from weineng.activities.models import Session, WrongWords
from weineng.audit.models import Line
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import NotFound, Refused
from weineng.web.shell.addresses import oid

START = datetime(2026, 5, 20, 14, 0, tzinfo=CIVIL)


def a_plan(**changes):
    fields = {
        "kind": "school-research", "form": "lesson-study", "title": "集体备课", "starts_at": START,
        "ends_at": START + timedelta(minutes=100), "duration": 90,
    }  # fmt: skip
    return SessionPlan(**(fields | changes))


def refusal(call, **words):
    with pytest.raises(Refused) as caught:
        call(**words)
    return caught.value.code


@pytest.fixture
def session(world, p4, set_clock):
    set_clock(START - timedelta(days=1))
    return plan_session(by=world.leader.actor, unit=world.maths, programme="p4-district", plan=a_plan())


@pytest.fixture
def opened(world, session, set_clock):
    set_clock(START + timedelta(minutes=5))
    return open_session(by=world.leader.actor, session=session.pk)


def test_minutes_saved_by_somebody_else_meanwhile_are_not_overwritten(world, session):
    first = write_minutes(by=world.leader.actor, session=session.pk, text="组长的记录", revision=0)
    assert first.minutes_revision == 1
    late = {"by": world.cio.actor, "session": session.pk, "text": ""}
    assert refusal(write_minutes, revision=0, **late) == "stale-revision"
    assert Session.objects.get().minutes_text == "组长的记录"
    assert write_minutes(by=world.cio.actor, session=session.pk, text="补充", revision=1).minutes_revision == 2
    assert Session.objects.get().minutes_text == "补充"


def test_nor_is_what_is_planned(world, session):
    change_session(by=world.leader.actor, session=session.pk, plan=a_plan(title="说课"), revision=0)
    late = {"by": world.cio.actor, "session": session.pk, "plan": a_plan(duration=45)}
    assert refusal(change_session, revision=0, **late) == "stale-revision"
    session.refresh_from_db()
    assert (session.title, session.duration, session.plan_revision) == ("说课", 90, 1)
    write_minutes(by=world.leader.actor, session=session.pk, text="不相干", revision=0)
    assert change_session(revision=1, **late).duration == 45


@pytest.fixture
def host(world, session, client, sign_in):
    sign_in(client, world.leader, f"grant:{Grant.objects.get(person=world.leader.person, role='group-leader').pk}")
    return client


def test_the_page_keeps_what_was_typed_beside_what_was_saved(world, session, host):
    page = host.get(f"/sessions/{oid(session)}/").content.decode()
    assert '<input type="hidden" name="revision" value="0">' in page
    write_minutes(by=world.cio.actor, session=session.pk, text="信息长写的", revision=0)
    where = f"/sessions/{oid(session)}/do/"
    answer = host.post(where, {"do": "minutes", "minutes_text": "我写的", "revision": "0"})
    text = answer.content.decode()
    assert (answer.status_code, "信息长写的" in text, ">我写的</textarea>" in text) == (422, True, True)
    assert '<input type="hidden" name="revision" value="1">' in text
    assert Session.objects.get().minutes_text == "信息长写的"
    assert host.post(where, {"do": "minutes", "minutes_text": "合在一起", "revision": "1"}).status_code == 302
    assert Session.objects.get().minutes_text == "合在一起"
    for wrong in ("", "x", "9" * 30, "²"):
        assert host.post(where, {"do": "minutes", "minutes_text": "", "revision": wrong}).status_code == 422
    assert Session.objects.get().minutes_text == "合在一起"


def test_so_does_the_form_of_what_is_planned(world, session, host):
    where = f"/sessions/{oid(session)}/change/"
    form = host.get(where).context["form"]
    sent = {name: form.initial[name] for name in form.fields if name in form.initial} | {"revision": "0"}
    sent |= {"day": "2026-05-20", "starts": "14:00", "ends": "15:40"}
    change_session(by=world.cio.actor, session=session.pk, plan=a_plan(title="信息长定的"), revision=0)
    answer = host.post(where, sent | {"title": "我定的"})
    text = answer.content.decode()
    assert (answer.status_code, "信息长定的" in text, 'value="我定的"' in text) == (422, True, True)
    assert Session.objects.get().title == "信息长定的"
    assert host.post(where, sent | {"title": "我定的", "revision": "1"}).status_code == 302
    assert Session.objects.get().title == "我定的"


def test_the_word_on_the_wall_is_guessed_five_times_at_most(world, opened, client, sign_in):
    sign_in(client, world.teacher)
    where = f"/sessions/{oid(opened)}/sign-in/"
    wrong = "000000" if opened.code != "000000" else "000001"
    answers = [client.post(where, {"code": wrong}).content.decode() for _time in range(5)]
    assert ["签到码不正确。" in text for text in answers] == [True] * 5
    assert WrongWords.objects.get().count == 5
    late = client.post(where, {"code": opened.code})
    assert (late.status_code, opened.sign_ins.count()) == (422, 0)
    assert refusal(sign_in_with, world=world, who=world.teacher, session=opened) == "too-many-words"
    sign_in_with(world=world, who=world.colleague, session=opened)
    enter_sign_ins(by=world.leader.actor, session=opened.pk, people=[world.teacher.person])
    assert opened.sign_ins.count() == 2
    assert Line.objects.filter(verb="activities.wrong_word").count() == 5


def sign_in_with(world, who, session):
    return sign_in(by=who.actor, session=session.pk, code=session.code)


def test_a_word_opened_anew_may_be_tried_anew(world, session, set_clock):
    set_clock(START + timedelta(minutes=5))
    for _time in range(5):
        note_wrong_word(by=world.teacher.actor, session=session.pk)
    assert WrongWords.objects.get().count == 5
    opened = open_session(by=world.leader.actor, session=session.pk)
    assert sign_in_with(world, world.teacher, opened).person_id == world.teacher.person


def test_nobody_counts_where_they_see_nothing(world, session):
    for who in (world.wu, world.kindergarten_cio):
        with pytest.raises(NotFound):
            note_wrong_word(by=who.actor, session=session.pk)
    assert not WrongWords.objects.exists()


@pytest.mark.parametrize(
    ("hours", "duration", "code"),
    [(10, 600, None), (11, 601, "duration-too-long"), (24, 600, None), (25, 90, "session-too-long"), (900, 50_000, "session-too-long")],
)  # fmt: skip
def test_a_session_lasts_a_day_and_earns_ten_hours_at_most(world, set_clock, hours, duration, code):
    set_clock(START)
    plan = a_plan(ends_at=START + timedelta(hours=hours), duration=duration)
    words = {"by": world.leader.actor, "unit": world.maths, "programme": "p4-district", "plan": plan}
    if code is None:
        assert plan_session(**words).duration == duration
    else:
        assert refusal(plan_session, **words) == code
