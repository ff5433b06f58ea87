from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from tests.organisations.posts import posts
from tests.organisations.rosters import AS_OF, apply, new_row, row_of, whole
from tests.world import SINCE, id_number
from weineng.audit.models import Line
from weineng.kernel.refusals import NotFound
from weineng.organisations.actions import (
    apply_roster,
    end_posting,
    found_unit,
    merge_people,
)
from weineng.organisations.models import Change, Closure, Person, Posting, Unit
from weineng.organisations.queries import children_of, find_people, preview_roster
from weineng.organisations.rules import RosterRow
from weineng.organisations.rules.rosters import PROBLEMS, RosterProblem


def test_new_people_come_in_with_everything_their_row_says(world):
    outcome = apply(world, new_row(world))
    assert (outcome.new, outcome.changed, outcome.same, outcome.problems) == ([2], [], [], ())
    assert (outcome.groups, outcome.absent) == (["英语教研组"], 8)
    person = Person.objects.get(name="查慧2")
    assert (person.gender, person.phone, person.licence, person.name_order) == ("f", "19900006002", True, "zha hui 2")
    assert find_people("id-card", [id_number(602)]) == {id_number(602): person.pk}
    post = Posting.objects.get(person=person)
    assert (post.unit.name, post.school_id, post.home, post.during.lower) == (
        "英语教研组",
        world.nine_year,
        True,
        date(2019, 9, 1),
    )
    assert (post.establishment, post.in_post, post.stage, post.subject, post.post, post.staff_number, post.entered_on) == (
        "contract", "long-leave", "junior", "英语", "教师", "00602", date(2019, 9, 1),
    )  # fmt: skip
    assert post.unit in children_of(world.nine_year, SINCE)
    assert Change.objects.get(person=person).during.lower == date(2019, 9, 1)
    lines = Line.objects.filter(verb="organisations.apply_roster").order_by("pk")
    assert [line.subject for line in lines] == [None, person.pk]


def test_a_new_group_is_as_old_as_its_school(world):
    opened = date(2026, 1, 10)
    school = found_unit(
        by=world.office.actor, parent=world.district, name="新校", level="school", kind="primary", opened_on=opened
    )
    apply(world, new_row(world, school=school.pk, start_date=date(2019, 9, 1)))
    assert posts(Person.objects.get(name="查慧2"))[0][2] == opened
    group = Unit.objects.get(name="英语教研组")
    assert (group.opened_on, [c.during.lower for c in Closure.objects.filter(unit=group, depth=1)]) == (
        opened,
        [opened],
    )


def test_the_same_file_again_writes_nothing(world, django_assert_max_num_queries):
    rows = [new_row(world, 2), new_row(world, 3, group=""), row_of(world.teacher, world, 4, subject="物理")]
    assert apply(world, *rows).changed == [4]
    before, lines, changes = whole(), Line.objects.count(), Change.objects.count()
    outcome = apply(world, *rows)
    assert (outcome.new, outcome.changed, outcome.same, outcome.roster) == ([], [], [2, 3, 4], None)
    assert (whole(), Line.objects.count(), Change.objects.count()) == (before, lines, changes)


def test_as_many_queries_for_many_rows_as_for_one(world):
    def queries(count):
        rows = [new_row(world, n) for n in range(100, 100 + count)]
        with_log = []
        with connection.execute_wrapper(
            lambda ex, sql, params, many, ctx: with_log.append(sql) or ex(sql, params, many, ctx)
        ):
            preview_roster(by=world.office.actor, unit=world.district, rows=rows, as_of=AS_OF)
        return len(with_log)

    assert queries(1) == queries(30)


def test_a_change_holds_from_the_day_of_the_roster(world):
    apply(world, row_of(world.teacher, world, subject="物理", phone="19900001234"))
    rows = Posting.objects.filter(person=world.teacher.person).order_by("during")
    assert [(r.subject, r.during.lower, r.during.upper) for r in rows] == [
        ("数学", SINCE, AS_OF),
        ("物理", AS_OF, None),
    ]
    assert Person.objects.get(pk=world.teacher.person).phone == "19900001234"


