"""The lines of gates, demands, credits, local points and the choice: read, refused at their place, kept by JSON."""

import json
import re
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from tests.programmes.test_documents import as_json
from weineng.programmes import rules
from weineng.programmes.documents import (
    check_document,
    describe,
    document_schema,
    from_json,
    read_document,
    to_json,
)
from weineng.programmes.documents.demanding import LINES, together_in_parts
from weineng.programmes.documents.format import DEMANDS
from weineng.programmes.documents.points import shipped_points
from weineng.programmes.documents.problems import Place
from weineng.web.programmes.documents import SECTIONS

RICH = (Path(__file__).parent / "rich.yaml").read_text(encoding="utf-8")


def read(text=RICH):
    return read_document(text, lambda code: None, "rich.yaml")


def problems(text, **finders):
    return check_document(text, lambda code: None, "rich.yaml", **finders).problems


def changed(old, new, text=RICH):
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def test_what_every_line_becomes():
    document = read()
    words = {
        d.code: {"zh-hans": d.title["zh-hans"], "zh-hant": d.title["zh-hant"], "en": d.title["en"]}
        for d in document.demands
    }
    demand = rules.Demand
    assert document.demands == (
        demand("total", "minutes", words["total"], 2250, ("online", "lesson", "evidence"), minimum_for_flag={"poor": 2340}),
        demand("half", "share", words["half"], 0, ("lesson", "evidence"), share=50, of="total"),
        demand(
            "points", "points", words["points"], 3, each_opened=1, minimum_for_flag={"poor": 4}, of="declared",
            parts=(rules.Part("tools", "environment", ("multimedia", "blended"), 2),),
        ),
        demand("credits", "credits", words["credits"], 3000, of="declared"),
        demand("clean", "none-failed", words["clean"], 0, of="declared"),
        demand("tasks", "items", words["tasks"], 1, item="handbook"),
        demand("filmed", "items", words["filmed"], 1, item="recording"),
        demand("said", "items", words["said"], 2, item="declaration"),
    )  # fmt: skip
    assert document.gates == (
        rules.Gate("ready", document.gates[0].title, ("online",), 1125, ("lesson",), "not-counted"),
    )
    assert [(row.code, row.kinds, row.minutes) for row in document.advice] == [("films", ("lesson", "film"), 360)]
    assert [document.points.credits_of(point) for point in ("A1", "A2", "L1")] == [750, 1000, 1000]
    (local,) = document.points.local
    assert (local.code, local.environment, local.dimension) == ("L1", "smart", "learner-analysis")
    (piece,) = local.evidence
    assert (piece.media, piece.rated, piece.at_least, piece.longest_minutes) == ("video", True, 2, 5)
    assert [(line.code, line.level) for line in piece.indicators] == [("whole", "pass")]
    choice = document.choice
    assert (choice.environments, choice.credits, choice.declare) == (("multimedia", "blended", "smart"), 3000, True)
    assert [(task.code, task.confirmed_by) for task in document.handbook] == [("read", "group"), ("write", "school")]
    sampling = rules.Sampling(5, 3, ("county", "stage"), 10)
    assert [(s.code, s.by, s.level, s.decides, s.does, s.sampling) for s in document.stages] == [
        ("backbone", "backbone", "", False, "", None), ("panel", "panel", "", True, "", None),
        ("accept", "experts", "town", False, "accepts", None), ("sample", "training-team", "city", False, "samples", sampling),
    ]  # fmt: skip
    panel = document.stages[1]
    assert (panel.insiders, panel.outsiders, panel.blind, panel.delegated_to) == (1, 1, True, "training-team")
    assert (document.own_assessment, document.completed_share) == ("county", 95)
    assert document.units == rules.UnitStates(True, True, True, 1, True, 90)
    year = (date(2026, 1, 1), date(2026, 12, 31))
    assert document.targets == (
        rules.Target("pilots", "schools", "completed", *year, "period", 20, 214),
        rules.Target("poor", "schools", "completed", *year, "cumulative", 30, None, "poverty", "county"),
    )
    assert [(q.code, q.per, q.year, q.share, q.round, q.least) for q in document.quotas] == [
        ("cases", "city", True, 1, "down", 1)
    ]
    assert (document.profile, document.track_of, document.exclusive_with) == (True, "whole", ("other",))


