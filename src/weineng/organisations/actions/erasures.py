"""Erase somebody whole: asked for by one, confirmed by another, done by the worker module by module.

Rows, ids, posts, minutes and results stay, so that every sum of the past stays what it was; what says who it was goes. Nothing
of it can be taken back (docs/adr/0062).
"""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import destroy_keys, record, record_each
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import empty_fields
from weineng.notices.effects import forget_messages
from weineng.organisations.effects import hold_tree, lock_people
from weineng.organisations.models import Erasure, ExternalIdentifier, Merge, Person, Posting, Roster
from weineng.organisations.permissions import ERASE_PEOPLE
from weineng.organisations.queries import hindrances_of, merged_since, records_of
from weineng.organisations.reach import (
    is_behind,
    require_person,
    require_platform,
    same_people,
)
from weineng.organisations.rules.erasures import ERASERS, WAITS

_LAST = "~"  # behind every name in the order of names


@transaction.atomic
def ask_erasure(*, by: Actor, person: int, reason: str) -> Erasure:
    """Ask that everything personal of somebody be erased; the id of a merged record stands for all records of the person.

    Within 14 days somebody else confirms or refuses it. `reason` names the rule or the request, nothing of the person: it stays.
    A request that nobody can confirm any more, late or about other records than the person has now, ends with it.
    Refuses `reason-missing`, `text-too-long`, `own-record`, `person-erased`, `erasure-asked`, `still-in-post` (today or later), and
    what the modules above refuse: `still-holds-role`, `session-not-closed` (they host it), `still-taking-part` (in a programme that
    is not closed; let them leave first), `being-judged`, `still-reviewing`; `not-found` out of reach.
    """
    hold_tree()
    row = require_person(by, ERASE_PEOPLE, person)
    _refuse_own(by, row.pk)
    records = _lock(row.pk)
    reason = _reason(reason)
    _end_outdated(by, records)
    if Erasure.objects.filter(person__in=records, state="asked").exists():
        raise Refused("erasure-asked", _("This has been asked for already and waits for a second person."))
    _refuse_active(records)
    if by.person is None:
        raise NotFound("organisations.person")
    at = now()
    asked = Erasure.objects.create(
        person=row,
        records=records,
        reason=reason,
        asked_by=by.person,
        asked_for=by.on_behalf_of,
        asked_at=at,
        expires_at=at + WAITS,
    )
    record(by=by, verb="organisations.ask_erasure", thing=asked, subject=row.pk, reason=reason)
    return asked


@transaction.atomic
def confirm_erasure(*, by: Actor, erasure: int) -> Erasure:
    """Confirm it, as a second person: neither who asked, nor anybody either acted for, nor the person concerned. From now on
    nothing about the person can be changed, and the worker erases within seconds.

    Refuses `self-approval`, `own-record`, `erasure-ended`, `erasure-expired`, `merged-since` (records were merged or parted since
    it was asked for: what nobody looked at is not erased with it), and all that `ask_erasure` refuses for what the person still
    does; `not-found` out of reach.
    """
    hold_tree()
    row = _held(by, erasure)
    _refuse_asker(by, row)
    _refuse_over(row)
    records = _lock(row.person_id)
    if (merged := merged_since(row)) is not None:
        raise merged
    _refuse_active(records)
    at = now()
    row.state, row.ended_at, row.decided_by, row.decided_for = "confirmed", at, by.person, by.on_behalf_of
    row.save(update_fields=["state", "ended_at", "decided_by", "decided_for"])
    Person.objects.filter(pk__in=records).update(erased_at=at)
    numbers = ExternalIdentifier.objects.filter(person__in=records, valid_to__isnull=True)
    numbers.update(valid_to=today())  # from now on nothing that comes in finds the person by them
    record(by=by, verb="organisations.confirm_erasure", thing=row, subject=row.person_id)
    return row


