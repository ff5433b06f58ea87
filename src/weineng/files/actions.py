"""Begin, take up again, finish and give up an upload; let go of what expired and of what nothing refers to."""

import hashlib
import tempfile
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F

from weineng.audit.effects import record, record_each
from weineng.files import parts
from weineng.files.effects import discard, erase_blobs, release
from weineng.files.models import Blob, BlobText, Upload, Use
from weineng.files.permissions import UPLOAD
from weineng.files.probe import SECONDS, Found, probe
from weineng.files.queries import safe_offset
from weineng.files.refusals import refused
from weineng.files.rules import (
    EDGE,
    EXPIRES_AFTER,
    KEPT_UNUSED,
    Limits,
    clean_name,
    new_receipt,
    problem_before,
    say_bytes,
)
from weineng.gateways import storage
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import empty_fields, get_or_refuse
from weineng.kernel.turns import nobodys_turn, take_turn
from weineng.organisations.effects import read_erasures
from weineng.organisations.queries import records_of, rows_about
from weineng.organisations.reach import require_platform

FOUND = ("media_type", "family", "seconds", "pages", "broken", "facts")  # what a look inside tells of a file
AN_HOUR = timedelta(hours=1)  # longer than any finishing takes
QUIET = timedelta(minutes=2)  # after the last byte, before the platform finishes by itself


@transaction.atomic
def begin_upload(*, by: Actor, purpose: str, limits: Limits, file_name: str, size: int, edges: str = "") -> Upload:
    """Announce a file of `size` bytes. The module whose purpose it is has said the limits; `edges` is the SHA-256 of
    its first and last 64 KiB, by which the same file is known when it is chosen again.

    Refuses `not-found` without the permission, `file-empty`, `file-too-big`, `file-wrong-kind`, `upload-quota`,
    `too-many-uploads`, `storage-full`.
    """
    if by.person is None or UPLOAD.code not in by.own:
        raise NotFound("files.upload")
    if problem := problem_before(limits, file_name, size):
        raise refused(problem.code, field="file", **problem.params)
    mine = Upload.objects.within(by, UPLOAD).filter(ended_at__isnull=True)
    if mine.open().count() >= settings.UPLOADS_OPEN:
        raise refused("too-many-uploads", limit=settings.UPLOADS_OPEN)
    if mine.exclude(blob__erased_at__isnull=False).bytes() + size > settings.UPLOAD_QUOTA:
        raise refused("upload-quota", limit=say_bytes(settings.UPLOAD_QUOTA))
    if parts.free_space() - size < settings.DISK_RESERVE:
        raise refused("storage-full")
    at = now()
    upload = Upload.objects.create(
        person=by.person, purpose=purpose, limits=limits.to_json(), file_name=clean_name(file_name), size=size,
        edges=edges, created_at=at, touched_at=at, expires_at=at + EXPIRES_AFTER,
    )  # fmt: skip
    take_turn(_beginning(upload.pk))
    record(by=by, verb="files.begin", thing=upload, subject=by.person, facts={"purpose": purpose, "size": size})
    return upload


@transaction.atomic
def resume_upload(*, by: Actor, upload: int, file_name: str, size: int, edges: str = "") -> Upload:
    """Go on with an upload after the file was chosen again, perhaps on another device.

    Known again by size and edges, or by size and name where no edges were given when it began. Refuses `not-found`,
    `upload-ended`, `not-the-same-file`.
    """
    row = _own(by, upload)
    same = row.edges == edges if row.edges and edges else row.file_name == clean_name(file_name)
    if row.size != size or not same:
        raise refused("not-the-same-file", field="file", name=row.file_name, size=say_bytes(row.size))
    if row.finished_at is None:
        row.touched_at = now()
        row.expires_at = row.touched_at + EXPIRES_AFTER
        row.save(update_fields=["touched_at", "expires_at"])
        record(by=by, verb="files.resume", thing=row, subject=row.person, facts={"offset": safe_offset(row)})
    return row


@transaction.atomic
def finish_upload(*, by: Actor, upload: int) -> Upload:
    """Every byte has arrived: hash, look inside, store, and give the receipt number. A second time gives the same one.

    A file that cannot be used arrives all the same; `blob.broken` says why. Refuses `not-found`, `upload-ended`,
    `upload-unfinished`, `not-the-same-file` where the bytes are not those of the announced edges, `storage-full`.
    """
    row = _own(by, upload)
    if row.finished_at is not None:
        return row
    place = parts.place_of(row.pk)
    if safe_offset(row) < row.size or parts.size_of(row.pk) != row.size:
        raise refused("upload-unfinished", name=row.file_name)
    digest, edges = _digests(row)
    if row.edges and row.edges != edges:
        raise refused("not-the-same-file", field="file", name=row.file_name, size=say_bytes(row.size))
    row.blob = _blob(digest, row.size, _found(digest) or probe(place))
    parts.storing(digest)
    storage.store().put(place, digest)
    row.finished_at = now()
    row.receipt = new_receipt("F", row.finished_at)
    row.save(update_fields=["blob", "finished_at", "receipt"])
    facts = {"receipt": row.receipt, "digest": digest, "size": row.size, "problem": row.blob.broken}
    record(by=by, verb="files.finish", thing=row, subject=row.person, facts=facts)
    transaction.on_commit(lambda: parts.remove(row.pk))
    transaction.on_commit(lambda: parts.settled(digest))
    return row


