"""What stands about some people at one moment, and what is other in a second such picture: how an act is shown beforehand.

The door takes one picture, lets the act and what follows from it happen in a transaction that is taken back, and takes
another one before that. Standings, figures, accounts and places are read through reach, as the pages show them; of reviews, whose
reviewers nobody is told, only how many are concerned.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from weineng.accounts.models import Account
from weineng.accounts.permissions import MANAGE
from weineng.accounts.queries import holders_among, posts_of
from weineng.assessment.models import Assignment
from weineng.assessment.queries import conflicts
from weineng.certification.queries import Coming, certificates_to_come
from weineng.evidence.models import Submission
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.learning.models import Record
from weineng.organisations.models import LEVELS, Closure, Person, Unit
from weineng.organisations.queries import home_leaves
from weineng.organisations.reach import people_within, same_people, units_within
from weineng.programmes.models import Enrolment, EnrolmentQuerySet, Programme
from weineng.programmes.queries import document_of
from weineng.progress.models import Standing
from weineng.progress.permissions import VIEW
from weineng.progress.queries import DemandStanding, Figures, figures_of
from weineng.progress.queries.standings import DocumentWords
from weineng.progress.reasons import verdict_text

SHOWN = 12  # standings a page tells in full
Lying = Mapping[int, tuple[int, int]]  # unit → records of hours, attempts that were handed in
Counted = tuple[int, date, int]  # programme, day, unit
Held = tuple[str, object, str, str]  # whose role: name; title of the role; unit; who lent it, '' for one's own


@dataclass(frozen=True)
class Stand:
    """Where one enrolment stands. `verdict` '': it has no standing of its own (counted with another record, or not yet)."""

    enrolment: int
    programme: int
    name: str
    title: Mapping[str, str]  # of the programme, by language
    verdict: str
    verdict_text: str
    demands: tuple[DemandStanding, ...]
    leaf: str  # the name of the unit where it is counted
    left_on: date | None


@dataclass(frozen=True)
class Picture:
    """`stands` by enrolment; `coming`: what the next round does about certificates; `lying`: where facts lie; `figures` by
    programme, day and unit; `accounts`: (sign-in name, open) by id; `reviews`: assignments to or
    about these people, those that are open and those that cannot stand (nobody judges themselves, or twice); `roles`: what the
    people in force may act in today, by person, grant and whether it was lent; `owned`: how many records name each person."""

    stands: Mapping[int, Stand]
    coming: tuple[Coming, ...]
    lying: Lying
    figures: Mapping[Counted, Figures]
    accounts: Mapping[int, tuple[str, bool]]
    reviews: tuple[frozenset[int], frozenset[int]]
    roles: Mapping[tuple[int, int, int], Held]
    owned: Mapping[int, int]


def picture_of(
    by: Actor, people: Collection[int], *, days: Collection[date], units: Collection[int], counted: bool = True
) -> Picture:
    """What stands about these people (every record of theirs), and the figures of `units` on `days` in every programme that
    was started: for days to come as people stand today, each where their posts put them then. Without `counted`, nobody was
    counted anew, and today's figures come from the posts too."""
    enrolments = Enrolment.objects.filter(person__in=people).order_by("programme", "pk")
    reached = enrolments.filter(pk__in=_reached(by, enrolments))
    programmes = Programme.objects.filter(started_on__isnull=False).order_by("pk").values_list("pk", flat=True)
    return Picture(
        stands=_stands(reached), coming=tuple(certificates_to_come(list(enrolments.values_list("pk", flat=True)))),
        lying=_lying(by, people), figures=_figures(list(programmes), days, units, counted=counted), accounts=_accounts(by, people),
        reviews=_reviews(people), roles=_roles(people), owned=_owned(people),
    )  # fmt: skip


def units_above(by: Actor, people: Collection[int], days: Collection[date]) -> set[int]:
    """The units in whose figures these people are on those days, as far as one may see figures."""
    found: set[int] = set()
    for day in days:
        leaves = {row["leaf"] for row in home_leaves(people, day)}
        above = Closure.objects.filter(unit__in=leaves, during__contains=day).values("ancestor")
        found |= set(units_within(by, VIEW, day).filter(pk__in=above).values_list("pk", flat=True))
    return found


