import pytest

from weineng.audit.models import Line
from weineng.audit.queries import reasons_of
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import reveal_identity

pytestmark = pytest.mark.slow


def test_a_number_is_shown_for_a_reason_that_is_logged(world):
    number = reveal_identity(
        by=world.office.actor, person=world.teacher.person, type="id-card", reason="certificate by post"
    )
    assert number == world.teacher.number
    line = Line.objects.get(verb="organisations.reveal_identity")
    assert (line.person, line.subject, reasons_of([line])[line.pk]) == (
        world.office.person,
        world.teacher.person,
        "certificate by post",
    )
    assert number not in str(line.facts)


def test_refusals(world):
    for call, code in (
        ({"type": "id-card", "reason": " x "}, "reason-missing"),
        ({"type": "passport", "reason": "certificate by post"}, "number-unknown"),
    ):
        with pytest.raises(Refused) as refused:
            reveal_identity(by=world.office.actor, person=world.teacher.person, **call)
        assert refused.value.code == code


def test_outside_ones_reach_and_role(world):
    for who in (world.wu, world.cio, world.principal, world.teacher, world.auditor):
        with pytest.raises(NotFound):
            reveal_identity(by=who.actor, person=world.teacher.person, type="id-card", reason="curiosity")
    assert not Line.objects.filter(verb="organisations.reveal_identity").exists()
