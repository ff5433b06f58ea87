"""A refinement that loosens its base is shown by a history: it passes under the refinement, and under the base it does not."""

import pytest
from django.core.management import call_command

from tests.programmes.planting import planted_text
from weineng.programmes.documents import as_base_says, check_document
from weineng.progress.queries import loosened

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PART = {"code": "a", "axis": "environment", "values": ["multimedia"], "minimum": 1}
BASE = planted_text({
    "programme": "above", "abstract": True,
    "kinds": [{"code": "visit", "from": "records", "match": {"mode": ["shadowing"]}}],
    "caps": [
        {"code": "day", "per": "day", "kinds": ["online"], "periods": 8},
        {"code": "most", "per": "kind", "kinds": ["evidence"], "periods": 20},
        {"code": "both", "per": "kind", "kinds": ["online", "visit"], "periods": 24},
    ],
    "gates": [{"code": "first", "kinds": ["online"], "periods": 4, "opens": ["research"], "before": "not-counted"}],
    "demands": [
        {"code": "hours", "kinds": ["online", "research", "evidence"], "periods": 40, "periods_for_flag": {"rural": 42}},
        {"code": "half", "type": "share", "kinds": ["research"], "share": 25, "of": "hours"},
        {"code": "visit", "type": "minutes", "kinds": ["visit"], "periods": 10},
        {"code": "points", "minimum": 3, "each_opened": 1, "parts": [PART]},
        {"code": "tasks", "type": "items", "item": "handbook", "minimum": 1},
    ],
    "handbook": [{"code": "read"}],
    "choice": {"axis": "dimension", "opened": {"minimum": 2}, "points": {"minimum": 4, "each_opened": 1}},
    "levels": {"excellent": {"points_excellent": 2}},
})  # fmt: skip
HEAD = "programme: below\nextends: above\ntitle: {zh-hans: 下, zh-hant: 下, en: Below}\n"
T = "title: {zh-hans: 新, zh-hant: 新, en: New}"


def find_base(code):
    return ("above.yaml", BASE) if code == "above" else None


def shown(own):
    """Each problem of a refinement with what a history shows of it: the demands that it lacks above, or what else."""
    text = f"{HEAD}{own}\n"
    reading = check_document(text, find_base, "below.yaml")
    found = {}
    for problem in reading.problems:
        assert reading.draft is not None, str(problem)
        above = as_base_says(text, find_base, problem.path)
        history = loosened(reading.draft, above) if above is not None else None
        lacks = (
            None
            if history is None
            else history.lacking or (("choice",) if history.unlawful else (history.above.verdict,))
        )
        found[problem.code, problem.path] = lacks
    return found


def demand(code, own):
    return f"demands:\n  - {{code: {code}, {own}}}"


@pytest.mark.parametrize(
    ("own", "code", "path", "lacking"),
    [
        (demand("hours", "periods: 39.8"), "undercuts-base", "demands.hours.periods", ("hours",)),
        (demand("hours", "periods_for_flag: {rural: 41}"), "undercuts-base", "demands.hours.periods_for_flag.rural", ("hours",)),
        (demand("hours", "kinds: [online, research, evidence, film]"), "undercuts-base", "demands.hours.kinds", ("hours",)),
        (demand("half", "share: 20"), "undercuts-base", "demands.half.share", ("half",)),
        (demand("half", "kinds: [research, evidence]"), "undercuts-base", "demands.half.kinds", ("half",)),
        (demand("points", "minimum: 2"), "undercuts-base", "demands.points.minimum", ("points",)),
        (
            demand("points", "parts: [{code: a, values: [multimedia, blended]}]"), "undercuts-base",
            "demands.points.parts.a.values", ("points",),
        ),
        ("choice: {points: {minimum: 3}}", "undercuts-base", "choice.points.minimum", ("choice",)),
        ("choice: {opened: {minimum: 1}}", "undercuts-base", "choice.opened.minimum", ("choice",)),
        ("caps:\n  - {code: day, periods: 9}", "undercuts-base", "caps.day.periods", ("hours",)),
        ("caps:\n  - {code: most, periods: 21}", "undercuts-base", "caps.most.periods", ("hours",)),
        ("gates:\n  - {code: first, periods: 3}", "undercuts-base", "gates.first.periods", ("hours", "half")),
        ("results:\n  - {item: point, periods: 6}", "undercuts-base", "results.point.periods", ("hours",)),
        ("kinds:\n  - {code: online, match: {mode: [online, workshop]}}", "undercuts-base", "kinds.online.match.mode", ("hours", "half")),
        ("cycle: {cut_off: 2027-01-15}", "undercuts-base", "cycle.cut_off", ("hours", "half", "visit")),
        ("levels: {excellent: {points_excellent: 1}}", "undercuts-base", "levels.excellent.points_excellent", ("pass",)),
        (f"handbook:\n  - {{code: write, {T}}}", "adds-to-base", "handbook.write", ("tasks",)),
        ("caps:\n  - {code: day, periods: 7}", "loosens-others", "caps.day.periods", ("visit",)),
        (
            "caps:\n  - {code: more, per: day, kinds: [online], periods: 4, excess_to: research}",
            "added-moves-minutes", "caps.more.excess_to", ("visit",),
        ),
        ("cycle: {late_until: 2027-02-28}", "undercuts-base", "cycle.late_until", None),  # a witness is never late
        ("returns: 3", "undercuts-base", "returns", None),
        ("stages:\n  - {code: panel, reviewers: 1}", "undercuts-base", "stages.panel.reviewers", None),
        ("school: {completed_share: 90}", "undercuts-base", "school.completed_share", None),
    ],
)  # fmt: skip
def test_a_line_that_loosens_is_shown_by_a_history_where_it_is_about_what_is_done(own, code, path, lacking):
    assert shown(own).get((code, path), "no such problem") == lacking, shown(own)


def test_what_only_tightens_is_never_shown_to_loosen():
    steps = [
        demand("hours", "periods: 41"), demand("half", "share: 26"), demand("points", "level: excellent"),
        "gates:\n  - {code: first, periods: 5}", "choice: {points: {minimum: 5}}", "results:\n  - {item: point, periods: 4}",
    ]  # fmt: skip
    above = check_document(BASE.replace("abstract: true", "abstract: false"), find_base, "above.yaml").draft
    for own in steps:
        reading = check_document(f"{HEAD}{own}\n", find_base, "below.yaml")
        assert [str(problem) for problem in reading.problems if problem.code == "undercuts-base"] == []
        assert loosened(reading.draft, above) is None, own


def test_the_command_tells_the_history(capsys, tmp_path):
    (tmp_path / "above.yaml").write_text(BASE, encoding="utf-8")
    file = tmp_path / "below.yaml"
    file.write_text(f"{HEAD}{demand('hours', 'periods: 39.8')}\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("programme", "check", str(file), "--language", "en")
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"{file}:5:28: demands.hours.periods: undercuts-base: ")
    assert said[1] == "    Teachers in general: who does this passes here, and under the base lacks: Hours (39.8 of 40)"
    assert said[2].startswith("    - ")
