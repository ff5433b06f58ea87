"""What waits for a reviewer is seen where somebody can mend it, and given to somebody else there."""

from datetime import timedelta

import pytest

from tests.assessment.panel import hand_in, rate, settle, through_advice, waiting
from weineng.accounts.models import Grant
from weineng.assessment.queries import held_up_below, stalled
from weineng.kernel.clock import now
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import NotFound

pytestmark = pytest.mark.slow


def lines(member, unit):
    return [
        (row.dossier.submission.point, row.lacking, [part.reviewer_id for part in row.asked])
        for row in stalled(held_up_below(member.actor, unit))
    ]


@pytest.fixture
def late(world, p4, set_clock):
    """The panel was asked and is late; the point A1 of the teacher."""
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    asked = waiting(submission, "panel")
    assert len(asked) == 2
    assert lines(world.cio, world.nine_year) == []
    set_clock(now() + timedelta(days=40))
    return submission, asked


def test_late_reviewers_are_seen_by_the_school_and_the_office(world, late):
    _submission, asked = late
    reviewers = [part.reviewer_id for part in asked]
    for member, unit in ((world.cio, world.nine_year), (world.office, world.district), (world.office, world.nine_year)):
        assert lines(member, unit) == [("A1", False, reviewers)]
    assert lines(world.kindergarten_cio, world.kindergarten) == []
    for member in (world.wu, world.principal, world.leader):
        with pytest.raises(NotFound):
            stalled(held_up_below(member.actor, world.nine_year))
    third = next(m for m in world.panel if m.person not in reviewers)
    assert [pk for pk, _name in stalled(held_up_below(world.cio.actor, world.nine_year))[0].candidates] == [
        third.person
    ]


def test_somebody_else_is_asked_on_the_page(world, late, client, sign_in):
    submission, asked = late
    grant = Grant.objects.get(person=world.cio.person, role="cio")
    sign_in(client, world.cio, f"grant:{grant.pk}")
    here = f"/review/stalled/{seal_id('organisations.unit', world.nine_year)}/"
    page = client.get(here)
    assert page.status_code == 200
    third = next(m for m in world.panel if m.person not in [part.reviewer_id for part in asked])
    there = f"{here}{seal_id('assessment.assignment', asked[0].pk)}/"
    assert client.post(there, {"to": third.person, "reason": ""}).status_code == 422
    assert client.post(there, {"to": world.teacher.person, "reason": "病假"}).status_code == 422
    assert client.post(there, {"to": third.person, "reason": "病假"}).status_code == 302
    assert {part.reviewer_id for part in waiting(submission, "panel")} == {asked[1].reviewer_id, third.person}
    assert client.post(there, {"to": "", "reason": "病假"}).status_code == 422  # it is not theirs any more


def test_a_dossier_without_a_third_waits_for_the_school(world, p4):
    Grant.objects.filter(role="panel-member", person=world.panel[2].person).delete()
    submission = hand_in(p4, world.teacher)
    through_advice(world, submission)
    for part, level in zip(waiting(submission, "panel"), ("fail", "excellent"), strict=True):
        rate(world, part, level)
    settle()
    assert lines(world.cio, world.nine_year) == [("A1", True, [])]


@pytest.mark.parametrize("authors", [1, 3])
def test_the_list_asks_as_often_for_many_as_for_one(world, p4, set_clock, django_assert_num_queries, authors):
    for member in (world.teacher, world.colleague, world.chinese_teachers[0])[:authors]:
        through_advice(world, hand_in(p4, member))
    set_clock(now() + timedelta(days=40))
    by = world.cio.actor
    assert len(stalled(held_up_below(by, world.nine_year))) == authors
    with django_assert_num_queries(8):
        stalled(held_up_below(by, world.nine_year))
