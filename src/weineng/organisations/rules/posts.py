"""A person's posts as a line of dated stretches: how changes cut it, and what always holds.

Pure functions on frozen values: the same rules for one transfer and for a roster of ten thousand. What always holds:
on every day on which a person has posts, exactly one of them is the home post; nobody has two posts at one unit at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused

EVER = date.min  # a start that nobody knows: it has always been so
OPEN = date.max  # no end known


@dataclass(frozen=True)
class Post:
    """What a post is: where, and as what. `unit` is the id of a group, or of a school for those without one.

    `stage` is a key of models.STAGES or '', `subject` a word of the subject list or '', `establishment` and `in_post`
    keys of models.ESTABLISHMENTS (or '') and models.IN_POST_STATES.
    """

    unit: int
    establishment: str = ""
    in_post: str = "in-post"
    stage: str = ""
    subject: str = ""
    post: str = ""
    staff_number: str = ""
    entered_on: date | None = None


@dataclass(frozen=True)
class Stretch:
    """One post as it was from `starts` until the day before `ends`; `row` is the Posting it is stored in, if any."""

    post: Post
    school: int
    home: bool
    starts: date = EVER
    ends: date = OPEN
    row: int | None = None

    @property
    def facts(self) -> tuple[Post, int, bool]:
        """Everything but the dates."""
        return self.post, self.school, self.home

    def holds(self, on: date) -> bool:
        """Whether the post existed on a day."""
        return self.starts <= on < self.ends


Line = tuple[Stretch, ...]


def cut(line: Iterable[Stretch], days: Iterable[date]) -> Line:
    """The same line with every stretch cut at these days; the first piece keeps its row."""
    borders = sorted(set(days))
    pieces: list[Stretch] = []
    for stretch in line:
        inner = [day for day in borders if stretch.starts < day < stretch.ends]
        edges = [stretch.starts, *inner, stretch.ends]
        for place, (starts, ends) in enumerate(pairwise(edges)):
            pieces.append(replace(stretch, starts=starts, ends=ends, row=stretch.row if place == 0 else None))
    return tuple(pieces)


def remove(line: Iterable[Stretch], starts: date, ends: date, which: Callable[[Stretch], bool]) -> Line:
    """The line without those stretches that `which` names, from `starts` until `ends`."""
    return tuple(s for s in cut(line, (starts, ends)) if not (starts <= s.starts and s.ends <= ends and which(s)))


def settle(line: Iterable[Stretch]) -> Line:
    """The line with exactly one home post on every day with posts, and without needless borders.

    Where no post is the home one, the post that began first becomes it. Refuses `home-post-overlaps` for two home posts
    at once, `post-there-already` for two posts at one unit at once.
    """
    whole = tuple(line)
    pieces = cut(whole, {day for s in whole for day in (s.starts, s.ends)})
    began = {s.facts[0]: min(o.starts for o in whole if o.post == s.post) for s in whole}
    settled: list[Stretch] = []
    for day in sorted({s.starts for s in pieces}):
        settled += _one_home([s for s in pieces if s.starts == day], began)
    return join(settled)


def _one_home(now: Sequence[Stretch], began: dict[Post, date]) -> list[Stretch]:
    if len({s.post.unit for s in now}) < len(now):
        raise Refused("post-there-already", _("This person has a post there at that time already."))
    homes = sum(s.home for s in now)
    if homes > 1:
        raise Refused("home-post-overlaps", _("This person has another home post at that time."))
    if homes == 1:
        return list(now)
    first = min(now, key=lambda s: (began[s.post], s.post.unit))
    return [replace(s, home=s is first) for s in now]


def join(line: Iterable[Stretch]) -> Line:
    """The line with neighbouring stretches of equal facts made one; the earlier row is kept."""
    joined: list[Stretch] = []
    last: dict[tuple[Post, int, bool], int] = {}
    for stretch in sorted(line, key=lambda s: s.starts):
        place = last.get(stretch.facts)
        if place is not None and joined[place].ends == stretch.starts:
            before = joined[place]
            joined[place] = replace(
                before, ends=stretch.ends, row=before.row if before.row is not None else stretch.row
            )
        else:
            last[stretch.facts] = len(joined)
            joined.append(stretch)
    return tuple(joined)


def difference(before: Line, after: Line) -> tuple[date, date] | None:
    """The first day on which two lines differ and the first one from which they agree again; None if they are the same."""
    days = sorted({day for s in (*before, *after) for day in (s.starts, s.ends)})
    differing = [
        (starts, ends)
        for starts, ends in pairwise(days)
        if {s.facts for s in before if s.holds(starts)} != {s.facts for s in after if s.holds(starts)}
    ]
    return (differing[0][0], differing[-1][1]) if differing else None
