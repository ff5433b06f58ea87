"""The roll-out against its plan: each step with what is there, what is needed and what is late; and what may be sent on.

Denominators of units are those of the step's first day, or of the day on which the programme started where that is later
(semantics 30); units founded later are told apart. People's denominators are those of the day (semantics 29).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.utils.translation import get_language

from weineng.insight.queries.states import CountyState, SchoolState, StatesOn
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.kernel.words import word_for
from weineng.organisations.models import Unit
from weineng.organisations.reach import require_unit
from weineng.programmes.documents import said_of_target
from weineng.programmes.models import Programme
from weineng.programmes.queries import document_in_force
from weineng.programmes.rules import Quota, Target
from weineng.progress.permissions import VIEW
from weineng.progress.queries import Reached, reached_in
from weineng.progress.queries.overviews import OUT, standings_then

UnitState = SchoolState | CountyState


@dataclass(frozen=True)
class Step:
    """One step of the roll-out in one unit, as it stands on a day, at the latest on its last.

    `of`: how many units or people it speaks of; `need`: None where the document gives a number to the whole only.
    `by_share`: how many its share would be, where a number and a share are both said (the number counts); `number_of_whole`: the
    number speaks of all the programme, not of this unit. `later`: units in
    the state that were founded after the denominator was taken. `state`: to-come, running, reached, missed. `inside`,
    `missing`: the units behind the two numbers; of people there are none here."""

    target: Target
    text: str
    unit: int
    name: str
    on: date
    of: int
    have: int
    need: int | None
    by_share: int | None
    number_of_whole: bool
    later: int
    state: str
    inside: tuple[UnitState, ...]
    missing: tuple[UnitState, ...]


@dataclass(frozen=True)
class Allowance:
    """How many a unit may send on: `base` are its participants (of the year)."""

    quota: Quota
    title: str
    unit: int
    name: str
    base: int
    allowed: int


@dataclass(frozen=True)
class RollOut:
    """Everything of a unit on a day: the states, the steps, the quotas. `schools`, `counties` by id."""

    unit: Unit
    on: date
    schools: Mapping[int, SchoolState]
    counties: Mapping[int, CountyState]
    steps: tuple[Step, ...]
    allowances: tuple[Allowance, ...]


def roll_out(by: Actor, programme: Programme, unit: int, on: date | None = None) -> RollOut:
    """How far a unit is on a day (default: today), and where it stands against the plan. Refuses `not-found`."""
    when = on or today()
    found = require_unit(by, VIEW, unit, when)
    looks = _Looks(programme, unit)
    now, language = looks.on(when), get_language() or "en"
    steps = [
        step
        for target in looks.document.targets
        for place, name in looks.places(target.under, found, when)
        if (step := _Stepping(looks, target, place, name, when, language).step()) is not None
    ]
    allowances = [one for quota in looks.document.quotas for one in _allowances(looks, quota, found, when, language)]
    return RollOut(found, when, now.schools, now.counties, tuple(steps), tuple(allowances))


def states_in(by: Actor, programme: Programme, unit: int, on: date | None = None) -> StatesOn:
    """How far the schools and counties of a unit are on a day (default: today), and nothing of the plan. Refuses `not-found`."""
    require_unit(by, VIEW, unit, on or today())
    return _Looks(programme, unit).on(on or today())


def step_in(by: Actor, programme: Programme, unit: int, on: date, *, code: str, place: int) -> Step:
    """One step of the roll-out as `roll_out` says it: by the code of its target and the unit it speaks of. Refuses `not-found`,
    also of a step that there is not."""
    found = require_unit(by, VIEW, unit, on)
    looks, language = _Looks(programme, unit), get_language() or "en"
    for target in looks.document.targets:
        names = dict(looks.places(target.under, found, on)) if target.code == code else {}
        step = _Stepping(looks, target, place, names[place], on, language).step() if place in names else None
        if step is not None:
            return step
    raise NotFound("programmes.target")


class _Looks:
    """The states on each day that somebody asks for, each worked out once."""

    def __init__(self, programme: Programme, unit: int) -> None:
        self.programme, self.unit = programme, unit
        self.document = document_in_force(programme.pk)
        self.days: dict[date, StatesOn] = {}

    def on(self, day: date) -> StatesOn:
        if day not in self.days:
            self.days[day] = StatesOn(self.programme, self.document, self.unit, day)
        return self.days[day]

    def places(self, level: str, here: Unit, on: date) -> list[tuple[int, str]]:
        """The unit itself, or those of a level at or below it."""
        if not level:
            return [(here.pk, here.name)]
        rows = Unit.objects.filter(level=level, closure_up__ancestor=here.pk, closure_up__during__contains=on)
        return list(rows.order_by("place", "name", "pk").values_list("pk", "name"))


class _Stepping:
    """Works out one step in one unit."""

    def __init__(self, looks: _Looks, target: Target, place: int, name: str, on: date, language: str) -> None:
        self.looks, self.target, self.place, self.name, self.on = looks, target, place, name, on
        self.text = said_of_target(looks.document, target, language)
        started = looks.programme.started_on or target.starts
        self.until = min(on, target.ends)
        self.first = min(max(target.starts, started), self.until) if on >= target.starts else on
        self.before = target.starts - timedelta(days=1)

    def step(self) -> Step | None:
        """None where there is nothing that the step speaks of."""
        return self._people() if self.target.of == "teachers" else self._units()

    def _units(self) -> Step | None:
        of = self._in_scope(self.first)
        there = {pk for pk, one in self._in_scope(self.until).items() if self._is_there(one)} if self._begun else set()
        if self.target.per == "period" and self._begun:
            there -= {pk for pk, one in self._in_scope(self.before, flagged=False).items() if self._is_there(one)}
        if not of and not there:
            return None
        then = self._in_scope(self.until, flagged=False)  # what has closed since is told as it was
        inside = [then.get(pk, one) for pk, one in of.items() if pk in there]
        missing = [then.get(pk, one) for pk, one in of.items() if pk not in there]
        return self._step(len(of), len(inside), later=len(there) - len(inside), inside=inside, missing=missing)

    def _people(self) -> Step | None:
        now, was = self._reached(self.until), Reached()
        if self.target.per == "period" and self._begun:
            was = self._reached(self.before)
        have = max(0, self._counted(now) - self._counted(was)) if self._begun else 0
        return self._step(now.people, have) if now.people else None

    def _counted(self, reached: Reached) -> int:
        return reached.passed if self.target.state == "completed" else reached.participants

    @property
    def _begun(self) -> bool:
        return self.on >= self.target.starts

    def _reached(self, day: date) -> Reached:
        """The figures of the people the step speaks of: of a flag, those of the schools that bore it."""
        if not self.target.flag:
            return reached_in(self.looks.document, self.looks.programme.pk, [self.place], day).get(
                self.place, Reached()
            )
        found = [one.reached for one in self._schools(day).values() if self.target.flag in one.flags]
        return Reached(sum(r.people for r in found), sum(r.participants for r in found), sum(r.passed for r in found))

    def _in_scope(self, day: date, *, flagged: bool = True) -> Mapping[int, UnitState]:
        rows: Mapping[int, UnitState] = self._counties(day) if self.target.of == "counties" else self._schools(day)
        return {pk: one for pk, one in rows.items() if not flagged or self.target.flag in ("", *one.flags)}

    def _schools(self, day: date) -> Mapping[int, SchoolState]:
        rows = self.looks.on(day).schools
        under = self.target.under
        return {pk: one for pk, one in rows.items() if not under or getattr(one, under) == self.place}

    def _counties(self, day: date) -> Mapping[int, CountyState]:
        rows = self.looks.on(day).counties
        return {pk: one for pk, one in rows.items() if self.target.under != "city" or one.city == self.place}

    def _is_there(self, one: UnitState) -> bool:
        return one.state == "completed" or (self.target.state == "started" and one.state == "started")

    def _step(
        self,
        of: int,
        have: int,
        *,
        later: int = 0,
        inside: Collection[UnitState] = (),
        missing: Collection[UnitState] = (),
    ) -> Step:
        target = self.target
        whole = not target.under and self.looks.programme.owner_id == self.place
        by_share = None if target.share is None else -(-target.share * of // 100)
        need = target.number if target.number is not None and whole else by_share
        reached = need is not None and of > 0 and have >= need
        state = (
            "to-come"
            if not self._begun
            else "reached"
            if reached
            else "running"
            if self.on <= target.ends
            else "missed"
        )
        return Step(
            target, self.text, self.place, self.name, self.until, of, have, need,
            by_share if need != by_share else None, target.number is not None and not whole, later, state, tuple(inside), tuple(missing),
        )  # fmt: skip


def _allowances(looks: _Looks, quota: Quota, here: Unit, on: date, language: str) -> list[Allowance]:
    places = looks.places(quota.per, here, on)
    base = _participants(looks, [pk for pk, _name in places], on, year=quota.year)
    return [
        Allowance(quota, word_for(quota.title, language), pk, name, base.get(pk, 0), _allowed(quota, base.get(pk, 0)))
        for pk, name in places
    ]


def _allowed(quota: Quota, base: int) -> int:
    """Per cent of the participants, rounded as the document says, but at least so many (semantics 31)."""
    whole = quota.share * base
    return max(quota.least, whole // 100 if quota.round == "down" else -(-whole // 100))


def _participants(looks: _Looks, units: Collection[int], on: date, *, year: bool) -> dict[int, int]:
    """Participants of each unit as they stood on a day; of the `year` of the day: those with a counted minute or an attempt
    handed in that year."""
    past, params = standings_then(looks.document, looks.programme.pk, on)
    first, last = date(on.year, 1, 1), min(on, date(on.year, 12, 31))
    of_the_year = """
               and (exists (select from progress_counted k where k.enrolment = t.enrolment and k.reason = '' and k.minutes > 0
                               and k.event_on between %s and %s)
                 or exists (select from evidence_submission w where w.enrolment = t.enrolment and w.handed_in_on between %s and %s))"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select d.ancestor_id, count(*)
              from ({past}) t
              join organisations_closure d on d.unit_id = t.leaf and d.during @> %s and d.ancestor_id = any(%s)
             where t.demand = 'overall' and t.participant and t.verdict <> all(%s){of_the_year if year else ""}
             group by d.ancestor_id""",
            [*params, on, sorted(units), list(OUT), *((first, last, first, last) if year else ())],
        )
        return {unit: int(count) for unit, count in cursor.fetchall()}
