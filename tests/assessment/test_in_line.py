"""A reviewer sees how their levels compare, by decided dossiers alone, and nothing that tells who the others were."""

from datetime import datetime

import pytest

from tests.assessment.panel import hand_in, rate, settle, through_advice, waiting
from tests.p4 import publish_p4
from weineng.accounts.models import Grant
from weineng.assessment.actions import open_review, return_dossier
from weineng.assessment.models import Assignment, Dossier
from weineng.assessment.queries import in_line, rated_seqs
from weineng.assessment.queries import reviews as queries
from weineng.kernel.clock import CIVIL
from weineng.organisations.models import Person
from weineng.programmes.models import Programme

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def few(monkeypatch):
    """A share is shown from four pieces and from two others on."""
    monkeypatch.setattr(queries, "FEW", 4)
    monkeypatch.setattr(queries, "FEW_OTHERS", 2)


def judge(world, submission, says):
    """The panel, and a third where they differ, say what `says` gives for each of them."""
    through_advice(world, submission)
    for role in ("panel", "third"):
        for part in waiting(submission, role):
            rate(world, part, says[part.reviewer_id])
        settle()
    assert Dossier.objects.get(submission=submission).state == "decided"


def habits(world):
    """Two pass everything; the third finds everything excellent and is always outvoted."""
    one, two, three = world.panel
    return {one.person: "pass", two.person: "pass", three.person: "excellent"}


@pytest.fixture(scope="module")
def played(once):
    """Six dossiers, each decided as a pass."""

    def build(world, set_clock):
        set_clock(NOW)
        p4 = publish_p4(world)
        for member in (world.teacher, world.colleague):
            for point in ("A1", "A2", "A3"):
                judge(world, hand_in(p4, member, point), habits(world))

    once(build)


@pytest.fixture
def judged(played, set_clock):
    """As `played`, now."""
    set_clock(NOW)
    return Programme.objects.get(code="p4-district")


def compared(member, lane="panel"):
    """What a member is told in a lane: (pieces, same, stricter, milder) of own, pair, others."""
    [line] = [line for line in in_line(member.actor) if line.lane == lane]
    return [
        (row.count, row.same, row.stricter, row.milder) if row is not None else None
        for row in (line.own, line.pair, line.others)
    ]


def pieces(*reviewers, role=("panel", "third")):
    """How many pieces of evidence all of these had a part in."""
    shared = Dossier.objects.filter(state="decided")
    for member in reviewers:
        parts = Assignment.objects.filter(reviewer=member.person, role__in=role, state="done")
        shared = shared.filter(pk__in=parts.values("run__dossier"))
    return sum(len(rated_seqs(dossier.submission)) for dossier in shared.select_related("submission"))


def test_own_levels_are_compared_with_what_was_decided_the_other_one_and_the_others(world, judged, few, monkeypatch):
    one, two, three = world.panel
    mine, theirs, milder = pieces(one), pieces(two), pieces(three)
    alike, apart = pieces(one, two, role=("panel",)), pieces(one, three, role=("panel",))
    assert min(mine, theirs, milder, alike, apart) > 0
    assert compared(one) == [
        (mine, mine, 0, 0), (alike + apart, alike, apart, 0), (theirs + milder, theirs, 0, milder)
    ]  # fmt: skip
    others = pieces(one, three, role=("panel",)) + pieces(two, three, role=("panel",))
    monkeypatch.setattr(queries, "FEW_OTHERS", 1)
    assert compared(three) == [(milder, 0, 0, milder), (others, 0, 0, others), (mine + theirs, mine + theirs, 0, 0)]


def test_peers_are_compared_with_what_was_decided_and_with_peers_alone(world, judged, few):
    rated = pieces(world.leader, role=("peer",))
    assert rated >= 4
    own, pair, others = compared(world.leader, "peer")
    assert (own, pair) == ((rated, rated, 0, 0), None)
    assert others == (
        sum(pieces(m, role=("peer",)) for m in (world.teacher, world.colleague, world.two_posts)),
    ) * 2 + (0, 0)


def test_nothing_of_a_dossier_that_is_not_decided_is_told(world, judged, few):
    before = [compared(member) for member in world.panel]
    halfway = hand_in(judged, world.leader)
    through_advice(world, halfway)
    first, second = waiting(halfway, "panel")
    rate(world, first, "fail")
    settle()
    assert [compared(member) for member in world.panel] == before
    rate(world, second, "excellent")
    settle()  # a third is asked; who looks now must not learn that the two differ
    assert Dossier.objects.get(submission=halfway).state == "open"
    assert [compared(member) for member in world.panel] == before
    back = hand_in(judged, world.chinese_teachers[0])
    through_advice(world, back)
    first, second = waiting(back, "panel")
    rate(world, first, "fail")
    open_review(by=world.member(second.reviewer_id).actor, assignment=second.pk)
    return_dossier(by=world.member(second.reviewer_id).actor, assignment=second.pk, advice="补充材料")
    assert [compared(member) for member in world.panel] == before


def test_a_panel_one_has_nothing_to_do_with_is_not_among_the_others(world, judged, few):
    before = [compared(member) for member in world.panel]
    for member in world.panel:
        Grant.objects.filter(role="panel-member", person=member.person).delete()
    for member in world.chinese_teachers[:2]:
        world.grant(member.person, "panel-member", world.nine_year)
    judge(world, hand_in(judged, world.leader), dict.fromkeys([m.person for m in world.chinese_teachers], "fail"))
    assert [compared(member) for member in world.panel] == before


def test_a_share_of_too_few_others_is_not_told(world, judged, monkeypatch, client, sign_in):
    monkeypatch.setattr(queries, "FEW", 4)
    for member in world.panel:
        own, pair, others = compared(member)
        assert (own[0], pair, others) == (pieces(member), None, None)
    sign_in(client, world.panel[0])
    page = client.get("/review/").text
    assert "至少3位" in page
    assert "另一位评审" not in page.split("评定等级对照")[1].split("</table>")[0]


def test_the_page_says_how_one_compares_and_names_nobody(world, judged, few, client, sign_in):
    three = world.panel[2]
    sign_in(client, three)
    page = client.get("/review/").text
    count = pieces(three)
    assert f"你评定的材料中已有{count}项得出结果：0项与你一致，0项你偏严，{count}项你偏宽。" in page
    assert [one.name for one in world.everybody if one.name in page] == [three.name]


def test_two_records_of_one_reviewer_are_one_reviewer(world, judged, few, monkeypatch):
    one, two, three = world.panel
    Person.objects.filter(pk=two.person).update(merged_into=one.person)
    both = pieces(one) + pieces(two)
    apart = pieces(one, three, role=("panel",)) + pieces(two, three, role=("panel",))
    [line] = [line for line in in_line(one.actor) if line.lane == "panel"]
    assert (line.own.count, line.own.same, line.pair, line.others) == (both, both, None, None)  # one other is left
    monkeypatch.setattr(queries, "FEW_OTHERS", 1)
    [line] = [line for line in in_line(one.actor) if line.lane == "panel"]
    assert (line.pair.count, line.pair.stricter, line.pair.reviewers, line.others.reviewers) == (apart, apart, 1, 1)
