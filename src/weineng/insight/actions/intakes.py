"""A sheet is read once, when it arrives, and brought in when that is asked for. What is large the worker reads and brings in,
so that nobody has to wait beside it."""

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.files.effects import discard
from weineng.files.models import Upload
from weineng.files.queries import bytes_of, my_upload
from weineng.insight.actions._coming import bringer_of, put_in, source_of
from weineng.insight.actions._work import attempt, finish, platform_only, refused
from weineng.insight.models import Intake, MoveLook, TakeBack
from weineng.insight.queries import may_bring, taken_back_at
from weineng.insight.rules import AT_ONCE, KEPT_FOR, LIGHT, SHEETS, purpose_of, weight_of
from weineng.insight.sheets import (
    AnySheet,
    pack_sheet,
    pack_understood,
    read_roster_file,
    read_work_file,
)
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import Hears, get_or_refuse


@transaction.atomic
def read_intake(
    *, by: Actor, unit: int, upload: int, kind: str = "roster", programme: int | None = None, provider: str = ""
) -> Intake:
    """Read a sheet that has arrived, once, and keep what was understood of it: at once if it is light, else by the worker.

    A roster is for its `unit`; hours (of a `provider`) and results are for a `programme`, hours with the unit that admitted
    the platform. Refuses as `read_roster_file` (`too-many-rows` above 20,000) and `read_work_file` do; `not-found` for an
    upload that is not one's own or not for this, or a unit out of reach.
    """
    row = my_upload(by, upload)
    if row.blob is None or row.purpose != purpose_of(kind, unit, provider) or by.person is None:
        raise NotFound("files.upload")
    known = Intake.objects.of(by).filter(upload=row).first()
    if known is not None:
        return known
    if not may_bring(by, kind, unit):
        raise NotFound("organisations.unit")
    intake = Intake(
        kind=kind, upload=row, unit_id=unit, programme_id=programme, provider=provider, person=by.person,
        on_behalf_of=by.on_behalf_of, language=get_language() or "", file_name=row.file_name, state="arrived",
        asked_at=now(), read_at=now(),
    )  # fmt: skip
    return _read_or_wait(by, intake)


@transaction.atomic
def read_again(*, by: Actor, intake: int) -> Intake:
    """Read a roster that was taken back once more, against what is known by now, so that it can be brought in again.

    Refuses as `read_roster_file` does; `roster-there` while it was not taken back; `not-found` for one that is not one's own.
    """
    row = get_or_refuse(Intake.objects.of(by).select_for_update(of=("self",)), pk=intake)
    if taken_back_at(row) is None:
        raise Refused("roster-there", _("This roster was not taken back."))
    row.state, row.roster, row.begun, row.gone, row.asked_at, row.done_at = "arrived", None, 0, 0, now(), None
    row.language = get_language() or ""
    return _read_or_wait(by, row)


def _read_or_wait(by: Actor, row: Intake) -> Intake:
    if row.upload.blob is None:
        raise NotFound("files.upload")
    if row.upload.blob.size > LIGHT or weight_of(data := _bytes(row.upload)) > LIGHT:
        row.save()
        facts = {"kind": row.kind, "bytes": row.upload.size}
        record(by=by, verb="insight.bring_sheet", thing=row, unit=row.unit_id, facts=facts)
        return row
    fields, counts = _understand(by, row, data)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    _note_reading(by, row, counts)
    return row


def _bytes(upload: Upload) -> bytes:
    if upload.blob is None:
        raise NotFound("files.upload")
    return b"".join(bytes_of(upload.blob))


def _understand(
    by: Actor, row: Intake, data: bytes, told: Hears | None = None
) -> tuple[dict[str, object], dict[str, int]]:
    """What is written down of a sheet when it has been read; and how many rows are what."""
    sheet: AnySheet
    if row.kind == "roster":
        sheet = read_roster_file(by, row.unit_id, data, row.file_name, told=told)
    else:
        sheet = read_work_file(by, source_of(row), row.kind, data, row.file_name, told=told)
    fields = {
        "reading": pack_sheet(sheet), "understood": pack_understood(sheet.understood()), "rows": sheet.going, "gone": 0,
        "begun": 0, "state": "read", "read_at": now(), "asked_at": None,
    }  # fmt: skip
    return fields, sheet.counts


def _note_reading(by: Actor, row: Intake, counts: dict[str, int]) -> None:
    facts = {"kind": row.kind, **counts}
    record(by=by, verb="insight.read_sheet", thing=row, unit=row.unit_id, facts=facts)


@transaction.atomic
def read_sheets(*, by: Actor) -> int:
    """Read the sheet that has waited longest for it, in the name of who brought it (a step of the worker); returns how many.

    One that cannot be read is erased, and why is written down. Refuses `platform-only`.
    """
    platform_only(by)
    row = (
        Intake.objects.brief().filter(state="arrived").select_related("upload__blob").order_by("asked_at", "pk").first()
    )
    if row is None:
        return 0
    return attempt(
        row, lambda told: _read(row, told), lambda code, said: _erase_unreadable(by, row, code, said), reads=True
    )


