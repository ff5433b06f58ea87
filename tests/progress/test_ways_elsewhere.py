"""Ways in documents unlike P4: doing exactly what each says gives a pass there too."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from tests.p4 import p4_document
from tests.progress.scene import POINTS, Scene, standing, verdict
from tests.standard import load_standard
from weineng.kernel.clock import CIVIL
from weineng.organisations.models import UnitFlag
from weineng.programmes.rules import Demand, Gate, PointRules
from weineng.progress import rules
from weineng.progress.queries import position_of
from weineng.progress.rules import Position, shortest_ways_from

WORDS = {"zh-hans": "甲", "zh-hant": "甲", "en": "A"}
MODES = {"online": "online", "research": "school-research"}


@pytest.fixture
def begin(world, set_clock):
    """`begin(document)`: a scene of it and a teacher in it, on 1 April."""
    load_standard()
    set_clock(datetime(2026, 4, 1, 9, tzinfo=CIVIL))

    def build(document):
        scene = Scene(document, owner=world.district, leaf=world.maths, school=world.nine_year)
        return scene, scene.enrol()

    return build


def ways_of(scene, one):
    scene.recount(one)
    return shortest_ways_from(scene.document, position_of(one, scene.document))


def said(way):
    return [(t.do, t.points or t.point or t.kind, t.minutes) for t in way.tasks]


def do(scene, one, way, set_clock, dimensions):
    """Exactly what a way says, learning online first; then it is 1 June."""
    set_clock(datetime(2026, 6, 1, 9, tzinfo=CIVIL))
    for task in way.tasks:
        if task.do == "choose":
            scene.choose(one, task.points, dimensions)
        elif task.do == "hand-in":
            scene.result(one, task.point)
        else:
            day = date(2026, 4, 1) if task.kind == "online" else date(2026, 5, 1)
            scene.hours(one, task.minutes, mode=MODES[task.kind], day=day, course=f"more {task.kind}")
    scene.recount(one)
    return verdict(one)


@pytest.mark.parametrize(("credits_needed", "number", "count"), [(0, 3, 3), (3500, 4, 3), (2750, 3, 1)])
def test_where_nobody_opens_anything_a_way_chooses_as_many_as_number_and_credits_ask_for(
    begin, set_clock, credits_needed, number, count
):
    document = p4_document()
    rule = replace(
        document.choice, opened_minimum=0, opened_minimum_for_flag={}, each_opened=0, credits=credits_needed,
        environments=("multimedia",), dimensions=("learner-analysis", "teaching-design"),
    )  # fmt: skip
    demands = tuple(replace(d, each_opened=0) for d in document.demands)
    points = PointRules(credits=1000, credits_for={"A1": 750})
    scene, one = begin(replace(document, choice=rule, demands=demands, points=points))
    ways = ways_of(scene, one)
    assert [len(way.tasks[0].points) for way in ways] == [number] * count
    assert len({repr(way.tasks) for way in ways}) == count
    worth = [sum(scene.document.points.credits_of(p) for p in way.tasks[0].points) for way in ways]
    assert [w for w in worth if w < credits_needed] == []
    assert do(scene, one, ways[0], set_clock, []) == "pass"


def test_a_school_with_a_flag_needs_the_points_of_its_flag(begin, world, set_clock):
    UnitFlag.objects.create(unit_id=world.nine_year, flag="smart", during=DateRange(date(2025, 1, 1), None))
    document = p4_document()
    demands = [replace(d, minimum_for_flag={"smart": 5}) if d.code == "points" else d for d in document.demands]
    scene, one = begin(replace(document, demands=tuple(demands)))
    scene.choose(one, ["A1", "A2", "A3", "A5", "A6"])
    first = ways_of(scene, one)[0]
    assert [task.point for task in first.tasks if task.do == "hand-in"] == ["A1", "A2", "A3", "A5", "A6", ""]
    assert (do(scene, one, first, set_clock, []), standing(one, "points").need) == ("pass", 5)


@pytest.mark.parametrize(("online", "research", "first"), [(450, 450, 900), (1800, 0, 1800), (900, 900, 0)])
def test_a_share_of_what_is_counted_is_kept_by_what_is_learned(begin, set_clock, online, research, first):
    total = Demand("total", "minutes", WORDS, 1800, kinds=("online", "research"))
    half = Demand("half", "share", WORDS, 0, kinds=("research",), share=50, of="total", base="counted")
    scene, one = begin(replace(p4_document(), demands=(total, half)))
    scene.hours(one, research, mode="school-research", course="R", day=date(2026, 2, 1))
    scene.hours(one, online, day=date(2026, 2, 10))
    ways = ways_of(scene, one)
    assert [said(way) for way in ways] == [[("learn", "research", first)]] if first else [[]]
    if first:
        assert do(scene, one, ways[0], set_clock, []) == "pass"


def gated(before, *demands):
    document = p4_document()
    gate = Gate("online-first", WORDS, ("online",), 225, ("research",), before)
    return replace(document, gates=(gate,), demands=tuple(d for d in document.demands if d.code in demands))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("keep", [("learn", "online", 225)]),
        ("not-counted", [("learn", "online", 225), ("learn", "research", 450)]),
    ],
)
def test_minutes_that_are_kept_count_once_the_way_opens_their_gate(begin, set_clock, before, expected):
    scene, one = begin(gated(before, "research"))
    scene.hours(one, 450, mode="school-research", course="R", day=date(2026, 2, 1))
    ways = ways_of(scene, one)
    assert [said(way) for way in ways] == [expected]
    assert do(scene, one, ways[0], set_clock, []) == "pass"


@pytest.mark.parametrize(("before", "online"), [("keep", 0), ("not-counted", 0), ("refuse", 225)])
def test_a_gate_is_opened_only_where_the_way_goes_through_it(begin, set_clock, before, online):
    scene, one = begin(gated(before, "points"))
    scene.choose(one, ["A1", "A3", "A5"])
    ways = ways_of(scene, one)
    learn = [("learn", "online", online)] if online else []
    assert [said(way) for way in ways] == [[("hand-in", p, 0) for p in ("A1", "A3", "A5")] + learn]
    assert do(scene, one, ways[0], set_clock, []) == "pass"


def test_many_chosen_points_are_not_all_gone_through(monkeypatch):
    """Of thirty points there are a thousand million sets; a few hundred steps find the three shortest ways."""
    document, values = p4_document(), sorted(set(POINTS.values()))
    steps, met = Counter(), rules._points_met
    monkeypatch.setattr(rules, "_points_met", lambda *args: (steps.update(["met"]), met(*args))[1])
    found = []
    for number in (8, 30):
        position = Position(
            on=date(2026, 4, 1), needs={d.code: d.minimum for d in document.demands}, minutes={}, minutes_today={},
            passed={}, chosen={f"P{n:02}": values[n % 4] for n in range(number)}, opened=tuple(values),
            waiting=frozenset(), returned=frozenset(), earned=frozenset(),
        )  # fmt: skip
        found.append([[t.point for t in w.tasks if t.do == "hand-in"] for w in shortest_ways_from(document, position)])
    assert found[0][0] == ["P00", "P01", "P02", "P03", ""]
    assert [len(ways) for ways in found] == [3, 3]
    assert steps["met"] < 2000


def test_a_gate_that_opens_by_the_way_lets_in_what_was_kept_for_shares_too(begin, set_clock):
    both = Demand("both", "minutes", WORDS, 225, kinds=("online", "research"))
    half = Demand("half", "share", WORDS, 0, kinds=("online",), share=50, of="both", base="counted")
    scene, one = begin(replace(gated("keep"), demands=(both, half)))
    scene.hours(one, 450, mode="school-research", course="R", day=date(2026, 2, 1))
    ways = ways_of(scene, one)
    assert [said(way) for way in ways] == [[("learn", "online", 450)]]
    assert do(scene, one, ways[0], set_clock, []) == "pass"
