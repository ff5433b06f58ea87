"""Hours as inequalities: which minutes of which kind somebody can have counted, under caps, gates and the days there are.

Time is cut where gates open: days before, the day itself, days after. Records do not overlap and each lies within one day, so
a day has `LONGEST` minutes. Caps per record and per course limit nothing by themselves: there are always more of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from weineng.kernel.linear import Conflict, System
from weineng.programmes.proving.kinds import TeacherKind
from weineng.programmes.proving.points import Choosing, Label, minimums
from weineng.programmes.rules import Cap, Document, Gate

IN_ORDER = ("record", "day", "course", "kind")  # in which caps are consumed (semantics 9)
LONGEST = 1440  # minutes of a day
NATURAL = 480  # … of a day's learning, where that is enough
SPLIT = {
    "cut": 0,
    "full": 1,
    "recording": 2,
    "points": 3,
    "days": 4,
}  # yes or no is tried first, then counts, then minutes
MANY = 10_000_000  # minutes: more than a life


@dataclass(frozen=True)
class Hours:
    """A solution: minutes that stay and that move, by kind or cap and stretch of days; the stretches; points and recording."""

    stays: Mapping[tuple[str, int], int]
    moves: Mapping[tuple[str, int], int]
    spare: Mapping[str, int]  # minutes by kind that open a gate and do not count in the end
    days: tuple[int, ...]
    points: int
    recording: bool


@dataclass(frozen=True)
class Bound:
    """What a history is looked for with: counted minutes of some kinds, less `share` hundredths of those of `of`, from `least` to
    `most`; `own`: minutes of records of these kinds alone, not what moves there."""

    kinds: tuple[str, ...]
    least: int | None = None
    most: int | None = None
    of: tuple[str, ...] = ()
    share: int = 0
    own: bool = False


@dataclass(frozen=True)
class Question:
    """What is asked of the hours of one kind of teacher, with the lines taken as not said."""

    document: Document
    kind: TeacherKind
    dropped: Label
    decided: bool  # whether anybody can decide about what is handed in
    bounds: tuple[Bound, ...] = ()
    natural: bool = (
        True  # few points and no more than a day's work a day, where that is enough; else the first way there is
    )

    def has(self, *lines: str) -> bool:
        """Whether none of these lines is taken as not said."""
        return not self.dropped & set(lines)

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates that are there."""
        return tuple(gate for gate in self.document.gates if self.has(f"gates.{gate.code}.periods"))

    @property
    def delivered(self) -> tuple[str, ...]:
        """The kinds that records become."""
        return tuple(kind.code for kind in self.document.kinds if kind.source == "records")

    def caps(self, per: str) -> tuple[Cap, ...]:
        """The caps of one sort that are there."""
        return tuple(cap for cap in self.document.caps if cap.per == per and self.has(f"caps.{cap.code}.periods"))


def hours_of(question: Question, choosing: Choosing, least: int) -> Hours | Label:
    """Hours with which every demand on hours is met while at least `least` points are passed; else the lines in the way."""
    labels: Label = frozenset()
    for opened in _orders(question.gates):
        shut = [gate for gate in question.gates if gate not in opened]
        if any(gate.before == "refuse" for gate in shut) and (least or choosing.of_passed):
            labels |= frozenset(f"gates.{gate.code}.periods" for gate in shut)
            continue
        most = len(choosing.points)
        found = _Model(question, choosing, opened, LONGEST).solve(least, most)
        if isinstance(found, Conflict):
            labels |= found.labels | {f"gates.{gate.code}.periods" for gate in question.gates}
            continue
        for fewer in (least, most) if question.natural else ():
            nicer = _Model(question, choosing, opened, NATURAL).solve(least, fewer)
            if isinstance(nicer, Hours):
                return nicer
        return found
    return labels