def _read(row: Intake, told: Hears) -> None:
    bringer = bringer_of(row)
    fields, counts = _understand(bringer, row, _bytes(row.upload), told)
    _note_reading(bringer, row, counts)
    finish(row, ["arrived"], **fields)


def _erase_unreadable(by: Actor, row: Intake, code: str, said: str) -> None:
    if refused(row, state="unreadable", refused_for=code, said=said, reading=b"", understood=b"", done_at=now()):
        facts = {"kind": row.kind, "code": code}
        cause = record(by=by, verb="insight.refuse_sheet", thing=row, unit=row.unit_id, facts=facts)
        discard(cause=cause, uploads=[row.upload_id])


@transaction.atomic
def ask_for_intake(*, by: Actor, intake: int) -> Intake:
    """Have a sheet that was read brought in: at once if it is small, else by the worker. Asked twice it goes in once.

    Refuses `sheet-not-read` before it was read, `roster-taken-back` until it was read again, and as `bring_hours` and
    `import_results` do; `not-found` for one that is not one's own, or a unit out of reach by now.
    """
    row = get_or_refuse(Intake.objects.of(by).select_for_update(of=("self",)), pk=intake)
    if not may_bring(by, row.kind, row.unit_id):
        raise NotFound("organisations.unit")
    if taken_back_at(row) is not None:
        raise Refused("roster-taken-back", _("This roster was taken back. Have it read again first."))
    if row.state in ("arrived", "unreadable"):
        raise Refused("sheet-not-read", _("This sheet has not been read yet."))
    if row.state not in ("read", "refused"):
        return row
    row.asked_at = now()
    facts = {"kind": row.kind, "rows": row.rows}
    record(by=by, verb="insight.ask_for_sheet", thing=row, unit=row.unit_id, facts=facts)
    if row.rows <= AT_ONCE:
        put_in(by, row, None)
        return row
    row.state, row.refused_for, row.said, row.begun, row.gone = "waiting", "", "", 0, 0
    row.language = get_language() or ""
    row.save(update_fields=["state", "refused_for", "said", "begun", "gone", "asked_at", "language"])
    return row


@transaction.atomic
def cancel_intake(*, by: Actor, intake: int) -> Intake:
    """What waits for the worker, or is just being brought in, is not to go in now after all: nothing of it does, and it is as
    it was when it had been read.

    `not-found` for one that is not one's own; `sheet-gone-in` once it has gone in.
    """
    row = get_or_refuse(Intake.objects.of(by).brief(), pk=intake)
    if Intake.objects.filter(pk=row.pk, state="waiting").update(state="read", asked_at=None, gone=0):
        facts = {"kind": row.kind, "rows": row.rows}
        record(by=by, verb="insight.cancel_sheet", thing=row, unit=row.unit_id, facts=facts)
    row.refresh_from_db(fields=["state", "asked_at", "gone"])
    if row.state == "done":
        raise Refused("sheet-gone-in", _("It has gone in already; you can take it back."))
    return row


@transaction.atomic
def throw_away_intake(*, by: Actor, intake: int) -> None:
    """Erase a sheet that is not to go in, with its file, also while it is still being read.

    `not-found` for one that is not one's own; `sheet-asked` once it has gone in or waits to.
    """
    row = get_or_refuse(Intake.objects.of(by).brief().select_for_update(of=("self",)), pk=intake)
    if row.state in ("waiting", "done"):
        raise Refused("sheet-asked", _("This sheet has gone in or waits to; it cannot be thrown away."))
    facts = {"kind": row.kind, "rows": row.rows}
    cause = record(by=by, verb="insight.throw_away_sheet", thing=row, unit=row.unit_id, facts=facts)
    upload = row.upload_id
    row.delete()
    discard(cause=cause, uploads=[upload])


@transaction.atomic
def forget_intakes(*, by: Actor) -> int:
    """Erase what was understood of sheets read a week ago, and every sheet that came a week ago, bytes and all: they hold
    identity numbers (a step of the worker). What waits stays. Returns how many sheets.

    Refuses `platform-only`.
    """
    platform_only(by)
    since = now() - KEPT_FOR
    TakeBack.objects.filter(asked_at__lt=since).exclude(state="waiting").delete()
    MoveLook.objects.filter(asked_at__lt=since).delete()
    old = Intake.objects.filter(read_at__lt=since).exclude(state__in=("arrived", "waiting"))
    sheets = Upload.objects.finished().filter(purpose__startswith=SHEETS, finished_at__lt=since)
    uploads = [*old.values_list("upload", flat=True)]
    old.delete()
    uploads += sheets.exclude(pk__in=[*uploads, *Intake.objects.values_list("upload", flat=True)]).values_list(
        "pk", flat=True
    )
    if not uploads:
        return 0
    cause = record(by=by, verb="insight.forget_sheets", facts={"count": len(uploads)})
    return discard(cause=cause, uploads=uploads)
