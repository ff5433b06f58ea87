"""Two records turn out to be one person, or were thought to be: merge them, and take the merge back.

Numbers and posts move to the record that is kept. Everything else that names the other record stays as it is and is
followed through `merged_into` (docs/adr/0010), so that taking a merge back leaves nothing to repair.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound, Refused
from weineng.notices.effects import notify
from weineng.organisations.actions._carrying import carried_since
from weineng.organisations.effects import (
    dump_rows,
    lock_people,
    lock_tree,
    note_change,
    put_rows,
    read_rows,
    write_lines,
)
from weineng.organisations.models import ExternalIdentifier, Merge, Person, Posting
from weineng.organisations.permissions import MERGE_PEOPLE, VIEW_PEOPLE
from weineng.organisations.queries import lines_of, stretch_of
from weineng.organisations.reach import ask_guards, is_behind, people_within, require_person
from weineng.organisations.rules import digests_of
from weineng.organisations.rules.posts import Line, Stretch, cut, settle

_FILLED = {
    "gender": "",
    "birth_date": None,
    "phone": "",
    "mail": "",
    "mail_digest": "",
    "licence": None,
}  # field -> what empty means


@transaction.atomic
def merge_people(*, by: Actor, kept: int, gone: int, reason: str, end_numbers: bool = False) -> Merge:
    """Make two records one person: `kept` stays, the id of `gone` answers with it from now on.

    Where both had a home post, the one of `gone` becomes a second post. What `kept` does not tell (phone, birth date …)
    is taken from `gone`. Refuses `same-person`, `merged-already` (one of the two belongs to a third record by now),
    `reason-missing`, and `numbers-differ` where both have a number of one type, unless `end_numbers` says that those of
    `gone` were wrong; `own-record`, `role-not-yours` (see `_refuse_interest`); `not-found` if either is out of reach.
    """
    lock_tree()  # one merge at a time, and no post given meanwhile: each looks at what the one before left
    keep, lose = require_person(by, MERGE_PEOPLE, kept), require_person(by, MERGE_PEOPLE, gone)
    if keep.pk == lose.pk:
        raise Refused("same-person", _("These are one person already."))
    for person, asked in ((keep, kept), (lose, gone)):
        if person.pk != asked:
            text = _("This record is one person with “%(name)s” already. Look at both again.")
            raise Refused("merged-already", text, name=person.name)
    _refuse_interest(by, keep.pk, lose.pk)
    reason = _reason(reason)
    lock_people([keep.pk, lose.pk])
    before = dump_rows(Posting.objects.filter(person__in=[keep.pk, lose.pk]))
    moved: dict[str, Any] = {
        **_move_numbers(keep, lose, end=end_numbers),
        "aliases": sorted(Person.objects.filter(merged_into=lose).values_list("pk", flat=True)),
        "filled": _fill(keep, lose),
        "posts": before,
        "after": _move_posts(keep, lose),
    }
    Person.objects.filter(merged_into=lose).update(merged_into=keep)
    lose.merged_into = keep
    lose.save(update_fields=["merged_into"])
    merge = Merge.objects.create(kept=keep, gone=lose, moved=moved, at=now(), reason=reason)
    _tell(by, "organisations.merge_people", merge, reason, "records-merged", [merge.kept_id])
    return merge


@transaction.atomic
def unmerge_people(*, by: Actor, merge: int, reason: str, leave_numbers: bool = False) -> Merge:
    """Take a merge back: both records are again what they were.

    What was entered since stays with the kept record. A number that the merge had ended and that names somebody else by now
    is `number-taken`, unless `leave_numbers` says that it stays there. Refuses `merge-undone`, `merged-further` (take the later merge back
    first), `reason-missing`, `own-record`, `role-not-yours`; `not-found` out of reach.
    """
    lock_tree()
    row = Merge.objects.filter(pk=merge).select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound("organisations.merge")
    current = require_person(by, MERGE_PEOPLE, row.kept_id)
    if row.undone_at is not None:
        raise Refused("merge-undone", _("This merge has been taken back already."))
    if current.pk != row.kept_id:
        raise Refused("merged-further", _("This record was merged into another one since. Take that back first."))
    _refuse_interest(by, row.kept_id, row.gone_id)
    reason = _reason(reason)
    lock_people([row.kept_id, row.gone_id])
    _return_numbers(by, row, leave=leave_numbers)
    _return_posts(row)
    _unfill(row)
    Person.objects.filter(pk__in=row.moved["aliases"], merged_into=row.kept_id).update(merged_into=row.gone_id)
    Person.objects.filter(pk=row.gone_id).update(merged_into=None)
    row.undone_at = now()
    row.save(update_fields=["undone_at"])
    _tell(by, "organisations.unmerge_people", row, reason, "records-parted", [row.kept_id, row.gone_id])
    return row


def _refuse_interest(by: Actor, *people: int) -> None:
    """Nobody merges or parts their own record, nor the principal's: hours, certificates and roles would become theirs. Nor
    one that holds what they may not give: a merge gives it to whoever has the other record's account."""
    if is_behind(by, *people):
        raise Refused("own-record", _("Somebody else must do this: one of the records is your own."))
    ask_guards(by, people)


