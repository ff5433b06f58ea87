"""What a plan must contain and what a choice must cover (semantics 13–15): plain functions over values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from django.utils.translation import gettext_lazy as _
from ruamel.yaml import YAML

from weineng.kernel.refusals import Refused
from weineng.programmes.rules import ChoiceRule


@dataclass(frozen=True)
class PlanContent:
    """What a school writes into its plan. `diagnosis`: question code → {"score": 1–5, "note": text}; `themes`:
    {"title", "points"}; `timetable`: {"step", "from", "to", "who"} with ISO dates."""

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
    """What a group writes into its plan. `activities`: {"title", "on", "form"}; `pairs`: {"helper", "helped"} person ids."""

    theme: str = ""
    points: tuple[str, ...] = ()
    activities: tuple[Mapping[str, Any], ...] = ()
    pairs: tuple[Mapping[str, int], ...] = ()


@cache
def questionnaire() -> Mapping[str, Any]:
    """The self-diagnosis: `school` and `teacher`, lists of {code, area or dimension, text in three languages}."""
    text = files("weineng.planning").joinpath("data/diagnosis.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = YAML(typ="safe").load(text)
    return loaded


def check_opened(
    rule: ChoiceRule,
    axis_of: Mapping[str, str],
    dimensions: Collection[str],
    points: Collection[str],
    flags: Collection[str],
) -> None:
    """Whether a plan may open these axis values and points (semantics 14).

    `axis_of` maps every point of the standard to its axis value. Refuses `point-unknown`, `dimension-unknown`,
    `dimensions-too-few`, `dimension-without-point`, `point-outside-dimensions`.
    """
    if unknown := sorted(set(points) - set(axis_of)):
        raise Refused("point-unknown", _("The standard has no point %(point)s."), field="points", point=unknown[0])
    if strange := sorted(set(dimensions) - set(axis_of.values())):
        raise Refused(
            "dimension-unknown", _("There is no dimension “%(dimension)s”."), field="dimensions", dimension=strange[0]
        )
    least = opened_minimum(rule, flags)
    if len(set(dimensions)) < least:
        raise Refused(
            "dimensions-too-few",
            _("Open at least %(least)s dimensions."),
            field="dimensions",
            least=least,
            have=len(set(dimensions)),
        )
    for dimension in sorted(set(dimensions)):
        if not any(axis_of[point] == dimension for point in points):
            raise Refused(
                "dimension-without-point",
                _("Open at least one point in %(dimension)s."),
                field="points",
                dimension=dimension,
            )
    for point in sorted(set(points)):
        if axis_of[point] not in dimensions:
            raise Refused(
                "point-outside-dimensions",
                _("Point %(point)s lies in a dimension that is not opened."),
                field="points",
                point=point,
            )


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
) -> None:
    """Whether a teacher may choose these points (semantics 15); points already passed count and may not be dropped.

    Refuses `passed-point-dropped`, `point-not-opened`, `too-few-points`, `axis-not-covered`.
    """
    if dropped := sorted(set(passed) - set(points)):
        raise Refused(
            "passed-point-dropped", _("Point %(point)s is passed and stays."), field="points", point=dropped[0]
        )
    if closed := sorted(set(points) - set(opened) - set(passed)):
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
    for dimension in sorted(set(dimensions)):
        have = sum(axis_of.get(point) == dimension for point in set(points))
        if have < rule.each_opened:
            raise Refused(
                "axis-not-covered", _("Choose at least %(each)s in %(dimension)s."), field="points",
                each=rule.each_opened, dimension=dimension,
            )  # fmt: skip
