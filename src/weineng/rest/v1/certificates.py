"""Is this certificate real? The same as the public page, for programs; without a key."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Path, Router, Schema
from pydantic import Field

from weineng.certification.actions import check_certificate
from weineng.certification.queries import Verified
from weineng.certification.rules import Claim
from weineng.kernel.actors import Actor
from weineng.kernel.addresses import client_address
from weineng.kernel.refusals import NotFound
from weineng.rest.operations import operation

router = Router(tags=["certificates"])
STATES = ("valid", "revoked", "replaced", "forged")
TYPED = Path(
    description=gettext_noop("Number or code as on the paper; spaces, dashes and capitals make no difference."), max_length=200
)  # fmt: skip


class PointOut(Schema):
    """A passed point as the certificate names it."""

    code: str = Field(description=gettext_noop("Code of the point in the standard."))
    title: dict[str, str] = Field(description=gettext_noop("In three languages: zh-hans, zh-hant, en."))
    level: str = Field(description=gettext_noop("pass or excellent."))


class ClaimOut(Schema):
    """Every signed field."""

    number: str = Field(description=gettext_noop("Number of the certificate."))
    code: str = Field(description=gettext_noop("Code for checking it."))
    kind: str = Field(description=gettext_noop("programme, or point where one point is certified."))
    name: str = Field(description=gettext_noop("Name of the person; empty once it was erased."))
    identity: str = Field(
        description=gettext_noop("The last four characters of the identity number, after stars; may be empty.")
    )
    school: str = Field(description=gettext_noop("School or office of the person when it was issued."))
    programme: str = Field(description=gettext_noop("Code of the programme."))
    programme_title: dict[str, str] = Field(description=gettext_noop("In three languages: zh-hans, zh-hant, en."))
    title: dict[str, str] = Field(description=gettext_noop("In three languages: zh-hans, zh-hant, en."))
    level: str = Field(description=gettext_noop("pass or excellent."))
    minutes: int = Field(description=gettext_noop("Minutes that counted on the day of issue."))
    period_minutes: int = Field(description=gettext_noop("How many minutes a period has."))
    periods: str = Field(description=gettext_noop("The same in periods, rounded down to one decimal."))
    points: list[PointOut] = Field(description=gettext_noop("The passed points, in the order of the standard."))
    issuer: str = Field(description=gettext_noop("The office that issued it."))
    issued_on: date = Field(description=gettext_noop("Day of issue."))
    version: int = Field(description=gettext_noop("Version of the programme by which it was judged."))


class SuccessorOut(Schema):
    """The certificate that holds in the place of another."""

    number: str = Field(description=gettext_noop("Number of the certificate."))
    code: str = Field(description=gettext_noop("Code for checking it."))


class CertificateOut(Schema):
    """What anybody may know of a certificate."""

    number: str = Field(description=gettext_noop("Number of the certificate."))
    code: str = Field(description=gettext_noop("Code for checking it."))
    state: str = Field(
        description=gettext_noop(
            "valid; revoked; replaced: revoked, and “successor” holds; forged: not what was signed, do not rely on it."
        ),
        json_schema_extra={"enum": list(STATES)},
    )
    claim: ClaimOut | None = Field(description=gettext_noop("Every signed field; null where it is forged."))
    revoked_at: datetime | None = Field(description=gettext_noop("When it was revoked; otherwise null."))
    because: str = Field(description=gettext_noop("Why, in the language of Accept-Language; otherwise empty."))
    because_code: str = Field(description=gettext_noop("The same as a code; otherwise empty."))
    successor: SuccessorOut | None = Field(description=gettext_noop("What holds in its place; otherwise null."))
    signed_under: str = Field(
        description=gettext_noop("Name of the key whose signature was checked just now (Ed25519).")
    )


@operation(
    router, "GET", "/{number}", permission=None, answers=CertificateOut,
    says=gettext_noop("Check a certificate."),
    more=gettext_noop(
        "The same as on the public page: every signed field, and whether it still holds. Codes are always answered; an address "
        "that asks for many numbers that do not exist has to wait until the hour is over."
    ),
    refuses=("too-many-guesses",),
)  # fmt: skip
def show_certificate(request: HttpRequest, response: HttpResponse, number: str = TYPED) -> dict[str, Any]:
    """The certificate with this number or code; not kept by caches, since it may be revoked tomorrow."""
    found = check_certificate(
        by=Actor(door="rest"), typed=number, address=client_address(request.META, settings.PROXIES)
    )
    if found is None:
        raise NotFound("certification.certificate")
    response["Cache-Control"] = "no-store"
    return _out(found)


def _out(found: Verified) -> dict[str, Any]:
    return vars(found) | {
        "claim": _claim(found.claim) if found.claim else None,
        "because": str(found.because),
        "successor": {"number": found.successor[0], "code": found.successor[1]} if found.successor else None,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return vars(claim) | {"periods": claim.periods, "points": [vars(point) for point in claim.points]}
