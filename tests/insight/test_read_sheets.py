"""A heavy sheet is read by the worker, in the name of who brought it; a light one while one waits. Both say the same."""

from datetime import timedelta

import pytest
from django.utils import translation

from tests.insight.sheets import (
    LOOP,
    beside,
    counts,
    hours_of,
    in_the_middle,
    killed,
    refusal_of,
    results_of,
    row,
    sheet_of,
)
from tests.organisations.rosters import whole
from tests.planning.plans import enrol
from weineng.accounts.models import Grant
from weineng.assessment.models import Result
from weineng.audit.models import Line
from weineng.files.models import Blob
from weineng.insight.actions import (
    ask_for_intake,
    carry_out_sheets,
    forget_intakes,
    intakes,
    read_again,
    read_sheets,
    throw_away_intake,
)
from weineng.insight.models import Intake
from weineng.insight.queries import intake_of, sheets_before, understood_of, work_intake_of
from weineng.insight.rules import LIGHT, weight_of
from weineng.insight.sheets import unpack_sheet
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound
from weineng.learning.models import Record
from weineng.organisations.actions import undo_roster
from weineng.sheets import say, sentence, write_roster

BAD = row(2, card="519901199001010000")

pytestmark = pytest.mark.slow


def told(intake):
    found = understood_of(intake)
    remarks = [(one.row, one.name, [sentence(i, say) for i in one.issues]) for one in (*found.wrong, *found.looks)]
    return found.counts, found.about, found.samples, remarks


@pytest.mark.parametrize("kind", ["roster", "hours", "results"])
def test_the_worker_understands_what_the_request_would(world, bring, programme, kind, monkeypatch):
    enrol(programme, world.teacher)
    people = (world.teacher, world.colleague, world.wu)
    data = {
        "roster": sheet_of(row(1), BAD, row(1), row(3, name=world.wu.name, card=world.wu.number)),
        "hours": hours_of(*people), "results": results_of(*people),
    }[kind]  # fmt: skip
    light = bring(data, kind=kind, programme=programme)
    monkeypatch.setattr(intakes, "LIGHT", 0)
    heavy = bring(data, kind=kind, programme=programme)
    assert (light.state, heavy.state, heavy.reading, heavy.rows) == ("read", "arrived", b"", 0)
    assert read_sheets(by=LOOP) == 1
    assert read_sheets(by=LOOP) == 0
    heavy.refresh_from_db()
    assert (heavy.state, heavy.rows, heavy.gone, heavy.asked_at) == ("read", light.rows, 0, None)
    assert told(heavy) == told(light)
    assert len(told(heavy)[3]) == {"roster": 2, "hours": 0, "results": 2}[kind]
    assert vars(unpack_sheet(heavy.reading)) == vars(unpack_sheet(light.reading))
    lines = Line.objects.filter(verb="insight.read_sheet").order_by("pk")
    assert [(line.person, line.facts) for line in lines] == 2 * [(world.office.person, lines[0].facts)]


def test_so_heavy_is_read_while_one_waits(world, bring):
    """Some hundred rows, whether as csv or as a workbook; ten thousand are the worker's."""
    filled = write_roster([], lambda code, params: say(code, params))
    assert weight_of(sheet_of(*(row(n) for n in range(100, 350)))) < LIGHT
    assert weight_of(filled) < LIGHT < weight_of(sheet_of(*(row(n) for n in range(10_000))))
    assert weight_of(b"PK no package") == 8 * 13
    assert bring(sheet_of(row(1), row(2))).state == "read"


