"""What can be asked: one's own uploads on their way and arrived, the files of a thing, the bytes of a file."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from weineng.files import parts
from weineng.files.models import Blob, BlobText, Upload, Use
from weineng.files.permissions import UPLOAD
from weineng.files.probe import page_image
from weineng.files.refusals import refused
from weineng.files.rules import Limits, Problem, problem_after
from weineng.gateways import storage
from weineng.kernel.actors import Actor
from weineng.kernel.sets import get_or_refuse


def my_uploads(by: Actor, purpose: str = "") -> QuerySet[Upload]:
    """One's own uploads that are on their way, newest first; for one purpose or all."""
    rows = Upload.objects.within(by, UPLOAD).open().order_by("-touched_at", "-pk")
    return rows.filter(purpose=purpose) if purpose else rows


def my_upload(by: Actor, upload: int) -> Upload:
    """One's own upload in whatever state; refuses `not-found`, and `upload-ended` once it was given up or has expired."""
    row = get_or_refuse(Upload.objects.within(by, UPLOAD).select_related("blob"), pk=upload)
    if row.ended_at is not None:
        raise refused("upload-ended")
    return row


def safe_offset(upload: Upload) -> int:
    """How many bytes are safe: what was acknowledged, unless the disk has lost it (a restored back-up)."""
    if upload.finished_at is not None:
        return upload.size
    return min(upload.offset, parts.size_of(upload.pk))


def unfinished(purposes: list[str]) -> QuerySet[Upload]:
    """Uploads on their way for any of these purposes, in the order they began."""
    return Upload.objects.open().filter(purpose__in=purposes).order_by("pk")


def arrived(purpose_prefix: str, since: datetime) -> QuerySet[Upload]:
    """Uploads that arrived since then, whose purpose begins so, and that nothing has used yet: the module above takes them."""
    used = Use.objects.filter(upload__isnull=False).values("upload")
    rows = Upload.objects.finished().filter(purpose__startswith=purpose_prefix, finished_at__gte=since)
    return rows.exclude(pk__in=used).order_by("pk")


def files_of(holder: str, holder_ids: Any) -> QuerySet[Use]:
    """The files of these holders (`app.model`; ids or a QuerySet of ids), with their blobs, in order. The caller has
    narrowed the holders to what the reader may see."""
    return Use.objects.of(holder, holder_ids)


def problem_of(blob: Blob, limits: Limits) -> Problem | None:
    """What is wrong with a file for this purpose; None: nothing."""
    return problem_after(limits, family=blob.family, size=blob.size, seconds=blob.seconds, broken=blob.broken)


def bytes_of(blob: Blob, start: int = 0, length: int | None = None) -> storage.Blocks:
    """The bytes of a file, in blocks; raises `gateways.storage.Missing` where the store lost it."""
    return storage.store().open(blob.digest, start, length)


def all_bytes_of(blob: Blob) -> bytes | None:
    """The bytes of a file at once; None where the store lost it, or they are erased."""
    try:
        return b"".join(bytes_of(blob))
    except storage.Missing:
        return None


@dataclass(frozen=True)
class Section:
    """A page, slide or sheet of a document as text; `kind` whole for a text without parts."""

    kind: str
    name: str
    lines: tuple[str, ...]


def sections_of(blob: Blob) -> tuple[Section, ...]:
    """The text of a document; empty where it has none, or none that could be read."""
    rows = BlobText.objects.filter(blob=blob).values_list("sections", flat=True).first() or []
    return tuple(Section(row["kind"], row["name"], tuple(row["lines"])) for row in rows)


def page_of(blob: Blob, number: int, width: int) -> bytes | None:
    """A page (from 1) of a PDF as a JPEG so many pixels wide (at most 2,000); None where there is no such page."""
    if blob.media_type != "application/pdf" or blob.broken or not 1 <= number <= (blob.pages or 0):
        return None
    with tempfile.NamedTemporaryFile() as copy:
        for block in bytes_of(blob):
            copy.write(block)
        copy.flush()
        return page_image(Path(copy.name), number, max(100, min(width, 2_000)))


def direct_address(blob: Blob, *, seconds: int, disposition: str) -> str | None:
    """Where a browser may fetch the file from the store itself; None where it comes through the platform."""
    return storage.store().address(blob.digest, seconds=seconds, media_type=blob.media_type, disposition=disposition)
