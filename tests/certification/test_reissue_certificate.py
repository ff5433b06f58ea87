"""A wrong detail: the old one is revoked and says what took its place, the new one says it right."""

import pytest

from tests.certification.conftest import SETTLE
from weineng.certification.actions import award_due, reissue_certificate
from weineng.certification.models import Certificate
from weineng.certification.queries import verified
from weineng.kernel.refusals import Refused
from weineng.notices.models import Message
from weineng.organisations.models import Person


def test_a_wrong_name_is_put_right(certificate, world):
    Person.objects.filter(pk=world.teacher.person).update(name="林晓蓝")
    new = reissue_certificate(by=world.office.actor, certificate=certificate.pk, reason="姓名录错")
    certificate.refresh_from_db()
    assert (verified(new).state, verified(new).claim.name) == ("valid", "林晓蓝")
    old = verified(certificate)
    assert (old.state, old.claim.name, old.successor) == ("replaced", "林晓岚", (new.number, new.code))
    assert (certificate.revoked_because, new.replaces_id) == ("wrong-name", certificate.pk)
    assert Message.objects.filter(event="certificate-issued").count() == 2
    assert award_due(by=SETTLE) == 0
    again = reissue_certificate(by=world.office.actor, certificate=new.pk, because="wrong-details", reason="学校写错")
    certificate.refresh_from_db()
    assert verified(certificate).successor == (again.number, again.code)
    with pytest.raises(Refused) as refusal:
        reissue_certificate(by=world.office.actor, certificate=certificate.pk, reason="再来")
    assert refusal.value.code == "already-replaced"


def test_what_is_not_earned_is_not_issued(certificate, world, scene, passed):
    from weineng.assessment.models import Result

    Result.objects.filter(enrolment=passed, point="A1").update(overturned_at=certificate.issued_at)
    scene.recount(passed)
    with pytest.raises(Refused) as refusal:
        reissue_certificate(by=world.office.actor, certificate=certificate.pk, reason="姓名录错")
    assert refusal.value.code == "not-earned"
    assert Certificate.objects.get().revoked_at is None
