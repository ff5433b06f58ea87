"""Ed25519 over a certificate's claim: made with the key in use, checked with the one it was signed under."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from weineng.certification.rules import signed_form


def new_pair() -> tuple[bytes, bytes]:
    """A fresh key: (private, public), 32 bytes each."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes_raw(), key.public_key().public_bytes_raw()


def sign_claim(private: bytes, claim: Mapping[str, Any]) -> str:
    """The signature of a claim as it is stored, in URL-safe base64."""
    return urlsafe_b64encode(Ed25519PrivateKey.from_private_bytes(private).sign(signed_form(claim))).decode()


def is_signed(public: bytes | memoryview, claim: Mapping[str, Any], signature: str) -> bool:
    """Whether this key signed exactly this claim; False for a signature that is none."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes(public)).verify(urlsafe_b64decode(signature), signed_form(claim))
    except (InvalidSignature, ValueError):
        return False
    return True