def test_the_document_survives_json_and_fits_the_schema():
    assert from_json(json.loads(json.dumps(to_json(read())))) == read()
    jsonschema.Draft202012Validator(document_schema()).validate(as_json(RICH))


def test_what_is_left_out():
    """Nobody opens, all points may be chosen, only pass and fail: as a plan that knows none of it leaves it out."""
    text = RICH
    for start, end in (
        ("gates:", "demands:"),
        ("  axis:", "  points:"),
        ("handbook:", "stages:"),
        ("  local:", "choice:"),
    ):
        i, j = text.index(f"\n{start}"), text.index(f"\n{end}")
        text = text[:i] + text[j:]
    for old, new in (
        ("{minimum: 3, each_opened: 1, credits: 30}", "{credits: 30}"), (", excellent: {points_excellent: 2}, profile: true", ""),
        (", each_opened: 1, level: pass, of: declared", ""), ("minimum: 3, minimum_for_flag: {poor: 4}", "minimum: 1"),
        ("  declare: true\n", ""), ("item: handbook", "item: self-diagnosis"), ("item: declaration, minimum: 2", "item: school-plan"),
        ("parts: [{code: tools, axis: environment, values: [multimedia, blended], minimum: 2}], ", ""),
        ("when: [pass, excellent]", "when: [pass]"),
    ):  # fmt: skip
        text = changed(old, new, text)
    document = read(text)
    assert document.choice == rules.ChoiceRule("dimension", 0, {}, 1, 0, credits=3000)
    assert (document.gates, document.handbook, document.points.local) == ((), (), ())
    assert (document.excellent_points, document.profile) == (0, False)
    assert [(d.of, d.level, d.minimum) for d in document.demands if d.type == "points"] == [("choice", "pass", 1)]


