"""The second opinion against tables that were worked out by hand, one teacher a row (golden/README.md)."""

from datetime import date

import pytest

from tests.reference.cases import UNITS
from tests.reference.evaluate import evaluate
from tests.reference.facts import Programme
from tests.reference.golden import TABLES, history_of, rows, told
from tests.reference.plans import PLANS

NAMES = ("p1", "p2", "p3", "p4", "p5")
WORDS = ("teacher", "paragraphs", "on", "closed", "facts")
CASES = [(name, row) for name in NAMES for row in rows(name)]


@pytest.mark.parametrize(("name", "row"), CASES, ids=[f"{name}: {row['teacher']}" for name, row in CASES])
def test_what_a_clerk_has_worked_out(name, row):
    plan = PLANS[name]
    programme = Programme("golden", "district", date.fromisoformat(row["closed"]) if row["closed"] else None)
    outcome = evaluate(history_of(row, plan), plan, programme, UNITS, date.fromisoformat(row["on"]))
    cells = told(outcome)
    expected = {column: text for column, text in row.items() if column not in WORDS}
    assert {column: cells[column] for column in expected} == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_every_demand_and_fifteen_rows_of_different_teachers(name):
    table = rows(name)
    demands = [demand.code for demand in PLANS[name].demands]
    assert [column for column in table[0] if column in demands] == demands
    assert (
        len({row["teacher"] for row in table}) == len({row["facts"] + row["on"] + row["closed"] for row in table}) >= 15
    )


def test_the_tables_are_those_of_the_five_plans():
    assert sorted(place.stem for place in TABLES.glob("*.csv")) == list(NAMES)
