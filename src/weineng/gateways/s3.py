"""Files in an S3-compatible store (MinIO, Ceph, a cloud's own). Needs `requirements/s3.txt`.

Loaded only where WEINENG_S3_BUCKET is set.
"""

import hashlib
import io
import os
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

from botocore.config import Config
from django.core.files import File
from storages.backends.s3 import S3Storage

from weineng.gateways.storage import BLOCK, Blocks, Damaged, Missing, check_digest

os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")  # else the first call asks a machine that is not there


class S3Store:
    """One bucket; the key of a file is `folder/` and its digest."""

    def __init__(
        self, *, bucket: str, endpoint: str, region: str, key: str, secret: str, folder: str = "", direct: bool = False
    ) -> None:
        """`direct`: browsers fetch from the endpoint by signed addresses instead of through the platform."""
        self.direct = direct
        self.storage: Any = S3Storage(
            bucket_name=bucket,
            endpoint_url=endpoint or None,
            region_name=region or None,
            access_key=key or None,  # none: the machine's own role
            secret_key=secret or None,
            location=folder,
            querystring_auth=True,
            file_overwrite=True,  # the name is the content
            client_config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},  # a bucket is rarely a host name outside the big clouds
                request_checksum_calculation="when_required",  # many servers refuse the trailers boto adds by itself
                response_checksum_validation="when_required",
                connect_timeout=10,
                read_timeout=60,
                retries={"max_attempts": 4, "mode": "standard"},
            ),
        )

    def put(self, source: Path | BinaryIO, digest: str) -> None:
        """As `Store.put`; a stream is gathered and checked first, so that a damaged one leaves nothing behind."""
        check_digest(digest)
        if self.exists(digest):
            return
        if isinstance(source, Path):
            with source.open("rb") as file:
                self._send(file, digest)
            return
        found = hashlib.sha256()
        with tempfile.TemporaryFile() as file:
            while block := source.read(BLOCK):
                found.update(block)
                file.write(block)
            if found.hexdigest() != digest:
                raise Damaged(digest)
            self._send(file, digest)

    def open(self, digest: str, start: int = 0, length: int | None = None) -> Blocks:
        """As `Store.open`."""
        if start >= self.size(digest) or length == 0:
            return Blocks(io.BytesIO, 0)  # S3 has no empty range
        span = {"Range": f"bytes={start}-{'' if length is None else start + length - 1}"} if start or length else {}
        return Blocks(lambda: self._object(digest).get(**span)["Body"], length)

    def size(self, digest: str) -> int:
        """As `Store.size`."""
        check_digest(digest)
        try:
            return int(self.storage.size(digest))
        except FileNotFoundError:
            raise Missing(digest) from None

    def exists(self, digest: str) -> bool:
        """As `Store.exists`."""
        check_digest(digest)
        return bool(self.storage.exists(digest))

    def delete(self, digest: str) -> None:
        """As `Store.delete`."""
        check_digest(digest)
        self.storage.delete(digest)

    def address(self, digest: str, *, seconds: int, media_type: str, disposition: str) -> str | None:
        """As `Store.address`: where browsers may reach the endpoint (WEINENG_S3_DIRECT)."""
        check_digest(digest)
        if not self.direct:
            return None
        parameters = {
            "ResponseContentType": media_type,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": "private, no-store",
        }
        return str(self.storage.url(digest, parameters=parameters, expire=seconds))

    def _send(self, file: BinaryIO, digest: str) -> None:
        file.seek(0)
        self.storage.save(digest, File(file))

    def _object(self, digest: str) -> Any:
        return self.storage.bucket.Object(self.storage._normalize_name(digest))
