"""Bring in a roster, take it back, take one out: ten thousand rows like one, and the same rows again write nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record, record_each
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt, encrypt, key_version
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import Hears, copy_objects, in_parts
from weineng.organisations.effects import (
    digest_rows,
    drop_units,
    dump_rows,
    found_groups,
    hold_tree,
    lock_people,
    lock_rosters,
    lock_tree,
    note_change,
    put_rows,
    write_lines,
)
from weineng.organisations.models import Change, Edge, ExternalIdentifier, Person, Posting, Roster, Unit, UnitName
from weineng.organisations.permissions import EXPORT_PEOPLE, IMPORT_ROSTER
from weineng.organisations.queries import (
    PersonPlan,
    RosterPlan,
    lines_of,
    new_person_facts,
    plan_roster,
    posts_astray,
)
from weineng.organisations.reach import require_unit, units_below
from weineng.organisations.rules import RosterOutcome, RosterRow, digest_of, mask

_EDITED = ("gender", "phone", "licence")
_AT_ONCE = 500  # people who are put back with one statement


class _Meter:
    """How far a roster has come, told to whoever waits. A row is met in a plan (1 part of the time), as a person (2), a
    number (1), a post (2), in the digest of the whole (1) and the log (1)."""

    PARTS = 8

    def __init__(self, told: Hears | None, rows: int) -> None:
        self.told, self.of, self.done = told, rows * self.PARTS, 0

    def step(self, count: int) -> None:
        """So much more is done."""
        self.done += count
        if self.told is not None:
            self.told(min(self.done, self.of), self.of)

    def over(self, items: Sequence[PersonPlan], parts: int = 1) -> Iterator[PersonPlan]:
        """The items one by one, counted by the hundred."""
        for number, item in enumerate(items, start=1):
            yield item
            if number % 100 == 0:
                self.step(100 * parts)


@transaction.atomic
def apply_roster(
    *,
    by: Actor,
    unit: int,
    rows: Sequence[RosterRow],
    as_of: date | None = None,
    name: str = "",
    told: Hears | None = None,
) -> RosterOutcome:
    """Bring in a roster of the schools at or below `unit`, as it was on a day (default: today); `name` is the file's.

    People are found by their number, else by staff number at the school, never by name alone. Groups that are not there
    yet are founded. Nobody's post ends because a row is missing. While one row has a problem (see `plan_roster`), nothing
    goes in and the outcome says why; what is known already is not written again. `told` hears now and then how much is
    done, of how much; without it, somebody waits and `tree-busy` is refused where another roster is at it for longer than
    seconds. Rosters go in one by one; posts elsewhere can be given meanwhile, the tree cannot be changed while it writes.
    `not-found` out of reach.
    """
    meter, day = _Meter(told, len(rows)), as_of or today()
    require_unit(by, IMPORT_ROSTER, unit)
    patient = told is not None
    lock_rosters(patient=patient)
    lock = partial(lock_people, patient=patient)
    read = partial(plan_roster, by=by, unit=unit, rows=rows, as_of=day)
    tree, plan = _tree(unit), read()
    meter.step(len(rows))
    if plan.problems or not plan.work:
        return plan.outcome()
    ciphers = {p.number.text: encrypt(p.number.text.encode()) for p in meter.over(plan.work) if p.number is not None}
    hold_tree(patient=patient)  # so late: what has been judged is seldom judged again
    plan = _settled(plan if tree == _tree(unit) else read(), read, lock)
    try:
        with transaction.atomic():
            return _enter(by, unit, day, name, plan, ciphers, meter)
    except IntegrityError:  # somebody with a number of this roster was entered meanwhile
        return _enter(by, unit, day, name, _settled(read(), read, lock), ciphers, meter)


def _enter(
    by: Actor, unit: int, day: date, name: str, plan: RosterPlan, ciphers: Mapping[str, bytes], meter: _Meter
) -> RosterOutcome:
    outcome = plan.outcome()
    if plan.problems or not plan.work:
        return outcome
    wrote = _write(plan, ciphers, meter)
    roster = Roster.objects.create(
        unit_id=unit, name=name[:200], as_of=day, at=now(), by=by.person, new=len(outcome.new),
        changed=len(outcome.changed), same=len(outcome.same), wrote=wrote,
    )  # fmt: skip
    facts = {"roster": roster.pk, "as_of": str(day)}
    counts = {"new": roster.new, "changed": roster.changed, "same": roster.same, "groups": len(wrote["groups"])}
    record(by=by, verb="organisations.apply_roster", thing=roster, unit=unit, facts={**facts, **counts})
    people = [person.person for person in plan.work if person.person is not None]
    record_each(by=by, verb="organisations.apply_roster", things=people, facts=facts, subject_field="pk")
    return replace(outcome, roster=roster.pk)


def _tree(unit: int) -> str:
    """A digest of the units and names at or below a unit and of where they stand: is the tree as it was?"""
    below = units_below({unit}).values("pk")
    tables = (
        Unit.objects.filter(pk__in=below),
        UnitName.objects.filter(unit__in=below),
        Edge.objects.filter(child__in=below),
    )
    return " ".join(digest_rows(rows) for rows in tables)


def _settled(plan: RosterPlan, read: Callable[[], RosterPlan], lock: Callable[[list[int]], None]) -> RosterPlan:
    """The plan, or another one, made when what it rests on can change no more: the tree is held, its people are locked."""
    while True:
        known = [person for person in plan.work if person.person is not None]
        lock([person.person.pk for person in known if person.person is not None])
        if _as_planned(known):
            return plan
        plan = read()


def _as_planned(known: Sequence[PersonPlan]) -> bool:
    """Whether these people are still as they were when the plan was made."""
    planned = {plan.person.pk: plan for plan in known if plan.person is not None}
    lines, people = lines_of(set(planned)), Person.objects.in_bulk(planned)
    numbered = {(pk, plan.number.type) for pk, plan in planned.items() if plan.number is not None}
    held = ExternalIdentifier.objects.filter(person__in=[pk for pk, _type in numbered], valid_to__isnull=True)
    if numbered & set(held.values_list("person", "type")):
        return False
    fields = ("name", "merged_into_id", *_EDITED)
    return all(
        lines.get(pk, ()) == plan.before and all(getattr(people[pk], f) == getattr(plan.person, f) for f in fields)
        for pk, plan in planned.items()
    )


def _write(plan: RosterPlan, ciphers: Mapping[str, bytes], meter: _Meter) -> dict[str, Any]:
    """Write what is new, and say what was and what was written, for an undo."""
    work = plan.work
    known = sorted(person.person.pk for person in work if person.person is not None)
    wrote: dict[str, Any] = {
        "posts": dump_rows(Posting.objects.filter(person__in=known)),
        "people": dump_rows(Person.objects.filter(pk__in=[p.person.pk for p in work if p.person and p.facts])),
        "known": known,
    }
    wrote["groups"] = _found_groups(plan)
    wrote["new"] = _write_people(work, meter)
    wrote["numbers"] = _write_numbers(work, ciphers)
    _write_posts(work, meter)
    wrote["digest"] = _state(wrote)
    meter.step(len(work))
    return wrote


def _found_groups(plan: RosterPlan) -> list[int]:
    """Found the groups that are missing, and put their ids where the plan has places for them."""
    ids = found_groups([key for key, place in plan.groups.items() if place < 0])
    founded = {plan.groups[key]: pk for key, pk in ids.items()}
    for person in plan.people:
        person.after = tuple(
            replace(s, post=replace(s.post, unit=founded.get(s.post.unit, s.post.unit))) for s in person.after
        )
    return sorted(founded.values())


def _write_people(work: Sequence[PersonPlan], meter: _Meter) -> list[int]:
    at = now()
    fresh = [plan for plan in work if plan.person is None]
    people = [Person(**new_person_facts(plan), created_at=at) for plan in meter.over(fresh, parts=2)]
    copy_objects(people)
    for plan, person in zip(fresh, people, strict=True):
        plan.person = person
    edited = [plan for plan in work if plan.person is not None and plan.facts]
    for plan in edited:
        for field, value in plan.facts.items():
            setattr(plan.person, field, value)
    Person.objects.bulk_update([p.person for p in edited if p.person is not None], _EDITED, batch_size=1000)
    note_change(people=[p.person.pk for p in edited if p.person is not None], during=None)
    return [person.pk for person in people]


def _write_numbers(work: Sequence[PersonPlan], ciphers: Mapping[str, bytes]) -> list[int]:
    version, day = key_version(), today()
    numbers = [
        ExternalIdentifier(
            person=plan.person, type=plan.number.type, cipher=ciphers.get(plan.number.text) or encrypt(plan.number.text.encode()),
            digest=digest_of(plan.number.type, plan.number.text), key_version=version, valid_from=day,
        )
        for plan in work
        if plan.number is not None
    ]  # fmt: skip
    copy_objects(numbers)
    return [number.pk for number in numbers]


def _write_posts(work: Sequence[PersonPlan], meter: _Meter) -> None:
    write_lines({p.person.pk: (p.before, p.after) for p in work if p.person is not None and p.before != p.after})
    meter.step(2 * len(work))


def _state(wrote: dict[str, Any]) -> str:
    """A digest of everything about the people concerned that a roster may write: has anything happened since?"""
    people = [*wrote["known"], *wrote["new"]]
    tables = (Person.objects.filter(pk__in=people), Posting.objects.filter(person__in=people))
    numbers = ExternalIdentifier.objects.filter(person__in=people)
    return " ".join(digest_rows(rows) for rows in (*tables, numbers))


@transaction.atomic
def undo_roster(*, by: Actor, roster: int, told: Hears | None = None) -> Roster:
    """Take a roster back: people, numbers, groups and posts it made are gone, what it changed is as it was.

    `told` hears how many of its people are as they were; without it somebody waits, and `tree-busy` is refused where the
    tree is held for longer than seconds. Refuses `roster-undone`, and `roster-in-use` once anything rests on it: a later
    change of one of its people, an account, an enrolment, a session of a group, a unit to which people would come back and that is
    no more or stands elsewhere; `not-found` out of reach.
    """
    row = Roster.objects.filter(pk=roster).select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound("organisations.roster")
    require_unit(by, IMPORT_ROSTER, row.unit_id)
    if row.undone_at is not None:
        raise Refused("roster-undone", _("This roster has been taken back already."))
    patient = told is not None
    lock_tree(patient=patient)
    wrote = row.wrote
    lock_people([*wrote["known"], *wrote["new"]], patient=patient)
    if _state(wrote) != wrote["digest"]:
        raise Refused("roster-in-use", _("People of this roster have been changed since."))
    try:
        with transaction.atomic():
            _take_back(wrote, told)
    except IntegrityError as error:
        raise Refused(
            "roster-in-use",
            _("Something rests on people or groups of this roster already."),
        ) from error
    note_change(people=wrote["known"], during=None)
    row.undone_at = now()
    row.save(update_fields=["undone_at"])
    record(
        by=by,
        verb="organisations.undo_roster",
        thing=row,
        unit=row.unit_id,
        facts={"new": row.new, "changed": row.changed},
    )
    return row


def _take_back(wrote: dict[str, Any], told: Hears | None) -> None:
    """Every reference is checked at once, not at the end of the transaction, so that it can still be refused."""
    posts: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for post in wrote["posts"]:
        posts[post["person_id"]].append(post)
    people, done = [*wrote["new"], *wrote["known"]], 0
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        ExternalIdentifier.objects.filter(pk__in=wrote["numbers"]).delete()
        for part in in_parts(people, _AT_ONCE):
            _put_back(part, [post for person in part for post in posts[person]], set(wrote["new"]))
            done += len(part)
            if told is not None:
                told(done, len(people))
        drop_units(wrote["groups"])
        for old in wrote["people"]:
            Person.objects.filter(pk=old["id"]).update(**{field: old[field] for field in _EDITED})
        cursor.execute("set constraints all deferred")


def _put_back(people: Sequence[int], posts: list[dict[str, Any]], new: set[int]) -> None:
    """These people as they were: their posts again; who is new is gone."""
    Posting.objects.filter(person__in=people).delete()
    put_rows(Posting, posts)
    if (stray := posts_astray({post["person_id"] for post in posts}).select_related("unit").first()) is not None:
        text = _("“%(unit)s” was closed or moved since; people of this roster would come back to it.")
        raise Refused("roster-in-use", text, unit=stray.unit.name)
    gone = Person.objects.filter(pk__in=[person for person in people if person in new])
    Change.objects.filter(person__in=gone).delete()
    gone._raw_delete(gone.db)


@transaction.atomic
def export_roster(*, by: Actor, unit: int, on: date | None = None, reason: str = "") -> list[RosterRow]:
    """The roster of the schools at or below `unit` on a day (default: today), as rows that can be brought in again.

    Numbers are masked; with a `reason`, which goes into the log for every person, they are in full. Second posts stand at
    the end. What is exported and applied again changes nothing. `not-found` out of reach.
    """
    require_unit(by, EXPORT_PEOPLE, unit)
    day, reason = on or today(), reason.strip()[:400]
    posts = list(
        Posting.objects.filter(unit__in=units_below({unit}, day).values("pk"), during__contains=day)
        .select_related("person", "unit", "school")
        .order_by("-home", "school__place", "school__name", "unit__place", "unit__name", "person__name_order", "person")
    )
    numbers = _numbers_of({post.person_id for post in posts}, full=bool(reason))
    rows = [_row(number, post, numbers) for number, post in enumerate(posts, start=2)]
    facts = {"on": str(day), "rows": len(rows), "numbers": "full" if reason else "masked"}
    record(by=by, verb="organisations.export_roster", unit=unit, facts=facts, reason=reason)
    if reason:
        people = list({post.person_id: post.person for post in posts}.values())
        record_each(
            by=by, verb="organisations.export_roster", things=people, facts=facts, subject_field="pk", reason=reason
        )
    return rows


@dataclass(frozen=True)
class ListedPost:
    """A post as lists take it out: whose, where, and the rest as a roster has it (numbers masked)."""

    person: int
    unit: int
    home: bool
    row: RosterRow


@transaction.atomic
def export_posts(*, by: Actor, unit: int, after: int = 0, size: int) -> tuple[list[ListedPost], int | None]:
    """`size` posts that hold today at or below `unit`, those after one of them, in the order in which they were entered, and
    after which of them the next page begins (None: this was the last). Each page has its line in the log.

    Refuses `not-found` out of reach.
    """
    require_unit(by, EXPORT_PEOPLE, unit)
    held = Posting.objects.filter(unit__in=units_below({unit}).values("pk"), during__contains=today(), pk__gt=after)
    found = list(held.select_related("person", "unit", "school").order_by("pk")[: size + 1])
    posts = found[:size]
    numbers = _numbers_of({post.person_id for post in posts}, full=False)
    record(by=by, verb="organisations.export_roster", unit=unit, facts={"rows": len(posts), "numbers": "masked"})
    rows = [
        ListedPost(post.person_id, post.unit_id, post.home, _row(number, post, numbers))
        for number, post in enumerate(posts, start=1)
    ]
    return rows, posts[-1].pk if len(found) > size else None


def _numbers_of(people: Iterable[int], *, full: bool) -> dict[int, tuple[str, str]]:
    """Person → (type, number): the identity card where there is one."""
    rows = ExternalIdentifier.objects.filter(
        person__in=list(people), type__in=("id-card", "passport"), valid_to__isnull=True
    )
    plain = {row.person_id: (row.type, decrypt(row.cipher).decode()) for row in rows.order_by("person", "-type", "pk")}
    return plain if full else {person: (type_, mask(text)) for person, (type_, text) in plain.items()}


def _row(number: int, post: Posting, numbers: dict[int, tuple[str, str]]) -> RosterRow:
    person, (type_, text) = post.person, numbers.get(post.person_id, ("", ""))
    return RosterRow(
        row=number, name=person.name, school=post.school_id, gender=person.gender, id_type=type_, id_number=text,
        phone=person.phone, group=post.unit.name if post.unit.level == "group" else "", stage=post.stage,
        subject=post.subject, post=post.post, establishment=post.establishment, in_post=post.in_post,
        licence=person.licence, staff_number=post.staff_number, start_date=post.entered_on, person=person.pk,
        unit=post.unit_id,
    )  # fmt: skip
