"""The headers of the protocol: read strictly, refused with what is wrong."""

import base64
import binascii
from collections.abc import Mapping

from weineng.files.arrivals import CHECKSUMS

MOST = 8_000  # characters of metadata


class Malformed(Exception):  # noqa: N818 (the request is)
    """400, and why."""


def number(headers: Mapping[str, str], name: str) -> int:
    """A header that must be a whole number from 0 up."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise Malformed(f"{name} must be a whole number.")
    return int(text)


def metadata(text: str) -> dict[str, str]:
    """`Upload-Metadata`: pairs of key and base64 value, separated by commas; a value may be missing."""
    if len(text) > MOST:
        raise Malformed("Upload-Metadata is too long.")
    found: dict[str, str] = {}
    for pair in text.split(",") if text.strip() else []:
        key, _, value = pair.strip().partition(" ")
        if not key or not key.isascii() or key in found:
            raise Malformed("Upload-Metadata: keys are ASCII, not empty, and occur once.")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError):  # a UnicodeDecodeError is a ValueError
            raise Malformed(f"Upload-Metadata: the value of {key} is not text in base64.") from None
    return found


def checksum(text: str | None) -> tuple[str, bytes] | None:
    """`Upload-Checksum`: an algorithm we offer, and a digest of its length in base64."""
    if text is None:
        return None
    algorithm, _, value = text.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise Malformed(f"Upload-Checksum: {', '.join(CHECKSUMS)} are supported.")
    try:
        digest = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("Upload-Checksum: the digest is not base64.") from None
    if len(digest) != {"sha1": 20, "sha256": 32}[algorithm]:
        raise Malformed("Upload-Checksum: the digest has the wrong length.")
    return algorithm, digest
