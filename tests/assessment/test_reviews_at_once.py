"""Reviewers of one dossier who are at it in the same moment: one after the other, and nobody's request falls."""

from datetime import datetime

import pytest

from tests.assessment.panel import enrolled, hand_in, through_advice, waiting
from tests.district import start_p4
from tests.races import race
from weineng.assessment.actions import open_review, return_dossier
from weineng.assessment.models import Assignment, Dossier
from weineng.kernel.clock import CIVIL

pytestmark = pytest.mark.slow


@pytest.mark.django_db(transaction=True)
def test_two_of_the_panel_return_a_dossier_at_once(world, set_clock):
    set_clock(datetime(2026, 9, 1, 9, tzinfo=CIVIL))
    p4 = start_p4(world)
    enrolled(p4, world.teacher, "A1", "A2", "A3")
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    panel = waiting(submission, "panel")
    for one in panel:
        open_review(by=world.member(one.reviewer_id).actor, assignment=one.pk)

    def returning(one):
        by = world.member(one.reviewer_id).actor
        return lambda: return_dossier(by=by, assignment=one.pk, advice="请补充数据")

    answers = race(lambda: Dossier.objects.select_for_update().get(), *map(returning, panel))
    assert answers == ["done", "not-found"]
    assert Dossier.objects.get().state == "returned"
    assert {one.void_reason for one in Assignment.objects.filter(role="panel")} == {"returned"}
