"""How far schools and counties are (semantics 30), on any date under the tree, the plans and the figures of that date."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db import connection

from weineng.assessment.models import Acceptance
from weineng.planning.models import SchoolPlan
from weineng.programmes.models import EnrolledSchool, Programme
from weineng.programmes.rules import Document
from weineng.progress.queries import Reached, reached_in

STATES = ("not-begun", "started", "completed")  # each later one holds for what was said of the earlier ones
SHARE_OF_A_COUNTY = 100  # per cent of its schools, where a document does not say when a county is completed


@dataclass(frozen=True)
class SchoolState:
    """One school on a day. `batch` '': it does not take part. `lacks`: what keeps it from being completed:
    `not-enrolled`, `batch-not-begun`, `plan-missing`, `share-short`, `not-accepted`."""

    unit: int
    name: str
    city: int | None
    county: int | None
    flags: frozenset[str]
    batch: str
    begun: bool
    plan: bool
    reached: Reached
    state: str
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class CountyState:
    """One county on a day, with its schools by how far they are. `plans`: schools that make it started."""

    unit: int
    name: str
    city: int | None
    flags: frozenset[str]
    schools: int
    started: int  # or completed
    completed: int
    plans: int
    state: str

    @property
    def under_way(self) -> int:
        """Schools that are started and not completed."""
        return self.started - self.completed


class StatesOn:
    """The states of everything at or below a unit on a day, worked out once each. The caller has narrowed the reach."""

    def __init__(self, programme: Programme, document: Document, unit: int, on: date) -> None:
        self.programme, self.document, self.unit, self.on = programme, document, unit, on

    @cached_property
    def schools(self) -> Mapping[int, SchoolState]:
        """By id, in the order of the tree: those that could take part (semantics 30 counts them whether they do or not)."""
        rows = self._rows()
        figures = reached_in(self.document, self.programme.pk, [row.unit for row in rows], self.on)
        begun = {phase.code for phase in self.document.phases if phase.starts <= self.on}
        return {row.unit: _state_of(self.document, row, figures.get(row.unit, Reached()), begun) for row in rows}

    @cached_property
    def counties(self) -> Mapping[int, CountyState]:
        """By id, in the order of names."""
        schools: dict[int, list[SchoolState]] = {}
        for school in self.schools.values():
            if school.county is not None:
                schools.setdefault(school.county, []).append(school)
        return {
            row.unit: _county(self.document, row, schools.get(row.unit, []))
            for row in _units(self.unit, self.on, "county", [])
        }

    def _rows(self) -> "list[_Row]":
        kinds = [kind for kind in self.document.scope.kinds if kind != "office"]
        rows = _units(self.unit, self.on, "school", kinds)
        places = [row.unit for row in rows]
        batches, planned = _batches(self.programme.pk, places, self.on), _planned(self.programme.pk, places, self.on)
        signed = _accepted(self.programme.pk, self.document, places, self.on)
        return [
            replace(row, batch=batches.get(row.unit, ""), plan=row.unit in planned, accepted=row.unit in signed)
            for row in rows
        ]


@dataclass(frozen=True)
class _Row:
    unit: int
    name: str
    city: int | None
    county: int | None
    flags: frozenset[str]
    batch: str = ""
    plan: bool = False
    accepted: bool = False


def _state_of(document: Document, row: _Row, reached: Reached, begun: Collection[str]) -> SchoolState:
    rules, is_begun = document.units, row.batch in begun
    lacks = [
        *(["not-enrolled"] if not row.batch else [] if is_begun else ["batch-not-begun"]),
        *(["plan-missing"] if rules.school_completed_with_plan and not row.plan else []),
        *([] if reached.reaches(document.completed_share) else ["share-short"]),
        *(["not-accepted"] if rules.school_completed_accepted and not row.accepted else []),
    ]
    started = bool(row.batch) and (row.plan if rules.school_started_with_plan else is_begun)
    state = "completed" if not lacks else "started" if started else "not-begun"
    return SchoolState(
        row.unit, row.name, row.city, row.county, row.flags, row.batch, is_begun, row.plan, reached, state, tuple(lacks)
    )


def _county(document: Document, row: _Row, schools: Collection[SchoolState]) -> CountyState:
    rules = document.units
    plans = sum(1 for s in schools if s.batch and s.plan and (s.begun or not rules.county_started_in_begun_batch))
    completed = sum(1 for s in schools if s.state == "completed")
    share = SHARE_OF_A_COUNTY if rules.county_completed_schools is None else rules.county_completed_schools
    done = bool(schools) and 100 * completed >= share * len(schools)
    return CountyState(
        row.unit, row.name, row.city, row.flags, len(schools), sum(1 for s in schools if s.state != "not-begun"), completed,
        plans, "completed" if done else "started" if plans >= rules.county_started_plans else "not-begun",
    )  # fmt: skip


def _units(unit: int, on: date, level: str, kinds: Collection[str]) -> list[_Row]:
    """The units of a level at or below `unit` on a day, of some kinds ([]: of any), with the city and county above and
    the flags they bore."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select u.id, u.name, max(a.id) filter (where a.level = 'city'),
                   max(a.id) filter (where a.level = 'county'),
                   coalesce(array_agg(distinct f.flag) filter (where f.flag is not null), '{}')
              from organisations_closure c
              join organisations_unit u on u.id = c.unit_id and u.level = %(level)s and (%(kinds)s = '{}' or u.kind = any(%(kinds)s))
              join organisations_closure up on up.unit_id = u.id and up.during @> %(on)s
              join organisations_unit a on a.id = up.ancestor_id
              left join organisations_unitflag f on f.unit_id = u.id and f.during @> %(on)s
             where c.ancestor_id = %(unit)s and c.during @> %(on)s
               and (u.closed_on is null or u.closed_on > %(on)s) and (u.opened_on is null or u.opened_on <= %(on)s)
             group by u.id order by u.place, u.name, u.id""",
            {"level": level, "kinds": list(kinds), "on": on, "unit": unit},
        )
        return [_Row(pk, name, city, county, frozenset(flags)) for pk, name, city, county, flags in cursor.fetchall()]


def _batches(programme: int, schools: Collection[int], on: date) -> dict[int, str]:
    rows = EnrolledSchool.objects.filter(programme=programme, unit__in=schools).taking_part(on)
    return dict(rows.order_by("unit").values_list("unit", "batch"))


def _planned(programme: int, schools: Collection[int], on: date) -> set[int]:
    """Schools whose plan had been approved by a day; what was taken back was not."""
    rows = SchoolPlan.objects.filter(programme=programme, unit__in=schools, approved_on__lte=on)
    return set(rows.filter(state__in=("approved", "filed", "superseded")).values_list("unit", flat=True))


def _accepted(programme: int, document: Document, schools: Collection[int], on: date) -> set[int]:
    """Schools whose results every accepting stage had signed by the end of a day; none where no such thing is asked."""
    if not document.units.school_completed_accepted:
        return set()
    stages = [stage.code for stage in document.stages if stage.does == "accepts"]
    ended = datetime.combine(on + timedelta(days=1), time(), ZoneInfo(document.time_zone))
    rows = Acceptance.objects.filter(
        programme=programme, stage__in=stages, unit__in=schools, state="accepted", decided_at__lt=ended
    )
    signed = Counter(rows.values_list("unit", flat=True))
    return {school for school, count in signed.items() if count == len(stages)}
