"""Every text that reaches a column is taken up to its length and refused one character later, with nothing written."""

import pytest

from tests.organisations.rosters import apply, new_row, whole
from weineng.insight.sheets.hours import HOURS
from weineng.insight.sheets.results import RESULTS
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.learning.models import Record
from weineng.organisations.actions import change_person, enter_person, found_unit, post_person, rename_unit
from weineng.organisations.models import Person, Posting, Unit
from weineng.organisations.rules import Post
from weineng.sheets.formats import roster_format
from weineng.standards.models import Point


def enter(world, post=None, **texts):
    return enter_person(**({"by": world.office.actor, "name": "查慧敏", "post": post or Post(world.maths)} | texts))


def found(world, **texts):
    common = {"by": world.office.actor, "parent": world.nine_year, "level": "group", "kind": "group"}
    return found_unit(**(common | {"name": "英语教研组"} | texts))


ACTS = (
    (found, "name", 120),
    (found, "code", 24),
    (found, "official_code", 24),
    (lambda world, name: rename_unit(by=world.office.actor, unit=world.maths, name=name), "name", 120),
    (enter, "name", 80),
    (enter, "phone", 20),
    (enter, "mail", 120),
    (lambda world, **t: change_person(by=world.office.actor, person=world.teacher.person, **t), "name", 80),
    (lambda world, **t: change_person(by=world.office.actor, person=world.teacher.person, **t), "phone", 20),
    (lambda world, **t: change_person(by=world.office.actor, person=world.teacher.person, **t), "mail", 120),
    (lambda world, **t: enter(world, Post(world.maths, **t)), "post", 40),
    (lambda world, **t: enter(world, Post(world.maths, **t)), "subject", 24),
    (lambda world, **t: enter(world, Post(world.maths, **t)), "staff_number", 24),
    (
        lambda world, **t: post_person(
            by=world.office.actor, person=world.teacher.person, post=Post(world.computing, **t)
        ),
        "post",
        40,
    ),
)


@pytest.mark.parametrize(("act", "field", "longest"), ACTS)
def test_an_act(world, act, field, longest):
    before = whole()
    with pytest.raises(Refused) as refused:
        act(world, **{field: "9" * (longest + 1)})
    assert (refused.value.code, refused.value.field, refused.value.params) == (
        "text-too-long", field, {"longest": longest},
    )  # fmt: skip
    assert whole() == before
    act(world, **{field: "9" * longest})
    assert whole() != before


ROSTER = {"name": 80, "phone": 20, "group": 120, "subject": 24, "post": 40, "staff_number": 24}


@pytest.mark.parametrize(("column", "longest"), ROSTER.items())
def test_a_roster(world, column, longest):
    before = whole()
    outcome = apply(world, new_row(world, **{column: "名" * (longest + 1)}))
    assert [(p.row, p.column, p.code, p.params) for p in outcome.problems] == [
        (2, column, "text-too-long", {"longest": longest})
    ]
    assert whole() == before
    assert apply(world, new_row(world, **{column: "名" * longest})).new == [2]


COLUMNS = (
    (roster_format(), "name", Person, "name"),
    (roster_format(), "group", Unit, "name"),
    (roster_format(), "post", Posting, "post"),
    (roster_format(), "staff_number", Posting, "staff_number"),
    (HOURS(), "record_id", Record, "source_id"),
    (HOURS(), "name", Record, "person_name"),
    (HOURS(), "course", Record, "course"),
    (HOURS(), "title", Record, "title"),
    (RESULTS(), "name", Person, "name"),
    (RESULTS(), "point", Point, "code"),
)


@pytest.mark.parametrize(("of", "column", "model", "field"), COLUMNS)
def test_sheets_read_as_much_as_the_column_keeps(of, column, model, field):
    assert of.by_key[column].longest == model._meta.get_field(field).max_length


@pytest.mark.parametrize(("column", "field"), [("subject", "subject"), ("stage", "stage"), ("in_post", "in_post")])
def test_words_of_lists_fit_their_columns(column, field):
    words = roster_format().by_key[column].choices
    assert max(map(len, words)) <= Posting._meta.get_field(field).max_length


def test_what_has_no_column_of_limited_length_is_refused_by_nobody():
    refuse_long(Person, name=None, name_order="a" * 160)
    refuse_long(Unit, name="")
