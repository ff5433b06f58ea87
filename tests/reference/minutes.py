"""Which minutes of a teacher count, and why the others do not: semantics 3–12 and 17, slowly and in their order.

Every step takes what the one before left, and writes a line for what it puts aside. The minutes of a record's lines add
up to what the record says.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.reference.district_plan import Cap, Plan
from tests.reference.facts import Attempt, Decision, Record, Result

ZONE = ZoneInfo("Asia/Shanghai")
NEVER = datetime.max.replace(tzinfo=ZONE)


@dataclass(frozen=True)
class Line:
    """Minutes of one record or result, as one kind, that count (`reason` '') or do not, for one reason."""

    origin: str  # record, result, submission
    number: int
    kind: str
    minutes: int
    on: date
    reason: str = ""
    ref: str = ""
    flagged: bool = False


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


def civil(instant: datetime) -> date:
    """The civil date of an instant (2)."""
    return instant.astimezone(ZONE).date()


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
    return record.mode in (plan.point_kind, plan.recording_kind)


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


@dataclass
class Piece:
    """Minutes on their way through the caps."""

    line: Line
    course: str
    minutes: int


def bucket_of(piece: Piece, cap: Cap) -> object:
    """What a cap is per (9)."""
    if cap.per == "record":
        return piece.line.number
    if cap.per == "day":
        return piece.line.on
    if cap.per == "course":
        return piece.course
    return cap.code  # kind: all of them together


def consume(pieces: list[Piece], cap: Cap, used: dict[object, int]) -> tuple[list[Line], list[Piece]]:
    """Let each piece in turn take what is left of one cap; returns lines of the rest, or the rest that moves (9)."""
    lines, moving = [], []
    for piece in pieces:
        if piece.line.kind not in cap.kinds:
            continue
        bucket = bucket_of(piece, cap)
        room = cap.minutes - used.get(bucket, 0)
        fits = min(piece.minutes, room)
        rest = piece.minutes - fits
        used[bucket] = used.get(bucket, 0) + fits
        piece.minutes = fits
        if rest == 0:
            continue
        if cap.excess_to:
            moving.append(Piece(replace(piece.line, kind=cap.excess_to), piece.course, rest))
        else:
            lines.append(replace(piece.line, minutes=rest, reason="cap", ref=cap.code))
    return lines, moving


def apply_caps(records: list[Piece], results: list[Piece], plan: Plan) -> list[Line]:
    """The caps in the order record, day, course, kind; what is moved comes after a kind's own records, results last (9).

    `records` and `results` are in their order. Only caps per kind touch what is moved, and results.
    """
    lines: list[Line] = []
    moved: list[Piece] = []
    used: dict[str, dict[object, int]] = {cap.code: {} for cap in plan.caps}
    for per in ("record", "day", "course", "kind"):
        for cap in plan.caps:
            if cap.per == per:
                rest, moving = consume(records, cap, used[cap.code])
                lines += rest
                moved += moving
    moved.sort(key=lambda piece: records_place(piece, records))
    for later in (moved, results):
        for cap in plan.caps:
            if cap.per == "kind":
                once = replace(cap, excess_to="")  # moved once, and results never
                rest, _ = consume(later, once, used[cap.code])
                lines += rest
    all_pieces = records + moved + results
    kept_something = {(line.origin, line.number) for line in lines} | {
        (piece.line.origin, piece.line.number) for piece in all_pieces if piece.minutes
    }
    for piece in all_pieces:
        nothing_said = (piece.line.origin, piece.line.number) not in kept_something
        if piece.minutes or nothing_said:
            lines.append(replace(piece.line, minutes=piece.minutes))
            kept_something.add((piece.line.origin, piece.line.number))
    return together(lines)


def records_place(piece: Piece, records: list[Piece]) -> int:
    """Where the record of a moved piece stands in the order."""
    for place, record in enumerate(records):
        if record.line.number == piece.line.number:
            return place
    raise LookupError(piece)


def together(lines: list[Line]) -> list[Line]:
    """One line where two say the same of one record: its minutes moved by two caps, or capped twice by one."""
    sums: dict[Line, int] = {}
    for line in lines:
        key = replace(line, minutes=0)
        sums[key] = sums.get(key, 0) + line.minutes
    return [replace(line, minutes=minutes) for line, minutes in sums.items()]


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


def count_results(results: list[Result], attempts: list[Attempt], plan: Plan) -> list[Piece]:
    """What points and the recording earn, by what, and in which order."""
    if plan.earned_on == "passed":
        earning = [("result", r.number, r.point, r.decided) for r in earning_results(results)]
    else:
        earning = [("submission", a.number, a.point, a.again or a.handed_in) for a in earning_attempts(attempts)]
    pieces = []
    for origin, number, point, when in earning:
        kind = plan.point_kind if point else plan.recording_kind
        minutes = plan.point_minutes if point else plan.recording_minutes
        pieces.append(Piece(Line(origin, number, kind, 0, civil(when)), "", minutes))
    return pieces


def count_minutes(facts: Facts, plan: Plan, on: date) -> list[Line]:
    """All lines of a teacher: every record and every earning result, each minute with its one reason or none (4–12, 17)."""
    lines, left = count_records(facts.own, facts.everything, facts.decisions, plan, on)
    flags = {record.number: flagged for record, _, flagged in left}
    kinds = {record.number: kind for record, kind, _ in left}
    records = []
    for record in in_order([record for record, _, _ in left]):
        line = Line("record", record.number, kinds[record.number], 0, civil(record.ends), flagged=flags[record.number])
        records.append(Piece(line, record.course, record.minutes))
    return lines + apply_caps(records, count_results(facts.results, facts.attempts, plan), plan)