@transaction.atomic
def give_up(*, by: Actor, upload: int) -> None:
    """Stop an upload; its bytes are thrown away. One that arrived and is in use stays where it is used.

    Refuses `not-found`, `upload-ended`.
    """
    row = _own(by, upload)
    _end([row])
    record(by=by, verb="files.give_up", thing=row, subject=row.person, facts={"offset": row.offset})


@transaction.atomic
def throw_away(*, by: Actor, upload: int) -> None:
    """Erase a file that arrived and that nothing uses, at once: it was of no use, or holds what must not be kept.

    Refuses `not-found`, `upload-ended`.
    """
    row = _own(by, upload)
    discard(cause=record(by=by, verb="files.throw_away", thing=row, subject=row.person), uploads=[row.pk])


@transaction.atomic
def expire_uploads(*, by: Actor) -> int:
    """End uploads whose last byte came a week ago, and sweep bytes that nothing needs any more. Returns how many ended."""
    late = Upload.objects.open().filter(expires_at__lte=now()).order_by("expires_at")
    gone = list(late.select_for_update(of=("self",), skip_locked=True)[:500])
    _end(gone)
    record_each(by=by, verb="files.expire", things=gone, subject_field="person")
    transaction.on_commit(_sweep)
    return len(gone)


@transaction.atomic
def finish_waiting(*, by: Actor) -> int:
    """Give receipts to uploads that are complete but whose last request never came to its end; end those that can never
    get one. Returns how many."""
    waiting = Upload.objects.open().filter(touched_at__lt=now() - QUIET, offset=F("size")).order_by("touched_at")
    done = 0
    for row in list(waiting[:20]):
        if safe_offset(row) < row.size:
            continue
        try:
            with transaction.atomic():
                finish_upload(by=by, upload=row.pk)
        except Refused as why:
            if why.code == "storage-full":
                break
            _end([row])
            record(by=by, verb="files.expire", thing=row, subject=row.person, reason=why.code)
        done += 1
    return done


@transaction.atomic
def recheck_files(*, by: Actor) -> int:
    """Look again into files whose check could not be finished in time when they arrived; a second failure is an answer.
    Returns how many."""
    waiting = Blob.objects.filter(broken="check-unfinished", erased_at__isnull=True).order_by("stored_at")
    blobs = list(waiting.select_for_update(of=("self",), skip_locked=True)[:3])
    for blob in blobs:
        with tempfile.NamedTemporaryFile() as copy:
            for block in storage.store().open(blob.digest):
                copy.write(block)
            copy.flush()
            found = probe(Path(copy.name), seconds=SECONDS * 2)
        if found.broken == "check-unfinished":
            found.broken = "unreadable-file" if found.family == "other" else f"unreadable-{found.family}"
        _note(blob, found)
        record(by=by, verb="files.recheck", thing=blob, facts={"problem": blob.broken})
    return len(blobs)


@transaction.atomic
def erase_unused(*, by: Actor) -> int:
    """Erase the bytes of files that nothing has referred to for thirty days. Returns how many."""
    old = Blob.objects.filter(unused_since__lte=now() - KEPT_UNUSED, erased_at__isnull=True).order_by("unused_since")
    blobs = list(old.select_for_update(of=("self",), skip_locked=True)[:200])
    still = set(Use.objects.live().filter(blob__in=blobs).values_list("blob", flat=True))
    gone = [blob for blob in blobs if blob.pk not in still]
    erase_blobs(gone, now())
    Blob.objects.filter(pk__in=still).update(unused_since=None)
    record_each(by=by, verb="files.erase", things=gone)
    return len(gone)


@transaction.atomic
def erase_strays(*, by: Actor) -> int:
    """Erase bytes that went into the store an hour ago or longer, while all that was written with them was undone: no row
    says that they are there. Returns how many."""
    gone = [blob for digest in parts.unsettled(AN_HOUR)[:200] if (blob := _erase_stray(digest))]
    record_each(by=by, verb="files.erase", things=gone)
    return len(gone)


def _erase_stray(digest: str) -> Blob | None:
    """Whoever brings the same bytes at the same time waits for the row, or is waited for."""
    at, store = now(), storage.store()
    if not store.exists(digest):
        parts.settled(digest)
        return None
    Blob.objects.get_or_create(
        digest=digest,
        defaults={"size": store.size(digest), "media_type": "", "family": "", "stored_at": at, "erased_at": at},
    )
    blob = Blob.objects.select_for_update(of=("self",)).get(digest=digest)
    stray = blob.erased_at is not None
    if stray:
        store.delete(digest)
    parts.settled(digest)
    return blob if stray else None


