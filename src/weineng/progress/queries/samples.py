"""A sample teacher under a document that nobody is judged by yet: hours, points and items as somebody sets them, judged by the very
expression that judges a province (`measures/sampled`), and the shortest ways that would remain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.sets import get_or_refuse
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import find_points
from weineng.programmes.rules import Document
from weineng.progress.measures.sampled import Facts, Judged, judge_sample, judge_under
from weineng.progress.models import Counted, Standing
from weineng.progress.permissions import VIEW
from weineng.progress.queries.standings import DemandStanding, DocumentWords
from weineng.progress.queries.ways import WayView, view_of
from weineng.progress.reasons import verdict_text
from weineng.progress.rules import Position, Task, is_within_ways, shortest_ways_from
from weineng.standards.rules import AXES

LEVELS = {"failed": 0, "passed": 1, "excellent": 2}
DONE = ("pass", "excellent", "exempt")
PRESETS = ("nothing", "half", "short", "enough")


@dataclass(frozen=True)
class Sample:
    """What is known of the sample on a day. `minutes`: by kind, with the number of days they are spread over; points by what became of
    them (`chosen`: no more than that; `waiting`: handed in); `recording`: '' or one of these words; `done`: how many of an item."""

    on: date
    minutes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    opened: tuple[str, ...] = ()
    points: Mapping[str, str] = field(default_factory=dict)  # code -> chosen, waiting, passed, excellent, failed
    recording: str = ""
    done: Mapping[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()


@dataclass(frozen=True)
class KindCounted:
    """Minutes of a kind that count, in periods, and what does not count with its sentence."""

    title: str
    counted: str
    rest: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SampleStanding:
    """Where the sample stands: the verdict, each demand, hours, and the ways that remain (None: none are told)."""

    verdict: str
    verdict_text: str
    demands: tuple[DemandStanding, ...]
    kinds: tuple[KindCounted, ...]
    reasons: tuple[str, ...]
    ways: tuple[WayView, ...]


def points_of(document: Document) -> dict[str, Mapping[str, str]]:
    """The points that may be chosen under a document, in the standard's order, with their places on both axes."""
    every: dict[str, Mapping[str, str]] = dict(find_points(document.standard) or {})
    every |= {one.code: {"environment": one.environment, "dimension": one.dimension} for one in document.points.local}
    only = {"environment": document.choice.environments, "dimension": document.choice.dimensions}
    return {
        code: point for code, point in every.items() if all(not values or point[axis] in values for axis, values in only.items())
    }  # fmt: skip


def stand_of_sample(document: Document, sample: Sample) -> SampleStanding:
    """Where the sample stands under the document."""
    at = datetime.combine(sample.on, time(12), ZoneInfo(document.time_zone))
    judged = judge_sample(document, _facts(document, sample), at)
    ways = shortest_ways_from(document, _position(document, sample, judged)) if _verdict(judged) not in DONE else ()
    words = DocumentWords(document)
    return _standing(words, judged, tuple(view_of(words, way) for way in ways))


def stand_under(by: Actor, document: Document, enrolment: int) -> SampleStanding:
    """Where somebody who takes part somewhere would stand under the document, by what is known of them today; no ways.
    Refuses `not-found`."""
    row = get_or_refuse(Enrolment.objects.within(by, VIEW, among=[enrolment]), pk=enrolment)
    return _standing(DocumentWords(document), judge_under(document, row.pk, now()), ())


