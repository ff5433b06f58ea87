"""Posts of people: another one, a change in it, a transfer, an end. Each is dated, late ones too; one is always home.

Whatever is entered holds from its day until the next thing known of that post, so that a late entry does not undo what
happened after it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.effects import hold_tree, lock_people, write_lines
from weineng.organisations.models import Person, Posting
from weineng.organisations.permissions import EDIT_PEOPLE
from weineng.organisations.queries import lines_of, stretches_for
from weineng.organisations.reach import require_person, require_unit
from weineng.organisations.rules import Post
from weineng.organisations.rules.posts import OPEN, Line, Stretch, cut, remove, settle


@transaction.atomic
def post_person(*, by: Actor, person: int, post: Post, on: date | None = None, until: date | None = None) -> Posting:
    """Give a person another post from a day on (default: today), to the day before `until` if one is given.

    It becomes the home post for the days on which there is no other. Refuses `post-there-already`, `post-ends-too-soon`,
    `post-word-unknown`, `text-too-long`, `post-not-here`, `unit-closed`, `unit-not-there-yet`; `not-found` for a person
    or a unit out of reach.
    """
    hold_tree()
    row = require_person(by, EDIT_PEOPLE, person)
    starts, ends = on or today(), until or OPEN
    _refuse_empty(starts, ends)
    new = stretches_for(by, post, starts, ends)
    told = {"until": str(until or "")}
    _rewrite(by, row, "organisations.post_person", post.unit, lambda line: (*line, *new), on=starts, facts=told)
    return _posting_at(row, post.unit, starts)


@transaction.atomic
def change_posting(*, by: Actor, posting: int, on: date, post: Post | None = None, home: bool = False) -> Posting:
    """From a day on a post is another one in the same school: group, subject, stage, establishment, state, number.

    It holds until the day up to which the stored post holds. `home` makes it the home post from that day, and the one
    that was a second post. Refuses `post-not-then`, `other-school` (that is a transfer), `nothing-changes`,
    `post-there-already`, `post-word-unknown`, `text-too-long`, `unit-closed`, `unit-not-there-yet`; `not-found` out of
    reach.
    """
    row, old = _post_to_change(by, posting)
    if not old.holds(on):
        raise Refused("post-not-then", _("This post did not exist on %(on)s."), field="on", on=str(on))
    new = post or old.post
    changed = stretches_for(by, new, on, old.ends, home=old.home or home)
    if any(s.school != old.school for s in changed):
        raise Refused("other-school", _("Another school is a transfer."), field="unit")
    if changed[0].facts == old.facts:
        raise Refused("nothing-changes", _("This is how it is already."))

    def change(line: Line) -> Line:
        rest = remove(line, on, old.ends, lambda s: s.facts == old.facts)
        if home:
            rest = tuple(replace(s, home=False) if on <= s.starts < old.ends else s for s in cut(rest, (on, old.ends)))
        return (*rest, *changed)

    _rewrite(by, row, "organisations.change_posting", new.unit, change, on=on)
    return _posting_at(row, new.unit, on)


@transaction.atomic
def transfer_person(*, by: Actor, person: int, post: Post, on: date | None = None) -> Posting:
    """Move a person's home post to another school or group from a day on (default: today).

    The post at the school left ends that day, with everything later known of it there; the new one holds until a later
    home post at another school is known. Other posts stay. Refuses `no-home-post` (post the person instead),
    `same-post`, `post-there-already`, `post-word-unknown`, `text-too-long`, `post-not-here`, `unit-closed`,
    `unit-not-there-yet`;
    `not-found` if the person, the school left or the new unit is out of reach.
    """
    hold_tree()
    row = require_person(by, EDIT_PEOPLE, person)
    day = on or today()
    lock_people([row.pk])
    line = lines_of([row.pk])[row.pk]
    left = next((s for s in line if s.home and s.holds(day)), None)
    if left is None:
        raise Refused("no-home-post", _("This person has no home post on %(on)s."), field="on", on=str(day))
    if left.post == post:
        raise Refused("same-post", _("This person has that post already."))
    require_unit(by, EDIT_PEOPLE, left.post.unit)
    ends = min((s.starts for s in line if s.home and s.starts > day and s.school != left.school), default=OPEN)
    new = stretches_for(by, post, day, ends, home=True)

    def transfer(line: Line) -> Line:
        return (*remove(line, day, ends, lambda s: s.home or s.post.unit == post.unit), *new)

    _rewrite(by, row, "organisations.transfer_person", post.unit, transfer, on=day, facts={"left": left.post.unit})
    return _posting_at(row, post.unit, day)


@transaction.atomic
def redate_posting(*, by: Actor, posting: int, on: date) -> Posting:
    """Correct the day on which a post began, and with it the end of the home post that went before it.

    Refuses `post-ends-too-soon` (nothing would be left of this post or of the one before), `home-post-overlaps`,
    `unit-not-there-yet`; `not-found` if either unit is out of reach.
    """
    row, old = _post_to_change(by, posting)
    _refuse_empty(on, old.ends)
    pieces = stretches_for(by, old.post, on, old.ends, home=old.home)
    before = next((s for s in lines_of([row.pk])[row.pk] if s.home and old.home and s.ends == old.starts), None)
    if before is not None:
        require_unit(by, EDIT_PEOPLE, before.post.unit)
        _refuse_empty(before.starts, on)

    def redate(line: Line) -> Line:
        rest = tuple(s for s in line if s.row not in {old.row, before.row if before else None})
        return (*rest, replace(pieces[0], row=old.row), *pieces[1:], *([replace(before, ends=on)] if before else []))

    told = {"was": str(old.starts)}
    _rewrite(by, row, "organisations.redate_posting", old.post.unit, redate, on=on, facts=told)
    return _posting_at(row, old.post.unit, on)


@transaction.atomic
def end_posting(*, by: Actor, posting: int, on: date | None, reason: str = "") -> Person:
    """End a post: `on` is the first day without it; None takes a wrong end back. Returns the person.

    Where it was the home post and other posts go on, the one of them that began first becomes the home post.
    Refuses `post-ends-too-soon`, `home-post-overlaps` (when an end is taken back), `unit-closed`; `not-found` out of
    reach.
    """
    row, old = _post_to_change(by, posting)
    ends = on or OPEN
    _refuse_empty(old.starts, ends)
    more = stretches_for(by, old.post, old.ends, ends, home=old.home) if ends > old.ends else ()

    def end(line: Line) -> Line:
        return (*(s for s in line if s.row != old.row), replace(old, ends=min(ends, old.ends)), *more)

    _rewrite(by, row, "organisations.end_posting", old.post.unit, end, on=ends, reason=reason)
    return row


def _post_to_change(by: Actor, posting: int) -> tuple[Person, Stretch]:
    hold_tree()
    found = Posting.objects.filter(pk=posting).select_related("person").first()
    if found is None:
        raise NotFound("organisations.posting")
    require_unit(by, EDIT_PEOPLE, found.unit_id)
    lock_people([found.person_id])
    line = lines_of([found.person_id])[found.person_id]
    stretch = next((s for s in line if s.row == posting), None)
    if stretch is None:
        raise NotFound("organisations.posting")
    return found.person, stretch


def _refuse_empty(starts: date, ends: date) -> None:
    if ends <= starts:
        raise Refused("post-ends-too-soon", _("A post must hold at least one day."), field="on")


def _rewrite(
    by: Actor,
    person: Person,
    verb: str,
    unit: int,
    change: Callable[[Line], Line],
    *,
    on: date,
    reason: str = "",
    facts: Mapping[str, object] | None = None,
) -> None:
    lock_people([person.pk])
    before = lines_of([person.pk])[person.pk]
    write_lines({person.pk: (before, settle(change(before)))})
    told = {"on": "" if on == OPEN else str(on), **(facts or {})}
    record(by=by, verb=verb, thing=person, subject=person.pk, unit=unit, reason=reason, facts=told)


def _posting_at(person: Person, unit: int, on: date) -> Posting:
    return Posting.objects.get(person=person, unit=unit, during__contains=on)
