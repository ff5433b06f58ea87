"""The teacher's page: every number with what it is made of, every minute that does not count with its reason."""

from dataclasses import replace
from datetime import datetime

import pytest
from django.utils import translation

from tests.progress.scene import ZONE, Scene
from tests.standard import load_standard
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound
from weineng.programmes.rules import Advice
from weineng.progress.models import Counted
from weineng.progress.queries import periods, standing_of
from weineng.progress.reasons import FLAGS, LINE_REASONS, STANDING_REASONS, VERDICTS, line_text, reason_text


def test_periods_are_rounded_down_so_that_nobody_reads_50_and_fails():
    assert [periods(m, 45) for m in (0, 44, 45, 47, 2249, 2250)] == ["0", "0.9", "1", "1", "49.9", "50"]
    assert [periods(m, 45, up=True) for m in (0, 1, 45, 46)] == ["0", "0.1", "1", "1.1"]


def test_the_page_says_what_counts_and_what_does_not_and_why(scene, world):
    lin = scene.enrol(person=world.teacher.person)
    first = scene.record(lin, 400, "2026-03-02 08:00", course="Clouds")
    again = scene.record(lin, 400, "2026-03-02 08:00", course="Clouds")
    other = scene.record(lin, 30, "2026-03-02 09:00", course="Rain", mode="school-research")
    scene.choose(lin, ["A1", "A3", "A5"])
    scene.result(lin, "A1", "fail")
    scene.result(lin, "A3")
    scene.submit(lin, "A5")
    scene.recount(lin)
    with translation.override("en"):
        page = standing_of(world.teacher.actor, lin)
    demands = {d.code: (d.have_text, d.need_text, d.verdict, [r.code for r in d.reasons]) for d in page.demands}
    assert (page.verdict, page.met, page.asked, page.waiting) == ("in-progress", 0, 7, False)
    assert demands["online"] == ("8", "20", "open", ["minutes-short"])
    assert demands["points"] == ("1", "3", "open", ["points-short", "axis-missing"])
    assert next(r.text for r in page.reasons) == "12 periods are missing: 8 of 20."
    assert {r.code for r in page.reasons} == {
        "minutes-short",
        "points-short",
        "axis-missing",
        "item-failed",
        "result-pending",
    }
    kinds = {kind.kind: kind for kind in page.kinds}
    assert [(v.record, v.minutes, v.reason, v.other) for v in kinds["online"].lines] == [
        (first.pk, 360, "", None),
        (first.pk, 40, "cap", None),
        (again.pk, 400, "duplicate-of", first.pk),
    ]
    assert [(v.record, v.minutes, bool(v.flag)) for v in kinds["research"].lines] == [(other.pk, 30, True)]
    assert [(v.title, v.minutes) for v in kinds["evidence"].lines] == [("A3 Presentation design and production", 225)]
    assert sum(v.minutes for k in page.kinds for v in k.lines if v.record) == 830
    assert sum(k.minutes for k in page.kinds) == sum(
        Counted.objects.filter(reason="").values_list("minutes", flat=True)
    )


def test_the_profile_shows_the_best_level_of_each_cell_chosen_or_not(scene, world, p4):
    load_standard()
    shown = Scene(replace(p4, profile=True), owner=world.district, leaf=world.maths, school=world.nine_year, code="p3")
    lin = shown.enrol(person=world.teacher.person)
    for point, level in (("A1", "fail"), ("A3", "pass"), ("A4", "excellent"), ("A5", "pass"), ("C1", "excellent")):
        shown.result(lin, point, level)
    shown.recount(lin)
    found = {
        (row.environment, cell.dimension): cell.level
        for row in standing_of(world.teacher.actor, lin).profile
        for cell in row.cells
    }
    environments = ("multimedia", "blended", "smart")
    dimensions = ("learner-analysis", "teaching-design", "learning-guidance", "academic-assessment")
    assert found == {(e, d): "none" for e in environments for d in dimensions} | {
        ("multimedia", "teaching-design"): "excellent",
        ("multimedia", "learning-guidance"): "pass",
        ("smart", "learner-analysis"): "not-applicable",
        ("smart", "teaching-design"): "excellent",
    }
    plain = scene.enrol(person=world.teacher.person)
    scene.recount(plain)
    assert standing_of(world.teacher.actor, plain).profile == ()


def test_what_a_plan_suggests_is_shown_and_part_of_no_state(world, p4, set_clock):
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    demands = tuple(demand for demand in p4.demands if demand.code in ("online", "points"))
    title = {"en": "Practice", "zh-hans": "实践", "zh-hant": "實踐"}
    advice = (Advice("practice", title, ("research", "evidence"), 1125), Advice("film", title, ("recording",), 225))
    document = replace(p4, demands=demands, advice=advice)
    scene = Scene(document, owner=world.district, leaf=world.maths, school=world.nine_year)
    lin = scene.enrol(person=world.teacher.person)
    scene.choose(lin, ["A1", "A3", "A5"])
    scene.hours(lin, 900)
    scene.hours(lin, 449, mode="school-research", course="R")
    for point in ("A1", "A3", "A5"):
        scene.result(lin, point)
    scene.recount(lin)
    page = standing_of(world.teacher.actor, lin)
    assert (page.verdict, page.met, page.asked, page.reasons) == ("pass", 2, 2, ())
    assert [(line.code, line.have, line.have_text, line.suggested_text, line.followed) for line in page.advice] == [
        ("practice", 1124, "24.9", "25", False), ("film", 0, "0", "5", False),
    ]  # fmt: skip
    scene.record(lin, 1, "2026-04-20 08:00", mode="school-research", course="S")
    scene.recount(lin)
    assert standing_of(world.teacher.actor, lin).advice[0].followed


def test_nobody_else_sees_it(scene, world):
    lin = scene.enrol(person=world.teacher.person)
    scene.recount(lin)
    for member in (world.teacher, world.cio, world.office):
        assert standing_of(member.actor, lin).verdict == "not-begun"
    for actor in (world.colleague.actor, world.wu.actor, Actor()):
        with pytest.raises(NotFound):
            standing_of(actor, lin)


@pytest.mark.parametrize("lines", [1, 3])
def test_the_page_asks_as_often_for_many_lines_as_for_one(scene, world, lines, django_assert_num_queries):
    lin = scene.enrol(person=world.teacher.person)
    for day in range(lines):
        scene.record(lin, 40, f"2026-03-0{day + 1} 08:00")
        scene.result(lin, f"A{day + 1}")
    scene.recount(lin)
    actor = world.teacher.actor
    standing_of(actor, lin)
    with django_assert_num_queries(10):
        standing_of(actor, lin)


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_every_reason_is_a_sentence_in_every_language(language):
    params = dict.fromkeys(
        (
            "missing_text",
            "have_text",
            "need_text",
            "what",
            "missing",
            "have",
            "need",
            "values",
            "item",
            "demand",
            "cap",
            "gate",
            "programme",
        ),
        "7",
    )
    with translation.override(language):
        texts = (
            [reason_text(code, params) for code in STANDING_REASONS]
            + [line_text(code, params) for code in LINE_REASONS]
            + [line_text("before-gate", {**params, "kept": True})]
        )
        texts += [str(text) for text in (*FLAGS.values(), *VERDICTS.values())]
    assert all(text and "%(" not in text for text in texts)
    if language != "en":
        assert [text for text in texts if text.isascii()] == []