def preset(document: Document, name: str, on: date) -> Sample:
    """A sample to begin with: `nothing`, `half`, `short` (one period or point too few), `enough`."""
    nothing = Sample(on=on, opened=_opened(document))
    if name == "nothing":
        return nothing
    enough = _enough(document, nothing)
    if name == "half":
        hours = {kind: (minutes // 2, max(1, days // 2)) for kind, (minutes, days) in enough.minutes.items()}
        passed = [code for number, code in enumerate(enough.points) if number % 2 == 0]
        points = {code: word if code in passed else "chosen" for code, word in enough.points.items()}
        return replace(enough, minutes=hours, points=points, recording="", done={})
    return _one_less(document, enough) if name == "short" else enough


def _opened(document: Document) -> tuple[str, ...]:
    """As few values of the axis as a school opens, those first that have points."""
    choice, places = document.choice, [point[document.choice.axis] for point in points_of(document).values()]
    there = [value for value in AXES[choice.axis] if value in places]
    return tuple(there[: choice.opened_minimum])


def _one_less(document: Document, enough: Sample) -> Sample:
    for kind, (minutes, days) in enough.minutes.items():
        if minutes:
            return replace(enough, minutes={**enough.minutes, kind: (max(0, minutes - document.period_minutes), days)})
    for code in reversed(list(enough.points)):
        return replace(enough, points={**enough.points, code: "chosen"})
    return replace(enough, done={})


def _enough(document: Document, nothing: Sample) -> Sample:
    """The points that choice and demands ask for, all passed, every item done, and the fewest hours that then lead to a pass."""
    word = "excellent" if any(d.level == "excellent" for d in document.demands) else "passed"
    points = dict.fromkeys(_points_enough(document, nothing.opened), word)
    done = {
        d.item: d.minimum for d in document.demands if d.type == "items" and d.item not in ("recording", "declaration")
    }
    asked = any(d.item == "recording" for d in document.demands) or any(
        e.item == "recording" for e in document.earnings
    )
    sample = replace(nothing, points=points, done=done, recording="passed" if asked else "")
    early = replace(sample, on=document.cycle.start)
    at = datetime.combine(early.on, time(12), ZoneInfo(document.time_zone))
    judged = judge_sample(document, _facts(document, early), at)
    ways = shortest_ways_from(document, replace(_position(document, early, judged), beyond=False))
    tasks = [task for task in (ways[0].tasks if ways else ()) if task.do == "learn"]
    return replace(sample, minutes={task.kind: (task.minutes, _days(document, sample.on, task)) for task in tasks})


def _days(document: Document, on: date, task: Task) -> int:
    """Two periods a day, or more where there are fewer days."""
    wanted = -(-task.minutes // (2 * document.period_minutes))
    return max(task.days, 1, min(wanted, (on - document.cycle.start).days + 1))


def _points_enough(document: Document, opened: Sequence[str]) -> list[str]:
    """As few points as choice and demands ask for: of each opened value, of each part, then any."""
    places, choice = points_of(document), document.choice
    demands = [d for d in document.demands if d.type == "points"]
    each = max([choice.each_opened, *(d.each_opened for d in demands)]) if opened else 0
    taken: list[str] = []

    def take(axis: str, values: Sequence[str], number: int) -> None:
        have = sum(places[code][axis] in values for code in taken)
        more = [code for code in places if code not in taken and places[code][axis] in values]
        taken.extend(more[: max(0, number - have)])

    for value in opened:
        take(choice.axis, [value], each)
    for part in (part for demand in demands for part in demand.parts):
        take(part.axis, part.values, part.minimum)
    number = max([choice.points_minimum, *(d.minimum for d in demands)])
    hundredths = max([choice.credits, *(d.minimum for d in document.demands if d.type == "credits")])
    declared = max([0, *(d.minimum for d in document.demands if d.item == "declaration")])
    rest = [code for code in places if code not in taken and (not opened or places[code][choice.axis] in opened)]
    while rest and (len(taken) < max(number, declared) or sum(map(document.points.credits_of, taken)) < hundredths):
        taken.append(rest.pop(0))
    return taken


def _facts(document: Document, sample: Sample) -> Facts:
    places, axis = points_of(document), document.choice.axis
    known = {code: word for code, word in sample.points.items() if code in places}
    facts = Facts(said=list(_records(document, sample)), flag=[(flag,) for flag in sample.flags])
    at = datetime.combine(sample.on, time(9), ZoneInfo(document.time_zone))
    for number, (code, word) in enumerate([*known.items(), ("", sample.recording)], 1):
        item = "point" if code else "recording"
        if word in LEVELS:
            passed = (number, sample.on, at) if LEVELS[word] else (None, None, None)
            facts.level.append((item, code, LEVELS[word], LEVELS[word], *passed))
        if word in LEVELS or word == "waiting":
            facts.attempt.append((number, item, code, "submitted" if word == "waiting" else "decided", at, at))
    if known:
        opened = list(sample.opened) if document.choice.opened_minimum else []
        facts.choice.append((1, opened))
        facts.chosen += [(code, places[code][axis], True) for code in known]
    declares = document.choice.declare
    facts.declared += [(code, places[code][axis], True) for code in known] if declares else []
    facts.exempt += [(demand, "(,)") for demand in sample.exempt]
    facts.done += [(item, count) for item, count in sample.done.items() if count]
    facts.done += [("declaration", len(known))] if declares and known else []
    return facts


def _records(document: Document, sample: Sample) -> Sequence[tuple[Any, ...]]:
    """A record for each day that a kind is spread over, from the first day of the cycle on; the minutes as even as they can be.
    What a gate holds back comes after what opens it."""
    zone, rows, number = ZoneInfo(document.time_zone), [], 0
    there = (sample.on - document.cycle.start).days + 1
    for kind, (minutes, days) in sample.minutes.items():
        opening = {one for gate in document.gates if kind in gate.opens for one in gate.kinds}
        before = max((sample.minutes.get(one, (0, 0))[1] for one in opening), default=0)
        most, first = max(1, min(days, there - before)), document.cycle.start + timedelta(days=before)
        for day in range(most):
            share = minutes * (day + 1) // most - minutes * day // most
            if share <= 0:
                continue
            number += 1
            on = first + timedelta(days=day)
            starts = datetime.combine(on, time(0), zone)
            name = f"sample-{number}"
            rows.append((
                0, number, name, starts, starts + timedelta(minutes=share), share, on, "sample", name, 1, kind, False, "", None,
            ))  # fmt: skip
    return rows


def _verdict(judged: Judged) -> str:
    return next((str(row["verdict"]) for row in judged.standings if row["demand"] == "overall"), "")


def _position(document: Document, sample: Sample, judged: Judged) -> Position:
    """Where the sample stands, for the rules to work out what remains."""
    places, axis = points_of(document), document.choice.axis
    values = {code: point[axis] for code, point in places.items()}
    known = {code: word for code, word in sample.points.items() if code in places}
    won = {code for code, word in known.items() if word in ("passed", "excellent")}
    recorded = sample.recording in ("passed", "excellent")
    told = {row["demand"]: row for row in judged.standings}
    within = {d.code for d in document.demands if is_within_ways(d)}
    ranges = any(d.type == "none-failed" for d in document.demands)
    offered = {c: v for c, v in values.items() if not sample.opened or v in sample.opened}
    return Position(
        on=sample.on,
        needs={code: row["need"] for code, row in told.items() if code != "overall" and row["verdict"] in ("met", "open")},
        minutes=_counted(judged), minutes_today={}, passed={c: values[c] for c in known if c in won},
        chosen={c: values[c] for c in known if c not in won}, opened=_opened_by(document, sample) if known else None,
        waiting=frozenset(c for c, word in [*known.items(), ("", sample.recording)] if word == "waiting"), returned=frozenset(),
        earned=frozenset(won | ({""} if recorded else set())), recorded=recorded, offered={} if known else offered,
        offered_axis=_opened_by(document, sample), credits={c: document.points.credits_of(c) for c in values},
        closed=frozenset(gate.code for gate in document.gates) - judged.gates,
        declared=frozenset(known) if document.choice.declare else None, answered=frozenset(known),
        failed=frozenset(c for c, word in known.items() if word == "failed") if ranges else frozenset(),
        own=_own(document, sample, told),
        beyond=any(row["verdict"] == "open" and code != "overall" and code not in within for code, row in told.items()),
    )  # fmt: skip


def _opened_by(document: Document, sample: Sample) -> tuple[str, ...]:
    return sample.opened if document.choice.opened_minimum else ()


def _own(document: Document, sample: Sample, told: Mapping[str, Mapping[str, Any]]) -> tuple[Task, ...]:
    tasks: list[Task] = []
    for demand in document.demands:
        if demand.item in ("handbook", "self-diagnosis") and told.get(demand.code, {}).get("verdict") == "open":
            done = sample.done.get(demand.item, 0)
            handbook = [Task("handbook", point=task.code) for task in document.handbook[done : demand.minimum]]
            tasks += handbook if demand.item == "handbook" else [Task("diagnose")]
    return tuple(tasks)


def _counted(judged: Judged) -> dict[str, int]:
    return {kind: minutes for kind, reason, _ref, minutes in judged.minutes if reason == ""}


def _standing(words: DocumentWords, judged: Judged, ways: tuple[WayView, ...]) -> SampleStanding:
    rows = {row["demand"]: Standing(**row) for row in judged.standings}
    overall = rows["overall"]
    demands = tuple(words.demand(rows[d.code]) for d in words.document.demands if d.code in rows)
    said = {reason.text for demand in demands for reason in demand.reasons}
    reasons = tuple(reason.text for reason in words.reasons(overall.reasons) if reason.text not in said)
    return SampleStanding(overall.verdict, verdict_text(overall.verdict), demands, _kinds(words, judged), reasons, ways)


def _kinds(words: DocumentWords, judged: Judged) -> tuple[KindCounted, ...]:
    counted, found = _counted(judged), []
    for kind in words.document.kinds:
        rest = [(reason, ref, m) for code, reason, ref, m in judged.minutes if code == kind.code and reason]
        if kind.code in counted or rest:
            lines = tuple((words.length(m), words.line(Counted(reason=reason, ref=ref))) for reason, ref, m in rest)
            found.append(KindCounted(words.kind(kind.code), words.length(counted.get(kind.code, 0)), lines))
    return tuple(found)
