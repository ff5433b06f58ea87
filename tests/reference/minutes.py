"""Which minutes of a teacher count, and why the others do not: semantics 3–12 and 17, slowly and in their order.

Every step takes what the one before left, and writes a line for what it puts aside. The minutes of a record's lines add
up to what the record says.
"""

from dataclasses import dataclass, field
from datetime import date

from tests.reference.caps import Piece, apply_caps
from tests.reference.facts import Attempt, Decision, Record, Result
from tests.reference.gates import Opening, first_closed, gated_kinds, opening_of
from tests.reference.lines import NEVER, Line, civil
from tests.reference.plan_lines import Earning, Plan, derived_kinds


@dataclass(frozen=True)
class Facts:
    """What bears on the minutes of one teacher in one programme.

    `own` are the records of this teacher; `everything` also those of nobody or others, which may correct or void them.
    """

    own: list[Record]
    everything: list[Record]
    decisions: list[Decision]
    results: list[Result]
    attempts: list[Attempt]
    exempt_gates: dict[str, date] = field(default_factory=dict)  # gates an exemption opens, since when
    elsewhere: dict[int, str] = field(default_factory=dict)  # records of which a minute counts in another programme


@dataclass(frozen=True)
class Account:
    """All lines, and when each gate opened."""

    lines: list[Line]
    openings: list[Opening]


def in_order(records: list[Record]) -> list[Record]:
    """By the end of the event, then the source, then the source's own id, letter by letter (6, 9)."""
    return sorted(records, key=lambda r: (r.ends, r.source, r.source_id))


def overlap(a: Record, b: Record) -> bool:
    """Each begins before the other ends; touching is not overlapping; equal intervals always do (6, 7)."""
    if a.starts == b.starts and a.ends == b.ends:
        return True
    return a.starts < b.ends and b.starts < a.ends


# --- 4 ------------------------------------------------------------------------------------------------------------
def voided_by(record: Record, everything: list[Record]) -> int | None:
    """The record that withdraws it, unless that one was withdrawn itself (4)."""
    for other in everything:
        if other.voids == record.number and voided_by(other, everything) is None:
            return other.number
    return None


def corrected_by(record: Record, everything: list[Record]) -> int | None:
    """The record that corrects it, whatever became of that one (4)."""
    for other in everything:
        if other.corrects == record.number:
            return other.number
    return None


# --- 3 ------------------------------------------------------------------------------------------------------------
def is_outside(record: Record, plan: Plan, on: date) -> bool:
    """Its event is not in [start, min(cut-off, on)], or it became known too late (3)."""
    event = civil(record.ends)
    if event < plan.starts or event > plan.cut_off or event > on:
        return True
    return civil(record.arrived) > plan.late_until


# --- 5, 12 --------------------------------------------------------------------------------------------------------
def kind_of(record: Record, plan: Plan) -> str:
    """The first kind whose modes contain the record's, else '' (5)."""
    for kind, modes in plan.kinds:
        if record.mode in modes:
            return kind
    return ""


def is_derived(record: Record, plan: Plan) -> bool:
    """It claims minutes that only results can earn (12)."""
    return record.mode in derived_kinds(plan)


# --- The steps ----------------------------------------------------------------------------------------------------
def count_records(
    own: list[Record], everything: list[Record], decisions: list[Decision], plan: Plan, on: date
) -> tuple[list[Line], list[tuple[Record, str, bool]]]:
    """Steps 4 to 7. Returns the lines of what was put aside, and what is left: record, kind, flagged.

    `own` are the records of this teacher; `everything` also those of nobody or others, which may correct or void them.
    """
    lines: list[Line] = []

    def aside(record: Record, reason: str, ref: int | None = None, kind: str = "") -> None:
        text = "" if ref is None else str(ref)
        lines.append(Line("record", record.number, kind, record.minutes, civil(record.ends), reason, text))

    within = []
    for record in own:
        if record.voids is not None:
            continue  # no record of hours
        kind = record.mode if is_derived(record, plan) else kind_of(record, plan)
        if voided_by(record, everything) is not None:
            aside(record, "voided", voided_by(record, everything), kind)
        elif corrected_by(record, everything) is not None:
            aside(record, "corrected-by", corrected_by(record, everything), kind)
        elif is_outside(record, plan, on):
            aside(record, "outside-cycle", kind=kind)
        elif is_derived(record, plan):
            aside(record, "derived-kind", kind=kind)
        elif kind_of(record, plan) == "":
            aside(record, "no-kind")
        else:
            within.append(record)

    kept: list[Record] = []  # 6
    for record in in_order(within):
        first = None
        for earlier in kept:
            same = earlier.course == record.course and kind_of(earlier, plan) == kind_of(record, plan)
            if first is None and same and overlap(earlier, record):
                first = earlier
        if first is None:
            kept.append(record)
        else:
            aside(record, "duplicate-of", first.number, kind_of(record, plan))

    accepted = []  # 7
    for record in kept:
        rejected = False
        for decision in decisions:
            if decision.record == record.number and not decision.ended:
                rejected = True
        if rejected:
            aside(record, "overlap-rejected", None, kind_of(record, plan))
        else:
            accepted.append(record)

    left = []
    for record in accepted:
        flagged = False
        for other in accepted:
            if other.course != record.course and overlap(other, record):
                flagged = True
        left.append((record, kind_of(record, plan), flagged))
    return lines, left


