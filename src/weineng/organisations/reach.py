"""Reach decides, for one and for a set alike.

A row is fetched *through* reach (`.within`), never fetched and then checked: outside it is `not-found`. An office sees
the facts of units that stood under it at the fact's date, and the people now under it with their whole record; it may
change only what stands under it today.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any, Self, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor, Permission, Reach
from weineng.kernel.clock import today
from weineng.kernel.composed import Ready, ready
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.models import Closure, Edge, Person, Posting, Unit

M = TypeVar("M", bound=Model)
MergeGuard = Callable[[Actor, Collection[int]], None]
EraseGuard = Callable[[Collection[int]], None]
UnitGuard = Callable[[str, int, int], None]
_guards: list[MergeGuard] = []
_erase_guards: list[EraseGuard] = []
_unit_guards: list[UnitGuard] = []


def lasting(on: date) -> Q:
    """The condition that a dated row holds on `on` or at some later day. (An open end has no upper bound to compare.)"""
    return Q(during__endswith__gt=on) | Q(during__upper_inf=True)


def units_below(nodes: "frozenset[int] | set[int]", on: date | None = None) -> QuerySet[Unit]:
    """The units that stand at or below `nodes` on a date (default: today)."""
    return Unit.objects.filter(pk__in=_below(tuple(nodes), on or today()))


@ready
def _below(nodes: tuple[int, ...], on: date) -> QuerySet[Closure, Any]:
    return Closure.objects.filter(ancestor__in=nodes, during__contains=on).values("unit")


def units_within(by: Actor, permission: Permission, on: date | None = None) -> QuerySet[Unit]:
    """The units in which `by` holds the permission on a date."""
    if by.system:
        return Unit.objects.all()
    return units_below(by.units(permission), on)


def holds_at_root(by: Actor, permission: Permission) -> bool:
    """Whether `by` holds the permission at a unit with nothing above it today: for what concerns the whole installation."""
    units = by.units(permission)
    below = Edge.objects.filter(child__in=units, kind="line", during__contains=today()).values_list("child", flat=True)
    return by.system or bool(units - set(below))


def people_below(nodes: "frozenset[int] | set[int]", on: date | None = None) -> QuerySet[Posting, Any]:
    """Ids of the people who have a post (any) at or below `nodes` on a date; of those who have none that day, the people
    who had their last one there, or will have their first one there if they never had any."""
    return _people_below(tuple(nodes), on or today())


@ready
def _people_below(nodes: tuple[int, ...], when: date) -> QuerySet[Posting, Any]:
    past, coming = Q(during__endswith__lte=when), Q(during__startswith__gt=when)
    begun = Q(during__startswith__lte=when) | Q(during__lower_inf=True)
    others = Posting.objects.filter(person=OuterRef("person"))
    ended_later = Exists(others.filter(begun & (lasting(when) | Q(during__endswith__gt=OuterRef("during__endswith")))))
    placed_sooner = Exists(others.filter(begun | Q(during__startswith__lt=OuterRef("during__startswith"))))
    mine = Q(during__contains=when) | (past & ~ended_later) | (coming & ~placed_sooner)
    return Posting.objects.filter(mine, unit__in=_below(nodes, when)).values("person")


def same_people(people: "QuerySet[Any, Any] | Iterable[int | None]") -> QuerySet[Any, Any]:
    """Ids of these people and of every record that was merged into one of them: what other modules' rows may name; None is nobody."""
    if isinstance(people, QuerySet):
        return (_same_people if isinstance(people, Ready) else _composed_same_people)(people)
    return _same_people(tuple({person for person in people if person is not None}))


def _composed_same_people(people: Any) -> QuerySet[Person, Any]:
    return Person.objects.annotate(current=Coalesce("merged_into", "id")).filter(current__in=people).values("pk")


_same_people = ready(_composed_same_people)


@ready
def _kept(people: tuple[int, ...]) -> QuerySet[Person, Any]:
    """The ids under which these people are kept: what they were merged into, or their own."""
    return Person.objects.filter(pk__in=people).values(current=Coalesce("merged_into", "id"))


