"""Whether a kind of teacher can reach a verdict: with a witness, or with the fewest lines that contradict each other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from weineng.kernel.linear import Undecided
from weineng.programmes.proving.hours import Bound, Hours, Question, hours_of
from weineng.programmes.proving.kinds import TeacherKind, colleagues_needed, stage_lines
from weineng.programmes.proving.points import Choosing, Goal, Label, choosings, points_for
from weineng.programmes.proving.witnesses import Witness, witness_of
from weineng.programmes.rules import Document

Standard = Mapping[str, Mapping[str, str]]
MOST_CONTRADICTIONS = 4
ANY_NUMBER = 1_000
NOTHING: Label = frozenset()
# Which lines are tried first when one is sought that is not needed: what only lays down how, before what is asked for.
IN_ORDER = (
    "stages",
    "choice.points",
    "choice.opened",
    "choice",
    "caps",
    "gates",
    "results",
    "points",
    "levels",
    "cycle",
    "demands",
)


@dataclass(frozen=True)
class Answer:
    """Of one kind of teacher and one verdict: a witness, or sets of lines of which each contradicts itself and no smaller one does.
    Neither: it was too long to find out."""

    kind: TeacherKind
    goal: Goal
    witness: Witness | None = None
    contradictions: tuple[tuple[str, ...], ...] = field(default=())


def answer(document: Document, kind: TeacherKind, goal: Goal, standard: Standard) -> Answer:
    """What a kind of teacher can reach; `standard`: the points of the document's edition, by code."""
    case = _Case(document, kind, goal, standard)
    try:
        found = case.reach(NOTHING)
        if isinstance(found, _Found):
            return Answer(kind, goal, found.witness(goal))
        found_sets = sorted(
            (tuple(sorted(lines)) for lines in case.contradictions()), key=lambda lines: (len(lines), lines)
        )
        return Answer(kind, goal, None, tuple(found_sets))
    except Undecided:
        return Answer(kind, goal)


def is_stuck(document: Document, kind: TeacherKind, goal: Goal, standard: Standard) -> bool:
    """Whether a kind of teacher certainly cannot reach it; which lines are in the way is not looked for."""
    try:
        return not isinstance(_Case(document, kind, goal, standard).reach(NOTHING, natural=False), _Found)
    except Undecided:
        return False


def witness_within(
    document: Document, kind: TeacherKind, goal: Goal, standard: Standard, bounds: tuple[Bound, ...]
) -> Witness | None:
    """A witness whose hours keep to some bounds; None: there is none, or none was found in time."""
    try:
        found = _Case(document, kind, goal, standard, bounds).reach(NOTHING)
    except Undecided:
        return None
    return found.witness(goal) if isinstance(found, _Found) else None


def answers(document: Document, kinds: Iterable[TeacherKind], standard: Standard) -> tuple[Answer, ...]:
    """For every kind of teacher whether it can pass, and be excellent where the document has that level."""
    goals: tuple[Goal, ...] = ("pass", "excellent") if document.excellent_points else ("pass",)
    return tuple(answer(document, kind, goal, standard) for kind in kinds for goal in goals)


@dataclass(frozen=True)
class _Found:
    """A way to reach it: what is opened and chosen, and the hours."""

    question: Question
    choosing: Choosing
    hours: Hours

    def witness(self, goal: Goal) -> Witness:
        return witness_of(self.question, self.choosing, self.hours, goal)


