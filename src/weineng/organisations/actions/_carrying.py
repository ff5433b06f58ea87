"""How posts and groups go from one unit to another from a day on, and how they are put back as they were."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from weineng.organisations.effects import (
    dump_rows,
    erased_among,
    lock_people,
    note_change,
    put_rows,
    rebuild_closure,
    since,
    write_lines,
)
from weineng.organisations.models import Edge, Posting, Reorganisation, Unit
from weineng.organisations.queries import lines_of
from weineng.organisations.reach import lasting
from weineng.organisations.rules import Post
from weineng.organisations.rules.posts import EVER, OPEN, Line, Stretch, cut, settle

_FACTS = (
    "establishment",
    "in_post",
    "stage",
    "subject",
    "post",
    "entered_on",
)  # a staff number is personal: not kept here


@dataclass(frozen=True)
class Way:
    """Where the posts of somebody at `unit` go. `staying`: its groups that go along as they are; `others`: posts elsewhere in the
    school go to `to`, or to the group that takes the place of theirs (`joined`), else they stay. `group`: `unit` is a group."""

    unit: int
    to: int
    others: bool = True
    staying: frozenset[int] = frozenset()
    joined: Mapping[int, int] = field(default_factory=dict)
    group: bool = False

    def carry(self, s: Stretch) -> Stretch:
        """The post as it is from that day on."""
        if self.group:
            return replace(s, post=replace(s.post, unit=self.to)) if s.post.unit == self.unit else s
        if s.school != self.unit:
            return s
        if s.post.unit in self.staying:
            return replace(s, school=self.to)
        if self.others:
            return replace(s, post=replace(s.post, unit=self.joined.get(s.post.unit, self.to)), school=self.to)
        return s


def carry_posts(people: Sequence[int], on: date, way_of: Callable[[int], Way]) -> dict[str, Any]:
    """Carry everything these people hold from a day on; returns person → (before, after) as `put_posts_back` reads it."""
    erased_among(people)  # locked: nobody else changes their posts meanwhile
    lines, carried = lines_of(people), {}
    for person, line in lines.items():
        carried[person] = (line, _carried(line, way_of(person), on))
    write_lines(carried)
    after = lines_of(people)
    return {str(person): {"before": _told(lines[person]), "after": _told(after[person])} for person in people}


def carried_since(line: Line, at: datetime) -> Line:
    """A line of posts that was laid aside at an instant, as the merges entered since then and the tree of today have it: a post
    ends with its unit."""
    rows = Reorganisation.objects.filter(kind="merge", undone_at__isnull=True, at__gte=at).select_related("unit")
    for row in rows.order_by("pk"):
        line = _carried(line, _way_of_merge(row), row.on)
    units = {s.post.unit for s in line}
    closed = Unit.objects.filter(pk__in=units).order_by("pk").values_list("pk", "closed_on")
    ends = {unit: day or OPEN for unit, day in closed}
    whole = (replace(s, ends=min(s.ends, ends[s.post.unit])) for s in line)
    return in_their_schools(tuple(s for s in whole if s.starts < s.ends), units)


def _way_of_merge(row: Reorganisation) -> Way:
    moved = frozenset(edge["child_id"] for edge in row.wrote["edges"]["after"])
    joined = {int(old): new for old, new in row.wrote["joined"].items()}
    return Way(row.unit_id, row.other_id, staying=moved, joined=joined, group=row.unit.level == "group")


def _carried(line: Line, way: Way, on: date) -> Line:
    carried = settle(_once_a_unit(way.carry(s) if s.starts >= on else s for s in cut(line, [on])))
    return in_their_schools(carried, {way.to}) if way.group else carried


def _once_a_unit(line: Iterable[Stretch]) -> Line:
    """Two posts that have come to be at one unit are one: the home one where one of them is."""
    whole = tuple(line)
    best: dict[tuple[date, int], Stretch] = {}
    for s in cut(whole, {day for o in whole for day in (o.starts, o.ends)}):
        held = best.get((s.starts, s.post.unit))
        if held is None or (s.home and not held.home):
            best[s.starts, s.post.unit] = s
    return tuple(best.values())


def untouched_posts(wrote: Mapping[str, Any]) -> int:
    """Of how many of these people the posts are not what was written."""
    current = lines_of(map(int, wrote))
    return sum(_told(current[int(person)]) != kept["after"] for person, kept in wrote.items())


def put_posts_back(wrote: Mapping[str, Any]) -> list[int]:
    """The posts of these people as they were; returns the people."""
    people = [int(person) for person in wrote]
    erased_among(people)
    current = lines_of(people)
    write_lines({p: (current[p], _read(wrote[str(p)]["before"], current[p])) for p in people})
    return people


def _told(line: Line) -> list[list[Any]]:
    return [
        [s.row, s.post.unit, s.school, s.home, str(s.starts), str(s.ends), *(_plain(getattr(s.post, f)) for f in _FACTS)]
        for s in sorted(line, key=lambda s: (s.starts, s.post.unit))
    ]  # fmt: skip


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _read(told: Sequence[Sequence[Any]], current: Line) -> Line:
    numbers = {s.row: s.post.staff_number for s in current}
    stretches = []
    for row, unit, school, home, starts, ends, *facts in told:
        given = dict(zip(_FACTS, facts, strict=True))
        entered = given.pop("entered_on")
        since_when = date.fromisoformat(entered) if entered else None
        post = Post(unit, staff_number=numbers.get(row, ""), entered_on=since_when, **given)
        stretches.append(Stretch(post, school, home, date.fromisoformat(starts), date.fromisoformat(ends), row))
    return tuple(stretches)


def in_their_schools(line: Line, groups: Collection[int]) -> Line:
    """The line where posts at these groups are at the school that the group stands below on each day."""
    edges = Edge.objects.filter(child__in=groups, child__level="group", kind="line").order_by("during")
    held = [(e.child_id, e.parent_id, e.during.lower or EVER, e.during.upper or OPEN) for e in edges]
    pieces = cut(line, {day for _group, _school, starts, ends in held for day in (starts, ends)})
    return settle(replace(s, school=_school_of(s, held)) for s in pieces)


def _school_of(s: Stretch, held: Sequence[tuple[int, int, date, date]]) -> int:
    above = (school for group, school, starts, ends in held if group == s.post.unit and starts <= s.starts < ends)
    return next(above, s.school)


# --- Groups --------------------------------------------------------------------------------------------------------
def carry_groups(groups: Collection[int], old: int, new: int, on: date) -> dict[str, Any]:
    """Let these groups stand below `new` wherever they stood below `old` from a day on; returns their edges before and after."""
    edges = Edge.objects.filter(child__in=groups, kind="line")
    before = dump_rows(edges)
    for edge in edges.filter(lasting(on), parent=old).select_for_update(of=("self",)).order_by("pk"):
        starts, ends = edge.during.lower, edge.during.upper
        if starts is None or starts < on:
            edge.during = since(starts, on)
            edge.save(update_fields=["during"])
            Edge.objects.create(child_id=edge.child_id, parent_id=new, during=since(on, ends))
        else:
            edge.parent_id = new
            edge.save(update_fields=["parent"])
    _settle(groups, on)
    return {"on": str(on), "before": before, "after": dump_rows(Edge.objects.filter(child__in=groups, kind="line"))}


def _settle(groups: Collection[int], on: date) -> None:
    if groups:
        rebuild_closure(*groups)
        note_change(units=groups, during=since(on))


def untouched_edges(wrote: Mapping[str, Any]) -> bool:
    """Whether these groups still stand as it was written."""
    groups = {edge["child_id"] for edge in wrote["after"]}
    return bool(dump_rows(Edge.objects.filter(child__in=groups, kind="line")) == wrote["after"])


def put_edges_back(wrote: Mapping[str, Any]) -> None:
    """The groups stand where they stood, and with them the posts of everybody in them, also of who came since."""
    groups = sorted({edge["child_id"] for edge in wrote["after"]})
    Edge.objects.filter(child__in=groups, kind="line").delete()
    put_rows(Edge, wrote["before"])
    _settle(groups, date.fromisoformat(wrote["on"]))
    follow_groups(groups, date.fromisoformat(wrote["on"]))


def follow_groups(groups: Collection[int], on: date) -> None:
    """The posts at these groups from a day on belong to the school that the group stands below."""
    held = Posting.objects.filter(lasting(on), unit__in=groups).values_list("person", flat=True)
    people = sorted(set(held))
    lock_people(people)
    write_lines({person: (line, in_their_schools(line, groups)) for person, line in lines_of(people).items()})


def close_units(units: Collection[int], on: date) -> dict[str, str | None]:
    """Let units be no more from a day on (or from their first day, where that is later); returns when each had ended before."""
    rows = list(Unit.objects.filter(pk__in=units).select_for_update(of=("self",)).order_by("pk"))
    before = {str(row.pk): str(row.closed_on) if row.closed_on else None for row in rows}
    for row in rows:
        row.closed_on = max(on, row.opened_on or on)
    Unit.objects.bulk_update(rows, ["closed_on"])
    return before
