"""Certificates on pages: anybody checks one; the teacher has theirs, the school prints all, the office decides."""

import pytest

from tests.certification.conftest import SETTLE
from weineng.accounts.models import Grant
from weineng.certification.actions import award_due, reissue_certificate, revoke_certificate
from weineng.certification.models import Certificate
from weineng.certification.queries import verified
from weineng.certification.rules import GUESSES, new_number

pytestmark = pytest.mark.slow


@pytest.fixture
def visit(client, sign_in, certificate, scene):
    scene.programme.title = {"en": "P4"}
    scene.programme.save()

    def go(member, url, data=None, role=""):
        post = f"grant:{Grant.objects.get(person=member.person, role=role).pk}" if role else ""
        sign_in(client, member, post)
        return client.post(url, data) if data is not None else client.get(url)

    return go


def text(answer):
    return answer.content.decode()


def signed_fields(claim):
    return (
        claim.name, claim.identity, claim.school, claim.title["zh-hans"], claim.programme_title["zh-hans"], "合格", claim.periods,
        *(f"{p.code} {p.title['zh-hans']}" for p in claim.points), claim.issuer, claim.issued_on.isoformat(), claim.number, claim.code,
        f"{claim.programme} · {claim.version}",
    )  # fmt: skip


def test_anybody_sees_every_signed_field(client, certificate, django_assert_num_queries):
    url = f"/verify/{certificate.code}/"
    client.get(url)
    with django_assert_num_queries(3):  # begin, look up, end
        answer = client.get(url)
    assert answer.status_code == 200
    for field in signed_fields(verified(certificate).claim):
        assert field in text(answer), field
    assert "本证书真实有效" in text(answer)
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")
    assert "weineng_session" not in client.cookies


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_the_page_speaks_three_languages(client, certificate, language):
    client.cookies["weineng_language"] = language
    said = {"zh-hans": "查验证书", "zh-hant": "查驗證書", "en": "Check a certificate"}
    assert said[language] in text(client.get("/verify/"))
    assert verified(certificate).claim.title[language] in text(client.get(f"/verify/{certificate.code}/"))


def test_the_number_leads_to_the_page_and_a_wrong_one_is_answered_politely(client, certificate):
    for typed in (certificate.number, certificate.number.lower(), certificate.code.upper()):
        answer = client.get("/verify/", {"number": typed})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/verify/{certificate.code}/")
    assert client.get(f"/verify/{certificate.code}").status_code == 200  # as the QR code has it
    for url, query in (
        ("/verify/", {"number": "519000-2026-0000-0000"}),
        ("/verify/nothing/", {}),
        ("/verify/0000000000000000/", {}),
    ):
        answer = client.get(url, query)
        assert answer.status_code == 404
        assert "查不到" in text(answer)
    assert client.get("/verify/", {"number": ""}).status_code == 200


def test_numbers_cannot_be_tried_out_on_the_page(client, certificate):
    for _guess in range(GUESSES):
        assert client.get("/verify/", {"number": new_number("519000", 2026)}).status_code == 404
    for url, query in (("/verify/", {"number": certificate.number}), (f"/verify/{certificate.number}/", {})):
        answer = client.get(url, query)
        assert (answer.status_code, 0 < int(answer.headers["Retry-After"]) <= 3601) == (429, True)
        assert certificate.claim["name"] not in text(answer)
    assert client.get(f"/verify/{certificate.code}/").status_code == 200


def test_revoked_replaced_and_forged_ones_say_so(client, certificate, world):
    new = reissue_certificate(by=world.office.actor, certificate=certificate.pk, reason="内部说明")
    old = text(client.get(f"/verify/{certificate.code}/"))
    for said in ("已撤销并已更换", "姓名有误", "2026-11-02", new.number, f"/verify/{new.code}/", world.teacher.name):
        assert said in old
    assert "内部说明" not in old
    revoke_certificate(by=world.office.actor, certificate=new.pk, because="misconduct", reason="内部说明")
    answer = text(client.get(f"/verify/{new.code}/"))
    assert "已撤销" in answer
    assert "内部说明" not in answer
    Certificate.objects.filter(pk=new.pk).update(claim=new.claim | {"name": "某某冒名"})
    forged = text(client.get(f"/verify/{new.code}/"))
    assert "与签名时不一致" in forged
    assert "某某冒名" not in forged


