"""Demands beside minutes and points: a school's plan that is in force, a point that is failed."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.p4 import p4_document, publish_p4
from tests.planning.plans import approve, enrol, submitted
from tests.progress.scene import SETTLE, Here, Scene, standing
from weineng.kernel.clock import CIVIL
from weineng.organisations.models import Posting
from weineng.planning.actions import approve_school_plan, reopen_school_plan
from weineng.programmes.documents import to_json
from weineng.programmes.models import Enrolment, Touched
from weineng.programmes.rules import Demand
from weineng.progress.actions import compare_with_recount, recount

WORDS = {"zh-hans": "甲", "zh-hant": "甲", "en": "A"}


@pytest.fixture(autouse=True)
def _today(set_clock):
    set_clock(datetime(2026, 4, 1, 9, tzinfo=CIVIL))


@pytest.fixture
def with_plan(world):
    """A programme that demands the school's plan: the teacher of the nine-year school, one of another school whom the
    nine-year school is host to, and one of that other school."""
    programme = publish_p4(world)
    document = p4_document()
    document = replace(document, demands=(*document.demands, Demand("plan", "items", WORDS, 1, item="school-plan")))
    programme.versions.update(document=to_json(document))
    scene = Here(None, owner=world.district, leaf=world.maths, school=world.nine_year)
    there = [enrol(programme, world.teacher).pk, scene.enrol(name="guest"), scene.enrol(name="away")]
    for one in there[1:]:
        Posting.objects.filter(person=scene.person(one)).update(school=world.vocational, unit=world.vocational)
    Enrolment.objects.filter(pk=there[1]).update(host=world.nine_year)
    scene.recount(*there)
    return programme, there


def verdicts(there):
    recount(by=SETTLE)
    return [standing(one, "plan").verdict for one in there]


def test_a_plan_in_force_is_counted_for_whom_it_concerns_as_soon_as_it_is_and_no_longer(world, with_plan):
    programme, there = with_plan
    assert verdicts(there) == ["open", "open", "open"]
    plan = submitted(programme, world.nine_year, world.cio)
    assert Touched.objects.count() == 0
    approve_school_plan(by=world.office.actor, plan=plan.pk)
    assert list(Touched.objects.order_by("enrolment").values_list("enrolment", "lane")) == [
        (one, 1) for one in there[:2]
    ]
    assert verdicts(there) == ["met", "met", "open"]
    reopen_school_plan(by=world.office.actor, plan=plan.pk, reason="看错了")
    assert verdicts(there) == ["open", "open", "open"]
    approve_school_plan(by=world.office.actor, plan=plan.pk)
    newer = approve(world, programme, world.nine_year, world.cio)
    assert verdicts(there) == ["met", "met", "open"]
    reopen_school_plan(by=world.office.actor, plan=newer.pk, reason="看错了")
    assert verdicts(there) == ["met", "met", "open"]
    assert compare_with_recount(by=SETTLE, programme=programme.pk) == []


def test_a_plan_that_no_document_demands_has_nobody_recounted(world):
    programme = publish_p4(world)
    enrol(programme, world.teacher)
    plan = approve(world, programme, world.nine_year, world.cio)
    reopen_school_plan(by=world.office.actor, plan=plan.pk, reason="看错了")
    assert Touched.objects.count() == 0


@pytest.mark.parametrize("exempt", [False, True])
def test_a_failed_point_is_told_once_whether_or_not_none_may_be_failed(world, exempt):
    document = p4_document()
    document = replace(document, demands=(*document.demands, Demand("clean", "none-failed", WORDS, 0)))
    scene = Scene(document, owner=world.district, leaf=world.maths, school=world.nine_year)
    one, other = scene.enrol(), scene.enrol(name="other")
    for each in (one, other):
        scene.choose(each, ["A1", "A3", "A5"])
        scene.result(each, "A1", "fail")
    if exempt:
        scene.exempt(one, "clean")
    scene.recount(one, other)
    told = [[r for r in standing(each).reasons if r["code"] == "item-failed"] for each in (one, other)]
    assert told == [[{"code": "item-failed", "item": "point", "point": "A1"}]] * 2
    assert [standing(each, "clean").verdict for each in (one, other)] == ["exempt" if exempt else "open", "open"]
