"""What a plan must contain and what a choice must cover (semantics 13–15): plain functions over values."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

from weineng.activities.models import FORMS
from weineng.kernel.refusals import Refused
from weineng.programmes.rules import ChoiceRule, in_credits
from weineng.standards.rules import AXES, DIMENSIONS, ENVIRONMENTS

STATE_WORDS: Mapping[str, object] = {
    "draft": _("draft"),
    "submitted": _("waiting for the district"),
    "returned": _("returned"),
    "approved": _("approved"),
    "filed": _("filed"),
    "superseded": _("superseded"),
    "published": _("published"),
}
VALUES: Mapping[str, object] = {"dimension": _("dimensions"), "environment": _("environments")}  # of an axis, in words
WEAK = 3  # of 5: what a teacher or school scores so or lower is a weak spot


@dataclass(frozen=True)
class PlanContent:
    """What a school writes into its plan. `diagnosis`: question code → {"score": 1–5, "note": text}, the score None where
    the note says why the question is not answered; `themes`: {"title", "points"}; `timetable`: {"step", "from", "to",
    "who"} with ISO dates."""

    environment: str = ""
    diagnosis: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    goals: str = ""
    dimensions: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    themes: tuple[Mapping[str, Any], ...] = ()
    timetable: tuple[Mapping[str, Any], ...] = ()
    needs: str = ""
    assessment: str = ""


@dataclass(frozen=True)
class GroupContent:
    """What a group writes into its plan. `activities`: {"title", "on", "form"} with an ISO date and a form of
    `activities.models.FORMS`, each '' while it is not written; `pairs`: {"helper", "helped"} person ids, None while one of
    the two is open."""

    theme: str = ""
    points: tuple[str, ...] = ()
    activities: tuple[Mapping[str, Any], ...] = ()
    pairs: tuple[Mapping[str, int | None], ...] = ()


@cache
def questionnaire() -> Mapping[str, Any]:
    """The self-diagnosis: `school` and `teacher`, lists of {code, area or dimension, text in three languages}."""
    text = files("weineng.planning").joinpath("data/diagnosis.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return loaded


def check_content(content: PlanContent) -> None:
    """Whether what was written is well formed, be it complete or not.

    Refuses `diagnosis-unknown`, `diagnosis-out-of-range`, `environment-unknown`, `timetable-dates`.
    """
    explained = {code for code, answer in content.diagnosis.items() if _explained(answer)}
    check_scores({code: answer.get("score") for code, answer in content.diagnosis.items()}, "school", explained)
    if content.environment and content.environment not in ENVIRONMENTS:
        raise Refused("environment-unknown", _("There is no such environment."), field="environment")
    for number, step in enumerate(content.timetable, 1):
        days = [_day(step.get(edge) or "") for edge in ("from", "to")]
        if None in days or ("" not in days and days[1] < days[0]):  # type: ignore[operator]  # both are texts here
            message = _("Step %(number)s of the timetable: the dates are wrong or out of order.")
            raise Refused("timetable-dates", message, field=f"from_{number - 1}", number=number)


def _explained(answer: Mapping[str, Any]) -> bool:
    """Whether a question has no score but a reason why not."""
    return answer.get("score") is None and bool((answer.get("note") or "").strip())


def plan_lacks(content: PlanContent, *, opens: bool = True) -> list[Refused]:
    """What a school's plan still needs to be handed in, in the order of its page; what it opens is judged by `check_opened`.
    `opens`: whether schools open points in the programme, on which the themes then work.

    Codes: `diagnosis-incomplete`, `goals-missing`, `environment-missing`, `themes-missing`, `theme-without-title`,
    `theme-without-points`, `theme-point-not-opened`, `timetable-missing`, `timetable-step-incomplete`.
    """
    lacks = [
        Refused(
            "diagnosis-incomplete", _("Answer this question, or write beside it why it cannot be answered."),
            field=f"score_{question['code']}", question=question["code"],
        )
        for question in questionnaire()["school"]
        if question["code"] not in content.diagnosis
    ]  # fmt: skip
    if not content.goals.strip():
        lacks.append(Refused("goals-missing", _("Write down the school's goals."), field="goals"))
    if not content.environment:
        message = _("Say in which environment the school works.")
        lacks.append(Refused("environment-missing", message, field="environment"))
    return lacks + _themes_lack(content, opens) + _timetable_lacks(content)


def _themes_lack(content: PlanContent, opens: bool) -> list[Refused]:  # noqa: FBT001 (one caller)
    if not content.themes:
        return [Refused("themes-missing", _("Name at least one research theme."), field="theme_0")]
    lacks = []
    for number, theme in enumerate(content.themes):
        if _first_empty(theme, "title"):
            message = _("Give the theme a title, or leave the line empty.")
            lacks.append(Refused("theme-without-title", message, field=f"theme_{number}", number=number + 1))
        if opens and (closed := sorted(set(theme.get("points", ())) - set(content.points))):
            message, field = _("The plan does not open point %(point)s."), f"theme_points_{number}"
            lacks.append(Refused("theme-point-not-opened", message, field=field, point=closed[0]))
    if opens and not any(theme.get("points") for theme in content.themes):
        message = _("Say which points a theme works on, of one theme at least.")
        lacks.append(Refused("theme-without-points", message, field="theme_points_0"))
    return lacks


def _timetable_lacks(content: PlanContent) -> list[Refused]:
    if not content.timetable:
        return [Refused("timetable-missing", _("Add at least one step to the timetable."), field="step_0")]
    message = _("A step needs what is done, from when to when, and who does it.")
    parts = [_first_empty(step, "step", "from", "to", "who") for step in content.timetable]
    return [
        Refused("timetable-step-incomplete", message, field=f"{part}_{number}", number=number + 1)
        for number, part in enumerate(parts)
        if part
    ]


def check_group_content(content: GroupContent) -> None:
    """Whether what a group wrote is well formed, be it complete or not.

    Refuses `activity-date`, `activity-form-unknown`, `pair-of-one`, `pair-twice`.
    """
    for number, activity in enumerate(content.activities):
        if _day(activity.get("on") or "") is None:
            raise Refused("activity-date", _("This is no date."), field=f"on_{number}", number=number + 1)
        if (form := activity.get("form") or "") and form not in FORMS:
            message = _("There is no such kind of activity.")
            raise Refused("activity-form-unknown", message, field=f"form_{number}", number=number + 1)
    seen = set()
    for number, pair in enumerate(content.pairs):
        both = (pair["helper"], pair["helped"])
        if None not in both and both[0] == both[1]:
            raise Refused("pair-of-one", _("Nobody is paired with oneself."), field=f"helped_{number}")
        if both in seen:
            raise Refused("pair-twice", _("These two are a pair already."), field=f"helper_{number}")
        seen.add(both)


def group_lacks(content: GroupContent) -> list[Refused]:
    """What a group's plan still needs to be published, in the order of its page.

    Codes: `theme-missing`, `activities-missing`, `activity-incomplete`, `pair-incomplete`.
    """
    lacks = []
    if not content.theme.strip():
        lacks.append(Refused("theme-missing", _("Give the plan a theme."), field="theme"))
    if not content.activities:
        lacks.append(Refused("activities-missing", _("Add at least one activity."), field="title_0"))
    for number, activity in enumerate(content.activities):
        if part := _first_empty(activity, "title", "on", "form"):
            message = _("An activity needs a title, a day and its kind.")
            lacks.append(Refused("activity-incomplete", message, field=f"{part}_{number}", number=number + 1))
    for number, pair in enumerate(content.pairs):
        if part := _first_empty(pair, "helper", "helped"):
            message = _("Name both of a pair, or leave the line empty.")
            lacks.append(Refused("pair-incomplete", message, field=f"{part}_{number}", number=number + 1))
    return lacks


def _first_empty(line: Mapping[str, Any], *parts: str) -> str:
    """The first of the parts in which nothing is written, '' where all are."""
    return next((part for part in parts if not str(line.get(part) or "").strip()), "")


def check_scores(scores: Mapping[str, Any], whose: str, explained: Collection[str] = ()) -> None:
    """Whether a self-diagnosis (`school` or `teacher`) answers its questions with 1 to 5, save those it explains instead.

    Refuses `diagnosis-unknown`, `diagnosis-out-of-range`.
    """
    known = {question["code"] for question in questionnaire()[whose]}
    if strange := sorted(set(scores) - known):
        message = _("The self-diagnosis has no question “%(question)s”.")
        raise Refused("diagnosis-unknown", message, field="diagnosis", question=strange[0])
    if any(
        not isinstance(score, int) or not 1 <= score <= 5 for code, score in scores.items() if code not in explained
    ):
        raise Refused("diagnosis-out-of-range", _("Scores run from 1 to 5."), field="diagnosis")


def _day(text: str) -> str | None:
    """An ISO date as it is compared, '' where nothing was written, None for what is no date."""
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except (TypeError, ValueError):
        return None


def weak_spots(scores: Mapping[str, int]) -> tuple[str, ...]:
    """The dimensions of a self-diagnosis that scored 3 or less, the weakest first; equal ones in the standard's order."""
    order = list(DIMENSIONS)
    weak = [code for code in order if code in scores and scores[code] <= WEAK]
    return tuple(sorted(weak, key=lambda code: scores[code]))