# --- Results ------------------------------------------------------------------------------------------------------
def earning_results(results: list[Result]) -> list[Result]:
    """The result by which each item earns its minutes: the first decided of those in force that are pass or better (17).

    In the order of their decision.
    """
    earning: dict[str, Result] = {}
    for result in sorted(results, key=lambda r: (r.decided, r.number)):
        if result.overturned or result.level == "fail":
            continue
        if result.point not in earning:
            earning[result.point] = result
    return list(earning.values())


def earning_attempts(attempts: list[Attempt]) -> list[Attempt]:
    """Where handing in is enough: the first attempt at each item that is handed in, in the order of handing in (17)."""
    earning: dict[str, Attempt] = {}
    for attempt in sorted(attempts, key=lambda a: (a.again or a.handed_in or NEVER, a.number)):
        if attempt.state in ("submitted", "opened", "decided") and attempt.point not in earning:
            earning[attempt.point] = attempt
    return list(earning.values())


def earning_of(plan: Plan, point: str) -> Earning | None:
    """What a point ('' the recording) earns under a plan, if anything (17)."""
    for earning in plan.results:
        if earning.item == ("point" if point else "recording"):
            return earning
    return None


def count_results(results: list[Result], attempts: list[Attempt], plan: Plan) -> list[Piece]:
    """What points and the recording earn, by what, and in which order (17)."""
    earned = []
    for result in earning_results(results):
        earning = earning_of(plan, result.point)
        if earning is not None and earning.earned_on == "passed":
            earned.append((result.decided, "result", result.number, earning))
    for attempt in earning_attempts(attempts):
        earning = earning_of(plan, attempt.point)
        if earning is not None and earning.earned_on == "handed_in":
            earned.append((attempt.again or attempt.handed_in, "submission", attempt.number, earning))
    pieces = []
    for when, origin, number, earning in sorted(earned, key=lambda row: row[:3]):
        pieces.append(Piece(Line(origin, number, earning.kind, 0, civil(when)), "", earning.minutes))
    return pieces


# --- The whole ----------------------------------------------------------------------------------------------------
def counted_elsewhere(
    left: list[tuple[Record, str, bool]], elsewhere: dict[int, str]
) -> tuple[list[Line], list[tuple[Record, str, bool]]]:
    """Directly before the gates: records of which a minute counts in a programme that this one excludes (34)."""
    lines, rest = [], []
    for record, kind, flagged in left:
        if record.number in elsewhere:
            lines.append(
                Line(
                    "record",
                    record.number,
                    kind,
                    record.minutes,
                    civil(record.ends),
                    "counted-elsewhere",
                    elsewhere[record.number],
                    flagged,
                )
            )
        else:
            rest.append((record, kind, flagged))
    return lines, rest


def pieces_of(left: list[tuple[Record, str, bool]]) -> list[Piece]:
    """Records as they set out through the caps, in the order."""
    flags = {record.number: flagged for record, _, flagged in left}
    kinds = {record.number: kind for record, kind, _ in left}
    pieces = []
    for record in in_order([record for record, _, _ in left]):
        line = Line("record", record.number, kinds[record.number], 0, civil(record.ends), flagged=flags[record.number])
        pieces.append(Piece(line, record.course, record.minutes))
    return pieces


def before_gates(
    left: list[tuple[Record, str, bool]], plan: Plan, facts: Facts, on: date
) -> tuple[list[Line], list[tuple[Record, str, bool]], list[Opening]]:
    """Step 8 (8, 10): when the gates open, found as if no record of a gated kind were there, and what is before them."""
    gated = gated_kinds(plan)
    without = [(record, kind, flagged) for record, kind, flagged in left if kind not in gated]
    found = apply_caps(pieces_of(without), [], plan) if plan.gates else []
    openings = [opening_of(gate, found, facts.exempt_gates.get(gate.code), on) for gate in plan.gates]
    lines, rest = [], []
    for record, kind, flagged in left:
        event = civil(record.ends)
        closed = first_closed(openings, kind, event)
        if closed is not None:
            ref = closed.gate.code
            lines.append(Line("record", record.number, kind, record.minutes, event, "before-gate", ref, flagged))
        else:
            rest.append((record, kind, flagged))
    return lines, rest, openings


def count_minutes(facts: Facts, plan: Plan, on: date) -> Account:
    """All lines of a teacher: every record and every earning result, each minute with its one reason or none (4–12, 17)."""
    lines, left = count_records(facts.own, facts.everything, facts.decisions, plan, on)
    aside, left = counted_elsewhere(left, facts.elsewhere)
    lines += aside
    aside, left, openings = before_gates(left, plan, facts, on)
    lines += aside
    lines += apply_caps(pieces_of(left), count_results(facts.results, facts.attempts, plan), plan)
    return Account(lines, openings)
