"""Figures by stage, subject and mark: they add up to the whole, each is as many as the people behind it, on any day."""

import random
from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.district import start_p4
from tests.operations import Operations, differences
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import NotFound
from weineng.organisations.actions import change_posting, set_flag
from weineng.organisations.models import Posting
from weineng.organisations.queries import stretch_of
from weineng.programmes.actions import enrol_people, enrol_school
from weineng.progress.models import Cut
from weineng.progress.queries import CutValue, Reached, cuts_of, flags_below, overview, people_behind

BY = platform("test")
NOW = datetime(2026, 5, 20, 10, tzinfo=CIVIL)
PAST = date(2026, 3, 1)


@pytest.fixture(scope="module")
def begun(once):
    def build(world, set_clock):
        set_clock(datetime(2026, 1, 5, 9, tzinfo=CIVIL))
        p4 = start_p4(world)
        for unit in (world.nine_year, world.kindergarten):
            enrol_school(by=world.office.actor, programme=p4.pk, unit=unit, batch="pilot")
            enrol_people(by=world.office.actor, programme=p4.pk, unit=unit)
        set_clock(NOW)
        set_flag(by=BY, unit=world.kindergarten, flag="rural", held=True, on=date(2026, 4, 1))
        Operations(p4, random.Random(0), set_clock).settle()
        return p4

    return once(build)


@pytest.fixture
def life(begun, world, set_clock):
    set_clock(NOW)
    return Operations(begun, random.Random(1), set_clock)


def people(cut):
    return {value: reached.people for value, reached in cut.items()}


def test_stages_and_subjects_are_those_of_the_home_posts(begun, world, life):
    rows = people_behind(BY, begun.pk, world.district)
    posts = Posting.objects.filter(person__in=rows.values("person"), home=True, during__contains=NOW.date())
    for by in ("stage", "subject"):
        told = people(cuts_of(BY, begun.pk, world.district, by))
        there = {}
        for post in posts:
            there[getattr(post, by)] = there.get(getattr(post, by), 0) + 1
        assert told == there
        for value, number in told.items():
            assert people_behind(BY, begun.pk, world.district, cut=CutValue(by, value)).count() == number
    assert list(cuts_of(BY, begun.pk, world.district, "stage")) == ["preschool", "primary", "junior"]
    assert next(iter(cuts_of(BY, begun.pk, world.nine_year, "subject"))) == "数学"
    assert differences(life, on=PAST) == []


def test_a_mark_cuts_into_those_with_and_those_without(begun, world, life):
    assert flags_below(world.district, NOW.date()) == ["rural"]
    whole = overview(BY, begun.pk, world.district).total.people
    assert people(cuts_of(BY, begun.pk, world.district, "rural")) == {"1": 3, "0": whole - 3}
    assert people_behind(BY, begun.pk, world.district, cut=CutValue("rural", "1")).count() == 3
    assert people_behind(BY, begun.pk, world.district, cut=CutValue("rural", "0")).count() == whole - 3
    assert people(cuts_of(BY, begun.pk, world.district, "rural", PAST)) == {"0": whole}
    assert people_behind(BY, begun.pk, world.district, cut=CutValue("rural", "1"), on=PAST).count() == 0


def test_a_post_that_changes_moves_somebody_from_row_to_row_and_the_past_stays(begun, world, life):
    before = people(cuts_of(BY, begun.pk, world.district, "subject"))
    post = Posting.objects.get(person=world.teacher.person)
    changed = replace(stretch_of(post).post, subject="物理")
    change_posting(by=BY, posting=post.pk, on=date(2026, 4, 1), post=changed)
    life.settle()
    after = cuts_of(BY, begun.pk, world.district, "subject")
    assert people(after) == {**before, "数学": before["数学"] - 1, "物理": 1}
    assert after["物理"] == Reached(1, 0, 0)
    assert people(cuts_of(BY, begun.pk, world.district, "subject", PAST)) == before
    for on, number in ((None, 1), (PAST, 0)):
        rows = people_behind(BY, begun.pk, world.district, cut=CutValue("subject", "物理"), on=on)
        assert list(rows.values_list("person", flat=True)) == [world.teacher.person] * number
    assert differences(life, on=PAST) == []


def test_a_sum_that_is_wrong_is_found(begun, world, life):
    Cut.objects.filter(subject="数学").update(people=7)
    found = differences(life)
    assert any("progress_cut" in one for one in found)
    assert any("by subject" in one for one in found)


def test_who_may_not_see_the_figures_finds_nothing(begun, world, life):
    assert people(cuts_of(world.office.actor, begun.pk, world.district, "stage"))
    for other in (world.wu, world.cio, world.teacher):
        with pytest.raises(NotFound):
            cuts_of(other.actor, begun.pk, world.district, "stage")
