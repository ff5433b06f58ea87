"""The five plans as documents: read without a problem, their demands, and exactly the lines that their text does not say."""

import re
from datetime import date

import jsonschema
import pytest

from tests.programmes.test_documents import PLANS, as_json
from weineng.programmes.documents import (
    check_document,
    document_schema,
    from_json,
    read_document,
    to_json,
)
from weineng.programmes.documents.folding import fold

P2_P4_BASE = {
    "period_minutes", "choice.axis", "stages.self.days", "stages.peers.days", "stages.peers.reviewers", "stages.peers.fallback",
    "stages.panel.days", "stages.panel.reviewers", "stages.panel.decides", "returns",
}  # fmt: skip
SAMPLES = ("reviewers", "share", "least", "strata", "tolerance", "days")
ALL = {"cycle.late_until", "cycle.start", "school.completed_share"}
OWN = {
    "p1-town": ALL | {
        "cycle.cut_off", "period_minutes", "phases.assess.from", "phases.assess.to", "tasks.choose.due", "tasks.credits.due",
        "demands.handbook.minimum", "handbook.tasks.confirmed_by", "points.credits",
        "stages.panel.reviewers", "stages.panel.insiders", "stages.panel.outsiders",
        "stages.panel.third_on_difference", "stages.panel.days", "stages.acceptance.reviewers", "stages.acceptance.days",
        "assessment_mode.approved_by", "returns",
    },
    "p2-province": ALL | {
        "scope.kinds", "scope.in_post", "scope.establishment", "tasks.choose.due", "tasks.online.due", "tasks.practice.due",
        "results.point.periods", "results.point.earned_on", "results.recording.earned_on", "results.recording.declared_minimum",
        "results.recording.least_minutes", "stages.city-sample.by", *(f"stages.city-sample.{line}" for line in SAMPLES), "levels.pass",
        "county.started.approved_plans", "county.started.in_begun_batch", "targets.counties-2021.per",
    },
    "p3-province": ALL | {
        "cycle.cut_off", "period_minutes", "scope.in_post", "scope.establishment", "phases.third.from", "phases.third.to",
        "tasks.total.due", "tasks.points.due", "gates.online-first.before", "demands.practice.base", "stages.peers.reviewers",
        "stages.peers.days", "stages.backbone.reviewers", "stages.backbone.days", "stages.county.reviewers",
        "stages.county.third_on_difference", "stages.county.days", "returns", "targets.poor-2022.from", "targets.poor-2022.to",
        "targets.city-2021.from", "targets.city-2021.to", "targets.city-2022.from", "targets.city-2022.to", "quotas.cases.round",
        "quotas.cases.least", *(f"stages.{level}-sample.{line}" for level in ("city", "province") for line in SAMPLES),
    },
    "p5-school": ALL | {
        "cycle.cut_off", "scope.kinds", "scope.in_post", "scope.establishment", "tasks.total.due", "tasks.points.due",
        *(f"phases.{phase}.{day}" for phase in ("start", "advance", "assess", "accept") for day in ("from", "to")),
        "demands.practice.base", "demands.points.minimum", "stages.acceptance.by", "stages.acceptance.level",
        "stages.acceptance.reviewers", "stages.acceptance.days",
    },
}  # fmt: skip


def text_of(code):
    return (PLANS / f"{code}.yaml").read_text(encoding="utf-8")


def find_base(code):
    return (f"{code}.yaml", text_of(code)) if (PLANS / f"{code}.yaml").is_file() else None


def plan(code):
    return read_document(text_of(code), find_base, f"{code}.yaml")


def demands_of(code):
    return {
        d.code: (d.type, d.minimum, d.kinds, *(value for value in (d.share, d.each_opened, d.item) if value), d.of)
        for d in plan(code).demands
    }