def _nothing(_point: str) -> int:
    """Credits of a point where none are asked for."""
    return 0


def suggest_points(
    rule: ChoiceRule,
    axis_of: Mapping[str, str],
    *,
    dimensions: Collection[str],
    opened: Collection[str],
    scores: Mapping[str, int],
    passed: Collection[str] = (),
    nearest: Collection[str] = (),
    credits_of: Callable[[str], int] = _nothing,
) -> tuple[str, ...]:
    """As many points as a teacher needs, so that the choice is accepted: what is passed, then what every opened value of
    the axis still lacks, then the weakest spots, one point of each in turn. `nearest` are points that suit the school's
    environment and go first within a value. Empty where the opened points do not suffice."""
    spread = set(dimensions) or {axis_of[point] for point in opened}  # where nobody opens anything: over all there is
    weakest = sorted(spread, key=lambda value: (scores.get(value, 3), list(axis_of.values()).index(value)))
    queues = {
        value: sorted(
            (p for p in opened if axis_of[p] == value and p not in passed), key=lambda p: (p not in nearest, p)
        )
        for value in weakest
    }
    taken = sorted(passed)
    for value in weakest if dimensions else ():
        lacking = rule.each_opened - sum(axis_of.get(point) == value for point in taken)
        taken += [queues[value].pop(0) for _number in range(min(max(lacking, 0), len(queues[value])))]

    def short() -> bool:
        few = len(taken) < points_needed(rule, dimensions)
        return few or sum(credits_of(point) for point in taken) < rule.credits

    while short() and any(queues.values()):
        for value in weakest:
            if queues[value] and short():
                taken.append(queues[value].pop(0))
    try:
        check_choice(
            rule, axis_of, dimensions=dimensions, opened=opened, points=taken, passed=passed, credits_of=credits_of
        )
    except Refused:
        return ()
    return tuple(sorted(taken))


