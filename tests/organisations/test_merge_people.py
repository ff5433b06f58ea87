from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.organisations.posts import posts
from tests.world import SINCE, id_number
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import (
    change_person,
    end_posting,
    enter_person,
    merge_people,
    post_person,
    transfer_person,
    unmerge_people,
)
from weineng.organisations.models import Change, ExternalIdentifier, Merge, Person, Posting
from weineng.organisations.permissions import VIEW_PEOPLE
from weineng.organisations.queries import current_person, find_people, home_leaves, search_people
from weineng.organisations.reach import people_within, require_person, same_people
from weineng.organisations.rules import Number, Post

DAY = date(2026, 2, 1)
TABLES = (Person, ExternalIdentifier, Posting)


def whole():
    """Every row of the tables of people, as the database prints them."""
    rows = []
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"select kept::text from {model._meta.db_table} kept order by id")
            rows.append([text for (text,) in cursor.fetchall()])
    return rows


@pytest.fixture
def twin(world):
    """The teacher once more, entered by another school without the identity number."""
    return enter_person(
        by=world.office.actor, name="林晓岚", post=Post(world.play, subject="学前综合"), on=DAY,
        numbers=[Number("passport", "XX5062168")],
    )  # fmt: skip


def merge(world, twin, **call):
    return merge_people(
        **({"by": world.office.actor, "kept": world.teacher.person, "gone": twin.pk, "reason": "one person"} | call)
    )


def test_both_ids_are_one_person_with_all_numbers_and_posts(world, twin):
    row = merge(world, twin)
    teacher = world.teacher.person
    assert current_person(twin.pk) == teacher
    assert posts(teacher) == [(world.maths, True, SINCE, None), (world.play, False, DAY, None)]
    assert posts(twin) == []
    assert find_people("passport", ["XX5062168"]) == {"XX5062168": teacher}
    assert [r["person"] for r in home_leaves([teacher, twin.pk], DAY)] == [teacher]
    assert {r["pk"] for r in same_people([teacher])} == {teacher, twin.pk}
    assert require_person(world.office.actor, VIEW_PEOPLE, twin.pk).pk == teacher
    assert twin not in people_within(world.office.actor, VIEW_PEOPLE)
    assert [p.pk for p in search_people(world.office.actor, "林晓岚")] == [teacher]
    assert set(Change.objects.filter(during__isnull=True).values_list("person", flat=True)) == {teacher, twin.pk}
    line = Line.objects.get(verb="organisations.merge_people")
    assert (line.thing, line.subject, line.facts) == (row.pk, teacher, {"kept": teacher, "gone": twin.pk})


def test_what_the_kept_record_does_not_tell_comes_from_the_other(world, twin):
    change_person(by=world.office.actor, person=twin.pk, phone="19900007777", birth_date=date(1990, 1, 1))
    Person.objects.filter(pk=world.teacher.person).update(phone="")
    row = merge(world, twin)
    teacher = Person.objects.get(pk=world.teacher.person)
    assert (teacher.phone, teacher.birth_date) == ("19900007777", date(1985, 5, 15))
    unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    assert Person.objects.get(pk=world.teacher.person).phone == ""


def test_numbers_that_differ_are_asked_about(world, twin):
    change_person(by=world.office.actor, person=twin.pk, numbers=[Number("id-card", id_number(800))])
    with pytest.raises(Refused) as refused:
        merge(world, twin)
    assert (refused.value.code, refused.value.params["types"]) == ("numbers-differ", "id-card")
    before = whole()
    row = merge(world, twin, end_numbers=True)
    assert find_people("id-card", [id_number(800)]) == {}
    unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    assert whole() == before


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


def test_what_happened_since_stays_with_the_kept_record(world, twin):
    row = merge(world, twin)
    home = Posting.objects.get(person=world.teacher.person, home=True)
    end_posting(by=world.office.actor, posting=home.pk, on=date(2026, 3, 1))
    unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, date(2026, 3, 1))]
    assert posts(twin) == [(world.play, True, DAY, None)]


def test_refusals(world, twin):
    for call, code in (
        ({"gone": world.teacher.person}, "same-person"),
        ({"reason": " "}, "reason-missing"),
    ):
        with pytest.raises(Refused) as refused:
            merge(world, twin, **call)
        assert refused.value.code == code
    row = merge(world, twin)
    with pytest.raises(Refused) as refused:
        merge(world, twin)
    assert refused.value.code == "same-person"
    unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    with pytest.raises(Refused) as refused:
        unmerge_people(by=world.office.actor, merge=row.pk, reason="two people")
    assert refused.value.code == "merge-undone"


def test_both_must_be_within_reach(world, twin):
    for who in (world.wu, world.cio, world.principal, world.teacher):
        with pytest.raises(NotFound):
            merge(world, twin, by=who.actor)
    with pytest.raises(NotFound):
        merge(world, twin, kept=world.wu.person)
    with pytest.raises(NotFound):
        merge(world, twin, gone=world.sibling_teacher.person)
    row = merge(world, twin)
    for pk in (row.pk, 0):
        with pytest.raises(NotFound):
            unmerge_people(by=world.wu.actor, merge=pk, reason="two people")


days = st.integers(0, 60).map(lambda n: SINCE + timedelta(days=n))
act = st.tuples(st.sampled_from(("post", "transfer", "end")), st.integers(0, 1), st.integers(0, 4), days, days)


class Undone(Exception):  # noqa: N818
    """Ends an example: what it wrote is rolled back."""


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