def test_hours_and_results_go_in_by_the_worker_as_they_do_at_once(world, bring, programme, large, heavy):
    members = (world.teacher, world.colleague)
    for member in members:
        enrol(programme, member)
    hours = bring(hours_of(*members), kind="hours", programme=programme)
    results = bring(results_of(*members), kind="results", programme=programme)
    assert [read_sheets(by=LOOP) for _time in range(3)] == [1, 1, 0]
    for intake in (hours, results):
        assert ask_for_intake(by=world.office.actor, intake=intake.pk).state == "waiting"
        assert ask_for_intake(by=world.office.actor, intake=intake.pk).state == "waiting"
    assert not Record.objects.exists()
    assert [carry_out_sheets(by=LOOP) for _time in range(3)] == [1, 1, 0]
    people = sorted(member.person for member in members)
    assert sorted(Record.objects.values_list("person", flat=True)) == people
    assert sorted(Result.objects.values_list("person", flat=True)) == people
    for intake in (hours, results):
        assert counts(intake) == {"new": 2, "same": 0, "wrong": 0, "warning": 0}
        assert (intake.state, intake.gone) == ("done", 2)
        kept = unpack_sheet(intake.reading)
        assert (list(kept.rows), [one.values for one in kept.judged if any(one.values.values())]) == ([], [])
    assert {line.person for line in Line.objects.filter(verb="insight.put_in_sheet")} == {world.office.person}


def test_nothing_goes_in_before_it_was_read(world, bring, heavy):
    intake = bring(sheet_of(row(1)))
    assert refusal_of(ask_for_intake, by=world.office.actor, intake=intake.pk) == "sheet-not-read"


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "没有"), ("en", "No sheet")])
def test_what_cannot_be_read_is_erased_and_says_why_to_whoever_brought_it(world, bring, heavy, language, said):
    with translation.override(language):
        intake = bring(b"a,b\n1,2")
    other = bring(sheet_of(row(1)))
    assert [read_sheets(by=LOOP) for _time in range(3)] == [1, 1, 0]
    intake.refresh_from_db()
    other.refresh_from_db()
    assert (intake.state, intake.refused_for, other.state) == ("unreadable", "no-sheet-of-kind", "read")
    assert said in intake.said
    assert Blob.objects.get(uploads=intake.upload_id).erased_at is not None
    assert refusal_of(ask_for_intake, by=world.office.actor, intake=intake.pk) == "sheet-not-read"
    throw_away_intake(by=world.office.actor, intake=intake.pk)
    assert list(Intake.objects.values_list("pk", flat=True)) == [other.pk]


def test_what_breaks_in_the_reading_holds_no_other_up(world, bring, heavy, monkeypatch):
    broken, good = bring(sheet_of(row(1))), bring(sheet_of(row(2)))
    real = intakes.read_roster_file

    def read(by, unit, data, name, **more):
        assert row(1).encode() not in data
        return real(by, unit, data, name, **more)

    monkeypatch.setattr(intakes, "read_roster_file", read)
    assert [read_sheets(by=LOOP) for _time in range(3)] == [1, 1, 0]
    for intake in (broken, good):
        intake.refresh_from_db()
    assert [(one.state, one.refused_for, one.said) for one in (broken, good)] == [
        ("unreadable", "broken", ""),
        ("read", "", ""),
    ]


@pytest.mark.parametrize(("begun", "state"), [(4, "read"), (5, "unreadable")])
def test_one_that_the_worker_never_outlives_is_given_up_at_last(world, bring, heavy, begun, state):
    intake = bring(sheet_of(row(1)))
    Intake.objects.update(begun=begun)
    assert read_sheets(by=LOOP) == 1
    intake.refresh_from_db()
    assert intake.state == state


def test_whoever_may_bring_nothing_in_any_more_has_nothing_read(world, bring, heavy):
    intake = bring(sheet_of(row(1)))
    Grant.objects.filter(person=world.office.person).update(ends_on=today())
    assert read_sheets(by=LOOP) == 1
    intake.refresh_from_db()
    assert (intake.state, intake.refused_for) == ("unreadable", "not-found")


@pytest.mark.parametrize("who", ["wu", "cio", "colleague", "auditor"])
def test_anothers_sheet_is_not_found(world, bring, programme, heavy, who):
    roster = bring(sheet_of(row(1)))
    hours = bring(hours_of(world.teacher), kind="hours", programme=programme)
    other = world.people[who].actor
    for call in (
        lambda: intake_of(other, world.district, roster.upload_id),
        lambda: work_intake_of(other, "hours", hours.upload_id),
        lambda: throw_away_intake(by=other, intake=roster.pk),
        lambda: ask_for_intake(by=other, intake=hours.pk),
    ):
        with pytest.raises(NotFound):
            call()
    assert intake_of(world.office.actor, world.district, roster.upload_id) == roster
    assert work_intake_of(world.office.actor, "hours", hours.upload_id) == hours
    with pytest.raises(NotFound):
        work_intake_of(world.office.actor, "results", hours.upload_id)


