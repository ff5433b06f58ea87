"""What modules above write down to files: this thing uses that file, and uses it no more."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from weineng.audit.models import Line
from weineng.files.models import Blob, BlobText, Upload, Use
from weineng.files.refusals import refused
from weineng.gateways import storage
from weineng.kernel.sets import empty_fields


def attach(*, cause: Line, upload: Upload, holder: str, holder_id: int, place: int = 0) -> Use:
    """Let `holder` (`app.model`) `holder_id` use an arrived file; it is kept from now on.

    Refuses `upload-unfinished` before its receipt, `file-gone` once it was erased. The same upload twice is one use.
    """
    if upload.finished_at is None or upload.blob_id is None:
        raise refused("upload-unfinished", name=upload.file_name)
    there = Use.objects.live().filter(upload=upload, holder=holder, holder_id=holder_id).first()
    if there is not None:
        return there
    blob = Blob.objects.select_for_update(of=("self",)).get(pk=upload.blob_id)
    if blob.erased_at is not None:
        raise refused("file-gone")
    _keep([blob.pk])
    return Use.objects.create(
        blob=blob, upload=upload, holder=holder, holder_id=holder_id, person=upload.person,
        file_name=upload.file_name, place=place, added_at=cause.at,
    )  # fmt: skip


def carry(*, cause: Line, holder: str, pairs: dict[int, int]) -> int:
    """Let new holders use what old ones use (old id → new id): the next version begins with the files of the last."""
    uses = Use.objects.of(holder, list(pairs))
    made = [
        Use(
            blob_id=use.blob_id, upload_id=use.upload_id, holder=holder, holder_id=pairs[use.holder_id],
            person=use.person, file_name=use.file_name, place=use.place, added_at=cause.at,
        )
        for use in uses
    ]  # fmt: skip
    Use.objects.bulk_create(made)
    return len(made)


def drop(*, cause: Line, uses: Any) -> int:
    """These uses (ids or a QuerySet of ids) end. A file that nothing else uses is erased in thirty days."""
    ending = Use.objects.live().filter(pk__in=uses)
    blobs = list(ending.values_list("blob", flat=True))
    count = ending.update(dropped_at=cause.at)
    held = Use.objects.live().filter(blob__in=blobs).values("blob")
    Blob.objects.filter(pk__in=blobs).exclude(pk__in=held).update(unused_since=cause.at)
    return count


def discard(*, cause: Line, uploads: Iterable[int]) -> int:
    """Uploads that arrived end, and their bytes, text and names are erased at once; returns how many ended.

    One that is in use stays; so do bytes that something else uses or that somebody else brought as well.
    """
    used = Use.objects.live().filter(upload__in=list(uploads)).values("upload")
    ending = Upload.objects.finished().filter(pk__in=list(uploads)).exclude(pk__in=used)
    rows = list(ending.select_for_update(of=("self",)).order_by("pk"))
    ended = Upload.objects.filter(pk__in=[row.pk for row in rows])
    ended.update(ended_at=cause.at)
    empty_fields(ended)
    release([row.blob_id for row in rows], cause.at)
    return len(rows)


def release(blobs: Iterable[int | None], at: datetime) -> None:
    """Erase at once those of these files that nothing uses and that nobody who brought them has let go of."""
    rows = Blob.objects.filter(pk__in=list(blobs), erased_at__isnull=True).order_by("pk")
    locked = list(rows.select_for_update(of=("self",)))
    used = set(Use.objects.live().filter(blob__in=locked).values_list("blob", flat=True))
    held = used | set(Upload.objects.finished().filter(blob__in=locked).values_list("blob", flat=True))
    erase_blobs([blob for blob in locked if blob.pk not in held], at)
    Blob.objects.filter(pk__in=held - used, unused_since__isnull=True).update(unused_since=at)


def erase_blobs(gone: list[Blob], at: datetime) -> None:
    """Erase the bytes and the text of files whose rows are locked."""
    for blob in gone:
        storage.store().delete(blob.digest)  # before the row says so: a kill in between only repeats it
        blob.erased_at = at
    Blob.objects.bulk_update(gone, ["erased_at"])
    BlobText.objects.filter(blob__in=gone).delete()


def _keep(blobs: list[int]) -> None:
    Blob.objects.filter(pk__in=blobs).update(unused_since=None)
