"""Ways where points are declared, credits count, nothing may be failed and a handbook is done: each leads to a pass, nothing less
does."""

import random
from dataclasses import replace
from datetime import datetime

import pytest
from django.utils import translation

from tests.p1 import p1_document
from tests.progress.scene import POINTS, START, Scene, verdict
from tests.standard import load_standard
from weineng.kernel.clock import CIVIL
from weineng.planning.models import Declaration, Diagnosis, HandbookEntry
from weineng.programmes.rules import Demand, HandbookTask
from weineng.progress.queries import position_of, shortest_ways
from weineng.progress.rules import shortest_ways_from

WORDS = {"zh-hans": "读", "zh-hant": "讀", "en": "Read"}
TEACHERS = 16
COPIES = 4
SCORES = {"learner-analysis": 2, "teaching-design": 3, "learning-guidance": 4, "academic-assessment": 5}


@pytest.fixture
def scene(world, set_clock):
    """P1 with points of unequal credits, two of three tasks of a handbook, declarations and a self-diagnosis demanded."""
    load_standard()
    set_clock(datetime(2026, 4, 1, 9, tzinfo=CIVIL))
    document = p1_document()
    tasks = tuple(HandbookTask(code, WORDS) for code in ("read", "try", "write"))
    demands = tuple(replace(d, minimum=2) if d.code == "handbook" else d for d in document.demands)
    demands += (
        Demand("declared", "items", WORDS, 3, item="declaration"),
        Demand("self", "items", WORDS, 1, item="self-diagnosis"),
    )
    points = replace(document.points, credits_for={"A1": 500, "A2": 1500})
    document = replace(document, demands=demands, handbook=tasks, points=points)
    return Scene(document, owner=world.district, leaf=world.maths, school=world.nine_year, code="p1-town")


def declare(enrolment, point, *, returned=False):
    when = {"returned_at": START} if returned else {"agreed_at": START}
    Declaration.objects.update_or_create(
        enrolment_id=enrolment, point=point, withdrawn_at=None,
        defaults={"dimension": POINTS.get(point, ""), "declared_at": START, "agreed_at": None, "returned_at": None, **when},
    )  # fmt: skip


def some_teacher(scene, dice):
    """Facts of an invented teacher, as a function that gives them to an enrolment."""
    chosen = dice.sample(sorted(POINTS), dice.randint(3, 6)) if dice.random() < 0.85 else []
    declared = [p for p in chosen if dice.random() < 0.6]
    returned = [p for p in declared if dice.random() < 0.2]
    levels = {p: [dice.choice(["pass", "fail", "waiting", "pass-fail"])] for p in declared if dice.random() < 0.6}
    undeclared = [p for p in chosen if p not in declared and dice.random() < 0.3]
    tasks, told = dice.sample(["read", "try", "write"], dice.randint(0, 3)), dice.random() < 0.5

    def give(enrolment):
        if chosen:
            scene.choose(enrolment, chosen, [])
        for point in declared:
            declare(enrolment, point, returned=point in returned)
        for point, (level,) in levels.items():
            if level == "waiting":
                scene.submit(enrolment, point, on="2026-03-20 09:00")
                continue
            for number, one in enumerate(level.split("-"), 1):
                scene.result(enrolment, point, one, decided=f"2026-03-{10 + number} 10:00")
        for point in undeclared:
            scene.result(enrolment, point, decided="2026-03-01 10:00")
        for task in tasks:
            HandbookEntry.objects.create(enrolment_id=enrolment, task=task, done_at=START, confirmed_at=START)
        if told:
            Diagnosis.objects.create(enrolment_id=enrolment, answers=SCORES, handed_in_at=START, edited_at=START)

    return give


