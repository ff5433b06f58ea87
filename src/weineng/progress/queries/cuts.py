"""A unit's figures cut by stage, by subject, or by a mark of the schools: rows that add up to the whole, whatever the day."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.organisations.models import STAGES, Closure, UnitFlag
from weineng.organisations.reach import require_unit
from weineng.programmes.queries import document_in_force
from weineng.programmes.rules import Document
from weineng.progress.permissions import VIEW
from weineng.progress.queries.overviews import FINISHED, OUT, Reached, counting_everybody, standings_then

BY = ("stage", "subject")  # what the home posting says; every other way to cut is a flag of the school
BEARS, BEARS_NOT = "1", "0"


@dataclass(frozen=True)
class CutValue:
    """One row of a cut: `by` is `stage`, `subject` or a flag; `value` a stage, a subject ('' where nothing is told), or whether the
    school where somebody is counted bears the flag that day ('1', '0')."""

    by: str
    value: str

    def wanted(self, on: date) -> Q:
        """As a condition on overall standings; those of single demands do not tell it."""
        if self.by in BY:
            return Q(**{self.by: self.value})
        bears = Q(Exists(_flagged(self.by, on).filter(unit=OuterRef("leaf"))))
        return bears if self.value == BEARS else ~bears

    def condition(self, on: date) -> tuple[str, list[Any]]:
        """The same in SQL, over rows with leaf, stage and subject."""
        if self.by in BY:
            return f"{self.by} = %s", [self.value]
        return f"({_BEARS}) = %s", [self.by, on, on, self.value == BEARS]


def _flagged(flag: str, on: date) -> Any:
    """Rows of the closure by which a leaf stands at or below a school that bears a flag."""
    bearing = UnitFlag.objects.filter(flag=flag, during__contains=on).values("unit")
    return Closure.objects.filter(ancestor__in=bearing, ancestor__level="school", depth__lte=1, during__contains=on)


_BEARS = """
exists (select from organisations_closure up
          join organisations_unit a on a.id = up.ancestor_id and a.level = 'school'
          join organisations_unitflag f on f.unit_id = a.id and f.flag = %s and f.during @> %s
         where up.unit_id = leaf and up.depth <= 1 and up.during @> %s)"""


def flags_below(unit: int, on: date) -> list[str]:
    """The flags that schools at or below a unit bear on a day, by which its figures can be cut."""
    below = Closure.objects.filter(ancestor=unit, during__contains=on, unit__level="school").values("unit")
    rows = UnitFlag.objects.filter(unit__in=below, during__contains=on)
    return sorted(set(rows.order_by("flag").values_list("flag", flat=True).distinct()))


def cuts_of(by: Actor, programme: int, unit: int, cut: str, on: date | None = None) -> Mapping[str, Reached]:
    """The figures of `unit` on a date (default: today) by `stage`, `subject` or a flag: value → people (the denominator), those who
    have begun, those who finished; together they are those of its overview. Stages stand in their order, subjects with the most
    people first, what nothing is told of last. Refuses `not-found`."""
    when = on or today()
    require_unit(by, VIEW, unit, when)
    document = document_in_force(programme)
    source, params = _source(document, programme, when)
    values: list[Any] = [] if cut in BY else [cut, when, when]
    key = cut if cut in BY else f"case when {_BEARS} then '{BEARS}' else '{BEARS_NOT}' end"
    past = when < today(ZoneInfo(document.time_zone))
    with counting_everybody() if past else nullcontext(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            select value, sum(people), sum(participants), coalesce(sum(people) filter (where verdict = any(%s)), 0)
              from (select {key} as value, t.verdict, sum(t.people) as people, sum(t.participants) as participants
                      from ({source}) t
                      join organisations_closure d on d.unit_id = t.leaf and d.ancestor_id = %s and d.during @> %s
                     where t.verdict <> all(%s)
                     group by {"1, 2" if cut in BY else "t.leaf, t.verdict"}) cut
             group by value""",
            [list(FINISHED), *values, *params, unit, when, list(OUT)],
        )
        found = {value: Reached(*(int(number) for number in numbers)) for value, *numbers in cursor.fetchall()}
    return {value: found[value] for value in _in_order(cut, found)}


def _source(document: Document, programme: int, on: date) -> tuple[str, Sequence[Any]]:
    """A SELECT of (leaf, stage, subject, verdict, people, participants) as they are, or as they were on a past day."""
    if on >= today(ZoneInfo(document.time_zone)):
        columns = "leaf_id as leaf, stage, subject, verdict, people, participants"
        return f"select {columns} from progress_cut where programme_id = %s", [programme]
    past, params = standings_then(document, programme, on)
    return (
        f"""select leaf, stage, subject, verdict, count(*) as people, count(*) filter (where participant) as participants
              from ({past}) past_day where demand = 'overall' group by leaf, stage, subject, verdict""",
        params,
    )


def _in_order(cut: str, found: Mapping[str, Reached]) -> list[str]:
    if cut == "stage":
        return sorted(found, key=lambda value: STAGES.index(value) if value in STAGES else len(STAGES))
    if cut == "subject":
        return sorted(found, key=lambda value: (value == "", -found[value].people, value))
    return sorted(found, reverse=True)
