"""What an edition of a standard is made of, read from its folder: one page of facts and three tables."""

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused
from weineng.kernel.words import Words

ENVIRONMENTS: Mapping[str, object] = {
    "multimedia": _("Multimedia teaching environment"),
    "blended": _("Blended learning environment"),
    "smart": _("Smart learning environment"),
}
DIMENSIONS: Mapping[str, object] = {
    "learner-analysis": _("Learner analysis"),
    "teaching-design": _("Teaching design"),
    "learning-guidance": _("Learning guidance"),
    "academic-assessment": _("Academic assessment"),
}
AXES: Mapping[str, Mapping[str, object]] = {"dimension": DIMENSIONS, "environment": ENVIRONMENTS}
MEDIA = ("document", "video", "video_or_document", "archive", "file")
LEVELS = ("pass", "excellent")
EDITIONS = Path(__file__).parent / "data"  # one folder per edition that comes with the platform

Row = Mapping[str, str]


@dataclass(frozen=True)
class EditionFiles:
    """An edition as its folder says it: the facts of edition.yaml and the rows of the three tables, checked."""

    code: str
    title: Mapping[str, str]
    note: Mapping[str, str]
    official: bool
    published_on: date
    points: tuple[Row, ...]
    evidence: tuple[Row, ...]
    indicators: tuple[Row, ...]


@dataclass(frozen=True)
class LocalIndicator:
    """One line of the rubric of a piece of evidence of a local point."""

    code: str
    level: Literal["pass", "excellent"]
    text: Words


@dataclass(frozen=True)
class LocalEvidence:
    """One piece of evidence that a local point asks for, as the standard says it of its own points."""

    code: str
    title: Words
    requirement: Words
    media: str
    rated: bool
    at_least: int  # files
    longest_minutes: int | None  # of video or sound
    indicators: tuple[LocalIndicator, ...]


@dataclass(frozen=True)
class LocalPoint:
    """A capability point that is not in the standard: chosen, opened, judged and counted like those that are."""

    code: str
    title: Words
    environment: str
    dimension: str
    evidence: tuple[LocalEvidence, ...]


def edition_with(standard: str, local: Sequence[LocalPoint]) -> str:
    """Code of the edition that has the points of `standard` and these local ones: the same points, the same edition."""
    if not local:
        return standard
    said = json.dumps([asdict(point) for point in local], sort_keys=True, ensure_ascii=False)
    return f"{standard[:27]}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def read_edition(folder: Path) -> EditionFiles:
    """Read a folder with edition.yaml, points.csv, evidence.csv and indicators.csv (UTF-8, languages in columns hans, hant, en).

    Refuses `edition-unreadable`, `edition-line-wrong` (file, line, column).
    """
    try:
        facts = yaml.load((folder / "edition.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
        files = EditionFiles(
            code=str(facts["code"]),
            title=dict(facts["title"]),
            note=dict(facts["note"]),
            official=bool(facts["official"]),
            published_on=facts["published_on"],
            points=_rows(folder / "points.csv"),
            evidence=_rows(folder / "evidence.csv"),
            indicators=_rows(folder / "indicators.csv"),
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, csv.Error) as error:
        raise Refused(
            "edition-unreadable", _("The edition's folder cannot be read: %(error)s"), error=str(error)
        ) from error
    _check(files)
    return files


def in_languages(row: Row, prefix: str = "") -> dict[str, str]:
    """The text of a row in three languages, from its columns hans, hant and en."""
    return {"zh-hans": row[f"{prefix}hans"], "zh-hant": row[f"{prefix}hant"], "en": row[f"{prefix}en"]}


def _rows(place: Path) -> tuple[Row, ...]:
    with place.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _check(files: EditionFiles) -> None:
    points = {row["code"] for row in files.points}
    asked = {(row["point"], row["seq"]) for row in files.evidence}
    _once([row["code"] for row in files.points], "points.csv", "code")
    for line, row in enumerate(files.points, 2):
        _need(row["environment"] in ENVIRONMENTS, "points.csv", line, "environment")
        _need(row["dimension"] in DIMENSIONS, "points.csv", line, "dimension")
    for line, row in enumerate(files.evidence, 2):
        _need(row["point"] in points or row["point"] == "", "evidence.csv", line, "point")
        _need(row["media"] in MEDIA, "evidence.csv", line, "media")
        _need(row["rated"] in ("yes", "no"), "evidence.csv", line, "rated")
        for column in ("seq", "min_count", "max_minutes"):
            _need(row[column].isdecimal() or (column, row[column]) == ("max_minutes", ""), "evidence.csv", line, column)
    for line, row in enumerate(files.indicators, 2):
        _need((row["point"], row["seq"]) in asked, "indicators.csv", line, "point")
        _need(row["level"] in LEVELS, "indicators.csv", line, "level")
        _need(row["number"].isdecimal(), "indicators.csv", line, "number")
    _once([(row["point"], row["seq"]) for row in files.evidence], "evidence.csv", "seq")
    keys = [(row["point"], row["seq"], row["level"], row["number"]) for row in files.indicators]
    _once(keys, "indicators.csv", "number")


def _need(right: bool, file: str, line: int, column: str) -> None:  # noqa: FBT001 (an assertion's first argument)
    if not right:
        message = _("%(file)s, line %(line)s: the value in column “%(column)s” is wrong.")
        raise Refused("edition-line-wrong", message, file=file, line=line, column=column)


def _once(keys: Sequence[object], file: str, column: str) -> None:
    seen: set[object] = set()
    for line, key in enumerate(keys, 2):
        _need(key not in seen, file, line, column)
        seen.add(key)
