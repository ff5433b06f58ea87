"""A roster is read once, when it arrives; a large one is brought in by the worker, so that nobody has to wait beside it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from weineng.accounts.queries import actor_in, posts_of
from weineng.audit.effects import record
from weineng.files.effects import discard
from weineng.files.models import Upload
from weineng.files.queries import bytes_of, my_upload
from weineng.insight.models import Intake
from weineng.insight.queries import taken_back_at
from weineng.insight.rules import AT_ONCE, BEGUN_AT_MOST, KEPT_FOR, SHEETS, roster_purpose
from weineng.insight.sheets import RosterSheet, pack_sheet, read_roster_file, unpack_sheet
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.permissions import IMPORT_ROSTER
from weineng.organisations.queries import current_person
from weineng.organisations.reach import units_within

log = logging.getLogger(__name__)

Told = Callable[[int, int], None]
_TOLD_EVERY = 0.7  # seconds
_TABLE = Intake._meta.db_table


@transaction.atomic
def read_intake(*, by: Actor, unit: int, upload: int) -> Intake:
    """Read a roster that has arrived, once, and keep what was understood of it.

    Refuses as `read_roster_file` does (`too-many-rows` above 20,000); `not-found` for an upload that is not one's own or
    not for this unit, or a unit out of reach.
    """
    row = my_upload(by, upload)
    if row.blob is None or row.purpose != roster_purpose(unit) or by.person is None:
        raise NotFound("files.upload")
    known = Intake.objects.of(by).filter(upload=row).first()
    if known is not None:
        return known
    sheet = _read(by, unit, row)
    intake = Intake.objects.create(
        upload=row, unit_id=unit, person=by.person, on_behalf_of=by.on_behalf_of, file_name=row.file_name,
        reading=pack_sheet(sheet), rows=len(sheet.rows), read_at=now(),
    )  # fmt: skip
    record(by=by, verb="insight.read_roster", thing=intake, unit=unit, facts=dict(sheet.counts))
    return intake


@transaction.atomic
def read_again(*, by: Actor, intake: int) -> Intake:
    """Read a roster that was taken back once more, against what is known by now, so that it can be brought in again.

    Refuses as `read_roster_file` does; `roster-there` while it was not taken back; `not-found` for one that is not one's own.
    """
    row = get_or_refuse(Intake.objects.of(by).select_for_update(of=("self",)), pk=intake)
    if taken_back_at(row) is None:
        raise Refused("roster-there", _("This roster was not taken back."))
    sheet = _read(by, row.unit_id, row.upload)
    row.reading, row.rows, row.read_at = pack_sheet(sheet), len(sheet.rows), now()
    row.state, row.roster, row.gone, row.asked_at, row.done_at = "read", None, 0, None, None
    row.save()
    record(by=by, verb="insight.read_roster", thing=row, unit=row.unit_id, facts=dict(sheet.counts))
    return row


def _read(by: Actor, unit: int, upload: Upload) -> RosterSheet:
    if upload.blob is None:
        raise NotFound("files.upload")
    return read_roster_file(by, unit, b"".join(bytes_of(upload.blob)), upload.file_name)


@transaction.atomic
def ask_for_intake(*, by: Actor, intake: int) -> Intake:
    """Have a roster that was read brought in: at once if it is small, else by the worker. Asked twice it goes in once.

    Refuses `roster-taken-back` until it was read again; `not-found` for one that is not one's own, or a unit out of reach
    by now.
    """
    row = get_or_refuse(Intake.objects.of(by).select_for_update(of=("self",)), pk=intake)
    if not units_within(by, IMPORT_ROSTER).filter(pk=row.unit_id).exists():
        raise NotFound("organisations.unit")
    if taken_back_at(row) is not None:
        raise Refused("roster-taken-back", _("This roster was taken back. Have it read again first."))
    if row.state not in ("read", "refused"):
        return row
    row.asked_at = now()
    record(by=by, verb="insight.ask_for_roster", thing=row, unit=row.unit_id, facts={"rows": row.rows})
    if row.rows <= AT_ONCE:
        _put_in(by, row)
        return row
    row.state, row.refused_for, row.begun, row.gone = "waiting", "", 0, 0
    row.save(update_fields=["state", "refused_for", "begun", "gone", "asked_at"])
    return row


@transaction.atomic
def cancel_intake(*, by: Actor, intake: int) -> Intake:
    """What waits for the worker is not to go in now after all; it is as it was when it had been read.

    `not-found` for one that is not one's own; `roster-begun` once the worker has set about it.
    """
    row = get_or_refuse(Intake.objects.of(by), pk=intake)
    waiting = Intake.objects.filter(pk=row.pk, state="waiting", begun=0)
    if not waiting.update(state="read", asked_at=None):
        raise Refused("roster-begun", _("It has begun already. When it has gone in, you can take it back."))
    row.refresh_from_db(fields=["state", "asked_at"])
    record(by=by, verb="insight.cancel_roster", thing=row, unit=row.unit_id, facts={"rows": row.rows})
    return row


@transaction.atomic
def put_in_rosters(*, by: Actor) -> int:
    """Bring in the roster that has waited longest, in the name of who asked for it (a step of the worker); returns how many.

    What it did or why it could not is written down with it; nothing is half brought in. One that breaks, or that the worker
    was stopped at again and again, is refused, so that those behind it go on. Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    row = Intake.objects.filter(state="waiting").order_by("asked_at", "pk").first()
    if row is None:
        return 0
    if row.begun >= BEGUN_AT_MOST:
        log.error("The roster %s was begun %s times and never came to an end.", row.pk, row.begun)
        _refuse(by, row, "broken")
        return 1
    try:
        with transaction.atomic(), _telling(row) as told:
            row.refresh_from_db(fields=["state"])
            if row.state == "waiting":  # not cancelled in this very instant; from here on it cannot be
                _put_in(_bringer(row), row, told)
                _check_now()
    except Refused as refusal:
        _refuse(by, row, refusal.code)
    except (OperationalError, InterfaceError):  # the database is away, or somebody else was first: the loop tries again
        raise
    except Exception:  # whatever it is, those behind it go on
        log.exception("The roster %s could not be brought in.", row.pk)
        _refuse(by, row, "broken")
    return 1


