"""The people behind a figure: the list is as long as the number says."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.organisations.models import Closure
from weineng.organisations.reach import require_unit
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_in_force
from weineng.progress.models import Standing
from weineng.progress.permissions import VIEW
from weineng.progress.queries.cuts import CutValue
from weineng.progress.queries.overviews import FINISHED, OUT, standings_then


@dataclass(frozen=True)
class PersonRow:
    """One line of the list behind a figure: how and where somebody stood on the figure's day."""

    enrolment: int
    person: int
    name: str
    verdict: str
    leaf: int | None


def people_behind(
    by: Actor,
    programme: int,
    unit: int,
    *,
    demand: str = "overall",
    verdict: str = "",
    participants: bool = False,
    leaf_kind: str = "",
    cut: CutValue | None = None,
    on: date | None = None,
) -> QuerySet[Enrolment]:
    """The enrolments behind one figure of `overview`, by name.

    `verdict` '' means the denominator (neither left nor exempt), 'finished' pass or better; `participants` only those; `leaf_kind` only the
    people of the unit itself who are counted there as that kind, else everybody below; `cut` only those of one row of `cuts_of`.
    Refuses `not-found`.
    """
    when = on or today()
    require_unit(by, VIEW, unit, when)
    document = document_in_force(programme)
    if when >= today(ZoneInfo(document.time_zone)):
        ids: Any = (
            _now(programme, unit, when, demand, leaf_kind)
            .filter(_wanted(verdict))
            .filter(cut.wanted(when) if cut else Q())
            .filter(**({"participant": True} if participants else {}))
            .values("enrolment")
        )
    else:
        then, params = standings_then(document, programme, when)
        condition, more = _then(unit, when, demand, verdict, leaf_kind)
        if cut is not None:
            narrowed, values = cut.condition(when)
            condition, more = f"{condition} and {narrowed}", [*more, *values]
        ids = RawSQL(  # noqa: S611 (composed of our own text; values are parameters)
            f"select enrolment from ({then}) past_day where {condition}{' and participant' if participants else ''}",
            [*params, *more],
        )
    return Enrolment.objects.filter(pk__in=ids).select_related("person").order_by("person__name_order", "pk")


def _now(programme: int, unit: int, on: date, demand: str, leaf_kind: str) -> QuerySet[Standing]:
    rows = Standing.objects.filter(programme=programme, demand=demand)
    if leaf_kind:
        return rows.filter(leaf=unit, leaf_kind=leaf_kind)
    below = Closure.objects.filter(ancestor=unit, during__contains=on)
    return rows.filter(leaf__in=below.values("unit"))


def _wanted(verdict: str) -> Q:
    if verdict == "finished":
        return Q(verdict__in=FINISHED)
    return Q(verdict=verdict) if verdict else ~Q(verdict__in=OUT)


def _then(unit: int, on: date, demand: str, verdict: str, leaf_kind: str) -> tuple[str, list[Any]]:
    conditions = ["demand = %s", "verdict = any(%s)" if verdict else "verdict <> all(%s)"]
    params: list[Any] = [demand, list(FINISHED) if verdict == "finished" else [verdict] if verdict else list(OUT)]
    if leaf_kind:
        return " and ".join([*conditions, "leaf = %s", "leaf_kind = %s"]), [*params, unit, leaf_kind]
    below = "leaf in (select unit_id from organisations_closure where ancestor_id = %s and during @> %s)"
    return " and ".join([*conditions, below]), [*params, unit, on]


def people_page(
    rows: QuerySet[Enrolment],
    *,
    demand: str = "overall",
    on: date | None = None,
    after: tuple[str, int] | None = None,
    size: int = 50,
) -> tuple[list[PersonRow], tuple[str, int] | None]:
    """One page of such a list, and where the next begins (None: this was the last).

    `on` is the figure's day: whoever has left since is shown as they stood then, not where they stand elsewhere now.
    `after` is what the page before returned: no page is skipped or seen twice, however long the list and whoever joins it.
    """
    if after is not None:
        name, pk = after
        rows = rows.filter(Q(person__name_order__gt=name) | Q(person__name_order=name, pk__gt=pk))
    found = list(rows[: size + 1])
    stands = _stands(found, demand, on)
    page = [PersonRow(e.pk, e.person_id, e.person.name, *stands[e.pk]) for e in found[:size]]
    last = found[size - 1] if len(found) > size else None
    return page, (last.person.name_order, last.pk) if last else None


def _stands(found: list[Enrolment], demand: str, on: date | None) -> dict[int, tuple[str, int | None]]:
    """Verdict and leaf of each of these enrolments of one programme on a date."""
    ids = [enrolment.pk for enrolment in found]
    document = document_in_force(found[0].programme_id) if found and on else None
    if document is None or on is None or on >= today(ZoneInfo(document.time_zone)):
        now = Standing.objects.filter(demand=demand, enrolment__in=ids).order_by("enrolment")
        return {pk: (verdict, leaf) for pk, verdict, leaf in now.values_list("enrolment", "verdict", "leaf")}
    then, params = standings_then(document, found[0].programme_id, on)
    with connection.cursor() as cursor:
        chosen = f"select enrolment, verdict, leaf from ({then}) past_day where demand = %s and enrolment = any(%s)"
        cursor.execute(chosen, [*params, demand, ids])
        return {pk: (verdict, leaf) for pk, verdict, leaf in cursor.fetchall()}
