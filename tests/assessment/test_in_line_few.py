"""What a reviewer is told of how they compare while little is decided."""

import pytest

from tests.assessment.panel import hand_in
from tests.assessment.test_in_line import habits, judge, pieces
from weineng.assessment.queries import in_line

pytestmark = pytest.mark.slow


def test_few_cases_say_so_and_show_no_share(world, p4, client, sign_in):
    judge(world, hand_in(p4, world.teacher), habits(world))
    for member in world.panel:
        if pieces(member):
            [line] = [line for line in in_line(member.actor) if line.lane == "panel"]
            assert (line.few, line.own.count, line.pair, line.others) == (True, 2, None, None)
            sign_in(client, member)
            page = client.get("/review/").text
            assert "目前有2项得出结果" in page
            assert "评定等级对照" not in page
            assert [one.name for one in world.everybody if one.name in page] == [member.name]
    assert in_line(world.chinese_teachers[0].actor) == []


@pytest.mark.parametrize("dossiers", [1, 3])
def test_the_comparison_asks_twice_however_much_was_judged(world, p4, django_assert_num_queries, dossiers):
    for point in ("A1", "A2", "A3")[:dossiers]:
        judge(world, hand_in(p4, world.teacher, point), habits(world))
    by = world.leader.actor
    with django_assert_num_queries(2):
        assert in_line(by) != []