def _put_in(by: Actor, row: Intake, told: Told | None = None) -> None:
    sheet: RosterSheet = unpack_sheet(row.reading).apply(by, told)
    row.reading, row.roster = pack_sheet(sheet.finished()), sheet.outcome.roster
    row.state, row.refused_for, row.gone, row.done_at = "done", "", row.rows, now()
    row.save(update_fields=["reading", "roster", "state", "refused_for", "gone", "done_at", "asked_at"])
    facts = dict(sheet.counts) | {"roster": row.roster}
    record(by=by, verb="insight.put_in_roster", thing=row, unit=row.unit_id, facts=facts)


def _check_now() -> None:
    """What the database would check at the end is checked while it can still be said of this roster."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def _refuse(by: Actor, row: Intake, code: str) -> None:
    Intake.objects.filter(pk=row.pk).update(state="refused", refused_for=code, gone=0, done_at=now())
    record(by=by, verb="insight.refuse_roster", thing=row, unit=row.unit_id, facts={"code": code})


def _bringer(row: Intake) -> Actor:
    """Who asked, with what they may do now: in their own name, or in the one they acted in if it is still lent to them."""
    person = current_person(row.person)  # two records of theirs may have been merged meanwhile
    posts = posts_of(person)
    lent = [post.delegation for post in posts if post.principal == row.on_behalf_of and post.delegation is not None]
    for delegation in [None] if row.on_behalf_of is None else lent:
        actor = actor_in(person, posts, "web", delegation)
        if units_within(actor, IMPORT_ROSTER).filter(pk=row.unit_id).exists():
            return actor
    raise NotFound("organisations.unit")


@contextmanager
def _telling(row: Intake) -> Iterator[Told]:
    """Tell whoever looks how far a roster has come, beside its transaction, which shows nothing before it ends."""
    beside = connection.copy()
    last = monotonic()
    with beside.cursor() as cursor:
        cursor.execute(f"update {_TABLE} set begun = begun + 1, gone = 0 where id = %s and state = 'waiting'", [row.pk])

    def told(done: int, of: int) -> None:
        nonlocal last
        if monotonic() < last + _TOLD_EVERY:
            return
        last = monotonic()
        with beside.cursor() as cursor:
            cursor.execute(f"update {_TABLE} set gone = %s where id = %s", [row.rows * done // max(of, 1), row.pk])

    try:
        yield told
    finally:
        beside.close()


@transaction.atomic
def throw_away_intake(*, by: Actor, intake: int) -> None:
    """Erase a roster that was read and is not to go in, with its file.

    `not-found` for one that is not one's own; `roster-asked` once it has gone in or waits to.
    """
    row = get_or_refuse(Intake.objects.of(by).select_for_update(of=("self",)), pk=intake)
    if row.state not in ("read", "refused"):
        raise Refused("roster-asked", _("This roster has gone in or waits to; it cannot be thrown away."))
    cause = record(by=by, verb="insight.throw_away_roster", thing=row, unit=row.unit_id, facts={"rows": row.rows})
    upload = row.upload_id
    row.delete()
    discard(cause=cause, uploads=[upload])


@transaction.atomic
def forget_intakes(*, by: Actor) -> int:
    """Erase what was understood of rosters read a week ago, and every sheet that came a week ago, bytes and all: they hold
    identity numbers (a step of the worker). What waits stays. Returns how many sheets.

    Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    since = now() - KEPT_FOR
    old = Intake.objects.filter(read_at__lt=since).exclude(state="waiting")
    sheets = Upload.objects.finished().filter(purpose__startswith=SHEETS, finished_at__lt=since)
    uploads = [*old.values_list("upload", flat=True)]
    old.delete()
    uploads += sheets.exclude(pk__in=[*uploads, *Intake.objects.values_list("upload", flat=True)]).values_list(
        "pk", flat=True
    )
    if not uploads:
        return 0
    cause = record(by=by, verb="insight.forget_rosters", facts={"count": len(uploads)})
    return discard(cause=cause, uploads=uploads)