def behind(by: Actor) -> QuerySet[Any, Any]:
    """Ids of everybody behind an act, who acts and who is acted for, under every record of theirs: nobody among them
    may decide about it where it concerns them (conflicts of interest)."""
    return same_people(_kept(tuple(by.hands)))


def is_behind(by: Actor, *people: int | None) -> bool:
    """Whether one of these people is behind the act (see `behind`); None is nobody."""
    known = [person for person in people if person is not None]
    return bool(known and by.hands) and behind(by).filter(pk__in=known).exists()


def people_within(by: Actor, permission: Permission, on: date | None = None) -> QuerySet[Person]:
    """The people whom `by` reaches with the permission: oneself (own) and those of one's units (unit).

    Records that were merged into another are not among them: the other one stands for both."""
    everybody = Person.objects.filter(merged_into__isnull=True)
    if by.system:
        return everybody
    reached = Q(pk__in=[])
    if Reach.OWN in permission.reaches and permission.code in by.own and by.person is not None:
        reached |= Q(pk=by.person)
    if nodes := by.units(permission):
        reached |= Q(pk__in=people_below(nodes, on))
    return everybody.filter(reached)


def require_unit(by: Actor, permission: Permission, unit: int, on: date | None = None) -> Unit:
    """The unit, if `by` holds the permission there on that date (default: today); refuses `not-found`."""
    found = units_within(by, permission, on).filter(pk=unit).first()
    if found is None:
        raise NotFound("organisations.unit")
    return found


def require_person(by: Actor, permission: Permission, person: int) -> Person:
    """The person, if within reach today; the id of a merged record answers with the person; refuses `not-found`."""
    found = people_within(by, permission).filter(pk__in=_kept((person,))).first()
    if found is None:
        raise NotFound("organisations.person")
    return found


def guard_merges(guard: MergeGuard) -> None:
    """Let a module above refuse that people are merged or parted, for what they hold there; called once, when it starts."""
    _guards.append(guard)


def ask_guards(by: Actor, people: Collection[int]) -> None:
    """Ask every module that guards merges about these people; their refusals come through."""
    for guard in _guards:
        guard(by, people)


def require_platform(by: Actor) -> None:
    """Refuse `platform-only` to everybody but the platform's own loops."""
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))


def guard_erasures(guard: EraseGuard) -> None:
    """Let a module above refuse that somebody is erased (under these ids) while something of theirs goes on there; called once,
    when it starts."""
    _erase_guards.append(guard)


def ask_erase_guards(people: Collection[int]) -> list[Refused]:
    """Ask every module that guards erasures about a person under all ids; the refusals of all of them."""
    refusals = []
    for guard in _erase_guards:
        try:
            guard(people)
        except Refused as refusal:
            refusals.append(refusal)
    return refusals


def guard_units(guard: UnitGuard) -> None:
    """Let a module above refuse that units are merged or split, or that this is taken back, for what it holds there; called once,
    when it starts. It hears the deed (`merge`, `split`, `undo-merge`, `undo-split`), whose people go along, and where they go."""
    _unit_guards.append(guard)


def ask_unit_guards(deed: str, unit: int, other: int) -> None:
    """Ask every module that guards units about a deed; their refusals come through."""
    for guard in _unit_guards:
        guard(deed, unit, other)


def ways(reached: Q) -> list[Q]:
    """The alternatives of a condition; what nothing can fulfil is left out."""
    if reached.negated or (reached.connector != Q.OR and len(reached.children) > 1):
        return [reached]
    alternatives = []
    for child in reached.children:
        if isinstance(child, Q):
            alternatives += ways(child)
        elif child != ("pk__in", []):
            alternatives.append(Q(child))
    return alternatives


def _reaches_own(by: Actor, permission: Permission) -> bool:
    return Reach.OWN in permission.reaches and permission.code in by.own and by.person is not None


