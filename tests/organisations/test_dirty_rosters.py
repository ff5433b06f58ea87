"""What the twelve dirty workbooks say, once read, goes in as it is said, and a second time changes nothing."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from weineng.kernel.actors import platform
from weineng.organisations.actions import apply_roster, export_roster, found_unit, undo_roster
from weineng.organisations.models import Posting, Unit
from weineng.organisations.queries import find_people
from weineng.organisations.rules import RosterRow

pytestmark = pytest.mark.slow

FILES = Path(__file__).parent.parent / "sheets" / "dirty-workbooks"
BY = platform("test")
AS_OF = date(2026, 9, 1)
STAGES = {
    "学前": "preschool",
    "小学": "primary",
    "初中": "junior",
    "高中": "senior",
    "中职": "vocational",
    "特教": "special",
}
WORDS = {
    "gender": {"男": "m", "女": "f"},
    "id_type": {"居民身份证": "id-card", "护照": "passport"},
    "stage": STAGES,
    "establishment": {"在编": "established", "合同": "contract", "代课": "substitute", "借调": "seconded-in"},
    "in_post": {"在岗": "in-post", "长假": "long-leave", "借出": "seconded-out", "退休": "retired"},
    "licence": {"有": True, "无": False},
}


@pytest.fixture(scope="module")
def founded(once):
    return once(lambda world, _set_clock: _found())


@pytest.fixture
def district(founded, db):
    """The district of the workbooks, under a province of its own; unit code → id."""
    return founded


def _found():
    units = {"": None}
    taken = {u.code for u in Unit.objects.all()}
    with (FILES / "district-units.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            level = {"district": "county"}.get(row["level"], row["level"])
            code = row["unit_code"] if row["unit_code"] not in taken else None
            units[row["unit_code"]] = found_unit(
                by=BY, name=row["name"], level=level, kind=row["kind"], parent=units[row["parent"]], code=code,
                stages=[STAGES[s] for s in row["stages"].split(";") if s], flags=[f for f in row["flags"].split(";") if f],
            ).pk  # fmt: skip
    return units


def rows_of(number, district):
    truth = json.loads((FILES / f"{number:02}.truth.json").read_text(encoding="utf-8"))
    for row in truth["rows"]:
        if row["verdict"] not in ("ok", "warning"):
            continue
        told = {
            k: v for k, v in row["values"].items() if v is not None and k not in ("school_code", "school_name", "unit")
        }
        told |= {k: words[told[k]] for k, words in WORDS.items() if k in told}
        if "start_date" in told:
            told["start_date"] = date.fromisoformat(told["start_date"])
        yield row, RosterRow(row=row["row"], school=district[row["values"]["unit"]], **told)


@pytest.mark.parametrize("number", range(1, 13))
def test_a_workbook_goes_in_once(district, number):
    read = list(rows_of(number, district))
    rows = [row for _, row in read]
    outcome = apply_roster(by=BY, unit=district["519901"], rows=rows, as_of=AS_OF)
    assert [str(problem) for problem in outcome.problems] == []
    assert (len(outcome.new), outcome.changed, outcome.same) == (len(rows), [], [])
    by_row = {truth["row"]: row for truth, row in read}
    for truth, row in read:
        (person,) = find_people(row.id_type or "id-card", [row.id_number]).values()
        post = Posting.objects.get(person=person, school=row.school)
        assert (post.stage, post.subject, post.post, post.staff_number) == (
            row.stage,
            row.subject,
            row.post,
            row.staff_number,
        )
        assert (post.unit.name if row.group else "") == row.group
        first = by_row.get(truth.get("second_post_of"))
        assert post.home == (first is None)
    assert apply_roster(by=BY, unit=district["519901"], rows=rows, as_of=AS_OF).same == sorted(outcome.new)
    out = export_roster(by=BY, unit=district["519901"], on=AS_OF, reason="round trip")
    back = apply_roster(by=BY, unit=district["519901"], rows=out, as_of=AS_OF)
    assert (back.new, back.changed, len(back.same)) == ([], [], len(rows))
    undo_roster(by=BY, roster=outcome.roster)
    assert not Posting.objects.filter(school__in=[pk for pk in district.values() if pk]).exists()
