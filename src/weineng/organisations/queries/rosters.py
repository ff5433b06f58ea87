"""What a roster would do, before it does it: who is meant by each row, what of them changes, which rows cannot go in."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.organisations.models import Edge, ExternalIdentifier, Person, Posting, Unit, UnitName
from weineng.organisations.permissions import IMPORT_ROSTER
from weineng.organisations.queries.people import find_people
from weineng.organisations.queries.posts import lines_of, refuse_bad_post
from weineng.organisations.queries.tree import still_open
from weineng.organisations.reach import lasting, people_below, require_unit, units_below
from weineng.organisations.rules import (
    ID_CARD,
    Number,
    Post,
    RosterOutcome,
    RosterProblem,
    RosterRow,
    check_number,
    name_index,
    name_order,
    plain_number,
)
from weineng.organisations.rules.posts import OPEN, Line, Stretch, remove, settle

STAFFED = ("school", "county", "city", "province")  # levels that have people of their own
_MASKED = "*"  # a masked number says nothing: the row is found by its staff number
_NOT_COMPARED = re.compile(r"[\s\u00b7\u2022\u30fb\uff0e\u2027]+")  # spaces, and the dots inside names
_EDITED = ("gender", "phone", "licence")  # told by a roster; an empty cell leaves what is known


@dataclass(frozen=True)
class SchoolEntry:
    """A unit that rows of a roster may name: what the door matches codes and names against."""

    id: int
    code: str
    official_code: str
    name: str
    former_names: tuple[str, ...]
    stages: tuple[str, ...]
    level: str


def school_register(*, by: Actor, unit: int, on: date | None = None) -> list[SchoolEntry]:
    """The schools and offices at or below `unit` to which a roster may bring people; `not-found` out of reach."""
    require_unit(by, IMPORT_ROSTER, unit)
    rows = _schools(unit, on or today()).order_by("place", "name", "pk")
    former: dict[int, set[str]] = defaultdict(set)
    for school, name in UnitName.objects.filter(unit__in=rows.order_by().values("pk")).values_list("unit", "name"):
        former[school].add(name)
    return [
        SchoolEntry(
            row.pk, row.code or "", row.official_code or "", row.name, tuple(sorted(former[row.pk] - {row.name})),
            tuple(row.stages), row.level,
        )
        for row in rows
    ]  # fmt: skip


def _schools(unit: int, on: date) -> QuerySet[Unit]:
    return units_below({unit}).filter(still_open(on), level__in=STAFFED)


@dataclass
class PersonPlan:
    """What a roster says of one person. `person` is None for somebody new; `after` is the line of posts to be."""

    rows: list[RosterRow]
    person: Person | None
    before: Line = ()
    after: Line = ()
    facts: dict[str, Any] = field(default_factory=dict)
    number: Number | None = None

    @property
    def told(self) -> list[RosterRow]:
        """The rows that may tell something new."""
        return [row for row in self.rows if not row.unchanged]

    @property
    def changes(self) -> bool:
        """Whether anything is to be written."""
        return self.person is None or self.before != self.after or bool(self.facts) or self.number is not None


@dataclass
class RosterPlan:
    """A whole roster, read against what is known. Groups that are to be founded have negative ids until they are."""

    people: list[PersonPlan]
    groups: dict[tuple[int, str], int]
    problems: list[RosterProblem]
    absent: int

    @property
    def work(self) -> list[PersonPlan]:
        """Those of whom anything is to be written."""
        return [person for person in self.people if person.changes]

    def outcome(self) -> RosterOutcome:
        """The plan as the import page shows it."""
        wrong = {problem.row for problem in self.problems}
        kinds: dict[str, list[int]] = {"new": [], "changed": [], "same": []}
        for plan in self.people:
            kind = "new" if plan.person is None else "changed" if plan.changes else "same"
            kinds[kind] += [row.row for row in plan.told if row.row not in wrong]
            kinds["same"] += [row.row for row in plan.rows if row.unchanged]
        return RosterOutcome(
            new=sorted(kinds["new"]), changed=sorted(kinds["changed"]), same=sorted(kinds["same"]),
            problems=tuple(sorted(self.problems, key=lambda p: (p.row, p.column))),
            groups=sorted(name for (_, name), pk in self.groups.items() if pk < 0), absent=self.absent,
        )  # fmt: skip


def preview_roster(*, by: Actor, unit: int, rows: Sequence[RosterRow], as_of: date | None = None) -> RosterOutcome:
    """What `apply_roster` would do with these rows, without doing it; `not-found` out of reach."""
    return plan_roster(by=by, unit=unit, rows=rows, as_of=as_of or today()).outcome()


def plan_roster(*, by: Actor, unit: int, rows: Sequence[RosterRow], as_of: date) -> RosterPlan:
    """Read a roster of `unit` as of a day. `not-found` if `by` may not bring in rosters there.

    Problems by row: `school-out-of-reach`, `name-missing`, `person-unidentified` (neither number nor staff number),
    `identity-number-wrong`, `id-name-conflict` (one number, two names in the file), `name-differs` (the number is known
    under another name), `staff-number-twice`, `works-elsewhere` (a home post that neither ends nor is in the file),
    `duplicate-row`, `post-word-unknown`, `text-too-long`, `home-post-overlaps`, `post-there-already`, `person-gone` (the
    one an unchanged row was written for).
    """
    require_unit(by, IMPORT_ROSTER, unit)
    return _Reader(by, unit, rows, as_of).read()


class _Reader:
    """Reads one roster: a handful of queries for the whole file, then row by row in memory."""

    def __init__(self, by: Actor, unit: int, rows: Sequence[RosterRow], as_of: date) -> None:
        self.by, self.unit, self.as_of = by, unit, as_of
        self.problems: list[RosterProblem] = []
        self.schools = set(_schools(unit, as_of).values_list("pk", flat=True))
        self.rows = [row for row in rows if self._readable(row)]
        self.covered = {row.school for row in self.rows}
        self.groups = self._groups()
        places = Unit.objects.filter(pk__in={*self.covered, *self.groups.values()}, opened_on__isnull=False)
        self.opened = dict(places.values_list("pk", "opened_on"))

    def read(self) -> RosterPlan:
        known = self._people()
        lines = lines_of({person.pk for person in known.values()})
        numbers = self._numbers(lines)
        reached = self._reached(set(lines))
        plans = []
        for rows in self._by_person(known).values():
            person = known.get(rows[0].row)
            plan = PersonPlan(rows, person)
            if person is not None:
                plan.before = plan.after = lines[person.pk]
            if (told := plan.told) and not (self._one_name(told) and self._fits(told[0], person, reached)):
                continue
            if person is not None:
                plan.facts = self._edits(told, person)
            plan.number = self._number(told, numbers.get(person.pk, set()) if person else set())
            if self._posts(plan):
                plans.append(plan)
        return RosterPlan(plans, self.groups, self.problems, self._absent({p.pk for p in known.values()}))

    def _wrong(self, row: RosterRow, column: str, code: str, **params: object) -> bool:
        self.problems.append(RosterProblem(row.row, column, code, params))
        return False

    def _readable(self, row: RosterRow) -> bool:
        if row.school not in self.schools:
            return self._wrong(row, "school_name", "school-out-of-reach")
        if row.unchanged:
            return True
        if not row.name.strip():
            return self._wrong(row, "name", "name-missing")
        if not _number_of(row) and not row.staff_number and row.person is None:
            return self._wrong(row, "id_number", "person-unidentified")
        try:
            if number := _number_of(row):
                check_number(*number)
            refuse_bad_post(_post_of(row, row.school))
            refuse_long(Person, name=row.name.strip(), phone=row.phone)
            refuse_long(Unit, "group", name=row.group)
        except Refused as refused:
            column = "id_number" if refused.code == "identity-number-wrong" else refused.field
            return self._wrong(row, column, refused.code, **refused.params)
        return True

    # --- Groups ----------------------------------------------------------------------------------------------------
    def _groups(self) -> dict[tuple[int, str], int]:
        """(school, name) → the group's id; names that are not there yet get negative numbers."""
        wanted = {(row.school, row.group) for row in self.rows if row.group}
        groups = Unit.objects.filter(still_open(self.as_of), level="group")
        edges = Edge.objects.filter(parent__in=self.covered, kind="line", during__contains=self.as_of, child__in=groups)
        names = {**_names_under(edges, "child__names__name"), **_names_under(edges, "child__name")}
        found = {key: names[key] for key in wanted if key in names}
        for place, key in enumerate(sorted(wanted - found.keys()), start=1):
            found[key] = -place
        return found

    # --- Who is meant ----------------------------------------------------------------------------------------------
    def _people(self) -> dict[int, Person]:
        """Row number → the person it means, if anybody known: by number, else by the mark of our own row, else by staff
        number at the school."""
        found: dict[int, int] = {}
        by_type: dict[str, dict[int, str]] = defaultdict(dict)
        for row in self.rows:
            if number := _number_of(row):
                by_type[number[0]][row.row] = number[1]
        for type_, numbers in by_type.items():
            known = find_people(type_, sorted(set(numbers.values())))
            found |= {row: known[number] for row, number in numbers.items() if number in known}
        people = Person.objects.in_bulk(set(found.values()))
        rows = {row: people[pk] for row, pk in found.items()}
        rows |= self._by_mark([row for row in self.rows if row.row not in rows])
        rows |= self._by_staff_number([row for row in self.rows if row.row not in rows])
        return rows | self._nobody([row for row in self.rows if row.row not in rows])

    def _by_mark(self, rows: Sequence[RosterRow]) -> dict[int, Person]:
        """Whose row it was when we wrote it. A row that was copied for somebody else tells another name and number."""
        marked = {row.person for row in rows if row.person is not None}
        current = dict(Person.objects.filter(pk__in=marked).values_list("pk", Coalesce("merged_into", "pk")))
        people = Person.objects.in_bulk(set(current.values()))
        numbered = self._numbers(people)
        found = {}
        for row in rows:
            person = people.get(current.get(row.person or 0, 0))
            given = _number_of(row)
            if person is None or (given is not None and not _lacks(person, row, given[0], numbered)):
                continue
            found[row.row] = person
        return found

    def _nobody(self, rows: Sequence[RosterRow]) -> dict[int, Person]:
        """Rows that mean nobody known and are no new person either."""
        for row in rows:
            if row.unchanged:
                self._wrong(row, "name", "person-gone")
            elif not _number_of(row) and not row.staff_number:
                self._wrong(row, "id_number", "person-unidentified")
        self._drop_wrong()
        return {}

    def _drop_wrong(self) -> None:
        wrong = {problem.row for problem in self.problems}
        self.rows = [row for row in self.rows if row.row not in wrong]

    def _by_staff_number(self, rows: Sequence[RosterRow]) -> dict[int, Person]:
        wanted = {(row.school, row.staff_number) for row in rows if row.staff_number}
        held = Posting.objects.filter(school__in={s for s, _ in wanted}, staff_number__in={n for _, n in wanted})
        now, ever = defaultdict(set), defaultdict(set)
        for school, number, person, upper in held.values_list("school", "staff_number", "person", "during__endswith"):
            ever[school, number].add(person)
            if upper is None or upper > self.as_of:
                now[school, number].add(person)
        people = Person.objects.in_bulk({pk for key in wanted for pk in ever[key]})
        numbered = self._numbers(people)
        found = {}
        for row in rows:
            key = (row.school, row.staff_number)
            candidates = [people[pk] for pk in now[key] or ever[key]]
            if (given := _number_of(row)) is not None:
                # A new number: only for somebody of that name who has none of its type yet.
                candidates = [p for p in candidates if _lacks(p, row, given[0], numbered)]
            if len(candidates) > 1:
                self._wrong(row, "staff_number", "staff-number-twice")
            elif candidates:
                found[row.row] = candidates[0]
        self._drop_wrong()
        return found

    def _numbers(self, people: Iterable[int]) -> dict[int, set[str]]:
        held: dict[int, set[str]] = defaultdict(set)
        rows = ExternalIdentifier.objects.filter(person__in=list(people), valid_to__isnull=True)
        for person, type_ in rows.values_list("person", "type"):
            held[person].add(type_)
        return held

    def _by_person(self, known: Mapping[int, Person]) -> dict[object, list[RosterRow]]:
        """The rows of each person, in file order: the same known person, or the same number, or one row by itself."""
        people: dict[object, list[RosterRow]] = defaultdict(list)
        for row in self.rows:
            person = known.get(row.row)
            key: object = person.pk if person else (_number_of(row) or (row.school, row.staff_number, row.name))
            people[key].append(row)
        return people

    def _reached(self, people: set[int]) -> set[int]:
        nodes = {self.unit} if self.by.system else self.by.units(IMPORT_ROSTER)
        here = people_below(frozenset(nodes)).filter(person__in=people).values_list("person", flat=True)
        # Who has no post anywhere may be taken in by whoever knows their number and name.
        placed = Posting.objects.filter(lasting(self.as_of), person__in=people).values_list("person", flat=True)
        return set(here) | (people - set(placed))

    def _one_name(self, rows: Sequence[RosterRow]) -> bool:
        other = next((row for row in rows if not _same_name(row.name, rows[0].name)), None)
        return other is None or self._wrong(other, "name", "id-name-conflict", first=rows[0].row)

    def _fits(self, row: RosterRow, person: Person | None, reached: set[int]) -> bool:
        if person is None:
            return True
        if not _same_name(person.name, row.name):
            told = {"known": person.name} if person.pk in reached else {}
            return self._wrong(row, "name", "name-differs", **told)
        if person.pk not in reached:
            return self._wrong(row, "school_name", "works-elsewhere")
        return True

    def _edits(self, rows: Sequence[RosterRow], person: Person) -> dict[str, Any]:
        told = {f: next((v for row in rows if (v := getattr(row, f)) not in ("", None)), None) for f in _EDITED}
        return {f: value for f, value in told.items() if value is not None and value != getattr(person, f)}

    def _number(self, rows: Sequence[RosterRow], held: set[str]) -> Number | None:
        numbers = [number for row in rows if (number := _number_of(row)) and number[0] not in held]
        return Number(*numbers[0]) if numbers else None

    # --- What changes in their posts ---------------------------------------------------------------------------------
    def _posts(self, plan: PersonPlan) -> bool:
        """Fill in `plan.after`; False with a problem where the rows do not fit together or what is known."""
        line = plan.before
        for row in plan.told:
            others = [r for r in plan.told if r is not row and (r.school, r.group) == (row.school, row.group)]
            if others and row is not min((row, *others), key=lambda r: r.row):
                return self._wrong(row, "id_number", "duplicate-row", first=min(r.row for r in others))
        taken = [s for row in plan.rows if row.unchanged and (s := self._present(line, row, ())) is not None]
        for row in sorted(plan.told, key=lambda r: (not r.group, r.row)) if plan.person else plan.told:
            now = self._present(line, row, taken)
            if now is not None:
                line = self._changed(line, row, now)
                taken.append(now)
            elif (more := self._added(plan, line, row)) is not None:
                line = more
            else:
                return False
        try:
            plan.after = settle(line) if line != plan.before else line
        except Refused as refused:
            return self._wrong(plan.rows[0], "school_name", refused.code)
        return True

    def _present(self, line: Line, row: RosterRow, taken: Sequence[Stretch]) -> Stretch | None:
        """The post at the row's school that the row tells of: the one it was written for, else the one in its group, else
        the home one, else any."""
        here = [s for s in line if s.school == row.school and s.holds(self.as_of) and s not in taken]
        group = self.groups.get((row.school, row.group))

        def strangeness(s: Stretch) -> tuple[bool, bool, bool, int]:
            return s.post.unit != row.unit, s.post.unit != group, not s.home, s.post.unit

        return min(here, key=strangeness, default=None)

    def _changed(self, line: Line, row: RosterRow, now: Stretch) -> Line:
        post = _told(now.post, row, self.groups.get((row.school, row.group)) if row.group else None)
        if post == now.post:
            return line
        rest = remove(line, self.as_of, now.ends, lambda s: s.facts == now.facts)
        return (*rest, replace(now, post=post, starts=max(self.as_of, now.starts), row=None))

    def _added(self, plan: PersonPlan, line: Line, row: RosterRow) -> Line | None:
        home = next((s for s in line if s.home and s.holds(self.as_of)), None)
        post = _post_of(row, self.groups.get((row.school, row.group), row.school) if row.group else row.school)
        starts = self._start(plan, row)
        if home is not None and home.school not in {r.school for r in plan.rows}:
            if home.school not in self.covered:
                self._wrong(row, "school_name", "works-elsewhere")
                return None
            # The file tells of the school left and no longer names the person there: a transfer.
            ends = min(
                (s.starts for s in line if s.home and s.starts > starts and s.school != home.school), default=OPEN
            )
            line, home = remove(line, starts, ends, lambda s: s.home), None
        after = (s.starts for s in line if s.starts > starts and (s.home if home is None else s.post.unit == post.unit))
        return (*line, Stretch(post, row.school, home is None, starts, min(after, default=OPEN)))

    def _start(self, plan: PersonPlan, row: RosterRow) -> date:
        """Somebody new has been there since the day they came, but not before the place was; of somebody known we hear as
        of the roster's day."""
        if plan.person is not None or row.start_date is None:
            return self.as_of
        opened = (self.opened.get(place) for place in (row.school, self.groups.get((row.school, row.group), 0)))
        return min(max((row.start_date, *(day for day in opened if day is not None))), self.as_of)

    def _absent(self, people: set[int]) -> int:
        home = Posting.objects.filter(school__in=self.covered, home=True, during__contains=self.as_of)
        return home.exclude(person__in=people).exclude(in_post="retired").values("person").distinct().count()


