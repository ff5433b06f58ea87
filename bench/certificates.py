"""Certificates per second: signed, checked, and printed into one file of a whole school (500 pages).

PYTHONPATH=src python bench/certificates.py [certificates]
"""

import os
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime

os.environ.setdefault("WEINENG_DATA", tempfile.mkdtemp(prefix="weineng-bench-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")

import django

django.setup()

from weineng.certification.models import Certificate, SigningKey
from weineng.certification.papers import print_certificates
from weineng.certification.queries import verified
from weineng.certification.rules import Claim, PassedPoint, claim_to_json, new_code, new_number
from weineng.certification.signing import new_pair, sign_claim

AT = datetime(2027, 7, 1, 1, tzinfo=UTC)
LETTERS = [chr(code) for code in range(0x5F20, 0x5F20 + 400)]


def claims(count):
    title = {"zh-hans": "".join(LETTERS[:20])}
    points = tuple(PassedPoint(f"A{n}", {"zh-hans": "".join(LETTERS[n * 9 : n * 9 + 9])}, "pass") for n in range(1, 5))
    for n in range(count):
        name = LETTERS[n % 400] + LETTERS[n * 7 % 400] + LETTERS[n * 13 % 400]
        yield Claim(
            new_number("519901", 2027), new_code(), "programme", name, f"****{n:04}", "".join(LETTERS[40:55]), "p4-district",
            title, title, "pass", 2250, 45, points, "".join(LETTERS[60:66]), date(2027, 7, 1), 1,
        )  # fmt: skip


def measured(what, count, call):
    start = time.perf_counter()
    done = call()
    took = time.perf_counter() - start
    print(f"{what:<28} {count} in {took:6.2f} s = {count / took:8.0f}/s")
    return done


def main(count=500):
    private, public = new_pair()
    key = SigningKey(name="bench", public=public)
    plain = [claim_to_json(claim) for claim in claims(count)]
    signatures = measured("signed", count, lambda: [sign_claim(private, one) for one in plain])
    rows = [
        Certificate(
            number=one["number"], code=one["code"], kind="programme", level="pass", claim=one, signature=signature, key=key,
            issued_at=AT, issued_on=date(2027, 7, 1),
        )
        for one, signature in zip(plain, signatures, strict=True)
    ]  # fmt: skip
    measured("checked", count, lambda: [verified(row) for row in rows])
    measured("first page (fonts read)", 1, lambda: print_certificates(rows[:1]))
    measured("one page", 1, lambda: print_certificates(rows[1:2]))
    pdf = measured("one file", count, lambda: print_certificates(rows))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(pdf) / 1e6:.1f} MB, {memory:.0f} MB of memory at most")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