def _own(by: Actor, upload: int) -> Upload:
    row = get_or_refuse(Upload.objects.within(by, UPLOAD).select_for_update(of=("self",)), pk=upload)
    if row.ended_at is not None:
        raise refused("upload-ended")
    return row


def _digests(row: Upload) -> tuple[str, str]:
    """SHA-256 of all bytes, and of the first and last EDGE bytes (all of a file that is not longer than both)."""
    whole, edges, at = hashlib.sha256(), hashlib.sha256(), 0
    tail = max(row.size - EDGE, EDGE)
    with parts.place_of(row.pk).open("rb") as file:
        while block := file.read(EDGE):
            whole.update(block)
            if at < EDGE:
                edges.update(block)
            elif at + len(block) > tail:
                edges.update(block[max(tail - at, 0) :])
            at += len(block)
    return whole.hexdigest(), edges.hexdigest()


def _blob(digest: str, size: int, found: Found) -> Blob:
    """The row of these bytes, locked; whoever brings the same bytes at the same time waits here."""
    at = now()
    Blob.objects.get_or_create(
        digest=digest, defaults={"size": size, "media_type": "", "family": "", "stored_at": at, "unused_since": at}
    )
    blob = Blob.objects.select_for_update(of=("self",)).get(digest=digest)
    if blob.erased_at is not None or blob.unused_since is not None:
        blob.unused_since = at  # thirty days from now, not from when somebody else brought it
    blob.erased_at = None
    _note(blob, found)
    return blob


def _found(digest: str) -> Found | None:
    """What was found in the same bytes before."""
    known = (
        Blob.objects.filter(digest=digest, erased_at__isnull=True).exclude(family="").exclude(broken="check-unfinished")
    )
    blob = known.select_related("text").first()
    if blob is None:
        return None
    text = getattr(blob, "text", None)
    return Found(**{name: getattr(blob, name) for name in FOUND}, sections=text.sections if text else [])


def _note(blob: Blob, found: Found) -> None:
    """Write down what was found; the caller has locked the row and saves it here."""
    for name in FOUND:
        setattr(blob, name, getattr(found, name))
    blob.save()
    BlobText.objects.filter(blob=blob).delete()
    if found.sections:
        BlobText.objects.create(blob=blob, sections=found.sections)


def _end(rows: list[Upload]) -> None:
    """End uploads. One whose finishing was cut off may have bytes in the store already: they get a row, so that they are
    erased like any others."""
    at = now()
    for row in rows:
        row.ended_at = at
        if row.finished_at is None and parts.size_of(row.pk) == row.size:
            digest = _digests(row)[0]
            if storage.store().exists(digest) and not Blob.objects.filter(digest=digest).exists():
                _blob(digest, row.size, Found())
    Upload.objects.bulk_update(rows, ["ended_at"])
    gone = [row.pk for row in rows]
    transaction.on_commit(lambda: parts.remove(*gone))


def _sweep() -> None:
    """Bytes of uploads that are finished or ended, left by a kill. A file that comes in one request has no row that others
    can see until all of it is done: its turn says that it is under way."""
    left = _not_open(parts.present())
    parts.remove(*_not_open({pk for pk in left if nobodys_turn(_beginning(pk))}))


def _not_open(uploads: set[int]) -> set[int]:
    return uploads - set(Upload.objects.open().filter(pk__in=uploads).values_list("pk", flat=True))


def _beginning(upload: int) -> str:
    """The turn held until the transaction that begins an upload has ended."""
    return f"files.begin {upload}"


# --- What is erased with a person -----------------------------------------------------------------------------------
@transaction.atomic
def erase_from_files(*, by: Actor) -> int:
    """Let go of every file of people whose erasure was confirmed, at once: names, bytes and text, unless somebody else
    uses or brought the same file. Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    erasures = read_erasures(reader="files")
    people = records_of(erasures)
    at, uses, uploads = now(), rows_about(Use, people), rows_about(Upload, people)
    locked = list(uploads.select_for_update(of=("self",)).order_by("pk"))  # one that is being finished is waited for
    blobs = {*uses.values_list("blob", flat=True), *(row.blob_id for row in locked)}
    on_their_way = [row.pk for row in locked if row.finished_at is None]
    uses.filter(dropped_at__isnull=True).update(dropped_at=at)
    uploads.filter(ended_at__isnull=True).update(ended_at=at)
    empty_fields(uses)
    empty_fields(uploads)
    release(blobs, at)
    transaction.on_commit(lambda: parts.remove(*on_their_way))
    record_each(by=by, verb="files.erase_person", things=erasures, subject_field="person_id")
    return len(erasures)
