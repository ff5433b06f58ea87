"""Doing exactly what a way says gives a pass; doing less of the first does not."""

import random
from datetime import date, datetime, timedelta

import pytest
from django.utils import translation

from tests.progress.scene import POINTS, START, ZONE, verdict
from tests.standard import load_standard
from weineng.assessment.models import Result
from weineng.kernel.clock import today
from weineng.planning.models import SchoolPlan
from weineng.programmes.queries import document_of
from weineng.progress.queries import position_of, shortest_ways
from weineng.progress.rules import shortest_ways_from

TEACHERS = 20
COPIES = 4  # of each teacher: one for each way, and one that does a little less than the first


@pytest.fixture
def opened(scene, world):
    load_standard()
    return SchoolPlan.objects.create(
        programme=scene.programme, unit_id=world.nine_year, number=1, state="approved", edited_at=START,
        dimensions=["learner-analysis", "learning-guidance"], points=["A1", "B1", "A5", "A6"],
    )  # fmt: skip


def some_teacher(scene, dice):
    """Facts of an invented teacher, as a function that gives them to an enrolment."""
    online, research = dice.choice([0, 1, 899, 900, 950]), dice.choice([0, 300, 449, 450, 600])
    chosen = dice.sample(sorted(POINTS), dice.randint(3, 6)) if dice.random() < 0.8 else []
    levels = {p: dice.choice(["", "", "pass", "excellent", "fail", "waiting"]) for p in dice.sample(sorted(POINTS), 4)}
    recording = dice.choice(["", "pass", "fail", "waiting"])
    exempt = [d for d in ("online", "evidence", "research", "recording", "practice", "points") if dice.random() < 0.1]

    def give(enrolment):
        scene.hours(enrolment, online)
        scene.hours(enrolment, research, mode="school-research", course="R")
        if chosen:
            scene.choose(enrolment, chosen)
        for point, level in {**levels, "": recording}.items():
            if level == "waiting":
                scene.submit(enrolment, point)
            elif level:
                scene.result(enrolment, point, level)
        for demand in exempt:
            scene.exempt(enrolment, demand)

    return give


def do(scene, enrolment, way, *, less=0):
    """Exactly what a way says; `less` minutes less of the first learning, or else without the last task."""
    tasks = [(t, t.minutes) for t in way.tasks]
    if less:
        first = next((n for n, (t, _m) in enumerate(tasks) if t.do == "learn"), None)
        tasks = tasks[:-1] if first is None else [(t, m - less * (n == first)) for n, (t, m) in enumerate(tasks)]
    for task, minutes in tasks:
        if task.do == "choose":
            scene.choose(enrolment, task.points, ["learner-analysis", "learning-guidance"])
        elif task.do == "hand-in":
            scene.result(enrolment, task.point, decided="2026-11-02 12:00")
        else:
            mode = {"online": "online", "research": "school-research"}[task.kind]
            day = today()
            scene.hours(enrolment, minutes, mode=mode, day=day, course=f"more {task.kind}")
    for point in way.waiting:
        scene.result(enrolment, point, decided="2026-11-02 12:00")


