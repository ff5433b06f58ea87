"""The reviewer's evening: the next one, tick, autosave, finish and go on, return."""

import json
from datetime import datetime

import pytest

from tests.assessment.panel import enrolled, hand_in, through_advice, ticks_for
from tests.p4 import publish_p4
from weineng.assessment.actions import open_review, save_ratings
from weineng.assessment.models import Assignment, Dossier, Rating
from weineng.assessment.queries import review_ended
from weineng.kernel.clock import CIVIL
from weineng.kernel.ids import seal_id

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture(scope="module")
def advised(once):
    """Three dossiers have come as far as the panel."""

    def build(world, set_clock):
        set_clock(NOW)
        p4 = publish_p4(world)
        for who in (world.teacher, world.colleague, world.leader):
            enrolled(p4, who, "A1", "A2", "A3")
            through_advice(world, hand_in(p4, who))

    once(build)


@pytest.fixture
def dossiers(advised, world, set_clock):
    """Two dossiers wait for one panel member."""
    set_clock(NOW)
    rows = Assignment.objects.filter(role="panel", state="assigned").order_by("reviewer", "pk")
    member = world.member(rows[0].reviewer_id)
    return member, list(rows.filter(reviewer=member.person))


def url(assignment, tail=""):
    return f"/review/{seal_id('assessment.assignment', assignment.pk)}/{tail}"


def body(assignment, level, revisions=(0, 0), **more):
    submission = assignment.run.dossier.submission
    fields = {"do": "save"}
    for seq, revision in zip((1, 2), revisions, strict=True):
        fields |= {
            f"revision-{seq}": str(revision), f"tick-{seq}": ticks_for(submission, seq, level), f"comment-{seq}": "写明数据来源",
            f"looked-{seq}": "1",
        }  # fmt: skip
    return fields | more


def test_an_evening_of_reviewing(world, dossiers, client, sign_in):
    member, (first, *rest) = dossiers
    sign_in(client, member)
    assert client.get("/review/").status_code == 200
    assert client.get(url(first)).status_code == 200
    opened = client.post("/review/next/")
    assert opened.headers["Location"] == url(first)
    page = client.get(url(first))
    assert page.status_code == 200
    assert member.name.encode() in page.content
    assert all(m.name.encode() not in page.content for m in (world.teacher, world.colleague, world.leader))
    saved = client.post(url(first, "save/"), body(first, "pass", do="auto"))
    assert json.loads(saved.content)["saved"] == {
        "1": {"level": "pass", "revision": 1}, "2": {"level": "pass", "revision": 1},
    }  # fmt: skip
    same = client.post(url(first, "save/"), body(first, "pass", (1, 1), do="auto"))
    assert json.loads(same.content)["saved"] == {}
    stale = client.post(url(first, "save/"), body(first, "fail", (0, 0), do="auto"))
    assert (stale.status_code, json.loads(stale.content)["code"]) == (422, "stale-revision")
    done = client.post(url(first, "save/"), body(first, "pass", (1, 1), do="finish"))
    assert done.headers["Location"] == (url(rest[0]) if rest else "/review/")
    assert Assignment.objects.get(pk=first.pk).state == "done"
    assert client.get("/review/").status_code == 200


def test_a_piece_whose_ticks_were_undone_is_not_rated_until_somebody_says_they_have_looked(dossiers, client, sign_in):
    member, (first, *_rest) = dossiers
    sign_in(client, member)
    client.post(url(first, "open/"))
    client.post(url(first, "save/"), body(first, "pass", do="auto"))
    undone = body(first, "pass", (1, 1), do="auto")
    del undone["tick-1"], undone["looked-1"]
    assert json.loads(client.post(url(first, "save/"), undone).content)["saved"] == {"1": {"level": "", "revision": 2}}
    same = client.post(url(first, "save/"), undone | {"revision-1": "2"})
    assert json.loads(same.content)["saved"] == {}
    finish = client.post(url(first, "save/"), undone | {"revision-1": "2", "do": "finish"})
    assert (finish.status_code, "not-rated" in finish.content.decode()) == (422, True)
    looked = client.post(url(first, "save/"), undone | {"revision-1": "2", "looked-1": "1"})
    assert json.loads(looked.content)["saved"] == {"1": {"level": "fail", "revision": 3}}
    first.refresh_from_db()
    assert first.state == "opened"


