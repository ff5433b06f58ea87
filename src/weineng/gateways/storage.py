"""Where files lie: a folder by default, any S3-compatible store by setting. A file's address is the SHA-256 of its bytes.

What is written twice is the same thing, so every verb may run again. Nothing here knows whose file it is or who may see it.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

BLOCK = 1 << 18  # bytes read or written at once


class Missing(Exception):  # noqa: N818 (the store's word for it)
    """The store has no file under this digest."""


class Damaged(Exception):  # noqa: N818 (the bytes are)
    """The bytes to be stored are not those of the digest."""


class Blocks:
    """The bytes of a file, block by block; opened with the first one, so that what nobody reads holds nothing open."""

    def __init__(self, opened: Callable[[], Any], left: int | None) -> None:
        """`opened()` has `read(size)` and `close()`; `left` bytes are read of it (None: all)."""
        self.opened, self.left = opened, left
        self.source: Any = None

    def __iter__(self) -> "Blocks":
        return self

    def __next__(self) -> bytes:
        if self.source is None and self.left != 0:
            self.source = self.opened()
        block: bytes = (
            self.source.read(BLOCK if self.left is None else min(BLOCK, self.left)) if self.left != 0 else b""
        )
        if not block:
            self.close()
            raise StopIteration
        if self.left is not None:
            self.left -= len(block)
        return block

    def close(self) -> None:
        """Let go of the file."""
        if self.source is not None:
            self.source.close()
        self.left = 0


class Store(Protocol):
    """One place for files, whatever stands behind it."""

    def put(self, source: Path | BinaryIO, digest: str) -> None:
        """Keep the bytes of `source` (a local file, or a stream at its beginning) for good before returning; what is
        there already stays. A stream is hashed on the way and raises `Damaged`; of a local file the caller knows it."""

    def open(self, digest: str, start: int = 0, length: int | None = None) -> Blocks:
        """The bytes from `start`, `length` of them (None: to the end), in blocks; raises `Missing` at once."""

    def size(self, digest: str) -> int:
        """Bytes; raises `Missing`."""

    def exists(self, digest: str) -> bool:
        """Whether it is there."""

    def delete(self, digest: str) -> None:
        """Let it be there no more; nothing happens if it is not."""

    def address(self, digest: str, *, seconds: int, media_type: str, disposition: str) -> str | None:
        """A signed address at which a browser can fetch it for so many seconds; None where only we can hand it out."""


class FolderStore:
    """Files in folders of this machine (or of a shared disk), two levels deep by the first digits of their digest."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def put(self, source: Path | BinaryIO, digest: str) -> None:
        """As `Store.put`: written beside its place, brought to the disk, then renamed; never seen half."""
        place = self._place(digest)
        if place.exists():
            return
        self._make_folders(place.parent)
        draft = place.with_name(f"{digest}.{secrets.token_hex(8)}.new")
        try:
            if isinstance(source, Path):
                _link_or_copy(source, draft)
            else:
                _write_checked(source, draft, digest)
            sync(draft)
            _sweep(draft, digest)
            draft.replace(place)
            sync(place.parent)
        finally:
            draft.unlink(missing_ok=True)

    def open(self, digest: str, start: int = 0, length: int | None = None) -> Blocks:
        """As `Store.open`."""
        self.size(digest)

        def opened() -> BinaryIO:
            file = self._place(digest).open("rb")
            file.seek(start)
            return file

        return Blocks(opened, length)

    def size(self, digest: str) -> int:
        """As `Store.size`."""
        try:
            return self._place(digest).stat().st_size
        except FileNotFoundError:
            raise Missing(digest) from None

    def exists(self, digest: str) -> bool:
        """As `Store.exists`."""
        return self._place(digest).exists()

    def delete(self, digest: str) -> None:
        """As `Store.delete`."""
        place = self._place(digest)
        place.unlink(missing_ok=True)
        if place.parent.exists():
            sync(place.parent)

    def address(self, digest: str, *, seconds: int, media_type: str, disposition: str) -> str | None:  # noqa: ARG002
        """As `Store.address`: a folder has none."""
        return None

    def _place(self, digest: str) -> Path:
        check_digest(digest)
        return self.folder / digest[:2] / digest[2:4] / digest

    def _make_folders(self, folder: Path) -> None:
        """Make the two levels, each brought to the disk in its parent."""
        if folder.is_dir():
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else on this machine reads pupils' faces
        folder.mkdir(parents=True, exist_ok=True)
        for parent in (folder.parent, folder.parent.parent, self.folder.parent):
            sync(parent)


def check_digest(digest: str) -> None:
    """A digest becomes part of a path: raises ValueError for anything but 64 small hex digits."""
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError(digest)


def sync(place: Path) -> None:
    """Bring a file or a folder's list of names to the disk; returns when the disk says so."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _link_or_copy(source: Path, target: Path) -> None:
    """A second name for the same bytes where the disk allows it: a gigabyte in no time."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _sweep(draft: Path, digest: str) -> None:
    """Remove drafts of this file that a killed process left an hour or longer before this one."""
    mine = draft.stat().st_ctime
    for left in draft.parent.glob(f"{digest}.*.new"):
        try:
            if mine - left.stat().st_ctime > 3600:
                left.unlink()
        except FileNotFoundError:
            continue


def _write_checked(source: BinaryIO, target: Path, digest: str) -> None:
    found = hashlib.sha256()
    with target.open("wb") as file:
        while block := source.read(BLOCK):
            found.update(block)
            file.write(block)
    if found.hexdigest() != digest:
        raise Damaged(digest)


@lru_cache(maxsize=1)
def store() -> Store:
    """The installation's store, as the settings say (FILE_STORE: the class and what it is made with)."""
    made: Store = import_string(settings.FILE_STORE["class"])(**settings.FILE_STORE["options"])
    return made
