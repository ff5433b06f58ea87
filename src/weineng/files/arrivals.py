"""Bytes that arrive. Not an act that anybody would look up in the log: beginning, finishing and giving up are.

A block is written, and every second or four megabytes brought to the disk and then acknowledged in the row. What a
checksum comes with is acknowledged only as a whole.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from time import monotonic

from weineng.files import parts
from weineng.files.models import Upload
from weineng.files.queries import my_upload, safe_offset
from weineng.files.refusals import refused
from weineng.files.rules import EXPIRES_AFTER
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now

KEEP_BYTES = 4 << 20
KEEP_SECONDS = 1.0
CHECKSUMS = ("sha1", "sha256")


def look_up(*, by: Actor, upload: int) -> Upload:
    """Somebody wants to go on: stop whoever writes, and say with the row's `offset` where to go on.

    Refuses `not-found`, `upload-ended`.
    """
    row = my_upload(by, upload)
    if row.finished_at is None and row.offset:
        turn = parts.take_turn(row.pk)
        with parts.held(turn):
            _correct(row)
    return row


def receive(
    *, by: Actor, upload: int, offset: int, blocks: Iterable[bytes], checksum: tuple[str, bytes] | None = None
) -> Upload:
    """Write `blocks` from `offset` on; returns the row with the new, safe offset, also when the line broke on the way.

    `checksum` is (one of CHECKSUMS, digest of all blocks). Refuses `not-found`, `upload-ended`, `offset-conflict`,
    `too-many-bytes`, `checksum-mismatch`, `upload-taken-over`, `storage-full`; what was acknowledged before stays.
    """
    row = my_upload(by, upload)
    if row.finished_at is not None:
        if offset != row.size:
            raise refused("offset-conflict", offset=row.size)
        return row
    turn = parts.take_turn(row.pk)
    with parts.held(turn):
        row.refresh_from_db()
        if row.ended_at is not None:
            raise refused("upload-ended")
        _correct(row)
    if offset != row.offset:
        raise refused("offset-conflict", offset=row.offset)
    parts.begin_at(turn, offset)
    _write_all(turn, row, blocks, checksum)
    return row


def _write_all(turn: parts.Turn, row: Upload, blocks: Iterable[bytes], checksum: tuple[str, bytes] | None) -> None:
    found = hashlib.new(checksum[0]) if checksum else None
    arrived, kept_at = row.offset, monotonic()
    try:
        for block in _until_the_line_breaks(blocks):
            _refuse_beyond(row, arrived + len(block))
            parts.write(turn, arrived, block)
            arrived += len(block)
            if found is not None:
                found.update(block)
            elif arrived - row.offset >= KEEP_BYTES or monotonic() - kept_at >= KEEP_SECONDS:
                _keep(turn, row, arrived)
                kept_at = monotonic()
    except Exception:
        if found is None:
            _keep_if_still_ours(turn, row, arrived)
        raise
    if found is not None and checksum is not None and not hmac.compare_digest(found.digest(), checksum[1]):
        raise refused("checksum-mismatch")
    _keep(turn, row, arrived)


def _refuse_beyond(row: Upload, end: int) -> None:
    if end > row.size:
        raise refused("too-many-bytes", size=row.size)


def _until_the_line_breaks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """A line that breaks is the end of the blocks, not a failure: nobody is left to tell."""
    source = iter(blocks)
    while True:
        try:
            block = next(source)
        except (StopIteration, OSError):  # Django's UnreadablePostError is an OSError
            return
        yield block


def _keep(turn: parts.Turn, row: Upload, arrived: int) -> None:
    """First the disk, then the row."""
    if arrived == row.offset:
        return
    with parts.held(turn):
        parts.to_disk(turn)
        _acknowledge(row, arrived)


def _keep_if_still_ours(turn: parts.Turn, row: Upload, arrived: int) -> None:
    try:
        _keep(turn, row, arrived)
    except Exception:  # noqa: BLE001 (the reason why the request ends is on its way already)
        return


def _correct(row: Upload) -> None:
    """Where the disk holds less than was acknowledged (it was restored from a back-up), the disk is right."""
    if (safe := safe_offset(row)) < row.offset:
        _acknowledge(row, safe)


def _acknowledge(row: Upload, offset: int) -> None:
    at = now()
    fresh = {"offset": offset, "touched_at": at, "expires_at": at + EXPIRES_AFTER}
    if not Upload.objects.open().filter(pk=row.pk, offset=row.offset).update(**fresh):
        raise refused("upload-taken-over")  # finished or given up in the same instant
    for name, value in fresh.items():
        setattr(row, name, value)