FROM = next(line.strip() for line in RICH.splitlines() if line.startswith("  from:"))
TOOLS = "{code: tools, axis: environment, values: [multimedia, blended], minimum: 2}"


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("kinds: [online], periods: 25", "kinds: §[online, lesson], periods: 25", "gate-of-gated", "gates.ready.kinds"),
        ("kinds: [online], periods: 25", "kinds: §[online, evidence], periods: 25", "gate-of-derived", "gates.ready.kinds"),
        ("kinds: [online], periods: 25", "kinds: §[onlin], periods: 25", "unknown-kind", "gates.ready.kinds"),
        ("opens: [lesson]", "opens: §[lesson, evidence]", "derived-gated", "gates.ready.opens"),
        ("opens: [lesson]", "opens: §[reserch]", "unknown-kind", "gates.ready.opens"),
        ("opens: [lesson]", "opens: §[]", "gate-opens-nothing", "gates.ready.opens"),
        ("periods: 25, opens", "periods: §0, opens", "gate-of-nothing", "gates.ready.periods"),
        ("periods: 25, opens", "periods: §30.2, opens", "impossible-gate", "gates.ready.periods"),
        ("periods: 25, opens", "periods: §25.01, opens", "fraction-of-minute", "gates.ready.periods"),
        ("before: not-counted", "before: §counted", "not-one-of", "gates.ready.before"),
        ("code: ready", "code: §half", "duplicate-code", "gates.half.code"),
        ("code: films", "code: §total", "duplicate-code", "advice.total.code"),
        ("[lesson, film], periods", "§[lesson, flm], periods", "unknown-kind", "advice.films.kinds"),
        ("film], periods: 8", "film], periods: §0", "demand-of-nothing", "advice.films.periods"),
        ("periods_for_flag: {poor: 52}", "periods_for_flag: {poor: §49}", "flag-below-minimum", "demands.total.periods_for_flag.poor"),
        ("periods_for_flag: {poor: 52}", "periods_for_flag: {poor: §52.01}", "fraction-of-minute",
         "demands.total.periods_for_flag.poor"),
        ("kinds: [lesson, evidence], share", "share", "missing-field", "demands.half"),
        ("share: 50", "share: §101", "number-out-of-range", "demands.half.share"),
        ("of: total", "of: §totall", "unknown-code", "demands.half.of"),
        ("of: total", "of: §points", "unknown-code", "demands.half.of"),
        ("kinds: [lesson, evidence], share: 50", "kinds: [evidence], share: §60", "impossible-share", "demands.half.share"),
        ("base: required", "base: §needed", "not-one-of", "demands.half.base"),
        ("base: required", "base: required, periods: §3", "field-not-for-type", "demands.half.periods"),
        ("minimum: 3, minimum_for_flag", "minimum: §3.5, minimum_for_flag", "wrong-type", "demands.points.minimum"),
        ("minimum: 3, minimum_for_flag", "minimum: §0, minimum_for_flag", "number-out-of-range", "demands.points.minimum"),
        ("minimum: 3, minimum_for_flag", "minimum: §4, minimum_for_flag", "demand-above-choice", "demands.points.minimum"),
        ("minimum_for_flag: {poor: 4}, each", "minimum_for_flag: {poor: §2}, each", "flag-below-minimum",
         "demands.points.minimum_for_flag.poor"),
        ("minimum_for_flag: {poor: 4}, each", "minimum_for_flag: {poor: §5}, each", "demand-above-choice",
         "demands.points.minimum_for_flag.poor"),
        ("minimum_for_flag: {poor: 4}, each", "minimum_for_flag: {rich: §4}, each", "demand-above-choice",
         "demands.points.minimum_for_flag.rich"),
        ("of: declared,\n", "of: §handed,\n", "not-one-of", "demands.points.of"),
        ("level: pass", "level: §good", "not-one-of", "demands.points.level"),
        (TOOLS, TOOLS.replace("[multi", "§[blue, multi"), "not-one-of", "demands.points.parts.tools.values"),
        (TOOLS, "{code: tools, axis: dimension, values: §[teaching-design, blended], minimum: 2}", "not-one-of",
         "demands.points.parts.tools.values"),
        (f"[{TOOLS}]", f"§[{TOOLS}, {{code: smart, axis: environment, values: [smart], minimum: 2}}]", "parts-above-choice",
         "demands.points.parts"),
        ("environment: [multimedia, blended, smart]", "environment: [smart]", "part-unreachable", "demands.points.parts.tools.minimum"),
        ("type: credits, minimum: 30", "type: credits, minimum: §0", "demand-of-nothing", "demands.credits.minimum"),
        ("type: credits, minimum: 30", "type: credits, minimum: §30.01", "credits-above-choice", "demands.credits.minimum"),
        ("type: credits, minimum: 30", "type: credits, minimum: §30.001", "too-fine", "demands.credits.minimum"),
        ("type: credits, minimum: 30", "type: credits", "missing-field", "demands.credits"),
        ("each_opened: 1, credits: 30", "each_opened: 1, credits: §307.51", "credits-unreachable", "choice.points.credits"),
        ("  credits: 10\n  credits_for: {A1: 7.5}\n", "", "credits-missing", "demands.credits"),
        ("  credits: 10\n", "", "credits-missing", "points.credits_for"),
        ("{A1: 7.5}", "{A99: §7.5}", "unknown-code", "points.credits_for.A99"),
        ("    - code: L1", "    - code: §B1", "local-point-known", "points.local.B1.code"),
        ("    - code: L1", "    - code: §L 1", "code-wrong", "points.local.L 1.code"),
        ("media: video", "rated: false\n          media: video", "nothing-rated", "points.local.L1.evidence"),
        ("level: pass, text", "level: excellent, text", "indicator-missing", "points.local.L1.evidence.plan"),
        ("item: handbook, minimum: 1", "item: handbook, minimum: §3", "items-above-source", "demands.tasks.minimum"),
        ("item: recording, title: {zh-hans: 录, zh-hant: 錄, en: Recording}",
         "item: recording, minimum: §2, title: {zh-hans: 录, zh-hant: 錄, en: Recording}", "items-above-source",
         "demands.filmed.minimum"),
        ("type: items, item: handbook", "type: items", "missing-field", "demands.tasks"),
        ("  declare: true", "  declare: false", "item-without-source", "demands.said.item"),
        ("opened: {minimum: 2, minimum_for_flag: {poor: 4}}", "", "each-without-opened", "demands.points.each_opened"),
        ("opened: {minimum: 2, minimum_for_flag: {poor: 4}}", "", "each-without-opened", "choice.points.each_opened"),
        ("  axis: dimension\n", "", "missing-field", "choice"),
        ("{minimum: 3, each_opened: 1, credits: 30}", "{minimum: 3, credits: 30}", "missing-field", "choice.points"),
        ("opened: {minimum: 2", "opened: {minimum: §5", "number-out-of-range", "choice.opened.minimum"),
        (FROM, "from: {environment: [smart], dimension: [teaching-design, academic-assessment]}", "opened-unreachable",
         "choice.opened.minimum_for_flag.poor"),
        (FROM, "from: {environment: [smart], dimension: [learner-analysis]}", "points-unreachable", "choice.points.minimum"),
        ("when: [pass, excellent]", "when: §[pass, excellent]", "level-missing", "certificates.programme.when"),
        ("decides: true, days", "days", "nobody-decides", "stages"),
        ("decides: true, days", "days", "missing-field", "stages.panel"),
        ("decides: true, days", "decides: true, does: §advises, days", "says-two-things", "stages.panel.does"),
        ("  - {code: accept, by: experts, level: town, reviewers: 1, does: accepts",
         "  - §{code: accept, by: experts, level: town, reviewers: 1, does: decides", "two-decide", "stages.accept"),
        ("does: advises", "does: §accepts", "before-decision", "stages.backbone.does"),
        ("by: experts, level: town", "by: §panel", "checks-without-level", "stages.accept.by"),
        ("insiders: 1, outsiders: 1", "insiders: 2, outsiders: 2", "reviewers-too-few", "stages.panel.reviewers"),
        ("level: town, ", "", "missing-field", "stages.accept"),
        ("by: backbone,", "by: backbone, level: §town,", "field-not-for-stage", "stages.backbone.level"),
        ("by: backbone,", "by: backbone, share: §5,", "field-not-for-stage", "stages.backbone.share"),
        ("by: backbone,", "by: self, delegated_to: §training-team,", "field-not-for-stage", "stages.backbone.delegated_to"),
        ("days: 30, share: 5", "days: 30", "missing-field", "stages.sample"),
        ("  completed_share: 95\n", "", "missing-field", "school"),
        ("completed: {plan_approved: true, acc", "completed: {share: §95, acc", "says-two-things", "school.completed.share"),
        ("does: accepts", "does: advises", "nobody-accepts", "school.completed.accepted"),
        ("number: 214, share: 20", "number: §0, share: 20", "number-out-of-range", "targets.pilots.number"),
        (", number: 214, share: 20", "", "missing-field", "targets.pilots"),
        ("to: 2026-12-31, per: period", "to: §2025-12-31, per: period", "dates-out-of-order", "targets.pilots.to"),
        ("track_of: whole", "track_of: §rich", "names-itself", "track_of"),
        ("exclusive_with: [other]", "exclusive_with: §[other, rich]", "names-itself", "exclusive_with"),
    ],
)  # fmt: skip
def test_a_problem_of_the_new_lines_is_named_at_its_place(old, new, code, path):  # § marks the place
    marked = changed(old, new)
    if code == "level-missing":
        marked = changed(", excellent: {points_excellent: 2}", "", marked)
    text = marked.replace("§", "")
    found = [p for p in problems(text) if (p.code, p.path) == (code, path)]
    assert len(found) == 1, [str(p) for p in problems(text)]
    if "§" in new:
        lines = marked.partition("§")[0].split("\n")
        assert found[0].place == Place("rich.yaml", len(lines), len(lines[-1]) + 1)
    assert "%" not in found[0].message