def test_the_plans_that_come_along_are_these():
    codes = {"p1-town", "p2-province", "p3-province", "p4-district", "p5-school"}
    assert {path.stem for path in PLANS.glob("*.yaml")} == codes | {"province-base", "p5-city-base"}
    for path in PLANS.glob("*.yaml"):
        reading = check_document(path.read_text(encoding="utf-8"), find_base, path.name)
        assert (reading.problems, reading.programme, reading.abstract) == ((), path.stem, path.stem not in codes)


@pytest.mark.parametrize("code", OWN)
def test_what_a_plan_does_not_say_is_marked_and_nothing_else(code):
    document = plan(code)
    assert {a.path for a in document.assumptions if not a.from_base} == OWN[code]
    assert all(set(a.because) == {"zh-hans", "zh-hant", "en"} for a in document.assumptions)
    base = {a.path for a in document.assumptions if a.from_base}
    inherited = {line for line in document.inherited if not line.endswith((".title", ".code"))}
    assert base == {"p2-province": P2_P4_BASE, "p5-school": inherited}.get(code, set())


def test_p1_counts_credits_of_declared_points_and_no_failed_item():
    document = plan("p1-town")
    assert demands_of("p1-town") == {
        "credits": ("credits", 3000, (), "declared"),
        "items": ("none-failed", 0, (), "declared"),
        "handbook": ("items", 1, (), "handbook", "choice"),
    }
    assert (document.scope.establishment, document.scope.in_post) == (("established",), ("in-post",))
    choice = document.choice
    assert (choice.opened_minimum, choice.environments, choice.credits, choice.declare) == (
        0,
        ("multimedia", "blended"),
        3000,
        True,
    )
    assert [(s.code, s.insiders, s.outsiders, s.delegated_to, s.decides, s.does, s.level) for s in document.stages] == [
        ("panel", 1, 1, "training-team", True, "", ""), ("acceptance", 0, 0, "", False, "accepts", "town"),
    ]  # fmt: skip
    assert (document.excellent_points, document.own_assessment) == (0, "county")
    assert [(c.kind, c.level, c.when) for c in document.certificates] == [("point", "county", ("pass",))]


def test_p2_asks_for_20_online_and_30_of_practice_and_lets_the_split_be_replaced():
    document = plan("p2-province")
    practice = ("evidence", "research", "recording")
    assert demands_of("p2-province") == {
        "online": ("minutes", 900, ("online",), "choice"),
        "practice": ("minutes", 1350, practice, "choice"),
        "total": ("minutes", 2250, ("online", *practice), "choice"),
        "points": ("points", 3, (), 1, "choice"),
    }
    assert [(row.kinds, row.minutes) for row in document.advice] == [
        (("evidence",), 675), (("research",), 450), (("recording",), 225),
    ]  # fmt: skip
    assert (document.caps, document.replaceable) == (
        (),
        {"results.point.periods": "county", "results.recording.periods": "county"},
    )
    assert (document.choice.opened_minimum, document.choice.opened_minimum_for_flag) == (2, {"smart-education": 3})
    assert [(s.code, s.decides, s.does) for s in document.stages] == [
        ("self", False, ""), ("peers", False, ""), ("panel", True, ""), ("city-sample", False, "samples"),
    ]  # fmt: skip
    assert [(t.code, t.of, t.state, t.per, t.share) for t in document.targets] == [
        ("counties-2020", "counties", "started", "period", 20),
        ("counties-2021", "counties", "started", "period", 60),
        ("teachers-2022", "teachers", "completed", "cumulative", 100),
    ]
    assert (document.cycle.cut_off, document.excellent_points) == (date(2022, 12, 31), 0)


