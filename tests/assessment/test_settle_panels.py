"""From the panel to the result: who decides, who loses a dossier, what comes back, who may look again."""

from datetime import timedelta

import pytest

from tests.assessment.conftest import NOW
from tests.assessment.panel import LOOP, conclude, rate, settle, waiting
from tests.planning.plans import refusal
from weineng.accounts.models import Account, Grant
from weineng.assessment.actions import open_review, release_reviews, return_dossier
from weineng.assessment.models import Assignment, Dossier, Result
from weineng.assessment.queries import review_page
from weineng.evidence.actions import withdraw_submission
from weineng.evidence.models import Submission
from weineng.notices.models import Message
from weineng.organisations.models import Posting
from weineng.planning.queries import chosen_points
from weineng.programmes.models import Touched

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("levels", "result"),
    [
        (("pass", "pass"), "pass"),
        (("excellent", "excellent"), "excellent"),
        (("fail", "fail"), "fail"),
        (("pass", "fail", "pass"), "pass"),
        (("pass", "fail", "fail"), "fail"),
        (("excellent", "fail", "pass"), "pass"),
        (("excellent", "pass", "excellent"), "excellent"),
    ],
)
def test_the_panel_decides_and_a_third_where_the_two_differ(world, advised, levels, result):
    before = Touched.objects.count()
    conclude(world, advised, *levels)
    assert Result.objects.values_list("item", "point", "level").get() == ("point", "A1", result)
    advised.refresh_from_db()
    assert advised.state == "decided"
    assert {p.point: p.passed_at is not None for p in chosen_points(advised.enrolment)} == {
        "A1": result != "fail", "A2": False, "A3": False,
    }  # fmt: skip
    assert Touched.objects.count() > before
    assert Message.objects.filter(event="evidence-decided", person=world.teacher.person).count() == 1
    assert settle() == 0


def test_a_third_rates_only_what_the_two_differ_on(world, advised):
    one, two = waiting(advised, "panel")
    rate(world, one, "pass", "excellent")
    rate(world, two, "pass", "pass")
    settle()
    (third,) = waiting(advised, "third")
    assert third.reviewer_id not in {one.reviewer_id, two.reviewer_id, world.teacher.person}
    rate(world, third, "excellent")
    settle()
    assert Result.objects.get().detail["evidence"] == {"1": "pass", "2": "excellent"}
    assert Result.objects.get().level == "pass"


def test_what_was_sent_back_and_is_taken_back_is_no_longer_reviewed_either(world, advised):
    panel = waiting(advised, "panel")[0]
    by = world.member(panel.reviewer_id).actor
    open_review(by=by, assignment=panel.pk)
    return_dossier(by=by, assignment=panel.pk, advice="补充数据")
    Submission.objects.filter(pk=advised.pk).update(state="submitted")
    settle()
    withdraw_submission(by=world.teacher.actor, submission=advised.pk)
    settle()
    assert [d.state for d in Dossier.objects.order_by("pk")] == ["returned", "void"]
    Submission.objects.filter(pk=advised.pk).update(state="submitted")
    settle()
    assert [(d.state, d.returns) for d in Dossier.objects.order_by("pk")][-1] == ("open", 1)


def test_a_version_is_looked_at_whatever_became_of_the_one_before(world, advised):
    """An earlier version that came back must not hide that the dossier of this one was ended."""
    first = waiting(advised, "panel")[0]
    by = world.member(first.reviewer_id).actor
    open_review(by=by, assignment=first.pk)
    return_dossier(by=by, assignment=first.pk, advice="请补充")
    Submission.objects.filter(pk=advised.pk).update(state="submitted", submitted_at=NOW)
    settle()
    Dossier.objects.filter(submission=advised, version=2).update(state="void", stage="")
    settle()
    assert list(Dossier.objects.order_by("version").values_list("version", "state")) == [(1, "returned"), (2, "open")]


def release():
    return release_reviews(by=LOOP)


@pytest.mark.parametrize("why", ["role over", "retired", "account closed"])
def test_who_can_no_longer_review_loses_the_dossier_and_may_be_asked_again_later(world, advised, why):
    first, second = waiting(advised, "panel")
    member = world.member(first.reviewer_id)
    assert release() == 0
    end_or_begin(member, why, over=True)
    assert release() == 1
    settle()
    assert refusal(open_review, by=member.actor, assignment=first.pk) == "not-found"
    rest = {m.person for m in world.panel} - {member.person}
    assert {a.reviewer_id for a in waiting(advised, "panel")} == rest
    assert (release(), settle()) == (0, 0)
    end_or_begin(member, why, over=False)
    end_or_begin(world.member(second.reviewer_id), why, over=True)
    release()
    settle()
    assert {a.reviewer_id for a in waiting(advised, "panel")} == {m.person for m in world.panel} - {second.reviewer_id}
    assert open_review(by=member.actor, assignment=first.pk).state == "opened"


def end_or_begin(member, why, *, over):
    if why == "role over":
        grants = Grant.objects.filter(person=member.person, role="panel-member")
        grants.update(ends_on=NOW.date() if over else None)
    elif why == "retired":
        Posting.objects.filter(person=member.person).update(in_post="retired" if over else "in-post")
    else:
        Account.objects.filter(person=member.person).update(is_active=not over)


def test_the_panel_of_the_school_goes_on_when_the_author_moves_to_another(world, advised):
    before = {a.pk for a in waiting(advised, "panel")}
    Posting.objects.filter(person=world.teacher.person).update(unit=world.play, school=world.kindergarten)
    Submission.objects.filter(pk=advised.pk).update(unit=world.maths)
    assert release() == 0
    assert {a.pk for a in waiting(advised, "panel")} == before


def test_who_reviewed_may_look_again_for_two_weeks(world, advised, set_clock):
    conclude(world, advised, "pass", "pass")
    row = Assignment.objects.filter(role="panel", state="done").first()
    by = world.member(row.reviewer_id).actor
    assert review_page(by, row.pk, 2).assignment.pk == row.pk
    set_clock(NOW + timedelta(days=13))
    assert review_page(by, row.pk, 2).assignment.pk == row.pk
    set_clock(NOW + timedelta(days=15))
    assert refusal(review_page, by=by, assignment=row.pk, returns=2) == "not-found"
