"""The bytes of an upload that have arrived so far: one file an upload in the uploads folder.

The row's offset is the law: it is raised only after the bytes below it are on the disk, and what lies beyond it was never
acknowledged and is cut off before the next byte is written. So after any kill the two agree.

Who writes is settled by *turns*. A phone that lost its line leaves a request behind that may hang for minutes; whoever
comes next takes the turn and goes on at once, and the one before is stopped at its next block.
"""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from weineng.files.refusals import refused
from weineng.gateways.storage import sync
from weineng.kernel.clock import now

NOTE = "storing-"


@dataclass(frozen=True)
class Turn:
    """The right to write an upload's bytes, until somebody else takes it."""

    upload: int
    word: str


def place_of(upload: int) -> Path:
    """Where the bytes of an upload lie."""
    return Path(settings.UPLOADS) / f"{upload}.part"


def size_of(upload: int) -> int:
    """How many bytes lie there, acknowledged or not."""
    try:
        return place_of(upload).stat().st_size
    except FileNotFoundError:
        return 0


def free_space() -> int:
    """Bytes left on the disk of the uploads folder."""
    folder = Path(settings.UPLOADS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize


def take_turn(upload: int) -> Turn:
    """From now on only the holder of this turn writes."""
    turn = Turn(upload, secrets.token_hex(8))
    Path(settings.UPLOADS).mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(_turn_place(upload), os.O_RDWR | os.O_CREAT) as lock:
        os.ftruncate(lock, 0)
        os.pwrite(lock, turn.word.encode(), 0)
    return turn


def begin_at(turn: Turn, offset: int) -> None:
    """Cut off what lies beyond `offset`; make the file if it is the first time."""
    place = place_of(turn.upload)
    with held(turn), _room_for_more():
        fresh = not place.exists()
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(descriptor, offset)
        finally:
            os.close(descriptor)
        if fresh:
            sync(place.parent)


def write(turn: Turn, offset: int, block: bytes) -> None:
    """Write a block at `offset`; refuses `upload-taken-over`, `storage-full`."""
    with held(turn), _room_for_more():
        descriptor = os.open(place_of(turn.upload), os.O_WRONLY)
        try:
            view = memoryview(block)
            while view:
                done = os.pwrite(descriptor, view, offset)
                view, offset = view[done:], offset + done
        finally:
            os.close(descriptor)


@contextmanager
def held(turn: Turn) -> Iterator[None]:
    """While this lasts nobody can take the turn; refuses `upload-taken-over` if somebody has."""
    try:
        with _locked(_turn_place(turn.upload), os.O_RDONLY) as lock:
            if os.pread(lock, 64, 0) != turn.word.encode():
                raise refused("upload-taken-over")
            yield
    except FileNotFoundError:  # finished or given up meanwhile
        raise refused("upload-taken-over") from None


def to_disk(turn: Turn) -> None:
    """Bring what was written to the disk; called while the turn is held."""
    with _room_for_more():
        sync(place_of(turn.upload))


def remove(*uploads: int) -> None:
    """The bytes are no longer needed here."""
    for upload in uploads:
        place_of(upload).unlink(missing_ok=True)
        _turn_place(upload).unlink(missing_ok=True)


def present() -> set[int]:
    """Ids of the uploads that have anything here."""
    return {int(p.stem) for p in Path(settings.UPLOADS).glob("*.*") if p.stem.isdigit()}


def storing(digest: str) -> None:
    """A note that these bytes are going into the store: should what they belong to be undone, the note is what remains
    of it. Called while their row is locked, before the first byte is there.

    Whoever brought the same bytes just before may take the note away at any moment: their row is there for good then.
    """
    note = _note_place(digest)
    descriptor = os.open(note, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.utime(descriptor, (now().timestamp(),) * 2)
    finally:
        os.close(descriptor)
    sync(note.parent)


def settled(digest: str) -> None:
    """The row of these bytes is there for good, or the bytes are gone."""
    _note_place(digest).unlink(missing_ok=True)


def unsettled(age: timedelta) -> list[str]:
    """Digests of the bytes that went into the store so long ago, oldest first, and of which nobody has said since that
    they belong to anything."""
    noted = []
    for note in Path(settings.UPLOADS).glob(f"{NOTE}*"):
        with suppress(FileNotFoundError):
            noted.append((note.stat().st_mtime, note.name.removeprefix(NOTE)))
    return [digest for at, digest in sorted(noted) if at <= (now() - age).timestamp()]


def _note_place(digest: str) -> Path:
    return Path(settings.UPLOADS) / f"{NOTE}{digest}"


def _turn_place(upload: int) -> Path:
    return Path(settings.UPLOADS) / f"{upload}.turn"


@contextmanager
def _locked(place: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(place, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _room_for_more() -> Iterator[None]:
    """A full disk is a refusal, not a failure: what has arrived stays."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise refused("storage-full") from error
        raise