def _orders(gates: tuple[Gate, ...]) -> Iterator[tuple[Gate, ...]]:
    """In which order gates open, and which stay shut: all of them first."""
    for many in range(len(gates), -1, -1):
        yield from permutations(gates, many)


class _Model:
    def __init__(self, question: Question, choosing: Choosing, opened: tuple[Gate, ...], longest: int) -> None:
        self.q, self.choosing, self.opened, self.longest = question, choosing, opened, longest
        self.document, self.system = question.document, System()
        self.stretches = range(2 * len(opened) + 1)

    def solve(self, least: int, most: int) -> Hours | Conflict:
        """Write every line down and ask; from `least` to `most` points are passed."""
        self._days()
        self._moving()
        self._earning(least, most)
        self._gates()
        self._kind_caps()
        self._demands()
        self._bounds()
        unknowns = {name for terms, *_bounds in self.system.rows for name in terms}
        found = self.system.solve(sorted(unknowns, key=lambda name: (SPLIT.get(name.split(" ")[0], len(SPLIT)), name)))
        return found if isinstance(found, Conflict) else self._hours(found)

    # --- Days -----------------------------------------------------------------------------------------------------
    def _long(self, s: int) -> tuple[dict[str, int], int]:
        """How many days a stretch has: an unknown, or the one day on which a gate opens."""
        return ({}, 1) if s % 2 else ({f"days {s}": 1}, 0)

    def _within(self, terms: Mapping[str, int], s: int, a_day: int, *lines: str) -> None:
        days, fixed = self._long(s)
        self.system.at_most({**terms, **dict.fromkeys(days, -a_day)}, a_day * fixed, *lines)

    def _days(self) -> None:
        cycle, line = self.document.cycle, "cycle.cut_off"
        there = (cycle.cut_off - cycle.start).days + 1
        if self.q.has(line):
            terms = {name: 1 for s in self.stretches for name in self._long(s)[0]}
            self.system.at_most(terms, there - len(self.opened), line)
        for s in self.stretches:
            learning = {f"stays {kind} {s}": 1 for kind in self._may(s)}
            moved = {f"moves {cap.code} {s}": 1 for cap in self._movers()}
            self._within({**learning, **moved}, s, self.longest)
            for cap in self.q.caps("day"):
                capped = {f"stays {kind} {s}": 1 for kind in self._may(s) if kind in cap.kinds}
                capped |= {f"moves {other.code} {s}": 1 for other in self._later(cap)}
                self._within(capped, s, cap.minutes, f"caps.{cap.code}.periods")

    def _may(self, s: int) -> list[str]:
        """The kinds whose records count in a stretch: those that no gate holds back there."""
        return [
            kind
            for kind in self.q.delivered
            if all(self._passes(gate, s) for gate in self.q.gates if kind in gate.opens)
        ]

    def _passes(self, gate: Gate, s: int) -> bool:
        return gate in self.opened and (gate.before == "keep" or s >= self._opening(gate))

    def _opening(self, gate: Gate) -> int:
        return 2 * self.opened.index(gate) + 1

    # --- What moves -----------------------------------------------------------------------------------------------
    def _movers(self) -> list[Cap]:
        return [cap for cap in self.document.caps if cap.excess_to and self.q.has(f"caps.{cap.code}.periods")]

    def _later(self, cap: Cap) -> list[Cap]:
        """The caps after this one whose rest moves: what moves there has passed this one."""
        caps = sorted(self.document.caps, key=lambda one: IN_ORDER.index(one.per))
        return [
            one
            for one in self._movers()
            if caps.index(one) > caps.index(cap) and set(one.kinds) & set(self.q.delivered) <= set(cap.kinds)
        ]

    def _moving(self) -> None:
        """Minutes move where a cap is full: on so many days, in so many records or courses, or for the whole time."""
        for cap in self._movers():
            for s in self.stretches:
                full, line = f"full {cap.code} {s}", f"caps.{cap.code}.periods"
                until = range(s + 1) if cap.per == "kind" else (s,)
                held = {f"stays {kind} {t}": 1 for t in until for kind in self._may(t) if kind in cap.kinds}
                room = MANY if cap.per == "kind" else max(0, self.longest - cap.minutes)
                self.system.at_least({**held, full: -cap.minutes}, 0, line)
                self.system.at_most({f"moves {cap.code} {s}": 1, full: -room}, 0, line)
                if cap.per == "kind":
                    self.system.at_most({full: 1}, 1)
                elif cap.per == "day":
                    self._within({full: 1}, s, 1)
                if not any(kind in cap.kinds for kind in self._may(s)):
                    self.system.at_most({f"moves {cap.code} {s}": 1}, 0)
        for per in ("record", "course"):
            for cap in self.q.caps(per):
                if cap.minutes == 0:
                    terms = {
                        f"stays {kind} {s}": 1 for s in self.stretches for kind in self._may(s) if kind in cap.kinds
                    }
                    self.system.at_most(terms, 0, f"caps.{cap.code}.periods")

    # --- What counts ----------------------------------------------------------------------------------------------
    def _counted(self, kinds: Iterable[str]) -> dict[str, int]:
        kinds = set(kinds)
        terms = {f"stays {kind} {s}": 1 for s in self.stretches for kind in self._may(s) if kind in kinds}
        terms |= {
            f"moves {cap.code} {s}": 1 for cap in self._movers() if cap.excess_to in kinds for s in self.stretches
        }
        return terms | {
            f"earned {kind.code}": 1 for kind in self.document.kinds if kind.source == "results" and kind.code in kinds
        }

    def _earning(self, least: int, most: int) -> None:
        """Minutes of results: as many as are earned, or fewer where a cap per kind is full."""
        unknown = {"point": "points", "recording": "recording"}
        self.system.at_least({"points": 1}, least, *frozenset().union(*(a.label for a in self.choosing.of_passed)))
        self.system.at_most({"points": 1}, most, *self.choosing.labels)
        self.system.at_most({"recording": 1}, 1 if self._may_record() else 0, "results.recording.declared_minimum")
        if any(gate.before == "refuse" for gate in self.q.gates if gate not in self.opened):
            self.system.at_most({"points": 1, "recording": 1}, 0)
        by_kind: dict[str, list[tuple[str, int, str]]] = {}
        for earning in self.document.earnings:
            minutes = earning.minutes if self.q.decided or earning.earned_on == "handed_in" else 0
            by_kind.setdefault(earning.kind, []).append(
                (unknown[earning.item], minutes, f"results.{earning.item}.periods")
            )
        for kind, sources in by_kind.items():
            terms = {f"earned {kind}": 1} | {name: -minutes for name, minutes, _line in sources}
            lines = [line for *_rest, line in sources]
            if self.q.has(*lines):
                self.system.at_most(terms, 0, *lines)
                full = {f"cut {cap.code}": MANY for cap in self.q.caps("kind") if kind in cap.kinds}
                self.system.at_least({**terms, **full}, 0)

    def _may_record(self) -> bool:
        asked = [e.declared_minimum for e in self.document.earnings if e.item == "recording"]
        enough = not asked or len(self.choosing.points) >= asked[0]
        return self.choosing.opened is not None and (enough or not self.q.has("results.recording.declared_minimum"))

    def _gates(self) -> None:
        for gate in self.opened:
            until = range(self._opening(gate) + 1)
            terms = {f"stays {kind} {s}": 1 for s in until for kind in self._may(s) if kind in gate.kinds}
            terms |= {
                f"moves {cap.code} {s}": 1 for cap in self._movers() if cap.excess_to in gate.kinds for s in until
            }
            if gate.before == "keep":
                terms |= self._spare(gate)
            self.system.at_least(terms, gate.minutes, f"gates.{gate.code}.periods")

    def _spare(self, gate: Gate) -> dict[str, int]:
        """A gate that keeps counts its kinds as if what it holds back were not there: under a cap that both share, minutes
        open it that do not count in the end."""
        shared = [
            cap for cap in self.q.caps("kind") if set(cap.kinds) & set(gate.kinds) and set(cap.kinds) & set(gate.opens)
        ]
        spare = {kind: f"spare {gate.code} {kind}" for cap in shared for kind in cap.kinds if kind in gate.kinds}
        for cap in shared:
            terms = {spare[kind]: 1 for kind in cap.kinds if kind in spare} | self._counted(
                set(cap.kinds) & set(gate.kinds)
            )
            self.system.at_most(terms, cap.minutes, f"caps.{cap.code}.periods")
        return dict.fromkeys(spare.values(), 1)

    def _kind_caps(self) -> None:
        for cap in self.q.caps("kind"):
            line, counted = f"caps.{cap.code}.periods", self._counted(cap.kinds)
            counted |= {f"moves {other.code} {s}": 1 for other in self._later(cap) for s in self.stretches}
            self.system.at_most(counted, cap.minutes, line)
            self.system.at_least({**counted, f"cut {cap.code}": -cap.minutes}, 0, line)
            self.system.at_most({f"cut {cap.code}": 1}, 1)

    # --- What is asked --------------------------------------------------------------------------------------------
    def _demands(self) -> None:
        demands = {demand.code: demand for demand in self.document.demands}
        for demand in demands.values():
            path, counted = f"demands.{demand.code}", self._counted(demand.kinds)
            if demand.type == "minutes":
                for least, line in minimums(demand, self.q.kind):
                    self._ask(counted, least, line)
            if demand.type == "share" and demand.base == "required":
                for least, line in minimums(demands[demand.of], self.q.kind):
                    self._ask(counted, -(-demand.share * least // 100), f"{path}.share", line)
            if demand.type == "share" and demand.base == "counted":
                whole = self._counted(demands[demand.of].kinds)
                terms = {
                    name: 100 * counted.get(name, 0) - demand.share * whole.get(name, 0)
                    for name in {**counted, **whole}
                }
                self._ask(terms, 0, f"{path}.share")
            if demand.item == "recording":
                self._ask({"recording": 1}, 1, f"{path}.item")

    def _ask(self, terms: Mapping[str, int], least: int, *lines: str) -> None:
        if self.q.has(*lines):
            self.system.at_least(terms, least, *lines)

    def _bounds(self) -> None:
        for bound in self.q.bounds:
            terms: dict[str, int] = self._counted(bound.kinds)
            if bound.own:
                terms = {name: n for name, n in terms.items() if name.startswith("stays ")}
            if bound.of:
                whole = self._counted(bound.of)
                terms = {
                    name: 100 * terms.get(name, 0) - bound.share * whole.get(name, 0) for name in {**terms, **whole}
                }
            if bound.least is not None:
                self.system.at_least(terms, bound.least)
            if bound.most is not None:
                self.system.at_most(terms, bound.most)

    # --- The answer -----------------------------------------------------------------------------------------------
    def _hours(self, found: Mapping[str, Fraction]) -> Hours:
        def of(sort: str) -> dict[tuple[str, int], int]:
            named = {
                tuple(name.split(" ")): int(value)
                for name, value in found.items()
                if value and name.startswith(f"{sort} ")
            }
            return {(name[1], int(name[2])): value for name, value in named.items()}

        days = tuple(1 if s % 2 else int(found.get(f"days {s}", 0)) for s in self.stretches)
        spare: dict[str, int] = {}
        for name, value in found.items():
            if name.startswith("spare ") and value:
                spare[name.split(" ")[2]] = spare.get(name.split(" ")[2], 0) + int(value)
        points, recording = int(found.get("points", 0)), bool(found.get("recording", 0))
        return Hours(of("stays"), of("moves"), spare, days, points, recording)
