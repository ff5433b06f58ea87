from datetime import date

import pytest

from tests.world import id_number
from weineng.audit.models import Line
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import change_person
from weineng.organisations.models import Change, ExternalIdentifier, Person
from weineng.organisations.queries import find_people, masked_numbers, search_people
from weineng.organisations.rules import Number


def test_only_what_is_named_changes(world):
    person = change_person(by=world.cio.actor, person=world.teacher.person, name=" 解晓岚 ", licence=False)
    stored = Person.objects.get(pk=world.teacher.person)
    assert (stored.name, stored.licence, stored.gender, stored.birth_date) == ("解晓岚", False, "f", date(1985, 5, 15))
    assert stored.name_order == "xie xiao lan"
    assert list(search_people(world.cio.actor, "xxl")) == [person]
    assert Change.objects.get(person=person).during is None
    line = Line.objects.get(verb="organisations.change_person")
    assert line.facts == {"fields": ["licence", "name"], "types": []}
    assert line.personal_cipher is not None


def test_a_new_number_takes_the_place_of_the_old_one(world):
    number = id_number(700)
    change_person(by=world.cio.actor, person=world.teacher.person, numbers=[Number("id-card", number)])
    assert find_people("id-card", [number, world.teacher.number]) == {number: world.teacher.person}
    assert ExternalIdentifier.objects.filter(person=world.teacher.person).count() == 2
    assert masked_numbers(world.teacher.person) == [("id-card", f"519{'*' * 13}{number[-2:]}")]


def test_the_same_again_writes_nothing(world):
    numbers = [Number("id-card", world.teacher.number)]
    change_person(by=world.cio.actor, person=world.teacher.person, name="林晓岚", numbers=numbers)
    assert Line.objects.filter(verb="organisations.change_person").count() == 0
    assert Change.objects.count() == 0


def test_refusals(world):
    for call, code in (
        ({"name": ""}, "name-missing"),
        ({"gender": "q"}, "gender-unknown"),
        ({"numbers": [Number("id-card", world.colleague.number)]}, "number-taken"),
        ({"numbers": [Number("id-card", "1")]}, "identity-number-wrong"),
        ({"numbers": [Number("passport", "")]}, "number-empty"),
    ):
        with pytest.raises(Refused) as refused:
            change_person(by=world.cio.actor, person=world.teacher.person, **call)
        assert refused.value.code == code


def test_outside_ones_reach(world):
    for who in (world.wu, world.kindergarten_cio, world.principal, world.teacher):
        with pytest.raises(NotFound):
            change_person(by=who.actor, person=world.teacher.person, phone="19900009999")