class _Case:
    """One document, kind of teacher and verdict, asked again and again with some lines dropped: taken as not said."""

    def __init__(
        self, document: Document, kind: TeacherKind, goal: Goal, standard: Standard, bounds: tuple[Bound, ...] = ()
    ) -> None:
        self.document, self.kind, self.goal, self.bounds = document, kind, goal, bounds
        self.points = points_for(document, kind, standard)
        self.lines = frozenset(_lines(document, goal))

    def reach(self, dropped: Label, *, natural: bool = True) -> "_Found | Label":
        """A way; else the lines that were in the way."""
        if short := _items_short(self.document, dropped):
            return short
        stuck = self._stuck(dropped)
        labels, doubtful, ready = stuck, False, list[Choosing]()
        question = Question(self.document, self.kind, dropped, decided=not stuck, bounds=self.bounds, natural=natural)
        for choosing in choosings(self.document, self.kind, self.goal, self.points, dropped):
            in_the_way = self._before_hours(choosing, question)
            labels |= in_the_way
            ready += [] if in_the_way else [choosing]
        if len(ready) > 1 and not isinstance(hours := self._widest(question, ready), Hours):
            return (labels | hours) - dropped
        for choosing in ready:
            hours = hours_of(question, choosing, choosing.fewest)
            if isinstance(hours, Hours) and len(choosing.passed(hours.points)) > hours.points:
                hours = hours_of(question, choosing, len(choosing.passed(hours.points)))
                doubtful = doubtful or not isinstance(hours, Hours)
            if isinstance(hours, Hours):
                return _Found(question, choosing, hours)
            labels |= hours
        if doubtful:
            raise Undecided
        return labels - dropped

    def _widest(self, question: Question, ready: list[Choosing]) -> Hours | Label:
        """Hours for any number of points that some way to choose allows: where there are none, no single way has any."""
        widest = max(ready, key=lambda choosing: (choosing.opened is not None, len(choosing.points)))
        labels = NOTHING.union(*(choosing.labels for choosing in ready))
        asked = (
            max(ready, key=lambda choosing: len(choosing.of_passed))
            if all(one.of_passed for one in ready)
            else ready[0]
        )
        anything = Choosing(widest.opened, widest.points, (), asked.of_passed, labels)
        return hours_of(replace(question, natural=False), anything, min(choosing.fewest for choosing in ready))

    def _before_hours(self, choosing: Choosing, question: Question) -> Label:
        """Lines that stand against a way to choose, whatever the hours: nobody can decide, or there are not enough points."""
        films = {f"demands.{d.code}.item" for d in self.document.demands if d.item == "recording"} - question.dropped
        if not question.decided and (choosing.of_passed or films):
            return NOTHING.union(films, *(one.label for one in choosing.of_passed))
        lacking = choosing.lacking
        return NOTHING if lacking is None else lacking | choosing.labels

    def _stuck(self, dropped: Label) -> Label:
        """The lines of the stage that decides, where nobody could look at what somebody of this kind hands in."""
        lines = NOTHING.union(*(stage_lines(stage) for stage in self.document.stages if stage.decides)) - dropped
        alone = self.kind.colleagues is not None and self.kind.colleagues < colleagues_needed(self.document)
        return lines if alone else NOTHING

    def contradictions(self) -> Iterator[Label]:
        """Sets of lines that contradict, each as small as it can be: without any one of its lines the rest can be met.

        A set is found by taking lines away while the rest still contradicts; another one by dropping a line of every set
        found before.
        """
        found: list[Label] = []
        waiting, seen = [NOTHING], {NOTHING}
        while waiting and len(found) < MOST_CONTRADICTIONS:
            without = waiting.pop(0)
            known = next((one for one in found if not one & without), None)
            if known is None:
                in_the_way = self.reach(without, natural=False)
                if isinstance(in_the_way, _Found):
                    continue
                known = self._smallest(in_the_way, without)
                found.append(known)
                yield known
            more = [without | {line} for line in sorted(known)]
            waiting += [one for one in more if one not in seen]
            seen.update(more)

    def _smallest(self, in_the_way: Label, without: Label) -> Label:
        """What stood in the way case by case need not contradict by itself: then every line is looked at."""
        every = self.lines - without
        rest = list(in_the_way if self._contradict(in_the_way, without) else every)
        needed: set[str] = set()
        for line in sorted(rest, key=_order):
            rest.remove(line)
            if not self._contradict(frozenset(rest) | needed, without):
                needed.add(line)
        return frozenset(needed)

    def _contradict(self, lines: Label, without: Label) -> bool:
        return not isinstance(self.reach(without | (self.lines - lines), natural=False), _Found)


def _order(line: str) -> tuple[int, str]:
    return next((n for n, word in enumerate(IN_ORDER) if line.startswith(word)), len(IN_ORDER)), line


def _items_short(document: Document, dropped: Label) -> Label:
    """Lines that ask for more of an item than anybody could do."""
    there = {"handbook": len(document.handbook), "school-plan": 1, "self-diagnosis": 1}
    there["recording"] = sum(earning.item == "recording" for earning in document.earnings)
    there["declaration"] = ANY_NUMBER if document.choice.declare else 0
    source = {"handbook": "handbook", "declaration": "choice.declare", "recording": "results"}
    for demand in document.demands:
        if demand.item and demand.minimum > there[demand.item]:
            label = {f"demands.{demand.code}.minimum", *([source[demand.item]] if demand.item in source else [])}
            if not label & dropped:
                return frozenset(label)
    return NOTHING


def _lines(document: Document, goal: Goal) -> Iterator[str]:
    """Every line that a question can turn on."""
    yield from (
        "cycle.cut_off",
        "choice.points.minimum",
        "choice.points.each_opened",
        "choice.points.credits",
        "points.credits",
    )
    yield from (
        "choice.opened.minimum",
        "choice.from.environment",
        "choice.from.dimension",
        "choice.declare",
        "handbook",
    )
    yield from ("results", "results.recording.declared_minimum", "results.recording.periods", "results.point.periods")
    yield from (f"choice.opened.minimum_for_flag.{flag}" for flag in document.choice.opened_minimum_for_flag)
    yield from (f"caps.{cap.code}.periods" for cap in document.caps)
    yield from (f"gates.{gate.code}.periods" for gate in document.gates)
    for stage in document.stages:
        yield from stage_lines(stage) if stage.decides else ()
    for demand in document.demands:
        path = f"demands.{demand.code}"
        yield from (f"{path}.{name}" for name in ("periods", "minimum", "share", "each_opened", "item"))
        yield from (f"{path}.parts.{part.code}.minimum" for part in demand.parts)
        yield from (f"{path}.{name}_for_flag.{f}" for name in ("periods", "minimum") for f in demand.minimum_for_flag)
    if goal == "excellent":
        yield "levels.excellent.points_excellent"