def do(scene, enrolment, way, *, without=None):
    """Exactly what a way says, but for one task."""
    for number, task in enumerate(way.tasks):
        if number == without:
            continue
        if task.do == "choose":
            scene.choose(enrolment, [p for p in task.points if p in POINTS], [])
        elif task.do == "declare":
            for point in task.points:
                declare(enrolment, point)
        elif task.do == "hand-in":
            scene.result(enrolment, task.point, decided="2026-05-04 10:00")
        elif task.do == "handbook":
            HandbookEntry.objects.create(enrolment_id=enrolment, task=task.point, done_at=START, confirmed_at=START)
        else:
            Diagnosis.objects.create(enrolment_id=enrolment, answers=SCORES, handed_in_at=START, edited_at=START)
    for point in way.waiting:
        scene.result(enrolment, point, decided="2026-05-04 10:00")


def ways_of(scene, enrolment):
    return shortest_ways_from(scene.document, position_of(enrolment, scene.document))


@pytest.mark.slow
def test_each_way_leads_to_a_pass_and_nothing_less_does(scene, set_clock):
    dice = random.Random(25)
    people = []
    for _ in range(TEACHERS):
        give, copies = some_teacher(scene, dice), [scene.enrol() for _ in range(COPIES)]
        for one in copies:
            give(one)
        people.append(copies)
    scene.recount(*(one for copies in people for one in copies))
    set_clock(datetime(2026, 6, 1, 9, tzinfo=CIVIL))
    found, acts = [ways_of(scene, copies[0]) for copies in people], set()
    passes, fails = [], []
    for copies, ways in zip(people, found, strict=True):
        for one, way in zip(copies, ways, strict=False):
            points = {p for task in way.tasks if task.do == "choose" for p in task.points}
            acts |= {task.do for task in way.tasks}
            if points <= set(POINTS):
                do(scene, one, way)
                passes.append(one)
        if ways and ways[0].tasks and not any(task.do == "choose" for task in ways[0].tasks):
            do(scene, copies[3], ways[0], without=dice.randrange(len(ways[0].tasks)))
            fails.append(copies[3])
    scene.recount(*passes, *fails)
    wrong = [one for one in passes if verdict(one) != "pass"]
    assert (wrong, [one for one in fails if verdict(one) == "pass"]) == ([], [])
    assert (len(passes) > TEACHERS, len(fails) > TEACHERS // 3) == (True, True)
    assert acts == {"choose", "declare", "hand-in", "handbook", "diagnose"}


def said(ways):
    return [[(t.do, t.points or t.point) for t in way.tasks] for way in ways]


def test_what_is_declared_is_handed_in_and_what_was_failed_once_more(scene):
    one = scene.enrol()
    scene.choose(one, ["A1", "A2", "A3", "B1"], [])
    for point in ("A2", "A3", "B1"):
        declare(one, point)
    scene.result(one, "A3", decided="2026-03-02 10:00")
    scene.result(one, "A3", "fail", decided="2026-03-03 10:00")
    scene.submit(one, "B1")
    scene.recount(one)
    own = [("handbook", "read"), ("handbook", "try"), ("diagnose", "")]
    ways = ways_of(scene, one)
    assert said(ways) == [
        [("hand-in", "A3"), ("hand-in", "A2"), *own],
    ]  # fmt: skip
    assert ways[0].waiting == ("B1",)


def test_who_has_not_chosen_chooses_the_worthiest_and_declares_them(scene):
    one = scene.enrol()
    scene.recount(one)
    first = ways_of(scene, one)[0]
    assert [task.do for task in first.tasks] == [
        "choose", "declare", "hand-in", "hand-in", "hand-in", "handbook", "handbook", "diagnose",
    ]  # fmt: skip
    assert "A2" in first.tasks[0].points


def test_ways_are_said_in_sentences(scene, world):
    one = scene.enrol()
    scene.choose(one, ["A1", "A2", "A3"], [])
    for point in ("A1", "A2", "A3"):
        scene.result(one, point)
    HandbookEntry.objects.create(enrolment_id=one, task="read", done_at=START, confirmed_at=START)
    scene.recount(one)
    with translation.override("en"):
        (way,) = shortest_ways(world.office.actor, one)
    assert [task.text for task in way.tasks] == [
        "Declare A1, A2, A3 to be assessed.", "Do “Read” and have it confirmed.", "Hand in the self-diagnosis.",
    ]  # fmt: skip
