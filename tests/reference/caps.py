"""What counts at most, and where the rest goes: semantics 9, cap by cap and piece by piece."""

from dataclasses import dataclass, replace

from tests.reference.lines import Line, together
from tests.reference.plan_lines import Cap, Plan


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
