"""A signature that comes with a statement signs this statement, by an algorithm of the specification, with the certificate it shows."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding

from tests.statements.test_rules import FULL, changed
from weineng.kernel.refusals import Refused
from weineng.statements.rules.signatures import check_signature

KEY, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
HASHES = {"RS256": SHA256(), "RS384": SHA384(), "RS512": SHA512()}


def certificate(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "platform.example")])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    )
    return base64.b64encode(made.sign(key, SHA256()).public_bytes(Encoding.DER)).decode()


def word(value):
    return base64.urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).rstrip(b"=")


def signed(payload=FULL, algorithm="RS256", key=KEY, **header):
    first = word({"alg": algorithm, **header}) + b"." + word(payload)
    return first + b"." + word(key.sign(first, PKCS1v15(), HASHES.get(algorithm, SHA256())))


def verdict(signature):
    try:
        check_signature(signature, FULL)
    except Refused as refusal:
        return refusal.code
    return "right"


@pytest.mark.parametrize("algorithm", HASHES)
def test_signatures_with_and_without_a_certificate(algorithm):
    assert [verdict(signed(algorithm=algorithm)), verdict(signed(algorithm=algorithm, x5c=[certificate(KEY)]))] == [
        "right",
        "right",
    ]
    assert verdict(signed(algorithm=algorithm, x5c=[certificate(OTHER)])) == "signature-false"


def test_what_is_no_signature_of_the_statement():
    wrong = [
        b"", b"a.b", b"a.b.c.d", b"\xff.\xff.\xff", word(b"{") + b"." + word(FULL) + b".", word([]) + b"." + word(FULL) + b".",
        signed(algorithm="HS256"), signed(algorithm="none"), signed("text"), signed({}), signed(changed("verb/id", "urn:x:other")),
        signed(x5c=[]), signed(x5c="x"), signed(x5c=["AAAA"]), signed(x5c=[1]),
    ]  # fmt: skip
    assert [verdict(signature) for signature in wrong] == ["signature-false"] * len(wrong)
    assert verdict(signed(changed("attachments", []))) == "right"
