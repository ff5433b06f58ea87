"""Files that come with statements: taken in block by block, kept in the file store, handed out again.

In the store a file lies behind a mark of its source, so that it shares its place with no file of anybody else: what one lets go
nobody else misses.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from weineng.gateways.storage import Blocks, Missing, store
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.kernel.turns import take_turn
from weineng.statements.models import Attachment, Stray
from weineng.statements.rules.rows import Content, attachments_of
from weineng.statements.rules.signatures import check_signature

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
SIGNATURE_LONGEST = 1 << 22  # bytes
_ALGORITHMS = {56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}  # by the length of a hash in hexadecimal


@dataclass(frozen=True)
class Arrived:
    """A file that came with statements: its place in the store, how long it is, what it is said to be; of which source."""

    source: str
    digest: str
    size: int
    media_type: str


def mark_of(source: str) -> bytes:
    """What lies in front of a file of this source."""
    return f"attachment of {source}\n".encode()


def take(source: str, sha2: str, media_type: str, blocks: Iterable[bytes]) -> Arrived:
    """Keep a file that is said to have this hash. Refuses `file-differs`."""
    algorithm = _ALGORITHMS.get(len(sha2))
    whole, plain, size = hashlib.sha256(mark_of(source)), hashlib.new(algorithm or "sha256"), 0
    with tempfile.NamedTemporaryFile() as file:
        file.write(mark_of(source))
        for block in blocks:
            whole.update(block)
            plain.update(block)
            size += len(block)
            file.write(block)
        file.flush()
        if algorithm is None or plain.hexdigest() != sha2.lower():
            raise Refused("file-differs", "The file is not the one of the hash %(sha2)s.", sha2=sha2[:130])
        Stray.objects.create(digest=whole.hexdigest(), at=now())
        store().put(Path(file.name), whole.hexdigest())
    return Arrived(source, whole.hexdigest(), size, media_type.replace("\0", "")[:255])


def open_file(source: str, digest: str) -> Blocks:
    """The bytes of a file in blocks; refuses `unavailable` where the store does not have it."""
    try:
        return store().open(digest, start=len(mark_of(source)))
    except Missing:
        raise Refused("unavailable", "A file of these statements cannot be had just now.") from None


def hold(files: Iterable[Arrived]) -> None:
    """Let nobody drop these files until the transaction ends, in which statements come to have them. Refuses `unavailable` where one has
    just been dropped."""
    digests = sorted({file.digest for file in files})
    for digest in digests:
        take_turn(f"attachment {digest}", shared=True)
        if not store().exists(digest):
            raise Refused("unavailable", "A file is just being let go; send the same again.")
    Stray.objects.filter(digest__in=digests).delete()


def drop(digests: Iterable[str]) -> None:
    """Let go of the files that no statement has."""
    for digest in sorted({*digests}):
        with transaction.atomic():
            take_turn(f"attachment {digest}")
            if not Attachment.objects.filter(digest=digest).exists():
                store().delete(digest)
            Stray.objects.filter(digest=digest).delete()


def refuse_false_signatures(content: Content, files: Mapping[str, Arrived]) -> None:
    """Refuse `signature-false` for a statement whose signature, which came with it, is none or signs something else."""
    for one in _signatures(content):
        if file := files.get(one["sha2"]):
            if one["contentType"] != "application/octet-stream" or file.size > SIGNATURE_LONGEST:
                raise Refused("signature-false", "A signature is a file of the type application/octet-stream.")
            check_signature(b"".join(open_file(file.source, file.digest)), content)


def _signatures(content: Content) -> Iterator[dict[str, Any]]:
    return (one for one in attachments_of(content) if one["usageType"] == SIGNATURE)