def check_opened(
    rule: ChoiceRule,
    axis_of: Mapping[str, str],
    dimensions: Collection[str],
    points: Collection[str],
    flags: Collection[str],
    may: Collection[str] | None = None,
) -> None:
    """Whether a plan may open these axis values and points (semantics 14).

    `axis_of` maps every point of the standard to its axis value; `may` are the points the document lets be chosen (None:
    all). Refuses `point-unknown`, `point-not-offered`, `dimension-unknown`, `dimensions-too-few`,
    `dimension-without-point`, `point-outside-dimensions`.
    """
    if unknown := sorted(set(points) - set(axis_of)):
        raise Refused("point-unknown", _("The standard has no point %(point)s."), field="points", point=unknown[0])
    if may is not None and (outside := sorted(set(points) - set(may))):
        message = _("Point %(point)s cannot be chosen in this programme.")
        raise Refused("point-not-offered", message, field="points", point=outside[0])
    if strange := sorted(set(dimensions) - set(axis_of.values())):
        message = _("There is nothing like “%(dimension)s” to open.")
        raise Refused("dimension-unknown", message, field="dimensions", dimension=strange[0])
    least = opened_minimum(rule, flags)
    if len(set(dimensions)) < least:
        have = len(set(dimensions))
        message = _("Open at least %(least)s %(values)s.")
        raise Refused(
            "dimensions-too-few", message, field="dimensions", least=least, have=have, values=VALUES[rule.axis]
        )
    for dimension in sorted(set(dimensions)):
        if not any(axis_of[point] == dimension for point in points):
            message, name = _("Open at least one point in %(name)s."), AXES[rule.axis][dimension]
            raise Refused("dimension-without-point", message, field="points", dimension=dimension, name=name)
    for point in sorted(set(points)):
        if axis_of[point] not in dimensions:
            message, name = _("Point %(point)s lies in %(name)s, which is not opened."), AXES[rule.axis][axis_of[point]]
            raise Refused("point-outside-dimensions", message, field="points", point=point, name=name)


