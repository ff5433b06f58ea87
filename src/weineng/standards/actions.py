"""Load an edition of a standard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.reach import holds_at_root
from weineng.standards.models import Edition, Evidence, Indicator, Point
from weineng.standards.permissions import LOAD
from weineng.standards.rules import EditionFiles, in_languages, read_edition

Key = tuple[Any, ...]


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
    counts = [_write(Edition, [edition], {(edition.pk,): facts}, ("pk",))] if not made else [(1, 0, 0)]
    counts.append(_write_points(edition, files))
    points = dict(Point.objects.filter(edition=edition).values_list("code", "pk"))
    counts.append(_write_evidence(edition, files, points))
    evidence = {(e.point_id, e.seq): e.pk for e in Evidence.objects.filter(edition=edition)}
    counts.append(_write_indicators(edition, files, points, evidence))
    new, changed, same = (sum(column) for column in zip(*counts, strict=True))
    if new or changed:
        record(
            by=by, verb="standards.load", thing=edition, facts={"code": edition.code, "new": new, "changed": changed}
        )
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
    return _write(Point, Point.objects.filter(edition=edition), wanted, ("edition_id", "code"))


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
    return _write(Evidence, Evidence.objects.filter(edition=edition), wanted, ("edition_id", "point_id", "seq"))


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
    return _write(Indicator, there, wanted, ("evidence_id", "level", "number"))


def _write(
    model: type[Model], there: Iterable[Model], wanted: Mapping[Key, Mapping[str, Any]], key: tuple[str, ...]
) -> tuple[int, int, int]:
    """Make the rows of `there` be `wanted` (key values → fields); returns how many are new, changed, the same."""
    present = {tuple(getattr(row, name) for name in key): row for row in there}
    if gone := present.keys() - wanted.keys():
        message = _("%(count)s lines of this edition are not in the files any more; load them as another edition.")
        raise Refused("edition-lines-missing", message, count=len(gone))
    new = [model(**dict(zip(key, k, strict=True)), **fields) for k, fields in wanted.items() if k not in present]
    changed = [row for k, row in present.items() if any(getattr(row, n) != v for n, v in wanted[k].items())]
    for row in changed:
        for name, value in wanted[tuple(getattr(row, n) for n in key)].items():
            setattr(row, name, value)
    model._default_manager.bulk_create(new)
    if changed:
        model._default_manager.bulk_update(changed, list(next(iter(wanted.values()))))
    return len(new), len(changed), len(present) - len(changed)
