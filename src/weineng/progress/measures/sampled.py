"""A person who is not in the register, judged as everybody is: what is said of them is written into the scratch tables in place of
what would be gathered, and the same expressions count and judge it. No table that stays is read or written for them."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from weineng.programmes.rules import Document
from weineng.progress.measures.counted import count_minutes
from weineng.progress.measures.demands import judge_demands
from weineng.progress.measures.facts import gather_facts
from weineng.progress.measures.papers import Papers
from weineng.progress.measures.people import clear_scratch, fill, gather, weigh
from weineng.progress.measures.sums import place_people
from weineng.progress.measures.whole import PROPOSED, SOME, judge_all_by

NOBODY = -1  # the enrolment, programme and person of a sample: no row of any table has it


@dataclass
class Facts:
    """What is known of a sample, as rows of the scratch tables without their first column, the enrolment."""

    said: list[tuple[Any, ...]] = field(default_factory=list)
    level: list[tuple[Any, ...]] = field(default_factory=list)
    attempt: list[tuple[Any, ...]] = field(default_factory=list)
    choice: list[tuple[Any, ...]] = field(default_factory=list)
    chosen: list[tuple[Any, ...]] = field(default_factory=list)
    declared: list[tuple[Any, ...]] = field(default_factory=list)
    exempt: list[tuple[Any, ...]] = field(default_factory=list)
    flag: list[tuple[Any, ...]] = field(default_factory=list)
    done: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Judged:
    """Where somebody stands: a row for each demand (`overall` among them), minutes by kind and why they count or not, open gates."""

    standings: tuple[dict[str, Any], ...]
    minutes: tuple[tuple[str, str, str, int], ...]  # kind, reason ('' counts), what it names, minutes
    gates: frozenset[str]


def judge_sample(document: Document, facts: Facts, at: datetime) -> Judged:
    """Where somebody of whom this is known stands under a document at an instant."""
    clear_scratch()
    fill({"counting_set": [(NOBODY, NOBODY, PROPOSED, NOBODY, None, None)]})
    fill({f"counting_{name}": [(NOBODY, *row) for row in rows] for name, rows in vars(facts).items()})
    return _judge(Papers({PROPOSED: document}, at))


def judge_under(document: Document, enrolment: int, at: datetime) -> Judged:
    """Where somebody of the register would stand if this document judged them, whichever does."""
    clear_scratch()
    many = gather(SOME, [[enrolment]], few=True)
    judge_all_by(PROPOSED)
    papers = Papers({PROPOSED: document}, at)
    weigh(many, "counting_set")
    gather_facts(papers, many)
    place_people(papers, many)
    return _judge(papers)


def _judge(papers: Papers) -> Judged:
    count_minutes(papers, 1)
    judge_demands(papers, 1)
    with connection.cursor() as cursor:
        cursor.execute("select demand, have, need, met, verdict, reasons, detail, participant from counting_standing")
        names = [column.name for column in cursor.description or ()]
        standings = tuple(
            {name: _loaded(name, value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()
        )
        cursor.execute(
            "select kind, reason, ref, sum(minutes)::int from counting_line group by kind, reason, ref order by kind, reason, ref"
        )
        minutes = tuple(cursor.fetchall())
        cursor.execute("select gate from counting_gate")
        gates = frozenset(gate for (gate,) in cursor.fetchall())
    return Judged(standings, minutes, gates)


def _loaded(name: str, value: Any) -> Any:
    return json.loads(value) if name in ("reasons", "detail") else value
