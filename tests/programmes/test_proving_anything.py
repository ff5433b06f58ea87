"""Invented documents: whatever they ask, each answer is proven, and what one line alone makes impossible is a contradiction."""

import os
import random
from datetime import date

import pytest

from tests.programmes.planting import planted
from weineng.programmes.proving import kinds_of
from weineng.progress.queries import prove

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
RECORDS, EARNED = ("online", "research", "visit"), ("evidence", "film")
NOBODY_CAN = {
    "impossible-demand", "impossible-share", "points-unreachable", "opened-unreachable", "part-unreachable",
    "credits-unreachable", "item-without-source", "items-above-source",
}  # fmt: skip
MANY = int(os.environ.get("WEINENG_TEST_DOCUMENTS", "20"))


def invented(draw):
    """Changes of the planted base: caps, gates, shares, points, flags and items, dense where they meet."""
    some = lambda words: draw.sample(list(words), draw.randint(1, len(words)))  # noqa: E731 (one line, one place)
    change = {
        "kinds": [{"code": "visit", "from": "records", "match": {"mode": ["shadowing"]}}],
        "caps": [],
        "gates": [],
        "demands": [],
    }
    change["cycle"] = {"start": date(2026, 12, draw.choice([1, 22, 26, 28, 30]))}
    for number in range(draw.randint(0, 4)):
        per = draw.choice(["record", "day", "course", "kind", "kind", "day"])
        kinds = some(RECORDS + EARNED) if per == "kind" else some(RECORDS)
        cap = {"code": f"cap{number}", "per": per, "kinds": kinds, "periods": draw.choice([2, 4, 5, 8, 10, 15, 20])}
        rest = [kind for kind in RECORDS if kind not in kinds]
        if rest and draw.random() < 0.25:
            cap["excess_to"] = draw.choice(rest)
        change["caps"].append(cap)
    opens = draw.choice(["research", "visit"])
    if draw.random() < 0.5:
        before = draw.choice(["refuse", "not-counted", "keep"])
        keys = draw.choice([["online"], ["online", *(k for k in ("research", "visit") if k != opens)]])
        change["gates"].append(
            {"code": "gate", "kinds": keys, "periods": draw.choice([4, 10, 20, 25]), "opens": [opens], "before": before}
        )
    for number in range(draw.randint(1, 3)):
        row = {
            "code": f"more{number}",
            "type": "minutes",
            "kinds": some(RECORDS + EARNED),
            "periods": draw.choice([5, 10, 16, 20, 30]),
        }
        if draw.random() < 0.3:
            row["periods_for_flag"] = {"rural": row["periods"] + draw.choice([1, 5])}
        change["demands"].append(row)
    if draw.random() < 0.6:
        row = {
            "code": "share",
            "type": "share",
            "kinds": some(RECORDS + EARNED),
            "share": draw.choice([10, 33, 50, 75, 100]),
            "of": "hours",
        }
        change["demands"].append(row | {"base": draw.choice(["required", "counted"])})
    if draw.random() < 0.4:
        change["demands"].append({"code": "filmed", "type": "items", "item": "recording"})
    points, opened = draw.choice([1, 2, 3, 6]), draw.choice([None, 1, 2, 3])
    change["choice"] = {"points": {"minimum": points}}
    if opened:
        change["choice"] |= {"axis": draw.choice(["dimension", "environment"]), "opened": {"minimum": opened}}
        change["choice"]["points"] = {"minimum": max(points, opened), "each_opened": 1}
    change["demands"].append({"code": "points", "minimum": points, "each_opened": draw.choice([0, 1]) if opened else 0})
    if draw.random() < 0.4:
        change["choice"]["from"] = {
            "dimension": draw.choice([["learner-analysis"], ["learner-analysis", "teaching-design"]])
        }
    return change


@pytest.mark.parametrize("seed", range(MANY))
def test_every_answer_is_proven(seed):
    reading = planted(invented(random.Random(seed)))
    assert reading.draft is not None, [str(problem) for problem in reading.problems]
    found = prove(reading.draft, kinds_of(reading.draft))
    assert [one for one in found if not one.holds] == []
    if {problem.code for problem in reading.problems if "_for_flag" not in problem.path} & NOBODY_CAN:
        assert [one.answer.witness for one in found if one.answer.witness] == []
