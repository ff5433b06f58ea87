"""What can be asked of programmes: documents, who is enrolled, what was assumed, where the next base is."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from weineng.kernel.actors import Actor, Permission
from weineng.kernel.clock import today
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.queries import home_leaves
from weineng.organisations.reach import same_people, units_below, units_within
from weineng.programmes.documents import from_json
from weineng.programmes.models import EnrolledSchool, Enrolment, Programme, Version
from weineng.programmes.rules import Assumption, Document

PLANS = Path(__file__).parent / "plans"  # the plans and bases that come with the platform


@lru_cache(maxsize=256)
def document_of(version: int) -> Document:
    """The document of a version (by id). A published document never changes, so each process keeps what it read."""
    return from_json(Version.objects.values_list("document", flat=True).get(pk=version))


def programme(code: str) -> Programme:
    """The programme of this code; refuses `not-found`."""
    return get_or_refuse(Programme.objects.all(), code=code)


def programmes_within(by: Actor, permission: Permission) -> QuerySet[Programme]:
    """The programmes whose owner is within reach, and, with the reach `own`, those one is enrolled in; newest first."""
    reached = Q(owner__in=units_within(by, permission)) | Q(pk__in=_run_for(by, permission))
    if permission.code in by.own and by.person is not None:
        reached |= Q(Exists(Enrolment.objects.filter(programme=OuterRef("pk"), person__in=same_people([by.person]))))
    rows = Programme.objects.filter(owner__isnull=False)
    return (rows if by.system else rows.filter(reached)).order_by("-pk")


def _run_for(by: Actor, permission: Permission) -> QuerySet[EnrolledSchool, Any]:
    """Programmes that schools within reach take part in."""
    return EnrolledSchool.objects.filter(unit__in=units_within(by, permission)).values("programme")


def latest_version(programme: int) -> Version:
    """The version published last, under which new enrolments start; refuses `not-found`."""
    return get_or_refuse(Version.objects.filter(programme=programme).order_by("-number"))


def document_in_force(programme: int) -> Document:
    """The document of the version published last."""
    return document_of(latest_version(programme).pk)


def assumptions(document: Document) -> tuple[Assumption, ...]:
    """The lines that are not in the plan's text, in the order of the document (PRG-9)."""
    return document.assumptions


def find_base(code: str) -> tuple[str, str] | None:
    """(file name, YAML) of a base: the published one, else the one that comes with the platform; None if there is none."""
    published = (
        Version.objects.filter(programme__code=code).order_by("-number").values_list("source", flat=True).first()
    )
    if published is not None:
        return f"{code}.yaml", published
    place = PLANS / f"{code}.yaml"
    known = {path.stem for path in PLANS.glob("*.yaml")}
    return (place.name, place.read_text(encoding="utf-8")) if code in known else None


def enrolments_at(programme: int, unit: int, on: date | None = None) -> QuerySet[Enrolment]:
    """The enrolments whose leaf is at or below `unit` on a date (semantics 29), those who left by then included."""
    when = on or today()
    below = units_below(frozenset({unit}), when).values("pk")
    person: Any = OuterRef("person")
    leaf = Subquery(home_leaves([person], when).values("leaf")[:1])
    return Enrolment.objects.filter(programme=programme).alias(leaf=leaf).filter(leaf__in=below).order_by("pk")