def _reason(reason: str) -> str:
    if len(reason.strip()) < 2:
        raise Refused("reason-missing", _("Say why; it goes into the log."), field="reason")
    return reason.strip()[:400]


def _tell(by: Actor, verb: str, merge: Merge, reason: str, event: str, people: Sequence[int]) -> None:
    """The reason goes into the log alone: it may speak of the one to the other."""
    note_change(people=[merge.kept_id, merge.gone_id], during=None)
    facts = {"kept": merge.kept_id, "gone": merge.gone_id}
    line = record(by=by, verb=verb, thing=merge, subject=merge.kept_id, facts=facts, reason=reason)
    notify(cause=line, event=event, people=people, link="/my/")


# --- Numbers -------------------------------------------------------------------------------------------------------
def _move_numbers(keep: Person, lose: Person, *, end: bool) -> dict[str, list[int]]:
    held = ExternalIdentifier.objects.filter(person=keep, valid_to__isnull=True).values("type")
    numbers = ExternalIdentifier.objects.filter(person=lose)
    both = numbers.filter(type__in=held, valid_to__isnull=True)
    if both.exists() and not end:
        types = sorted(set(both.values_list("type", flat=True)))
        raise Refused("numbers-differ", _("Both have a number of their own: %(types)s."), types=", ".join(types))
    moved, ended = sorted(numbers.values_list("pk", flat=True)), sorted(both.values_list("pk", flat=True))
    ExternalIdentifier.objects.filter(pk__in=ended).update(valid_to=today())
    ExternalIdentifier.objects.filter(pk__in=moved).update(person=keep)
    return {"numbers": moved, "ended": ended}


def _return_numbers(by: Actor, merge: Merge, *, leave: bool) -> None:
    mine = ExternalIdentifier.objects.filter(pk__in=merge.moved["numbers"], person=merge.kept_id)
    ended = list(mine.filter(pk__in=merge.moved["ended"]).order_by("pk"))
    holders = {row.pk: held for row in ended if (held := _held_by(row)) is not None}
    if holders and not leave:
        raise _number_taken(by, holders.values())
    try:
        with transaction.atomic():
            mine.filter(pk__in=[row.pk for row in ended if row.pk not in holders]).update(valid_to=None)
    except IntegrityError as error:  # given at this very moment
        raise _number_taken(by, ()) from error
    mine.update(person=merge.gone_id)


def _held_by(row: ExternalIdentifier) -> int | None:
    """The person whom a number that ended names by now, if any."""
    digests = digests_of(row.type, decrypt(row.cipher).decode())
    valid = ExternalIdentifier.objects.filter(type=row.type, digest__in=digests, valid_to__isnull=True)
    return valid.order_by("pk").values_list(Coalesce("person__merged_into", "person"), flat=True).first()


