from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.organisations.merging import DAY, enter_twin, merge, whole
from tests.organisations.posts import posts
from tests.world import SINCE, id_number
from weineng.kernel.actors import platform
from weineng.kernel.refusals import NotFound, Refused
from weineng.notices.models import Message
from weineng.organisations.actions import (
    change_person,
    end_posting,
    enter_person,
    merge_people,
    post_person,
    transfer_person,
    unmerge_people,
)
from weineng.organisations.models import Merge, Posting
from weineng.organisations.queries import current_person, find_people, masked_numbers
from weineng.organisations.rules import Number, Post, mask


@pytest.fixture
def twin(world):
    return enter_twin(world)


def test_a_chain_of_merges_points_at_the_last(world, twin):
    third = enter_person(by=world.office.actor, name="林晓岚", post=Post(world.computing), on=DAY)
    before = whole()
    first = merge(world, twin, kept=third.pk)
    middle = whole()
    second = merge(world, third)
    assert current_person(twin.pk) == world.teacher.person
    with pytest.raises(Refused) as refused:
        unmerge_people(by=world.office.actor, merge=first.pk, reason="two people")
    assert refused.value.code == "merged-further"
    unmerge_people(by=world.office.actor, merge=second.pk, reason="two people")
    assert whole() == middle
    unmerge_people(by=world.office.actor, merge=first.pk, reason="two people")
    assert whole() == before


def test_the_person_is_told_of_a_merge_and_both_are_told_when_it_is_taken_back(world, twin):
    row = merge(world, twin, reason="陈亦舟说是一个人")
    unmerge_people(by=world.office.actor, merge=row.pk, reason="陈亦舟弄错了")
    told = Message.objects.order_by("event", "person").values_list("event", "person", "params")
    assert list(told) == [  # without the reason, which may speak of somebody else
        ("records-merged", world.teacher.person, {}),
        *(("records-parted", one, {}) for one in sorted([world.teacher.person, twin.pk])),
    ]


def test_what_happened_since_stays_with_the_kept_record(world, twin):
    row = merge(world, twin)
    home = Posting.objects.get(person=world.teacher.person, home=True)
    end_posting(by=world.office.actor, posting=home.pk, on=date(2026, 3, 1))
    unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, date(2026, 3, 1))]
    assert posts(twin) == [(world.play, True, DAY, None)]


def test_what_was_entered_for_the_kept_record_since_stays_at_the_other_ones_unit_too(world, twin):
    row = merge(world, twin)
    moved_on = date(2026, 3, 1)
    transfer_person(
        by=world.office.actor, person=world.teacher.person, post=Post(world.play, subject="数学"), on=moved_on
    )
    unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    teacher = [(world.maths, True, SINCE, moved_on), (world.play, True, moved_on, None)]
    assert posts(world.teacher.person) == teacher
    assert posts(twin) == [(world.play, True, DAY, None)]
    here = Posting.objects.filter(unit=world.play, person__in=[world.teacher.person, twin.pk]).order_by("person")
    assert list(here.values_list("person", "subject")) == [(world.teacher.person, "数学"), (twin.pk, "学前综合")]


def test_a_post_that_both_had_stays_with_both(world, twin):
    post_person(
        by=world.office.actor,
        person=world.teacher.person,
        post=Post(world.play, subject="学前综合"),
        on=date(2026, 4, 1),
    )
    row = merge(world, twin)
    ended = date(2026, 5, 1)
    end_posting(by=world.office.actor, posting=Posting.objects.get(person=world.teacher.person, home=True).pk, on=ended)
    unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    assert posts(world.teacher.person) == [
        (world.maths, True, SINCE, ended), (world.play, False, date(2026, 4, 1), ended), (world.play, True, ended, None),
    ]  # fmt: skip
    assert posts(twin) == [(world.play, True, DAY, None)]


def test_refusals(world, twin):
    row = merge(world, twin)
    for reason, code in (("", "reason-missing"), ("two people", None), ("two people", "merge-undone")):
        if code is None:
            unmerge_people(by=world.office.actor, merge=row.pk, reason=reason)
            continue
        with pytest.raises(Refused) as refused:
            unmerge_people(by=world.office.actor, merge=row.pk, reason=reason)
        assert refused.value.code == code


def test_outside_ones_reach(world, twin):
    row = merge(world, twin)
    for who in (world.wu, world.cio, world.principal, world.teacher):
        with pytest.raises(NotFound):
            unmerge_people(by=who.actor, merge=row.pk, reason="two people")
    with pytest.raises(NotFound):
        unmerge_people(by=world.office.actor, merge=0, reason="two people")


def test_a_number_that_names_somebody_else_by_now_is_told_and_can_stay_there(world, twin):
    number = Number("id-card", id_number(800))
    change_person(by=world.office.actor, person=twin.pk, numbers=[number])
    row = merge(world, twin, end_numbers=True)
    again = enter_person(by=world.office.actor, name="林小岚", post=Post(world.computing), on=DAY, numbers=[number])
    with pytest.raises(Refused) as refused:
        unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    assert (refused.value.code, refused.value.params) == ("number-taken", {"name": "林小岚"})
    transfer_person(by=platform("test"), person=again.pk, post=Post(world.sibling_group), on=DAY)
    with pytest.raises(Refused) as refused:
        unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    assert (refused.value.code, refused.value.params) == ("number-taken", {})
    unmerge_people(by=world.office.actor, merge=row.pk, reason="two people", leave_numbers=True)
    assert find_people("id-card", [number.text]) == {number.text: again.pk}
    assert masked_numbers(twin.pk) == [("passport", mask("XX5062168"))]


days = st.integers(0, 60).map(lambda n: SINCE + timedelta(days=n))
act = st.tuples(st.sampled_from(("post", "transfer", "end")), st.integers(0, 1), st.integers(0, 4), days, days)


class Undone(Exception):  # noqa: N818
    """Ends an example: what it wrote is rolled back."""


@pytest.mark.slow
@settings(
    phases=(Phase.generate,), derandomize=True, max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(acts=st.lists(act, max_size=8))
def test_merge_and_undo_leave_everything_as_it_was(world, acts):
    by = platform("test")
    units = [world.maths, world.play, world.computing, world.nine_year, world.sibling_group]
    try:
        with transaction.atomic():
            people = [enter_person(by=by, name=n, post=Post(units[0]), on=SINCE).pk for n in ("甲一", "乙二")]
            for what, who, unit, one, two in acts:
                try:
                    with transaction.atomic():
                        if what == "post":
                            post_person(by=by, person=people[who], post=Post(units[unit]), on=one, until=two)
                        elif what == "transfer":
                            transfer_person(by=by, person=people[who], post=Post(units[unit]), on=one)
                        else:
                            last = Posting.objects.filter(person=people[who]).order_by("-pk").first()
                            end_posting(by=by, posting=last.pk, on=one)
                except Refused:
                    pass
            before = whole()
            row = merge_people(by=by, kept=people[0], gone=people[1], reason="one person")
            assert_one_home_a_day(people[0])
            assert Merge.objects.get(pk=row.pk).moved["posts"]
            unmerge_people(by=by, merge=row.pk, reason="two people")
            assert whole() == before
            raise Undone
    except Undone:
        pass


def assert_one_home_a_day(person):
    rows = list(Posting.objects.filter(person=person))
    for number in range(-1, 70):
        on = SINCE + timedelta(days=number)
        now = [row for row in rows if on in row.during]
        assert sum(row.home for row in now) == bool(now)
        assert len({row.unit_id for row in now}) == len(now)
