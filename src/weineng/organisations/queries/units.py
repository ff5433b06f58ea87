"""A unit as it is told on a page: what it is and was, what stands below it, who is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from weineng.kernel.actors import Actor, Permission
from weineng.kernel.clock import today
from weineng.organisations.models import Closure, Edge, ExternalIdentifier, Person, Posting, Unit, UnitFlag, UnitName
from weineng.organisations.permissions import VIEW_PEOPLE, VIEW_UNIT
from weineng.organisations.queries.people import first_found, search_people
from weineng.organisations.queries.tree import are_many_below, children_of, still_open
from weineng.organisations.reach import people_below, people_within, require_unit, units_within

PERSONAL_NUMBERS = ("id-card", "passport")


@dataclass(frozen=True)
class UnitPage:
    """A unit with its dated history, each list newest first: what it was called, under whom it stood, which flags it bore."""

    unit: Unit
    parent: Unit | None
    names: tuple[UnitName, ...]
    moves: tuple[Edge, ...]
    flags: tuple[UnitFlag, ...]

    @property
    def last_move(self) -> date | None:
        """The day of the latest move, which can be taken back; None: it has stood where it was founded."""
        return self.moves[0].during.lower if len(self.moves) > 1 else None


def unit_page(by: Actor, unit: int) -> UnitPage:
    """One unit within reach; refuses `not-found`."""
    row = require_unit(by, VIEW_UNIT, unit)
    edges = tuple(Edge.objects.filter(child=row, kind="line").select_related("parent").order_by("-during"))
    parent = next((edge.parent for edge in edges if today() in edge.during), None)
    names = UnitName.objects.filter(unit=row).order_by("-during", "pk")
    flags = UnitFlag.objects.filter(unit=row).order_by("-during", "flag")
    return UnitPage(row, parent, tuple(names), edges, tuple(flags))


def units_under(by: Actor, unit: int, text: str = "", *, closed: bool = False) -> QuerySet[Unit]:
    """The units directly below one within reach; with `text`, all below whose name (also a former one) or code fits.
    `closed`: those that are closed today instead. Refuses `not-found`."""
    require_unit(by, VIEW_UNIT, unit)
    rows = children_of(unit, closed=True)
    if text:
        below = Closure.objects.filter(ancestor=unit, depth__gt=0, during__contains=today()).values("unit")
        named = Q(name__icontains=text) | Q(code=text) | Q(official_code=text)
        named |= Q(Exists(UnitName.objects.filter(unit=OuterRef("pk"), name__icontains=text)))
        rows = Unit.objects.filter(named, pk__in=below)
    open_today = still_open(today())
    return (rows.exclude(open_today) if closed else rows.filter(open_today)).order_by("place", "name", "pk")


def people_counts(units: Iterable[int]) -> Mapping[int, int]:
    """How many people have a post at or below each of these units today; two units may count the same person."""
    rows = Closure.objects.filter(ancestor__in=list(units), during__contains=today()).values("ancestor")
    here = Q(unit__postings__during__contains=today())
    counted = rows.annotate(people=Count("unit__postings__person", filter=here, distinct=True)).order_by("ancestor")
    return dict(counted.values_list("ancestor", "people"))


def candidate_units(by: Actor, permission: Permission, text: str = "") -> QuerySet[Unit]:
    """Open units in which `by` holds the permission, schools before their groups; with `text`, those whose name or code
    fits: what somebody or something can be moved to."""
    rows = units_within(by, permission).filter(still_open(today()))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(code=text) | Q(official_code=text))
    return rows.order_by("level", "place", "name", "pk")


def names_above(units: Iterable[int]) -> Mapping[int, str]:
    """The name of the unit directly above each of these units today."""
    edges = Edge.objects.filter(child__in=list(units), kind="line", during__contains=today()).order_by("pk")
    return dict(edges.values_list("child", "parent__name"))


# What may be missing of somebody: the name of the filter, and the condition on rows of `staff_of`.
LACKING: Mapping[str, Q] = {
    "group": Q(level="school"),
    "staff-number": Q(staff_number="") & ~Q(in_post=""),
    "subject": Q(subject="") & ~Q(in_post=""),
    "licence": Q(licence__isnull=True),
    "identity": Q(identified=False),
}


def staff_of(by: Actor, unit: int, text: str = "") -> QuerySet[Person]:
    """The people of a unit within reach: who has a post at or below it today, or had the last one there. With `text`, those
    whom `search_people` finds (below very many units the first 500 of them).

    Annotated with the post shown (the home one first): `post_id` (None without one today), `in_post` ('' likewise),
    `staff_number`, `subject`, `level` of its unit, and whether an identity number is known (`identified`).
    Refuses `not-found`.
    """
    require_unit(by, VIEW_PEOPLE, unit)
    below = Closure.objects.filter(ancestor=unit, during__contains=today()).values("unit")
    here = Posting.objects.filter(unit__in=below, person=OuterRef("pk"), during__contains=today())
    first = here.order_by("-home", "pk")
    numbers = ExternalIdentifier.objects.filter(person=OuterRef("pk"), type__in=PERSONAL_NUMBERS, valid_to__isnull=True)
    rows = people_within(by, VIEW_PEOPLE).filter(pk__in=people_below({unit}))
    if text and are_many_below({unit}):
        rows = rows.filter(pk__in=first_found(by, text)[0])
    elif text:
        rows = rows.filter(pk__in=search_people(by, text).order_by().values("pk"))
    return rows.annotate(
        post_id=Subquery(first.values("pk")[:1]),
        in_post=_of(first, "in_post"),
        staff_number=_of(first, "staff_number"),
        subject=_of(first, "subject"),
        level=_of(first, "unit__level"),
        identified=Exists(numbers),
    ).order_by("name_order", "pk")


def _of(posts: QuerySet[Posting], field: str) -> Coalesce:
    return Coalesce(Subquery(posts.values(field)[:1]), Value(""))
