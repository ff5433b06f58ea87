"""Where each person is counted on a day (semantics 29), and which facts that are placed by it may lie elsewhere now."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from weineng.kernel.clock import today
from weineng.organisations.models import Change, Closure, Person, Posting
from weineng.organisations.reach import same_people


def home_leaves(
    people: "QuerySet[Any, Any] | Iterable[int] | None" = None, on: date | None = None, *, facts: Sequence[str] = ()
) -> QuerySet[Any, Any]:
    """Where each person is counted on a date (semantics 29): rows `person`, `leaf` (unit ids), `leaf_kind`.

    `leaf_kind` is `group` (the group of the home posting), `no-group` (its school or office), or `unplaced`: without a
    home posting on that day, the unit of the last one before, else of the first one after; where that unit is closed,
    the nearest one above it that is open. Each person who ever had a post has exactly one row, merged records none.
    `facts` are columns of the posting that says so, to be told besides. `people` are ids or a QuerySet of ids; None means
    everybody. One DISTINCT ON over the postings: it can stand in a join.
    """
    rows = Posting.objects.filter(home=True)
    if people is not None:
        rows = rows.filter(person__in=people)
    return _one_each(rows, on or today(), facts)


def _one_each(rows: QuerySet[Posting], on: date, facts: Sequence[str]) -> QuerySet[Any, Any]:
    found = _nearest_first(rows, on)
    return (
        found.order_by("person", *found.query.order_by).distinct("person").values("person", "leaf", "leaf_kind", *facts)
    )


def leaves_of_all(on: date, *, facts: Sequence[str] = ()) -> tuple[str, list[Any]]:
    """`home_leaves` of everybody on a date, as a SELECT with its parameters, in a third of the time: of at most one home posting
    that holds (the database sees to that) none has to be found the nearest; only who has none is looked at as there."""
    own = "".join(f", p.{fact}" for fact in facts)
    without = Posting.objects.filter(home=True, person__in=RawSQL(_WITHOUT, [on, on]))  # noqa: S611 (our own text)
    rest, params = _one_each(without, on, facts).query.sql_with_params()
    return f"{_HOLDING.format(own=own)} union all ({rest})", [on, *params]


_HOLDING = """
select p.person_id, p.unit_id, case u.level when 'group' then 'group' else 'no-group' end{own}
  from organisations_posting p join organisations_unit u on u.id = p.unit_id
 where p.home and p.during @> %s"""
_WITHOUT = """
select p.person_id from organisations_posting p
 where p.home and not p.during @> %s
   and not exists (select from organisations_posting q where q.person_id = p.person_id and q.home and q.during @> %s)"""


def leaf_at(person: str, on: str) -> Subquery:
    """For a query over facts: the leaf, as in `home_leaves`, of the person in the column `person` on the date in `on`.

    A merged record is counted where the one is that was kept. Null for somebody who never had a post.
    """
    current = Person.objects.filter(pk=OuterRef(OuterRef(person))).values(current=Coalesce("merged_into", "id"))
    rows = Posting.objects.filter(home=True, person=Subquery(current))
    return Subquery(_nearest_first(rows, OuterRef(on)).values("leaf")[:1])


def _nearest_first(rows: QuerySet[Posting], when: date | OuterRef) -> QuerySet[Any, Any]:
    """Home postings with `leaf` and `leaf_kind` they mean on a date, the one that decides first."""
    inner = OuterRef(when) if isinstance(when, OuterRef) else when  # one query further inside
    open_above = (
        Closure.objects.filter(unit=OuterRef("unit"), during__contains=inner)
        .filter(Q(ancestor__closed_on__isnull=True) | Q(ancestor__closed_on__gt=inner))
        .order_by("depth")
        .values("ancestor")[:1]
    )
    return rows.annotate(
        leaf=Case(
            When(Q(during__contains=when), then=F("unit")), default=Subquery(open_above), output_field=BigIntegerField()
        ),
        leaf_kind=Case(
            When(Q(during__contains=when, unit__level="group"), then=Value("group")),
            When(Q(during__contains=when), then=Value("no-group")),
            default=Value("unplaced"),
            output_field=CharField(),
        ),
        here=ExpressionWrapper(Q(during__contains=when), output_field=BooleanField()),
        ended=Case(When(during__endswith__lte=when, then=F("during__endswith"))),  # null where it did not end before
    ).order_by(F("here").desc(), F("ended").desc(nulls_last=True), "during__startswith")


def placed_by(changes: Sequence[Change], person: str, on: str) -> Q:
    """The condition on facts, by the columns of their person and date, that these changes may have put at another leaf.

    Facts of a person whose posts changed, between the first and the last day that changed; and where a unit moved or was
    closed, facts of people below it on days on which they had no post (the others stay where their post is).
    """
    people = [change for change in changes if change.person_id is not None]
    units = [change for change in changes if change.unit_id is not None]
    concerned = Q(pk__in=[])
    if people:
        current = Person.objects.filter(pk__in={change.person_id for change in people})
        kept = current.values_list(Coalesce("merged_into", "id"))
        concerned |= Q(**{f"{person}__in": same_people(kept)}) & _between(people, on)
    if units:
        below = Closure.objects.filter(ancestor__in={change.unit_id for change in units}).values("unit")
        posts = Posting.objects.filter(home=True, unit__in=below).values("person")
        posted = Posting.objects.filter(home=True, person=OuterRef(person), during__contains=OuterRef(on))
        concerned |= Q(**{f"{person}__in": same_people(posts)}) & _between(units, on) & ~Q(Exists(posted))
    return concerned


def _between(changes: Sequence[Change], on: str) -> Q:
    """From the first day that any of these changes is about to the last; open where one is open."""
    spans = [change.during for change in changes if change.during is not None]
    firsts = [span.lower for span in spans if span.lower is not None]
    ends = [span.upper for span in spans if span.upper is not None]
    condition = Q()
    if len(firsts) == len(changes):
        condition &= Q(**{f"{on}__gte": min(firsts)})
    if len(ends) == len(changes):
        condition &= Q(**{f"{on}__lt": max(ends)})
    return condition