def test_those_who_came_first_are_read_first(world, bring, heavy, at):
    start = now()
    at(start + timedelta(seconds=1))
    late = bring(sheet_of(row(1)))
    at(start)
    soon = bring(sheet_of(row(2)))
    assert [sheets_before(one) for one in (soon, late)] == [0, 1]
    read_sheets(by=LOOP)
    assert [Intake.objects.get(pk=one.pk).state for one in (soon, late)] == ["read", "arrived"]


def test_what_waits_to_be_read_is_not_forgotten(world, bring, heavy, at):
    start = at(now())
    waiting = bring(sheet_of(row(1)))
    at(start + timedelta(days=8))
    assert forget_intakes(by=LOOP) == 0
    read_sheets(by=LOOP)
    assert counts(waiting)["new"] == 1
    at(start + timedelta(days=15, seconds=1))
    assert forget_intakes(by=LOOP) == 1
    assert not Intake.objects.exists()


def test_a_heavy_roster_that_was_taken_back_is_read_again_by_the_worker(world, bring, heavy):
    intake = bring(sheet_of(row(1)))
    read_sheets(by=LOOP)
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    intake.refresh_from_db()
    undo_roster(by=world.office.actor, roster=intake.roster)
    assert read_again(by=world.office.actor, intake=intake.pk).state == "arrived"
    read_sheets(by=LOOP)
    assert (counts(intake)["new"], intake.state, intake.roster) == (1, "read", None)


def test_only_the_platform_reads_what_waits(world):
    assert refusal_of(read_sheets, by=world.office.actor) == "platform-only"


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_reading_leaves_nothing_and_the_next_begins_anew(world, bring, heavy, monkeypatch):
    intake = bring(sheet_of(*(row(n) for n in range(100, 350))))
    with monkeypatch.context() as patch:
        in_the_middle(patch, killed)
        with pytest.raises(SystemExit):
            read_sheets(by=LOOP)
    intake.refresh_from_db()
    assert (intake.state, intake.begun, intake.gone, intake.rows, intake.reading) == ("arrived", 1, 100, 250, b"")
    assert read_sheets(by=LOOP) == 1
    intake.refresh_from_db()
    assert (intake.state, intake.begun, intake.rows) == ("read", 0, 250)


@pytest.mark.django_db(transaction=True)
def test_what_is_thrown_away_while_it_is_read_leaves_nothing(world, bring, heavy, monkeypatch):
    before = whole()
    intake, next_one = bring(sheet_of(row(1))), bring(sheet_of(row(2)))
    in_the_middle(monkeypatch, lambda: beside(lambda: throw_away_intake(by=world.office.actor, intake=intake.pk)))
    assert [read_sheets(by=LOOP) for _time in range(3)] == [1, 1, 0]
    assert list(Intake.objects.values_list("pk", "state")) == [(next_one.pk, "read")]
    assert Blob.objects.get(uploads=intake.upload_id).erased_at is not None
    assert whole() == before
    assert Line.objects.filter(verb__in=("insight.read_sheet", "insight.refuse_sheet")).count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_cancelled_while_it_goes_in_does_not(world, bring, large, monkeypatch):
    intake = bring(sheet_of(*(row(n) for n in range(100, 350))))
    before = whole()
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    with monkeypatch.context() as patch:
        in_the_middle(patch, lambda: beside(lambda: intakes.cancel_intake(by=world.office.actor, intake=intake.pk)))
        assert carry_out_sheets(by=LOOP) == 1
    intake.refresh_from_db()
    assert (intake.state, intake.gone, whole(), carry_out_sheets(by=LOOP)) == ("read", 0, before, 0)
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    carry_out_sheets(by=LOOP)
    assert counts(intake)["new"] == 250
