"""Results of an earlier assessment, brought in by the office."""

from datetime import date, datetime

import pytest

from tests.assessment.panel import enrolled
from tests.planning.plans import refusal
from weineng.assessment.actions import ResultRow, import_results
from weineng.assessment.models import Result, ResultsSheet
from weineng.assessment.queries import sheets_within
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.planning.queries import chosen_points

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture(autouse=True)
def _here(world, p4, set_clock):
    set_clock(NOW)
    enrolled(p4, world.teacher, "A1", "A2", "A3")


def a_row(member, **changes):
    fields = {
        "person_type": "id-card", "person_number": member.number, "person_name": member.name, "item": "point", "point": "A1",
        "level": "pass", "decided_on": date(2026, 8, 1),
    }  # fmt: skip
    return ResultRow(**(fields | changes))


def bring(world, *rows, by=None, unit=None, **options):
    given = {"programme": "p4-district", "unit": unit or world.district, "rows": rows}
    return import_results(by=by or world.office.actor, **given, **options)


def test_rows_are_stored_once(world):
    row, recording = a_row(world.teacher), a_row(world.teacher, item="recording", point="", level="excellent")
    assert [o.status for o in bring(world, row, recording)] == ["created", "created"]
    assert [o.status for o in bring(world, row, recording)] == ["unchanged", "unchanged"]
    assert Result.objects.count() == 2
    assert [p.point for p in chosen_points(Result.objects.first().enrolment) if p.passed_at] == ["A1"]
    assert [o.code for o in bring(world, a_row(world.teacher, level="fail"))] == ["result-exists"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"person_number": "519901199001019999"}, "person-unknown"),
        ({"item": "song"}, "item-unknown"),
        ({"point": ""}, "point-missing"),
        ({"point": "Z9"}, "point-unknown"),
        ({"level": "great"}, "level-unknown"),
        ({"decided_on": None}, "date-missing"),
        ({"decided_on": date(2026, 9, 2)}, "in-the-future"),
    ],
)
def test_wrong_rows_are_refused_one_by_one(world, changes, code):
    good, bad = a_row(world.teacher, point="A2"), a_row(world.teacher, **changes)
    assert [(o.status, o.code) for o in bring(world, bad, good)] == [("refused", code), ("created", "")]


def test_people_outside_the_programme_or_ones_reach(world):
    codes = [o.code for o in bring(world, a_row(world.colleague), a_row(world.sibling_teacher))]
    assert codes == ["not-enrolled", "not-enrolled"]
    for who in (world.teacher, world.cio, world.auditor):
        assert refusal(bring, world=world, by=who.actor) == "not-found"
    assert [o.code for o in bring(world, a_row(world.teacher), by=world.wu.actor, unit=world.sibling)] == [
        "not-enrolled"
    ]


def test_a_dry_run_stores_nothing(world):
    assert [o.status for o in bring(world, a_row(world.teacher), dry_run=True)] == ["created"]
    assert Result.objects.count() == 0


def test_nobody_brings_in_their_own(world, p4):
    enrolled(p4, world.office, "A1")
    own, other = a_row(world.office, level="excellent"), a_row(world.teacher)
    assert [(o.status, o.code) for o in bring(world, own, other)] == [("refused", "own-result"), ("created", "")]
    assert [o.status for o in bring(world, own, by=platform("ops"))] == ["created"]
    assert [(o.status, o.code) for o in bring(world, own)] == [("refused", "own-result")]


def test_a_sheet_is_brought_in_for_one_office_of_ones_own(world):
    world.grant(world.office.person, "office", world.sibling)
    bring(world, a_row(world.teacher), unit=world.district)
    bring(world, a_row(world.teacher, point="A2"), unit=world.sibling)
    assert list(ResultsSheet.objects.order_by("pk").values_list("unit", flat=True)) == [world.district, world.sibling]
    assert [sheet.unit_id for sheet in sheets_within(world.wu.actor)] == [world.sibling]
    for unit in (world.city, world.maths + 10_000):
        assert refusal(bring, world=world, unit=unit) == "not-found"
    assert ResultsSheet.objects.count() == 2
