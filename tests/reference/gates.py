"""When a gate opens and what is before it: semantics 8 and 10, ADR 0070 "Gates"."""

from dataclasses import dataclass
from datetime import date

from tests.reference.lines import Line
from tests.reference.plan_lines import Gate, Plan


@dataclass(frozen=True)
class Opening:
    """A gate and the day on which it opened (None: it has not)."""

    gate: Gate
    opened_on: date | None


def day_reached(gate: Gate, lines: list[Line]) -> date | None:
    """The first event date on which counted minutes of the gate's kinds, up to and with that day, reach the threshold.

    `lines` are those found without any record of a gated kind; moved minutes stand among them as what they became (10).
    """
    counted = [line for line in lines if line.reason == "" and line.kind in gate.kinds]
    for day in sorted({line.on for line in counted}):
        so_far = 0
        for line in counted:
            if line.on <= day:
                so_far += line.minutes
        if so_far >= gate.minutes:
            return day
    return None


def opening_of(gate: Gate, lines: list[Line], exempt_since: date | None, on: date) -> Opening:
    """By minutes or by an exemption that names the gate, whichever is earlier; not in the future (10, 32)."""
    days = []
    reached = day_reached(gate, lines)
    if reached is not None and reached <= on:
        days.append(reached)
    if exempt_since is not None and exempt_since <= on:
        days.append(exempt_since)
    return Opening(gate, min(days) if days else None)


def is_before(opening: Opening, event: date) -> bool:
    """Whether an event of that date is before this gate: with `keep` all wait while it is closed, and then all count."""
    if opening.opened_on is None:
        return True
    if opening.gate.before == "keep":
        return False
    return event < opening.opened_on


def first_closed(openings: list[Opening], kind: str, event: date) -> Opening | None:
    """The first gate in the order of the plan that a record of this kind and date does not pass; it must pass each."""
    for opening in openings:
        if kind in opening.gate.opens and is_before(opening, event):
            return opening
    return None


def refuses(openings: list[Opening]) -> list[str]:
    """The gates that refuse choosing, declaring and handing in now (`gate-closed`)."""
    return [opening.gate.code for opening in openings if opening.gate.before == "refuse" and opening.opened_on is None]


def gated_kinds(plan: Plan) -> list[str]:
    """The kinds that any gate opens."""
    return [kind for gate in plan.gates for kind in gate.opens]
