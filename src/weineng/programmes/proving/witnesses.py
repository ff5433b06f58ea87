"""A witness: what somebody does, record by record and point by point, so that every demand is met."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from weineng.programmes.proving.hours import IN_ORDER, LONGEST, NATURAL, Hours, Question
from weineng.programmes.proving.points import Choosing, Goal
from weineng.programmes.rules import Cap


@dataclass(frozen=True)
class Attended:
    """A record of so many minutes of one kind and mode, on a day, from so many minutes after midnight; each is a course of its own."""

    kind: str
    mode: str
    on: date
    begins: int
    minutes: int


@dataclass(frozen=True)
class Witness:
    """What somebody does. `opened`: what the school opens; of the points chosen some are passed, of these some `excellent`."""

    records: tuple[Attended, ...]
    opened: tuple[str, ...]
    chosen: tuple[str, ...]
    passed: tuple[str, ...]
    excellent: tuple[str, ...]
    recording: bool
    items: tuple[str, ...]  # of the others, those that are done
    tasks: tuple[str, ...]  # of the handbook

    @property
    def minutes(self) -> dict[str, int]:
        """Minutes attended, by kind."""
        found: dict[str, int] = {}
        for record in self.records:
            found[record.kind] = found.get(record.kind, 0) + record.minutes
        return found


def witness_of(question: Question, choosing: Choosing, hours: Hours, goal: Goal) -> Witness:
    """The witness that a solution describes. That it is one is shown by counting it, not here."""
    passed = choosing.passed(hours.points)
    acts = bool(passed or hours.recording)
    handbook = [task.code for task in question.document.handbook]
    items = {
        d.item: d.minimum for d in question.document.demands if d.item and d.item not in ("recording", "declaration")
    }
    return Witness(
        records=tuple(_Diary(question, hours).records()),
        opened=(choosing.opened or ()) if acts else (),
        chosen=tuple(point.code for point in choosing.chosen(passed)) if acts else (),
        passed=tuple(point.code for point in passed),
        excellent=tuple(point.code for point in passed[: _excellent(question, goal, len(passed))]),
        recording=hours.recording,
        items=tuple(sorted(items.keys() - {"handbook"})),
        tasks=tuple(handbook[len(handbook) - items.get("handbook", 0) :]),
    )


def _excellent(question: Question, goal: Goal, passed: int) -> int:
    """How many of the points have to be excellent: all where a demand asks for that level, else as many as the verdict does."""
    if any(demand.level == "excellent" for demand in question.document.demands):
        return passed
    return question.document.excellent_points if goal == "excellent" else 0


class _Diary:
    """Minutes of a stretch laid into its days, one record after the other."""

    def __init__(self, question: Question, hours: Hours) -> None:
        self.q, self.hours = question, hours
        self.longest = NATURAL if self._natural() else LONGEST
        self.used: dict[date, int] = {}
        self.modes = {kind.code: kind.modes[0] for kind in question.document.kinds if kind.modes}
        self.capped: dict[tuple[str, date], int] = {}

    def _natural(self) -> bool:
        for s, days in enumerate(self.hours.days):
            there = [n for (_name, at), n in (*self.hours.stays.items(), *self.hours.moves.items()) if at == s]
            if sum(there) > NATURAL * days:
                return False
        return True

    def records(self) -> Iterator[Attended]:
        """All records, stretch by stretch."""
        first = self.q.document.cycle.start
        kinds = sorted(self.q.delivered, key=self._turn)
        for s, many in enumerate(self.hours.days):
            days = [first + timedelta(days=n) for n in range(many)]
            first += timedelta(days=many)
            for kind in kinds:
                yield from self._kind(kind, self.hours.stays.get((kind, s), 0), days, s)
        rest = [first + timedelta(days=n) for n in range(max(0, (self.q.document.cycle.cut_off - first).days + 1))]
        for kind, minutes in self.hours.spare.items():
            yield from self._kind(kind, minutes, rest, len(self.hours.days))

    def _turn(self, kind: str) -> tuple[bool, int]:
        """What a gate keeps comes before what opens it under a cap of both; then what fits least into a day."""
        kept = any(gate.before == "keep" and kind in gate.opens for gate in self.q.gates) and bool(self.hours.spare)
        return not kept, min([cap.minutes for cap in self.q.caps("day") if kind in cap.kinds], default=LONGEST)

    def _kind(self, kind: str, minutes: int, days: list[date], s: int) -> Iterator[Attended]:
        extra = self._extra(kind, s)
        size = min(
            [cap.minutes for per in ("record", "course") for cap in self.q.caps(per) if kind in cap.kinds],
            default=LONGEST,
        )
        caps = [cap for cap in self.q.caps("day") if kind in cap.kinds]
        for day in days:
            room = min(
                [self.longest - self.used.get(day, 0), *(c.minutes - self.capped.get((c.code, day), 0) for c in caps)]
            )
            today = min(minutes, room)
            for cap in caps:
                self.capped[cap.code, day] = self.capped.get((cap.code, day), 0) + today
            minutes -= today
            full = all(self.capped[cap.code, day] >= cap.minutes for cap, _left in extra if cap.per == "day")
            yield from self._pieces(kind, day, today, size, extra if full else [])
            if not minutes and not any(left for _cap, left in extra):
                return

    def _extra(self, kind: str, s: int) -> list[tuple[Cap, int]]:
        """What is attended beyond a cap, so that it moves."""
        movers = [cap for per in IN_ORDER for cap in self.q.caps(per) if cap.excess_to]
        caps = [cap for cap in movers if next((k for k in cap.kinds if k in self.q.delivered), "") == kind]
        return [(cap, self.hours.moves.get((cap.code, s), 0)) for cap in caps]

    def _pieces(
        self, kind: str, day: date, minutes: int, size: int, extra: list[tuple[Cap, int]]
    ) -> Iterator[Attended]:
        """Records of at most `size` minutes each; what moves lengthens the first of them."""
        first = True
        while minutes > 0 or (first and any(left for _cap, left in extra)):
            piece = min(minutes, size)
            minutes -= piece
            begins = self.used.get(day, 0)
            for place, (cap, left) in enumerate(extra if first else []):
                more = min(left, max(0, LONGEST - begins - piece - minutes))
                piece += more
                extra[place] = (cap, left - more)
            first = False
            if piece:
                self.used[day] = begins + piece
                yield Attended(kind, self.modes[kind], day, begins, piece)
