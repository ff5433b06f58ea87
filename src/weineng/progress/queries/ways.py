"""The shortest ways that remain for one enrolment, in the reader's language (semantics 35)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils.translation import gettext as say

from weineng.assessment.models import Result
from weineng.evidence.models import Submission
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.words import word_for
from weineng.organisations.reach import same_people
from weineng.planning.models import Choice, ChosenPoint, Diagnosis
from weineng.planning.queries import axis_of_points, declared_points, handbook_of, offer_for
from weineng.programmes.models import Enrolment, Gate
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Document
from weineng.progress.models import Counted, Standing
from weineng.progress.queries.standings import DocumentWords, overall_within
from weineng.progress.rules import Position, Task, Way, is_within_ways, shortest_ways_from

DONE = ("pass", "excellent", "left", "exempt", "not-passed")


@dataclass(frozen=True)
class TaskView:
    """A task with its sentence."""

    task: Task
    text: str


@dataclass(frozen=True)
class WayView:
    """A way with its sentences; `waiting` names what was handed in and is taken as passed."""

    tasks: tuple[TaskView, ...]
    waiting: tuple[str, ...]
    minutes: int


def shortest_ways(by: Actor, enrolment: int) -> tuple[WayView, ...]:
    """At most three sets of open tasks that lead to a pass; none for who has passed, left, or has no way any more
    (without a school plan in force nothing can be chosen yet). Refuses `not-found`."""
    overall = overall_within(by, enrolment)
    if overall.verdict in DONE:
        return ()
    document = document_of(overall.version)
    ways = shortest_ways_from(document, position_of(enrolment, document))
    words = DocumentWords(document)
    return tuple(view_of(words, way) for way in ways)


def position_of(enrolment: int, document: Document) -> Position:
    """Where an enrolment stands, for the rules to work out what remains."""
    row = Enrolment.objects.get(pk=enrolment)
    on = today(ZoneInfo(document.time_zone))
    current = Enrolment.objects.filter(programme=row.programme_id, person__in=same_people([row.person_id]))
    parts = list(current.order_by("pk").values_list("pk", flat=True))
    attempts = Submission.objects.filter(enrolment__in=parts, state__in=("submitted", "opened", "returned"))
    states = list(attempts.order_by("pk").values_list("point", "state"))
    results = Result.objects.filter(enrolment__in=parts, overturned_at__isnull=True).exclude(level="fail")
    won = set(results.order_by("pk").values_list("point", flat=True))
    points: dict[str, Any] = _points(parts, won)
    if points["opened"] is None:
        points |= _offer(row, document, won)
    waits, today_ = _held(enrolment, document), _minutes(enrolment, event_on=on, origin="record")
    kinds = [kind.code for kind in document.kinds]
    return Position(
        on=on,
        needs=_needs(enrolment),
        minutes=_minutes(enrolment),
        minutes_today={kind: today_.get(kind, 0) + waits.get((on, kind), 0) for kind in kinds},
        held={kind: sum(m for (_day, k), m in waits.items() if k == kind) for kind in {k for _day, k in waits}},
        waiting=frozenset(point for point, state in states if state != "returned") - won,
        returned=frozenset(point for point, state in states if state == "returned") - won,
        earned=frozenset(won),
        recorded="" in won,
        closed=frozenset(gate.code for gate in document.gates) - _opened(parts),
        beyond=_beyond(enrolment, document),
        **points,
        **_own(row, parts, document, {*points["passed"], *points["chosen"]}),
    )


def _needs(enrolment: int) -> dict[str, int]:
    asked = Standing.objects.filter(enrolment=enrolment, verdict__in=("met", "open")).order_by("pk")
    return dict(asked.exclude(demand="overall").values_list("demand", "need"))


def _held(enrolment: int, document: Document) -> dict[tuple[date, str], int]:
    """Minutes by day and kind that count, whatever their date, once the gates of the kind are open. Kinds that are limited
    by record or course, or move, are left out: how much of them will count is not known before."""
    before = {kind: [g.before for g in document.gates if kind in g.opens] for g in document.gates for kind in g.opens}
    unsure = {k for cap in document.caps if cap.per in ("record", "course") or cap.excess_to for k in cap.kinds}
    kinds = [kind for kind, said in before.items() if set(said) == {"keep"} and kind not in unsure]
    if not kinds:
        return {}
    lines = Counted.objects.filter(enrolment=enrolment, origin="record").order_by("event_on", "kind")
    by_day = {
        reason: {(day, kind): said for day, kind, said in lines.filter(reason=reason)
                 .values("event_on", "kind").annotate(said=Sum("minutes")).values_list("event_on", "kind", "said")}
        for reason in ("", "before-gate")
    }  # fmt: skip
    used, held = by_day[""], {}
    for (day, kind), said in by_day["before-gate"].items():
        if kind in kinds:
            caps = [cap for cap in document.caps if cap.per == "day" and kind in cap.kinds]
            left = [cap.minutes - sum(used.get((day, k), 0) for k in cap.kinds) for cap in caps]
            held[day, kind] = max(0, min([said, *left]))
            used[day, kind] = used.get((day, kind), 0) + held[day, kind]
    return held


def _opened(parts: list[int]) -> set[str]:
    return set(Gate.objects.filter(enrolment__in=parts).order_by("pk").values_list("gate", flat=True))


def _beyond(enrolment: int, document: Document) -> bool:
    told = [demand.code for demand in document.demands if not is_within_ways(demand)]
    return bool(told) and Standing.objects.filter(enrolment=enrolment, demand__in=told, verdict="open").exists()


def _minutes(enrolment: int, **which: Any) -> dict[str, int]:
    rows = Counted.objects.filter(enrolment=enrolment, reason="", **which).order_by("kind").values("kind")
    return dict(rows.annotate(sum=Sum("minutes")).values_list("kind", "sum"))


def _points(parts: list[int], won: set[str]) -> dict[str, Any]:
    """Points of the choice in force, and passed ones of earlier choices, with their values on the axis."""
    choice = (
        Choice.objects.filter(enrolment__in=parts, superseded_at__isnull=True).order_by("-chosen_at", "-pk").first()
    )
    rows = ChosenPoint.objects.filter(choice__enrolment__in=parts).order_by("choice__chosen_at", "pk")
    every = {row.point: row.dimension for row in rows}
    own = {row.point: row.dimension for row in rows if choice is not None and row.choice_id == choice.pk}
    return {
        "passed": {p: v for p, v in (every | own).items() if p in won},
        "chosen": {p: v for p, v in own.items() if p not in won},
        "opened": tuple(choice.dimensions) if choice is not None else None,
    }


def _offer(row: Enrolment, document: Document, won: set[str]) -> dict[str, Any]:
    """What the school has opened, for who has not chosen yet."""
    offer = offer_for(row, document)
    if offer is None:
        return {}
    axis = axis_of_points(document)
    offered = {point: axis[point] for point in sorted(offer.points) if point in axis}
    passed = {point: axis[point] for point in won if point in offered}
    return {"offered": offered, "offered_axis": offer.dimensions, "passed": passed}


def _own(row: Enrolment, parts: list[int], document: Document, chosen: set[str]) -> dict[str, Any]:
    """What was declared, done of the handbook and told of oneself, what is failed of it, and what points are worth."""
    ranges = {demand.of for demand in document.demands if demand.type == "none-failed"}
    found: dict[str, Any] = {"own": _undone(row, parts, document)}
    if document.choice.declare:
        states = {point: one.state for point, one in declared_points(row).items()}
        found["declared"] = frozenset(states)
        found["answered"] = frozenset(point for point, state in states.items() if state != "returned")
    if ranges:
        latest = Result.objects.filter(enrolment__in=parts, item="point", overturned_at__isnull=True)
        levels = dict(latest.order_by("decided_at", "pk").values_list("point", "level"))
        by_range = {"declared": found.get("declared", chosen), "choice": chosen}
        among = {point for one in ranges for point in by_range[one]}
        found["failed"] = frozenset(point for point, level in levels.items() if level == "fail" and point in among)
    if document.choice.credits or any(demand.type == "credits" for demand in document.demands):
        found["credits"] = {point: document.points.credits_of(point) for point in axis_of_points(document)}
    return found


def _undone(row: Enrolment, parts: list[int], document: Document) -> tuple[Task, ...]:
    """As many tasks of the handbook as are demanded and not done (what waits to be confirmed is taken as done), and the
    self-diagnosis."""
    asked = {demand.item: demand for demand in document.demands if demand.type == "items"}
    needs, tasks = _needs(row.pk), []
    if "handbook" in asked and asked["handbook"].code in needs:
        done = {task for task, entry in handbook_of(row).items() if entry.state != "returned"}
        missing = [task.code for task in document.handbook if task.code not in done]
        short = needs[asked["handbook"].code] - (len(document.handbook) - len(missing))
        tasks += [Task("handbook", point=code) for code in missing[: max(0, short)]]
    if "self-diagnosis" in asked and asked["self-diagnosis"].code in needs:
        told = Diagnosis.objects.filter(enrolment__in=parts, handed_in_at__isnull=False).exists()
        tasks += [] if told else [Task("diagnose")]
    return tuple(tasks)


def view_of(words: DocumentWords, way: Way) -> WayView:
    """A way with its sentences."""
    tasks = tuple(TaskView(task, _text(words, task)) for task in way.tasks)
    return WayView(tasks, tuple(words.item_of(point) for point in way.waiting), way.minutes)


def _text(words: DocumentWords, task: Task) -> str:
    if task.do == "choose":
        return say("Choose %(points)s.") % {"points": say(", ").join(task.points)}
    if task.do == "declare":
        return say("Declare %(points)s to be assessed.") % {"points": say(", ").join(task.points)}
    if task.do == "handbook":
        title = next((one.title for one in words.document.handbook if one.code == task.point), {})
        return say("Do “%(task)s” and have it confirmed.") % {"task": word_for(title, words.language)}
    if task.do == "diagnose":
        return say("Hand in the self-diagnosis.")
    if task.do == "hand-in":
        return say("Hand in %(item)s and pass.") % {"item": words.item_of(task.point)}
    params = {"kind": words.kind(task.kind), "periods": words.length(task.minutes, up=True), "days": task.days}
    if task.days > 1:
        return say("%(kind)s: %(periods)s more periods, on at least %(days)s days.") % params
    return say("%(kind)s: %(periods)s more periods.") % params
