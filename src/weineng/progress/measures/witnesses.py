"""A history that somebody could have, counted as every history is: a sample whose facts a witness gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from weineng.programmes.proving import TeacherKind, Witness
from weineng.programmes.rules import Document
from weineng.progress.measures.papers import LEVELS
from weineng.progress.measures.sampled import Facts, Judged, judge_sample

NOON = time(12)


@dataclass(frozen=True)
class CountedWitness:
    """What became of a witness: the verdict, the gates that are open, and of each demand what it has and needs."""

    verdict: str
    gates: frozenset[str] = frozenset()
    demands: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # have, need


def measure_witnesses(
    document: Document, witnesses: Sequence[tuple[TeacherKind, Witness]], axis_of: Mapping[str, str]
) -> tuple[CountedWitness, ...]:
    """Count each as if it stood on the last day of the cycle; no table but the session's own is read or written.

    `axis_of`: point -> its value on the axis of choice.
    """
    at = datetime.combine(document.cycle.cut_off, NOON, ZoneInfo(document.time_zone))
    found = []
    for kind, witness in witnesses:
        found.append(_read(judge_sample(document, facts_of(document, kind, witness, axis_of, at), at)))
    return tuple(found)


def facts_of(
    document: Document, kind: TeacherKind, witness: Witness, axis_of: Mapping[str, str], at: datetime
) -> Facts:
    """What is known of somebody who does what the witness says; everything that was handed in is decided at `at`."""
    facts, numbers, level = Facts(), count(1), LEVELS[witness.level]
    zone, cycle = ZoneInfo(document.time_zone), document.cycle
    for place, record in enumerate(witness.records):
        starts = datetime.combine(record.on, time(), zone) + timedelta(minutes=record.begins)
        ends, name = starts + timedelta(minutes=record.minutes), f"{place:06}"
        outside = "" if cycle.start <= record.on <= cycle.cut_off else "outside-cycle"
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
            record.kind,
            False,
        )
        facts.said.append((*said, outside, None))
    for item, point in [("point", point) for point in witness.passed] + [("recording", "")] * witness.recording:
        number = next(numbers)
        facts.level.append((item, point, level, level, number, at.date(), at))
        facts.attempt.append((number, item, point, "decided", at, at))
    facts.flag += [(flag,) for flag in kind.flags]
    facts.done += list(witness.items)
    if witness.chosen:
        facts.choice.append((next(numbers), list(witness.opened)))
        facts.chosen += [(point, axis_of[point], True) for point in witness.chosen]
    if document.choice.declare:
        facts.declared += [(point, axis_of[point], True) for point in witness.passed]
        facts.done.append(("declaration", len(witness.passed)))
    return facts


def _read(judged: Judged) -> CountedWitness:
    rows = {row["demand"]: row for row in judged.standings}
    overall = rows.pop("overall")
    return CountedWitness(
        overall["verdict"], judged.gates, {demand: (row["have"], row["need"]) for demand, row in rows.items()}
    )
