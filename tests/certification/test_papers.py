"""On paper: what was signed, legibly, one or a whole school; a revoked one says so."""

import pypdfium2
import pytest

from tests.certification.conftest import SETTLE
from weineng.certification.actions import award_due, revoke_certificate
from weineng.certification.papers import MOST, print_certificates
from weineng.certification.queries import certificates_of_school, verified
from weineng.kernel.refusals import Refused

pytestmark = pytest.mark.slow


def pages(pdf):
    return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in pypdfium2.PdfDocument(pdf)]


def squeezed(text):
    """Without the spaces that setting Chinese beside digits brings."""
    return "".join(text.split())


def test_everything_signed_stands_on_the_page(certificate):
    text = squeezed(pages(print_certificates([certificate]))[0])
    claim = verified(certificate).claim
    for said in (
        claim.name, claim.identity, claim.school, claim.number, claim.issuer, "50.0", "合格", f"/verify/{claim.code}",
        claim.title["zh-hans"], claim.programme_title["zh-hans"], *(p.title["zh-hans"] for p in claim.points), "2026年11月2日",
    ):  # fmt: skip
        assert squeezed(said) in text, said
    assert "撤销" not in text


def test_the_same_certificate_twice_is_the_same_bytes(certificate):
    assert print_certificates([certificate]) == print_certificates([certificate])


def test_the_traditional_script_has_its_own_words(certificate):
    text = squeezed(pages(print_certificates([certificate], "zh-hant"))[0])
    assert "證書編號" in text
    assert "教師資訊科技應用能力提升工程2.0合格證書" in text


def test_a_revoked_one_says_so_and_why(certificate, world):
    revoke_certificate(by=world.office.actor, certificate=certificate.pk, because="issued-in-error", reason="误发")
    certificate.refresh_from_db()
    (text,) = pages(print_certificates([certificate]))
    assert "已撤销" in text
    assert "2026-11-02" in text
    assert "误发" not in text


def test_one_that_is_not_what_was_signed_is_not_printed(certificate):
    certificate.claim["name"] = "别人"
    with pytest.raises(Refused) as refusal:
        print_certificates([certificate])
    assert refusal.value.code == "certificate-forged"


@pytest.mark.parametrize(("count", "code"), [(0, "nothing-to-print"), (MOST + 1, "too-many-to-print")])
def test_none_and_too_many_are_refused(certificate, count, code):
    with pytest.raises(Refused) as refusal:
        print_certificates([certificate] * count)
    assert refusal.value.code == code


def test_a_school_prints_in_staff_order(scene, world):
    people = [world.loner, world.cio, world.chinese_teachers[0], world.teacher, world.colleague, world.leader]
    long = world.enter("阿卜杜热合曼·买买提伊敏·艾合买提江㛃䶮", world.maths, staff_number="00100")
    numbers = {world.teacher.person: "00031", world.colleague.person: "9", world.leader.person: "00030"}
    from weineng.organisations.models import Posting

    for person, number in numbers.items():
        Posting.objects.filter(person=person).update(staff_number=number)
    elsewhere = world.kindergarten_teachers[0]
    enrolments = [scene.enrol(member.person) for member in (*people, long, elsewhere)]
    for enrolment in enrolments:
        scene.finish(enrolment)
    scene.recount(*enrolments)
    assert award_due(by=SETTLE) == 8
    rows = list(certificates_of_school(world.cio.actor, scene.programme.pk, world.nine_year))
    in_order = [row.claim["name"] for row in rows]
    chinese = sorted([world.chinese_teachers[0], world.cio], key=lambda m: m.key)
    assert in_order == [
        world.loner.name, *(m.name for m in chinese), world.colleague.name, world.leader.name, world.teacher.name, long.name,
    ]  # fmt: skip
    printed = pages(print_certificates(rows))
    assert [name in page for name, page in zip(in_order, printed, strict=True)] == [True] * 7
    assert list(certificates_of_school(world.kindergarten_cio.actor, scene.programme.pk, world.nine_year)) == []
    assert list(certificates_of_school(world.wu.actor, scene.programme.pk, world.nine_year)) == []
