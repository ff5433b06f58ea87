from datetime import date

import pytest

from tests.organisations.posts import posts
from tests.world import id_number
from weineng.audit.models import Line
from weineng.kernel.ciphers import decrypt
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import close_unit, enter_person, found_unit
from weineng.organisations.models import Change, ExternalIdentifier, Person, Posting
from weineng.organisations.queries import find_people
from weineng.organisations.rules import Number, Post

DAY = date(2026, 2, 1)


def enter(world, **call):
    return enter_person(**({"by": world.cio.actor, "name": "查慧敏", "post": Post(world.maths), "on": DAY} | call))


def test_a_person_is_entered_with_a_home_post_and_without_any_number(world):
    person = enter(world)
    assert posts(person) == [(world.maths, True, DAY, None)]
    assert Posting.objects.get(person=person).school_id == world.nine_year
    assert person.name_order.startswith("zha ")
    assert not ExternalIdentifier.objects.filter(person=person).exists()
    change = Change.objects.get(person=person)
    assert (change.during.lower, change.during.upper) == (DAY, None)
    line = Line.objects.get(verb="organisations.enter_person")
    assert (line.person, line.subject, line.unit) == (world.cio.person, person.pk, world.maths)
    assert "查慧敏" not in str(line.facts)


def test_numbers_are_encrypted_and_found_again(world):
    number = id_number(321)
    person = enter(world, numbers=[Number("id-card", f" {number.lower()} "), Number("register-code", "t-77")])
    row = ExternalIdentifier.objects.get(person=person, type="id-card")
    assert number.encode() not in bytes(row.cipher)
    assert decrypt(row.cipher).decode() == number
    assert find_people("id-card", [number, "unknown", number.lower()]) == {number: person.pk, number.lower(): person.pk}
    assert find_people("register-code", ["T-77"]) == {"T-77": person.pk}
    assert find_people("passport", [number]) == {}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "name-missing"),
        ({"gender": "x"}, "gender-unknown"),
        ({"numbers": [Number("id-card", "519901198001010000")]}, "identity-number-wrong"),
        ({"numbers": [Number("passport", " ")]}, "number-empty"),
    ],
)
def test_refusals(world, change, code):
    before = Person.objects.count()
    with pytest.raises(Refused) as refused:
        enter(world, **change)
    assert (refused.value.code, Person.objects.count()) == (code, before)


def test_a_number_names_one_person(world):
    with pytest.raises(Refused) as refused:
        enter(world, numbers=[Number("id-card", world.wu.number)])
    assert refused.value.code == "number-taken"
    assert "吴" not in str(refused.value)


def test_two_numbers_at_once_that_are_one_are_refused(world):
    with pytest.raises(Refused) as refused:
        enter(world, numbers=[Number("passport", "E1"), Number("passport", "e 1")])
    assert refused.value.code == "number-taken"


def test_a_post_must_be_possible(world):
    office = world.office.actor
    late = found_unit(by=office, parent=world.nine_year, name="英语教研组", level="group", kind="group", opened_on=DAY)
    shut = found_unit(by=office, parent=world.nine_year, name="劳动教研组", level="group", kind="group")
    close_unit(by=office, unit=shut.pk, on=DAY)
    for post, on, code in (
        (Post(world.zone), DAY, "post-not-here"),
        (Post(late.pk), date(2026, 1, 31), "unit-not-there-yet"),
        (Post(shut.pk), DAY, "unit-closed"),
        (Post(world.maths, establishment="friend"), DAY, "post-word-unknown"),
        (Post(world.maths, in_post="asleep"), DAY, "post-word-unknown"),
        (Post(world.maths, stage="小学"), DAY, "post-word-unknown"),
    ):
        with pytest.raises(Refused) as refused:
            enter(world, by=office, post=post, on=on)
        assert refused.value.code == code


def test_outside_ones_reach(world):
    for who, unit in ((world.wu, world.maths), (world.cio, world.play), (world.leader, world.maths)):
        with pytest.raises(NotFound):
            enter(world, by=who.actor, post=Post(unit))