def _reached(by: Actor, enrolments: EnrolmentQuerySet) -> "QuerySet[Enrolment, Any]":
    return Enrolment.objects.within(by, VIEW).filter(pk__in=enrolments.values("pk")).values("pk")


def _stands(enrolments: EnrolmentQuerySet) -> dict[int, Stand]:
    rows = list(enrolments.select_related("person__merged_into", "programme"))
    standings: dict[int, dict[str, Standing]] = {row.pk: {} for row in rows}
    for standing in Standing.objects.filter(enrolment__in=standings).select_related("leaf").order_by("pk"):
        standings[standing.enrolment_id][standing.demand] = standing
    words: dict[int, DocumentWords] = {}
    found = {}
    for row in rows:
        mine = standings[row.pk]
        overall = mine.get("overall")
        version = overall.version if overall else row.version_id
        if version not in words:
            words[version] = DocumentWords(document_of(version))
        spoken = words[version]
        found[row.pk] = Stand(
            enrolment=row.pk, programme=row.programme_id, name=row.person.name, title=row.programme.title,
            verdict=overall.verdict if overall else "", verdict_text=verdict_text(overall.verdict) if overall else "",
            demands=tuple(spoken.demand(mine[d.code]) for d in spoken.document.demands if d.code in mine),
            leaf=_leaf(overall), left_on=row.left_on,
        )  # fmt: skip
    return found


def _leaf(overall: Standing | None) -> str:
    if overall is None or overall.leaf is None:
        return ""
    unplaced = overall.leaf_kind == "unplaced"
    return _("%(unit)s, without a post") % {"unit": overall.leaf.name} if unplaced else overall.leaf.name


def _lying(by: Actor, people: Collection[int]) -> dict[int, tuple[int, int]]:
    seen = units_within(by, VIEW).values("pk")
    records = Record.objects.filter(person__in=people, void_of__isnull=True, unit__in=seen)
    papers = Submission.objects.filter(person__in=people, handed_in_on__isnull=False, unit__in=seen)
    hours, pieces = (
        dict(rows.order_by("unit").values("unit").annotate(n=Count("pk")).values_list("unit", "n"))
        for rows in (records, papers)
    )
    return {unit: (hours.get(unit, 0), pieces.get(unit, 0)) for unit in {*hours, *pieces}}


def _owned(people: Collection[int]) -> dict[int, int]:
    rows = Record.objects.filter(person__in=people, void_of__isnull=True).order_by("person").values("person")
    return dict(rows.annotate(n=Count("pk")).values_list("person", "n"))


def _figures(
    programmes: Collection[int], days: Collection[date], units: Collection[int], *, counted: bool
) -> dict[Counted, Figures]:
    by_posts = {day for day in days if day > today() or (day == today() and not counted)}
    return {
        (programme, day, unit): figures
        for programme in programmes
        for day in days
        for unit, figures in (figures_of(programme, units, day, by_posts=day in by_posts) if units else {}).items()
    }


def _accounts(by: Actor, people: Collection[int]) -> dict[int, tuple[str, bool]]:
    managed = same_people(people_within(by, MANAGE).values("pk"))
    rows = Account.objects.filter(person__in=people).filter(person__in=managed).order_by("pk")
    return {pk: (name, is_open) for pk, name, is_open in rows.values_list("pk", "name", "is_active")}


def _reviews(people: Collection[int]) -> tuple[frozenset[int], frozenset[int]]:
    theirs = Assignment.objects.filter(Q(reviewer__in=people) | Q(judged__in=people)).exclude(role="self")
    still = theirs.filter(state__in=("assigned", "opened")).values_list("pk", flat=True)
    standing = frozenset(theirs.exclude(state="void").values_list("pk", flat=True))
    own, twice = conflicts()
    return frozenset(still), standing & (own | twice)


def _roles(people: Collection[int]) -> dict[tuple[int, int, int], Held]:
    names = Person.objects.filter(pk__in=people, merged_into__isnull=True).order_by("pk").values_list("pk", "name")
    with_roles = holders_among(people)
    return {
        (pk, post.grant, post.delegation or 0): (name, post.role.title, post.unit_name, post.principal_name)
        for pk, name in names
        if pk in with_roles
        for post in posts_of(pk)
    }


