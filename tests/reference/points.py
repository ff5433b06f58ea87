"""Levels of points, the choice, what is declared, what has failed, the profile: semantics 14–16, 21, 25, 27."""

from datetime import date

from tests.reference.facts import Choice, Declaration, Result
from tests.reference.lines import civil
from tests.reference.plan_lines import Plan

LEVELS = ("fail", "pass", "excellent")
ENVIRONMENTS = ("multimedia", "blended", "smart")
DIMENSIONS = ("learner-analysis", "teaching-design", "learning-guidance", "academic-assessment")


# --- Levels -------------------------------------------------------------------------------------------------------
def best_level(results: list[Result], point: str) -> str:
    """The best level of a point ('' the recording) among results that were not overturned; '' if there is none (21)."""
    best = ""
    for result in results:
        if result.point != point or result.overturned:
            continue
        if best == "" or LEVELS.index(result.level) > LEVELS.index(best):
            best = result.level
    return best


def is_at(results: list[Result], point: str, level: str) -> bool:
    """Its best level is this one or better."""
    best = best_level(results, point)
    return best != "" and LEVELS.index(best) >= LEVELS.index(level)


def is_failed(results: list[Result], point: str) -> bool:
    """The latest decided of the results in force is fail, whatever an earlier attempt has earned (25)."""
    latest = None
    for result in results:
        if result.point != point or result.overturned:
            continue
        if latest is None or (result.decided, result.number) > (latest.decided, latest.number):
            latest = result
    return latest is not None and latest.level == "fail"


# --- Choice -------------------------------------------------------------------------------------------------------
def choice_in_force(choices: list[Choice]) -> Choice | None:
    """The one that was not superseded; where merged entries had both chosen, the one chosen last (15)."""
    latest = None
    for choice in choices:
        if choice.superseded is None and (latest is None or choice.chosen > latest.chosen):
            latest = choice
    return latest


def chosen_points(choices: list[Choice], results: list[Result]) -> list[str]:
    """The points of the choice in force, and of earlier choices those that are passed: they always count (15, 16)."""
    chosen = choice_in_force(choices)
    found = []
    for choice in choices:
        for point in choice.points:
            if point not in found and (choice is chosen or is_at(results, point, "pass")):
                found.append(point)
    return found


def declared_points(
    plan: Plan, choices: list[Choice], results: list[Result], declarations: list[Declaration], on: date
) -> list[str]:
    """The points whose declaration was not withdrawn by then; where nobody declares, the points of the choice (25)."""
    if not plan.choosing.declare:
        return chosen_points(choices, results)
    found = []
    for declaration in declarations:
        withdrawn = declaration.withdrawn is not None and civil(declaration.withdrawn) <= on
        if not withdrawn and declaration.point not in found:
            found.append(declaration.point)
    return found


# --- Profile ------------------------------------------------------------------------------------------------------
def profile_of(plan: Plan, results: list[Result]) -> tuple[tuple[str, str, str], ...]:
    """Each cell environment × dimension: the highest level of its passed points, none, or not-applicable (27)."""
    cells = []
    for environment in ENVIRONMENTS:
        for dimension in DIMENSIONS:
            here = [p.code for p in plan.points if p.environment == environment and p.dimension == dimension]
            level = "none" if here else "not-applicable"
            for point in here:
                if is_at(results, point, "excellent"):
                    level = "excellent"
                elif is_at(results, point, "pass") and level == "none":
                    level = "pass"
            cells.append((environment, dimension, level))
    return tuple(cells)
