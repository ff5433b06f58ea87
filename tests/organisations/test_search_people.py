import pytest

from weineng.organisations.queries import find_people, search_people
from weineng.organisations.rules import mask, name_order


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("林晓岚", {"teacher"}), ("晓岚", {"teacher"}), ("岚", {"teacher"}), ("lxl", {"teacher"}), ("lx", {"teacher"}),
        ("lin xiao", {"teacher"}), ("zgq", {"leader"}), ("zengguo", set()), ("zeng guo", {"leader"}), ("sxm", {"chinese_teacher_1"}),
        ("古丽", {"chinese_teacher_2"}), ("00000", {"teacher"}), ("1990000 0001", {"colleague"}), ("", set()), ("龘", set()),
    ],
)  # fmt: skip
def test_by_name_initials_and_number(world, text, found):
    assert {world.member(p.pk).key for p in search_people(world.cio.actor, text)} == found


def test_by_identity_number_in_full_only(world):
    number = world.teacher.number
    assert [p.pk for p in search_people(world.office.actor, number.lower())] == [world.teacher.person]
    assert list(search_people(world.office.actor, number[:17])) == []


def test_nobody_finds_whom_they_may_not_see(world):
    for text in ("林晓岚", "lxl", world.teacher.number, "19900000000"):
        assert list(search_people(world.wu.actor, text)) == []
        assert list(search_people(world.colleague.actor, text)) == []
    assert [p.pk for p in search_people(world.wu.actor, "吴无名")] == [world.wu.person]


def test_staff_numbers_are_looked_up_at_their_school(world):
    assert find_people(f"staff-number@{world.nine_year}", ["00000", "00001", "99999"]) == {
        "00000": world.teacher.person, "00001": world.colleague.person,
    }  # fmt: skip
    assert find_people(f"staff-number@{world.kindergarten}", ["00000"]) == {}
    assert find_people("staff-number@nowhere", ["00000"]) == {}


def test_order_and_masks():
    assert [name_order(n) for n in ("单雪梅", "曾国强", "Ann Lee", "单于明")] == [
        "shan xue mei", "zeng guo qiang", "ann lee", "chan yu ming",
    ]  # fmt: skip
    assert [mask(n) for n in ("519901198505150017", "12345", "ab", "b12e1e9cdf698477d1037d334a9688ee5c6d1288")] == [
        "519*************17", "***45", "**", "b12*************88",
    ]  # fmt: skip
