"""Which ways remain to pass: what is open, worked out from where somebody stands (semantics 35). Plain values only."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations, islice, permutations, product

from weineng.programmes.rules import Cap, Demand, Document, Gate

MOST_WAYS = 3
MOST_LOOKED_AT = 60  # groups of points, for each way to spread them
UNBOUNDED = 1_000_000  # minutes: more than anybody is asked for


@dataclass(frozen=True)
class Position:
    """Where somebody stands. Points map to their value on the axis; items are point codes, '' is the recording."""

    on: date
    needs: Mapping[str, int]  # demand that is still asked for -> what it needs
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
    credits: Mapping[str, int] = field(default_factory=dict)  # hundredths of a credit of each point, where asked for
    closed: frozenset[str] = frozenset()  # gates that are not open yet
    held: Mapping[str, int] = field(default_factory=dict)  # by kind: what counts once the gates of the kind are open
    declared: frozenset[str] | None = None  # points that are declared to be assessed; None: nobody declares any
    answered: frozenset[str] = frozenset()  # … those that the group has not sent back: taken as agreed to
    failed: frozenset[str] = frozenset()  # points that may not be failed and are, by their latest result
    own: tuple["Task", ...] = ()  # tasks of the handbook, and the self-diagnosis, that are still missing
    beyond: bool = False  # something is open that no task of these kinds can bring about


@dataclass(frozen=True)
class Task:
    """One open task: choose or declare `points`, hand in `point` ('' the recording), do the task `point` of the handbook, hand
    in the self-diagnosis, or learn `minutes` of `kind` on at least `days` days."""

    do: str  # choose, declare, hand-in, handbook, diagnose, learn
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
    found = _found(document, position)
    if position.opened is None and not _is_late(document, position):
        for choice in _choices(document, position):
            choose = Task("choose", points=tuple(sorted({*choice.passed, *choice.chosen})))
            found += _found(document, choice, (choose,))
    return tuple(_first(found))


def _found(document: Document, position: Position, choose: tuple[Task, ...] = ()) -> list[Way]:
    """Ways by rising number of points, until none with more points can come before the first three."""
    found: list[Way] = []
    for number, ways in enumerate(_ways(document, position, choose)):
        first = _first(found)
        if len(first) == MOST_WAYS and len(first[-1].tasks) < len(choose) + number:
            break
        found += ways
    return found


def is_within_ways(demand: Demand) -> bool:
    """Whether tasks can meet a demand: of those that only others can meet, and of parts and levels, no way is told."""
    if demand.type == "points":
        return not demand.parts and demand.level == "pass"
    return demand.type != "items" or demand.item != "school-plan"


def _is_late(document: Document, position: Position) -> bool:
    """After the cut-off nothing is begun: what was sent back may be handed in again, what waits is decided."""
    return position.on > document.cycle.cut_off


def _first(found: list[Way]) -> list[Way]:
    """The first three, without those that ask for more of the same than one before them."""
    kept: list[Way] = []
    for way in sorted(found, key=lambda w: (len(w.tasks), w.minutes, repr(w.tasks))):
        if not any(_within(other, way) for other in kept):
            kept.append(way)
        if len(kept) == MOST_WAYS:
            break
    return kept


def _within(less: Way, more: Way) -> bool:
    asked = {(t.do, t.points, t.point, t.kind): t.minutes for t in more.tasks}
    return all(t.minutes <= asked.get((t.do, t.points, t.point, t.kind), -1) for t in less.tasks)


def _choices(document: Document, position: Position) -> Iterator[Position]:
    """A few choices with as few new points as rule and demands allow, each taking other points of the same values."""
    rule, axis = document.choice, position.offered_axis
    demands = [d for d in document.demands if d.type == "points" and d.code in position.needs]
    each = max([rule.each_opened, *(d.each_opened for d in demands)])
    number = max([rule.points_minimum, each * len(axis), *(position.needs[d.code] for d in demands)])
    asked = [d.code for d in document.demands if d.type == "credits" and d.code in position.needs]
    hundredths = max([rule.credits, *(position.needs[code] for code in asked)])
    seen = set()
    for turn in range(MOST_WAYS):
        taken = _taken(position, turn, each, number, hundredths)
        covered = all(sum(v == d for v in taken.values()) >= each for d in axis)
        enough = len(taken) >= number and _credits(position, taken) >= hundredths
        if covered and enough and frozenset(taken) not in seen:
            seen.add(frozenset(taken))
            passed = {p: v for p, v in taken.items() if p in position.passed}
            chosen = {p: v for p, v in taken.items() if p not in passed}
            yield replace(position, passed=passed, chosen=chosen, opened=axis)


def _taken(position: Position, turn: int, each: int, number: int, hundredths: int) -> dict[str, str]:
    """The points of a choice: what is passed, `each` of every opened value, then any until `number` and credits are reached;
    those of many credits first, `turn` points later among equal ones."""
    taken = {p: v for p, v in position.passed.items() if p in position.offered}
    axis, spare = position.offered_axis, []
    for value in axis or ("",):  # where nobody opens anything the points are one heap
        rest = [p for p, v in position.offered.items() if p not in taken and (v == value or not axis)]
        rest = sorted(rest[turn:] + rest[:turn], key=lambda p: -position.credits.get(p, 0))
        lacking = max(0, each - sum(v == value for v in taken.values())) if axis else 0
        taken |= {p: position.offered[p] for p in rest[:lacking]}
        spare += rest[lacking:]
    for point in sorted(spare, key=lambda p: -position.credits.get(p, 0)):
        if len(taken) >= number and _credits(position, taken) >= hundredths:
            break
        taken[point] = position.offered[point]
    return taken


def _credits(position: Position, points: Iterable[str]) -> int:
    return sum(position.credits.get(point, 0) for point in points)


def _ways(document: Document, position: Position, choose: tuple[Task, ...]) -> Iterator[list[Way]]:
    """Ways with a choice in force, for no point, for one, for two …: which of them, with or without the recording, which
    minutes. Which minutes are missing depends on the number of points alone. What is failed is handed in again in any case."""
    taken = position.returned if _is_late(document, position) else position.chosen.keys() | position.failed | {""}
    again = tuple(sorted(position.failed - position.waiting))
    free: dict[str, list[str]] = {}
    for point in sorted(position.chosen, key=lambda p: (-position.credits.get(p, 0), _undeclared(position, p), p)):
        if point in taken and point not in {*position.waiting, *again}:
            free.setdefault(position.chosen[point], []).append(point)
    waiting = tuple(sorted(position.waiting & (position.chosen.keys() | {""})))
    every = (*again, *(point for points in free.values() for point in points))
    before: list[list[tuple[Task, ...]]] = []
    late = _is_late(document, position) and (bool(position.own) or not taken >= set(again))
    for number in range(len(again), 0 if late else len(every) + 1):
        minutes = [
            _minutes(document, position, (*every[:number], *recording), acts=bool(choose or number or recording))
            for recording in _recordings(document, position, taken)
        ]
        spare = (
            minutes == before
        )  # another point saves nothing: only those ways are new that need every point of theirs
        before = minutes
        yield [
            Way((*choose, *declare, *_handed_in(points, recorded), *position.own, *learn), waiting)
            for points, declare in (_groups(document, position, free, again, number, spare=spare) if any(minutes) else ())
            if not (declare and _is_late(document, position))
            for recorded, ways in zip(_recordings(document, position, taken), minutes, strict=True)
            for learn in ways
            if not declare or number or _may_act(document, position, learn)
        ]  # fmt: skip


def _recordings(document: Document, position: Position, taken: Collection[str]) -> list[tuple[str, ...]]:
    """Whether the recording is handed in: not, or ('',); only the latter where it is demanded and missing."""
    asked = any(d.item == "recording" and d.code in position.needs for d in document.demands)
    if "" not in taken or position.recorded or "" in position.waiting:
        return [()] if not asked or position.recorded or "" in position.waiting else []
    if asked:
        return [("",)]
    return [(), ("",)] if "recording" in {line.item for line in document.earnings} else [()]


def _handed_in(points: tuple[str, ...], recorded: tuple[str, ...]) -> tuple[Task, ...]:
    return tuple(Task("hand-in", point=point) for point in (*points, *recorded))


def _may_act(document: Document, position: Position, learn: tuple[Task, ...]) -> bool:
    """Whether declaring alone is allowed: no gate that refuses is closed, or this learning opens it."""
    more = {task.kind: task.minutes for task in learn}
    return all(
        sum(position.minutes.get(kind, 0) + more.get(kind, 0) for kind in gate.kinds) >= gate.minutes
        for gate in document.gates
        if gate.code in position.closed and gate.before == "refuse"
    )


def _undeclared(position: Position, point: str) -> bool:
    return position.declared is not None and point not in position.declared


def _groups(
    document: Document,
    position: Position,
    free: Mapping[str, list[str]],
    again: tuple[str, ...],
    number: int,
    *,
    spare: bool,
) -> Iterator[tuple[tuple[str, ...], tuple[Task, ...]]]:
    """So many points (`again` among them) that together meet the demands on points, and what is declared for it: a few for each
    way to spread them over the values; with `spare` only where none of them can be left out."""
    for counts in _spread([len(points) for points in free.values()], number - len(again)):
        spread = dict(zip(free, counts, strict=True))
        fewer = ({**spread, v: n - 1} for v, n in spread.items() if n)
        if not _best(document, position, free, again, spread) or (
            spare and any(_best(document, position, free, again, less) for less in fewer)
        ):
            continue
        concrete = product(*(combinations(points, n) for points, n in zip(free.values(), counts, strict=True)))
        found = 0
        for groups in islice(concrete, MOST_LOOKED_AT):
            points = (*again, *sorted(p for group in groups for p in group))
            if (declare := _declaring(document, position, points)) is not None:
                yield points, declare
                found += 1
            if found == MOST_WAYS:
                break


def _best(
    document: Document,
    position: Position,
    free: Mapping[str, list[str]],
    again: tuple[str, ...],
    spread: Mapping[str, int],
) -> bool:
    """Whether so many points of each value can meet the demands, those of many credits being taken first."""
    points = (*again, *(p for value, n in spread.items() for p in free[value][:n]))
    return _declaring(document, position, points) is not None


def _declaring(document: Document, position: Position, points: tuple[str, ...]) -> tuple[Task, ...] | None:
    """What has to be declared so that these points, those that wait and those that are passed meet the demands on points and
    on declarations; None where nothing does."""
    if position.declared is None:
        return () if _points_met(document, position, points) else None
    new = {p for p in points if p not in position.declared}
    for passed in ((), tuple(p for p in sorted(position.passed) if p not in position.declared)):
        declared = {*new, *passed}
        declared |= set(_more_to_declare(document, position, declared))
        after = replace(position, declared=position.declared | declared)
        if _points_met(document, after, points) and _declared_enough(document, position, declared):
            return (Task("declare", points=tuple(sorted(declared))),) if declared else ()
    return None


def _short_of_declared(document: Document, position: Position, declared: Collection[str]) -> int:
    asked = [position.needs[d.code] for d in document.demands if d.item == "declaration" and d.code in position.needs]
    return max([0, *asked]) - len(position.answered | set(declared))


def _more_to_declare(document: Document, position: Position, declared: Collection[str]) -> list[str]:
    """Chosen points that are declared for their number alone, those first that the group sent back."""
    short = _short_of_declared(document, position, declared)
    chosen = sorted({*position.chosen, *position.passed} - position.failed, key=lambda p: (_undeclared(position, p), p))
    return [p for p in chosen if p not in {*position.answered, *declared}][: max(0, short)]


def _declared_enough(document: Document, position: Position, declared: Collection[str]) -> bool:
    return _short_of_declared(document, position, declared) <= 0


def _spread(most: Sequence[int], number: int) -> Iterator[tuple[int, ...]]:
    """Every way to take so many of places that hold `most` each."""
    if not most:
        yield from [()] if number == 0 else []
        return
    for here in range(max(0, number - sum(most[1:])), min(most[0], number) + 1):
        for others in _spread(most[1:], number - here):
            yield (here, *others)


def _points_met(document: Document, position: Position, more: Collection[str]) -> bool:
    """Whether these points, those that wait, and what is passed meet the demands on points and credits."""
    value_of = {**position.passed, **position.chosen}
    have = {*position.passed, *(p for p in position.chosen if p in position.waiting), *more}
    for demand in document.demands:
        if demand.type not in ("points", "credits") or demand.code not in position.needs:
            continue
        counting = have if demand.of != "declared" or position.declared is None else have & position.declared
        if demand.type == "credits":
            if _credits(position, counting) < position.needs[demand.code]:
                return False
            continue
        values = [value_of[point] for point in counting]
        each = all(values.count(d) >= demand.each_opened for d in position.opened or ())
        if len(values) < position.needs[demand.code] or not each or position.opened is None:
            return False
    return True


def _minutes(document: Document, position: Position, items: tuple[str, ...], *, acts: bool) -> list[tuple[Task, ...]]:
    """The different ways to fill what is still missing with minutes; none if something cannot be filled. `acts`: something is
    chosen or handed in, so gates that refuse this have to be open."""
    found = {}
    closed = [gate for gate in document.gates if gate.code in position.closed]
    for chosen in product((False, True), repeat=len(closed)):
        opening = [gate for gate, opens in zip(closed, chosen, strict=True) if opens]
        shut = [gate for gate in closed if gate not in opening]
        if acts and any(gate.before == "refuse" for gate in shut):
            continue
        held = {kind for gate in shut for kind in gate.opens}
        have = _with_results(document, position, items, held)
        kinds = [k.code for k in document.kinds if k.source == "records" and k.code not in held]
        for order in permutations(kinds):
            more = _learned(document, position, have, order, opening)
            if more is None or any(sum(have.get(k, 0) + more.get(k, 0) for k in g.kinds) >= g.minutes for g in shut):
                continue  # a gate that opens by the way is one of those that are opened
            if _caps_kept(document, have, more) and _shares_met(document, position, have, more):
                learn = [Task("learn", kind=k.code, minutes=more[k.code], days=_days(document, position, k.code, more[k.code]))
                         for k in document.kinds if more.get(k.code)]  # fmt: skip
                found[tuple((task.kind, task.minutes) for task in learn)] = tuple(learn)
    return list(found.values())


def _learned(
    document: Document, position: Position, have: Mapping[str, int], order: tuple[str, ...], opening: list[Gate]
) -> dict[str, int] | None:
    """Minutes to learn of each kind, the kinds tried in an order: for the demands, for the gates that are opened, then for
    shares of what is counted. None if they cannot be learned."""
    more = dict.fromkeys(order, 0)

    def counted(kinds: tuple[str, ...]) -> int:
        return sum(have.get(k, 0) + more.get(k, 0) for k in kinds)

    def learn(kinds: tuple[str, ...], need: int) -> bool:
        short = need - counted(kinds)
        for kind in (k for k in order if k in kinds and short > 0):
            add = min(short, max(0, _room(document, position, kind) - more[kind]))
            more[kind] += add
            short -= add
        return short <= 0

    asked = [d for d in document.demands if d.type in ("minutes", "share") and d.code in position.needs]
    needs = [(d.kinds, position.needs[d.code]) for d in asked if d.base == "required"]
    needs += [(gate.kinds, gate.minutes) for gate in opening]
    if not all(learn(kinds, need) for kinds, need in sorted(needs, key=lambda one: len(one[0]))):
        return None
    for share, of in _shares_of_counted(document, position):
        others = counted(tuple(k for k in of if k not in share.kinds))
        if others and share.share == 100:
            return None
        if others and not learn(share.kinds, -(-share.share * others // (100 - share.share))):
            return None
    return more


def _shares_of_counted(document: Document, position: Position) -> list[tuple[Demand, tuple[str, ...]]]:
    """Demands on a share of what is counted, which every minute more may raise, each with the kinds it is taken of."""
    kinds = {d.code: d.kinds for d in document.demands}
    return [(d, kinds[d.of]) for d in document.demands if d.base == "counted" and d.code in position.needs]


def _shares_met(document: Document, position: Position, have: Mapping[str, int], more: Mapping[str, int]) -> bool:
    total = {k: have.get(k, 0) + more.get(k, 0) for k in {*have, *more}}
    return all(
        100 * sum(total.get(k, 0) for k in share.kinds) >= share.share * sum(total.get(k, 0) for k in of)
        for share, of in _shares_of_counted(document, position)
    )


def _with_results(document: Document, position: Position, items: tuple[str, ...], shut: set[str]) -> dict[str, int]:
    """Minutes by kind once these items, and those that wait, are passed, and all gates are open but those of kinds `shut`."""
    have = dict(position.minutes)
    expected = (set(items) | position.waiting) - position.earned
    earned = [
        (line.kind, line.minutes * len([i for i in expected if (i == "") == (line.item == "recording")]))
        for line in document.earnings
    ]
    for kind, minutes in [*earned, *((k, m) for k, m in position.held.items() if k not in shut)]:
        have[kind] = have.get(kind, 0) + minutes
        for cap in document.caps:
            if cap.per == "kind" and kind in cap.kinds:
                others = sum(have.get(k, 0) for k in cap.kinds if k != kind)
                have[kind] = min(have[kind], cap.minutes - others)
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
