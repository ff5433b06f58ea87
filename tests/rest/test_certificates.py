"""A program checks a certificate: the same answer as on the public page, without a key, and no guessing."""

import json

import pytest

from tests.certification.conftest import certificate, p4, passed, scene  # noqa: F401 (one certificate in force)
from weineng.certification.actions import reissue_certificate, revoke_certificate
from weineng.certification.models import Certificate
from weineng.certification.queries import verified
from weineng.certification.rules import GUESSES, claim_to_json, new_number


def check(client, typed):
    answer = client.get(f"/api/v1/certificates/{typed}", headers={"Accept-Language": "en"})
    return answer.status_code, answer.json()


def test_it_says_what_the_page_says(client, certificate, world):  # noqa: F811
    claim = verified(certificate).claim
    for typed in (
        certificate.number,
        certificate.number.lower().replace("-", "%20"),
        certificate.code,
        certificate.code.upper(),
    ):
        status, answer = check(client, typed)
        assert (status, answer["state"], answer["successor"], answer["because"]) == (200, "valid", None, "")
        said = answer["claim"]
        assert said.pop("periods") == claim.periods
        assert said | {"form": 1} == json.loads(json.dumps(claim_to_json(claim)))
        assert said["name"] == world.teacher.name
        assert world.teacher.number not in str(answer)
    answer = client.get(f"/api/v1/certificates/{certificate.code}")
    assert (answer.headers["Cache-Control"], "weineng_session" in client.cookies) == ("no-store", False)


def test_revoked_replaced_and_forged_ones_say_so(client, certificate, world):  # noqa: F811
    new = reissue_certificate(by=world.office.actor, certificate=certificate.pk, reason="内部说明")
    _status, old = check(client, certificate.number)
    assert (old["state"], old["because_code"], old["because"]) == ("replaced", "wrong-name", "The name was wrong.")
    assert old["successor"] == {"number": new.number, "code": new.code}
    revoke_certificate(by=world.office.actor, certificate=new.pk, because="misconduct", reason="内部说明")
    _status, answer = check(client, new.code)
    assert (answer["state"], answer["because_code"], answer["successor"]) == ("revoked", "misconduct", None)
    assert "内部说明" not in str((old, answer))
    Certificate.objects.filter(pk=new.pk).update(claim=new.claim | {"name": "某某冒名"})
    _status, forged = check(client, new.code)
    assert (forged["state"], forged["claim"]) == ("forged", None)
    assert "某某冒名" not in str(forged)


@pytest.mark.parametrize("typed", ["nothing", "0" * 16, "519000-2026-0000-0000", "%00", "x" * 201, "..%2F", "五"])
def test_what_is_none_is_not_found(client, certificate, typed):  # noqa: F811
    status, error = check(client, typed)
    assert (status, error["code"]) == (404, "not-found")


def test_numbers_cannot_be_tried_out(client, certificate):  # noqa: F811
    for _guess in range(GUESSES):
        assert check(client, new_number("519000", 2026))[0] == 404
    answer = client.get(f"/api/v1/certificates/{certificate.number}")
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-guesses")
    assert 0 < int(answer.headers["Retry-After"]) <= 3601
    assert (
        client.get("/verify/", {"number": certificate.number}).status_code == 429
    )  # page and interface count together
    assert check(client, certificate.code)[0] == 200