def test_what_was_handed_in_too_soon_is_taken_back_from_its_page(dossiers, client, sign_in):
    member, (first, *_rest) = dossiers
    sign_in(client, member)
    client.post(url(first, "open/"))
    back = b'name="do" value="reopen"'
    assert back not in client.get(url(first)).content
    client.post(url(first, "save/"), body(first, "pass", do="finish"))
    assert back in client.get(url(first)).content
    answer = client.post(url(first, "save/"), {"do": "reopen"})
    assert (answer.status_code, answer.headers["Location"]) == (302, url(first))
    first.refresh_from_db()
    assert (first.state, list(first.ratings.values_list("final", flat=True))) == ("opened", [False, False])
    again = client.post(url(first, "save/"), {"do": "reopen"})
    assert (again.status_code, "你还没有完成这份评审" in again.content.decode()) == (422, True)


def test_a_fail_without_advice_is_not_taken_and_nothing_is_lost(dossiers, client, sign_in):
    member, (first, *_rest) = dossiers
    sign_in(client, member)
    client.post(url(first, "open/"))
    answer = client.post(
        url(first, "save/"), body(first, "fail", do="finish") | {"comment-1": "", "comment-2": "缺少结论"}
    )
    assert answer.status_code == 422
    assert "缺少结论" in answer.content.decode()
    assert Rating.objects.filter(assignment=first).count() == 2


