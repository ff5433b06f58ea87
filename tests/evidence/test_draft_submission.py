"""Begin to hand in: only one's own enrolment, only chosen points, only within the cycle, only once at a time."""

from datetime import date, datetime
from threading import Thread

import pytest
from django.db import connection

from tests.evidence.conftest import POINTS
from weineng.audit.models import Line
from weineng.evidence.actions import draft_submission
from weineng.evidence.models import Event, Submission
from weineng.kernel.actors import Actor
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.planning.models import Choice, ChosenPoint

pytestmark = pytest.mark.django_db


def draft(by, enrolment, item="point", point="A1"):
    return draft_submission(by=by, enrolment=enrolment.pk, item=item, point=point)


def refusal(*args, **kw):
    with pytest.raises(Refused) as why:
        draft(*args, **kw)
    assert str(why.value)
    return why.value.code


def test_a_draft_has_the_pieces_that_the_point_asks_for(world, enrolment):
    row = draft(world.teacher.actor, enrolment)
    assert (row.state, row.attempt, row.version, row.edition) == ("draft", 1, 1, "ecnu-2019-unofficial")
    assert list(row.items.order_by("seq").values_list("seq", "rated", "version")) == [(1, True, 1), (2, True, 1)]
    assert [e.kind for e in Event.objects.filter(submission=row)] == ["drafted"]
    line = Line.objects.get(verb="evidence.draft")
    assert (line.thing, line.subject) == (row.pk, world.teacher.person)


def test_the_recording_belongs_to_no_point(world, enrolment):
    row = draft(world.teacher.actor, enrolment, "recording", "")
    assert list(row.items.values_list("seq", flat=True)) == [1]
    assert row.point == ""


def test_the_open_one_is_given_back(world, enrolment):
    by = world.teacher.actor
    assert draft(by, enrolment).pk == draft(by, enrolment).pk
    assert draft(by, enrolment, point="A5").pk != draft(by, enrolment).pk
    assert Line.objects.filter(verb="evidence.draft").count() == 2


def test_what_is_handed_in_is_not_begun_again(world, enrolment, sealed):
    assert refusal(world.teacher.actor, enrolment) == "already-sealed"


@pytest.mark.parametrize(
    ("item", "point"), [("point", "A2"), ("point", "Z9"), ("point", ""), ("recording", "A1"), ("essay", "A1"), ("", "")]
)
def test_only_chosen_points(world, enrolment, item, point):
    assert refusal(world.teacher.actor, enrolment, item, point) == "point-not-chosen"
    assert Submission.objects.count() == 0


def test_no_recording_before_a_choice(world, enrol):
    assert refusal(world.colleague.actor, enrol(world.colleague), "recording", "") == "nothing-chosen"


def test_a_point_of_an_earlier_choice_counts_only_once_it_was_passed(world, enrolment):
    old = Choice.objects.get()
    old.superseded_at = old.chosen_at
    old.save()
    new = Choice.objects.create(
        enrolment=enrolment, version=enrolment.version, dimensions=[], opened=[], chosen_at=old.chosen_at
    )
    ChosenPoint.objects.create(choice=new, point="B1", dimension="x")
    by = world.teacher.actor
    assert refusal(by, enrolment, point="A1") == "point-not-chosen"
    assert draft(by, enrolment, point="B1")
    ChosenPoint.objects.filter(choice=old, point="A1").update(passed_at=old.chosen_at)
    assert draft(by, enrolment, point="A1")


def test_another_persons_enrolment_is_not_found(world, enrolment):
    for by in (world.colleague.actor, world.wu.actor, world.cio.actor, world.office.actor, Actor(), world.provider):
        assert refusal(by, enrolment) == "not-found"
    assert refusal(Actor(person=world.teacher.person), enrolment) == "not-found"


def test_who_has_left_hands_nothing_in(world, enrolment):
    enrolment.left_on = date(2026, 5, 20)
    enrolment.save()
    assert refusal(world.teacher.actor, enrolment) == "not-found"


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        (datetime(2025, 12, 31, 23, 59, tzinfo=CIVIL), "programme-not-begun"),
        (datetime(2026, 1, 1, 0, 0, tzinfo=CIVIL), None),
        (datetime(2027, 6, 30, 23, 59, tzinfo=CIVIL), None),
        (datetime(2027, 7, 1, 0, 0, tzinfo=CIVIL), "after-cut-off"),
    ],
)
def test_the_last_day_counts_whole(world, enrolment, set_clock, instant, code):
    set_clock(instant)
    if code is None:
        assert draft(world.teacher.actor, enrolment)
    else:
        assert refusal(world.teacher.actor, enrolment) == code


def test_a_closed_programme_takes_nothing(world, enrolment, programme):
    programme.closed_on = date(2026, 5, 20)
    programme.save()
    assert refusal(world.teacher.actor, enrolment) == "after-cut-off"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_draft(world, enrolment):
    made = []

    def click():
        try:
            made.append(draft(world.teacher.actor, enrolment, point=POINTS[1]).pk)
        finally:
            connection.close()

    clicks = [Thread(target=click) for _ in range(4)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1
    assert Submission.objects.get().items.count() == 3
