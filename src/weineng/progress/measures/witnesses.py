"""A history that somebody could have, counted as every history is: a sample whose facts a witness gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from weineng.programmes.proving import Attended, TeacherKind, Witness
from weineng.programmes.rules import Document
from weineng.progress.measures.papers import LEVELS
from weineng.progress.measures.sampled import Facts, Judged, judge_sample

NOON = time(12)


@dataclass(frozen=True)
class CountedWitness:
    """What became of a witness: the verdict, the gates that are open, and of each demand what it has and needs."""

    verdict: str
    gates: frozenset[str] = frozenset()
    demands: Mapping[str, tuple[int, int, bool]] = field(default_factory=dict)  # have, need, met


def measure_witnesses(
    document: Document,
    witnesses: Sequence[tuple[TeacherKind, Witness]],
    axis_of: Mapping[str, str],
    on: date | None = None,
) -> tuple[CountedWitness, ...]:
    """Count each as it stands on a day, the last one of the cycle if nothing is said; no table but the session's own is read or written.

    `axis_of`: point -> its value on the axis of choice.
    """
    at = datetime.combine(on or document.cycle.cut_off, NOON, ZoneInfo(document.time_zone))
    found = []
    for kind, witness in witnesses:
        found.append(_read(document, judge_sample(document, facts_of(document, kind, witness, axis_of, at), at)))
    return tuple(found)


def facts_of(
    document: Document, kind: TeacherKind, witness: Witness, axis_of: Mapping[str, str], at: datetime
) -> Facts:
    """What is known of somebody who does what the witness says; everything that was handed in is decided at `at`."""
    facts, numbers = Facts(), count(1)
    zone, kinds = ZoneInfo(document.time_zone), {mode: k.code for k in reversed(document.kinds) for mode in k.modes}
    for place, record in enumerate(witness.records):
        starts = datetime.combine(record.on, time(), zone) + timedelta(minutes=record.begins)
        ends, name = starts + timedelta(minutes=record.minutes), f"{place:06}"
        of, aside = kinds.get(record.mode, ""), _aside(document, record, kinds)
        said: tuple[Any, ...] = (
            0,
            next(numbers),
            name,
            starts,
            ends,
            record.minutes,
            record.on,
            "",
            name,
            1,
            of,
            False,
        )
        facts.said.append((*said, aside, None))
    for item, point in [("point", point) for point in witness.passed] + [("recording", "")] * witness.recording:
        number, level = next(numbers), LEVELS["excellent" if point in witness.excellent else "pass"]
        facts.level.append((item, point, level, level, number, at.date(), at))
        facts.attempt.append((number, item, point, "decided", at, at))
    facts.flag += [(flag,) for flag in kind.flags]
    facts.done += [(item, 1) for item in witness.items]
    facts.done.append(("handbook", len({task.code for task in document.handbook} & set(witness.tasks))))
    if witness.chosen:
        facts.choice.append((next(numbers), list(witness.opened)))
        facts.chosen += [(point, axis_of[point], True) for point in witness.chosen]
    if document.choice.declare:
        facts.declared += [(point, axis_of[point], True) for point in witness.passed]
        facts.done.append(("declaration", len(witness.passed)))
    return facts


def _aside(document: Document, record: Attended, kinds: Mapping[str, str]) -> str:
    """What speaks against a record at once, as `facts.py` has it (semantics 3, 5)."""
    if not document.cycle.start <= record.on <= document.cycle.cut_off:
        return "outside-cycle"
    return "" if record.mode in kinds else "no-kind"


def _read(document: Document, judged: Judged) -> CountedWitness:
    rows = {row["demand"]: row for row in judged.standings}
    demands = {
        one.code: (rows[one.code]["have"], rows[one.code]["need"], rows[one.code]["met"]) for one in document.demands
    }
    return CountedWitness(rows["overall"]["verdict"], judged.gates, demands)