def test_a_refusal_shows_what_was_written_beside_what_is_saved(dossiers, client, sign_in):
    member, (first, *_rest) = dossiers
    sign_in(client, member)
    client.post(url(first, "open/"))
    client.post(url(first, "save/"), body(first, "pass", do="auto"))
    typed = {"comment-1": "在第二个窗口写的话", "comment-2": "很" * 2001, "advice": "退回时想说的话"}
    answer = client.post(url(first, "save/"), body(first, "excellent", (0, 1)) | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert all(text in page for text in typed.values())
    assert page.count("写明数据来源") == 2
    ticked = page.count('value="excellent:1" checked')
    assert ticked == sum("excellent:1" in ticks_for(first.run.dossier.submission, seq, "excellent") for seq in (1, 2))
    assert f'name="revision-1" value="{Rating.objects.get(assignment=first, seq=1).revision}"' in page
    assert "退回时想说的话" not in client.get(url(first)).content.decode()


def test_a_return_is_offered_only_while_one_is_left(dossiers, client, sign_in):
    member, (first, *_rest) = dossiers
    sign_in(client, member)
    client.post(url(first, "open/"))
    assert 'value="return"' in client.get(url(first)).content.decode()
    Dossier.objects.filter(pk=first.run.dossier_id).update(returns=2)
    assert 'value="return"' not in client.get(url(first)).content.decode()


def test_returning_goes_on_to_the_next(dossiers, client, sign_in):
    member, (first, *rest) = dossiers
    sign_in(client, member)
    client.post(url(first, "open/"))
    assert client.post(url(first, "save/"), {"do": "return", "advice": ""}).status_code == 422
    answer = client.post(url(first, "save/"), {"do": "return", "advice": "请补充"})
    assert answer.headers["Location"] == (url(rest[0]) if rest else "/review/")


def test_who_saves_what_a_colleague_has_returned_is_told_and_goes_on(world, dossiers, client, sign_in):
    member, (first, *rest) = dossiers
    other = Assignment.objects.filter(run=first.run).exclude(pk=first.pk).get()
    sign_in(client, member)
    client.post(url(first, "open/"))
    client.post(url(first, "save/"), body(first, "pass", do="auto"))
    sign_in(client, world.member(other.reviewer_id))
    client.post(url(other, "open/"))
    assert client.post(url(other, "save/"), {"do": "return", "advice": "请补充数据来源"}).status_code == 302
    sign_in(client, member)
    auto = client.post(url(first, "save/"), body(first, "pass", (1, 1), do="auto") | {"comment-1": "还没存的话"})
    assert (auto.status_code, json.loads(auto.content)["code"]) == (422, "dossier-closed")
    told = client.post(url(first, "save/"), body(first, "pass", (1, 1), do="finish") | {"comment-1": "还没存的话"})
    assert told.status_code == 422
    assert "还没存的话" in told.content.decode()  # what was being written is there to be copied
    assert "请补充数据来源" not in told.content.decode()  # what another reviewer wrote is not shown
    assert ('action="/review/next/"' in told.content.decode()) == bool(rest)
    for answer in (client.get(url(first)), client.post(url(first, "open/"))):
        assert "还没存的话" not in answer.content.decode()
        assert "写明数据来源" not in answer.content.decode()
        assert 'id="review"' not in answer.content.decode()
    assert (client.get(url(first)).status_code, client.post(url(first, "open/")).status_code) == (200, 422)
    assert list(first.ratings.order_by("seq").values_list("comment", flat=True)) == ["写明数据来源"] * 2
    sign_in(client, world.wu)
    assert client.get(url(first)).status_code == 404


def test_who_opens_the_next_one_passes_by_what_ended_in_this_moment(dossiers, client, sign_in, monkeypatch):
    member, (first, *rest) = dossiers
    sign_in(client, member)

    def overtaken(**asked):
        Assignment.objects.filter(pk=first.pk).update(state="void", void_reason="reassigned")
        return open_review(**asked)

    monkeypatch.setattr("weineng.web.review.views.open_review", overtaken)
    answer = client.post("/review/next/")
    assert answer.headers["Location"] == (url(rest[0]) if rest else "/review/")


@pytest.mark.parametrize("do", ["finish", "auto"])
def test_a_review_that_ends_while_it_is_being_saved_has_its_page(dossiers, client, sign_in, monkeypatch, do):
    """Between the look at the assignment and its lock another reviewer was faster."""
    member, (first, *_rest) = dossiers
    sign_in(client, member)
    client.post(url(first, "open/"))

    def overtaken(**asked):
        Assignment.objects.filter(pk=first.pk).update(state="void", void_reason="reassigned")
        return save_ratings(**asked)

    monkeypatch.setattr("weineng.web.review.views.save_ratings", overtaken)
    answer = client.post(url(first, "save/"), body(first, "pass", do=do) | {"comment-1": "还没存的话"})
    assert answer.status_code == 422
    if do == "auto":
        assert json.loads(answer.content)["code"] == "dossier-closed"
    else:
        assert "还没存的话" in answer.content.decode()
    assert Rating.objects.filter(assignment=first).count() == 0


@pytest.mark.parametrize(
    "why", ["withdrawn", "reassigned", "time-over", "decided", "moved-on", "own-dossier", "twice", "no-longer-eligible"]
)
def test_every_end_of_a_review_has_its_words(dossiers, client, sign_in, why):
    member, (first, *_rest) = dossiers
    sign_in(client, member)
    client.post(url(first, "open/"))
    dossier = first.run.dossier
    if why in ("reassigned", "time-over", "own-dossier", "twice", "no-longer-eligible"):
        Assignment.objects.filter(pk=first.pk).update(state="void", void_reason=why)
    elif why == "moved-on":
        Dossier.objects.filter(pk=dossier.pk).update(stage="another")
    else:
        state = {"withdrawn": "void"}.get(why, why)
        Dossier.objects.filter(pk=dossier.pk).update(state=state, stage="", closed_at=NOW)
    assert review_ended(member.actor, first.pk).why == why
    assert client.post(url(first, "save/"), body(first, "pass")).status_code == 422
    assert client.get(url(first)).status_code == 200
    assert Rating.objects.filter(assignment=first).count() == 0


def test_others_find_nothing(world, dossiers, client, sign_in):
    _member, (first, *_rest) = dossiers
    for who in (world.wu, world.office, world.cio, next(m for m in world.panel if m.person != first.reviewer_id)):
        sign_in(client, who)
        mine = Assignment.objects.filter(pk=first.pk, reviewer=who.person).exists()
        assert not mine
        assert client.get(url(first)).status_code == 404
        assert client.post(url(first, "open/")).status_code == 404
        assert client.post(url(first, "save/"), body(first, "pass")).status_code == 404
