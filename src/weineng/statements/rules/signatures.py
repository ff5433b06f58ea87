"""Signed statements (1.0.3, Data 2.6): a JSON Web Signature of the statement as it was before it was signed."""

import base64
import binascii
from typing import Any, NoReturn

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from weineng.kernel.refusals import Refused
from weineng.statements.rules.comparing import same
from weineng.statements.rules.rows import Content
from weineng.statements.rules.statements import check

_HASHES: dict[str, HashAlgorithm] = {"RS256": SHA256(), "RS384": SHA384(), "RS512": SHA512()}


def check_signature(signature: bytes, content: Content) -> None:
    """Refuse `signature-false` for what is no signature of this statement. Where the certificate comes along (`x5c`), the signature must
    be its own; whom it names is not judged here."""
    parts = signature.strip().split(b".")
    if len(parts) != 3:
        _false("it has not the three parts of a JSON Web Signature")
    header, payload = _json(parts[0]), _json(parts[1])
    algorithm = _HASHES.get(str(header.get("alg")))
    if algorithm is None:
        _false("it is made by none of RS256, RS384 and RS512")
    try:
        check(payload, new=True)
    except Refused:
        _false("it signs no statement")
    if not same(content, payload):
        _false("it signs another statement")
    if "x5c" in header:
        _verify(header["x5c"], _bytes(parts[2]), b".".join(parts[:2]), algorithm)


def _verify(chain: Any, signature: bytes, signed: bytes, algorithm: HashAlgorithm) -> None:
    try:
        key = x509.load_der_x509_certificate(base64.b64decode(chain[0])).public_key()
        if not isinstance(key, RSAPublicKey):
            _false("its certificate has no RSA key")
        key.verify(signature, signed, PKCS1v15(), algorithm)
    except (InvalidSignature, ValueError, TypeError, LookupError):
        _false("it is not that of its certificate")


def _json(part: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(_bytes(part))
    except orjson.JSONDecodeError:
        _false("a part of it is not JSON")
    if not isinstance(found, dict):
        _false("a part of it is no object")
    return found


def _bytes(part: bytes) -> bytes:
    try:
        return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        _false("a part of it is not written in base64url")


def _false(why: str) -> NoReturn:
    raise Refused("signature-false", "The signature cannot be that of the statement: %(why)s.", why=why)