@transaction.atomic
def refuse_erasure(*, by: Actor, erasure: int, reason: str) -> Erasure:
    """Turn a request down, as a second person; it can be asked for anew.

    Refuses `reason-missing`, `text-too-long`, `self-approval` (who asked withdraws it), `own-record`, `erasure-ended`,
    `erasure-expired`; `not-found` out of reach.
    """
    row = _held(by, erasure)
    _refuse_asker(by, row)
    _refuse_over(row)
    row.end_reason = _reason(reason)
    row.state, row.ended_at, row.decided_by, row.decided_for = "refused", now(), by.person, by.on_behalf_of
    row.save(update_fields=["state", "ended_at", "decided_by", "decided_for", "end_reason"])
    record(
        by=by, verb="organisations.refuse_erasure", thing=row, subject=row.person_id, reason=row.end_reason
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw_erasure(*, by: Actor, erasure: int) -> Erasure:
    """Take one's own request back while it waits. Refuses `not-your-request`, `erasure-ended`, `erasure-expired`; `not-found`."""
    row = _held(by, erasure)
    if not is_behind(by, row.asked_by, row.asked_for):
        raise Refused("not-your-request", _("Somebody else asked for this; refuse it instead, and say why."))
    _refuse_over(row)
    row.state, row.ended_at = "withdrawn", now()
    row.save(update_fields=["state", "ended_at"])
    record(by=by, verb="organisations.withdraw_erasure", thing=row, subject=row.person_id)
    return row


@transaction.atomic
def expire_erasures(*, by: Actor) -> int:
    """End requests that nobody confirmed in time (a step of the worker); returns how many. Refuses `platform-only`."""
    require_platform(by)
    late = Erasure.objects.filter(state="asked", expires_at__lte=now()).order_by("pk")
    rows = list(late.select_for_update(of=("self",), skip_locked=True)[:500])
    Erasure.objects.filter(pk__in=[row.pk for row in rows]).update(state="expired", ended_at=now())
    record_each(by=by, verb="organisations.expire_erasure", things=rows, subject_field="person_id")
    return len(rows)


@transaction.atomic
def erase_from_organisations(*, by: Actor) -> int:
    """The end of erasures that every module above has followed: names, numbers, contact, messages, and the keys of the log go;
    the person's page says who asked and who confirmed. Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    ready = Erasure.objects.filter(state="confirmed", erased_by__contains=list(ERASERS)).order_by("pk")
    rows = list(ready.select_for_update(of=("self",), skip_locked=True)[:100])
    if not rows:
        return 0
    records = records_of(rows)
    lines = record_each(by=by, verb="organisations.erase_person", things=rows, subject_field="person_id")
    _take_out_of_rosters(records)
    ExternalIdentifier.objects.filter(person__in=records).delete()
    empty_fields(Posting.objects.filter(person__in=records))
    empty_fields(Merge.objects.filter(Q(kept__in=records) | Q(gone__in=records)))
    empty_fields(Roster.objects.filter(by__in=records), ["name"])
    empty_fields(Person.objects.filter(pk__in=records))
    Person.objects.filter(pk__in=records).update(name_order=_LAST)
    forget_messages(cause=lines[0], people=records)
    destroy_keys(cause=lines[0], people=records)
    Erasure.objects.filter(pk__in=[row.pk for row in rows]).update(state="done", done_at=lines[0].at)
    return len(rows)


def _take_out_of_rosters(records: Collection[int]) -> None:
    """What rosters keep of these people's rows as they were; such a roster can no longer be taken back, as after any change."""
    touched = Q(pk__in=[])
    for record_ in records:
        touched |= Q(wrote__known__contains=[record_]) | Q(wrote__new__contains=[record_])
    gone = set(records)
    rows = list(Roster.objects.filter(touched).select_for_update(of=("self",)).order_by("pk"))
    for row in rows:
        row.wrote["posts"] = [post for post in row.wrote["posts"] if post["person_id"] not in gone]
        row.wrote["people"] = [person for person in row.wrote["people"] if person["id"] not in gone]
    Roster.objects.bulk_update(rows, ["wrote"])


def _lock(person: int) -> list[int]:
    """All records of a person, locked; refuses `person-erased`."""
    records = sorted(same_people([person]).values_list("pk", flat=True))
    lock_people(records)
    return records


def _held(by: Actor, erasure: int) -> Erasure:
    """A request, locked, through the reach of its person."""
    row = Erasure.objects.filter(pk=erasure).select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound("organisations.erasure")
    require_person(by, ERASE_PEOPLE, row.person_id)
    return row


def _end_outdated(by: Actor, records: Sequence[int]) -> None:
    """Requests about these records of a person that stand in the way of another one and can no longer be confirmed."""
    waiting = Erasure.objects.filter(person__in=records, state="asked").order_by("pk")
    over = [row for row in waiting.select_for_update(of=("self",)) if row.expires_at <= now() or row.records != records]
    Erasure.objects.filter(pk__in=[row.pk for row in over]).update(state="expired", ended_at=now())
    record_each(by=by, verb="organisations.expire_erasure", things=over, subject_field="person_id")


def _refuse_own(by: Actor, *people: int) -> None:
    if is_behind(by, *people):
        raise Refused("own-record", _("Somebody else has to do this: it is your own record."))


def _refuse_asker(by: Actor, row: Erasure) -> None:
    _refuse_own(by, row.person_id)
    if by.person is None or is_behind(by, row.asked_by, row.asked_for):
        text = _("Somebody else has to decide: neither who asked, nor anyone acting for them.")
        raise Refused("self-approval", text)


def _refuse_over(row: Erasure) -> None:
    if row.state == "asked" and row.expires_at <= now():
        raise Refused("erasure-expired", _("Nobody confirmed this in time. It has to be asked for anew."))
    if row.state != "asked":
        raise Refused("erasure-ended", _("This request has been decided or withdrawn already."))


def _refuse_active(records: Collection[int]) -> None:
    """Nobody is erased while something of theirs goes on."""
    for refusal in hindrances_of(records):
        raise refusal


def _reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < 4:
        raise Refused("reason-missing", _("Name the rule or the request."), field="reason")
    refuse_long(Erasure, reason=reason)
    return reason
