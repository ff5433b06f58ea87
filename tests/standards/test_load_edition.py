"""The edition that comes with the platform, loaded once and again; corrections, refusals, who may."""

import csv
import shutil

import pytest
from django.core.management import call_command

from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.standards.actions import load_edition
from weineng.standards.models import Edition, Evidence, Indicator, Point
from weineng.standards.queries import edition, evidence_of, grid, points_of, recording_evidence
from weineng.standards.rules import EDITIONS

CODE = "ecnu-2019-unofficial"


@pytest.fixture(autouse=True)
def _nothing_loaded(db):
    for model in (Indicator, Evidence, Point, Edition):
        model.objects.all().delete()


@pytest.fixture
def loaded(world):
    return load_edition(by=platform("ops"), folder=EDITIONS / CODE)


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(EDITIONS / CODE, tmp_path / CODE)


def rewrite(place, change):
    with place.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = change(rows)
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def refusal(**kwargs):
    with pytest.raises(Refused) as caught:
        load_edition(**kwargs)
    return caught.value


def test_thirty_points_with_their_evidence_and_rubrics(loaded):
    assert (Point.objects.count(), Evidence.objects.count(), Indicator.objects.count()) == (30, 85, 395)
    assert Evidence.objects.filter(rated=True, point__isnull=False).count() == 73
    assert loaded.new == 1 + 30 + 85 + 395
    ours = edition(CODE)
    assert not ours.official
    assert all("A1" in ours.note[language] for language in ("zh-hans", "zh-hant", "en"))
    assert [p.code for p in points_of(ours)][:14] == [f"A{n}" for n in range(1, 14)] + ["B1"]


def test_only_two_pieces_of_evidence_are_marked_as_found_beside_a1(loaded):
    found = Evidence.objects.filter(provenance="found").order_by("point__place", "seq")
    assert [(e.point.code, e.seq) for e in found] == [("A1", 1), ("A1", 2), ("C4", 1)]


def test_the_grid_is_the_published_one(loaded):
    counts = {row.dimension: [len(cell.points) for cell in row.cells] for row in grid(edition(CODE))}
    assert counts == {
        "learner-analysis": [1, 1, 0],
        "teaching-design": [3, 2, 2],
        "learning-guidance": [6, 5, 3],
        "academic-assessment": [3, 2, 2],
    }


def test_what_a_point_asks_for(loaded):
    plan, report = evidence_of(edition(CODE), "A1")
    assert (plan.media, plan.max_minutes, report.media, report.max_minutes) == ("document", None, "video", 5)
    assert {i.level for i in plan.indicators.all()} == {"pass", "excellent"}
    assert list(evidence_of(edition(CODE), "Z9")) == []


def test_the_recording_has_a_rubric_of_its_own(loaded):
    recording = recording_evidence(edition(CODE))
    levels = [i.level for i in recording.indicators.order_by("-level", "number")]
    assert (recording.point_id, recording.media, levels) == (None, "video", ["pass"] * 5 + ["excellent"] * 4)


def test_a_second_time_writes_nothing(loaded):
    lines = Line.objects.count()
    again = load_edition(by=platform("ops"), folder=EDITIONS / CODE)
    assert (again.new, again.changed, again.same, Line.objects.count()) == (0, 0, loaded.new, lines)


def test_loading_leaves_a_line(loaded):
    line = Line.objects.get(verb="standards.load")
    assert line.facts == {"code": CODE, "new": loaded.new, "changed": 0}


def test_a_corrected_wording_is_one_change(loaded, folder):
    rewrite(
        folder / "points.csv", lambda rows: [row | {"en": "Reworded"} if row["code"] == "B2" else row for row in rows]
    )
    again = load_edition(by=platform("ops"), folder=folder)
    assert (again.new, again.changed) == (0, 1)
    assert points_of(edition(CODE)).get(code="B2").title["en"] == "Reworded"


def test_what_evidence_may_rest_on_cannot_vanish(loaded, folder):
    rewrite(folder / "indicators.csv", lambda rows: rows[1:])
    refused = refusal(by=platform("ops"), folder=folder)
    assert (refused.code, refused.params) == ("edition-lines-missing", {"count": 1})
    assert Indicator.objects.count() == 395


@pytest.mark.parametrize(
    ("file", "line", "column", "value"),
    [
        ("points.csv", 3, "dimension", "nonsense"),
        ("points.csv", 3, "code", "A1"),
        ("evidence.csv", 4, "media", "hologram"),
        ("evidence.csv", 4, "point", "Z9"),
        ("evidence.csv", 4, "max_minutes", "-1"),
        ("indicators.csv", 5, "level", "superb"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_goes_in(world, folder, file, line, column, value):
    rewrite(folder / file, lambda rows: [r | {column: value} if n == line else r for n, r in enumerate(rows, 2)])
    refused = refusal(by=platform("ops"), folder=folder)
    assert (refused.code, refused.params) == ("edition-line-wrong", {"file": file, "line": line, "column": column})
    assert Edition.objects.count() == 0


def test_a_folder_without_tables_is_refused(world, tmp_path):
    assert refusal(by=platform("ops"), folder=tmp_path).code == "edition-unreadable"


def test_only_an_office_at_the_root_may_load(world):
    for who in (world.teacher, world.cio, world.wu, world.office, world.auditor):
        assert refusal(by=who.actor, folder=EDITIONS / CODE).code == "not-found"
    world.grant(world.office.person, "office", world.province)
    assert load_edition(by=world.office.actor, folder=EDITIONS / CODE).new == 511


def test_the_command_loads_what_comes_with_the_platform(world, capsys):
    call_command("standards", "load")
    call_command("standards", "load")
    assert capsys.readouterr().out.split("\n")[:2] == [
        f"{CODE}: 511 new, 0 changed, 0 unchanged",
        f"{CODE}: 0 new, 0 changed, 511 unchanged",
    ]