def test_an_empty_cell_leaves_what_is_known(world):
    outcome = apply(world, row_of(world.teacher, world, subject=""))
    assert outcome.same == [2]


def test_another_group_of_the_school(world):
    apply(world, row_of(world.teacher, world, group="语文教研组"))
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, AS_OF), (world.chinese, True, AS_OF, None)]


def test_without_a_number_people_are_found_by_staff_number(world):
    row = row_of(world.teacher, world, id_type="", id_number="", staff_number="00000")
    assert apply(world, row).same == [2]
    masked = replace(row, id_type="id-card", id_number="519*************17")
    assert apply(world, masked).same == [2]
    outcome = apply(world, replace(row, name="别人"))
    assert [(p.column, p.code, p.params) for p in outcome.problems] == [("name", "name-differs", {"known": "林晓岚"})]
    stranger = apply(world, replace(row, staff_number="77777", name="林晓岚"))
    assert stranger.new == [2]  # never by name alone


def test_a_number_told_later_is_added(world):
    apply(world, new_row(world, id_type="", id_number=""))
    outcome = apply(world, new_row(world))
    assert (outcome.new, outcome.changed) == ([], [2])
    person = Person.objects.get(name="查慧2")
    assert find_people("id-card", [id_number(602)]) == {id_number(602): person.pk}


def test_a_second_row_is_a_second_post(world):
    home, second = (
        new_row(world, 2),
        new_row(world, 3, name="查慧2", id_number=id_number(602), school=world.kindergarten, group="", phone=""),
    )
    outcome = apply(world, home, second)
    assert outcome.new == [2, 3]
    person = Person.objects.get(name="查慧2")
    rows = Posting.objects.filter(person=person).order_by("-home")
    assert [(r.school_id, r.home) for r in rows] == [(world.nine_year, True), (world.kindergarten, False)]
    assert apply(world, second, home).same == [2, 3]  # what is home stays home


def test_who_is_in_the_file_at_another_school_only_has_been_transferred(world):
    rows = [
        row_of(world.colleague, world, 3),
        row_of(world.teacher, world, 2, school=world.kindergarten, group="学前综合教研组"),
    ]
    outcome = apply(world, *rows)
    assert (outcome.changed, outcome.same) == ([2], [3])
    assert posts(world.teacher.person) == [(world.maths, True, SINCE, AS_OF), (world.play, True, AS_OF, None)]


def test_a_file_that_does_not_tell_of_the_other_school_transfers_nobody(world):
    outcome = apply(world, row_of(world.teacher, world, school=world.kindergarten))
    assert [(p.row, p.column, p.code) for p in outcome.problems] == [(2, "school_name", "works-elsewhere")]


def test_who_works_out_of_reach_is_left_alone_and_nothing_is_told(world):
    row = replace(row_of(world.wu, world), school=world.nine_year)
    for name in (world.wu.name, "别人"):
        outcome = apply(world, replace(row, name=name))
        assert [(p.code, p.params) for p in outcome.problems] in ([("works-elsewhere", {})], [("name-differs", {})])
    assert posts(world.wu.person) == [(world.sibling_group, True, SINCE, None)]


def test_who_has_no_post_any_more_may_be_taken_in(world):
    home = Posting.objects.get(person=world.sibling_teacher.person)
    end_posting(by=world.wu.actor, posting=home.pk, on=date(2026, 1, 1))
    row = RosterRow(
        row=2, name=world.sibling_teacher.name, school=world.nine_year, id_number=world.sibling_teacher.number
    )
    assert apply(world, row).changed == [2]
    assert posts(world.sibling_teacher.person)[1:] == [(world.nine_year, True, AS_OF, None)]


