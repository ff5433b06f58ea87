"""Certificates on paper: one, or many in one file, always from the signed claim and never from anything else."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from weineng.certification.models import Certificate
from weineng.certification.queries import Verified, verified
from weineng.gateways.papers import compile_paper, qr_svg
from weineng.kernel.clock import civil_date
from weineng.kernel.refusals import Refused
from weineng.kernel.words import word_for

MOST = 500  # pages of one file; more come in parts
_TEMPLATE = Path(str(files("weineng.certification") / "data" / "certificate.typ"))


def print_certificates(rows: Sequence[Certificate], language: str = "zh-hans") -> bytes:
    """A PDF with one certificate a page, in the order given, in the script of `language` (English: simplified).

    `rows` come with their key. A revoked one says so across the page; one of somebody erased has no paper and is left out.
    Refuses `nothing-to-print`, `too-many-to-print` (more than 500), `certificate-forged` for a row that is not what was signed.
    """
    found = [one for one in map(verified, rows) if not one.erased]
    if not found:
        raise Refused("nothing-to-print", translation.gettext_lazy("There is no certificate to print."))
    if len(rows) > MOST:
        message = translation.gettext_lazy("At most %(most)s certificates fit one file; print them in parts.")
        raise Refused("too-many-to-print", message, most=MOST)
    script = "zh-hant" if language == "zh-hant" else "zh-hans"
    with translation.override(script):
        papers = [_page(one, script) for one in found]
        data = {"script": script, "title": papers[0]["title"], "issuer": papers[0]["issuer"], "certificates": papers}
        return compile_paper(_TEMPLATE, data, at=max(row.revoked_at or row.issued_at for row in rows))


def address_of(code: str) -> str:
    """Where anybody can check this certificate."""
    return f"{settings.SITE}/verify/{code}"


def _page(found: Verified, script: str) -> dict[str, Any]:
    claim = found.claim
    if claim is None:
        message = translation.gettext_lazy("What is stored of certificate %(number)s is not what was signed.")
        raise Refused("certificate-forged", message, number=found.number)
    revoked = None
    if found.revoked_at is not None:
        revoked = {"on": civil_date(found.revoked_at).isoformat(), "because": str(found.because)}
    return {
        "number": claim.number, "name": claim.name, "identity": claim.identity, "school": claim.school,
        "programme_title": word_for(claim.programme_title, script), "title": word_for(claim.title, script),
        "level": claim.level, "periods": claim.periods,
        "points": [
            {"code": p.code, "title": word_for(p.title, script), "excellent": p.level == "excellent"} for p in claim.points
        ],
        "issuer": claim.issuer, "version": str(claim.version), "year": str(claim.issued_on.year),
        "month": str(claim.issued_on.month), "day": str(claim.issued_on.day), "address": address_of(claim.code),
        "qr": qr_svg(address_of(claim.code)), "revoked": revoked,
    }  # fmt: skip
