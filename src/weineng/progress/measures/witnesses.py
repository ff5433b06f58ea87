"""A history that somebody could have, counted as every history is: its facts go into the scratch tables, the rest is the one way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from weineng.programmes.proving import TeacherKind, Witness
from weineng.programmes.rules import Document
from weineng.progress.measures.counted import count_minutes
from weineng.progress.measures.demands import judge_demands
from weineng.progress.measures.papers import LEVELS, Papers
from weineng.progress.measures.people import clear_scratch, fill

NOON = time(12)


@dataclass(frozen=True)
class CountedWitness:
    """What became of a witness: the verdict, the gates that are open, and of each demand what it has and needs."""

    verdict: str
    gates: frozenset[str] = frozenset()
    demands: Mapping[str, tuple[int, int, bool]] = field(default_factory=dict)  # have, need, met


def measure_witnesses(
    document: Document, witnesses: Sequence[tuple[TeacherKind, Witness]], axis_of: Mapping[str, str]
) -> tuple[CountedWitness, ...]:
    """Count each as if it stood on the last day of the cycle; no table but the session's own is read or written.

    `axis_of`: point -> its value on the axis of choice.
    """
    clear_scratch()
    facts = _Facts(document, axis_of)
    for number, (kind, witness) in enumerate(witnesses, 1):
        facts.add(number, kind, witness)
    fill(facts.rows)
    papers = Papers({0: document}, facts.at)
    count_minutes(papers, len(witnesses))
    judge_demands(papers, len(witnesses))
    return _read(len(witnesses))


class _Facts:
    def __init__(self, document: Document, axis_of: Mapping[str, str]) -> None:
        self.document, self.axis_of = document, axis_of
        self.zone = ZoneInfo(document.time_zone)
        self.last = document.cycle.cut_off
        self.at = datetime.combine(self.last, NOON, self.zone)
        self.rows: dict[str, list[tuple[Any, ...]]] = {}
        self.numbers = 0

    def add(self, enrolment: int, kind: TeacherKind, witness: Witness) -> None:
        """The facts of one witness."""
        self._put("counting_set", [(enrolment, 0, 0, enrolment, None, None)])
        self._put("counting_flag", [(enrolment, flag) for flag in kind.flags])
        self._put("counting_said", [self._said(enrolment, witness, place) for place in range(len(witness.records))])
        items = [("point", point) for point in witness.passed] + ([("recording", "")] if witness.recording else [])
        level = LEVELS[witness.level]
        handed = [(enrolment, self._number(), *item) for item in items]
        self._put(
            "counting_level", [(e, item, point, level, level, n, self.last, self.at) for e, n, item, point in handed]
        )
        self._put("counting_attempt", [(*row, "decided", self.at, self.at) for row in handed])
        done = list(witness.items)
        if witness.chosen:
            self._put("counting_choice", [(enrolment, self._number(), list(witness.opened))])
            self._put("counting_chosen", [(enrolment, p, self.axis_of[p], True) for p in witness.chosen])
        if self.document.choice.declare:
            self._put("counting_declared", [(enrolment, p, self.axis_of[p], True) for p in witness.passed])
            done.append(("declaration", len(witness.passed)))
        self._put("counting_done", [(enrolment, item, have) for item, have in done])

    def _said(self, enrolment: int, witness: Witness, place: int) -> tuple[Any, ...]:
        record = witness.records[place]
        starts = datetime.combine(record.on, time(), self.zone) + timedelta(minutes=record.begins)
        ends = starts + timedelta(minutes=record.minutes)
        name = f"{place:06}"
        return (
            enrolment, 0, self._number(), name, starts, ends, record.minutes, record.on, "", name, 1, record.kind, False,
            self._outside(record.on), None,
        )  # fmt: skip

    def _outside(self, on: date) -> str:
        return "" if self.document.cycle.start <= on <= self.last else "outside-cycle"

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _put(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self.rows.setdefault(table, []).extend(rows)


def _read(many: int) -> tuple[CountedWitness, ...]:
    with connection.cursor() as cursor:
        cursor.execute("select enrolment, gate from counting_gate")
        gates = cursor.fetchall()
        cursor.execute("select enrolment, demand, have, need, met, verdict from counting_standing")
        rows = cursor.fetchall()
    verdicts = {enrolment: verdict for enrolment, demand, *_rest, verdict in rows if demand == "overall"}
    return tuple(
        CountedWitness(
            verdicts[number],
            frozenset(gate for enrolment, gate in gates if enrolment == number),
            {
                demand: (have, need, met)
                for e, demand, have, need, met, _v in rows
                if e == number and demand != "overall"
            },
        )
        for number in range(1, many + 1)
    )
