"""What can be asked of a standard: its editions, points, evidence, rubrics, and the grid they form."""

from dataclasses import dataclass

from django.db.models import QuerySet

from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import get_or_refuse
from weineng.standards.models import Edition, Evidence, Point
from weineng.standards.rules import DIMENSIONS, ENVIRONMENTS


def editions() -> QuerySet[Edition]:
    """All editions, newest first; those that a programme's local points make are reached from the programme."""
    return Edition.objects.filter(made_of__isnull=True).order_by("-published_on", "code")


def edition(code: str) -> Edition:
    """The edition of this code; refuses `not-found`."""
    return get_or_refuse(Edition.objects.all(), code=code)


def points_of(edition: Edition) -> QuerySet[Point]:
    """Its points, in the standard's order."""
    return Point.objects.filter(edition=edition).order_by("place")


def evidence_of(edition: Edition, point: str) -> QuerySet[Evidence]:
    """What a point (by its code) asks for, in order, with `indicators` fetched; empty where there is no such point."""
    return _with_rubric(Evidence.objects.filter(edition=edition, point__code=point))


def recording_evidence(edition: Edition) -> Evidence:
    """What the classroom recording asks for, with its rubric; refuses `not-found` where the edition has none."""
    found = _with_rubric(Evidence.objects.filter(edition=edition, point__isnull=True)).first()
    if found is None:
        raise NotFound("standards.evidence")
    return found


def _with_rubric(rows: QuerySet[Evidence]) -> QuerySet[Evidence]:
    return rows.select_related("point").prefetch_related("indicators").order_by("seq")


@dataclass(frozen=True)
class Cell:
    """One cell of the grid; `points` may be empty: smart × learner analysis has none."""

    environment: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class GridRow:
    """The points of one dimension, environment by environment."""

    dimension: str
    title: object
    cells: tuple[Cell, ...]


def grid(edition: Edition) -> tuple[GridRow, ...]:
    """Dimensions × environments with the points of each cell; one query."""
    points = list(points_of(edition))
    return tuple(
        GridRow(
            dimension=dimension,
            title=title,
            cells=tuple(
                Cell(code, tuple(p for p in points if (p.dimension, p.environment) == (dimension, code)))
                for code in ENVIRONMENTS
            ),
        )
        for dimension, title in DIMENSIONS.items()
    )
