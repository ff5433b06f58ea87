"""What a programme writes down to the standards: the edition that has its local points beside those of its standard."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from weineng.audit.models import Line
from weineng.kernel.refusals import Refused
from weineng.kernel.words import spoken
from weineng.standards.models import Edition, Evidence, Indicator, Point
from weineng.standards.rules import LocalPoint, edition_with

Key = tuple[Any, ...]
# Of a piece of evidence, as another edition takes it over.
COPIED = ("type", "title", "requirement", "media", "max_minutes", "min_count", "rated", "provenance")
FROM_PROGRAMME = "programme"  # provenance of what a programme's document says itself


def keep_edition_with(*, cause: Line, standard: str, local: Sequence[LocalPoint]) -> Edition:
    """The edition with the points of `standard` (an edition that is there) and these local ones after them; made when it is
    first asked for, by one at a time. Without local points it is the standard's own."""
    base = Edition.objects.select_for_update(of=("self",)).get(code=standard)
    there = Edition.objects.filter(code=edition_with(standard, local)).first()
    if there is not None:
        return there
    words, codes = spoken(_("local points")), ", ".join(point.code for point in local)
    title = {language: f"{text} + {words[language]} {codes}" for language, text in base.title.items()}
    made = Edition.objects.create(
        code=edition_with(standard, local), title=title, note=base.note, official=False, published_on=cause.at.date(), made_of=base
    )  # fmt: skip
    copy_points(base, made)
    after = Point.objects.filter(edition=made).count()
    for place, one in enumerate(local, after + 1):
        _write_point(made, one, place)
    return made


def _write_point(edition: Edition, one: LocalPoint, place: int) -> None:
    point = Point.objects.create(
        edition=edition, code=one.code, environment=one.environment, dimension=one.dimension, title=dict(one.title), place=place,
        local=True,
    )  # fmt: skip
    for seq, piece in enumerate(one.evidence, 1):
        evidence = Evidence.objects.create(
            edition=edition, point=point, seq=seq, type=piece.code, title=dict(piece.title), requirement=dict(piece.requirement),
            media=piece.media, max_minutes=piece.longest_minutes, min_count=piece.at_least, rated=piece.rated,
            provenance=FROM_PROGRAMME,
        )  # fmt: skip
        Indicator.objects.bulk_create(
            Indicator(
                evidence=evidence, level=line.level, number=number, text=dict(line.text), provenance=FROM_PROGRAMME
            )
            for number, line in enumerate(piece.indicators, 1)
        )


def copy_points(base: Edition, edition: Edition) -> None:
    """Make the points that an edition has of its `base`, with evidence and rubrics, what they are there; its local ones stay."""
    local = set(Point.objects.filter(edition=edition, local=True).values_list("code", flat=True))
    theirs = Point.objects.filter(edition=base).exclude(code__in=local)
    of_point = ("environment", "dimension", "title", "place")
    wanted: dict[Key, dict[str, Any]]
    wanted = {
        (edition.pk, row.code): {name: getattr(row, name) for name in of_point} for row in theirs.order_by("place")
    }
    make_rows(Point, Point.objects.filter(edition=edition, local=False), wanted, ("edition_id", "code"))
    points = dict(Point.objects.filter(edition=edition).values_list("code", "pk"))
    at = {row.pk: points[row.code] for row in theirs.order_by("place")}
    asked = Evidence.objects.filter(Q(point__in=at) | Q(point__isnull=True), edition=base).order_by("pk")
    pieces = {row.pk: (edition.pk, at.get(row.point_id), row.seq) for row in asked}  # type: ignore[arg-type]  # None is in none
    made = Evidence.objects.filter(Q(point__local=False) | Q(point__isnull=True), edition=edition)
    wanted = {pieces[row.pk]: {name: getattr(row, name) for name in COPIED} for row in asked}
    make_rows(Evidence, made, wanted, ("edition_id", "point_id", "seq"))
    known = {(row.edition_id, row.point_id, row.seq): row.pk for row in made.all()}
    lines = Indicator.objects.filter(evidence__in=pieces).order_by("pk")
    wanted = {
        (known[pieces[row.evidence_id]], row.level, row.number): {"text": row.text, "provenance": row.provenance}
        for row in lines
    }
    make_rows(Indicator, Indicator.objects.filter(evidence__in=made), wanted, ("evidence_id", "level", "number"))


def make_rows(
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
