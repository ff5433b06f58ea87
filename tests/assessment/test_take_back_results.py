"""A sheet of results can be taken back as a whole; what was overturned since, or moved out of reach, stays as it is."""

from datetime import date, datetime

import pytest

from tests.assessment.panel import enrolled
from tests.planning.plans import refusal
from tests.settling import run_once
from weineng.assessment.actions import ResultRow, import_results, overturn_result, take_back_results
from weineng.assessment.models import Result, ResultsSheet
from weineng.assessment.queries import results_of_sheet, sheets_within
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL, civil_date
from weineng.kernel.refusals import NotFound
from weineng.notices.models import Message
from weineng.organisations.actions import transfer_person
from weineng.organisations.rules import Post
from weineng.planning.queries import chosen_points
from weineng.progress.models import Standing

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture(autouse=True)
def _here(world, p4, set_clock):
    set_clock(NOW)
    for member in (world.teacher, world.colleague):
        enrolled(p4, member, "A1", "A2", "A3")


def row(member, point="A1", level="pass"):
    item = "point" if point else "recording"
    return ResultRow("id-card", member.number, member.name, item, point, level, date(2026, 8, 1))


def bring(world, *rows):
    outcomes = import_results(
        by=world.office.actor, programme="p4-district", unit=world.district, rows=rows, name="结果.xlsx"
    )
    return [one.status for one in outcomes]


def back(world, sheet=None, by=None, reason="发错了"):
    return take_back_results(by=by or world.office.actor, sheet=(sheet or ResultsSheet.objects.get()).pk, reason=reason)


def standing():
    rows = Result.objects.filter(overturned_at__isnull=True)
    return sorted(rows.values_list("person", "point", "level", "source"))


def passed(member):
    return [
        one.point for one in chosen_points(Result.objects.filter(person=member.person)[0].enrolment) if one.passed_at
    ]


@pytest.mark.slow
def test_who_had_nothing_but_what_was_taken_back_has_not_begun(world):
    bring(world, row(world.teacher, level="fail"), row(world.colleague, level="fail"))
    overturn_result(
        by=world.office.actor, result=Result.objects.get(person=world.colleague.person).pk, level="pass", reason="复核"
    )
    run_once()
    back(world)
    run_once()
    overall = Standing.objects.filter(demand="overall").order_by("pk")
    assert set(overall.values_list("enrolment__person", "verdict", "participant")) == {
        (world.teacher.person, "not-begun", False), (world.colleague.person, "in-progress", True),
    }  # fmt: skip


def test_a_sheet_is_known_with_its_counts(world):
    bring(world, row(world.teacher))
    assert bring(world, row(world.teacher), row(world.teacher, "A2"), row(world.colleague, "Z9")) == [
        "unchanged", "created", "refused",
    ]  # fmt: skip
    first, second = ResultsSheet.objects.order_by("pk")
    assert (second.name, second.by, second.unit_id, second.programme.code) == (
        "结果.xlsx", world.office.person, world.district, "p4-district",
    )  # fmt: skip
    assert (second.rows, second.created, second.unchanged, second.refused) == (3, 1, 1, 1)
    assert list(sheets_within(world.office.actor)) == [second, first]


def test_taken_back_nothing_of_it_stands_and_everybody_is_told(world):
    bring(world, row(world.colleague))
    bring(world, row(world.teacher), row(world.teacher, "", "excellent"), row(world.colleague, "A2"))
    sheet = ResultsSheet.objects.last()
    assert (passed(world.teacher), passed(world.colleague)) == (["A1"], ["A1", "A2"])
    gone = back(world, sheet)
    assert (civil_date(gone.taken_back_at), gone.reason) == (NOW.date(), "发错了")
    assert standing() == [(world.colleague.person, "A1", "pass", "sheet")]
    assert (passed(world.teacher), passed(world.colleague)) == ([], ["A1"])
    told = Message.objects.filter(event="results-taken-back")
    assert {one.person: (one.params["count"], one.params["reason"]) for one in told.order_by("person")} == {
        world.teacher.person: (2, "发错了"), world.colleague.person: (1, "发错了"),
    }  # fmt: skip
    line = Line.objects.get(verb="assessment.take_back_sheet")
    assert (line.thing, line.unit, line.person) == (sheet.pk, world.district, world.office.person)
    assert line.facts == {"results": 3, "people": 2, "programme": "p4-district"}
    assert {one.state for one in results_of_sheet(world.office.actor, sheet.pk)} == {"taken-back"}