def test_the_teacher_has_their_certificates_and_nobody_elses(visit, certificate, world):
    assert certificate.number in text(visit(world.teacher, "/certificates/"))
    url = f"/certificates/{oid(certificate)}/"
    page = visit(world.teacher, url)
    assert page.status_code == 200
    assert "撤销" not in text(page)
    pdf = visit(world.teacher, f"{url}pdf/")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert pdf["Content-Disposition"] == f'attachment; filename="certificate-{certificate.number}.pdf"'
    for member in (world.colleague, world.leader, world.wu):
        assert certificate.number not in text(visit(member, "/certificates/"))
        assert visit(member, url).status_code == 404
        assert visit(member, f"{url}pdf/").status_code == 404


def oid(row):
    from weineng.kernel.ids import seal_id

    return seal_id("certification.certificate", row.pk)


def unit_oid(pk):
    from weineng.kernel.ids import seal_id

    return seal_id("organisations.unit", pk)


def test_the_school_prints_all_of_its_own(visit, certificate, world, scene):
    other = scene.enrol(world.colleague.person)
    scene.finish(other)
    scene.recount(other)
    assert award_due(by=SETTLE) == 1
    listed = text(visit(world.cio, "/certificates/schools/", role="cio"))
    assert unit_oid(world.nine_year) in listed
    url = f"/certificates/school/{unit_oid(world.nine_year)}/"
    page = text(visit(world.cio, url, role="cio"))
    assert page.index(world.teacher.name) < page.index(world.colleague.name)
    pdf = visit(world.office, f"{url}pdf/", role="office")
    assert pdf.content[:5] == b"%PDF-"
    for member, role in ((world.kindergarten_cio, "cio"), (world.wu, "office"), (world.colleague, "")):
        assert visit(member, url, role=role).status_code == 404
        assert visit(member, f"{url}pdf/", role=role).status_code == 404
        assert certificate.number not in text(visit(member, "/certificates/schools/", role=role))


def test_a_school_without_certificates_has_no_list(visit, world):
    assert (
        visit(world.office, f"/certificates/school/{unit_oid(world.kindergarten)}/", role="office").status_code == 404
    )


def test_the_list_asks_as_much_with_three_rows_as_with_one(visit, certificate, world, scene):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = f"/certificates/school/{unit_oid(world.nine_year)}/"

    def count():
        visit(world.cio, url, role="cio")
        with CaptureQueriesContext(connection) as queries:
            visit(world.cio, url, role="cio")
        return len(queries)

    with_one = count()
    more = [scene.enrol(member.person) for member in (world.colleague, world.leader)]
    for enrolment in more:
        scene.finish(enrolment)
    scene.recount(*more)
    assert award_due(by=SETTLE) == 2
    assert count() == with_one


def test_the_office_revokes_and_issues_anew(visit, certificate, world):
    url = f"/certificates/{oid(certificate)}/"
    assert "撤销这份证书" in text(visit(world.office, url, role="office"))
    empty = visit(world.office, f"{url}revoke/", {"revoke-because": "misconduct", "revoke-reason": " "}, role="office")
    assert empty.status_code == 422
    said = {"revoke-because": "issued-in-error", "revoke-reason": "误发"}
    for member, role, status in ((world.cio, "cio", 404), (world.wu, "office", 404), (world.teacher, "", 404)):
        assert visit(member, f"{url}revoke/", said, role=role).status_code == status
    assert visit(world.office, f"{url}revoke/", said, role="office").status_code == 302
    certificate.refresh_from_db()
    assert certificate.revoked_because == "issued-in-error"
    assert "误发" in text(visit(world.office, url, role="office"))
    assert "误发" not in text(visit(world.teacher, url))
    again = {"reissue-because": "wrong-details", "reissue-reason": "复核后重发"}
    assert visit(world.office, f"{url}reissue/", again, role="office").status_code == 302
    assert Certificate.objects.get(revoked_at__isnull=True).replaces_id == certificate.pk
    assert visit(world.office, f"{url}reissue/", again | {"reissue-reason": "再来"}, role="office").status_code == 422