def test_the_last_number_that_can_be_reached_is_accepted():
    for old, new in (
        ("periods: 25, opens", "periods: 30, opens"),
        ("minimum: 3, each_opened: 1, credits: 30", "minimum: 3, each_opened: 1, credits: 307.5"),
        ("item: handbook, minimum: 1", "item: handbook, minimum: 2"),
        ("kinds: [lesson, evidence], share: 50", "kinds: [evidence], share: 28"),  # 28 % of 52 periods are 14.56 of 15
    ):
        assert problems(changed(old, new)) == (), new
    assert [
        p.code for p in problems(changed("kinds: [lesson, evidence], share: 50", "kinds: [evidence], share: 29"))
    ] == ["impossible-share"]


def test_a_share_of_what_is_counted_minds_what_must_be_done_besides():
    """25 periods online are demanded besides: of what is counted then, 15 of evidence are never more than 37.5 per cent."""
    more = "demands:\n  - {code: on, type: minutes, kinds: [online, lesson], periods: 25, title: {zh-hans: 线, zh-hant: 線, en: On}}"
    text = changed("demands:", more, changed("base: required", "base: counted"))
    text = changed("periods: 50, periods_for_flag: {poor: 52}", "periods: 26", text)
    share = "kinds: [lesson, evidence], share: 50"
    assert problems(changed(share, "kinds: [evidence], share: 37", text)) == ()
    for share_of_all in (38, 100):
        found = problems(changed(share, f"kinds: [evidence], share: {share_of_all}", text))
        assert [p.code for p in found] == ["impossible-share"]


