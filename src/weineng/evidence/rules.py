"""What a piece of evidence may consist of, by its media: which families of files, how large, how long, how many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from weineng.files.rules import MB, Limits, Problem, say_seconds
from weineng.standards.models import Evidence

LEVEL_NAMES: Mapping[str, object] = {"fail": _("not passed"), "pass": _("pass"), "excellent": _("excellent")}

CONSENTS = ("none-visible", "consent-held")
SHOWS_PEOPLE = ("video", "audio", "image", "archive")  # families in which pupils may be seen or heard
MOST_FILES = 12  # in one piece of evidence
MOST_TEXT = 4_000
LESSON_MINUTES = 47  # a full lesson of 45, and the time to start and stop the camera
SHORT_VIDEO = 500 * MB
LESSON_VIDEO = 1024 * MB
DOCUMENT = 50 * MB
_DOCUMENT = {"document": DOCUMENT, "image": DOCUMENT}
_FAMILIES: Mapping[str, Mapping[str, int]] = {
    "document": _DOCUMENT,
    "video": {"video": SHORT_VIDEO},
    "video_or_document": {"video": SHORT_VIDEO} | _DOCUMENT,
    "archive": {"archive": DOCUMENT},
    "file": _DOCUMENT | {"video": SHORT_VIDEO, "audio": DOCUMENT, "archive": DOCUMENT},
}


@dataclass(frozen=True)
class Span:
    """From when to when (seconds of the recording) a declared point can be seen."""

    point: str
    from_seconds: int
    to_seconds: int


def limits_of(evidence: Evidence, least_minutes: int = 0) -> Limits:
    """What may be uploaded for a piece of evidence, as it is said before; `least_minutes` that a recording must run."""
    if evidence.point_id is None:
        return Limits({"video": LESSON_VIDEO}, (evidence.max_minutes or LESSON_MINUTES) * 60, least_minutes * 60)
    longest = evidence.max_minutes * 60 if evidence.max_minutes is not None else None
    return Limits(dict(_FAMILIES[evidence.media]), longest)


@dataclass(frozen=True)
class File:
    """What counting needs of a file: its family, length, number of entries if it is an archive."""

    family: str
    seconds: int | None
    entries: int


def problem_of_number(evidence: Evidence, files: Sequence[File]) -> Problem | None:
    """Whether there are enough files, and whether films of a single piece are not too long together."""
    if not files:
        return Problem("item-missing")
    have = sum(file.entries for file in files) if evidence.media == "archive" else len(files)
    if have < evidence.min_count:
        return Problem("item-too-few", {"have": have, "least": evidence.min_count})
    longest = limits_of(evidence).max_seconds
    together = sum(file.seconds or 0 for file in files)
    if longest is not None and evidence.min_count == 1 and together > longest:
        return Problem("files-too-long", {"length": say_seconds(together), "limit": say_seconds(longest)})
    return None


def problem_of_declared(
    declared: Sequence[str], spans: Sequence[Span], chosen: frozenset[str], least: int, length: int | None
) -> Problem | None:
    """What is wrong with the points declared for a recording: number, choice, and the time of each (semantics 22).

    `length`: seconds of the recording, None while it is not there.
    """
    if len(set(declared)) < least:
        return Problem("declared-too-few", {"least": least})
    for point in declared:
        if point not in chosen:
            return Problem("declared-not-chosen", {"point": point})
        mine = [span for span in spans if span.point == point]
        if not mine:
            return Problem("span-missing", {"point": point})
        if any(problem_of_span(span, length) for span in mine):
            return Problem("span-wrong", {"point": point})
    return None


def problem_of_length(length: int | None, least_minutes: int) -> Problem | None:
    """Whether a recording (of so many seconds, None while it is not there) runs as long as the programme asks for."""
    if length is None or length >= least_minutes * 60:
        return None
    return Problem("recording-too-short", {"length": say_seconds(length), "limit": say_seconds(least_minutes * 60)})


def problem_of_span(span: Span, length: int | None) -> Problem | None:
    """Whether a span runs forward and lies within the recording."""
    if 0 <= span.from_seconds < span.to_seconds and (length is None or span.to_seconds <= length + 1):
        return None
    return Problem("span-wrong", {"point": span.point})
