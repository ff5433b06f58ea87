"""Which ways remain to pass: what is open, worked out from where somebody stands (semantics 35). Plain values only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations, islice, permutations, product

from weineng.programmes.rules import Cap, Demand, Document

MOST_WAYS = 3
UNBOUNDED = 1_000_000  # minutes: more than anybody is asked for


@dataclass(frozen=True)
class Position:
    """Where somebody stands. Points map to their value on the axis; items are point codes, '' is the recording."""

    on: date
    needs: Mapping[str, int]  # demand that is still asked for -> what it needs (points: as the document says)
    minutes: Mapping[str, int]  # counted, by kind
    minutes_today: Mapping[str, int]
    passed: Mapping[str, str]  # points of the choice that are passed
    chosen: Mapping[str, str]  # points of the choice that are not
    opened: tuple[str, ...] | None  # D of the choice; None without one
    waiting: frozenset[str]  # items handed in and undecided: taken as passed, nothing else can be done about them
    returned: frozenset[str]  # items sent back: the only ones that are taken after the cut-off, until `late_until`
    earned: frozenset[str]  # items whose minutes are counted already
    recorded: bool = False  # the recording is passed
    offered: Mapping[str, str] = field(default_factory=dict)  # without a choice: the points the school has opened
    offered_axis: tuple[str, ...] = ()  # … and its D
    closed: frozenset[str] = frozenset()  # gates that are not open yet
    beyond: bool = False  # something is open that no task of these kinds can bring about


@dataclass(frozen=True)
class Task:
    """One open task: choose `points`, hand in `point` ('' the recording), or `minutes` of `kind` on at least `days` days."""

    do: str  # choose, hand-in, learn
    points: tuple[str, ...] = ()
    point: str = ""
    kind: str = ""
    minutes: int = 0
    days: int = 0


@dataclass(frozen=True)
class Way:
    """Tasks that together give a pass, provided that what is handed in (`waiting` included) is passed."""

    tasks: tuple[Task, ...]
    waiting: tuple[str, ...] = ()

    @property
    def minutes(self) -> int:
        """Minutes of learning in all."""
        return sum(task.minutes for task in self.tasks)


def shortest_ways_from(document: Document, position: Position) -> tuple[Way, ...]:
    """At most three ways to pass, fewest tasks first, then fewest minutes; none where nothing can lead there any more."""
    if position.on > document.cycle.late_until or position.beyond:
        return ()
    found = list(_ways(document, position))
    if position.opened is None and not _is_late(document, position):
        for choice in _choices(document, position):
            choose = Task("choose", points=tuple(sorted({*choice.passed, *choice.chosen})))
            found += [Way((choose, *way.tasks), way.waiting) for way in _ways(document, choice)]
    return tuple(_first(found))


def is_within_ways(demand: Demand) -> bool:
    """Whether tasks to choose, to hand in and to learn can meet a demand: of others no way is told."""
    if demand.type == "points":
        return not demand.parts and demand.level == "pass" and demand.of == "choice"
    return demand.type == "minutes" or (demand.type == "share" and demand.base == "required")


def _is_late(document: Document, position: Position) -> bool:
    """After the cut-off nothing is begun: what was sent back may be handed in again, what waits is decided."""
    return position.on > document.cycle.cut_off


def _first(found: list[Way]) -> list[Way]:
    """The first three, without those that ask for more of the same than one before them."""
    kept: list[Way] = []
    for way in sorted(found, key=lambda w: (len(w.tasks), w.minutes, repr(w.tasks))):
        if not any(_within(other, way) for other in kept):
            kept.append(way)
    return kept[:MOST_WAYS]


def _within(less: Way, more: Way) -> bool:
    asked = {(t.do, t.points, t.point, t.kind): t.minutes for t in more.tasks}
    return all(t.minutes <= asked.get((t.do, t.points, t.point, t.kind), -1) for t in less.tasks)


def _choices(document: Document, position: Position) -> Iterator[Position]:
    """A few choices with as few new points as the rule allows, each taking other points of the same dimensions."""
    rule, axis = document.choice, position.offered_axis
    number = max(rule.points_minimum, rule.each_opened * len(axis))
    seen = set()
    for turn in range(MOST_WAYS):
        taken: dict[str, str] = {p: v for p, v in position.passed.items() if p in position.offered}
        rest = {v: [p for p in position.offered if position.offered[p] == v and p not in taken] for v in axis}
        rest = {v: points[turn:] + points[:turn] for v, points in rest.items()}
        for value in axis:
            lacking = rule.each_opened - sum(v == value for v in taken.values())
            taken |= dict.fromkeys(rest[value][: max(0, lacking)], value)
        spare = [p for value in axis for p in rest[value] if p not in taken]
        taken |= {p: position.offered[p] for p in spare[: max(0, number - len(taken))]}
        if len(taken) >= number and all(sum(v == d for v in taken.values()) >= rule.each_opened for d in axis):
            passed = {p: v for p, v in taken.items() if p in position.passed}
            if frozenset(taken) not in seen:
                seen.add(frozenset(taken))
                yield replace(
                    position, passed=passed, chosen={p: v for p, v in taken.items() if p not in passed}, opened=axis
                )


def _ways(document: Document, position: Position) -> Iterator[Way]:
    """Ways with a choice in force: how many points of each dimension, with or without the recording, which minutes."""
    taken = position.returned if _is_late(document, position) else position.chosen.keys() | {""}
    free: dict[str, list[str]] = {}
    for point, value in sorted(position.chosen.items()):
        if point in taken and point not in position.waiting:
            free.setdefault(value, []).append(point)
    items = {line.item for line in document.earnings}
    may_record = "recording" in items and "" in taken and not position.recorded and "" not in position.waiting
    waiting = tuple(sorted(position.waiting & (position.chosen.keys() | {""})))
    for counts in product(*(range(len(points) + 1) for points in free.values())):
        concrete = product(*(combinations(points, n) for points, n in zip(free.values(), counts, strict=True)))
        for groups in islice(concrete, MOST_WAYS):
            points = tuple(sorted(p for group in groups for p in group))
            if _points_met(document, position, points):
                for record in (False, True) if may_record else (False,):
                    hand_in = [Task("hand-in", point=p) for p in points] + ([Task("hand-in")] if record else [])
                    for minutes in _minutes(document, position, (*points, "") if record else points):
                        yield Way((*hand_in, *minutes), waiting)


def _points_met(document: Document, position: Position, points: tuple[str, ...]) -> bool:
    passed = {**position.passed, **{p: v for p, v in position.chosen.items() if p in position.waiting or p in points}}
    for demand in document.demands:
        if demand.type == "points" and demand.code in position.needs:
            each = all(sum(v == d for v in passed.values()) >= demand.each_opened for d in position.opened or ())
            if len(passed) < position.needs[demand.code] or not each or position.opened is None:
                return False
    return True


def _minutes(document: Document, position: Position, items: tuple[str, ...]) -> list[tuple[Task, ...]]:
    """The different ways to fill what is still missing with minutes; none if something cannot be filled."""
    have = _with_results(document, position, items)
    kinds = [kind.code for kind in document.kinds if kind.source == "records"]
    demands = [
        (d.kinds, position.needs[d.code])
        for d in document.demands
        if d.type in ("minutes", "share") and d.code in position.needs
    ]
    demands += [(gate.kinds, gate.minutes) for gate in document.gates if gate.code in position.closed]
    found = {}
    for order in permutations(kinds):
        more = dict.fromkeys(kinds, 0)
        for counting, need in sorted(demands, key=lambda demand: len(demand[0])):
            short = need - sum(have.get(k, 0) + more.get(k, 0) for k in counting)
            for kind in (k for k in order if k in counting and short > 0):
                add = min(short, max(0, _room(document, position, kind) - more[kind]))
                more[kind] += add
                short -= add
            if short > 0:
                break
        else:
            if _caps_kept(document, have, more):
                found[tuple(more.values())] = tuple(
                    Task("learn", kind=k, minutes=m, days=_days(document, position, k, m)) for k, m in more.items() if m
                )
    return list(found.values())


def _with_results(document: Document, position: Position, items: tuple[str, ...]) -> dict[str, int]:
    """Minutes by kind once these items, and those that wait, are passed."""
    have = dict(position.minutes)
    expected = (set(items) | position.waiting) - position.earned
    for line in document.earnings:
        number = len([i for i in expected if (i == "") == (line.item == "recording")])
        have[line.kind] = have.get(line.kind, 0) + line.minutes * number
        for cap in document.caps:
            if cap.per == "kind" and line.kind in cap.kinds:
                others = sum(have.get(k, 0) for k in cap.kinds if k != line.kind)
                have[line.kind] = min(have[line.kind], cap.minutes - others)
    return have


def _caps_kept(document: Document, have: Mapping[str, int], more: Mapping[str, int]) -> bool:
    caps = (cap for cap in document.caps if cap.per == "kind" and any(more.get(k) for k in cap.kinds))
    return all(sum(have.get(k, 0) + more.get(k, 0) for k in cap.kinds) <= cap.minutes for cap in caps)


def _day_caps(document: Document, kind: str) -> list[Cap]:
    return [cap for cap in document.caps if cap.per == "day" and kind in cap.kinds]


def _room(document: Document, position: Position, kind: str) -> int:
    """How many minutes of a kind can still count until the cut-off."""
    days = (document.cycle.cut_off - position.on).days
    if days < 0:
        return 0
    daily = [cap.minutes * days + _left_today(cap, position) for cap in _day_caps(document, kind)]
    total = [
        cap.minutes - sum(position.minutes.get(k, 0) for k in cap.kinds)
        for cap in document.caps
        if cap.per == "kind" and kind in cap.kinds
    ]
    return max(0, min([UNBOUNDED, *daily, *total]))


def _left_today(cap: Cap, position: Position) -> int:
    return max(0, cap.minutes - sum(position.minutes_today.get(k, 0) for k in cap.kinds))


def _days(document: Document, position: Position, kind: str, minutes: int) -> int:
    """On how many days at least these minutes can be learned, beginning today."""
    days = 1
    for cap in _day_caps(document, kind):
        left = _left_today(cap, position)
        days = max(days, -(-max(0, minutes - left) // cap.minutes) + (left > 0))
    return days
