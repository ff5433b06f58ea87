"""Encryption of what must be readable again, keyed hashes of what must only be found again.

The installation's data keys come from the settings, newest last; what was written under an older version stays readable,
and rows carry the version so that they can be re-encrypted in the background.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def key_version() -> int:
    """The version under which new values are written; counts from 1."""
    return len(settings.DATA_KEYS)


@lru_cache(maxsize=64)
def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret.encode())


def _box(version: int) -> Fernet:
    return Fernet(urlsafe_b64encode(_derive(settings.DATA_KEYS[version - 1], "encrypt")))


def encrypt(plain: bytes) -> bytes:
    """Authenticated encryption under the newest data key; one version byte in front."""
    version = key_version()
    return bytes([version]) + _box(version).encrypt(plain)


def decrypt(cipher: bytes | memoryview) -> bytes:
    """The plain bytes; raises `cryptography.fernet.InvalidToken` for what was not written here."""
    data = bytes(cipher)
    return _box(data[0]).decrypt(data[1:])


def keyed_hash(purpose: str, text: str, version: int | None = None) -> str:
    """A hash (64 hex digits) by which `text` is found again and from which it cannot be guessed without the key."""
    secret = settings.DATA_KEYS[(version or key_version()) - 1]
    return hmac.digest(_derive(secret, f"hash:{purpose}"), text.encode(), hashlib.sha256).hex()