@pytest.mark.slow
def test_each_way_leads_to_a_pass_and_nothing_less_does(scene, opened, set_clock):
    dice = random.Random(35)
    people = [
        [scene.enrol() for _ in range(COPIES)]
        for give in [some_teacher(scene, dice) for _ in range(TEACHERS)]
        if [give]
    ]
    dice.seed(35)
    for copies in people:
        give = some_teacher(scene, dice)
        for enrolment in copies:
            give(enrolment)
    scene.recount(*(e for copies in people for e in copies))
    document = document_of(scene.version.pk)
    wanted, less, none = [], [], 0
    for copies in people:
        if verdict(copies[0]) in ("pass", "excellent"):
            continue
        ways = shortest_ways_from(document, position_of(copies[0], document))
        none += not ways
        assert [(len(w.tasks), w.minutes) for w in ways] == sorted((len(w.tasks), w.minutes) for w in ways)
        for way, enrolment in zip(ways, copies, strict=False):
            do(scene, enrolment, way)
            wanted.append((enrolment, way))
        if ways and ways[0].tasks:
            do(scene, copies[-1], ways[0], less=1)
            less.append((copies[-1], ways[0]))
    set_clock(datetime(2026, 12, 31, 9, 0, tzinfo=ZONE))
    scene.recount(*(e for copies in people for e in copies))
    assert [(e, way) for e, way in wanted if verdict(e) not in ("pass", "excellent")] == []
    assert [(e, way) for e, way in less if verdict(e) in ("pass", "excellent")] == []
    assert (len(wanted) > TEACHERS * 3 // 2, len(less) > TEACHERS * 5 // 8, none) == (True, True, 0)


def test_the_shortest_of_all_is_to_wait(scene, opened):
    lin = scene.enrol()
    scene.finish(lin)
    scene.recount(lin)
    document = document_of(scene.version.pk)
    assert shortest_ways_from(document, position_of(lin, document))[0].tasks == ()


@pytest.mark.parametrize("closed", [None, date(2027, 7, 1)])
def test_after_the_cut_off_only_what_was_sent_back_is_a_way(scene, opened, set_clock, closed):
    lin, yun = scene.enrol(), scene.enrol()
    for enrolment in (lin, yun):
        scene.finish(enrolment)
        Result.objects.filter(enrolment=enrolment, point="A5").delete()
    scene.submit(lin, "A5", "returned")
    scene.programme.closed_on = closed
    scene.programme.save()
    document, found = document_of(scene.version.pk), []
    for day in (datetime(2027, 6, 30, 9), datetime(2027, 7, 1, 9), datetime(2027, 8, 31, 9), datetime(2027, 9, 1, 9)):
        set_clock(day.replace(tzinfo=ZONE))
        scene.recount(lin, yun)
        ways = [shortest_ways_from(document, position_of(e, document)) for e in (lin, yun)]
        found.append([[[(t.do, t.point) for t in way.tasks] for way in each] for each in ways])
    again = [[("hand-in", "A5")]]
    assert found == [[again, again], [again, []], [again, []], [[], []]]


def test_a_way_after_the_cut_off_is_shown_while_the_verdict_is_pending(scene, world, opened, set_clock):
    lin = scene.enrol(person=world.teacher.person)
    scene.finish(lin)
    Result.objects.filter(enrolment=lin, point="A5").delete()
    scene.submit(lin, "A5", "returned")
    scene.programme.closed_on = date(2027, 7, 1)
    scene.programme.save()
    set_clock(datetime(2027, 8, 31, 9, 0, tzinfo=ZONE))
    scene.recount(lin)
    assert verdict(lin) == "pending"
    assert [[t.task.point for t in way.tasks] for way in shortest_ways(world.teacher.actor, lin)] == [["A5"]]
    scene.result(lin, "A5", decided="2027-08-31 08:00")
    scene.recount(lin)
    assert verdict(lin) == "pass"


def test_ways_are_said_in_sentences(scene, world, opened):
    lin = scene.enrol(person=world.teacher.person)
    scene.hours(lin, 500)
    scene.recount(lin)
    with translation.override("en"):
        ways = shortest_ways(world.teacher.actor, lin)
    assert [task.text for task in ways[0].tasks] == [
        "Choose A1, A5, B1.",
        "Hand in A1 Technology-supported learner analysis and pass.",
        "Hand in A5 Technology-supported lesson opening and pass.",
        "Hand in B1 Technology-supported tests and exercises and pass.",
        "Hand in Classroom recording and pass.",
        "Online courses: 8.9 more periods, on at least 2 days.",
        "School-based research: 10 more periods.",
    ]
    assert [[t.task.points for t in w.tasks if t.task.do == "choose"] for w in ways] == [
        [("A1", "A5", "B1")],
        [("A1", "A6", "B1")],
    ]


def test_nothing_can_be_chosen_while_the_school_has_no_plan(scene, world):
    lin = scene.enrol(person=world.teacher.person)
    scene.recount(lin)
    assert shortest_ways(world.teacher.actor, lin) == ()


def test_there_is_no_way_when_the_days_left_are_too_few(scene, world, opened, set_clock):
    lin = scene.enrol(person=world.teacher.person)
    scene.hours(lin, 100)
    set_clock(datetime(2027, 6, 29, 9, 0, tzinfo=ZONE))
    scene.recount(lin)
    assert shortest_ways(world.teacher.actor, lin) == ()
    scene.hours(lin, 80, day=date(2026, 6, 1))
    scene.recount(lin)
    assert shortest_ways(world.teacher.actor, lin)[0].tasks[-2].task.minutes == 720
    set_clock(datetime(2027, 7, 1, 9, 0, tzinfo=ZONE) + timedelta(hours=1))
    assert shortest_ways(world.teacher.actor, lin) == ()
