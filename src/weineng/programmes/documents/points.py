"""The points a document speaks of: those of its standard, its local ones, which of them may be chosen, their credits."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from weineng.programmes.documents.building import hundredths
from weineng.programmes.documents.folding import unknown
from weineng.programmes.documents.found import Found
from weineng.standards.rules import EDITIONS

Points = Mapping[str, Mapping[str, str]]  # code -> {"environment", "dimension"}
FindPoints = Callable[[str], Points | None]  # code of an edition -> its points, or None where it is not known


@dataclass(frozen=True)
class Choosable:
    """The points that may be chosen, and hundredths of a credit of each."""

    points: Points
    credits: Mapping[str, int]

    def with_values(self, axis: str, values: tuple[str, ...]) -> int:
        """How many of them have one of the values on an axis."""
        return sum(point[axis] in values for point in self.points.values())


@cache
def shipped_points(standard: str) -> Points | None:
    """The points of an edition that comes with the platform."""
    if standard not in {folder.name for folder in EDITIONS.iterdir()}:
        return None
    with (EDITIONS / standard / "points.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: {axis: row[axis] for axis in ("environment", "dimension")} for row in csv.DictReader(file)}


def choosable(plain: Mapping[str, Any], points: Points | None) -> Choosable | None:
    """What may be chosen under a document; None where its standard is not known."""
    if points is None:
        return None
    rules = plain["points"] or {"local": (), "credits": None, "credits_for": {}}
    every = {**points, **{point["code"]: point for point in rules["local"]}}
    only = {axis: values for axis, values in (plain["choice"]["from"] or {}).items() if values}
    open_to = {code: p for code, p in every.items() if all(p[axis] in values for axis, values in only.items())}
    credits_for = rules["credits_for"]
    return Choosable(open_to, {code: hundredths(credits_for.get(code, rules["credits"])) for code in open_to})


def check_points(plain: Mapping[str, Any], found: Found, points: Points | None) -> None:
    """Local points that are none, credits of points that are not there, credits asked for and never given."""
    rules = plain["points"]
    if rules is None or rules["credits"] is None:
        for path in _asking_for_credits(plain):
            found.at(path, "credits-missing")
    if rules is None:
        return
    local = {point["code"]: point for point in rules["local"]}
    for code, point in local.items():
        if code in (points or ()):
            found.at(f"points.local.{code}.code", "local-point-known", point=code)
        _evidence(point, f"points.local.{code}.evidence", found)
    if points is not None:
        for code in rules["credits_for"]:
            path = f"points.credits_for.{code}"
            if code not in {*points, *local}:
                found.problems.append(unknown("unknown-code", found.places[path], path, code, (*points, *local)))


def _asking_for_credits(plain: Mapping[str, Any]) -> list[str]:
    asking = [f"demands.{d['code']}" for d in plain["demands"] if d["type"] == "credits"]
    asking += ["choice.points.credits"] if plain["choice"]["points"]["credits"] else []
    rules = plain["points"]
    return asking + (["points.credits_for"] if rules and rules["credits_for"] else [])


def _evidence(point: Mapping[str, Any], path: str, found: Found) -> None:
    rated = [row for row in point["evidence"] if row["rated"]]
    if not rated:
        found.at(path, "nothing-rated")
    for row in rated:
        if not any(line["level"] == "pass" for line in row["indicators"]):
            found.at(f"{path}.{row['code']}", "indicator-missing")