# --- What is other -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StandChange:
    """One enrolment before and after; None: it is not there (yet, or any more)."""

    before: Stand | None
    after: Stand | None

    @property
    def now(self) -> Stand:
        """The later of the two."""
        found = self.after or self.before
        if found is None:
            raise TypeError("a change of nothing")
        return found

    @property
    def demands(self) -> list[tuple[DemandStanding | None, DemandStanding]]:
        """The demands whose numbers change: (before, after)."""
        old = {demand.code: demand for demand in self.before.demands} if self.before else {}
        return [
            (old.get(d.code), d)
            for d in (self.after.demands if self.after else ())
            if d.code not in old or (old[d.code].have, old[d.code].need, old[d.code].met) != (d.have, d.need, d.met)
        ]

    @property
    def verdicts(self) -> tuple[str, str]:
        """Before and after; '' without a standing."""
        return (self.before.verdict if self.before else "", self.after.verdict if self.after else "")

    @property
    def deeds(self) -> tuple[object, ...]:
        """Whose, and everything that is told of it, comparable."""
        sides = [(s.name, s.verdict, s.leaf, s.left_on) if s else None for s in (self.before, self.after)]
        numbers = [(o and (o.have, o.need, o.met), d.code, d.have, d.need, d.met) for o, d in self.demands]
        return (*sides, numbers)

    @property
    def changes(self) -> bool:
        """Whether anything of it is other: the verdict, a number, where it is counted, when it left."""

        def place(stand: Stand | None) -> tuple[object, ...]:
            return (stand.leaf, stand.left_on) if stand else ()

        return self.verdicts[0] != self.verdicts[1] or bool(self.demands) or place(self.before) != place(self.after)


@dataclass(frozen=True)
class FigureChange:
    """The figures of a unit on a day, before and after."""

    title: Mapping[str, str]  # of the programme
    on: date
    unit: str
    before: Figures
    after: Figures

    @property
    def steps(self) -> tuple[int, int, int]:
        """By how much people, those who take part and those who finished differ."""
        was, now = self.before, self.after
        return now.people - was.people, now.participants - was.participants, now.passed - was.passed


@dataclass(frozen=True)
class LyingChange:
    """How many records and attempts lie at a unit, before and after."""

    unit: str
    records: tuple[int, int]
    pieces: tuple[int, int]


@dataclass(frozen=True)
class Following:
    """Everything that is other in the second picture, and nothing else. `people` were looked at; where they are too many
    (`whole` is False) only where they are counted is told. `ahead`: the day to come on which it takes effect."""

    people: int
    stands: tuple[StandChange, ...]
    certificates: tuple[tuple[str, Coming], ...]  # whose, what
    lying: tuple[LyingChange, ...]
    figures: tuple[FigureChange, ...]
    closing: tuple[str, ...]  # sign-in names of accounts that give way
    opening: tuple[str, ...]  # and of those that open again
    staying: tuple[str, ...]  # and of those that stay open
    conflicts: int  # reviews that are taken off: nobody judges themselves, or twice
    lapsed: int  # and those whose reviewer may no longer do them
    roles: tuple[Held, ...] = ()  # that somebody may act in who could not before
    handed: tuple[
        tuple[str, int, int], ...
    ] = ()  # whose records, before, after: where records name another person then
    whole: bool = True
    ahead: date | None = None

    @property
    def shown(self) -> tuple[StandChange, ...]:
        """The first of the standings that change, as many as one reads."""
        return self.stands[:SHOWN]

    @property
    def more(self) -> int:
        """How many more change."""
        return len(self.stands) - len(self.shown)

    @property
    def tables(self) -> list[tuple[Mapping[str, str], date, list[FigureChange]]]:
        """The figures by programme and day: (title, day, rows)."""
        keyed = groupby(self.figures, key=lambda row: (dict(row.title), row.on))
        return [(title, on, list(rows)) for (title, on), rows in keyed]

    @property
    def deeds(self) -> tuple[object, ...]:
        """What the act itself changes, comparable with another look at it: of sums, which others change all the time, by how
        much they differ."""
        return (
            [change.deeds for change in self.stands],
            [(who, c.kind, c.point, c.level, c.ends and c.ends.pk) for who, c in self.certificates],
            [(f.on, f.unit, *f.steps) for f in self.figures],
            [(row.unit, row.records[1] - row.records[0], row.pieces[1] - row.pieces[0]) for row in self.lying],
            [(who, now - was) for who, was, now in self.handed], [(who, str(title), *more) for who, title, *more in self.roles],
            self.closing, self.opening, self.staying, self.conflicts, self.lapsed, self.whole, self.ahead,
        )  # fmt: skip

    @property
    def nothing(self) -> bool:
        """Whether nothing follows: never where not everything was looked at, or where it takes effect later."""
        if not self.whole or self.ahead is not None:
            return False
        told = (
            self.stands,
            self.certificates,
            self.lying,
            self.figures,
            self.closing,
            self.opening,
            self.roles,
            self.handed,
        )
        return not any(told) and not self.conflicts and not self.lapsed