def _whose(nodes: frozenset[int], own: int | None, among: Collection[int] | None) -> Any:
    """Ids of the people below `nodes` (`among`: of these alone), and of oneself: one set, each row of which is looked up once."""
    if not nodes or (among is not None and not among):
        return [own]
    return _below_or_self(tuple(nodes), () if own is None else (own,), tuple(among or ()), today())


@ready
def _below_or_self(
    nodes: tuple[int, ...], own: tuple[int, ...], among: tuple[int, ...], on: date
) -> QuerySet[Posting, Any]:
    below = _people_below(nodes, on)
    below = below.filter(person__in=among) if among else below
    return below.union(Person.objects.order_by().filter(pk__in=own).values("pk"), all=True) if own else below


class WithinQuerySet(QuerySet[M]):
    """A QuerySet whose rows know by which of their columns they are reached. Subclasses name the lookups."""

    person_path = ""  # to the id of the person a row is about
    unit_path = ""  # to the id of the leaf unit a fact happened in
    date_path = ""  # to the fact's civil date; '' where a row has none: today's tree
    source_path = ""  # to the code of the provider that delivered a row
    _people: frozenset[int] | None = None  # whom alone it is about, where that is known

    def within(
        self, by: Actor, permission: Permission, *, changing: bool = False, among: Collection[Any] | None = None
    ) -> Self:
        """The rows that `by` reaches with `permission`; `changing` leaves out what has moved away since, `among` whatever is not
        among these ids: few are found without looking at all that somebody reaches.

        The ways in which a row can be reached are looked up one by one, each by its own index, and put together by their
        keys: an OR of them would read the whole table.
        """
        some = self if among is None else self.filter(pk__in=among)
        if by.system:
            return some
        some._people = None if among is None else self._people_of(among)
        first, *more = ways(some.reach(by, permission, changing=changing)) or [Q(pk__in=[])]
        if not more:
            return some.filter(first)
        rows = self.model._base_manager.order_by()
        rows = rows if among is None else rows.filter(pk__in=among)
        keys = rows.filter(first).values("pk").union(*(rows.filter(way).values("pk") for way in more), all=True)
        return self.filter(pk__in=keys)

    def _people_of(self, among: Collection[Any]) -> frozenset[int] | None:
        """Whom these rows are about, by the record that was kept: of few people it is asked where they are, not of all below."""
        if not self.person_path:
            return None
        people = self.model._base_manager.filter(pk__in=among).order_by().values(self.person_path)
        current = (
            Person.objects.filter(pk__in=people).order_by("pk").values_list(Coalesce("merged_into", "id"), flat=True)
        )
        return frozenset(current)

    def reach(self, by: Actor, permission: Permission, *, changing: bool = False) -> Q:
        """The condition behind `within`; subclasses add their `assigned` shape to it."""
        reached = Q(pk__in=[])
        nodes, own = by.units(permission), _reaches_own(by, permission)
        if self.person_path and (nodes or own):
            reached |= Q(
                **{f"{self.person_path}__in": same_people(_whose(nodes, by.person if own else None, self._people))}
            )
        if nodes:
            reached |= self._unit_reach(nodes, changing=changing)
        if self.source_path and Reach.SOURCE in permission.reaches and permission.code in by.source_permissions:
            reached |= Q(**{f"{self.source_path}__in": by.sources})
        return reached

    def _unit_reach(self, nodes: frozenset[int], *, changing: bool) -> Q:
        reached = Q(pk__in=[])
        if self.unit_path and (changing or not self.date_path):
            reached |= Q(**{f"{self.unit_path}__in": _below(tuple(nodes), today())})
        elif self.unit_path:
            # As it was on the fact's day: looked up row by row, since each row has a day of its own.
            below = Closure.objects.filter(ancestor__in=nodes)
            then = below.filter(unit=OuterRef(self.unit_path), during__contains=OuterRef(self.date_path))
            reached |= Q(**{f"{self.unit_path}__in": below.values("unit")}) & Q(Exists(then))
        return reached