def test_a_second_time_is_refused(world):
    bring(world, row(world.teacher))
    back(world)
    lines = Line.objects.count()
    assert refusal(back, world=world) == "sheet-taken-back"
    assert Line.objects.count() == lines


def test_what_was_changed_since_stays_and_what_stood_before_too(world):
    bring(world, row(world.teacher, "A1", "fail"), row(world.teacher, "A2"))
    changed = Result.objects.get(point="A1")
    overturn_result(by=world.office.actor, result=changed.pk, level="pass", reason="复核")
    back(world)
    assert standing() == [(world.teacher.person, "A1", "pass", "overturn")]
    assert passed(world.teacher) == ["A1"]
    states = {one.point: one.state for one in results_of_sheet(world.office.actor, changed.sheet_id)}
    assert states == {"A1": "overturned", "A2": "taken-back"}


def test_whoever_has_moved_out_of_reach_keeps_theirs(world):
    bring(world, row(world.teacher), row(world.colleague))
    transfer_person(by=platform("ops"), person=world.teacher.person, post=Post(unit=world.sibling_group))
    sheet = ResultsSheet.objects.get()
    states = {one.person_id: one.state for one in results_of_sheet(world.office.actor, sheet.pk)}
    assert states == {world.teacher.person: "away", world.colleague.person: "stands"}
    back(world)
    assert standing() == [(world.teacher.person, "A1", "pass", "sheet")]


def test_the_same_rows_may_come_again_mended_or_not(world):
    bring(world, row(world.teacher, "A1", "excellent"), row(world.teacher, "A2"))
    back(world)
    assert bring(world, row(world.teacher, "A1", "pass"), row(world.teacher, "A2")) == ["created", "created"]
    assert standing() == [(world.teacher.person, "A1", "pass", "sheet"), (world.teacher.person, "A2", "pass", "sheet")]
    assert passed(world.teacher) == ["A1", "A2"]


def test_where_nothing_stands_there_is_nothing_to_take_back(world):
    bring(world, row(world.teacher, "Z9"))
    assert refusal(back, world=world) == "nothing-to-take-back"


def test_only_offices_of_the_unit_take_back_and_say_why(world):
    bring(world, row(world.teacher))
    for who in ("wu", "cio", "teacher", "auditor", "leader"):
        other = world.people[who].actor
        with pytest.raises(NotFound):
            back(world, by=other)
        assert not sheets_within(other)
    assert refusal(back, world=world, reason=" ") == "reason-missing"
    assert refusal(back, world=world, reason="长" * 401) == "text-too-long"
    assert len(standing()) == 1


def test_nobody_takes_back_a_sheet_with_their_own_result(world, p4):
    enrolled(p4, world.office, "A1", "A2")
    import_results(
        by=platform("ops"),
        programme="p4-district",
        unit=world.district,
        rows=[row(world.office, "A1", "fail"), row(world.teacher)],
    )
    sheet = ResultsSheet.objects.get()
    assert refusal(back, world=world) == "own-result"
    assert (sheet.taken_back_at, len(standing()), Message.objects.filter(event="results-taken-back").count()) == (
        None,
        2,
        0,
    )
    world.grant(world.auditor.person, "office", world.district)
    assert back(world, by=world.auditor.actor).pk == sheet.pk
