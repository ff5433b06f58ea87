from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tests.organisations.merging import DAY, enter_twin, merge, whole
from tests.organisations.posts import posts
from tests.world import SINCE, id_number
from weineng.audit.models import Line
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import (
    change_person,
    unmerge_people,
)
from weineng.organisations.models import Change, Person
from weineng.organisations.permissions import VIEW_PEOPLE
from weineng.organisations.queries import current_person, find_people, home_leaves, search_people
from weineng.organisations.reach import people_within, require_person, same_people
from weineng.organisations.rules import Number


@pytest.fixture
def twin(world):
    return enter_twin(world)


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


def test_refusals(world, twin):
    for call, code in (
        ({"gone": world.teacher.person}, "same-person"),
        ({"reason": " "}, "reason-missing"),
    ):
        with pytest.raises(Refused) as refused:
            merge(world, twin, **call)
        assert refused.value.code == code
    merge(world, twin)
    with pytest.raises(Refused) as refused:
        merge(world, twin)
    assert refused.value.code == "same-person"


def test_a_record_that_was_merged_with_a_third_is_looked_at_again(world, twin):
    merge(world, twin, kept=world.colleague.person)
    for call in ({"kept": twin.pk, "gone": world.teacher.person}, {"kept": world.teacher.person, "gone": twin.pk}):
        with pytest.raises(Refused) as refused:
            merge(world, twin, **call)
        assert (refused.value.code, refused.value.params) == ("merged-already", {"name": "陈亦舟"})


def test_a_record_never_answers_for_itself(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=world.teacher.person).update(merged_into=world.teacher.person)


def test_both_must_be_within_reach(world, twin):
    for who in (world.wu, world.cio, world.principal, world.teacher):
        with pytest.raises(NotFound):
            merge(world, twin, by=who.actor)
    with pytest.raises(NotFound):
        merge(world, twin, kept=world.wu.person)
    with pytest.raises(NotFound):
        merge(world, twin, gone=world.sibling_teacher.person)