def _number_taken(by: Actor, holders: Collection[int]) -> Refused:
    seen = people_within(by, VIEW_PEOPLE).filter(pk__in=holders).order_by("pk").values_list("name", flat=True).first()
    if seen is None:
        text = _("A number of the other record names somebody by now whom you cannot see. It can stay with them.")
        return Refused("number-taken", text, field="leave_numbers")
    text = _("A number of the other record names “%(name)s” by now. It can stay there, or be corrected there first.")
    return Refused("number-taken", text, field="leave_numbers", name=seen)


# --- Posts ---------------------------------------------------------------------------------------------------------
def _move_posts(keep: Person, lose: Person) -> list[dict[str, Any]]:
    lines = lines_of([keep.pk, lose.pk])
    kept, gone = lines[keep.pk], lines[lose.pk]
    write_lines({lose.pk: (gone, ()), keep.pk: (kept, settle((*kept, *_beside(kept, gone))))})
    return dump_rows(Posting.objects.filter(person=keep))


def _beside(kept: Line, gone: Line) -> Line:
    """The posts of `gone` that `kept` has not itself, second posts wherever `kept` has a home post."""
    pieces = cut(gone, {day for s in kept for day in (s.starts, s.ends)})
    new = (s for s in pieces if not any(k.post.unit == s.post.unit and k.holds(s.starts) for k in kept))
    return tuple(replace(s, row=None, home=s.home and not any(k.home and k.holds(s.starts) for k in kept)) for s in new)


def _return_posts(merge: Merge) -> None:
    """Exactly as it was, if nothing happened since; else the kept record loses what came from the other one, and nothing that
    was entered for it in the meantime, at whichever unit. Where units were merged since, what comes back went along."""
    before: Sequence[dict[str, Any]] = merge.moved["posts"]
    theirs = [row for row in before if row["person_id"] == merge.gone_id]
    held = Posting.objects.filter(person=merge.kept_id)
    if dump_rows(held) == merge.moved["after"]:
        held.delete()
        put_rows(Posting, before)
        return
    put_rows(Posting, theirs)
    lines = lines_of([merge.kept_id, merge.gone_id])
    line, came = lines[merge.kept_id], carried_since(lines[merge.gone_id], merge.at)
    write_lines({merge.gone_id: (lines[merge.gone_id], came)})
    held_before = (stretch_of(row) for row in read_rows(Posting, before) if row.person_id == merge.kept_id)
    own = carried_since(tuple(held_before), merge.at)
    pieces = cut(line, {day for s in (*own, *came) for day in (s.starts, s.ends)})
    write_lines({merge.kept_id: (line, settle(s for s in pieces if not _came(s, came, own)))})


def _came(piece: Stretch, came: Line, own: Line) -> bool:
    """Whether the merge brought it: the other record has this very post then, and the kept one had none at that unit."""
    theirs = any(s.post == piece.post and s.holds(piece.starts) for s in came)
    return theirs and not any(s.post.unit == piece.post.unit and s.holds(piece.starts) for s in own)


# --- What is told of a person --------------------------------------------------------------------------------------
def _fill(keep: Person, lose: Person) -> list[str]:
    fields = [f for f, empty in _FILLED.items() if getattr(keep, f) == empty and getattr(lose, f) != empty]
    for field in fields:
        setattr(keep, field, getattr(lose, field))
    if fields:
        keep.save(update_fields=fields)
    return fields


def _unfill(merge: Merge) -> None:
    kept, gone = Person.objects.get(pk=merge.kept_id), Person.objects.get(pk=merge.gone_id)
    fields = [f for f in merge.moved["filled"] if getattr(kept, f) == getattr(gone, f)]
    for field in fields:
        setattr(kept, field, _FILLED[field])
    if fields:
        kept.save(update_fields=fields)
