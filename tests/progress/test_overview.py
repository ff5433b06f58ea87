"""A unit's figures: sums of their parts, each with as many people behind it as it says, also on past days."""

from datetime import date, datetime
from functools import partial

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from tests.progress.scene import SETTLE, ZONE
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import Posting
from weineng.programmes.models import Enrolment
from weineng.progress.actions import add_up
from weineng.progress.queries import Figures, overview, people_behind, people_page

pytestmark = pytest.mark.slow


@pytest.fixture
def district(scene, world):
    """Two schools: who passed, who is on the way, who has not begun, who left, who is exempt, who has no group."""
    people = {
        "passed": scene.enrol(name="a"),
        "begun": scene.enrol(name="b"),
        "idle": scene.enrol(name="c", leaf=world.chinese),
        "left": scene.enrol(name="d"),
        "exempt": scene.enrol(name="e", leaf=world.chinese),
        "groupless": scene.enrol(name="f", leaf=world.nine_year),
        "child": scene.enrol(name="g", leaf=world.play),
        "excellent": scene.enrol(name="h"),
    }
    Enrolment.objects.filter(pk=people["left"]).update(left_on=date(2026, 10, 1))
    scene.finish(people["passed"])
    scene.finish(people["excellent"], "excellent")
    scene.hours(people["begun"], 900)
    scene.hours(people["groupless"], 45)
    scene.exempt(people["exempt"], "*")
    scene.recount(*people.values())
    return people


def figures(row):
    f = row.figures
    return f.people, f.participants, f.passed, f.met["online"], f.asked["online"]


def test_rows_are_the_units_below_and_the_people_of_the_unit_itself(scene, world, district):
    page = overview(world.office.actor, scene.programme.pk, world.nine_year)
    assert {(row.unit, row.leaf_kind): figures(row) for row in page.rows} == {
        (world.maths, ""): (3, 3, 2, 3, 3),
        (world.chinese, ""): (1, 0, 0, 0, 1),
        (world.nine_year, "no-group"): (1, 1, 0, 0, 1),
    }
    assert page.total.verdicts["left"] == 1
    above = overview(world.office.actor, scene.programme.pk, world.district)
    assert above.total.people == 6
    assert above.total.verdicts == {
        "not-begun": 2, "in-progress": 2, "pass": 1, "excellent": 1, "pending": 0, "not-passed": 0, "exempt": 1, "left": 1,
    }  # fmt: skip


def every_number(by, programme, unit, on=None):
    """(what, number, how to find the people behind it) for every figure at and below a unit."""
    page = overview(by, programme, unit, on)
    for row in page.rows:
        f = row.figures
        behind = partial(people_behind, by, programme, unit=row.unit, leaf_kind=row.leaf_kind, on=on)
        yield (row, "people"), f.people, behind
        yield (row, "finished"), f.passed, partial(behind, verdict="finished")
        yield (row, "participants"), f.participants, partial(behind, participants=True)
        for verdict, number in f.verdicts.items():
            yield (row, verdict), number, partial(behind, verdict=verdict)
        for demand in f.met:
            yield (row, demand), f.met[demand], partial(behind, demand=demand, verdict="met")
            yield (row, demand, "asked"), f.asked[demand], partial(behind, demand=demand)
        if not row.leaf_kind and row.unit != unit:
            yield from every_number(by, programme, row.unit, on)


def differing(by, programme, unit, on=None):
    """Where another number of people is found than was said; narrowly every fourth number is looked at."""
    numbers = list(every_number(by, programme, unit, on))
    assert len(numbers) > 50
    counted = [(what, number, len(behind())) for what, number, behind in numbers]
    return [found for found in counted if found[1] != found[2]]


def test_every_number_has_its_people_behind_it(scene, world, district):
    assert differing(world.office.actor, scene.programme.pk, world.district) == []


def test_a_past_day_is_answered_as_it_was(scene, world, district, set_clock):
    """Lin passes in November, moves school in December; the end of November still says what it said."""
    by, programme = world.office.actor, scene.programme.pk
    before = overview(by, programme, world.district)
    begun = district["begun"]
    set_clock(datetime(2026, 12, 1, 9, 0, tzinfo=ZONE))
    scene.hours(begun, 450, mode="school-research", course="R")
    scene.choose(begun, ["A1", "A3", "A5"])
    for point in ("A1", "A3", "A5", ""):
        scene.result(begun, point)
    person = scene.person(begun)
    Posting.objects.filter(person=person).update(during=DateRange(date(2025, 9, 1), date(2026, 12, 1)))
    Posting.objects.create(
        person_id=person, unit_id=world.play, school_id=world.kindergarten, during=DateRange(date(2026, 12, 1), None),
        known_at=datetime(2026, 12, 1, tzinfo=ZONE),
    )  # fmt: skip
    scene.recount(begun)
    now, then = (overview(by, programme, world.district, on) for on in (None, date(2026, 11, 30)))
    assert (now.total.passed, then.total.passed) == (3, 2)
    assert then.total == before.total
    maths = [
        next(r.figures.people for r in overview(by, programme, world.nine_year, on).rows if r.unit == world.maths)
        for on in (None, date(2026, 11, 30))
    ]
    assert maths == [2, 3]
    assert differing(by, programme, world.district, date(2026, 11, 30)) == []
    assert differing(by, programme, world.district) == []
    stood = [
        next(
            row.verdict
            for row in people_page(people_behind(by, programme, world.district, on=on), on=on)[0]
            if row.enrolment == begun
        )
        for on in (date(2026, 10, 1), date(2026, 11, 30), None)
    ]
    assert stood == ["not-begun", "in-progress", "pass"]


def test_a_share_is_compared_without_rounding():
    def figures_of(people, passed):
        return Figures(people, 0, {"pass": passed, "excellent": 0}, {}, {})

    assert [figures_of(n, p).reaches(95) for n, p in ((20, 19), (19, 18), (0, 0), (40, 38), (40, 37))] == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert figures_of(3, 2).share(2) == 66


def test_outside_ones_reach_there_is_nothing(scene, world, district):
    for actor in (world.wu.actor, world.teacher.actor):
        with pytest.raises(NotFound):
            overview(actor, scene.programme.pk, world.nine_year)
        with pytest.raises(NotFound):
            people_behind(actor, scene.programme.pk, world.nine_year)
    with pytest.raises(NotFound):
        overview(world.cio.actor, scene.programme.pk, world.district)
    assert overview(world.cio.actor, scene.programme.pk, world.nine_year).total.people == 5


def test_pages_of_a_list_follow_each_other_without_gap_or_repetition(scene, world):
    enrolments = [scene.enrol(name=name) for name in ("b", "a", "c", "a", "b")]
    scene.recount(*enrolments)
    rows = people_behind(world.office.actor, scene.programme.pk, world.maths)
    seen, after = [], None
    while True:
        page, after = people_page(rows, after=after, size=2)
        seen += [(row.name, row.enrolment) for row in page]
        if after is None:
            break
    assert seen == sorted(zip("bacab", enrolments, strict=True))


@pytest.mark.parametrize("people", [1, 3])
def test_an_overview_and_a_list_ask_as_often_for_many_as_for_one(scene, world, people, django_assert_num_queries):
    for _ in range(people):
        scene.finish(lin := scene.enrol(leaf=world.play))
        scene.recount(lin)
    by, programme = world.office.actor, scene.programme.pk
    add_up(by=SETTLE)
    overview(by, programme, world.district)
    with django_assert_num_queries(5):
        overview(by, programme, world.district)
    with django_assert_num_queries(4):
        people_page(people_behind(by, programme, world.district))
