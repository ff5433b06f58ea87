"""A session from plan to close: who may hold it, who may sign in, what it needs, and every way back."""

from datetime import datetime, timedelta

import pytest

from tests.world import SINCE  # noqa: F401 (documents the dates used below)
from weineng.activities.actions import (
    SessionPlan,
    add_product,
    change_session,
    close_session,
    enter_sign_ins,
    open_session,
    plan_session,
    reopen_session,
    restore_session,
    sign_in,
    strike_sign_in,
    void_session,
    write_minutes,
)
from weineng.activities.models import Session, SignIn
from weineng.activities.permissions import VIEW
from weineng.activities.queries import present
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL, civil_date
from weineng.kernel.refusals import Refused
from weineng.notices.models import Message
from weineng.organisations.actions import move_unit

START = datetime(2026, 3, 4, 14, 0, tzinfo=CIVIL)


def a_plan(**changes):
    fields = {
        "kind": "school-research", "form": "lesson-study", "title": "用数据看学情", "starts_at": START,
        "ends_at": START + timedelta(minutes=100), "duration": 90, "points": ("A1",),
    }  # fmt: skip
    return SessionPlan(**(fields | changes))


def refusal(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.code


@pytest.fixture
def session(world, set_clock):
    set_clock(START - timedelta(days=7))
    return plan_session(by=world.leader.actor, unit=world.maths, programme="p4-district", plan=a_plan())


@pytest.fixture
def held(world, session, set_clock):
    """Open, with the teacher and the colleague there, minutes and a product; over."""
    set_clock(START + timedelta(minutes=5))
    session = open_session(by=world.leader.actor, session=session.pk)
    for who in (world.teacher, world.colleague):
        sign_in(by=who.actor, session=session.pk, code=session.code)
    write_minutes(by=world.leader.actor, session=session.pk, text="讨论了三个班的前测数据。", revision=0)
    add_product(by=world.leader.actor, session=session.pk, title="学情分析表")
    set_clock(START + timedelta(minutes=101))
    return session


def test_the_group_is_told_and_others_are_not(world, session):
    told = set(Message.objects.filter(event="session-planned").values_list("person", flat=True))
    assert told == {world.teacher.person, world.colleague.person, world.two_posts.person}


def test_only_who_leads_may_plan(world, set_clock):
    set_clock(START)
    for who in (world.teacher, world.wu, world.auditor, world.kindergarten_cio):
        assert (
            refusal(plan_session, by=who.actor, unit=world.maths, programme="p4-district", plan=a_plan()) == "not-found"
        )
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "  "}, "title-missing"),
        ({"kind": "party"}, "kind-unknown"),
        ({"form": "party"}, "form-unknown"),
        ({"ends_at": START}, "ends-before-start"),
        ({"duration": 101}, "duration-too-long"),
        ({"duration": 0}, "duration-too-long"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(world, set_clock, changes, code):
    set_clock(START)
    assert (
        refusal(plan_session, by=world.leader.actor, unit=world.maths, programme="p4-district", plan=a_plan(**changes))
        == code
    )


def test_signing_in_needs_the_word_membership_and_an_open_session(world, session, set_clock):
    assert refusal(sign_in, by=world.teacher.actor, session=session.pk, code="") == "session-not-open"
    set_clock(START)
    session = open_session(by=world.leader.actor, session=session.pk)
    wrong = f"{(int(session.code) + 1) % 1_000_000:06}"
    assert refusal(sign_in, by=world.teacher.actor, session=session.pk, code=wrong) == "wrong-code"
    for who in (world.wu, world.kindergarten_teachers[0], world.sibling_teacher):
        assert refusal(sign_in, by=who.actor, session=session.pk, code=session.code) == "not-found"
    first = sign_in(by=world.teacher.actor, session=session.pk, code=session.code)
    again = sign_in(by=world.teacher.actor, session=session.pk, code=f" {session.code} ")
    assert first.pk == again.pk
    assert sign_in(by=world.two_posts.actor, session=session.pk, code=session.code).person_id == world.two_posts.person
    assert SignIn.objects.count() == 2


def test_the_host_enters_members_only(world, session, set_clock):
    assert (
        refusal(enter_sign_ins, by=world.leader.actor, session=session.pk, people=[world.teacher.person])
        == "session-not-begun"
    )
    set_clock(START)
    strangers = [world.teacher.person, world.wu.person]
    assert refusal(enter_sign_ins, by=world.leader.actor, session=session.pk, people=strangers) == "not-a-member"
    assert SignIn.objects.count() == 0
    enter_sign_ins(by=world.leader.actor, session=session.pk, people=[world.teacher.person, world.colleague.person])
    assert [row.person_id for row in present(session.pk)] == [world.teacher.person, world.colleague.person]


def test_closing_names_what_is_missing_one_after_the_other(world, session, set_clock):
    by = world.leader.actor
    set_clock(START + timedelta(minutes=99))
    assert refusal(close_session, by=by, session=session.pk) == "session-not-over"
    set_clock(START + timedelta(minutes=100))
    assert refusal(close_session, by=by, session=session.pk) == "nobody-there"
    enter_sign_ins(by=by, session=session.pk, people=[world.teacher.person])
    assert refusal(close_session, by=by, session=session.pk) == "minutes-missing"
    write_minutes(by=by, session=session.pk, text="记录", revision=0)
    assert refusal(close_session, by=by, session=session.pk) == "product-missing"
    add_product(by=by, session=session.pk, title="成果")
    assert close_session(by=by, session=session.pk).state == "closed"


def test_a_closed_session_changes_only_after_it_was_reopened(world, held):
    by = world.leader.actor
    close_session(by=by, session=held.pk)
    for call in (
        lambda: write_minutes(by=by, session=held.pk, text="x", revision=1),
        lambda: add_product(by=by, session=held.pk, title="x"),
        lambda: enter_sign_ins(by=by, session=held.pk, people=[]),
        lambda: change_session(by=by, session=held.pk, plan=a_plan(), revision=0),
    ):
        assert refusal(call) == "session-closed"
    assert refusal(close_session, by=by, session=held.pk) == "session-state"
    assert refusal(reopen_session, by=by, session=held.pk, reason=" ") == "reason-missing"
    reopen_session(by=by, session=held.pk, reason="时长写错")
    assert change_session(by=by, session=held.pk, plan=a_plan(duration=45), revision=0).duration == 45
    assert close_session(by=by, session=held.pk).state == "closed"


def test_a_void_session_can_be_restored(world, held):
    close_session(by=world.leader.actor, session=held.pk)
    assert refusal(void_session, by=world.leader.actor, session=held.pk, reason="没有开") == "not-found"
    assert refusal(void_session, by=world.wu.actor, session=held.pk, reason="没有开") == "not-found"
    assert refusal(void_session, by=world.cio.actor, session=held.pk, reason="") == "reason-missing"
    assert void_session(by=world.cio.actor, session=held.pk, reason="没有开").state == "void"
    assert refusal(void_session, by=world.office.actor, session=held.pk, reason="再来") == "session-state"
    restored = restore_session(by=world.office.actor, session=held.pk, reason="开了")
    assert (restored.state, restored.void_reason) == ("closed", "")
    assert refusal(restore_session, by=world.office.actor, session=held.pk, reason="开了") == "session-state"


def test_a_struck_sign_in_stays_struck_until_the_host_enters_it_again(world, held):
    by, person = world.leader.actor, world.colleague.person
    assert refusal(strike_sign_in, by=by, session=held.pk, person=person, reason="") == "reason-missing"
    strike_sign_in(by=by, session=held.pk, person=person, reason="早退")
    assert refusal(strike_sign_in, by=by, session=held.pk, person=person, reason="早退") == "not-found"
    sign_in(by=world.colleague.actor, session=held.pk, code=held.code)
    assert [row.person_id for row in present(held.pk)] == [world.teacher.person]
    enter_sign_ins(by=by, session=held.pk, people=[person])
    assert [row.person_id for row in present(held.pk)] == [world.teacher.person, person]


def test_who_sees_a_session(world, held):
    sees = lambda member: Session.objects.within(member.actor, VIEW).filter(pk=held.pk).exists()  # noqa: E731
    assert [
        sees(m) for m in (world.teacher, world.leader, world.cio, world.office, world.auditor, world.two_posts)
    ] == [True] * 6
    outsiders = (
        world.wu,
        world.sibling_teacher,
        world.kindergarten_cio,
        world.chinese_teachers[0],
        world.moved_teacher,
    )
    assert [sees(m) for m in outsiders] == [False] * 5


def test_the_office_of_its_day_sees_a_session_after_the_unit_moved_away_and_changes_nothing(world, set_clock):
    """The school stood under the district until the end of 2025; a session belongs to the day on which it ended."""
    set_clock(datetime(2026, 3, 1, 9, tzinfo=CIVIL))
    ends = [datetime(2025, 12, 31, 23, 59, tzinfo=CIVIL), datetime(2026, 1, 1, 0, 0, tzinfo=CIVIL)]
    old, new = (
        Session.objects.create(
            unit_id=world.moved_group, programme="p4-district", kind="school-research", form="training", title="x", duration=45,
            starts_at=end - timedelta(hours=1), ends_at=end, host_id=world.moved_teacher.person, changed_at=end,
        ).pk
        for end in ends
    )  # fmt: skip

    def seen(member, **options):
        return set(Session.objects.within(member.actor, VIEW, **options).values_list("pk", flat=True))

    assert [seen(m) for m in (world.office, world.auditor, world.wu)] == [{old}, {old}, {new}]
    assert [seen(m, changing=True) for m in (world.office, world.wu)] == [set(), {old, new}]
    assert [seen(m) for m in (world.cio, world.kindergarten_cio, world.teacher)] == [set()] * 3
    assert seen(world.moved_teacher) == {old, new}  # one's own school, whenever


def test_a_move_entered_late_gives_its_sessions_to_the_other_office(world, held, set_clock):
    def seen():
        members = (world.office, world.wu, world.cio)
        return [Session.objects.within(m.actor, VIEW).filter(pk=held.pk).exists() for m in members]

    set_clock(START + timedelta(days=60))
    assert seen() == [True, False, True]
    move_unit(by=platform("test"), unit=world.nine_year, to=world.sibling, on=civil_date(START) + timedelta(days=1))
    assert seen() == [True, False, True]
    move_unit(by=platform("test"), unit=world.nine_year, to=world.sibling, on=civil_date(START))
    assert seen() == [False, True, True]
