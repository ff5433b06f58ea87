"""Load an edition of a standard."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound
from weineng.organisations.reach import holds_at_root
from weineng.standards.effects import copy_points, make_rows
from weineng.standards.models import Edition, Evidence, Indicator, Point
from weineng.standards.permissions import LOAD
from weineng.standards.rules import EditionFiles, in_languages, read_edition


@dataclass(frozen=True)
class Loaded:
    """What loading did: numbers of rows of all tables together."""

    edition: Edition
    new: int
    changed: int
    same: int


@transaction.atomic
def load_edition(*, by: Actor, folder: Path) -> Loaded:
    """Bring an edition in, or its corrections; the same folder a second time writes nothing.

    A standard holds for the whole installation, so the permission is asked for at a root of the tree. Refuses
    `edition-unreadable`, `edition-line-wrong`, `edition-lines-missing` (evidence may rest on what was there before: load
    another edition instead); `not-found` without the permission.
    """
    if not holds_at_root(by, LOAD):
        raise NotFound("standards.edition")
    files = read_edition(folder)
    facts = {
        "title": files.title,
        "note": files.note,
        "official": files.official,
        "published_on": files.published_on,
    }
    edition, made = Edition.objects.select_for_update(of=("self",)).get_or_create(code=files.code, defaults=facts)
    counts = [make_rows(Edition, [edition], {(edition.pk,): facts}, ("pk",))] if not made else [(1, 0, 0)]
    counts.append(_write_points(edition, files))
    points = dict(Point.objects.filter(edition=edition).values_list("code", "pk"))
    counts.append(_write_evidence(edition, files, points))
    evidence = {(e.point_id, e.seq): e.pk for e in Evidence.objects.filter(edition=edition)}
    counts.append(_write_indicators(edition, files, points, evidence))
    new, changed, same = (sum(column) for column in zip(*counts, strict=True))
    if new or changed:
        facts = {"code": edition.code, "new": new, "changed": changed}
        record(by=by, verb="standards.load", thing=edition, facts=facts)
        for other in edition.with_local_points.order_by("pk"):
            copy_points(edition, other)
    edition.refresh_from_db()
    return Loaded(edition, new, changed, same)


def _write_points(edition: Edition, files: EditionFiles) -> tuple[int, int, int]:
    wanted = {
        (edition.pk, row["code"]): {
            "environment": row["environment"],
            "dimension": row["dimension"],
            "title": in_languages(row),
            "place": place,
        }
        for place, row in enumerate(files.points, 1)
    }
    return make_rows(Point, Point.objects.filter(edition=edition), wanted, ("edition_id", "code"))


def _write_evidence(edition: Edition, files: EditionFiles, points: Mapping[str, int]) -> tuple[int, int, int]:
    wanted = {
        (edition.pk, points.get(row["point"]), int(row["seq"])): {
            "type": row["type"],
            "title": in_languages(row),
            "requirement": in_languages(row, "requirement_"),
            "media": row["media"],
            "max_minutes": int(row["max_minutes"]) if row["max_minutes"] else None,
            "min_count": int(row["min_count"]),
            "rated": row["rated"] == "yes",
            "provenance": row["provenance"],
        }
        for row in files.evidence
    }
    return make_rows(Evidence, Evidence.objects.filter(edition=edition), wanted, ("edition_id", "point_id", "seq"))


def _write_indicators(
    edition: Edition, files: EditionFiles, points: Mapping[str, int], evidence: Mapping[tuple[int | None, int], int]
) -> tuple[int, int, int]:
    wanted = {
        (evidence[points.get(row["point"]), int(row["seq"])], row["level"], int(row["number"])): {
            "text": in_languages(row),
            "provenance": row["provenance"],
        }
        for row in files.indicators
    }
    there = Indicator.objects.filter(evidence__edition=edition)
    return make_rows(Indicator, there, wanted, ("evidence_id", "level", "number"))
