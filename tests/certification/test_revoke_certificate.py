"""An office ends a certificate: it stays ended, whatever the standing says, until the office itself issues another."""

import pytest

from tests.certification.conftest import SETTLE
from weineng.audit.models import Line
from weineng.audit.queries import reasons_of
from weineng.certification.actions import award_due, reissue_certificate, revoke_certificate
from weineng.certification.models import Certificate
from weineng.certification.queries import verified
from weineng.kernel.refusals import Refused
from weineng.notices.models import Message


def code(call, **kwargs):
    with pytest.raises(Refused) as refusal:
        call(**kwargs)
    return refusal.value.code


def test_a_certificate_revoked_by_hand_stays_revoked(certificate, world, scene, passed):
    revoke_certificate(by=world.office.actor, certificate=certificate.pk, because="misconduct", reason="他人代学")
    certificate.refresh_from_db()
    found = verified(certificate)
    assert (found.state, certificate.revoked_because, certificate.revoke_reason) == (
        "revoked",
        "misconduct",
        "他人代学",
    )
    assert "他人代学" not in repr(found)
    told = Message.objects.filter(event="certificate-revoked").order_by("person").values_list("person", flat=True)
    assert list(told) == sorted([world.teacher.person, world.cio.person])
    assert Message.objects.filter(event="certificate-revoked", params__contains="代学").count() == 0
    line = Line.objects.get(verb="certification.revoke")
    assert (line.person, line.subject, line.facts, reasons_of([line])[line.pk]) == (
        world.office.person, world.teacher.person, {"because": "misconduct"}, "他人代学",
    )  # fmt: skip
    for _again in range(2):
        scene.recount(passed)
        assert award_due(by=SETTLE) == 0
    back = reissue_certificate(by=world.office.actor, certificate=certificate.pk, reason="查无实据")
    assert (back.replaces_id, back.revoked_at) == (certificate.pk, None)
    assert award_due(by=SETTLE) == 0


@pytest.mark.parametrize("action", [revoke_certificate, reissue_certificate])
def test_only_the_office_decides(certificate, world, action):
    why = {"because": "misconduct" if action is revoke_certificate else "wrong-name", "reason": "因为"}
    for who in (
        world.teacher,
        world.colleague,
        world.cio,
        world.principal,
        world.auditor,
        world.wu,
        world.kindergarten_cio,
    ):
        assert code(action, by=who.actor, certificate=certificate.pk, **why) == "not-found"
    assert code(action, by=world.office.actor, certificate=certificate.pk, **why | {"reason": " "}) == "reason-missing"
    assert code(action, by=world.office.actor, certificate=certificate.pk, **why | {"because": "x"}) == "reason-unknown"
    Certificate.objects.filter(pk=certificate.pk).update(person=world.office.person)
    assert code(action, by=world.office.actor, certificate=certificate.pk, **why) == "own-certificate"


def test_one_is_revoked_once(certificate, world):
    why = {"by": world.office.actor, "certificate": certificate.pk, "because": "issued-in-error", "reason": "误发"}
    revoke_certificate(**why)
    assert code(revoke_certificate, **why) == "already-revoked"