def opened_minimum(rule: ChoiceRule, flags: Collection[str]) -> int:
    """How many axis values a school with these flags has to open."""
    return max([rule.opened_minimum, *(least for flag, least in rule.opened_minimum_for_flag.items() if flag in flags)])


def points_needed(rule: ChoiceRule, dimensions: Collection[str]) -> int:
    """How many points a teacher takes: at least the document's minimum, and one in each opened axis value."""
    return max(rule.points_minimum, rule.each_opened * len(set(dimensions)))


def check_choice(
    rule: ChoiceRule,
    axis_of: Mapping[str, str],
    *,
    dimensions: Collection[str],
    opened: Collection[str],
    points: Collection[str],
    passed: Collection[str] = (),
    credits_of: Callable[[str], int] = _nothing,
) -> None:
    """Whether a teacher may choose these points (semantics 15); points already passed count and may not be dropped.

    `credits_of` gives the hundredths of a credit of a point; only asked where the rule wants credits. Refuses
    `passed-point-dropped`, `point-not-opened` (`point-not-offered` where no school opens), `too-few-points`,
    `too-few-credits`, `axis-not-covered`.
    """
    if dropped := sorted(set(passed) - set(points)):
        raise Refused(
            "passed-point-dropped", _("Point %(point)s is passed and stays."), field="points", point=dropped[0]
        )
    if closed := sorted(set(points) - set(opened) - set(passed)):
        if not rule.opened_minimum:
            message = _("Point %(point)s cannot be chosen in this programme.")
            raise Refused("point-not-offered", message, field="points", point=closed[0])
        raise Refused(
            "point-not-opened", _("Your school has not opened point %(point)s."), field="points", point=closed[0]
        )
    needed = points_needed(rule, dimensions)
    if len(set(points)) < needed:
        raise Refused(
            "too-few-points",
            _("Choose at least %(needed)s points."),
            field="points",
            needed=needed,
            have=len(set(points)),
        )
    if rule.credits and (have := sum(credits_of(point) for point in set(points))) < rule.credits:
        raise Refused(
            "too-few-credits", _("Choose points of at least %(needed)s credits; these have %(have)s."), field="points",
            needed=in_credits(rule.credits), have=in_credits(have),
        )  # fmt: skip
    for dimension in sorted(set(dimensions)):
        have = sum(axis_of.get(point) == dimension for point in set(points))
        if have < rule.each_opened:
            message, name = _("Choose at least %(each)s in %(name)s."), AXES[rule.axis][dimension]
            raise Refused(
                "axis-not-covered", message, field="points", each=rule.each_opened, dimension=dimension, name=name
            )