def difference(
    before: Picture, after: Picture, *, people: int, whole: bool = True, ahead: date | None = None
) -> Following:
    """What is other in `after`; the rows in the order of programmes and names, figures from the top of the tree down."""
    pairs = [StandChange(before.stands.get(pk), after.stands.get(pk)) for pk in {**before.stands, **after.stands}]
    names = {pk: stand.name for picture in (before, after) for pk, stand in picture.stands.items()}
    known = {(c.enrolment, c.ends.pk if c.ends else 0, c.kind, c.point, c.level) for c in before.coming}
    coming = [
        c for c in after.coming
        if (c.enrolment, c.ends.pk if c.ends else 0, c.kind, c.point, c.level) not in known and c.enrolment in names
    ]  # fmt: skip
    accounts = {**before.accounts, **after.accounts}
    opens = {pk: (before.accounts.get(pk, ("", False))[1], after.accounts.get(pk, ("", False))[1]) for pk in accounts}

    def signing_in(*wanted: tuple[bool, bool]) -> tuple[str, ...]:
        return tuple(accounts[pk][0] for pk, change in opens.items() if change in wanted)

    return Following(
        people=people, stands=tuple(pair for pair in pairs if pair.changes),
        certificates=tuple((names[c.enrolment], c) for c in coming), lying=_moved(before.lying, after.lying),
        figures=_changed_figures(before, after), closing=signing_in((True, False)), opening=signing_in((False, True)),
        staying=signing_in((True, True)), conflicts=len(after.reviews[1] - before.reviews[1]),
        lapsed=len(before.reviews[0] - after.reviews[0] - after.reviews[1]), whole=whole, ahead=ahead,
        roles=tuple(held for key, held in after.roles.items() if key not in before.roles), handed=_handed(before, after),
    )  # fmt: skip


def _moved(before: Lying, after: Lying) -> tuple[LyingChange, ...]:
    other = {unit for unit in {*before, *after} if before.get(unit) != after.get(unit)}
    units = Unit.objects.filter(pk__in=other).order_by("place", "name", "pk")
    rows = [(unit.name, before.get(unit.pk, (0, 0)), after.get(unit.pk, (0, 0))) for unit in units]
    return tuple(LyingChange(name, (b[0], a[0]), (b[1], a[1])) for name, b, a in rows)


def _handed(before: Picture, after: Picture) -> tuple[tuple[str, int, int], ...]:
    counts = {pk: (before.owned.get(pk, 0), after.owned.get(pk, 0)) for pk in {*before.owned, *after.owned}}
    other = {pk: count for pk, count in counts.items() if count[0] != count[1]}
    names = Person.objects.filter(pk__in=other).order_by("name_order", "pk").values_list("pk", "name")
    return tuple((name, *other[pk]) for pk, name in names)


def _changed_figures(before: Picture, after: Picture) -> tuple[FigureChange, ...]:
    other = [key for key, figures in after.figures.items() if key in before.figures and figures != before.figures[key]]
    units = Unit.objects.in_bulk({unit for _programme, _on, unit in other})
    programmes = Programme.objects.in_bulk({programme for programme, _on, _unit in other})
    order = sorted(
        other,
        key=lambda key: (key[0], -key[1].toordinal(), LEVELS.index(units[key[2]].level), units[key[2]].place, key),
    )
    return tuple(
        FigureChange(programmes[key[0]].title, key[1], units[key[2]].name, before.figures[key], after.figures[key])
        for key in order
    )
