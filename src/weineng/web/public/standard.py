"""The standard, readable by everybody: the grid of points, each point with evidence and rubric, the recording."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import NotFound
from weineng.kernel.words import word_for
from weineng.standards import queries
from weineng.standards.models import Edition, Evidence, Indicator, Point
from weineng.standards.rules import DIMENSIONS, ENVIRONMENTS
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import public, show

MEDIA = {
    "document": _("document"),
    "video": _("video"),
    "video_or_document": _("video or document"),
    "archive": _("files, packed"),
    "file": _("file"),
}
SOURCES = {
    "found": ("done", _("from a published source")),
    "memory-medium": ("waiting", _("from memory, to be checked")),
    "programme": ("info", _("of the programme’s own document")),
    "proposal": ("draft", _("proposal of this edition")),
}


@dataclass(frozen=True)
class Asking:
    """One piece of evidence as shown: what is asked, in what form, by which lines it is judged."""

    evidence: Evidence
    media: object
    source: tuple[str, object]
    passing: list[Indicator]
    excellent: list[Indicator]


def asking(evidence: Evidence) -> Asking:
    """The lines of a rubric by level, in order."""
    lines = sorted(evidence.indicators.all(), key=lambda line: line.number)
    return Asking(
        evidence,
        MEDIA.get(evidence.media, evidence.media),
        SOURCES.get(evidence.provenance, ("info", evidence.provenance)),
        [line for line in lines if line.level == "pass"],
        [line for line in lines if line.level == "excellent"],
    )


@public
def standards(request: Asked) -> HttpResponse:
    """The editions; with only one, straight to it."""
    found = list(queries.editions())
    if len(found) == 1:
        return redirect("public:standard", edition=found[0].code)
    return show(request, "public/standards.html", {"editions": found})


@public
def edition(request: Asked, edition: str) -> HttpResponse:
    """All points of an edition as a grid: dimensions down, environments across."""
    found = queries.edition(edition)
    rows = queries.grid(found)
    return show(
        request,
        "public/standard.html",
        {
            "edition": found,
            "rows": rows,
            "environments": ENVIRONMENTS.items(),
            "count": sum(len(c.points) for r in rows for c in r.cells),
        },
    )


@public
def point(request: Asked, edition: str, point: str) -> HttpResponse:
    """One point: what it asks for and how it is judged, with the points before and after it."""
    found = queries.edition(edition)
    points = list(queries.points_of(found))
    place = next((index for index, one in enumerate(points) if one.code == point), None)
    if place is None:
        raise NotFound("standards.point")
    here = points[place]
    return show(
        request,
        "public/point.html",
        {
            "edition": found, "point": here, "environment": ENVIRONMENTS[here.environment],
            "dimension": DIMENSIONS[here.dimension], "asked": [asking(one) for one in queries.evidence_of(found, point)],
            "before": points[place - 1] if place else None, "after": points[place + 1] if place + 1 < len(points) else None,
            "crumbs": _crumbs(found, here, points),
        },
    )  # fmt: skip


@public
def recording(request: Asked, edition: str) -> HttpResponse:
    """The classroom recording, which belongs to no single point, and its rubric."""
    found = queries.edition(edition)
    one = asking(queries.recording_evidence(found))
    return show(request, "public/recording.html", {"edition": found, "one": one, "crumbs": _crumbs(found, None, [])})


def _crumbs(edition: Edition, here: Point | None, points: list[Point]) -> list[dict[str, object]]:
    beside = [one for one in points if here and one.environment == here.environment and one.pk != here.pk]
    language = get_language() or ""
    return [
        {"text": _("The standard"), "url": "../"},
        {
            "text": here.code if here else _("Classroom recording"),
            "siblings": [(f"{one.code} {word_for(one.title, language)}", f"../{one.code}/") for one in beside],
        },
    ]
