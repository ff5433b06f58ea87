"""Histories that could pass under a document and not under another one: where a refinement loosens its base.

They are only proposed here, and shown by counting them under both. They stand at the edge of what the looser document asks: as much
as it demands and no minute more, a kind only by what moves into it, the last days of a longer cycle, more than a cap lets through.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from operator import attrgetter

from weineng.programmes.proving.deciding import Standard, witness_within
from weineng.programmes.proving.hours import LONGEST, Bound
from weineng.programmes.proving.kinds import TeacherKind, flags_of
from weineng.programmes.proving.points import Goal, minimums
from weineng.programmes.proving.witnesses import Attended, Witness
from weineng.programmes.rules import Document

# What a verdict turns on: a line of anything else changes who looks, when, or what follows, and no history shows it.
TURNS_ON = attrgetter(
    "demands", "choice", "caps", "gates", "earnings", "kinds", "cycle.cut_off", "excellent_points", "points", "handbook"
)
Proposed = tuple[TeacherKind, Goal, Witness]


def candidates(below: Document, above: Document, standard: Standard) -> Iterator[Proposed]:
    """Histories that pass under `below` as far as can be worked out, those likely not to pass under `above` first."""
    if TURNS_ON(below) == TURNS_ON(above):
        return
    more = below.excellent_points and below.excellent_points != above.excellent_points
    goals: tuple[Goal, ...] = ("pass", "excellent") if more else ("pass",)
    flags = tuple(sorted({*flags_of(below), *flags_of(above)}))
    kinds = [TeacherKind(), *(TeacherKind((flag,)) for flag in flags)]
    for goal in goals:
        for kind in kinds:
            seen = set()
            asked = [(standard, bounds) for bounds in _edges(below, above, kind)]
            asked.insert(1, (dict(reversed(list(standard.items()))), ()))  # other points first
            for points, bounds in asked:
                witness = witness_within(below, kind, goal, points, bounds)
                for history in _turned(witness, below, above) if witness else ():
                    if history not in seen:
                        seen.add(history)
                        yield kind, goal, history


def _edges(below: Document, above: Document, kind: TeacherKind) -> Iterator[tuple[Bound, ...]]:
    """Bounds to look with: nothing, less than each demand above, no more than each below, alone or with what a cap cuts off above."""
    yield ()
    demands = {demand.code: demand for demand in above.demands}
    tight = []
    for demand in above.demands:
        if demand.type == "minutes":
            need = max(least for least, _line in minimums(demand, kind))
            yield (Bound(demand.kinds, most=need - 1),)
            tight.append(Bound(demand.kinds, most=need))
        if demand.type == "share" and demand.base == "required":
            need = max(least for least, _line in minimums(demands[demand.of], kind))
            yield (Bound(demand.kinds, most=-(-demand.share * need // 100) - 1),)
        if demand.type == "share" and demand.base == "counted":
            yield (Bound(demand.kinds, most=-1, of=demands[demand.of].kinds, share=demand.share),)
    for gate in above.gates:
        yield (Bound(gate.kinds, most=gate.minutes - 1),)
    moved = [Bound((row.code,), most=0, own=True) for row in below.kinds if row.source == "records"]
    yield from ((bound,) for bound in (*tight, *moved))
    full = [Bound(cap.kinds, least=cap.minutes + 1) for cap in above.caps if cap.per == "kind"]
    full += [Bound(cap.kinds, least=cap.minutes, own=cap.per != "kind") for cap in below.caps]
    yield from ((bound, other) for bound in tight for other in (*full, *moved))


def _turned(witness: Witness, below: Document, above: Document) -> Iterator[Witness]:
    """The history itself; in the last days; in modes that only the looser document takes; with longer records than it counts."""
    yield witness
    if witness.records:
        later = below.cycle.cut_off - max(record.on for record in witness.records)
        yield _each(witness, lambda record: replace(record, on=record.on + later))
        lost = {mode: (_kind_of(below, mode), _kind_of(above, mode)) for row in below.kinds for mode in row.modes}
        others = {was: mode for mode, (was, now) in lost.items() if was != now}
        yield _each(witness, lambda record: replace(record, mode=others.get(record.kind, record.mode)))
        yield _longer(witness, below, above)


def _longer(witness: Witness, below: Document, above: Document) -> Witness:
    """Records as long as a cap of either document lets through, where that is more: what does not count below may above. Those of a day
    follow each other as before."""
    caps = [cap for document in (below, above) for cap in document.caps if cap.per != "kind"]
    ended: dict[date, int] = {}

    def stretched(record: Attended) -> Attended:
        begins = ended.get(record.on, record.begins)
        asked = max([record.minutes, *(cap.minutes for cap in caps if record.kind in cap.kinds)])
        minutes = min(asked, LONGEST - begins)
        ended[record.on] = begins + minutes
        return replace(record, begins=begins, minutes=minutes)

    return replace(witness, records=tuple(stretched(record) for record in sorted(witness.records, key=_placed)))


def _placed(record: Attended) -> tuple[date, int]:
    return record.on, record.begins


def _each(witness: Witness, turn: Callable[[Attended], Attended]) -> Witness:
    return replace(witness, records=tuple(turn(record) for record in witness.records))


def _kind_of(document: Document, mode: str) -> str:
    return next((row.code for row in document.kinds if mode in row.modes), "")