def test_p3_asks_for_50_half_of_them_practice_behind_25_online_and_two_points():
    document = plan("p3-province")
    assert demands_of("p3-province") == {
        "total": ("minutes", 2250, ("online", "central", "practice"), "choice"),
        "practice": ("share", 0, ("practice",), 50, "total"),
        "points": ("points", 2, (), "choice"),
    }
    assert [(g.kinds, g.minutes, g.opens, g.before) for g in document.gates] == [
        (("online",), 1125, ("practice",), "refuse")
    ]
    assert [(s.by, s.level, s.decides, s.does) for s in document.stages] == [
        ("group-peers", "", False, ""), ("backbone", "", False, ""), ("experts", "county", True, ""),
        ("experts", "city", False, "samples"), ("experts", "province", False, "samples"),
    ]  # fmt: skip
    assert (document.profile, document.excellent_points, document.certificates) == (True, 0, ())
    assert [(t.code, t.share, t.number, t.flag, t.under) for t in document.targets] == [
        ("pilots-2019", None, 214, "pilot", ""),
        ("poor-2020", 30, 1874, "poverty", ""), ("poor-2021", 35, 2186, "poverty", ""), ("poor-2022", 35, 2186, "poverty", ""),
        ("city-2020", 20, None, "", "city"), ("city-2021", 50, None, "", "city"), ("city-2022", 30, None, "", "city"),
    ]  # fmt: skip
    assert [(q.per, q.share, q.year, q.round, q.least) for q in document.quotas] == [("city", 1, True, "down", 1)]


def test_p5_asks_for_50_half_of_them_practice_and_is_accepted_at_the_end():
    document = plan("p5-school")
    assert demands_of("p5-school") == {
        "total": ("minutes", 2250, ("online", "central", "practice"), "choice"),
        "practice": ("share", 0, ("practice",), 50, "total"),
        "points": ("points", 2, (), "choice"),
    }
    assert [phase.code for phase in document.phases] == ["start", "advance", "assess", "accept"]
    assert [(s.code, s.decides, s.does) for s in document.stages] == [
        ("peers", False, ""), ("panel", True, ""), ("acceptance", False, "accepts"),
    ]  # fmt: skip
    assert (document.base, document.units.school_completed_accepted) == ("p5-city-base", True)


@pytest.mark.parametrize("code", [*OWN, "p5-city-base"])
def test_the_plans_fit_the_schema_and_survive_json(code):
    jsonschema.Draft202012Validator(document_schema()).validate(as_json(text_of(code)))
    if code in OWN:
        assert from_json(to_json(plan(code))) == plan(code)


# --- The page that follows the plans sentence by sentence ---------------------------------------------------------
TESTS = PLANS.parents[3] / "tests"
PAGE = (PLANS.parents[3] / "docs" / "plans.md").read_text(encoding="utf-8")


def paths_of(node, path=""):
    """Every path of a folded document, rows by their code."""
    if isinstance(node.value, dict):
        for name, inner in node.value.items():
            below = f"{path}.{name}" if path else name
            yield below
            yield from paths_of(inner, below)
    for row in node.value if isinstance(node.value, list) else ():
        if isinstance(row.value, dict):
            key = "item" if "item" in row.value and "code" not in row.value else "code"
            yield f"{path}.{row.value[key].value}"
            yield from paths_of(row, f"{path}.{row.value[key].value}")


@pytest.mark.parametrize("code", [*OWN, "p4-district"])
def test_every_line_the_page_names_is_in_the_document(code):
    (section,) = [part for part in PAGE.split("\n## ")[1:] if f"(`{code}`)" in part]
    rows = [row.split(" | ") for row in section.splitlines() if row.startswith("| ")][1:]
    assert len(rows) >= 10
    assert all(len(row) == 3 and row[2].strip(" |") for row in rows)
    named = {word for row in rows for word in re.findall(r"`([\w.-]+)`", row[1])}
    elsewhere = {
        "track_of",
        "points.local",
        "levels.excellent",
        "p5-city-base",
    }  # of other documents, or said to be absent
    paths = set(paths_of(fold(text_of(code), code, find_base)))
    assert {word for word in named - elsewhere if word not in paths} == set()


def test_every_test_the_page_names_exists():
    for file, name in set(re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", PAGE)):
        assert f"def {name}" in (TESTS / file).read_text(encoding="utf-8"), (file, name)