@pytest.mark.parametrize(
    ("values", "column", "code"),
    [
        ({"school": 0}, "school_name", "school-out-of-reach"),
        ({"name": " "}, "name", "name-missing"),
        ({"id_number": "", "staff_number": ""}, "id_number", "person-unidentified"),
        ({"id_number": "519901198001010000"}, "id_number", "identity-number-wrong"),
        ({"establishment": "friend"}, "establishment", "post-word-unknown"),
        ({"in_post": "asleep"}, "in_post", "post-word-unknown"),
        ({"stage": "小学"}, "stage", "post-word-unknown"),
    ],
)
def test_one_row_with_a_problem_and_nothing_goes_in(world, values, column, code):
    before = whole()
    outcome = apply(world, new_row(world, 2), new_row(world, 3, **values))
    assert [(p.row, p.column, p.code) for p in outcome.problems] == [(3, column, code)]
    assert (whole(), outcome.new, outcome.roster) == (before, [2], None)


def test_rows_that_contradict_one_another(world):
    outcome = apply(world, new_row(world, 2), new_row(world, 3, name="查慧2", id_number=id_number(602)))
    assert [(p.row, p.code, p.params) for p in outcome.problems] == [(3, "duplicate-row", {"first": 2})]
    outcome = apply(world, new_row(world, 2), new_row(world, 3, id_number=id_number(602)))
    assert [(p.row, p.column, p.code) for p in outcome.problems] == [(3, "name", "id-name-conflict")]
    apply(world, new_row(world, 4), new_row(world, 5, staff_number="00604"))
    outcome = apply(world, new_row(world, 6, id_number="", staff_number="00604"))
    assert [(p.column, p.code) for p in outcome.problems] == [("staff_number", "staff-number-twice")]


def test_a_late_roster_leaves_what_is_known_later(world):
    apply(world, row_of(world.teacher, world, subject="物理"))
    apply(world, row_of(world.teacher, world, subject="科学"), as_of=date(2025, 11, 1))
    rows = Posting.objects.filter(person=world.teacher.person).order_by("during")
    assert [(r.subject, r.during.lower) for r in rows] == [
        ("数学", SINCE),
        ("科学", date(2025, 11, 1)),
        ("物理", AS_OF),
    ]


def test_the_preview_says_the_same_and_writes_nothing(world):
    rows = [new_row(world, 2), row_of(world.teacher, world, 3, subject="物理"), row_of(world.colleague, world, 4)]
    before = whole()
    preview = preview_roster(by=world.office.actor, unit=world.district, rows=rows, as_of=AS_OF)
    assert whole() == before
    outcome = apply(world, *rows)
    assert preview == replace(outcome, roster=None)
    assert (preview.new, preview.changed, preview.same) == ([2], [3], [4])


def test_a_merged_record_answers_for_the_person(world):
    apply(world, new_row(world))
    twin = Person.objects.get(name="查慧2")
    merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin.pk, reason="one person", end_numbers=True)
    row = row_of(world.teacher, world)
    assert apply(world, row).same == [2]


def test_outside_ones_reach(world):
    rows = [new_row(world)]
    for who in (world.wu, world.teacher, world.principal, world.auditor):
        for call in (
            lambda by: apply_roster(by=by, unit=world.nine_year, rows=rows, as_of=AS_OF),
            lambda by: preview_roster(by=by, unit=world.nine_year, rows=rows, as_of=AS_OF),
        ):
            with pytest.raises(NotFound):
                call(who.actor)


def test_a_school_brings_in_its_own_people_only(world):
    cio = world.cio.actor
    outcome = apply_roster(
        by=cio, unit=world.nine_year, rows=[new_row(world, 2, school=world.kindergarten)], as_of=AS_OF
    )
    assert [p.code for p in outcome.problems] == ["school-out-of-reach"]
    outcome = apply_roster(
        by=cio, unit=world.nine_year, rows=[row_of(world.kindergarten_cio, world, school=world.nine_year)], as_of=AS_OF
    )
    assert [(p.code, p.params) for p in outcome.problems] == [("works-elsewhere", {})]


def test_every_problem_has_a_sentence():
    params = {"first": 7, "word": "w", "longest": 40}
    for code in PROBLEMS:
        assert "%(" not in str(RosterProblem(2, "name", code, params))