def _names_under(edges: QuerySet[Edge], name: str) -> dict[tuple[int, str], int]:
    rows = edges.values_list("parent", name, "child")
    return {(parent, text): child for parent, text, child in rows.order_by("-child") if text is not None}


def _number_of(row: RosterRow) -> tuple[str, str] | None:
    type_ = row.id_type or ID_CARD
    text = plain_number(type_, row.id_number)
    return (type_, text) if text and _MASKED not in text else None


def _lacks(person: Person, row: RosterRow, type_: str, numbered: Mapping[int, set[str]]) -> bool:
    """Whether a number that nobody has yet can be this person's: the name is the same, and none of its type is known."""
    return _same_name(person.name, row.name) and type_ not in numbered.get(person.pk, set())


def _same_name(one: str, other: str) -> bool:
    return _NOT_COMPARED.sub("", one).casefold() == _NOT_COMPARED.sub("", other).casefold()


def _post_of(row: RosterRow, unit: int) -> Post:
    return Post(
        unit=unit, establishment=row.establishment, in_post=row.in_post or "in-post", stage=row.stage, subject=row.subject,
        post=row.post, staff_number=row.staff_number, entered_on=row.start_date,
    )  # fmt: skip


def _told(known: Post, row: RosterRow, group: int | None) -> Post:
    """What is known of a post with the filled cells of a row put over it."""
    told: dict[str, Any] = {
        "establishment": row.establishment, "in_post": row.in_post, "stage": row.stage, "subject": row.subject,
        "post": row.post, "staff_number": row.staff_number, "entered_on": row.start_date, "unit": group,
    }  # fmt: skip
    return replace(known, **{name: value for name, value in told.items() if value})


def new_person_facts(plan: PersonPlan) -> dict[str, Any]:
    """The columns of a person whom a roster brings in."""
    row = plan.rows[0]
    return {
        "name": row.name.strip(), "name_order": name_order(row.name), "name_index": name_index(row.name),
        "gender": row.gender, "phone": row.phone, "licence": row.licence,
    }  # fmt: skip