def test_parts_on_one_axis_need_points_of_their_own_and_those_on_two_share_them():
    def part(axis, values, minimum):
        return {"code": "x", "axis": axis, "values": values, "minimum": minimum}

    smart, tools = part("environment", ("smart",), 2), part("environment", ("multimedia", "blended"), 3)
    assert together_in_parts([smart, tools]) == 5
    assert together_in_parts([smart, tools, part("dimension", ("teaching-design",), 4)]) == 5
    assert together_in_parts([smart, part("environment", ("smart", "blended"), 1)]) == 2
    assert together_in_parts([]) == 0


def test_what_depends_on_the_points_of_an_unknown_standard_is_not_guessed():
    text = changed("standard: ecnu-2019-unofficial", "standard: elsewhere", changed("{A1: 7.5}", "{Z9: 7.5}"))
    assert problems(text) == ()
    assert shipped_points("elsewhere") is None
    few = {"Z9": {"environment": "smart", "dimension": "learner-analysis"}}
    found = problems(text, find_points=lambda code: few if code == "elsewhere" else None)
    assert {p.code for p in found} == {
        "points-unreachable",
        "opened-unreachable",
        "part-unreachable",
        "credits-unreachable",
    }


def test_every_line_of_a_demand_belongs_to_a_type():
    lines = {name for needed, may in LINES.values() for name in (*needed, *may)}
    assert lines == set(DEMANDS.of.fields) - {"code", "type", "title"}


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_every_line_is_said_in_a_sentence(language):
    text = changed(
        "returns: 2",
        "returns: {value: 2, may_replace: county}",
        changed("days: 30, share", "days: {value: 30, fixed: true}, share"),
    )
    document = read(text)
    said = describe(document, language)
    assert not [s.text for s in said if re.search(r"%\(|%%|\{|None", s.text)]
    lines = {
        *(f"demands.{d.code}" for d in document.demands), *(f"stages.{s.code}" for s in document.stages), "gates.ready", "track_of",
        "exclusive_with", "points.credits", "points.credits_for.A1", "points.local.L1", "choice.from.environment", "choice.from.dimension",
        "choice.points.credits", "choice.declare", "handbook.read", "handbook.write", "levels.profile", "assessment_mode",
        "advice.films", "school.started", "school.completed.accepted", "county.completed", "targets.pilots", "targets.poor", "quotas.cases",
    }  # fmt: skip
    assert lines - {s.path for s in said} == set()
    assert {s.section for s in said} <= set(SECTIONS)
    assert [s.path for s in said if s.fixed] == ["stages.sample"]
    assert [s.path for s in said if s.may_replace] == ["returns"]


def test_the_sentences_say_the_numbers():
    said = {s.path: s.text for s in describe(read(), "en")}
    assert said["demands.half"] == "Half: at least 50 % of what “All” asks for, 25 periods, are Lesson study, Evidence."
    assert said["demands.credits"] == "Credits: the declared points that are passed give at least 30 credits."
    assert said["advice.films"] == "Films: 8 periods of Lesson study, Film are suggested; it changes no result."
    assert said["points.credits_for.A1"] == "Point A1 gives 7.5 credits."
    assert said["targets.poor"].endswith(
        "30 % completed. Only those with the flag “formerly poor area”. In each county by itself."
    )
    assert said["gates.ready"].startswith("Ready: reached on the day on which 25 periods of Online are counted.")
    counted = {s.path: s.text for s in describe(read(changed("base: required", "base: counted")), "en")}
    assert counted["demands.half"] == "Half: of what is counted for “All”, at least 50 % are Lesson study, Evidence."


@pytest.mark.parametrize(
    ("before", "words"),
    [("keep", "whatever its date"), ("not-counted", "dated before"), ("refuse", "no points are chosen")],
)
def test_each_way_to_hold_back_has_its_own_sentence(before, words):
    said = {s.path: s.text for s in describe(read(changed("before: not-counted", f"before: {before}")), "en")}
    assert words in said["gates.ready"]
